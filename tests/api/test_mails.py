"""Where messages came from, and mails that wait for a decision, by the API (docs/mail.md)."""

import pytest

from reynard.desk.actions import people
from reynard.desk.models import InboundMail, Ticket, Update
from tests.conftest import Api
from tests.factories import NOON, make_ticket
from tests.mail.arriving import HOST, LENA, arrive, history, mail, make_mailbox, reply_to, verdict


@pytest.fixture
def inbox(desk):
    make_mailbox(desk.workshop)
    return desk


def held(desk):
    """A forged mail that waits, and the ticket that it names."""
    ticket = make_ticket(desk.lena, desk.workshop)
    return arrive(mail(to=reply_to(ticket.id), text="Send it to me.", **verdict("fail"))), ticket


class TestTheMailOfAMessage:
    def test_says_why_it_is_there(self, api, inbox):
        row = arrive(mail(Subject="=?utf-8?q?Br=C3=A4kes?=", **verdict("pass")))
        answer = api.get(f"ticket/{row.ticket_id}/update/{row.update_id}/mail/").json()
        assert (answer["id"], answer["mailbox"], answer["state"]) == (row.id, "support", "taken")
        assert (answer["sender"], answer["subject"], answer["reason"]) == (LENA, "Bräkes", "It names no ticket.")
        assert answer["verdict"] == {
            "result": "pass",
            "reason": f"{HOST} says: this mail is from example.org (dmarc=pass).",
            "server": HOST,
            "dmarc": "pass",
            "dkim": "",
            "spf": "",
        }
        assert {"name": "Subject", "value": "Bräkes"} in answer["headers"]
        assert (answer["ticket_id"], answer["update_id"]) == (row.ticket_id, row.update_id)

    def test_is_given_as_it_came_and_never_shown(self, api, inbox):
        raw = mail(text="<script>alert(1)</script>", Content_Type="text/html")
        row = arrive(raw)
        response = api.get(f"ticket/{row.ticket_id}/update/{row.update_id}/mail/", {"download": "true"})
        assert b"".join(response.streaming_content) == raw
        assert response["Content-Type"] == "message/rfc822"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Disposition"].startswith(f'attachment; filename="mail-{row.id}.eml"')
        assert "sandbox" in response["Content-Security-Policy"]

    @pytest.mark.parametrize("format", ["yaml", "xml"])
    def test_in_other_formats(self, api, inbox, format):
        row = arrive(mail())
        response = api.get(f"ticket/{row.ticket_id}/update/{row.update_id}/mail/", format=format)
        assert b"It names no ticket." in response.content

    def test_is_not_there_for_others(self, api, inbox):
        ticket, other = make_ticket(inbox.lena, inbox.workshop), arrive(mail())
        for number, update in (
            (ticket.id, history(ticket.id)[0].id),
            (ticket.id, other.update_id),
            (other.ticket_id, 10**17),
        ):
            assert api.get(f"ticket/{number}/update/{update}/mail/").status_code == 404

    def test_of_a_deleted_message_is_not_there(self, api, inbox):
        row = arrive(mail())
        address = f"ticket/{row.ticket_id}/update/{row.update_id}"
        assert api.post(f"{address}/delete/", {"staff_id": inbox.priya.id}).status_code == 200
        assert api.get(f"{address}/mail/").status_code == 404
        assert api.get(f"{address}/mail/", {"download": "1"}).status_code == 404

    def test_of_an_edited_message_is_not_given(self, api, inbox):
        row = arrive(mail())
        address = f"ticket/{row.ticket_id}/update/{row.update_id}"
        assert api.post(f"{address}/edit/", {"staff_id": inbox.priya.id, "text": "No."}).status_code == 200
        assert api.get(f"{address}/mail/").json()["id"] == row.id
        assert api.get(f"{address}/mail/", {"download": "1"}).status_code == 404

    def test_that_was_lost_is_not_there(self, api, inbox):
        row = arrive(mail())
        InboundMail.objects.filter(id=row.id).update(sha256="0" * 64)
        assert api.get(f"ticket/{row.ticket_id}/update/{row.update_id}/mail/").status_code == 404


