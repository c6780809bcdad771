"""POST ticket/<id>/update/<update_id>/edit/, delete/ and make_private/, and GET …/revisions/ (observed.md §2)."""

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile

from reynard.desk.models import Attachment, MessageSource, OutboxEntry, Role, Ticket, Update
from reynard.desk.selectors import inbox, reference
from tests import factories
from tests.api.reading import NO_CHANGES
from tests.api.searching import search
from tests.api.writing import (
    NOON_TEXT,
    NOT_A_CHOICE,
    NOW_TEXT,
    REQUIRED,
    everything,
    rehearsed,
    shape_l,
    stop_clock,
    stored_files,
)

PNG = b"\x89PNG\r\n\x1a\nspokes"
NO_MESSAGE = "This update has no message."
WAS_DELETED = "The message of this update was deleted."


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop, text="Aardvark ate my brake.")


@pytest.fixture
def say(api, desk, ticket):
    """Writes a message and returns the `update_id`."""

    def write(text="", operation="staff_update", **values):
        author = {"user": desk.lena.id} if operation == "user_reply" else {"staff": desk.priya.id}
        options = {"content_type": "multipart"} if "attachments" in values else {}
        body = author | ({"text": text} if text else {}) | values
        answer = api.post(f"ticket/{ticket.id}/{operation}/", body, **options)
        assert answer.status_code == 200, answer.content
        return answer.json()["updates"][-1]["update_id"]

    return write


@pytest.fixture
def correct(api, desk, ticket):
    def send(kind, update_id, values=None, *, query="", **headers):
        body = {"staff_id": desk.priya.id} | (values or {})
        return api.post(f"ticket/{ticket.id}/update/{update_id}/{kind}/{query}", body, **headers)

    return send


@pytest.fixture
def opening(ticket):
    return Update.objects.get(ticket=ticket).id


@pytest.fixture
def revisions(api, desk, ticket):
    def read(update_id, **query):
        answer = api.get(f"ticket/{ticket.id}/update/{update_id}/revisions/", {"staff_id": desk.priya.id} | query)
        assert answer.status_code == 200, answer.content
        return answer.json()["data"]

    return read


def by(staff):
    return {"type": "staff", "id": staff.id, "name": staff.name, "email": staff.email}


def entry(ticket, update_id):
    return next(update for update in ticket["updates"] if update["update_id"] == update_id)


def photo(name="spokes.png"):
    return SimpleUploadedFile(name, PNG, "image/png")


def fetch(api, url):
    """The status of a signed address."""
    answer = api.request("GET", url.removeprefix("http://testserver"))
    answer.getvalue()  # to the end, which closes the file
    return answer.status_code


