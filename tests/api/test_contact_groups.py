"""contact_groups/ and contact_group/<id>/ (contacts.md §9)."""

import pytest
import yaml
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reynard.desk.models import Contact, ContactGroup, GroupMembership
from tests import factories
from tests.api.writing import FORM, NULLS, REQUIRED, everything, shape_l

TAKEN = "Another contact group has this name."


@pytest.fixture
def group(desk):
    """Lena and Sam belong to it; Sam may see all tickets."""
    group = factories.make_group("Fleet", "fleet.example", description="Cargo bikes.")
    for contact in (desk.stranger, desk.lena):
        GroupMembership.objects.create(contact=contact, group=group, access_all_tickets=contact is desk.stranger)
    return group


@pytest.fixture
def refused(api):
    def check(path, body, problems, **options):
        before = everything()
        answer = api.post(path, body, **options)
        assert (answer.status_code, answer.json()) == (400, shape_l(problems))
        assert everything() == before

    return check


class TestReading:
    def test_all_by_id_without_members_and_without_pages(self, api, group):
        other = factories.make_group("Club")
        assert api.get("contact_groups/").json() == [
            {"id": group.id, "name": "Fleet", "description": "Cargo bikes.", "tagged_domains": "fleet.example"},
            {"id": other.id, "name": "Club", "description": "", "tagged_domains": ""},
        ]

    def test_one_with_its_members(self, api, desk, group):
        assert api.get(f"contact_group/{group.id}/").json() == {
            "id": group.id,
            "name": "Fleet",
            "description": "Cargo bikes.",
            "tagged_domains": "fleet.example",
            "contacts": [
                {
                    "id": contact.id,
                    "name": contact.name,
                    "email": contact.email,
                    "view_tickets_in_group": contact is desk.stranger,
                }
                for contact in (desk.lena, desk.stranger)
            ],
        }

    def test_no_such_group(self, api, desk):
        for id in ("999999", "9" * 18):
            assert api.get(f"contact_group/{id}/").status_code == 404

    @pytest.mark.parametrize("members", [3, 60])
    def test_costs_the_same_number_of_statements_at_any_size(self, api, group, members):
        for n in range(members):
            contact = factories.make_contact(f"C{n}", f"c{n}@fleet.example")
            assert contact.groups.get() == group
            factories.make_group(f"Group {n}")
        for path in (f"contact_group/{group.id}/", "contact_groups/"):
            api.get(path)
            with CaptureQueriesContext(connection) as captured:
                api.get(path)
            assert len(captured) == (3 if "group/" in path else 2)

    @pytest.mark.parametrize("format", ["yaml", "xml"])
    def test_in_other_formats(self, api, group, format):
        read, listed = api.get(f"contact_group/{group.id}/", format=format), api.get("contact_groups/", format=format)
        if format == "yaml":
            assert yaml.safe_load(read.content) == api.get(f"contact_group/{group.id}/").json()
            assert yaml.safe_load(listed.content) == api.get("contact_groups/").json()
        assert (read.status_code, listed.status_code) == (200, 200)


class TestAdding:
    def test_with_everything(self, api, desk):
        body = {"name": " Fleet ", "description": " Cargo. ", "tagged_domains": " @Fleet.EXAMPLE, b.example,,b.example"}
        found = api.post("contact_groups/", body).json()
        assert found == {
            "id": ContactGroup.objects.get().id,
            "name": "Fleet",
            "description": "Cargo.",
            "tagged_domains": "fleet.example,b.example",
            "contacts": [],
        }
        assert api.get(f"contact_group/{found['id']}/").json() == found

    def test_with_a_name_alone_in_a_form(self, api, desk):
        found = api.post("contact_groups/", b"name=Fleet&description=", content_type=FORM).json()
        assert (found["name"], found["description"], found["tagged_domains"]) == ("Fleet", "", "")

    def test_domains_may_be_a_list(self, api, desk):
        body = {"name": "Fleet", "tagged_domains": ["@B.example", "a.example, c.example"]}
        assert api.post("contact_groups/", body).json()["tagged_domains"] == "b.example,a.example,c.example"

    def test_moves_nobody_who_is_there_already(self, api, desk):
        found = api.post("contact_groups/", {"name": "Org", "tagged_domains": "example.org"}).json()
        assert found["contacts"] == []
        added = factories.make_contact("New", "new@example.org")
        assert [row["id"] for row in api.get(f"contact_group/{found['id']}/").json()["contacts"]] == [added.id]

    def test_a_name_must_be_there_and_be_unique(self, desk, group, refused):
        for body in ({}, {"name": ""}, {"name": " "}, {"name": None}):
            refused("contact_groups/", body, {"name": REQUIRED})
        refused("contact_groups/", {"name": " Fleet", "description": "x"}, {"name": TAKEN})

    def test_a_repeated_request_is_applied_once(self, api, desk):
        first, again = (api.post("contact_groups/", {"name": "Fleet"}, Idempotency_Key="k") for _ in range(2))
        assert (again.status_code, again.content) == (200, first.content)


