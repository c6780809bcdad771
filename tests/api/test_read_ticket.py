"""GET ticket/<id>/ (tickets.md §1.1, §5)."""

from datetime import date

import pytest

from reynard.desk.actions import people
from reynard.desk.models import Subscription, Ticket
from tests import factories
from tests.api.reading import LAST, LATER, NO_CHANGES, change, staff_update
from tests.factories import NOON


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop, text="Down to three strands.")


class TestTheWholeTicket:
    def test_a_new_one(self, api, desk, ticket):
        answer = api.get(f"ticket/{ticket.id}/")

        assert answer.status_code == 200
        update = ticket.last_update_id
        assert answer.json() == {
            "id": ticket.id,
            "display_id": f"#RW{ticket.id:08d}",
            "subject": "Brake cable frayed",
            "first_message": "Down to three strands.\n\n",
            "status": {
                "id": desk.new.id,
                "name": "New",
                "color": "F2A900",
                "order": 1,
                "default": True,
                "behavior": "pending",
            },
            "priority": {"id": desk.normal.id, "name": "Normal", "order": 1, "default": True},
            "category": {
                "id": desk.workshop.id,
                "name": "Repair workshop",
                "description": "",
                "public": True,
                "time_spent_mandatory": False,
                "prepopulate_cc": "AR",
            },
            "assigned_to": None,
            "user": {
                "id": desk.lena.id,
                "name": "Lena Ortiz",
                "email": "lena.ortiz@example.org",
                "primary_phone": None,
                "phones": [],
                "contact_groups": [],
                "custom_fields": [],
                "tickets_count": 1,
                "pending_tickets_count": 1,
                "created_at": "2026-03-09 12:00:00",
                "updated_at": "2026-03-09 12:00:00",
                "is_login_enabled": True,
            },
            "subscribers": [],
            "tags": "",
            "due_date": None,
            "time_spent": None,
            "custom_fields": [],
            "messages_count": 1,
            "attachments_count": 0,
            "sla_breaches": 0,
            "unresponded": True,
            "visible_only_staff": None,
            "source": "TKT_CREATION_API",
            "created_at": "2026-03-09 12:00:00",
            "last_user_reply_at": "2026-03-09 12:00:00",
            "last_staff_reply_at": None,
            "last_updated_at": "2026-03-09 12:00:00",
            "last_modified": "2026-03-09 12:00:00",
            "merged_tickets": [],
            "merged_to": None,
            "jira_issue_id": None,
            "updates": [
                {
                    **NO_CHANGES,
                    "update_id": update,
                    "timestamp": "2026-03-09 12:00:00",
                    "by": {
                        "type": "user",
                        "id": desk.lena.id,
                        "name": "Lena Ortiz",
                        "email": "lena.ortiz@example.org",
                    },
                    "message": {
                        "id": update,
                        "text": "Down to three strands.\n\n",
                        "html": "<p>Down to three strands.</p>",
                        "subject": "",
                        "cc_list": "",
                        "bcc_list": "",
                        "forward_list": None,
                        "message_type": None,
                        "customer_updated": False,
                        "attachments": [],
                    },
                    "status_change": change(None, desk.new),
                    "priority_change": change(None, desk.normal),
                }
            ],
        }

    def test_one_with_everything_set(self, api, desk):
        ticket = factories.make_ticket(
            desk.lena,
            desk.workshop,
            assignee=desk.priya.id,
            priority=desk.high.id,
            due_date=date(2026, 3, 20),
            tags=["warranty", "urgent"],
            visible_only_staff=False,
        )
        Subscription.objects.create(ticket=ticket, staff=desk.jonas)
        other = factories.make_ticket(desk.lena, desk.workshop)
        Ticket.objects.filter(id=other.id).update(merged_to=ticket)
        staff_update(ticket, desk, text="Ordered.", time_spent=15, status=desk.waiting.id)
        staff_update(ticket, desk, time_spent=30, now=LAST)

        read = api.get(f"ticket/{ticket.id}/").json()

        assert read["assigned_to"] == {
            "id": desk.priya.id,
            "name": "Priya Raman",
            "email": "priya@rollwerk.example",
            "active": True,
            "is_active": True,
            "is_account_admin": True,
            "role": {"id": desk.priya.role_id, "name": "Workshop"},
            "categories": [desk.workshop.id],
            "permissions": ["web_reply", "close_tickets"],
        }
        assert read["subscribers"] == [
            {"id": desk.jonas.id, "first_name": "Jonas", "last_name": "Beck", "email": "jonas@rollwerk.example"}
        ]
        assert (read["tags"], read["due_date"], read["time_spent"]) == ("warranty,urgent", "2026-03-20", 45)
        assert (read["visible_only_staff"], read["unresponded"]) == (False, False)
        assert read["priority"]["name"] == "High"
        assert read["merged_tickets"] == [other.id]
        assert api.get(f"ticket/{other.id}/").json()["merged_to"] == ticket.id
        assert read["messages_count"] == 2
        assert read["last_staff_reply_at"] == "2026-03-09 12:39:38"
        assert read["last_updated_at"] == read["last_modified"] == "2026-03-10 12:00:00"
        assert [update["time_spent"] for update in read["updates"]] == [None, 15, 30]
        first = read["updates"][0]
        assert first["assignee_change"] == change(None, desk.priya)
        assert first["due_date_change"] == {"old": None, "new": "2026-03-20"}

    def test_it_says_when_a_thing_happened_without_fractions_of_a_second_and_never_rounds_up(self, api, desk, ticket):
        staff_update(ticket, desk, text="Ordered.", now=NOON.replace(second=59, microsecond=999_999))

        assert api.get(f"ticket/{ticket.id}/").json()["last_staff_reply_at"] == "2026-03-09 12:00:59"


