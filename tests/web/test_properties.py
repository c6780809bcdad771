"""What stands beside the conversation of a ticket, and how it is changed."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from reynard.desk.models import Contact, Staff, Ticket
from tests import factories

SignIn = Callable[..., Client]


def _page(client: Client, ticket: Ticket) -> str:
    return client.get(f"/inbox/ticket/{ticket.id}/").content.decode()


def _change(client: Client, ticket: Ticket, **form: Any) -> Any:
    return client.post(f"/inbox/ticket/{ticket.id}/change/", form)


def test_custom_fields_of_every_type_are_saved_and_shown(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    of = {"categories": [desk.workshop]}
    text = factories.make_field("Frame", **of)
    number = factories.make_field("Kilometres", "number", **of)
    day = factories.make_field("Bought on", "date", **of)
    choice = factories.make_field("Service", "choice", choices=("Repair", "Rental"), **of)
    several = factories.make_field("Parts", "multiple_choice", choices=("Rim", "Hub", "Bell"), **of)
    repair = choice.choices.get(text="Repair")
    parts = [one.id for one in several.choices.exclude(text="Hub")]
    _change(
        priya,
        ticket,
        **{
            f"field-{text.id}": "RW24",
            f"field-{number.id}": "1200.5",
            f"field-{day.id}": "2026-02-01",
            f"field-{choice.id}": str(repair.id),
            f"field-{several.id}": [str(id) for id in parts],
            f"many-field-{several.id}": "1",
        },
    )
    ticket.refresh_from_db()
    assert ticket.custom_values == {
        str(text.id): "RW24",
        str(number.id): 1200.5,
        str(day.id): "2026-02-01",
        str(choice.id): repair.id,
        str(several.id): parts,
    }
    page = _page(priya, ticket)
    for shown in ('value="RW24"', 'value="1200.5"', 'value="2026-02-01"', f'<option value="{repair.id}" selected>'):
        assert shown in page, shown
    for id in parts:
        assert f'<option value="{id}" selected>' in page
    _change(priya, ticket, **{f"many-field-{several.id}": "1", f"field-{several.id}": []})
    _change(priya, ticket, **{f"field-{text.id}": ""})
    ticket.refresh_from_db()
    assert str(text.id) not in ticket.custom_values


def test_a_field_appears_with_the_choice_it_depends_on(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    service = factories.make_field("Service", "choice", categories=[desk.workshop], choices=("Repair", "Rental"))
    rental = service.choices.get(text="Rental")
    until = factories.make_field("Rented until", "date", categories=[desk.workshop], depends_on_choice=rental)
    assert "Rented until" not in _page(priya, ticket)
    _change(priya, ticket, **{f"field-{service.id}": str(rental.id)})
    assert f'id="f-{until.id}"' in _page(priya, ticket)
    _change(priya, ticket, **{f"field-{service.id}": str(service.choices.get(text="Repair").id)})
    assert "Rented until" not in _page(priya, ticket)


def test_a_refused_change_says_why_beside_its_field_and_keeps_what_was_typed(
    desk: SimpleNamespace, ticket: Ticket, priya: Client
) -> None:
    number = factories.make_field("Kilometres", "number", categories=[desk.workshop])
    answer = _change(priya, ticket, **{f"field-{number.id}": "many"})
    page = answer.content.decode()
    assert answer.status_code == 400
    field = page[page.index(f'id="f-{number.id}"') :]
    field = field[: field.index("</p>")]
    assert 'value="many"' in field
    assert f'aria-describedby="f-{number.id}-error"' in field
    assert f'id="f-{number.id}-error"' in field
    assert 'class="aside open"' in page
    assert "Nothing was changed." in page


def test_what_is_missing_to_solve_is_said_beside_the_field(
    desk: SimpleNamespace, ticket: Ticket, priya: Client
) -> None:
    day = factories.make_field("Bought on", "date", categories=[desk.workshop], compulsory_on_completed=True)
    answer = _change(priya, ticket, status=str(desk.closed.id))
    assert answer.status_code == 400
    assert f'id="f-{day.id}-error"' in answer.content.decode()
    ticket.refresh_from_db()
    assert ticket.status_id == desk.new.id


def test_only_what_is_sent_is_changed(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    Ticket.objects.filter(id=ticket.id).update(priority=desk.high, tags="hub")
    _change(priya, ticket, status=str(desk.waiting.id))
    ticket.refresh_from_db()
    assert (ticket.status_id, ticket.priority_id, ticket.tags) == (desk.waiting.id, desk.high.id, "hub")


def test_a_ticket_is_renamed(ticket: Ticket, priya: Client) -> None:
    _change(priya, ticket, subject="Brake cable, again")
    ticket.refresh_from_db()
    assert ticket.subject == "Brake cable, again"


def test_who_has_the_ticket_and_left_is_still_named(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    Ticket.objects.filter(id=ticket.id).update(assignee=desk.gone)
    assert f'<option value="{desk.gone.id}" selected>' in _page(priya, ticket)
    _change(priya, ticket, assignee=str(desk.gone.id), priority=str(desk.high.id))
    ticket.refresh_from_db()
    assert (ticket.assignee_id, ticket.priority_id) == (desk.gone.id, desk.high.id)


def test_after_a_move_out_of_sight_the_list_says_so(desk: SimpleNamespace, ticket: Ticket, sign_in: SignIn) -> None:
    role = factories.Role.objects.create(name="Mover", permissions=["move_ticket_to_any_category"])
    emil = sign_in(factories.make_staff("Emil", desk.workshop, role=role))
    answer = emil.post(f"/inbox/ticket/{ticket.id}/change/", {"category": str(desk.office.id)}, follow=True)
    assert answer.status_code == 200
    assert "moved to a category that you do not see" in answer.content.decode()
    ticket.refresh_from_db()
    assert ticket.category_id == desk.office.id


def test_time_spent_is_shown(ticket: Ticket, priya: Client) -> None:
    assert "Time spent</span>" not in _page(priya, ticket)
    Ticket.objects.filter(id=ticket.id).update(time_spent=85)
    assert "1 h 25 min" in _page(priya, ticket)


def test_colleagues_who_see_the_ticket_can_be_subscribed(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    emil = factories.make_staff("Emil", desk.workshop, last_name="Noor")
    page = _page(priya, ticket)
    offered = page[page.index('name="colleague"') :]
    offered = offered[: offered.index("</select>")]
    assert "Emil Noor" in offered
    assert desk.jonas.name not in offered
    address = f"/inbox/ticket/{ticket.id}/subscribe/"
    assert priya.post(address, {"to": "yes", "colleague": str(desk.jonas.id)}).status_code == 404
    priya.post(address, {"to": "yes", "colleague": str(emil.id)})
    assert set(ticket.subscriptions.values_list("staff_id", flat=True)) == {emil.id}
    assert "Emil Noor</span>" in _page(priya, ticket)
    priya.post(address, {"to": "no", "colleague": str(emil.id)})  # nobody ends what a colleague wants
    assert Staff.objects.filter(subscriptions__ticket=ticket).get() == emil


def test_the_contact_stands_there_whole(desk: SimpleNamespace, ticket: Ticket, priya: Client, api: Any) -> None:
    field = factories.make_field("Member since", "date")
    factories.make_field("Nickname")
    Contact.objects.filter(id=desk.lena.id).update(custom_values={str(field.id): "2025-11-02"})
    desk.lena.phones.create(number="+49 30 5550134", digits="49305550134", type="w")
    desk.lena.groups.add(factories.make_group("Fleet customers"))
    other = factories.make_ticket(desk.lena, desk.workshop, subject="Second key")
    Ticket.objects.filter(id=other.id).update(status=desk.closed)
    page = _page(priya, ticket)
    for shown in ("Member since</dt><dd", "2025-11-02", "+49 30 5550134", "Work", "Fleet customers", "Second key"):
        assert shown in page, shown
    assert "Nickname" not in page
    assert "Closed</span></span>" in page


@pytest.mark.parametrize(
    ("name", "column"),
    [("status", "waiting"), ("priority", "high"), ("assignee", "priya"), ("category", "office"), ("tags", "")],
)
def test_a_change_of_one_property_is_undone(
    desk: SimpleNamespace, ticket: Ticket, priya: Client, name: str, column: str
) -> None:
    def present() -> tuple[Any, ...]:
        ticket.refresh_from_db()
        return ticket.status_id, ticket.priority_id, ticket.assignee_id, ticket.category_id, ticket.tags

    before = present()
    _change(priya, ticket, **{name: str(getattr(desk, column).id) if column else "hub, hill"})
    assert present() != before
    assert 'action="/inbox/undo/"' in _page(priya, ticket)
    priya.post("/inbox/undo/", {"back": f"/inbox/ticket/{ticket.id}/"})
    assert present() == before


def test_nothing_that_was_not_changed_is_undone(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    _change(priya, ticket, status=str(desk.waiting.id), priority=str(desk.high.id))
    assert 'action="/inbox/undo/"' not in _page(priya, ticket)
    _change(priya, ticket, status=str(desk.waiting.id))
    assert 'action="/inbox/undo/"' not in _page(priya, ticket)