class TestMailsThatWait:
    def test_are_listed_with_what_speaks_against_them(self, api, inbox):
        row, ticket = held(inbox)
        [listed] = api.get("held_mails/").json()["data"]
        assert (listed["id"], listed["state"], listed["ticket_id"]) == (row.id, "held", None)
        assert (listed["suggested_ticket_id"], listed["verdict"]["result"]) == (ticket.id, "fail")
        assert "is forged" in listed["reason"]
        assert api.get(f"held_mail/{row.id}/").json()["headers"]

    def test_come_in_pages(self, api, inbox):
        rows = [arrive(mail("support@rollwerk.example")) for _ in range(12)]
        first = api.get("held_mails/", {"size": 10}).json()
        assert [row["id"] for row in first["data"]] == [row.id for row in reversed(rows[2:])]
        rest = api.get("held_mails/", {"size": 10, "before": first["next"]}).json()
        assert [row["id"] for row in rest["data"]] == [rows[1].id, rows[0].id]
        assert rest["next"] is None

    @pytest.mark.parametrize("state", ["held", "failed", "ignored", "duplicate"])
    def test_are_told_apart(self, api, inbox, state):
        row, _ = held(inbox)
        InboundMail.objects.filter(id=row.id).update(state=state)
        for other in ("held", "failed", "ignored", "duplicate"):
            assert len(api.get("held_mails/", {"state": other}).json()["data"]) == (other == state)

    def test_an_unknown_state_is_refused(self, api, inbox):
        response = api.get("held_mails/", {"state": "taken"})
        assert response.status_code == 400
        assert response.json()["error"][0]["field"] == "state"

    def test_join_a_ticket(self, api, inbox):
        row, ticket = held(inbox)
        response = api.post(f"held_mail/{row.id}/release/", {"staff_id": inbox.priya.id, "ticket_id": ticket.id})
        answer = response.json()
        assert (answer["state"], answer["ticket_id"]) == ("taken", ticket.id)
        assert answer["reason"].startswith("Priya Raman let it in. Before: It was sent to the reply address")
        update = Update.objects.get(id=answer["update_id"])
        assert (update.text, update.author_type, update.author_email) == ("Send it to me.\n", "user", LENA)
        assert api.get("held_mails/").json()["data"] == []
        again = api.post(f"held_mail/{row.id}/release/", {"staff_id": inbox.priya.id})
        assert again.status_code == 404

    def test_open_a_ticket(self, api, inbox):
        row, ticket = held(inbox)
        answer = api.post(f"held_mail/{row.id}/release/", {"staff_id": inbox.priya.id}).json()
        assert answer["ticket_id"] not in {None, ticket.id}
        assert Ticket.objects.get(id=answer["ticket_id"]).category_id == inbox.workshop.id

    def test_are_left_out(self, api, inbox):
        row, _ = held(inbox)
        answer = api.post(f"held_mail/{row.id}/ignore/", {"staff_id": inbox.priya.id}).json()
        assert (answer["state"], answer["ticket_id"]) == ("ignored", None)
        assert api.get(f"held_mail/{row.id}/").status_code == 200

    def test_a_dry_run_changes_nothing(self, api, inbox):
        row, ticket = held(inbox)
        address = f"held_mail/{row.id}/release/?dry_run=true"
        answer = api.post(address, {"staff_id": inbox.priya.id, "ticket_id": ticket.id}).json()
        assert answer["state"] == "taken"
        assert InboundMail.objects.get(id=row.id).state == "held"
        assert len(history(ticket.id)) == 1

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"ticket_id": 10**15}, "ticket_id"),
            ({"ticket_id": "x"}, "ticket_id"),
            ({"staff_id": 10**15}, "staff_id"),
            ({"staff_id": None}, "staff_id"),
        ],
    )
    def test_what_is_wrong_is_said(self, api, inbox, body, field):
        row, ticket = held(inbox)
        response = api.post(f"held_mail/{row.id}/release/", {"staff_id": inbox.priya.id, "ticket_id": ticket.id} | body)
        assert response.status_code == 400
        assert [problem["field"] for problem in response.json()["error"]] == [field]
        assert InboundMail.objects.get(id=row.id).state == "held"

    def test_without_an_author_they_cannot_join(self, api, inbox):
        row = arrive(mail("nobody"))
        response = api.post(f"held_mail/{row.id}/release/", {"staff_id": inbox.priya.id})
        assert response.status_code == 400
        assert response.json()["error"] == [{"field": "author", "errors": ["It does not say who wrote it."]}]

    def test_need_a_role_that_replies_where_permissions_count(self, api, inbox, settings):
        settings.REYNARD_ENFORCE_PERMISSIONS = True
        row, _ = held(inbox)
        inbox.jonas.role.permissions = []
        inbox.jonas.role.save()
        from reynard.desk.selectors import reference

        reference.changed()
        for verb in ("release", "ignore"):
            response = api.post(f"held_mail/{row.id}/{verb}/", {"staff_id": inbox.jonas.id})
            assert response.json()["error"][0]["field"] == "staff_id"

    def test_of_other_categories_do_not_exist(self, api, inbox):
        row, ticket = held(inbox)
        credentials = people.create_api_key(name="office", categories=[inbox.office.id], now=NOON)
        other = Api(credentials.api_key, credentials.auth_code)
        assert other.get("held_mails/").json()["data"] == []
        assert other.get(f"held_mail/{row.id}/").status_code == 404
        body = {"staff_id": inbox.priya.id, "ticket_id": ticket.id}
        assert other.post(f"held_mail/{row.id}/release/", body).status_code == 404
        assert other.post(f"held_mail/{row.id}/ignore/", body).status_code == 404
        assert api.get(f"held_mail/{row.id}/").status_code == 200

    def test_that_became_messages_are_not_here(self, api, inbox):
        row = arrive(mail())
        assert api.get(f"held_mail/{row.id}/").status_code == 404
        assert api.post(f"held_mail/{row.id}/ignore/", {"staff_id": inbox.priya.id}).status_code == 404
