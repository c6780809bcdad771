"""contact_group/<id>/update_contacts/ and delete_contacts/ (contacts.md §9)."""

import pytest

from reynard.desk.models import Contact, GroupMembership
from tests import factories
from tests.api.writing import FORM, NOT_A_CHOICE, NOW_TEXT, REQUIRED, YAML, everything, shape_l, stop_clock

REMOVED = "Successfully removed contact from group"
NOT_IN_GROUP = "Contact not part of the contact group"
NOBODY = "Contact does not exist"


@pytest.fixture
def group(desk):
    return factories.make_group("Fleet")


@pytest.fixture
def put(api, group):
    return lambda body, **options: api.post(f"contact_group/{group.id}/update_contacts/", body, **options)


@pytest.fixture
def remove(api, group):
    return lambda body, **options: api.post(f"contact_group/{group.id}/delete_contacts/", body, **options)


@pytest.fixture
def members(api, group):
    """`{contact id: may see all tickets}`, as read."""

    def read():
        rows = api.get(f"contact_group/{group.id}/").json()["contacts"]
        return {row["id"]: row["view_tickets_in_group"] for row in rows}

    return read


def ok(contact, access):
    return {"success": True, "data": {"contact": contact.id, "access_tickets": access}}


def failed(text, field="contact"):
    return {"success": False, "errors": [{"field": field, "errors": [text]}]}


def removed(contact, text):
    return {"success": text == REMOVED, "data": {"contact": getattr(contact, "id", contact), "message": text}}


class TestPutting:
    def test_contacts_join_in_the_order_of_the_request(self, api, desk, put, members):
        answer = put(
            [{"contact": desk.stranger.id, "access_tickets": True}, {"contact": 10**9}, {"contact": desk.lena.id}]
        )
        assert answer.status_code == 200
        assert answer.json() == [ok(desk.stranger, True), failed(NOT_A_CHOICE), ok(desk.lena, False)]
        assert members() == {desk.lena.id: False, desk.stranger.id: True}
        assert api.get(f"user/{desk.stranger.id}/").json()["contact_groups"][0]["access_all_tickets_in_group"] is True

    def test_members_are_edited(self, desk, put, members):
        put([{"contact": desk.lena.id, "access_tickets": True}])
        assert put([{"contact": str(desk.lena.id), "access_tickets": "FALSE"}]).json() == [ok(desk.lena, False)]
        put([{"contact": desk.lena.id, "access_tickets": "1"}])
        assert members() == {desk.lena.id: True}
        assert put([{"contact": desk.lena.id}]).json() == [ok(desk.lena, False)], "false is the default in a list"
        assert GroupMembership.objects.count() == 1

    def test_the_other_form_keeps_what_members_may_see(self, desk, put, members):
        put([{"contact": desk.lena.id, "access_tickets": True}])
        answer = put({"contacts": [{"id": desk.lena.id}, {"id": str(desk.stranger.id)}, {"id": "x"}, {}, None, 10**9]})
        assert answer.json() == [
            ok(desk.lena, True),
            ok(desk.stranger, False),
            failed(NOT_A_CHOICE),
            failed(REQUIRED),
            failed(REQUIRED),
            failed(NOT_A_CHOICE),
        ]
        assert put({"contacts": [{"id": desk.lena.id, "access_tickets": False}]}).json() == [ok(desk.lena, False)]
        assert members() == {desk.lena.id: False, desk.stranger.id: False}

    def test_of_one_contact_listed_twice_the_last_word_counts(self, desk, put, members):
        both = [{"contact": desk.lena.id, "access_tickets": access} for access in (False, True)]
        assert put(both).json() == [ok(desk.lena, False), ok(desk.lena, True)]
        assert members() == {desk.lena.id: True}

    def test_what_contacts_and_tickets_show_changes_at_once(self, api, desk, put, monkeypatch):
        stop_clock(monkeypatch)
        ticket = factories.make_ticket(desk.lena, desk.workshop)
        api.get("tickets/")
        tag = api.get(f"ticket/{ticket.id}/")["ETag"]
        for access in (False, True):
            put([{"contact": desk.lena.id, "access_tickets": access}])
            user = api.get(f"ticket/{ticket.id}/", If_None_Match=tag).json()["user"]
            assert user == api.get("tickets/").json()["data"][0]["user"]
            assert user["contact_groups"][0]["access_all_tickets_in_group"] is access
            assert user["updated_at"] == NOW_TEXT

    def test_what_is_as_it_was_touches_nobody(self, desk, put):
        put([{"contact": desk.lena.id}])
        before = everything()
        put([{"contact": desk.lena.id}, {"contact": 10**9}])
        put({"contacts": [{"id": desk.lena.id}]})
        assert everything() == before

    @pytest.mark.parametrize(
        ("item", "problem"),
        [
            ({}, failed(REQUIRED)),
            ({"contact": None}, failed(REQUIRED)),
            ({"contact": ""}, failed(REQUIRED)),
            ({"contact": "x"}, failed(NOT_A_CHOICE)),
            ({"contact": 0}, failed(NOT_A_CHOICE)),
            ({"contact": -1}, failed(NOT_A_CHOICE)),
            ({"contact": 2**63 - 1}, failed(NOT_A_CHOICE)),
            ({"contact": 2**63}, failed(NOT_A_CHOICE)),
            ({"contact": [1]}, failed(NOT_A_CHOICE)),
            ({"contact": True}, failed(NOT_A_CHOICE)),
            (None, failed("Send an object.", "__all__")),
            (5, failed("Send an object.", "__all__")),
        ],
        ids=str,
    )
    def test_an_item_that_cannot_be_does_not_stop_the_others(self, desk, put, members, item, problem):
        assert put([item, {"contact": desk.lena.id}]).json() == [problem, ok(desk.lena, False)]
        assert members() == {desk.lena.id: False}

    def test_an_access_that_cannot_be(self, desk, put, members):
        answer = put([{"contact": desk.lena.id, "access_tickets": "perhaps"}])
        assert answer.json() == [failed("Enter true or false.", "access_tickets")]
        assert members() == {}

    @pytest.mark.parametrize("number", [0, 101])
    def test_none_and_too_many(self, desk, put, number):
        before = everything()
        for body in ([{"contact": desk.lena.id}] * number, {"contacts": [{"id": desk.lena.id}] * number}):
            answer = put(body)
            assert (answer.status_code, answer.json()) == (400, shape_l({"__all__": "Send a list of 1 to 100."}))
        assert everything() == before
        assert put([{"contact": desk.lena.id}] * 100).status_code == 200

    @pytest.mark.parametrize("body", [{}, {"contacts": None}, {"contact": 1}], ids=str)
    def test_an_object_without_contacts(self, put, body):
        answer = put(body)
        assert (answer.status_code, answer.json()) == (400, shape_l({"contacts": REQUIRED}))

    def test_no_such_group(self, api, desk):
        assert api.post("contact_group/999999/update_contacts/", [{"contact": desk.lena.id}]).status_code == 404

    def test_a_repeated_request_is_answered_with_the_same_bytes(self, desk, put, remove):
        first = put([{"contact": desk.lena.id}], Idempotency_Key="k")
        remove({"contacts": [desk.lena.id]})
        assert put([{"contact": desk.lena.id}], Idempotency_Key="k").content == first.content
        assert not GroupMembership.objects.exists()

    def test_in_yaml_and_xml(self, desk, put):
        answer = put(f"- contact: {desk.lena.id}\n- contact: 99999".encode(), content_type=YAML, format="xml")
        assert answer.content.decode().partition("?>\n")[2] == (
            f"<response><resource><success>True</success><data><contact>{desk.lena.id}</contact>"
            "<access_tickets>False</access_tickets></data></resource><resource><success>False</success><errors>"
            f"<resource><field>contact</field><errors><resource>{NOT_A_CHOICE}</resource></errors></resource></errors>"
            "</resource></response>"
        )


