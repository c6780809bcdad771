"""GET changes/: the history of the whole desk, in the order of ids (docs/syncing.md)."""

import time

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reynard.desk.models import Ticket, Update
from tests import factories
from tests.api.reading import staff_update
from tests.api.test_key_scopes import make_api
from tests.api.writing import shape_l


@pytest.fixture
def tickets(desk):
    """Two tickets, and five entries that alternate."""
    first = factories.make_ticket(desk.lena, desk.workshop)
    second = factories.make_ticket(desk.stranger, desk.workshop)
    staff_update(first, desk, text="Ordered.", status=desk.waiting.id)
    staff_update(second, desk, note=True, text="Who is this?")
    staff_update(first, desk, status=desk.closed.id)
    return first, second


def read(api, since=None, **parameters):
    answer = api.get("changes/", ({} if since is None else {"since": since}) | parameters)
    assert answer.status_code == 200, answer.content
    return answer.json()


def ids(page):
    return [entry["id"] for entry in page["data"]]


def all_ids():
    return list(Update.objects.order_by("id").values_list("id", flat=True))


def delete(api, desk, ticket):
    assert api.post(f"ticket/{ticket.id}/delete/", {"staff_id": desk.priya.id}).status_code == 200


class TestTheFeed:
    def test_has_every_entry_of_every_ticket_in_the_order_of_ids(self, api, tickets):
        page = read(api)

        assert ids(page) == all_ids()
        first, second = tickets
        assert [entry["ticket_id"] for entry in page["data"]] == [first.id, second.id, first.id, second.id, first.id]
        assert (page["next"], page["more"]) == (ids(page)[-1], False)

    def test_shows_each_as_its_ticket_does_private_notes_included(self, api, desk, tickets):
        of_tickets = {
            update["update_id"]: (ticket["id"], ticket["display_id"], update)
            for ticket in api.get("tickets/").json()["data"]
            for update in ticket["updates"]
        }

        assert read(api)["data"] == [
            {
                "id": id,
                "ticket_id": of_tickets[id][0],
                "display_id": of_tickets[id][1],
                "ticket_deleted": False,
                "update": of_tickets[id][2],
            }
            for id in all_ids()
        ]

    def test_goes_on_behind_a_position(self, api, tickets):
        known = all_ids()

        assert ids(read(api, known[1])) == known[2:]
        assert ids(read(api, 0)) == known

    def test_comes_in_pages_that_say_how_to_go_on(self, api, desk, tickets):
        for n in range(18):
            staff_update(tickets[0], desk, note=True, text=f"Note {n}.")

        pages = [read(api, 0, size=10)]
        while pages[-1]["more"]:
            pages.append(read(api, pages[-1]["next"], size=10))

        assert [len(page["data"]) for page in pages] == [10, 10, 3]
        assert [id for page in pages for id in ids(page)] == all_ids()
        assert [page["next"] for page in pages] == [ids(page)[-1] for page in pages]

    def test_says_no_more_when_a_page_is_filled_exactly(self, api, desk, tickets):
        for n in range(5):
            staff_update(tickets[0], desk, note=True, text=f"Note {n}.")

        page = read(api, 0, size=10)

        assert (len(page["data"]), page["more"]) == (10, False)

    @pytest.mark.parametrize(("size", "got"), [("", 50), ("9", 10), ("201", 200), ("x", 50), ("200", 200)])
    def test_has_sizes_of_its_own(self, api, tickets, size, got):
        entry = Update.objects.order_by("-id").values().first()
        del entry["id"]
        Update.objects.bulk_create(Update(**entry) for _ in range(200))

        assert len(read(api, size=size)["data"]) == got

    def test_is_empty_at_the_end_and_beyond_it(self, api, tickets):
        end = all_ids()[-1]

        assert read(api, end) == {"data": [], "next": end, "more": False}
        assert read(api, end + 1000) == {"data": [], "next": end + 1000, "more": False}
        assert read(api, 2**63 - 1)["next"] == 2**63 - 1

    def test_is_empty_on_an_empty_desk(self, api, desk):
        assert read(api) == {"data": [], "next": 0, "more": False}

    def test_shows_changes_of_custom_fields_when_asked_to(self, api, desk, tickets):
        field = factories.make_field("Frame size", categories=[desk.workshop])
        body = {"staff": desk.priya.id, f"t-cf-{field.id}": "54"}
        api.post(f"ticket/{tickets[0].id}/update_custom_fields/", body)

        [quiet] = read(api, all_ids()[-2])["data"]
        [shown] = read(api, all_ids()[-2], show_cf_changes="true")["data"]

        assert quiet["update"]["custom_field_change"] is None
        assert shown["update"]["custom_field_change"] == [
            {"id": str(field.id), "name": "Frame size", "from": "", "to": "54"}
        ]

    def test_has_an_entry_for_tags_and_none_for_subscribers(self, api, desk, tickets):
        end = all_ids()[-1]
        path = f"ticket/{tickets[0].id}"

        assert api.post(f"{path}/update_tags/", {"add": "hub"}).status_code == 200
        assert api.post(f"{path}/subscribe/", {"staff_id": desk.priya.id}).status_code == 200

        [entry] = read(api, end)["data"]
        assert (entry["ticket_id"], entry["update"]["message"]) == (tickets[0].id, None)

    def test_has_an_entry_for_the_correction_of_an_earlier_one(self, api, desk, tickets):
        corrected, end = all_ids()[2], all_ids()[-1]
        path = f"ticket/{tickets[0].id}/update/{corrected}/delete/"
        assert api.post(path, {"staff_id": desk.priya.id}).status_code == 200

        [entry] = read(api, end)["data"]
        assert entry["update"]["correction"] == {"update_id": corrected, "kind": "deleted"}
        [earlier] = [entry for entry in read(api)["data"] if entry["id"] == corrected]
        assert (earlier["update"]["message"], earlier["update"]["hidden"]) == (None, True)

    def test_follows_the_display_id_of_today(self, api, desk, tickets):
        body = {"staff_id": desk.priya.id, "target_category_id": desk.office.id}
        assert api.post(f"ticket/{tickets[0].id}/move/", body).status_code == 200

        shown = {entry["display_id"] for entry in read(api)["data"] if entry["ticket_id"] == tickets[0].id}

        assert shown == {f"#BO{tickets[0].id:08d}"}

    @pytest.mark.parametrize("fmt", ["yaml", "xml"])
    def test_says_the_same_in_the_other_formats(self, api, tickets, fmt):
        answer = api.get("changes/", {"since": 0}, format=fmt)

        assert answer.status_code == 200
        if fmt == "yaml":
            assert [entry["id"] for entry in yaml.safe_load(answer.content)["data"]] == all_ids()
        else:
            assert f"<next>{all_ids()[-1]}</next><more>False</more>" in answer.content.decode()


