"""POST user/<id>/ and user/<email>/ (contacts.md §5, §7)."""

import pytest

from reynard.desk.actions import people
from reynard.desk.models import Contact
from tests import factories
from tests.api.writing import FORM, NOON, NOW_TEXT, NULLS, REQUIRED, everything, shape_l, stop_clock, values_of

TAKEN = "Another contact has this email address."


@pytest.fixture
def edit(api, desk):
    def edit(values, who=None, **options):
        return api.post(f"user/{who or desk.lena.id}/", values, **options)

    return edit


def test_only_what_is_sent_changes(api, desk, edit, monkeypatch):
    stop_clock(monkeypatch)
    customer = factories.make_field("Customer number")
    people.add_phone(desk.lena, "030 1234", now=NOON)
    Contact.objects.filter(id=desk.lena.id).update(custom_values={str(customer.id): "K-1"})
    before = api.get(f"user/{desk.lena.id}/").json()

    answer = edit({"name": "Lena Beck"})

    assert answer.json() == {**before, "name": "Lena Beck", "updated_at": NOW_TEXT}
    assert answer.json() == api.get(f"user/{desk.lena.id}/").json()


def test_nothing_sent_changes_nothing(desk, edit):
    before = everything()
    assert edit({}).status_code == 200
    assert edit({"name": "Lena Ortiz", "email": desk.lena.email, "is_login_enabled": "TRUE"}).status_code == 200
    assert everything() == before


@pytest.mark.parametrize("who", ["lena.ortiz@example.org", "LENA.ORTIZ@example.org", "lena.ortiz%40example.org"])
def test_a_contact_is_named_by_address_too(desk, edit, who):
    answer = edit({"name": "Lena Beck"}, who)
    assert (answer.json()["id"], answer.json()["name"]) == (desk.lena.id, "Lena Beck")


@pytest.mark.parametrize("who", ["999999", "nobody@example.org", "lena%00@example.org", "9" * 18])
def test_nobody_is_not_found_before_anything_is_checked(desk, edit, who):
    before = everything()
    answer = edit({"email": "x"}, who)
    assert (answer.status_code, answer.json()) == (404, {"error": "Cannot find the requested object"})
    assert everything() == before


class TestTheLoginFlag:
    @pytest.mark.parametrize("off", ["FALSE", "false", False, 0, "no"])
    def test_is_turned_off_and_on(self, edit, off):
        assert edit({"is_login_enabled": off}).json()["is_login_enabled"] is False
        assert edit({"is_login_enabled": "TRUE"}, "lena.ortiz@example.org").json()["is_login_enabled"] is True

    def test_in_a_form(self, edit):
        assert edit(b"is_login_enabled=FALSE&name=", content_type=FORM).json()["is_login_enabled"] is False

    def test_touches_nothing_else(self, desk, edit):
        customer = factories.make_field("Customer number")
        Contact.objects.filter(id=desk.lena.id).update(custom_values={str(customer.id): "K-1"})
        assert values_of(edit({"is_login_enabled": "FALSE"}).json()) == {"Customer number": ("K-1", None)}


class TestTheAddress:
    def test_can_be_changed(self, api, desk, edit):
        assert edit({"email": "Lena@Beck.example"}).json()["email"] == "Lena@Beck.example"
        assert api.get("user/lena@beck.example/").json()["id"] == desk.lena.id
        assert api.get("user/lena.ortiz@example.org/").status_code == 404

    def test_can_be_spelt_anew(self, edit):
        assert edit({"email": "Lena.Ortiz@example.org"}).json()["email"] == "Lena.Ortiz@example.org"

    def test_of_another_contact_is_refused(self, desk, edit):
        before = everything()
        answer = edit({"email": "SAM@elsewhere.example", "name": "x", "phones": [{"number": "1"}]})
        assert (answer.status_code, answer.json()) == (400, shape_l({"email": TAKEN}))
        assert everything() == before

    def test_can_be_taken_from_a_contact_with_a_phone(self, desk, edit):
        for nothing in (None, ""):
            assert edit({"email": nothing}).json() == shape_l({"email": REQUIRED})
        assert edit({"email": None, "phones": [{"number": "030 1"}]}).json()["email"] is None
        assert edit({"email": ""}).status_code == 200
        assert edit({"email": "lena.ortiz@example.org"}).json()["email"] == "lena.ortiz@example.org"

    def test_is_kept_by_an_empty_value_of_a_form(self, edit):
        assert edit(b"email=&name=Lena", content_type=FORM).json()["email"] == "lena.ortiz@example.org"

    def test_that_is_none_is_refused(self, edit):
        assert edit({"email": "no-at-sign"}).json() == shape_l({"email": "Enter a valid email address."})
        assert edit({"email": "a\x00@b.example"}).json() == shape_l({"email": NULLS})

    def test_that_changes_moves_nobody_into_groups(self, edit):
        factories.make_group("Fleet", "beck.example")
        assert edit({"email": "lena@beck.example"}).json()["contact_groups"] == []


def test_a_list_is_refused(edit):
    answer = edit([{"name": "x"}])
    assert answer.json() == shape_l({"__all__": "Send one object, not a list."})


def test_two_edits_of_different_things_keep_both(api, desk, monkeypatch):
    """The second writer read the contact before the first one wrote; what it did not send is not overwritten."""
    stale = Contact.objects.get(id=desk.lena.id)
    api.post(f"user/{desk.lena.id}/", {"name": "Lena Beck", "phones": [{"number": "1"}]})
    api.post(f"user/{stale.id}/", {"is_login_enabled": False})
    found = api.get(f"user/{desk.lena.id}/").json()
    assert (found["name"], found["is_login_enabled"], len(found["phones"])) == ("Lena Beck", False, 1)


def test_every_change_raises_the_version_once(api, desk, edit):
    def version():
        return Contact.objects.get(id=desk.lena.id).version

    for number, body in enumerate(
        [{"name": "L"}, {"phones": [{"number": "1"}, {"number": "2"}], "name": "M"}, {"is_login_enabled": 0}], start=2
    ):
        edit(body)
        assert version() == number
    edit({"name": "M", "phones": [{"number": "1"}]})
    assert version() == 4


@pytest.mark.parametrize("format", ["json", "yaml", "xml"])
def test_it_answers_as_reading_does(api, desk, edit, format):
    answer = edit({"name": "Ünlü & Söhne"}, format=format)
    assert answer.content == api.get(f"user/{desk.lena.id}/", format=format).content


def test_a_repeated_edit_is_answered_with_the_same_bytes(api, edit):
    first = edit({"phones": [{"number": "1"}]}, Idempotency_Key="k")
    edit({"name": "Meanwhile"})
    assert edit({"phones": [{"number": "1"}]}, Idempotency_Key="k").content == first.content
