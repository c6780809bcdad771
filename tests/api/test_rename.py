"""`new_subject` in POST ticket/<id>/staff_update/ renames the ticket (observed.md §2); `subject` never does."""

import pytest
import yaml

from reynard.desk.actions import reindexing
from tests import factories
from tests.api.searching import search
from tests.api.writing import FORM, REQUIRED, everything, last_update, shape_l


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop, subject="Brake cable frayed", tags=["warranty"])


@pytest.fixture
def update(api, desk, ticket):
    def send(values, **options):
        return api.post(f"ticket/{ticket.id}/staff_update/", {"staff": desk.priya.id} | values, **options)

    return send


def test_it_renames_the_ticket_and_says_so_in_the_history(update):
    answer = update({"new_subject": "Brake cable\nreplaced", "plaintext": "Done."})
    assert answer.json()["subject"] == "Brake cable replaced"
    entry = last_update(answer)
    assert entry["subject_change"] == {"old": "Brake cable frayed", "new": "Brake cable replaced"}
    assert (entry["message"]["text"], entry["message"]["subject"]) == ("Done.\n\n", "")


def test_it_may_be_the_only_change(update):
    entry = last_update(update({"new_subject": "Cable"}))
    assert (entry["message"], entry["subject_change"]["new"]) == (None, "Cable")


def test_entries_that_rename_nothing_have_no_such_key(update):
    assert "subject_change" not in last_update(update({"plaintext": "Done.", "new_subject": "Brake cable frayed"}))


@pytest.mark.parametrize("body", [{"subject": "Cable"}, {"new_subject": "Brake cable frayed"}, {"new_subject": None}])
def test_the_same_title_or_the_subject_of_a_reply_is_nothing_to_update(update, body):
    before = everything()
    answer = update(body)
    assert (answer.status_code, answer.json()) == (400, {"error": "Nothing to update"})
    assert everything() == before


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("", REQUIRED),
        (" \n ", REQUIRED),
        ("x" * 1001, "Ensure this value has at most 1000 characters (it has 1001)."),
        (["a"], "Enter a text."),
        ("a\x00b", "Null characters are not allowed."),
    ],
)
def test_a_title_that_is_none_changes_nothing(update, title, text):
    before = everything()
    answer = update({"new_subject": title, "plaintext": "Done."})
    assert (answer.status_code, answer.json()) == (400, shape_l({"new_subject": text}))
    assert everything() == before


def test_an_empty_value_of_a_form_counts_as_not_sent(api, desk, ticket):
    body = f"staff={desk.priya.id}&new_subject=&plaintext=Done".encode()
    answer = api.post(f"ticket/{ticket.id}/staff_update/", body, content_type=FORM)
    assert (answer.status_code, answer.json()["subject"]) == (200, "Brake cable frayed")


def test_it_is_found_by_the_new_words_and_no_longer_by_the_old(api, update, ticket):
    assert update({"new_subject": "Saddle squeaks", "tags": "oil"}).status_code == 200
    for again in (False, True):
        assert search(api, "saddle") == search(api, "oil") == search(api, "warranty") == [ticket.id]
        assert search(api, "frayed") == []
        if not again:
            reindexing.begin()
            reindexing.go_on(lambda done: None)


def test_it_can_be_renamed_again_and_deleted_without_a_trace_in_the_search(api, update, ticket, desk):
    for title in ("Saddle squeaks", "Bell mute"):
        assert update({"new_subject": title}).status_code == 200
    assert (search(api, "saddle"), search(api, "bell")) == ([], [ticket.id])
    assert api.post(f"ticket/{ticket.id}/delete/", {"staff_id": desk.priya.id}).status_code == 200
    assert search(api, "bell") == []


def test_lists_are_sorted_by_the_new_title(api, update, desk, ticket):
    other = factories.make_ticket(desk.lena, desk.workshop, subject="Chain")
    assert update({"new_subject": "Zipper"}).status_code == 200
    assert search(api, sort="subjecta") == [other.id, ticket.id]
    assert update({"new_subject": "axle"}).status_code == 200
    assert search(api, sort="subjecta") == [ticket.id, other.id]


def test_notes_do_not_rename(api, desk, ticket):
    body = {"staff": desk.priya.id, "text": "Psst.", "new_subject": "Cable"}
    assert api.post(f"ticket/{ticket.id}/staff_pvtnote/", body).json()["subject"] == "Brake cable frayed"


def test_other_formats_say_the_same(api, update, ticket):
    update({"new_subject": "Cable"})
    whole = yaml.safe_load(api.get(f"ticket/{ticket.id}/", format="yaml").content)
    assert [entry.get("subject_change") for entry in whole["updates"]] == [
        None,
        {"old": "Brake cable frayed", "new": "Cable"},
    ]
    xml = api.get(f"ticket/{ticket.id}/", format="xml").content
    assert xml.count(b"<subject_change><old>Brake cable frayed</old><new>Cable</new></subject_change>") == 1
