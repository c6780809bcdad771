"""`?dry_run=true` on writes: checked and answered as if done, nothing changed (observed.md §2).

test_openapi rehearses every write there is; here is what else must be true of one.
"""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reynard.desk.models import IdempotencyKey, OutboxEntry
from tests import factories
from tests.api.searching import search
from tests.api.writing import everything, rehearsed, shape_l, stop_clock, stored_files

PNG = b"\x89PNG\r\n\x1a\nthe same in no other test"


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop)


def provisional(value):
    """An answer without the ids of new rows, which PostgreSQL never gives twice."""
    if isinstance(value, dict):
        return {key: provisional(item) for key, item in value.items() if key not in {"id", "update_id", "display_id"}}
    return [provisional(item) for item in value] if isinstance(value, list) else value


class TestTheAnswer:
    def test_is_that_of_the_write_itself(self, api, desk, ticket, monkeypatch):
        stop_clock(monkeypatch)
        body = {"staff": desk.priya.id, "html": "<b>Done.</b>", "status": desk.closed.id, "tags": "hub"}
        path = f"ticket/{ticket.id}/staff_update/"
        rehearsal = rehearsed(api.post, path, body)
        assert rehearsal["status"]["name"] == "Closed"
        assert provisional(rehearsal) == provisional(api.post(path, body).json())

    def test_of_a_new_ticket_has_its_new_contact(self, api, desk):
        body = {"name": "New", "email": "new@example.org", "subject": "a", "text": "b", "category": desk.workshop.id}
        assert rehearsed(api.post, "tickets/", body)["user"]["email"] == "new@example.org"
        assert api.get("user/new@example.org/").status_code == 404

    def test_of_a_list_says_what_would_become_of_each_item(self, api, desk):
        good = {"name": "New", "email": "new@example.org", "subject": "a", "text": "b", "category": desk.workshop.id}
        results = rehearsed(api.post, "tickets/", [good, {"subject": "a"}, good])
        assert [result["success"] for result in results] == [True, False, True]

    def test_of_a_refusal_is_the_same_with_the_header(self, api, desk, ticket):
        path = f"ticket/{ticket.id}/staff_update/"
        for body, status in [({"staff": 99, "status": 99}, 400), ({"staff": desk.priya.id}, 400), (b"{", 400)]:
            plain, dry = (api.post(path + query, body) for query in ("", "?dry_run=true"))
            assert (plain.status_code, dry.status_code) == (status, status)
            assert dry.content == plain.content
            assert ("X-Dry-Run" in plain, dry["X-Dry-Run"]) == (False, "true")
        assert api.post("ticket/999999/staff_update/?dry_run=true", {"staff": desk.priya.id}).status_code == 404

    def test_sees_if_match(self, api, desk, ticket):
        path = f"ticket/{ticket.id}/staff_update/?dry_run=true"
        body = {"staff": desk.priya.id, "text": "Done."}
        tag = api.get(f"ticket/{ticket.id}/")["ETag"]
        assert api.post(path, body, If_Match=tag).status_code == 200
        assert api.post(path, body, If_Match=tag).status_code == 200  # nothing has changed it
        assert api.post(path, body, If_Match=f'"{ticket.id}-9"').status_code == 412

    def test_comes_in_every_format(self, api, desk, ticket):
        for fmt in ("yaml", "xml"):
            answer = api.post(f"ticket/{ticket.id}/update_tags/?dry_run=1", {"add": "hub"}, format=fmt)
            assert (answer.status_code, answer["X-Dry-Run"]) == (200, "true")
            assert b"hub" in answer.content


