"""A ticket that staff write down for a contact."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client

from reynard.desk.models import Contact, Ticket
from tests import factories


def _form(desk: SimpleNamespace, **more: object) -> dict[str, object]:
    return {
        "email": "lena.ortiz@example.org",
        "subject": "Rang about her brake",
        "text": "She *waits* for a call.",
        "category": desk.workshop.id,
        "priority": desk.high.id,
        "tags": "phone",
        **more,
    }


def test_it_is_made_for_a_known_contact(desk: SimpleNamespace, priya: Client) -> None:
    answer = priya.post("/inbox/new/", _form(desk, assignee=desk.priya.id))
    ticket = Ticket.objects.get()
    assert answer["Location"] == f"/inbox/ticket/{ticket.id}/"
    assert (ticket.contact_id, ticket.priority_id, ticket.assignee_id, ticket.tags, ticket.source) == (
        desk.lena.id,
        desk.high.id,
        desk.priya.id,
        "phone",
        "TKT_CREATION_ADMIN_PANEL",
    )


def test_a_new_contact_needs_a_name_and_nothing_written_is_lost(desk: SimpleNamespace, priya: Client) -> None:
    answer = priya.post("/inbox/new/", _form(desk, email="new@example.org"))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'aria-describedby="n-name-error"' in page
    assert "She *waits* for a call." in page
    assert not Ticket.objects.exists()
    priya.post("/inbox/new/", _form(desk, email="new@example.org", name="Nora New"))
    assert Ticket.objects.get().contact.name == "Nora New"


@pytest.mark.parametrize("email", ["nonsense", "a b@example.org", "@example.org", "x@nodot"])
def test_what_is_no_address_is_refused(desk: SimpleNamespace, priya: Client, email: str) -> None:
    answer = priya.post("/inbox/new/", _form(desk, email=email, name="Somebody"))
    assert answer.status_code == 400
    assert not Contact.objects.filter(name="Somebody").exists()


def test_required_fields_of_the_category_are_asked_for(desk: SimpleNamespace, priya: Client) -> None:
    field = factories.make_field("Frame number", categories=[desk.workshop], required=True)
    answer = priya.post("/inbox/new/", _form(desk))
    assert answer.status_code == 400
    assert "Frame number: This field is required" in answer.content.decode()
    priya.post("/inbox/new/", _form(desk, **{f"field-{field.id}": "RW24"}))
    assert Ticket.objects.get().custom_values == {str(field.id): "RW24"}


def test_an_agent_makes_none_in_another_category(desk: SimpleNamespace, sign_in: Callable[..., Client]) -> None:
    answer = sign_in(desk.jonas).post("/inbox/new/", _form(desk))
    assert answer.status_code == 400
    assert not Ticket.objects.exists()


def test_contacts_are_suggested_while_somebody_types(desk: SimpleNamespace, priya: Client) -> None:
    options = priya.get("/inbox/contacts/", {"email": "lena.or"}).content.decode()
    assert '<option value="lena.ortiz@example.org">Lena Ortiz</option>' in options
    assert "<option" not in priya.get("/inbox/contacts/", {"email": "le"}).content.decode()