class TestEditing:
    def test_puts_another_text_in_the_place_of_the_message(self, api, correct, desk, say, ticket, monkeypatch):
        reply = say("The password is hunter2.", cc="ann@example.org", time_spent=5)
        before = api.get(f"ticket/{ticket.id}/").json()
        stop_clock(monkeypatch)
        answer = correct("edit", reply, {"html": "<p>The password was <b>changed</b>.</p>"})
        after = answer.json()
        was, now = entry(before, reply), entry(after, reply)
        assert now == was | {
            "edited_at": NOW_TEXT,
            "message": was["message"]
            | {"text": "The password was changed.\n\n", "html": "<p>The password was <b>changed</b>.</p>"},
        }
        newest = after["updates"][-1]
        assert newest == NO_CHANGES | {
            "update_id": newest["update_id"],
            "timestamp": NOW_TEXT,
            "by": by(desk.priya),
            "message": None,
            "correction": {"update_id": reply, "kind": "edited"},
        }
        differing = {key for key in after if after[key] != before[key]}
        assert differing == {"updates", "last_modified"}
        assert api.get(f"ticket/{ticket.id}/").content == answer.content

    @pytest.mark.parametrize(
        ("values", "text", "html"),
        [
            ({"text": "New."}, "New.", "<p>New.</p>"),
            ({"plaintext": "New."}, "New.", "<p>New.</p>"),
            ({"text": "New.", "html": "<i>New</i>"}, "New.", "<i>New</i>"),
            ({"markdown": "*New*"}, "*New*", "<p><em>New</em></p>\n"),
        ],
    )
    def test_takes_a_message_in_any_form(self, correct, say, values, text, html):
        reply = say("Old.")
        message = entry(correct("edit", reply, values).json(), reply)["message"]
        assert (message["text"], message["html"]) == (f"{text}\n\n", html)

    def test_of_the_first_message_changes_what_the_ticket_begins_with(self, correct, opening):
        assert correct("edit", opening, {"text": "Badger."}).json()["first_message"] == "Badger.\n\n"

    def test_of_another_message_does_not(self, correct, say):
        reply = say("Old.")
        assert correct("edit", reply, {"text": "New."}).json()["first_message"] == "Aardvark ate my brake.\n\n"

    def test_changes_what_the_search_finds(self, api, correct, opening, say, ticket):
        reply = say("Zebra crossing.")
        say("Crossing again.")
        correct("edit", reply, {"text": "Yak crossing. " * 9000})  # more words than one row of the index takes
        assert (search(api, "zebra"), search(api, "yak")) == ([], [ticket.id])
        correct("edit", reply, {"text": "Gnu."})
        assert (search(api, "yak"), search(api, "gnu")) == ([], [ticket.id])
        assert (search(api, "crossing"), search(api, "aardvark")) == ([ticket.id], [ticket.id])

    def test_keeps_uncleaned_html_only_of_what_is_there(self, correct, revisions, say):
        reply = say(html="<p onclick='leak()'>Old.</p>")
        correct("edit", reply, {"text": "New."})
        assert not MessageSource.objects.exists()
        correct("edit", reply, {"html": "<p onclick='x()'>Newer.</p>"})
        assert MessageSource.objects.get().html == "<p onclick='x()'>Newer.</p>"
        assert [revision["message"]["text"] for revision in revisions(reply)] == ["Old.", "New."]

    def test_that_changes_nothing_is_nothing_to_update(self, correct, say):
        reply = say("Old.")
        before = everything()
        answer = correct("edit", reply, {"text": "Old."})
        assert (answer.status_code, answer.json()) == (400, {"error": "Nothing to update"})
        assert correct("edit", reply, {"text": "Old."}, query="?noop=ok").status_code == 200
        assert everything() == before

    def test_does_not_cancel_mails(self, correct, say):
        reply = say("Old.", update_customer=True)
        correct("edit", reply, {"text": "New."})
        assert OutboxEntry.objects.filter(update_id=reply, dead_at=None).exists()


