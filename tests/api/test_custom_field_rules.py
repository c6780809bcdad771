"""Custom fields on the writing operations: what may, must and must not be sent (custom-fields.md §2 to §4)."""

from types import SimpleNamespace

import pytest

from reynard.desk.models import Ticket
from tests import factories
from tests.api.writing import (
    FIELD_REQUIRED,
    FORM,
    NEEDED_TO_COMPLETE,
    YAML,
    everything,
    last_update,
    shape_l,
    values_of,
)


@pytest.fixture
def fields(desk):
    """One ticket field of every type in the workshop, one elsewhere, and contact fields."""
    here = [desk.workshop]
    services = factories.make_field("Services", "multiple_choice", categories=here, choices=("Tune-up", "Truing"))
    return SimpleNamespace(
        frame=factories.make_field("Frame size", categories=here),
        price=factories.make_field("Price", "number", categories=here),
        colour=factories.make_field("Colour", "choice", categories=here, choices=("Red", "Blue")),
        services=services,
        bought=factories.make_field("Bought on", "date", categories=here),
        elsewhere=factories.make_field("Invoice", categories=[desk.office], required=True),
        customer=factories.make_field("Customer number"),
        level=factories.make_field("Level", "choice", choices=("Gold", "Silver")),
    )


@pytest.fixture
def create(api, desk):
    def send(values, content_type=""):
        least = {"client": desk.lena.id, "subject": "Brake", "text": "Broken.", "category": desk.workshop.id}
        return api.post("tickets/", least | values, content_type=content_type)

    return send


@pytest.fixture
def update(api, desk):
    def send(ticket, values):
        return api.post(f"ticket/{ticket['id']}/staff_update/", {"staff": desk.priya.id} | values)

    return send


def key(field, prefix="t-cf"):
    return f"{prefix}-{field.id}"


def choice(field, text):
    return field.choices.get(text=text).id


def test_every_type_is_written_and_read(create, fields):
    tune, truing, red = (
        choice(fields.services, "Tune-up"),
        choice(fields.services, "Truing"),
        choice(fields.colour, "Red"),
    )
    ticket = create(
        {
            key(fields.frame): "54 cm",
            key(fields.price): "19.50",
            key(fields.colour): red,
            key(fields.services): [truing, str(tune)],
            f"t-cf-00{fields.bought.id}": "20/03/2026",
        }
    ).json()
    assert values_of(ticket) == {
        "Frame size": ("54 cm", None),
        "Price": (19.5, None),
        "Colour": ("Red", red),
        "Services": (["Tune-up", "Truing"], [tune, truing]),
        "Bought on": ("2026-03-20", None),
    }


@pytest.mark.parametrize("content_type", [FORM, "multipart"])
def test_forms_repeat_a_key_or_put_json_into_one_value(api, desk, fields, content_type):
    tune, truing = choice(fields.services, "Tune-up"), choice(fields.services, "Truing")
    least = {"client": desk.lena.id, "subject": "Brake", "text": "Broken.", "category": desk.workshop.id}
    for several in ([str(tune), str(truing)], [f"[{tune}, {truing}]"], [f'["{tune}", "truing"]']):
        pairs = [*least.items(), *((key(fields.services), value) for value in several), (key(fields.frame), "")]
        if content_type == FORM:
            body = "&".join(f"{name}={value}" for name, value in pairs).encode()
        else:
            body = least | {key(fields.services): several, key(fields.frame): ""}
        ticket = api.post("tickets/", body, content_type=content_type).json()
        assert values_of(ticket) == {"Services": (["Tune-up", "Truing"], [tune, truing])}


def test_in_a_form_the_last_of_repeated_scalars_wins_and_brackets_are_text(api, desk, fields):
    blue = choice(fields.colour, "Blue")
    least = f"client={desk.lena.id}&subject=Old&subject=New&text=x&category={desk.workshop.id}"
    repeated = f"&{key(fields.frame)}=52&{key(fields.frame)}=[54]&{key(fields.colour)}=red&{key(fields.colour)}={blue}"
    ticket = api.post("tickets/", (least + repeated).encode(), content_type=FORM).json()
    assert ticket["subject"] == "New"
    assert values_of(ticket) == {"Frame size": ("[54]", None), "Colour": ("Blue", blue)}