class TestNothingIsLeft:
    def test_of_a_reply_that_tells_people(self, api, desk, ticket):
        body = {"staff": desk.priya.id, "text": "Zebra.", "update_customer": True, "assignee": desk.jonas.id}
        rehearsed(api.post, f"ticket/{ticket.id}/staff_update/", body)
        assert not OutboxEntry.objects.exists()
        assert search(api, "zebra") == []

    def test_of_files(self, api, desk, ticket):
        before = stored_files()
        answer = rehearsed(
            api.post,
            f"ticket/{ticket.id}/staff_update/",
            {"staff": desk.priya.id, "attachments": SimpleUploadedFile("rim.png", PNG, "image/png")},
            content_type="multipart",
        )
        [attachment] = answer["updates"][-1]["message"]["attachments"]
        assert (attachment["filename"], attachment["size"]) == ("rim.png", len(PNG))
        path = attachment["url"].removeprefix("http://testserver")
        assert api.request("GET", path).status_code == 404
        assert stored_files() == before

    def test_of_an_uploaded_image(self, api):
        form = {"file": SimpleUploadedFile("rim.png", PNG, "image/png")}
        url = rehearsed(api.post, "ticket-inline-attachment", form, content_type="multipart")["url"]
        assert api.request("GET", url.removeprefix("http://testserver")).status_code == 404

    def test_of_a_deletion(self, api, desk, ticket):
        rehearsed(api.post, f"ticket/{ticket.id}/delete/", {"staff_id": desk.priya.id})
        assert api.get(f"ticket/{ticket.id}/").status_code == 200

    def test_of_the_name_of_the_write(self, api, desk, ticket):
        path, body = f"ticket/{ticket.id}/staff_update/", {"staff": desk.priya.id, "text": "Done."}
        rehearsed(api.post, path, body, Idempotency_Key="k")
        assert not IdempotencyKey.objects.exists()
        first = api.post(path, body, Idempotency_Key="k")
        assert "Idempotency-Replayed" not in first
        rehearsed(api.post, path, body, Idempotency_Key="k")
        again = api.post(path, body, Idempotency_Key="k")
        assert (again["Idempotency-Replayed"], again.content) == ("true", first.content)

    def test_in_what_the_process_remembers_of_tickets(self, api, desk, ticket):
        def listed():
            return api.get("tickets/").json()["data"][0]["tags"]

        path = f"ticket/{ticket.id}/update_tags/"
        assert listed() == ""
        rehearsed(api.post, path, {"add": "wrong"})
        assert listed() == ""
        api.post(path, {"add": "right"})
        assert listed() == "right"

    def test_in_what_the_process_remembers_of_the_set_up(self, api, desk):
        field = factories.make_field("Kind", "choice", categories=[desk.workshop], choices=("Hub",))
        path = f"ticket_custom_field/{field.id}/"

        def choices():
            return [choice["text"] for choice in api.get(path).json()["choices"]]

        assert choices() == ["Hub"]
        wrong = rehearsed(api.put, path, {"choices": [{"id": None, "text": "Wrong"}]})
        assert [choice["text"] for choice in wrong["choices"]] == ["Wrong"]
        assert choices() == ["Hub"]
        api.put(path, {"choices": [{"id": None, "text": "Right"}]})
        assert choices() == ["Right"]


class TestTheParameter:
    @pytest.mark.parametrize("word", ["false", "0", "no", ""])
    def test_may_say_no(self, api, ticket, word):
        answer = api.post(f"ticket/{ticket.id}/update_tags/?dry_run={word}", {"add": "hub"})
        assert "X-Dry-Run" not in answer
        assert api.get(f"ticket/{ticket.id}/").json()["tags"] == "hub"

    def test_that_is_nonsense_is_refused_together_with_all_else(self, api, desk, ticket):
        before, kept = everything(), stored_files()
        words = {"dry_run": "Enter true or false."}
        path = f"ticket/{ticket.id}/staff_update/?dry_run=maybe"
        body = {"staff": desk.priya.id, "attachments": SimpleUploadedFile("rim.png", PNG, "image/png")}
        answer = api.post(path, body, content_type="multipart")
        assert (answer.status_code, answer.json()) == (400, shape_l(words))
        assert "X-Dry-Run" not in answer
        answer = api.post(path, {"due_date": "never"})
        assert set(words) < {problem["field"] for problem in answer.json()["error"]}
        assert api.post("tickets/?dry_run=maybe", [{}]).json() == shape_l(words)
        assert api.post("assets/?dry_run=maybe", {}).json()["error"]["dry_run"] == ["Enter true or false."]
        assert (everything(), stored_files()) == (before, kept)

    def test_means_nothing_to_reads(self, api, ticket):
        for word in ("true", "maybe"):
            answer = api.get(f"ticket/{ticket.id}/?dry_run={word}")
            assert (answer.status_code, "X-Dry-Run" in answer) == (200, False)
