"""POST users/ with one object: adding a contact, or editing the one with that address (contacts.md §4)."""

import json
from datetime import timedelta

import pytest

from reynard.desk.actions import people
from reynard.desk.models import Contact, IdempotencyKey
from tests import factories
from tests.api.writing import (
    FIELD_REQUIRED,
    FORM,
    NOON,
    NOT_A_CHOICE,
    NOW,
    NOW_TEXT,
    NULLS,
    REQUIRED,
    YAML,
    everything,
    shape_l,
    stop_clock,
    values_of,
)

NO_ADDRESS = "Enter a valid email address."


@pytest.fixture
def save(api, desk):
    """Saves a contact and returns the answered one."""

    def save(path="users/", **values):
        answer = api.post(path, values)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return save


@pytest.fixture
def refused(api, desk):
    """Sends, and checks that it was refused and nothing changed; returns `{field: texts}`."""

    def check(body, path="users/", **options):
        before = everything()
        answer = api.post(path, body, **options)
        assert answer.status_code == 400, answer.content
        assert everything() == before
        return {problem["field"]: problem["errors"] for problem in answer.json()["error"]}

    return check


class TestAnUnknownAddress:
    def test_becomes_a_contact(self, api, save, monkeypatch):
        stop_clock(monkeypatch)
        found = save(email="Ada@New.example", name="  Ada Novak ")
        assert found == {
            "id": Contact.objects.get(email_key="ada@new.example").id,
            "name": "Ada Novak",
            "email": "Ada@New.example",
            "primary_phone": None,
            "phones": [],
            "contact_groups": [],
            "custom_fields": [],
            "tickets_count": 0,
            "pending_tickets_count": 0,
            "created_at": NOW_TEXT,
            "updated_at": NOW_TEXT,
            "is_login_enabled": True,
        }
        assert api.get(f"user/{found['id']}/").json() == found

    def test_with_a_phone_values_and_no_login(self, save):
        customer = factories.make_field("Customer number")
        found = save(
            **{"email": "ada@new.example", "name": "Ada", "is_login_enabled": "FALSE", f"c-cf-{customer.id}": "K-1"},
            phones=[{"number": "+49 30 1234", "type": "mo"}],
        )
        assert found["is_login_enabled"] is False
        assert values_of(found) == {"Customer number": ("K-1", None)}
        assert [(phone["type"], phone["number"], phone["is_primary"]) for phone in found["phones"]] == [
            ("mo", "+49 30 1234", True)
        ]
        assert found["primary_phone"] == found["phones"][0]

    def test_joins_the_groups_that_claim_its_domain(self, save):
        fleet = factories.make_group("Fleet", "@New.EXAMPLE, other.example")
        factories.make_group("Others", "knew.example")
        assert [group["id"] for group in save(email="ada@NEW.example", name="Ada")["contact_groups"]] == [fleet.id]

    def test_needs_a_name(self, refused):
        for name in ({}, {"name": ""}, {"name": "  "}, {"name": None}):
            assert refused({"email": "ada@new.example", **name}) == {"name": [REQUIRED]}

    def test_needs_the_required_fields(self, refused):
        customer = factories.make_field("Customer number", required=True)
        body = {"email": "ada@new.example", "name": "Ada"}
        assert refused(body) == {f"c-cf-{customer.id}": [FIELD_REQUIRED]}
        assert refused({**body, f"c-cf-{customer.id}": ""}) == {f"c-cf-{customer.id}": [FIELD_REQUIRED]}


class TestAKnownAddress:
    def test_in_any_letter_case_edits_its_contact_and_keeps_the_address(self, desk, save, monkeypatch):
        stop_clock(monkeypatch)
        found = save(email=" LENA.Ortiz@example.org ", name="Lena Ortiz-Beck")
        assert (found["id"], found["name"], found["email"]) == (desk.lena.id, "Lena Ortiz-Beck", desk.lena.email)
        assert (found["created_at"], found["updated_at"]) == ("2026-03-09 12:00:00", NOW_TEXT)

    def test_needs_nothing_else(self, desk, save):
        before = everything()
        assert save(email="lena.ortiz@example.org")["name"] == "Lena Ortiz"
        assert everything() == before, "nothing was sent, so nothing changed"

    def test_cannot_lose_its_name(self, refused):
        for name in ("", "  ", None):
            assert refused({"email": "lena.ortiz@example.org", "name": name}) == {"name": [REQUIRED]}

    def test_does_not_join_groups(self, save):
        factories.make_group("Fleet", "example.org")
        assert save(email="lena.ortiz@example.org", name="Lena")["contact_groups"] == []