class TestFilesOfAnEditedMessage:
    def test_may_be_taken_from_it(self, api, correct, desk, say, ticket):
        reply = say("Look.", attachments=[photo("secret.png"), photo("public.png")])
        secret, public = entry(api.get(f"ticket/{ticket.id}/").json(), reply)["message"]["attachments"]
        answer = correct("edit", reply, {"remove_attachments": [secret["id"]]}).json()
        message = entry(answer, reply)["message"]
        assert ([file["id"] for file in message["attachments"]], message["text"]) == ([public["id"]], "Look.\n\n")
        assert answer["attachments_count"] == 1
        assert (fetch(api, secret["url"]), fetch(api, public["url"])) == (404, 200)
        assert (search(api, "secret"), search(api, "public")) == ([], [ticket.id])

    def test_are_all_gone_from_lists_of_tickets_with_files(self, api, correct, say, ticket):
        reply = say("Look.", attachments=photo())
        assert search(api, "has_attachments:true") == [ticket.id]
        correct("edit", reply, {"remove_attachments": str(Attachment.objects.get().id)})
        assert search(api, "has_attachments:true") == []
        assert search(api, has_attachments="false") == [ticket.id]

    def test_stay_when_only_the_text_changes(self, correct, say):
        reply = say("Look.", attachments=photo())
        message = entry(correct("edit", reply, {"text": "See."}).json(), reply)["message"]
        assert [file["filename"] for file in message["attachments"]] == ["spokes.png"]

    def test_images_stay_where_they_stand_with_the_addresses_they_were_read_with(self, api, correct, say, ticket):
        url = api.post("ticket-inline-attachment", {"file": photo()}, content_type="multipart").json()["url"]
        reply = say(html=f'<p>Old: <img src="{url}"></p>')
        read = entry(api.get(f"ticket/{ticket.id}/").json(), reply)["message"]["html"]
        assert "/inline/" in read
        again = api.post("ticket-inline-attachment", {"file": photo("two.png")}, content_type="multipart").json()["url"]
        answer = correct("edit", reply, {"html": read.replace("Old", "New") + f'<img src="{again}">'}).json()
        message = entry(answer, reply)["message"]
        assert [file["filename"] for file in message["attachments"]] == ["spokes.png", "two.png"]
        first, second = (file["id"] for file in message["attachments"])
        stored = Update.objects.get(id=reply).html
        assert stored == f'<p>New: <img src="attachment:{first}"></p><img src="attachment:{second}">'
        for source in message["html"].split('src="')[1:]:
            assert fetch(api, source.partition('"')[0]) == 200
        assert answer["attachments_count"] == 2

    def test_of_other_messages_are_not_shown_by_it(self, api, correct, say, ticket):
        url = api.post("ticket-inline-attachment", {"file": photo()}, content_type="multipart").json()["url"]
        other, reply = say(html=f'<img src="{url}">'), say("Old.")
        read = entry(api.get(f"ticket/{ticket.id}/").json(), other)["message"]["html"]
        assert "attachment:" not in correct("edit", reply, {"html": f"<p>New</p>{read}"}).content.decode()
        assert "attachment:" not in Update.objects.get(id=reply).html

    def test_must_be_its_own(self, correct, say):
        other = say("Look.", attachments=photo())
        reply = say("Old.")
        before = everything()
        for ids in ([Attachment.objects.get(update=other).id], ["x"], [10**12]):
            answer = correct("edit", reply, {"text": "New.", "remove_attachments": ids})
            assert (answer.status_code, answer.json()) == (400, shape_l({"remove_attachments": NOT_A_CHOICE}))
        assert everything() == before

    def test_cannot_be_taken_when_nothing_would_be_left(self, correct, say):
        reply = say(attachments=photo())
        [file] = Attachment.objects.all()
        answer = correct("edit", reply, {"remove_attachments": [file.id]})
        text = "Nothing would be left of this message. Delete it instead."
        assert (answer.status_code, answer.json()) == (400, shape_l({"remove_attachments": text}))
        assert correct("edit", reply, {"remove_attachments": [file.id], "text": "Gone."}).status_code == 200