class TestEditing:
    def test_only_what_is_sent_changes(self, api, group):
        before = api.get(f"contact_group/{group.id}/").json()
        found = api.post(f"contact_group/{group.id}/", {"description": "Vans."}).json()
        assert found == {**before, "description": "Vans."}
        found = api.post(f"contact_group/{group.id}/", {"name": "Vans", "tagged_domains": "a.example"}).json()
        assert found == {**before, "description": "Vans.", "name": "Vans", "tagged_domains": "a.example"}

    @pytest.mark.parametrize("nothing", ["", None, " "])
    def test_an_empty_text_clears(self, api, group, nothing):
        body = {"description": nothing, "tagged_domains": nothing}
        found = api.post(f"contact_group/{group.id}/", body).json()
        assert (found["name"], found["description"], found["tagged_domains"]) == ("Fleet", "", "")
        assert factories.make_contact("New", "new@fleet.example").groups.count() == 0

    def test_an_empty_value_of_a_form_clears_nothing(self, api, group):
        found = api.post(f"contact_group/{group.id}/", b"description=&tagged_domains=", content_type=FORM).json()
        assert (found["description"], found["tagged_domains"]) == ("Cargo bikes.", "fleet.example")

    def test_other_domains_take_new_contacts_and_move_no_old_ones(self, api, desk, group):
        found = api.post(f"contact_group/{group.id}/", {"tagged_domains": "b.example,fleet.example"}).json()
        assert len(found["contacts"]) == 2
        for address, joins in (("a@b.example", 1), ("a@fleet.example", 1), ("a@sub.fleet.example", 0)):
            assert factories.make_contact("New", address).groups.count() == joins

    def test_a_name_cannot_be_emptied_or_taken(self, group, refused):
        factories.make_group("Club")
        refused(f"contact_group/{group.id}/", {"name": "", "description": "x"}, {"name": REQUIRED})
        refused(f"contact_group/{group.id}/", {"name": "Club", "description": "x"}, {"name": TAKEN})

    def test_its_own_name_is_fine_and_nothing_sent_changes_nothing(self, api, group):
        before = everything()
        for body in ({"name": "Fleet"}, {}, {"tagged_domains": "@FLEET.example"}):
            assert api.post(f"contact_group/{group.id}/", body).status_code == 200
        assert everything() == before

    def test_no_such_group(self, api, desk):
        assert api.post("contact_group/999999/", {"name": ""}).status_code == 404


class TestWhatOthersSeeOfAGroup:
    """A group stands in its members, and they in their tickets, which are kept encoded."""

    @pytest.fixture
    def ticket(self, desk, group):
        return factories.make_ticket(desk.lena, desk.workshop)

    @pytest.mark.parametrize("change", [{"name": "Vans"}, {"description": "Vans."}, {"tagged_domains": ""}], ids=str)
    def test_a_change_is_seen_at_once_in_contacts_and_tickets(self, api, desk, group, ticket, change):
        api.get("tickets/")
        tag = api.get(f"ticket/{ticket.id}/")["ETag"]
        assert api.get(f"ticket/{ticket.id}/", If_None_Match=tag).status_code == 304

        assert api.post(f"contact_group/{group.id}/", change).status_code == 200

        [key] = change
        read = api.get(f"ticket/{ticket.id}/", If_None_Match=tag)
        assert read.status_code == 200
        for user in (
            read.json()["user"],
            api.get("tickets/").json()["data"][0]["user"],
            api.get(f"user/{desk.lena.id}/").json(),
            api.get("users/").json()["data"][0],
        ):
            assert user["contact_groups"][0][key] == change[key]

    def test_it_touches_none_of_the_members(self, api, group):
        before = list(Contact.objects.values())
        api.post(f"contact_group/{group.id}/", {"name": "Vans"})
        assert list(Contact.objects.values()) == before

    def test_an_edit_without_a_change_keeps_what_readers_have(self, api, group, ticket):
        tag = api.get(f"ticket/{ticket.id}/")["ETag"]
        api.post(f"contact_group/{group.id}/", {"name": "Fleet"})
        assert api.get(f"ticket/{ticket.id}/", If_None_Match=tag).status_code == 304


class TestBadInput:
    def test_names_have_at_most_200_characters(self, api, desk, refused):
        assert api.post("contact_groups/", {"name": "\u0301" * 200}).status_code == 200
        text = "Ensure this value has at most 200 characters (it has 201)."
        refused("contact_groups/", {"name": "n" * 201}, {"name": text})

    def test_everything_wrong_is_said_at_once(self, group, refused):
        wrong = {"name": ["x"], "description": "x\x00", "tagged_domains": {"a": 1}}
        problems = {
            "description": NULLS,
            "name": "Enter a text.",
            "tagged_domains": "Enter texts, separated by commas.",
        }
        for path in ("contact_groups/", f"contact_group/{group.id}/"):
            refused(path, wrong, problems)

    @pytest.mark.parametrize("domain", ["a b.example", "a@b.example", "d" * 256, "<b.example>", "a\tb"])
    def test_what_is_no_domain(self, desk, refused, domain):
        text = f"Enter mail domains: {domain[:255]} is none."
        refused("contact_groups/", {"name": "x", "tagged_domains": ["ok.example", domain]}, {"tagged_domains": text})

    def test_too_many_domains(self, api, desk, refused):
        domains = [f"d{n}.example" for n in range(101)]
        refused(
            "contact_groups/", {"name": "x", "tagged_domains": domains}, {"tagged_domains": "Give at most 100 domains."}
        )
        assert api.post("contact_groups/", {"name": "x", "tagged_domains": domains[:100]}).status_code == 200

    def test_a_list(self, desk, refused):
        refused("contact_groups/", [{"name": "x"}], {"__all__": "Send one object, not a list."})