def test_yaml_dates_and_numbers(api, desk, fields):
    body = f"""
client: {desk.lena.id}
subject: Brake
text: 2026-03-09
category: "{desk.workshop.id}"
created_at: 2026-03-09T08:41:17+01:00
due_date: 2026-03-20
phone: 5550134
{key(fields.frame)}: 54
{key(fields.bought)}: 2026-03-01
"""
    ticket = api.post("tickets/", body.encode(), content_type=YAML).json()
    assert (ticket["created_at"], ticket["due_date"]) == ("2026-03-09 07:41:17", "2026-03-20")
    assert ticket["first_message"] == "2026-03-09\n\n"
    assert ticket["user"]["phones"][0]["number"] == "5550134"
    assert values_of(ticket) == {"Frame size": ("54", None), "Bought on": ("2026-03-01", None)}


def test_fields_of_other_categories_and_unknown_ones_are_ignored(create, fields):
    ticket = create({key(fields.elsewhere): "17", "t-cf-999999": "x", "t-cf-": "x", "t-cf-x": 1, "c-cf-999": "x"})
    assert values_of(ticket.json()) == {}


def test_wrong_values_name_the_key_and_change_nothing(create, fields):
    before = everything()
    answer = create(
        {
            key(fields.frame): {"a": 1},
            key(fields.price): "12.345",
            key(fields.colour): 99,
            key(fields.services): ["Tune-up", "Polish"],
            key(fields.bought): "soon",
            key(fields.level, "c-cf"): "Bronze",
        }
    )
    assert answer.status_code == 400
    assert answer.json() == shape_l(
        {
            key(fields.frame): "Enter a text.",
            key(fields.price): "Ensure that there are no more than 2 decimal places.",
            key(fields.colour): "Select a valid choice. 99 is not one of the available choices.",
            key(fields.services): "Select a valid choice. Polish is not one of the available choices.",
            key(fields.bought): "Enter a valid date.",
            key(fields.level, "c-cf"): "Select a valid choice. Bronze is not one of the available choices.",
        }
    )
    assert everything() == before


@pytest.mark.parametrize("sent", [{}, {"value": ""}, {"value": None}, {"value": []}])
def test_a_required_field_must_be_given_on_creation(create, desk, fields, sent):
    field = factories.make_field("Serial number", categories=[desk.workshop], required=True)
    before = everything()
    answer = create({key(field): value for value in sent.values()} | {"subject": ""})
    expected = {"subject": "This field is required.", key(field): FIELD_REQUIRED}
    assert (answer.status_code, answer.json()) == (400, shape_l(expected))
    assert everything() == before
    assert create({key(field): "4711"}).status_code == 200


def test_a_field_is_demanded_only_when_the_choice_it_depends_on_is_selected(create, desk, fields):
    red = fields.colour.choices.get(text="Red")
    paint = factories.make_field(
        "Paint", "choice", categories=[desk.workshop], required=True, depends_on_choice=red, choices=("Matt", "Gloss")
    )
    matt = paint.choices.get(text="Matt")
    factories.make_field("Code", categories=[desk.workshop], required=True, depends_on_choice=matt)
    assert create({}).status_code == 200
    assert create({key(fields.colour): "Blue"}).status_code == 200
    assert create({key(fields.colour): "red"}).json() == shape_l({key(paint): FIELD_REQUIRED})
    assert create({key(fields.colour): "red", key(paint): "gloss"}).status_code == 200
    assert create({key(paint): matt.id}).status_code == 200  # its own owner is not chosen, so nothing applies
    assert create({key(fields.colour): "red", key(paint): "matt"}).status_code == 400


def test_a_required_field_cannot_be_emptied_while_it_applies(create, update, desk, fields):
    red = fields.colour.choices.get(text="Red")
    paint = factories.make_field("Paint", categories=[desk.workshop], required=True, depends_on_choice=red)
    ticket = create({key(fields.colour): red.id, key(paint): "matt"}).json()
    before = everything()
    for empty in (None, "", []):
        assert update(ticket, {"text": "x", key(paint): empty}).json() == shape_l({key(paint): FIELD_REQUIRED})
    assert everything() == before
    now = update(ticket, {key(fields.colour): "blue", key(paint): None}).json()
    assert values_of(now) == {"Colour": ("Blue", choice(fields.colour, "Blue"))}