class TestDeleting:
    @pytest.fixture
    def leak(self, say):
        return say(
            "Zebra password.",
            subject="Zebra",
            cc="zebra@example.org",
            bcc="zebra2@example.org",
            attachments=photo("zebra.png"),
            time_spent=5,
            tags="kept",
            update_customer=True,
        )

    def test_hides_the_message_and_leaves_the_entry(self, api, correct, desk, leak, ticket, monkeypatch):
        before = api.get(f"ticket/{ticket.id}/").json()
        stop_clock(monkeypatch)
        after = correct("delete", leak).json()
        assert entry(after, leak) == entry(before, leak) | {"message": None, "hidden": True}
        assert entry(after, leak)["time_spent"] == 5
        newest = after["updates"][-1]
        assert newest == NO_CHANGES | {
            "update_id": newest["update_id"],
            "timestamp": NOW_TEXT,
            "by": by(desk.priya),
            "message": None,
            "correction": {"update_id": leak, "kind": "deleted"},
        }
        expected = before | {
            "attachments_count": 0,
            "last_modified": NOW_TEXT,
            "last_staff_reply_at": None,
            "unresponded": True,
            "updates": after["updates"],
        }
        assert after == expected

    def test_leaves_nothing_to_read_anywhere(self, api, correct, leak, ticket):
        listed = api.get("tickets/").content  # the process remembers the ticket now
        assert b"ebra" in listed
        url = entry(api.get(f"ticket/{ticket.id}/").json(), leak)["message"]["attachments"][0]["url"]
        assert fetch(api, url) == 200
        correct("delete", leak)
        for path in (f"ticket/{ticket.id}/", "tickets/", f"ticket/{ticket.id}/?show_cf_changes=true"):
            for fmt in ("json", "yaml", "xml"):
                assert b"ebra" not in api.get(path, format=fmt).content
        assert fetch(api, url) == 404
        assert search(api, "zebra") == search(api, "zebr*") == search(api, "has_attachments:true") == []
        shown = "MessageSource Attachment Update Ticket OutboxEntry TicketTag".split()
        rows = {name: rows for name, rows in everything().items() if name in shown}
        rows["OutboxEntry"] = [entry for entry in rows["OutboxEntry"] if entry["dead_at"] is None]
        assert "ebra" not in repr(rows)

    def test_lets_the_inbox_show_the_message_before_it(self, correct, leak, ticket):
        correct("delete", leak)
        [row] = inbox.rows([ticket.id])
        assert (row.snippet, row.attachments_count) == ("Aardvark ate my brake.", 0)

    def test_keeps_the_bytes_for_audits(self, correct, leak):
        before = stored_files()
        correct("delete", leak)
        assert stored_files() == before

    def test_of_the_first_message_leaves_the_ticket_without_one(self, correct, opening):
        ticket = correct("delete", opening).json()
        assert (ticket["first_message"], ticket["updates"][0]["message"]) == ("\n\n", None)
        assert (ticket["unresponded"], ticket["last_user_reply_at"]) == (False, None)
        assert ticket["status"] == ticket["status"] | {"behavior": "pending"}

    def test_cancels_the_mails_that_have_not_left(self, correct, leak, say, monkeypatch):
        other = say("Other.", update_customer=True)
        assert OutboxEntry.objects.filter(update_id=leak).exists()
        stop_clock(monkeypatch)
        correct("delete", leak)
        for mail in OutboxEntry.objects.filter(update_id=leak):
            assert (mail.done_at, mail.last_error) == (None, "The message was deleted.")
            assert f"{mail.dead_at:%Y-%m-%d %H:%M:%S}" == NOW_TEXT
        assert not OutboxEntry.objects.filter(update_id=other).exclude(dead_at=None).exists()

    def test_leaves_mails_that_have_left_as_they_are(self, correct, leak):
        OutboxEntry.objects.filter(update_id=leak).update(done_at=factories.NOON)
        correct("delete", leak)
        assert not OutboxEntry.objects.filter(update_id=leak).exclude(dead_at=None).exists()

    def test_numbers_the_words_of_other_messages_as_before(self, api, correct, leak, say, ticket):
        later = say("Yak.")
        correct("delete", leak)
        latest = say("Gnu.")
        assert Ticket.objects.get(id=ticket.id).messages_count == 4
        for update_id, word in ((later, "yak"), (latest, "gnu")):
            assert search(api, word) == [ticket.id]
            correct("delete", update_id)
            assert search(api, word) == []
        assert search(api, "aardvark") == [ticket.id]

    def test_of_an_attachment_takes_it_from_what_can_be_forwarded(self, api, correct, desk, leak, ticket):
        file = Attachment.objects.get().id
        correct("delete", leak)
        body = {"staff_id": desk.priya.id, "to": "x@hubs.example", "subject": "x", "ticket_attachments": [file]}
        answer = api.post(f"ticket/{ticket.id}/forward/", body)
        assert answer.json() == shape_l({"ticket_attachments": NOT_A_CHOICE})

    def test_lets_the_next_reply_pass_that_had_not_seen_it(self, api, correct, desk, say, ticket):
        first, wrong = say("One."), say("Two.")
        body = {"staff": desk.priya.id, "text": "Three.", "last_staff_message": first}
        assert api.post(f"ticket/{ticket.id}/staff_update/", body).status_code == 400
        correct("delete", wrong)
        assert api.post(f"ticket/{ticket.id}/staff_update/", body).status_code == 200

    def test_works_for_notes_forwards_and_replies_of_contacts(self, api, correct, desk, say, ticket):
        forward = {"staff_id": desk.priya.id, "to": "zebra@hubs.example", "subject": "x", "message": "zebra"}
        assert api.post(f"ticket/{ticket.id}/forward/", forward).status_code == 200
        forwarded = Update.objects.latest("id").id
        for update_id in (say("zebra", "staff_pvtnote"), say("zebra", "user_reply"), forwarded):
            assert entry(correct("delete", update_id).json(), update_id)["message"] is None
        assert b"zebra" not in api.get(f"ticket/{ticket.id}/").content