class TestCustomFieldsThatAreNotSent:
    @pytest.fixture
    def fields(self, desk):
        """`Line` and `Notes` are set, `Customer number` too, which is required."""
        fields = [
            factories.make_field("Line", "choice", choices=("Cargo", "City"), order=1),
            factories.make_field("Notes", order=2),
            factories.make_field("Customer number", order=3, required=True),
        ]
        values = {fields[0].id: fields[0].choices.first().id, fields[1].id: "Rings twice.", fields[2].id: "K-1"}
        Contact.objects.filter(id=desk.lena.id).update(custom_values={str(id): v for id, v in values.items()})
        return fields

    def test_are_emptied_except_required_ones(self, save, fields):
        found = save(**{"email": "lena.ortiz@example.org", f"c-cf-{fields[1].id}": "Rings once."})
        assert values_of(found) == {"Notes": ("Rings once.", None), "Customer number": ("K-1", None)}

    @pytest.mark.parametrize("flag", ["true", "1", "YES", "on"])
    def test_are_kept_with_partial(self, save, fields, flag):
        found = save(f"users/?partial={flag}", **{"email": "lena.ortiz@example.org", f"c-cf-{fields[1].id}": None})
        assert values_of(found) == {
            "Line": ("Cargo", fields[0].choices.first().id),
            "Customer number": ("K-1", None),
        }

    @pytest.mark.parametrize("query", ["", "?partial=false", "?partial=0", "?partial="])
    def test_are_emptied_without_it(self, save, fields, query):
        assert values_of(save(f"users/{query}", email="lena.ortiz@example.org")) == {"Customer number": ("K-1", None)}

    def test_are_kept_where_the_desk_says_so(self, save, fields, settings):
        settings.REYNARD_CONTACT_RESET = False
        assert len(values_of(save(email="lena.ortiz@example.org"))) == 3

    def test_are_kept_by_user(self, desk, save, fields):
        assert len(values_of(save(f"user/{desk.lena.id}/", name="Lena", is_login_enabled="FALSE"))) == 3

    def test_are_kept_by_a_ticket(self, api, desk, fields):
        body = {"client": desk.lena.id, "subject": "a", "text": "b", "category": desk.workshop.id}
        assert len(values_of(api.post("tickets/", body).json()["user"])) == 3

    def test_are_not_emptied_when_the_flag_makes_no_sense(self, refused, fields):
        assert refused({"email": "lena.ortiz@example.org"}, "users/?partial=maybe") == {
            "partial": ["Enter true or false."]
        }

    def test_cannot_be_emptied_by_sending_nothing_when_they_are_required(self, refused, fields):
        key = f"c-cf-{fields[2].id}"
        assert refused({"email": "lena.ortiz@example.org", key: ""}) == {key: [FIELD_REQUIRED]}

    def test_labels_are_taken_back(self, save, fields):
        """A connector reads a contact and sends everything back, with labels."""
        sent = {f"c-cf-{fields[0].id}": "city", f"c-cf-{fields[1].id}": "", f"ccf-{fields[2].id}": "K-2"}
        assert values_of(save(email="lena.ortiz@example.org", **sent)) == {
            "Line": ("City", fields[0].choices.last().id),
            "Customer number": ("K-2", None),
        }