class TestADeletedTicket:
    def test_keeps_its_places_but_shows_only_that_it_is_gone(self, api, desk, tickets):
        first = tickets[0]
        before = read(api)["data"]
        delete(api, desk, first)

        page = read(api)

        assert ids(page) == all_ids()
        assert [entry["id"] for entry in before] == ids(page)[:-1]
        for entry in page["data"][:-1]:
            gone = entry["ticket_id"] == first.id
            assert entry["ticket_deleted"] == gone
            assert (entry["update"] is None) == gone

    def test_has_its_deletion_as_the_last_entry(self, api, desk, tickets):
        delete(api, desk, tickets[0])

        last = read(api)["data"][-1]

        assert (last["ticket_id"], last["ticket_deleted"]) == (tickets[0].id, True)
        assert last["update"]["by"]["id"] == desk.priya.id
        assert last["update"]["message"] is None
        assert last["id"] == Ticket.objects.get(id=tickets[0].id).last_update_id


class TestFiles:
    @pytest.fixture
    def ticket(self, api, desk, tickets):
        form = {"staff": desk.priya.id, "attachments": [SimpleUploadedFile("a.txt", b"abc", "text/plain")]}
        assert api.post(f"ticket/{tickets[0].id}/staff_update/", form, content_type="multipart").status_code == 200
        return tickets[0]

    def test_have_addresses_that_work_without_credentials(self, api, ticket):
        [file] = read(api)["data"][-1]["update"]["message"]["attachments"]

        answer = Client().get(file["url"].removeprefix("http://testserver"))

        assert b"".join(answer.streaming_content) == b"abc"

    def test_make_the_page_another_one_before_their_addresses_end(self, api, settings, ticket, monkeypatch):
        tag = api.get("changes/")["ETag"]
        assert api.get("changes/", If_None_Match=tag).status_code == 304

        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + settings.ATTACHMENT_ADDRESS_SECONDS)

        assert api.get("changes/", If_None_Match=tag).status_code == 200


