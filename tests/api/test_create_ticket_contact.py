"""Whose ticket POST tickets/ opens: somebody known, or somebody new (tickets.md §6)."""

import pytest

from reynard.desk.models import Contact, TicketCounter
from tests import factories
from tests.api.writing import NOW_TEXT, everything, stop_clock


@pytest.fixture
def wanted(desk):
    """The least that opens a ticket for a known contact."""
    return {"client": desk.lena.id, "subject": "Brake", "text": "It is broken.", "category": desk.workshop.id}


@pytest.fixture
def from_newcomer(wanted):
    """The least that opens a ticket for somebody new."""
    del wanted["client"]
    return wanted | {"name": "Ada Novak", "email": "Ada@New.example"}


def test_it_adds_an_unknown_contact(api, desk, from_newcomer, monkeypatch):
    stop_clock(monkeypatch)
    user = api.post("tickets/", from_newcomer | {"phone": "+49 30 1234"}).json()["user"]
    contact = Contact.objects.get(email_key="ada@new.example")
    phone = {"id": contact.phones.get().id, "type": "o", "number": "+49 30 1234", "is_primary": True}
    assert user == {
        "id": contact.id,
        "name": "Ada Novak",
        "email": "Ada@New.example",
        "primary_phone": phone,
        "phones": [phone],
        "contact_groups": [],
        "custom_fields": [],
        "tickets_count": 1,
        "pending_tickets_count": 1,
        "created_at": NOW_TEXT,
        "updated_at": NOW_TEXT,
        "is_login_enabled": True,
    }


def test_it_finds_a_contact_by_address_in_any_letter_case_and_keeps_the_name(api, desk, from_newcomer):
    known = {"email": " LENA.Ortiz@example.ORG ", "name": "Somebody Else"}
    user = api.post("tickets/", from_newcomer | known).json()["user"]
    assert (user["id"], user["name"]) == (desk.lena.id, "Lena Ortiz")
    assert api.post("tickets/", from_newcomer | {"email": "lena.ortiz@example.org", "name": ""}).status_code == 200


def test_a_contact_id_wins_over_an_address(api, desk, wanted):
    user = api.post("tickets/", wanted | {"email": desk.stranger.email, "name": "Sam"}).json()["user"]
    assert user["id"] == desk.lena.id


def test_it_adds_a_phone_once(api, desk, wanted):
    for number in ("030 / 12 34", "+030-1234", "no number", ""):
        user = api.post("tickets/", wanted | {"phone": number}).json()["user"]
    assert [(phone["type"], phone["number"]) for phone in user["phones"]] == [("o", "030 / 12 34")]
    user = api.post("tickets/", wanted | {"phone": 305678}).json()["user"]
    assert [phone["is_primary"] for phone in user["phones"]] == [True, False]


def test_a_new_contact_joins_the_groups_that_claim_the_domain(api, from_newcomer):
    fleet = factories.make_group("Fleet customers", "other.example, @NEW.example")
    factories.make_group("Others", "knew.example")
    user = api.post("tickets/", from_newcomer).json()["user"]
    assert [group["id"] for group in user["contact_groups"]] == [fleet.id]


def test_it_counts_the_ticket(api, desk, wanted):
    for _ in range(2):
        user = api.post("tickets/", wanted).json()["user"]
    assert (user["tickets_count"], user["pending_tickets_count"]) == (2, 2)
    assert list(TicketCounter.objects.values_list("category", "status", "tickets")) == [
        (desk.workshop.id, desk.new.id, 2)
    ]


def test_a_ticket_with_several_problems_adds_no_contact(api, from_newcomer):
    before = everything()
    assert api.post("tickets/", from_newcomer | {"category": None, "phone": "0301234"}).status_code == 400
    assert everything() == before