class TestMakingPrivate:
    def test_turns_a_reply_into_a_note(self, api, correct, desk, say, ticket, monkeypatch):
        desk.jonas.categories.add(desk.workshop)  # nobody is told of what they may not see
        reference.changed()
        reply = say("Zebra.", update_customer=True, assignee=desk.jonas.id)
        before = api.get(f"ticket/{ticket.id}/").json()
        stop_clock(monkeypatch)
        after = correct("make_private", reply).json()
        was = entry(before, reply)
        assert entry(after, reply) == was | {"message": was["message"] | {"message_type": "p"}}
        assert after["updates"][-1]["correction"] == {"update_id": reply, "kind": "made_private"}
        assert after == before | {
            "last_modified": NOW_TEXT,
            "last_staff_reply_at": None,
            "unresponded": True,
            "updates": after["updates"],
        }
        assert search(api, "zebra") == [ticket.id]
        ends = dict(OutboxEntry.objects.filter(update_id=reply).values_list("kind", "last_error"))
        assert ends == {"message": "The message was made private.", "staff": ""}

    def test_of_a_note_is_nothing_to_update(self, correct, say):
        for private in (say("Psst.", "staff_pvtnote"), say("Once.")):
            correct("make_private", private)
            before = everything()
            answer = correct("make_private", private)
            assert (answer.status_code, answer.json()) == (400, {"error": "Nothing to update"})
            assert correct("make_private", private, query="?noop=ok").status_code == 200
            assert everything() == before

    def test_is_for_messages_of_staff(self, correct, opening, say):
        before = everything()
        for update_id in (opening,):
            answer = correct("make_private", update_id)
            text = "Only messages of staff can be made private."
            assert (answer.status_code, answer.json()) == (400, shape_l({"update_id": text}))
        assert everything() == before