class TestRemoving:
    def test_each_is_answered_in_the_words_clients_compare(self, api, desk, put, remove, members):
        put([{"contact": desk.lena.id}])
        answer = remove({"contacts": [desk.stranger.id, str(desk.lena.id), 99999, desk.lena.id]})
        assert answer.status_code == 200
        assert answer.json() == [
            removed(desk.stranger, NOT_IN_GROUP),
            removed(desk.lena, REMOVED),
            removed(99999, NOBODY),
            removed(desk.lena, NOT_IN_GROUP),
        ]
        assert members() == {}
        assert api.get(f"user/{desk.lena.id}/").json()["contact_groups"] == []

    def test_only_this_group_is_left(self, api, desk, put, remove):
        put([{"contact": desk.lena.id}, {"contact": desk.stranger.id}])
        other = factories.make_group("Club")
        api.post(f"contact_group/{other.id}/update_contacts/", [{"contact": desk.lena.id}])
        remove({"contacts": [desk.lena.id]})
        assert list(GroupMembership.objects.order_by("contact").values_list("contact", "group__name")) == [
            (desk.lena.id, "Club"),
            (desk.stranger.id, "Fleet"),
        ]

    def test_only_those_who_leave_are_changed(self, desk, put, remove):
        put([{"contact": desk.lena.id}])
        versions = dict(Contact.objects.values_list("id", "version"))
        remove({"contacts": [desk.lena.id, desk.stranger.id]})
        assert dict(Contact.objects.values_list("id", "version")) == {
            **versions,
            desk.lena.id: versions[desk.lena.id] + 1,
        }

    def test_ids_of_a_form(self, desk, put, remove):
        put([{"contact": desk.lena.id}])
        body = f"contacts={desk.lena.id}&contacts={desk.stranger.id}".encode()
        assert [row["success"] for row in remove(body, content_type=FORM).json()] == [True, False]

    @pytest.mark.parametrize(
        ("body", "text"),
        [
            ({}, REQUIRED),
            ({"contacts": None}, REQUIRED),
            ({"contacts": []}, "Send a list of 1 to 1000."),
            ({"contacts": [1] * 1001}, "Send a list of 1 to 1000."),
            ({"contacts": ["x"]}, NOT_A_CHOICE),
            ({"contacts": [1, None]}, NOT_A_CHOICE),
            ({"contacts": [{"id": 1}]}, NOT_A_CHOICE),
            ({"contacts": [[1]]}, NOT_A_CHOICE),
            ({"contacts": [2**63]}, NOT_A_CHOICE),
            ({"contacts": [0]}, NOT_A_CHOICE),
            ({"contacts": "1\x00"}, NOT_A_CHOICE),
        ],
        ids=lambda value: str(value)[:30],
    )
    def test_what_is_no_list_of_ids(self, desk, put, remove, body, text):
        put([{"contact": desk.lena.id}])
        before = everything()
        answer = remove(body)
        assert (answer.status_code, answer.json()) == (400, shape_l({"contacts": text}))
        assert everything() == before

    def test_no_such_group(self, api, desk):
        assert api.post("contact_group/999999/delete_contacts/", {"contacts": [desk.lena.id]}).status_code == 404

    def test_a_repeated_request_is_answered_with_the_same_bytes(self, desk, put, remove):
        put([{"contact": desk.lena.id}])
        first = remove({"contacts": [desk.lena.id]}, Idempotency_Key="k")
        assert remove({"contacts": [desk.lena.id]}, Idempotency_Key="k").content == first.content