class TestWithoutAnAddress:
    def test_the_key_must_be_there(self, refused):
        assert refused({"name": "Ada", "phones": [{"number": "1"}]}) == {"email": [REQUIRED]}
        assert refused({}) == {"email": [REQUIRED], "name": [REQUIRED]}

    def test_there_must_be_a_phone(self, refused):
        for phones in ({}, {"phones": []}, {"phones": None}):
            assert refused({"email": None, "name": "Ada", **phones}) == {"email": [REQUIRED]}

    def test_a_contact_is_always_new(self, save):
        phones = [{"number": "030 1234"}]
        first, second = (save(email=email, name="Caller", phones=phones) for email in (None, ""))
        assert first["email"] is second["email"] is None
        assert first["id"] != second["id"]

    def test_a_phone_with_an_id_says_who_is_edited(self, desk, save):
        people.add_phone(desk.lena, "030 1234", now=NOON)
        phone = desk.lena.phones.get()
        found = save(email=None, name="Lena O.", phones=[{"id": str(phone.id), "number": "030 5678"}, {"number": "1"}])
        assert (found["id"], found["name"], found["email"]) == (desk.lena.id, "Lena O.", desk.lena.email)
        assert [row["number"] for row in found["phones"]] == ["030 5678", "1"]

    def test_phones_of_nobody_or_of_several_are_refused(self, desk, refused):
        for contact in (desk.lena, desk.stranger):
            people.add_phone(contact, "030 1234", now=NOON)
        ids = [contact.phones.get().id for contact in (desk.lena, desk.stranger)]
        for phones in ([{"id": 10**9}], [{"id": ids[0]}, {"id": 10**9}], [{"id": id} for id in ids]):
            assert refused({"email": None, "phones": phones}) == {"phones": [NOT_A_CHOICE]}


class TestBadInput:
    def test_everything_wrong_is_said_at_once(self, refused):
        number = factories.make_field("Customers", "number")
        body = {"email": "no-at-sign", "name": "x" * 256, "is_login_enabled": "perhaps", "phones": 5}
        assert refused({**body, f"c-cf-{number.id}": "many"}) == {
            "email": [NO_ADDRESS],
            "name": ["Ensure this value has at most 255 characters (it has 256)."],
            "is_login_enabled": ["Enter true or false."],
            "phones": ["Enter a list of values."],
            f"c-cf-{number.id}": ["Enter a number."],
        }

    def test_an_address_may_have_320_characters(self, api, save, refused):
        domain = ".".join(["d" * 63] * 4)
        longest = f"{'a' * (320 - 1 - len(domain) - 3)}@{domain}.ex"
        assert len(longest) == 320
        assert save(email=longest, name="Long")["email"] == longest
        assert api.get(f"user/{longest.upper()}/").json()["name"] == "Long"
        assert refused({"email": f"a{longest}", "name": "Long"}) == {
            "email": ["Ensure this value has at most 320 characters (it has 321)."]
        }

    def test_an_address_that_grows_beyond_the_limit_when_folded_is_none(self, refused):
        domain = ".".join(["ß" * 20] * 14)
        assert refused({"email": f"a@{domain}.example", "name": "x"}) == {"email": [NO_ADDRESS]}

    def test_a_name_may_have_255_combining_marks(self, save, refused):
        name = "\u0301" * 255
        assert save(email="marks@example.org", name=name)["name"] == name
        assert "name" in refused({"email": "marks@example.org", "name": name + "\u0301"})

    def test_a_name_is_one_line(self, save):
        assert save(email="lines@example.org", name="Ada\r\nBcc: x")["name"] == "Ada Bcc: x"

    @pytest.mark.parametrize("key", ["email", "name"])
    def test_null_characters(self, refused, key):
        body = {"email": "ada@new.example", "name": "Ada"} | {key: "a\x00@b.example"}
        assert refused(body)[key] == [NULLS]

    @pytest.mark.parametrize("key", ["email", "name"])
    @pytest.mark.parametrize("value", [["a"], {"a": 1}, True], ids=str)
    def test_what_is_no_text(self, refused, key, value):
        body = {"email": "ada@new.example", "name": "Ada"} | {key: value}
        assert refused(body)[key] == ["Enter a text."]

    def test_unknown_keys_and_fields_are_ignored(self, save):
        assert save(**{"email": "ada@new.example", "name": "Ada", "id": "x", "c-cf-99999": "y", "created_at": 5})

    def test_an_unreadable_body(self, api, desk):
        answer = api.post("users/", b"{", content_type="application/json")
        assert answer.status_code == 400
        assert answer.json()["error"][0]["field"] == "__all__"


