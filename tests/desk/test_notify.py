"""Who is told what (tickets.md §18): the table, and what holds for every event."""

import pytest

from reynard.desk.models import OutboxEntry
from reynard.desk.rules.notify import MAILS, Event, Notice, Role, notices


def everybody(role):
    """One person in each role, named after it."""
    return [f"{role.name.lower()}@example.org"]


def told(event, people=everybody, author="author@example.org"):
    return {notice.kind: (notice.to, notice.cc, notice.bcc) for notice in notices(event, people, author=author)}


def to(*names):
    return [f"{name}@example.org" for name in names]


CC, BCC = to("cc"), to("bcc")


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (
            Event.CREATED,
            {
                "acknowledgement": (to("contact_to_acknowledge"), [], []),
                "message": ([], CC, BCC),
                "staff": (to("assignee", "category_staff"), [], []),
            },
        ),
        (
            Event.MAILED_REPLY,
            {"message": (to("contact"), CC, BCC), "staff": (to("assignee", "subscribers"), [], [])},
        ),
        (Event.QUIET_REPLY, {"staff": (to("assignee", "subscribers"), [], [])}),
        (Event.CHANGES, {"staff": (to("new_assignee", "subscribers"), [], [])}),
        (Event.NOTE, {"staff": (to("new_assignee", "alerted", "mentioned"), [], [])}),
        (
            Event.CONTACT_REPLY,
            {
                "message": ([], CC, BCC),
                "staff": (to("assignee", "subscribers", "category_staff_of_unassigned"), [], []),
            },
        ),
        (
            Event.CREATED_BY_MAIL,
            {
                "acknowledgement": (to("contact_to_acknowledge"), [], []),
                "staff": (to("assignee", "category_staff"), [], []),
            },
        ),
        (Event.CREATED_BY_PROGRAM, {"staff": (to("assignee", "category_staff"), [], [])}),
        (
            Event.CONTACT_REPLY_BY_MAIL,
            {"staff": (to("assignee", "subscribers", "category_staff_of_unassigned"), [], [])},
        ),
        (Event.BOUNCED, {"staff": (to("assignee", "subscribers", "category_staff_of_unassigned"), [], [])}),
        (Event.FORWARDED, {"forward": (to("to"), CC, BCC)}),
        (Event.MOVED, {"staff": (to("new_assignee"), [], [])}),
    ],
)
def test_the_table(event, expected):
    assert told(event) == expected


def test_every_event_stands_in_the_table_with_at_most_one_mail_of_a_kind():
    assert set(MAILS) == set(Event)
    for mails in MAILS.values():
        kinds = [mail.kind for mail in mails]
        assert len(kinds) == len(set(kinds))
        assert set(kinds) <= set(OutboxEntry.Kind.values)


@pytest.mark.parametrize("event", Event)
def test_where_nobody_is_there_is_no_mail(event):
    assert notices(event, lambda role: [], author=None) == []


_FOR_AUTHORS = {
    Event.CREATED: "acknowledgement",
    Event.CREATED_BY_MAIL: "acknowledgement",
    Event.FORWARDED: "forward",
}


@pytest.mark.parametrize("event", [event for event in Event if event not in _FOR_AUTHORS])
def test_authors_are_not_told_what_they_did(event):
    assert notices(event, lambda role: ["Author@example.org"], author="author@EXAMPLE.org") == []


@pytest.mark.parametrize(("event", "kind"), _FOR_AUTHORS.items())
def test_but_of_what_has_arrived_and_what_they_send_to_themselves(event, kind):
    author = "author@example.org"
    assert notices(event, lambda role: [author], author=author) == [Notice(kind, [author], [], [])]


def test_nobody_gets_a_mail_twice():
    people = {
        Role.CONTACT: ["lena@example.org"],
        Role.CC: ["Lena Ortiz <LENA@example.org>", "ann@example.org", "Ann@example.org"],
        Role.BCC: ["ann@example.org", "bob@example.org"],
        Role.ASSIGNEE: ["priya@x.example"],
        Role.SUBSCRIBERS: ["Priya@x.example", "jonas@x.example"],
    }
    assert told(Event.MAILED_REPLY, people.__getitem__) == {
        "message": (["lena@example.org"], ["ann@example.org"], ["bob@example.org"]),
        "staff": (["priya@x.example", "jonas@x.example"], [], []),
    }


def test_only_the_roles_of_the_event_are_asked_for():
    asked = []
    notices(Event.MOVED, lambda role: asked.append(role) or [], author=None)
    assert asked == [Role.NEW_ASSIGNEE]