class TestPartsOfATicket:
    @pytest.mark.parametrize("format", ["json", "yaml", "xml"])
    def test_unknown_fields_are_ignored_even_when_none_is_left(self, api, ticket, format):
        assert api.get(f"ticket/{ticket.id}/?fields=nonsense", format=format).status_code == 200
        assert api.get(f"ticket/{ticket.id}/?fields=nonsense").json() == {}

    @pytest.mark.parametrize(
        ("query", "keys"),
        [
            ("fields=subject,id", {"subject", "id"}),
            ("fields= subject , id,,id,nonsense", {"subject", "id"}),
            ("fields=updates,id", {"updates", "id"}),
            ("fields=updates,id&include_updates=0", {"id"}),
        ],
    )
    def test_exactly_the_keys_asked_for_are_there(self, api, ticket, query, keys):
        whole = api.get(f"ticket/{ticket.id}/").json()

        assert api.get(f"ticket/{ticket.id}/?{query}").json() == {key: whole[key] for key in keys}

    @pytest.mark.parametrize("flag", ["0", "false", "no", "FALSE"])
    def test_the_history_can_be_left_out(self, api, ticket, flag):
        whole = api.get(f"ticket/{ticket.id}/").json()
        del whole["updates"]

        assert api.get(f"ticket/{ticket.id}/?include_updates={flag}").json() == whole

    @pytest.mark.parametrize("query", ["fields=", "include_updates=1", "include_updates=", "include_updates=x"])
    def test_otherwise_the_ticket_is_whole(self, api, ticket, query):
        assert api.get(f"ticket/{ticket.id}/?{query}").json() == api.get(f"ticket/{ticket.id}/").json()


class TestFinding:
    @pytest.mark.parametrize("spelling", ["{}", "000{}", "RW{:08d}", "%23RW{:08d}", "rw{}", "%23{}", "BO{:08d}"])
    def test_a_number_or_display_id_of_any_category_finds_it(self, api, ticket, spelling):
        """A display id from before a move keeps working, so the letters decide nothing."""
        assert api.get(f"ticket/{spelling.format(ticket.id)}/").json()["id"] == ticket.id

    @pytest.mark.parametrize("spelling", ["0", "9999999", "RW", "RW00009999", "%23", "9" * 18, "9" * 19, "9" * 60])
    def test_any_other_is_not_found(self, api, ticket, spelling):
        answer = api.get(f"ticket/{spelling}/")

        assert answer.status_code == 404
        assert answer.json() == {"error": "Cannot find the requested object"}

    def test_a_deleted_one_is_not_found(self, api, ticket):
        Ticket.objects.filter(id=ticket.id).update(deleted_at=NOON)

        assert api.get(f"ticket/{ticket.id}/").status_code == 404


class TestUnchangedTickets:
    def test_a_reader_who_has_it_already_is_told_so(self, api, desk, ticket):
        tag = api.get(f"ticket/{ticket.id}/")["ETag"]

        answer = api.get(f"ticket/{ticket.id}/", If_None_Match=f'"other", W/{tag}')
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)

    @pytest.mark.parametrize("what", ["a reply", "the contact", "the set-up"])
    def test_whatever_stands_in_it_gives_it_a_new_tag(self, api, desk, ticket, what):
        tag = api.get(f"ticket/{ticket.id}/")["ETag"]
        if what == "a reply":
            staff_update(ticket, desk, text="Ordered.")
        elif what == "the contact":
            people.add_phone(desk.lena, "030 123", now=LATER)
        else:
            factories.make_priority("Urgent")

        answer = api.get(f"ticket/{ticket.id}/", If_None_Match=tag)
        assert answer.status_code == 200
        assert answer["ETag"] != tag
