"""The updates of a ticket that is read, with their messages and files (tickets.md §1.2 to §1.4)."""

import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reynard.desk import files
from reynard.desk.actions import tickets
from reynard.desk.actions.tickets import ContactReply
from reynard.desk.rules.messages import compose
from reynard.desk.selectors import reference
from tests import factories
from tests.api.reading import LAST, LATER, NO_CHANGES, change, staff_update


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop, text="Down to three strands.")


class TestUpdates:
    def test_each_change_and_each_message_is_an_entry_oldest_first(self, api, desk, ticket):
        staff_update(
            ticket,
            desk,
            text="Cable ordered.",
            update_customer=True,
            cc="a@x.example,b@x.example",
            bcc="c@x.example",
            subject="Your brake",
            status=desk.waiting.id,
            assignee=desk.priya.id,
            due_date=date(2026, 3, 20),
        )
        staff_update(ticket, desk, staff=desk.jonas, note=True, text="Check stock.", now=LATER)
        staff_update(ticket, desk, assignee=None, due_date=None, priority=desk.high.id, status=desk.closed.id)
        reply = ContactReply(contact=desk.stranger.id, message=compose("Still broken.", ""))
        tickets.add_contact_reply(ticket.id, reply, reference=reference.current(), now=LAST)

        _, answer, note, closing, reopening = api.get(f"ticket/{ticket.id}/").json()["updates"]

        assert answer == {
            **NO_CHANGES,
            "update_id": answer["update_id"],
            "timestamp": "2026-03-09 12:39:38",
            "by": {"type": "staff", "id": desk.priya.id, "name": "Priya Raman", "email": "priya@rollwerk.example"},
            "message": {
                "id": answer["update_id"],
                "text": "Cable ordered.\n\n",
                "html": "<p>Cable ordered.</p>",
                "subject": "Your brake",
                "cc_list": "a@x.example,b@x.example",
                "bcc_list": "c@x.example",
                "forward_list": None,
                "message_type": None,
                "customer_updated": True,
                "attachments": [],
            },
            "status_change": change(desk.new, desk.waiting),
            "assignee_change": change(None, desk.priya),
            "due_date_change": {"old": None, "new": "2026-03-20"},
        }
        assert note["by"]["name"] == "Jonas Beck"
        assert note["message"]["message_type"] == "p"
        assert closing == {
            **NO_CHANGES,
            "update_id": closing["update_id"],
            "timestamp": "2026-03-09 12:39:38",
            "by": answer["by"],
            "message": None,
            "status_change": change(desk.waiting, desk.closed),
            "priority_change": change(desk.normal, desk.high),
            "assignee_change": change(desk.priya, None),
            "due_date_change": {"old": "2026-03-20", "new": None},
        }
        assert reopening["by"]["id"] == desk.stranger.id
        assert reopening["status_change"] == change(desk.closed, desk.new)
        numbers = [update["update_id"] for update in (answer, note, closing, reopening)]
        assert numbers == sorted(numbers)

    def test_custom_field_changes_are_shown_when_asked_for_only(self, api, desk, ticket):
        size = factories.make_field("Frame size", categories=[desk.workshop])
        work = factories.make_field(
            "Work", "multiple_choice", categories=[desk.workshop], choices=("Tune-up", "Truing")
        )
        ids = [choice.id for choice in work.choices.order_by("id")]
        staff_update(ticket, desk, custom_values={size.id: "54", work.id: ids})
        staff_update(ticket, desk, custom_values={size.id: None, work.id: ids[:1]})

        read = {flag: api.get(f"ticket/{ticket.id}/?{flag}").json()["updates"] for flag in ("", "show_cf_changes=true")}

        assert [update["custom_field_change"] for update in read[""]] == [None, None, None]
        assert [update["custom_field_change"] for update in read["show_cf_changes=true"]] == [
            None,
            [
                {"id": str(size.id), "name": "Frame size", "from": "", "to": "54"},
                {"id": str(work.id), "name": "Work", "from": "", "to": "Tune-up, Truing"},
            ],
            [
                {"id": str(size.id), "name": "Frame size", "from": "54", "to": ""},
                {"id": str(work.id), "name": "Work", "from": "Tune-up, Truing", "to": "Tune-up"},
            ],
        ]

    def test_a_message_names_its_files_with_addresses_that_work_without_credentials(self, api, client, desk, ticket):
        kept = files.keep(SimpleUploadedFile("brake.txt", b"squeak", "text/plain"))
        staff_update(ticket, desk, files=[kept])

        read = api.get(f"ticket/{ticket.id}/").json()

        [attachment] = read["updates"][1]["message"]["attachments"]
        url = attachment.pop("url")
        assert attachment == {
            "id": attachment["id"],
            "filename": "brake.txt",
            "size": 6,
            "content_type": "text/plain",
            "expires_at": attachment["expires_at"],
        }
        assert re.fullmatch(rf"http://testserver/attachments/{attachment['id']}/\d+-[\w-]{{22}}/", url)
        assert b"".join(client.get(url).streaming_content) == b"squeak"
        assert (read["attachments_count"], read["messages_count"]) == (1, 2)
