"""Phones of a contact, on users/ and on user/ alike (contacts.md §8)."""

import pytest

from reynard.desk.actions import people
from reynard.desk.models import ContactPhone
from tests.api.writing import NOON, NOT_A_CHOICE, REQUIRED, everything

HOME, WORK = "+49 (30) 555-0134", "030 9977"


@pytest.fixture(params=["users/", "user/"])
def phones(request, api, desk):
    """Sends phones of Lena, who has `HOME` (primary, type h) and `WORK` (type w); returns them as read back."""
    for number, type_ in ((HOME, "h"), (WORK, "w")):
        people.add_phone(desk.lena, number, now=NOON, type=type_)

    def send(*entries, refused=False):
        before = everything()
        path = request.param if request.param == "users/" else f"user/{desk.lena.id}/"
        answer = api.post(path, {"email": desk.lena.email, "phones": list(entries)})
        if refused:
            assert answer.status_code == 400, answer.content
            assert everything() == before
            [problem] = answer.json()["error"]
            assert problem["field"] == "phones"
            return problem["errors"]
        assert answer.status_code == 200, answer.content
        found = answer.json()
        primary = [phone for phone in found["phones"] if phone["is_primary"]]
        assert found["primary_phone"] == (primary[0] if primary else None)
        assert len(primary) < 2
        return [(phone["type"], phone["number"], phone["is_primary"]) for phone in found["phones"]]

    send.ids = list(ContactPhone.objects.order_by("id").values_list("id", flat=True))
    return send


AS_IT_WAS = [("h", HOME, True), ("w", WORK, False)]


def test_a_number_is_added_and_the_others_stay(phones):
    assert phones({"number": " 0171 / 1 "}) == [*AS_IT_WAS, ("o", "0171 / 1", False)]
    assert phones({"number": 305678, "type": "MO"}) == [
        *AS_IT_WAS,
        ("o", "0171 / 1", False),
        ("mo", "305678", False),
    ]
    assert len(phones()) == 4


def test_an_equal_number_is_not_added_twice(phones):
    assert phones({"number": "4930 5550134"}, {"number": WORK}) == AS_IT_WAS
    assert phones({"number": "+49305550134", "type": "mo"}) == [("mo", HOME, True), AS_IT_WAS[1]]
    assert phones({"number": "0309977", "is_primary": True}) == [("mo", HOME, False), ("w", WORK, True)]
    assert phones({"number": "1"}, {"number": "(1)", "type": "m"})[2:] == [("m", "1", False)]


def test_a_number_is_edited_by_its_id_and_keeps_its_type(phones):
    assert phones({"id": phones.ids[1], "number": "1"}) == [AS_IT_WAS[0], ("w", "1", False)]
    assert phones({"id": str(phones.ids[1]), "number": "2", "type": "m"}) == [AS_IT_WAS[0], ("m", "2", False)]
    assert phones({"id": phones.ids[1], "type": "o"}) == [AS_IT_WAS[0], ("o", "2", False)]
    assert phones({"id": phones.ids[0], "number": "0305550134"}) == [("h", "0305550134", True), ("o", "2", False)]


def test_a_primary_number_demotes_the_others(phones):
    assert phones({"id": phones.ids[1], "is_primary": True}) == [("h", HOME, False), ("w", WORK, True)]
    assert phones({"id": phones.ids[0], "is_primary": "TRUE"}) == AS_IT_WAS
    assert phones({"number": "1", "is_primary": True}, {"number": "2", "is_primary": True}) == [
        ("h", HOME, False),
        ("w", WORK, False),
        ("o", "1", False),
        ("o", "2", True),
    ]


def test_a_primary_number_can_be_demoted(phones):
    assert phones({"id": phones.ids[0], "is_primary": False}) == [("h", HOME, False), ("w", WORK, False)]


def test_the_first_number_of_a_contact_becomes_primary_by_itself(api, desk):
    answer = api.post(f"user/{desk.stranger.id}/", {"phones": [{"number": "1"}, {"number": "2"}]})
    assert [phone["is_primary"] for phone in answer.json()["phones"]] == [True, False]


def test_a_number_of_somebody_else_or_of_nobody_is_refused(desk, phones):
    people.add_phone(desk.stranger, "1", now=NOON)
    for id_ in (desk.stranger.phones.get().id, 10**9):
        assert phones({"number": "5"}, {"id": id_, "number": "2"}, refused=True) == [NOT_A_CHOICE]


def test_two_contacts_may_have_one_number(desk, phones):
    people.add_phone(desk.stranger, "1", now=NOON)
    assert phones({"number": "1"})[2] == ("o", "1", False)


def test_an_edit_that_would_make_a_double_is_refused(phones):
    again = {"id": phones.ids[1], "number": "4930 555 0134"}
    assert phones(again, refused=True) == ["Another phone of this contact has this number."]


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ({}, REQUIRED),
        ({"type": "mo"}, REQUIRED),
        ({"number": ""}, REQUIRED),
        ({"number": None}, REQUIRED),
        ({"number": "none"}, "Enter a phone number."),
        ({"number": "\u0661"}, "Enter a phone number."),
        ({"number": "1" * 65}, "Ensure this value has at most 64 characters (it has 65)."),
        ({"number": "1\x00"}, "Null characters are not allowed."),
        ({"number": ["1"]}, "Enter a text."),
        ({"number": {"a": 1}}, "Enter a text."),
        ({"number": True}, "Enter a text."),
        ({"number": "1", "type": "fax"}, NOT_A_CHOICE),
        ({"number": "1", "type": ["mo"]}, "Enter a text."),
        ({"number": "1", "is_primary": "perhaps"}, "Enter true or false."),
        ({"number": "1", "id": "x"}, NOT_A_CHOICE),
        ({"number": "1", "id": 0}, NOT_A_CHOICE),
        ({"number": "1", "id": 2**63}, NOT_A_CHOICE),
        ({"number": "1", "id": [1]}, NOT_A_CHOICE),
    ],
    ids=str,
)
def test_an_entry_that_cannot_be(phones, entry, text):
    assert text in phones({"number": "7"}, entry, refused=True)


@pytest.mark.parametrize("entry", [5, "030 1234", None, ["1"], True], ids=str)
def test_an_entry_that_is_no_object(phones, entry):
    [text] = phones(entry, refused=True)
    assert text.startswith("Enter objects such as")


@pytest.mark.parametrize("value", [5, "030 1234", {"number": "1"}, True], ids=str)
def test_what_is_no_list(api, desk, value):
    for path in ("users/", f"user/{desk.lena.id}/"):
        answer = api.post(path, {"email": desk.lena.email, "phones": value})
        assert answer.json() == {"error": [{"field": "phones", "errors": ["Enter a list of values."]}]}


def test_a_number_may_have_64_characters_and_a_request_100_numbers(api, desk):
    url = f"user/{desk.lena.id}/"
    assert api.post(url, {"phones": [{"number": "1" * 64}]}).status_code == 200
    assert len(api.post(url, {"phones": [{"number": n} for n in range(100)]}).json()["phones"]) == 101
    answer = api.post(url, {"phones": [{"number": n} for n in range(101)]})
    assert answer.json() == {"error": [{"field": "phones", "errors": ["Give at most 100 phones."]}]}