def test_completing_needs_every_applicable_compulsory_field(create, update, desk, fields):
    red = fields.colour.choices.get(text="Red")
    compulsory = {"categories": [desk.workshop], "compulsory_on_completed": True}
    size = factories.make_field("Tyre size", **compulsory)
    paint = factories.make_field("Paint", depends_on_choice=red, **compulsory)
    factories.make_field("Invoice sent", categories=[desk.office], compulsory_on_completed=True)
    ticket = create({key(fields.colour): red.id}).json()
    before = everything()
    answer = update(ticket, {"text": "Done.", "status": desk.closed.id})
    empty = {key(size): NEEDED_TO_COMPLETE, key(paint): NEEDED_TO_COMPLETE}
    assert (answer.status_code, answer.json()) == (400, {"error": empty})
    assert everything() == before
    assert update(ticket, {"status": desk.waiting.id, key(size): "28"}).status_code == 200
    assert update(ticket, {"status": desk.closed.id}).json() == {"error": {key(paint): NEEDED_TO_COMPLETE}}
    assert update(ticket, {"status": desk.closed.id, key(size): None, key(fields.colour): "blue"}).json() == {
        "error": {key(size): NEEDED_TO_COMPLETE}
    }
    assert update(ticket, {"status": desk.closed.id, key(fields.colour): "blue"}).status_code == 200


def test_a_completed_ticket_is_not_asked_again(create, update, desk):
    archived = factories.make_status("Archived", "completed", order=9)
    ticket = create({}).json()
    update(ticket, {"status": desk.closed.id})
    factories.make_field("Tyre size", categories=[desk.workshop], compulsory_on_completed=True)
    assert update(ticket, {"status": archived.id}).status_code == 200


def test_a_choice_of_a_field_that_left_the_category_counts_for_nothing(create, update, desk, fields):
    red = fields.colour.choices.get(text="Red")
    factories.make_field("Paint", categories=[desk.workshop], depends_on_choice=red, compulsory_on_completed=True)
    ticket = create({key(fields.colour): red.id}).json()
    fields.colour.in_categories.update(category=desk.office)
    factories.reference.changed()
    assert update(ticket, {"status": desk.closed.id}).status_code == 200


def test_an_edit_shows_in_the_history_when_asked_for(api, create, update, desk, fields):
    ticket = create({key(fields.services): "Truing"}).json()
    answer = update(ticket, {key(fields.frame): "54", key(fields.services): ["Tune-up", "Truing"]})
    assert last_update(answer)["custom_field_change"] is None
    assert last_update(answer)["message"] is None
    whole = api.get(f"ticket/{ticket['id']}/", {"show_cf_changes": "true"})
    assert last_update(whole)["custom_field_change"] == [
        {"id": str(fields.frame.id), "name": "Frame size", "from": "", "to": "54"},
        {"id": str(fields.services.id), "name": "Services", "from": "Truing", "to": "Tune-up, Truing"},
    ]
    assert update(ticket, {key(fields.frame): " 54"[1:]}).json() == {"error": "Nothing to update"}


@pytest.mark.parametrize("prefix", ["ccf", "c-cf"])
def test_staff_can_edit_the_contact(create, update, fields, prefix):
    ticket = create({key(fields.customer, "c-cf"): "K-17"}).json()
    assert values_of(ticket["user"]) == {"Customer number": ("K-17", None)}
    now = update(ticket, {key(fields.level, prefix): "gold"}).json()
    assert values_of(now["user"]) == {
        "Customer number": ("K-17", None),
        "Level": ("Gold", choice(fields.level, "Gold")),
    }
    assert update(ticket, {key(fields.level, prefix): "gold"}).json() == {"error": "Nothing to update"}


def test_required_contact_fields_are_asked_of_new_contacts_only(create, update, desk, fields):
    field = factories.make_field("Account", required=True)
    ticket = create({}).json()
    newcomer = {"client": None, "email": "ada@new.example", "name": "Ada"}
    before = everything()
    assert create(newcomer).json() == shape_l({key(field, "c-cf"): FIELD_REQUIRED})
    assert update(ticket, {key(field, "c-cf"): ""}).json() == shape_l({key(field, "c-cf"): FIELD_REQUIRED})
    assert everything() == before
    assert values_of(create(newcomer | {key(field, "c-cf"): "7"}).json()["user"]) == {"Account": ("7", None)}


def test_values_of_a_refused_update_are_not_kept(create, update, desk, fields):
    ticket = create({key(fields.frame): "54"}).json()
    before = everything()
    assert update(ticket, {key(fields.frame): "56", key(fields.level, "ccf"): "x"}).status_code == 400
    assert everything() == before
    assert Ticket.objects.get().custom_values == {str(fields.frame.id): "54"}
