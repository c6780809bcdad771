"""`reynard reindex`: the search index is made anew, and an interrupted run goes on where it was."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from reynard.desk.actions import reindexing
from reynard.desk.models import SearchState, Ticket
from reynard.desk.selectors import fulltext, reference
from tests import factories
from tests.api.reading import staff_update
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def found(api, q):
    return set(api.get("tickets/", {"q": q, "minify_response": "true", "size": "50"}).json()["data"])


@pytest.fixture
def three(desk):
    factories.make_field("Frame size", categories=[desk.workshop])
    made = [
        factories.make_ticket(desk.lena, desk.workshop, text=f"Spoke number{n} broke.", tags=["wheel"])
        for n in range(3)
    ]
    for ticket in made:
        staff_update(ticket, desk, text="Spokes ordered.", now=NOON + timedelta(hours=1))
    return {ticket.id for ticket in made}


QUERIES = ["spoke", "ordered", "number1", "tag:wheel", "ortiz", "contact:rti", '"Frame size":"54"']


def test_it_finds_afterwards_what_was_found_before(api, desk, three):
    before = {q: found(api, q) for q in QUERIES}
    assert before["ordered"] == three
    out = StringIO()

    call_command("reindex", stdout=out)

    assert {q: found(api, q) for q in QUERIES} == before
    assert "can be found" in out.getvalue()


def test_it_brings_in_what_the_index_does_not_have(api, desk, three):
    fulltext.forget_tickets()
    assert found(api, "ordered") == set()

    call_command("reindex", stdout=StringIO())

    assert found(api, "ordered") == three


def test_a_stopped_run_goes_on_and_writes_in_between_are_found(api, desk, three, monkeypatch):
    monkeypatch.setattr(reindexing, "BATCH", 1)
    done = []

    def stop_after_two_tickets(more):
        done.append(more)
        if Ticket.objects.filter(index_generation=SearchState.objects.get().generation).count() == 2:
            raise KeyboardInterrupt

    reindexing.begin()
    with pytest.raises(KeyboardInterrupt):
        reindexing.go_on(stop_after_two_tickets)
    assert not reindexing.is_complete()
    assert len(found(api, "ordered")) == 2
    for number in three:
        staff_update(Ticket.objects.get(id=number), desk, text="Wheel trued.", now=NOON + timedelta(hours=2))
    fresh = factories.make_ticket(desk.lena, desk.workshop, text="Wheel trued, thanks.")
    out = StringIO()

    call_command("reindex", stdout=out)

    assert "Going on" in out.getvalue()
    assert reindexing.is_complete()
    assert found(api, "ordered") == three
    assert found(api, "trued") == three | {fresh.id}


def test_deleted_tickets_stay_unfound(api, desk, three):
    gone = min(three)
    assert api.post(f"ticket/{gone}/delete/", {"staff_id": desk.priya.id}).status_code == 200
    assert found(api, "ordered") == three - {gone}

    call_command("reindex", stdout=StringIO())

    assert found(api, "ordered") == three - {gone}
    assert reference.current().search_generation == SearchState.objects.get().generation