class TestForms:
    def test_phones_are_json_in_a_form(self, api, desk):
        customer = factories.make_field("Customer number")
        body = f"email=ada%40new.example&name=Ada+Novak&is_login_enabled=no&c-cf-{customer.id}=K-1&phones="
        answer = api.post("users/", (body + json.dumps([{"number": "030 1"}])).encode(), content_type=FORM).json()
        assert (answer["name"], answer["is_login_enabled"], values_of(answer)) == (
            "Ada Novak",
            False,
            {"Customer number": ("K-1", None)},
        )
        assert answer["primary_phone"]["number"] == "030 1"

    def test_an_empty_address_of_a_form_is_none(self, api, desk):
        answer = api.post("users/", b'email=&name=Ada&phones=[{"number": "1"}]', content_type=FORM)
        assert answer.json()["email"] is None

    def test_yaml_in_and_xml_out(self, api, desk):
        body = b"email: ada@new.example\nname: Ada\nphones: [{number: 305678, is_primary: yes}]\n"
        answer = api.post("users/", body, content_type=YAML, format="xml")
        assert answer.status_code == 200
        assert b"<number>305678</number><is_primary>True</is_primary>" in answer.content

    def test_errors_are_a_bare_list_in_yaml(self, api, desk):
        answer = api.post("users/", {"email": "x", "name": "y"}, format="yaml")
        assert (answer.status_code, answer.content.decode()) == (
            400,
            "- field: email\n  errors:\n  - Enter a valid email address.\n",
        )


def test_a_repeated_request_is_applied_once(api, desk):
    body = {"email": None, "name": "Caller", "phones": [{"number": "1"}]}
    first = api.post("users/", body, Idempotency_Key="k")
    again = api.post("users/", body, Idempotency_Key="k")
    assert again.content == first.content
    assert again["Idempotency-Replayed"] == "true"
    assert Contact.objects.filter(name="Caller").count() == IdempotencyKey.objects.count() == 1


def test_what_changed_is_seen_in_tickets_and_changes_their_tags(api, desk):
    ticket = factories.make_ticket(desk.lena, desk.workshop)
    api.get("tickets/")
    tag = api.get(f"ticket/{ticket.id}/")["ETag"]
    api.post("users/", {"email": desk.lena.email, "name": "Lena Beck", "phones": [{"number": "1"}]})
    answer = api.get(f"ticket/{ticket.id}/", If_None_Match=tag)
    assert answer.status_code == 200
    assert answer.json()["user"] == api.get("tickets/").json()["data"][0]["user"]
    assert answer.json()["user"]["name"] == "Lena Beck"


def test_a_contact_added_by_somebody_else_at_this_moment_is_edited(api, desk, monkeypatch):
    """The address was unknown when it was looked up, and is taken when it is written."""
    lock_meant = people._lock_meant

    def nobody_yet(given, problems):
        monkeypatch.setattr(people, "_lock_meant", lock_meant)
        return

    monkeypatch.setattr(people, "_lock_meant", nobody_yet)
    answer = api.post("users/", {"email": "LENA.ortiz@example.org", "name": "Lena O."})
    assert (answer.json()["id"], answer.json()["name"]) == (desk.lena.id, "Lena O.")
    assert Contact.objects.count() == 2


def test_problems_have_shape_l(api, desk):
    answer = api.post("users/", {"email": "ada@new.example"})
    assert answer.json() == shape_l({"name": REQUIRED})


def test_the_clock_of_an_edit_is_the_requests(api, desk, monkeypatch):
    stop_clock(monkeypatch, NOW + timedelta(hours=1))
    answer = api.post("users/", {"email": desk.lena.email, "is_login_enabled": False})
    assert answer.json()["updated_at"] == "2026-03-09 15:20:55"
