"""POST users/ with a list (contacts.md §6)."""

import pytest
import yaml

from reynard.desk.models import Contact, ContactPhone, IdempotencyKey
from tests import factories
from tests.api.writing import FIELD_REQUIRED, NOT_A_CHOICE, REQUIRED, YAML, everything, shape_l, values_of

NO_ADDRESS = "Enter a valid email address."


def wrong(index, sent, **problems):
    errors = [{"field": field, "errors": [text]} for field, text in problems.items()]
    return {"index": index, "success": False, "email": sent, "error": errors}


def test_each_item_is_answered_in_the_order_of_the_request(api, desk):
    answer = api.post(
        "users/",
        [
            {"email": "zoe@new.example", "name": "Zoë"},
            {"email": "no-at-sign", "name": "x"},
            {"email": "LENA.ortiz@example.org", "name": "Lena Beck"},
            {"email": "ada@new.example"},
            {"email": None, "name": "Caller", "phones": [{"number": "1"}]},
            {"name": "nobody"},
        ],
    )
    assert answer.status_code == 200
    zoe, caller = (Contact.objects.get(name=name).id for name in ("Zoë", "Caller"))
    assert answer.json() == [
        {"index": 0, "success": True, "email": "zoe@new.example", "id": zoe},
        wrong(1, "no-at-sign", email=NO_ADDRESS),
        {"index": 2, "success": True, "email": "lena.ortiz@example.org", "id": desk.lena.id},
        wrong(3, "ada@new.example", name=REQUIRED),
        {"index": 4, "success": True, "email": None, "id": caller},
        wrong(5, None, email=REQUIRED),
    ]
    assert Contact.objects.count() == 4
    assert api.get(f"user/{desk.lena.id}/").json()["name"] == "Lena Beck"


def test_of_equal_addresses_the_second_edits_the_first(api, desk):
    items = [{"email": email, "name": name} for email, name in (("a@b.example", "One"), ("A@B.example", "Two"))]
    first, second = api.post("users/", items).json()
    assert first["id"] == second["id"]
    assert Contact.objects.get(id=first["id"]).name == "Two"


def test_an_item_that_is_refused_leaves_nothing_behind(api, desk):
    customer = factories.make_field("Customer number", required=True)
    before = everything()
    key = f"c-cf-{customer.id}"
    [result] = api.post("users/", [{"email": "ada@b.example", "name": "Ada", "phones": [{"number": "1"}]}]).json()
    assert result["error"] == [{"field": key, "errors": [FIELD_REQUIRED]}]
    stolen = {"email": desk.lena.email, "name": "Other", "phones": [{"number": "1"}, {"id": 10**9, "number": "2"}]}
    [result] = api.post("users/", [{**stolen, key: "K"}]).json()
    assert result["error"] == [{"field": "phones", "errors": [NOT_A_CHOICE]}]
    assert everything() == before
    assert not ContactPhone.objects.exists()


@pytest.mark.parametrize("item", [None, 5, "x", True, [], [{}]], ids=str)
def test_an_item_that_is_no_object_does_not_stop_the_others(api, desk, item):
    first, second = api.post("users/", [item, {"email": "ada@b.example", "name": "Ada"}]).json()
    assert first == wrong(0, None, __all__="Send an object.")
    assert second["success"] is True


@pytest.mark.parametrize(
    "address", [5, ["a"], {"a": 1}, "a\x00@b.example", "x" * 321], ids=lambda value: str(value)[:9]
)
def test_an_address_that_is_none_comes_back_if_it_is_a_text(api, desk, address):
    [result] = api.post("users/", [{"email": address, "name": "x"}]).json()
    assert result["email"] == (address if isinstance(address, str) else None)
    assert [problem["field"] for problem in result["error"]] == ["email"]


@pytest.mark.parametrize("number", [0, 101])
def test_none_and_too_many_are_refused_as_a_whole(api, desk, number):
    before = everything()
    answer = api.post("users/", [{"email": f"a{n}@b.example", "name": "A"} for n in range(number)])
    assert (answer.status_code, answer.json()) == (400, shape_l({"__all__": "Send a list of 1 to 100."}))
    assert everything() == before


def test_a_hundred_are_saved(api, desk):
    results = api.post("users/", [{"email": f"a{n}@b.example", "name": f"A{n}"} for n in range(100)]).json()
    assert all(result["success"] for result in results)
    assert [result["index"] for result in results] == list(range(100))
    assert Contact.objects.filter(name__startswith="A").count() == 100


def test_unsent_fields_are_emptied_unless_partial(api, desk):
    notes = factories.make_field("Notes")
    lena = {"email": desk.lena.email}
    read = lambda: values_of(api.get(f"user/{desk.lena.id}/").json())  # noqa: E731
    api.post("users/", [{**lena, f"c-cf-{notes.id}": "Rings."}])
    api.post("users/?partial=true", [lena])
    assert read() == {"Notes": ("Rings.", None)}
    api.post("users/", [lena])
    assert read() == {}


def test_contacts_of_a_list_join_groups(api, desk):
    fleet = factories.make_group("Fleet", "fleet.example")
    [result] = api.post("users/", [{"email": "ada@fleet.example", "name": "Ada"}]).json()
    assert api.get(f"contact_group/{fleet.id}/").json()["contacts"][0]["id"] == result["id"]


def test_one_key_stands_for_the_whole(api, desk):
    items = [{"email": None, "name": "Caller", "phones": [{"number": "1"}]}, {"email": "x"}]
    first, again = (api.post("users/", items, Idempotency_Key="k") for _ in range(2))
    assert again.content == first.content
    assert again["Idempotency-Replayed"] == "true"
    assert Contact.objects.filter(name="Caller").count() == IdempotencyKey.objects.count() == 1


def test_in_yaml_and_out_in_every_format(api, desk):
    body = b"- {email: a@b.example, name: A}\n- {email: x}\n"
    answer = api.post("users/", body, content_type=YAML, format="yaml")
    id = Contact.objects.get(name="A").id
    assert yaml.safe_load(answer.content) == [
        {"index": 0, "success": True, "email": "a@b.example", "id": id},
        wrong(1, "x", email=NO_ADDRESS, name=REQUIRED),
    ]
    answer = api.post("users/", [{"email": "a@b.example"}], format="xml")
    assert answer.content.decode().endswith(
        "<response><resource><index>0</index><success>True</success><email>a@b.example</email>"
        f"<id>{id}</id></resource></response>"
    )