class TestAFollowerWhoHasThePage:
    def test_is_told_so_until_something_happens(self, api, desk, tickets):
        end = all_ids()[-1]
        first = api.get("changes/", {"since": end})

        same = api.get("changes/", {"since": end}, If_None_Match=first["ETag"])
        assert (same.status_code, same.content, same["ETag"]) == (304, b"", first["ETag"])

        staff_update(tickets[0], desk, text="Ready.")
        other = api.get("changes/", {"since": end}, If_None_Match=first["ETag"])
        assert (other.status_code, len(other.json()["data"])) == (200, 1)

    def test_is_told_when_a_ticket_on_it_is_gone(self, api, desk, tickets):
        page = {"size": 10, "since": 0}
        delete(api, desk, tickets[1])
        tag = api.get("changes/", page)["ETag"]

        delete(api, desk, tickets[0])

        assert api.get("changes/", page, If_None_Match=tag).status_code == 200


class TestARefusal:
    @pytest.mark.parametrize("since", ["abc", "", "1.5", "0x10", "٣", "\x00", "2026-03-09 14:30:00", "1,2"])
    def test_names_a_position_that_is_no_number(self, api, tickets, since):
        answer = api.get("changes/", {"since": since})

        assert (answer.status_code, answer.json()) == (400, shape_l({"since": "Enter a whole number."}))

    @pytest.mark.parametrize("since", ["-1", str(2**63), "9" * 30])
    def test_names_a_position_that_cannot_be(self, api, tickets, since):
        answer = api.get("changes/", {"since": since})

        text = "Ensure this value is from 0 to 9223372036854775807."
        assert (answer.status_code, answer.json()) == (400, shape_l({"since": text}))

    def test_comes_in_the_asked_format(self, api, tickets):
        answer = api.get("changes/", {"since": "abc"}, format="yaml")

        assert yaml.safe_load(answer.content) == [{"field": "since", "errors": ["Enter a whole number."]}]

    def test_is_401_for_strangers_and_405_for_writers(self, api, desk):
        assert Client().get("/api/1.1/json/changes/").status_code == 401
        assert api.post("changes/", {}).status_code == 405


class TestAKeyLimitedToCategories:
    @pytest.fixture
    def limited(self, desk):
        return make_api(categories=[desk.workshop.id])

    @pytest.fixture
    def moved(self, api, desk, tickets):
        """The first ticket goes to the office, where something is said and it is deleted; the second stays."""
        desk.marker = "zanzibar"
        body = {"staff_id": desk.priya.id, "target_category_id": desk.office.id, "move_note": desk.marker}
        assert api.post(f"ticket/{tickets[0].id}/move/", body).status_code == 200
        staff_update(tickets[0], desk, note=True, text=desk.marker)
        return tickets

    def test_follows_what_happens_in_them(self, api, limited, desk, tickets):
        assert read(limited) == read(api)

    def test_learns_that_a_ticket_has_left_but_not_where_to(self, api, limited, desk, moved):
        answer = limited.get("changes/")
        page = answer.json()

        gone = [entry for entry in page["data"] if entry["ticket_id"] == moved[0].id]
        assert len(gone) == 4
        assert all(entry["ticket_deleted"] and entry["update"] is None for entry in gone)
        assert {entry["display_id"] for entry in gone} == {f"#RW{moved[0].id:08d}"}
        assert [entry["ticket_deleted"] for entry in page["data"] if entry["ticket_id"] == moved[1].id] == [False] * 2
        assert desk.marker not in answer.content.decode()
        assert api.get(f"ticket/{moved[0].id}/").status_code == 200
        assert limited.get(f"ticket/{moved[0].id}/").status_code == 404

    def test_has_positions_that_tell_nothing_of_other_categories(self, limited, desk, moved):
        end = read(limited)["next"]
        tag = limited.get("changes/", {"since": end})["ETag"]
        staff_update(moved[0], desk, note=True, text="Elsewhere.")

        assert read(limited, "end")["next"] == read(limited)["next"] == end
        assert limited.get("changes/", {"since": end}, If_None_Match=tag).status_code == 304
        assert limited.get("deleted_tickets/", {"since": "2026-03-09 00:00:00"}).json()["next"] == end

    def test_has_the_deleted_tickets_of_its_categories(self, api, limited, desk, moved):
        for ticket in moved:
            delete(api, desk, ticket)

        assert [row["id"] for row in limited.get("deleted_tickets/").json()["data"]] == [moved[1].id]
        assert [row["id"] for row in api.get("deleted_tickets/").json()["data"]] == [ticket.id for ticket in moved]


class TestTheEnd:
    def test_is_behind_all_that_is_there(self, api, desk, tickets):
        end = read(api, "end")
        assert end == {"data": [], "next": all_ids()[-1], "more": False}

        staff_update(tickets[0], desk, text="Ready.")
        assert len(read(api, end["next"])["data"]) == 1

    def test_of_an_empty_desk_is_its_beginning(self, api, desk):
        assert read(api, "end")["next"] == 0
