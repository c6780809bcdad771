"""What reports count is written with every entry, and can be made anew from the history."""

import importlib
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from reynard.desk.actions import activity
from reynard.desk.models import Activity, Ticket
from reynard.desk.selectors import reference
from tests.factories import NOON
from tests.histories import Days

_COUNTS = ("waiting_since", "staff_replies", "contact_replies", "completed_seconds", "replies_to_completion")


def counted():
    """All that is kept for reports."""
    live = Ticket.objects.filter(deleted_at__isnull=True).order_by("id")
    return list(Activity.objects.order_by("update_id").values()), list(live.values("id", *_COUNTS))


@pytest.fixture(params=range(3))
def days(request, desk):
    days = Days(desk, request.param, NOON)
    days.happen(opened=15, more=90)
    return days


def forget():
    Activity.objects.all().delete()
    Ticket.objects.update(**dict.fromkeys(_COUNTS[1:3], 77), **dict.fromkeys([*_COUNTS[3:]], None), waiting_since=NOON)


def test_it_is_the_same_when_it_is_made_anew(days):
    before = counted()
    assert len(before[0]) > 30
    assert any(row["first_time_of_author"] for row in before[0])

    activity.remake(list(Ticket.objects.values_list("id", flat=True)), reference.current())
    assert counted() == before

    forget()
    activity.remake(list(Ticket.objects.values_list("id", flat=True)), reference.current())
    assert counted() == before


def test_a_part_can_be_made_anew_alone(days):
    before = counted()
    Activity.objects.filter(ticket_id__in=days.numbers[:3]).delete()

    activity.remake(days.numbers[:3], reference.current())

    assert counted() == before


def test_an_older_desk_is_counted_when_it_is_migrated(days):
    before = counted()
    forget()
    migration = importlib.import_module("reynard.desk.migrations.0009_reports")

    migration.count_histories(apps, SimpleNamespace(connection=connection))

    assert counted() == before


def test_nothing_is_kept_of_deleted_tickets(days):
    deleted = Ticket.objects.exclude(deleted_at__isnull=True)
    assert not Activity.objects.filter(ticket__in=deleted).exists()
