"""POST ticket/<id>/update_custom_fields/ (tickets.md §12). Which values a field takes is in test_custom_field_rules."""

from types import SimpleNamespace

import pytest

from tests import factories
from tests.api.reading import NO_CHANGES
from tests.api.writing import (
    FIELD_REQUIRED,
    FORM,
    NOON_TEXT,
    NOT_A_CHOICE,
    NOW_TEXT,
    REQUIRED,
    everything,
    last_update,
    shape_l,
    stop_clock,
    values_of,
)


@pytest.fixture
def ticket(desk, fields):
    values = {fields.frame.id: "54", fields.price.id: 300}
    return factories.make_ticket(desk.lena, desk.workshop, custom_values=values)


@pytest.fixture
def fields(desk):
    here = [desk.workshop]
    return SimpleNamespace(
        frame=factories.make_field("Frame size", categories=here, required=True),
        price=factories.make_field("Price", "number", categories=here),
        services=factories.make_field("Services", "multiple_choice", categories=here, choices=("Tune-up", "Truing")),
        elsewhere=factories.make_field("Invoice", categories=[desk.office]),
        customer=factories.make_field("Customer number"),
    )


@pytest.fixture
def edit(api, desk, ticket):
    """Sends values of Jonas's, by field."""

    def send(values, number=ticket.id, **options):
        if isinstance(values, bytes):
            return api.post(f"ticket/{number}/update_custom_fields/", values, **options)
        keyed = {key if isinstance(key, str) else f"t-cf-{key.id}": value for key, value in values.items()}
        return api.post(f"ticket/{number}/update_custom_fields/", {"staff": desk.jonas.id} | keyed, **options)

    return send


def test_only_the_fields_sent_change_and_the_history_says_so(api, edit, desk, fields, ticket, monkeypatch):
    stop_clock(monkeypatch)
    answer = edit({fields.frame: "56", fields.services: ["Tune-up"]})
    entry = last_update(answer)
    assert entry == NO_CHANGES | {
        "update_id": entry["update_id"],
        "timestamp": NOW_TEXT,
        "by": {"type": "staff", "id": desk.jonas.id, "name": "Jonas Beck", "email": "jonas@rollwerk.example"},
        "message": None,
    }
    tune_up = fields.services.choices.get(text="Tune-up").id
    assert values_of(answer.json()) == {
        "Frame size": ("56", None),
        "Price": (300, None),
        "Services": (["Tune-up"], [tune_up]),
    }
    shown = api.get(f"ticket/{ticket.id}/?show_cf_changes=true").json()
    assert shown["updates"][-1]["custom_field_change"] == [
        {"id": str(fields.frame.id), "name": "Frame size", "from": "54", "to": "56"},
        {"id": str(fields.services.id), "name": "Services", "from": "", "to": "Tune-up"},
    ]


def test_it_moves_the_time_of_the_last_update_and_counts_no_message(edit, fields, monkeypatch):
    stop_clock(monkeypatch)
    ticket = edit({fields.price: 310}).json()
    assert (ticket["last_updated_at"], ticket["last_modified"]) == (NOW_TEXT, NOW_TEXT)
    assert (ticket["last_user_reply_at"], ticket["last_staff_reply_at"]) == (NOON_TEXT, None)
    assert (ticket["messages_count"], ticket["unresponded"]) == (1, True)


def test_values_may_come_in_a_form(edit, desk, fields):
    key = f"t-cf-{fields.services.id}"
    body = f"staff={desk.jonas.id}&{key}=Tune-up&{key}=Truing&t-cf-{fields.price.id}=".encode()
    values = values_of(edit(body, content_type=FORM).json())
    assert values["Services"][0] == ["Tune-up", "Truing"]
    assert values["Price"] == (300, None)


def test_null_clears_a_field(edit, fields):
    assert "Price" not in values_of(edit({fields.price: None}).json())


@pytest.mark.parametrize("value", [None, "", []])
def test_a_required_field_cannot_be_emptied(edit, fields, value):
    before = everything()
    answer = edit({fields.frame: value, fields.price: 310})
    assert (answer.status_code, answer.json()) == (400, shape_l({f"t-cf-{fields.frame.id}": FIELD_REQUIRED}))
    assert everything() == before


def test_nothing_to_update(edit, fields):
    before = everything()
    for nothing in (
        {},
        {fields.frame: "54", fields.price: "300"},
        {fields.elsewhere: "2026-7"},
        {f"c-cf-{fields.customer.id}": "K-1"},
        {"t-cf-999999": "x"},
        {"status": 2, "tags": "a", "text": "Hello."},
    ):
        answer = edit(nothing)
        assert (answer.status_code, answer.json()) == (400, {"error": "Nothing to update"})
    assert everything() == before


def test_it_reports_everything_that_is_wrong_at_once(edit, fields):
    before = everything()
    answer = edit({"staff": None, fields.price: "cheap", fields.services: "Painting"})
    assert answer.status_code == 400
    assert answer.json() == shape_l(
        {
            "staff": REQUIRED,
            f"t-cf-{fields.price.id}": "Enter a number.",
            f"t-cf-{fields.services.id}": "Select a valid choice. Painting is not one of the available choices.",
        }
    )
    assert everything() == before


def test_who_acts_must_be_active_staff(edit, desk, fields):
    for wrong in (desk.gone.id, 999_999, "x"):
        answer = edit({"staff": wrong, fields.price: 310})
        assert (answer.status_code, answer.json()) == (400, shape_l({"staff": NOT_A_CHOICE}))


def test_a_ticket_that_is_not_there(edit, fields):
    assert edit({fields.price: 310}, 999_999).status_code == 404
