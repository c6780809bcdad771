"""The 46 examples of tickets.md §3.4, each on one desk where some tickets match and others nearly do."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reynard.desk import files
from reynard.desk.actions import catalog, people, tickets
from reynard.desk.actions.tickets import ContactReply
from reynard.desk.models import ContactGroup, GroupMembership
from reynard.desk.rules.messages import compose
from reynard.desk.selectors import reference
from tests import factories
from tests.api.reading import staff_update
from tests.api.searching import at, delete, found, set_columns, start_numbers_at
from tests.api.writing import stop_clock
from tests.factories import NOON

ALL = "cable drags squeak phone closed reopened old sent edge midnight"

EXAMPLES = [
    (1, "", ALL),
    (1, '""', ALL),
    (2, "brake", "cable drags squeak closed edge midnight"),
    (3, "brake cable", "cable squeak closed"),
    (4, '"brake cable"', "cable closed"),
    (5, 'status:"New"', "cable phone reopened edge midnight"),
    (6, 'status:"New","Waiting"', "cable drags phone reopened edge midnight"),
    (7, 'status:"In Progress"', "squeak"),
    (8, 'status:"In+Progress"', "squeak"),
    (9, 'priority:"HIGH","urgent"', "cable squeak closed"),
    (10, 'priority:"High" status:"New"', "cable"),
    (11, 'priority:"High"+status:"New"', "cable"),
    (12, 'tag:"warranty"', "cable drags"),
    (13, "tag:warranty,recall", "cable drags reopened midnight"),
    (14, 'tag:"warranty" tag:"recall"', "drags"),
    (15, 'tag:"c++"', "phone"),
    (16, 'tags:"warranty"', "cable drags"),
    (17, "assignee:none", "squeak reopened sent midnight"),
    (18, "assignee:any", "cable drags phone closed old edge"),
    (19, "assignee:--none", "squeak reopened sent midnight"),
    (20, "assignee:priya@rollwerk.example,Jonas", "cable drags phone closed edge"),
    (21, 'group:"Fleet customers"', "cable drags midnight"),
    (22, "group:none", "squeak closed reopened old sent"),
    (23, 'contact:"lena.ortiz@example.org"', "cable drags midnight"),
    (24, "contact: “lena.ortiz@example.org”", "cable drags midnight"),
    (25, "contact:ortiz,5550134", "cable drags squeak phone old edge midnight"),
    (26, "id:4127", "cable"),
    (27, "id:RW00004127,4130", "cable phone"),
    (28, "unresponded:true", "cable squeak phone reopened edge midnight"),
    (29, 'breached:true priority:"High"', "cable"),
    (30, "has_attachments:true", "cable drags"),
    (31, "duedate:overdue", "drags closed"),
    (32, 'duedate:"next 7 days"', "cable squeak old"),
    (33, 'created-on:"2026/03/09"', "cable midnight"),
    (34, 'created-on-or-after:"2026/03/01" created-before:"2026/04/01"', "cable squeak edge midnight"),
    (35, 'last-modified-on-or-after:"2026/03/09"', "cable closed reopened midnight"),
    (36, "last-staff-replied-before:2026/02/01", "drags old"),
    (37, 'last-contact-replied-on-or-after:"2026/03/09" unresponded:true', "cable reopened midnight"),
    (38, 'last-closed-on-or-after:"2026/03/01"', "closed reopened"),
    (39, '"Frame size":"54"', "cable edge"),
    (40, 'Country:"Finland","Germany"', "cable drags phone edge midnight"),
    (41, '"Purchase date":"02/14/2026"', "phone"),
    (42, '"Status":"Sent"', "squeak"),
    (43, 'contact:"example.org" "Product line":"Cargo" brake', "cable midnight"),
    (44, "http://rollwerk.example/faq", "phone"),
    (45, "colour:red", "reopened"),
    (46, 'status:"No such status"', ""),
]


@pytest.fixture
def rollwerk(desk, monkeypatch):
    """Ten tickets by name, opened in the order of `ALL` from number 4127 on, and a deleted one that has everything.

    It is 2026-03-09, 14:20:55 UTC.
    """
    stop_clock(monkeypatch)
    cast = _cast(desk)
    start_numbers_at(4127)
    made = {name: make(cast) for name, make in _MAKERS.items()}
    delete(made.pop("gone"))
    return made


def _cast(desk) -> SimpleNamespace:
    fields = SimpleNamespace(
        frame=factories.make_field("Frame size", categories=[desk.workshop, desk.office]),
        line=factories.make_field("Product line", "choice", choices=("Cargo", "City"), categories=[desk.workshop]),
        bought=factories.make_field("Purchase date", "date", categories=[desk.workshop]),
        status=factories.make_field("Status", categories=[desk.workshop]),
        country=factories.make_field("Country", "choice", choices=("Finland", "Germany", "France")),
    )
    countries = {choice.text: choice.id for choice in fields.country.choices.all()}
    reference_now = reference.current()
    people.set_contact_values(
        desk.lena, {str(fields.country.id): countries["Germany"]}, reference=reference_now, now=NOON
    )
    people.set_contact_values(
        desk.stranger, {str(fields.country.id): countries["France"]}, reference=reference_now, now=NOON
    )
    aino = factories.make_contact("Aino Laine", None, custom_values={str(fields.country.id): countries["Finland"]})
    people.add_phone(aino, "+358 (40) 555-0134", now=NOON)
    for name, contact in (("Fleet customers", desk.lena), ("Fleet", aino)):
        GroupMembership.objects.create(contact=contact, group=ContactGroup.objects.create(name=name))
    return SimpleNamespace(
        **vars(desk),
        **vars(fields),
        aino=aino,
        marco=factories.make_contact("Marco Ortiz", "marco@elsewhere.example"),
        ada=factories.make_staff("Ada", desk.workshop, last_name="Jonas"),
        gil=factories.make_staff("Gil", desk.workshop, last_name="Mora"),
        in_progress=factories.make_status("In Progress", order=4),
        sent=factories.make_status("Sent", order=5),
        urgent=factories.make_priority("Urgent", order=3),
    )


def _open(cast, contact, subject, text, *, day, assignee=None, values=None, category=None, **given):
    """A ticket opened at that moment; `values` by the name of the field in the cast."""
    moment = at(day)
    return factories.make_ticket(
        contact,
        category or cast.workshop,
        subject=subject,
        text=text,
        created_at=moment,
        now=moment,
        assignee=assignee and assignee.id,
        custom_values={getattr(cast, name).id: value for name, value in (values or {}).items()},
        **given,
    )


def _file(name):
    return files.keep(SimpleUploadedFile(name, b"bytes", "image/jpeg"))


def _cable(cast):
    ticket = _open(
        cast,
        cast.lena,
        "Brake cable frayed",
        "The rear cable is down to three strands.",
        day="2026-03-09 12:00:00",
        assignee=cast.priya,
        priority=cast.high.id,
        tags=["warranty"],
        due_date=date(2026, 3, 10),
        values={"frame": "54", "line": "Cargo"},
        files=[_file("strands.jpg")],
    )
    set_columns(ticket, sla_breaches=1)
    return ticket


def _drags(cast):
    ticket = _open(
        cast,
        cast.lena,
        "Front wheel",
        "The front brake drags.",
        day="2026-01-15 08:00:00",
        assignee=cast.jonas,
        tags=["warranty", "recall"],
        due_date=date(2026, 2, 28),
        values={"frame": "54 cm", "line": "City"},
    )
    answer = {"text": "A drawing is attached.", "files": [_file("drawing.pdf")], "status": cast.waiting.id}
    staff_update(ticket, cast, now=at("2026-01-20 10:00:00"), **answer)
    return ticket


def _squeak(cast):
    ticket = _open(
        cast,
        cast.marco,
        "Cable for the brake",
        "It squeaks.",
        day="2026-03-01 00:00:00",
        priority=cast.urgent.id,
        tags=["Warranty", "warranty-void"],
        due_date=date(2026, 3, 16),
        values={"status": "Sent"},
    )
    staff_update(ticket, cast, now=at("2026-03-01 09:00:00"), status=cast.in_progress.id)
    return ticket


def _phone(cast):
    return _open(
        cast,
        cast.aino,
        "Question about a trailer",
        "Does it fit? I read http://rollwerk.example/faq before.",
        day="2026-02-28 23:59:59",
        assignee=cast.ada,
        tags=["c++"],
        values={"bought": "2026-02-14", "line": "City"},
    )


def _closed(cast):
    """In a category that contacts cannot see."""
    catalog.set_category_public(category_id=cast.office.id, public=True)
    ticket = _open(
        cast,
        cast.stranger,
        "Invoice for the saddle",
        "Please send it.",
        day="2026-02-10 08:00:00",
        assignee=cast.jonas,
        category=cast.office,
        priority=cast.high.id,
        due_date=date(2026, 3, 8),
    )
    catalog.set_category_public(category_id=cast.office.id, public=False)
    staff_update(ticket, cast, now=at("2026-03-03 10:00:00"), text="Here it is.", status=cast.closed.id)
    note = "On the phone they asked for a brake cable too."
    staff_update(ticket, cast, now=at("2026-03-09 13:00:00"), text=note, note=True)
    return ticket


def _reopened(cast):
    ticket = _open(
        cast,
        cast.stranger,
        "Bell is silent",
        "No sound. The box said colour:red on it.",
        day="2026-02-20 08:00:00",
        tags=["recall"],
        due_date=date(2026, 3, 17),
    )
    staff_update(ticket, cast, now=at("2026-03-02 10:00:00"), text="A new one is coming.", status=cast.closed.id)
    reply = ContactReply(contact=cast.stranger.id, message=compose("It did not come.", ""))
    tickets.add_contact_reply(ticket.id, reply, reference=reference.current(), now=at("2026-03-09 09:00:00"))
    set_columns(ticket, sla_breaches=2)
    return ticket


def _old(cast):
    ticket = _open(
        cast,
        cast.marco,
        "Mudguard",
        "The colour is blue.",
        day="2026-01-02 08:00:00",
        assignee=cast.gil,
        tags=["c"],
        due_date=date(2026, 3, 9),
        values={"bought": "2026-02-15"},
    )
    staff_update(ticket, cast, now=at("2026-01-31 23:59:59"), text="We can paint it.")
    staff_update(ticket, cast, now=at("2026-02-15 10:00:00"), status=cast.closed.id)
    return ticket


def _sent(cast):
    """Its status is called like the value of a field that `_squeak` has."""
    ticket = _open(
        cast,
        cast.stranger,
        "Where is my parcel",
        "I ordered at http://rollwerk.example/shop last week.",
        day="2026-01-30 08:00:00",
        values={"status": "Not sent"},
    )
    staff_update(ticket, cast, now=at("2026-02-01 00:00:00"), text="On its way.", status=cast.sent.id)
    return ticket


def _edge(cast):
    return _open(
        cast,
        cast.aino,
        "Basket",
        "Too small for brake and bag.",
        day="2026-03-08 23:59:59.999999",
        assignee=cast.priya,
        values={"frame": "54", "line": "Cargo"},
    )


def _midnight(cast):
    return _open(
        cast,
        cast.lena,
        "Brake pads",
        "Worn down.",
        day="2026-03-09 00:00:00",
        tags=["recall"],
        values={"line": "Cargo"},
    )


def _gone(cast):
    text = "The brake cable again, colour:red, http://rollwerk.example/faq"
    ticket = _open(
        cast,
        cast.lena,
        "Brake cable",
        text,
        day="2026-03-09 12:00:00",
        assignee=cast.priya,
        priority=cast.high.id,
        tags=["warranty", "recall", "c++"],
        due_date=date(2026, 3, 8),
        values={"frame": "54", "line": "Cargo", "bought": "2026-02-14", "status": "Sent"},
        files=[_file("gone.jpg")],
    )
    staff_update(ticket, cast, now=at("2026-03-09 12:30:00"), status=cast.closed.id)
    staff_update(ticket, cast, now=at("2026-03-09 12:40:00"), status=cast.new.id)
    set_columns(ticket, sla_breaches=1)
    return ticket


_MAKERS = {
    "cable": _cable,
    "drags": _drags,
    "squeak": _squeak,
    "phone": _phone,
    "closed": _closed,
    "reopened": _reopened,
    "old": _old,
    "sent": _sent,
    "edge": _edge,
    "midnight": _midnight,
    "gone": _gone,
}


@pytest.mark.parametrize(
    ("number", "q", "expected"), EXAMPLES, ids=[f"{number}-{q or 'empty'}" for number, q, _ in EXAMPLES]
)
def test_example(api, rollwerk, number, q, expected):
    assert found(api, rollwerk, q) == set(expected.split())


def test_every_example_is_here_and_tells_tickets_apart():
    assert {number for number, *_ in EXAMPLES} == set(range(1, 47))
    sizes = {number: len(expected.split()) for number, _, expected in EXAMPLES}
    assert {number for number, size in sizes.items() if size == len(ALL.split())} == {1}
    assert {number for number, size in sizes.items() if size == 0} == {46}