@pytest.mark.parametrize("kind", ["edit", "delete", "make_private"])
class TestEveryCorrection:
    VALUES = {"edit": {"text": "New."}}

    def test_names_a_message_of_this_ticket(self, correct, desk, kind, say):
        elsewhere = Update.objects.get(ticket=factories.make_ticket(desk.lena, desk.workshop)).id
        before = everything()
        for update_id in (elsewhere, 10**17, 0, "000"):
            assert correct(kind, update_id, self.VALUES.get(kind)).status_code == 404
        for update_id in ("x", "1" * 19, "-1"):
            answer = correct(kind, update_id, self.VALUES.get(kind))
            assert (answer.status_code, answer.json()) == (404, {"error": "Cannot find the requested object"})
        assert everything() == before

    def test_needs_a_message_that_is_there(self, correct, kind, say):
        changes, gone = say(tags="a"), say("Gone.")
        correct("delete", gone)
        before = everything()
        for update_id, text in ((changes, NO_MESSAGE), (gone, WAS_DELETED)):
            answer = correct(kind, update_id, self.VALUES.get(kind))
            assert (answer.status_code, answer.json()) == (400, shape_l({"update_id": text}))
        assert everything() == before

    def test_needs_an_active_staff_member(self, correct, desk, kind, say):
        reply = say("Old.")
        before = everything()
        for staff, text in ((None, REQUIRED), (desk.gone.id, NOT_A_CHOICE), (999, NOT_A_CHOICE)):
            answer = correct(kind, reply, self.VALUES.get(kind, {}) | {"staff_id": staff})
            assert (answer.status_code, answer.json()) == (400, shape_l({"staff_id": text}))
        assert everything() == before

    def test_minds_if_match(self, api, correct, kind, say, ticket):
        reply = say("Old.")
        before = everything()
        assert correct(kind, reply, self.VALUES.get(kind), If_Match=f'"{ticket.id}-1"').status_code == 412
        assert everything() == before
        tag = api.get(f"ticket/{ticket.id}/")["ETag"]
        answer = correct(kind, reply, self.VALUES.get(kind), If_Match=tag)
        assert answer.status_code == 200
        assert answer["ETag"] == api.get(f"ticket/{ticket.id}/")["ETag"] != tag

    def test_happens_once_for_one_key(self, correct, kind, say):
        reply = say("Old.")
        first, second = (correct(kind, reply, self.VALUES.get(kind), Idempotency_Key="k") for _ in range(2))
        assert (second["Idempotency-Replayed"], second.content) == ("true", first.content)

    def test_can_be_rehearsed(self, api, kind, say, ticket, desk):
        reply = say("Old.", attachments=photo())
        body = {"staff_id": desk.priya.id} | self.VALUES.get(kind, {})
        rehearsed(api.post, f"ticket/{ticket.id}/update/{reply}/{kind}/", body)

    def test_of_a_deleted_ticket_is_404(self, api, correct, desk, kind, say, ticket):
        reply = say("Old.")
        api.post(f"ticket/{ticket.id}/delete/", {"staff_id": desk.priya.id})
        assert correct(kind, reply, self.VALUES.get(kind)).status_code == 404

    def test_is_said_in_every_format(self, api, correct, kind, say, ticket):
        reply = say("Old.")
        correct(kind, reply, self.VALUES.get(kind))
        whole = api.get(f"ticket/{ticket.id}/").json()["updates"]
        read = yaml.safe_load(api.get(f"ticket/{ticket.id}/", format="yaml").content)["updates"]
        names = {"correction", "hidden"}
        assert [names & set(one) for one in read] == [names & set(one) for one in whole]
        assert api.get(f"ticket/{ticket.id}/", format="xml").content.count(b"<correction>") == 1

    def test_is_kept_for_those_who_may_see_it(self, correct, desk, kind, revisions, say, monkeypatch):
        reply = say("Old.", subject="About it", cc="ann@example.org", attachments=photo())
        assert revisions(reply) == []
        stop_clock(monkeypatch)
        newest = correct(kind, reply, self.VALUES.get(kind)).json()["updates"][-1]["update_id"]
        [revision] = revisions(reply)
        [file] = revision["message"].pop("attachments")
        assert revision == {
            "update_id": newest,
            "kind": {"edit": "edited", "delete": "deleted", "make_private": "made_private"}[kind],
            "timestamp": NOW_TEXT,
            "by": by(desk.priya),
            "message": {
                "text": "Old.",
                "html": "<p>Old.</p>",
                "subject": "About it",
                "cc_list": "ann@example.org",
                "bcc_list": "",
                "forward_list": None,
                "message_type": None,
            },
        }
        assert (file["filename"], file["size"], len(file["sha256"])) == ("spokes.png", len(PNG), 64)


def test_an_edit_needs_something_to_do(correct, say):
    reply = say("Old.")
    before = everything()
    for nothing in ({}, {"text": " "}, {"html": "<!-- -->"}, {"remove_attachments": []}):
        answer = correct("edit", reply, nothing)
        assert (answer.status_code, answer.json()) == (400, shape_l({"text": REQUIRED}))
    assert correct("edit", reply, {"text": "a\x00"}).status_code == 400
    assert correct("edit", reply, {"text": "a" * 1_000_001}).status_code == 400
    assert everything() == before


class TestRevisions:
    def test_are_listed_in_order_page_by_page(self, api, correct, desk, revisions, say, ticket):
        reply = say("Text 0.")
        for number in range(1, 13):
            correct("edit", reply, {"text": f"Text {number}."})
        assert [one["message"]["text"] for one in revisions(reply)] == [f"Text {number}." for number in range(10)]
        assert [one["message"]["text"] for one in revisions(reply, page=2)] == ["Text 10.", "Text 11."]
        path = f"ticket/{ticket.id}/update/{reply}/revisions/"
        info = api.get(path, {"staff_id": desk.priya.id, "page": 3}).json()["page_info"]
        assert (info["count"], info["last_index"], info["page_count"]) == (0, 12, 2)

    def test_need_a_staff_member_who_may_see_them(self, api, correct, desk, say, ticket):
        reply = say("Old.")
        correct("edit", reply, {"text": "New."})
        path = f"ticket/{ticket.id}/update/{reply}/revisions/"
        text = "Jonas Beck may not do this: the role Workshop has no view_audit_logs."
        for query, expected in [
            ({}, REQUIRED),
            ({"staff_id": "x"}, NOT_A_CHOICE),
            ({"staff_id": desk.gone.id}, NOT_A_CHOICE),
            ({"staff_id": desk.jonas.id}, text),
        ]:
            answer = api.get(path, query)
            assert (answer.status_code, answer.json()) == (400, shape_l({"staff_id": expected}))
        role = Role.objects.create(name="Auditor", permissions=["view_audit_logs"])
        auditor = factories.make_staff("Ada", desk.office, role=role)
        assert api.get(path, {"staff_id": auditor.id}).status_code == 200

    def test_are_those_of_a_message_that_can_be_read(self, api, desk, opening, ticket):
        other = factories.make_ticket(desk.lena, desk.workshop)
        query = {"staff_id": desk.priya.id}
        assert api.get(f"ticket/{other.id}/update/{opening}/revisions/", query).status_code == 404
        assert api.get(f"ticket/{ticket.id}/update/{10**17}/revisions/", query).status_code == 404
        api.post(f"ticket/{ticket.id}/delete/", {"staff_id": desk.priya.id})
        assert api.get(f"ticket/{ticket.id}/update/{opening}/revisions/", query).status_code == 404


PERMISSIONS = [
    ("edit", "own reply", ["edit_own_reply"]),
    ("edit", "reply", ["edit_staff_reply"]),
    ("edit", "own note", ["edit_own_note"]),
    ("edit", "note", ["edit_staff_note"]),
    ("edit", "contact", ["edit_contact_reply"]),
    ("edit", "file", ["edit_staff_reply", "delete_attachments"]),
    ("delete", "own reply", ["delete_replies"]),
    ("delete", "note", ["delete_replies"]),
    ("delete", "contact", ["delete_replies"]),
    ("delete", "file", ["delete_replies", "delete_attachments"]),
    ("make_private", "own reply", ["edit_own_reply"]),
    ("make_private", "reply", ["edit_staff_reply"]),
]


@pytest.mark.parametrize("enforced", [False, True])
@pytest.mark.parametrize(("kind", "message", "codes"), PERMISSIONS, ids=lambda value: str(value))
def test_permissions_are_always_asked_for(correct, desk, say, settings, enforced, kind, message, codes):
    settings.REYNARD_ENFORCE_PERMISSIONS = enforced
    role = Role.objects.create(name="Mechanic", permissions=["web_reply"])
    mia = factories.make_staff("Mia", desk.workshop, role=role)
    own = {"staff": mia.id} if "own" in message else {}
    update_id = {
        "note": lambda: say("Psst.", "staff_pvtnote", **own),
        "reply": lambda: say("Old.", **own),
        "contact": lambda: say("Old.", "user_reply"),
        "file": lambda: say("Old.", attachments=photo()),
    }[message.removeprefix("own ")]()
    values = {"staff_id": mia.id}
    if kind == "edit":
        files = [file.id for file in Attachment.objects.all()]
        values |= {"text": "New."} | ({"remove_attachments": files} if files else {})
    before = everything()
    refused = correct(kind, update_id, values)
    texts = [f"Mia Raman may not do this: the role Mechanic has no {code}." for code in codes]
    assert refused.json() == {"error": [{"field": "staff_id", "errors": texts}]}
    assert everything() == before
    Role.objects.filter(id=role.id).update(permissions=codes)
    factories.reference.changed()
    assert correct(kind, update_id, values).status_code == 200


def test_times_of_replies_are_those_of_what_is_left(api, correct, say, ticket, monkeypatch):
    def facts():
        whole = api.get(f"ticket/{ticket.id}/").json()
        return whole["last_user_reply_at"], whole["last_staff_reply_at"], whole["unresponded"]

    one = say("One.")
    stop_clock(monkeypatch)
    asked = say("Two?", "user_reply")
    assert (facts()[0], facts()[2]) == (NOW_TEXT, True)
    correct("delete", asked)
    assert (facts()[0], facts()[2]) == (NOON_TEXT, False)
    first_answer = facts()[1]
    answered = say("Three.")
    assert facts() == (NOON_TEXT, NOW_TEXT, False)
    correct("make_private", answered)
    assert facts() == (NOON_TEXT, first_answer, False)
    correct("delete", one)
    assert facts() == (NOON_TEXT, None, True)
