"""POST ticket/<id>/delete/ (tickets.md §17). Permissions are in test_permissions."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from reynard.desk.models import Contact, Ticket, TicketCounter, Update
from tests import factories
from tests.api.writing import NOT_A_CHOICE, REQUIRED, everything, shape_l


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop)


@pytest.fixture
def delete(api, desk, ticket):
    """Deletes as Jonas."""

    def send(values=None, number=ticket.id, **options):
        return api.post(f"ticket/{number}/delete/", {"staff_id": desk.jonas.id} | (values or {}), **options)

    return send


def test_the_answer_has_the_display_id_it_had(delete, ticket):
    answer = delete()
    assert (answer.status_code, answer.json()) == (200, {"deleted_ticket": f"#RW{ticket.id:08d}"})
    assert "ETag" not in answer


@pytest.mark.parametrize(
    ("format", "body"),
    [
        ("yaml", "deleted_ticket: '#RW{:08d}'\n"),
        ("xml", "<response><deleted_ticket>#RW{:08d}</deleted_ticket></response>"),
    ],
)
def test_it_is_said_in_the_asked_format(delete, ticket, format, body):
    assert body.format(ticket.id) in delete(format=format).content.decode()


def test_afterwards_every_path_of_the_ticket_is_404(api, delete, desk, ticket):
    assert delete().status_code == 200
    after = everything()
    gone = (404, {"error": "Cannot find the requested object"})
    answer = api.get(f"ticket/{ticket.id}/")
    assert (answer.status_code, answer.json()) == gone
    assert api.get(f"ticket/RW{ticket.id:08d}/").status_code == 404
    staff, acting = {"staff": desk.priya.id}, {"staff_id": desk.priya.id}
    for operation, body in {
        "staff_update": staff | {"text": "x"},
        "staff_pvtnote": staff | {"text": "x"},
        "user_reply": {"user": desk.lena.id, "text": "x"},
        "update_custom_fields": staff,
        "update_tags": {"add": "x"},
        "subscribe": acting,
        "unsubscribe": acting,
        "forward": acting | {"to": "x@hubs.example", "subject": "x"},
        "move": acting | {"target_category_id": desk.office.id},
        "delete": acting,
    }.items():
        answer = api.post(f"ticket/{ticket.id}/{operation}/", body)
        assert (answer.status_code, answer.json()) == gone, operation
    assert everything() == after


def test_its_files_are_gone(api, delete, desk, ticket):
    form = {"staff": desk.priya.id, "attachments": SimpleUploadedFile("a.txt", b"a", "text/plain")}
    answered = api.post(f"ticket/{ticket.id}/staff_update/", form, content_type="multipart").json()
    address = answered["updates"][-1]["message"]["attachments"][0]["url"].partition("testserver")[2]
    assert Client().get(address).getvalue() == b"a"
    delete()
    assert Client().get(address).status_code == 404


def test_lists_and_counts_forget_it(api, delete, desk, ticket):
    other = factories.make_ticket(desk.lena, desk.workshop)
    close = {"staff": desk.priya.id, "status": desk.closed.id}
    api.post(f"ticket/{other.id}/staff_update/", close)
    assert api.get("tickets/?minify_response=true").json()["data"] == [other.id, ticket.id]
    for number, left in ((ticket.id, [other.id]), (other.id, [])):
        delete(number=number)
        page = api.get("tickets/").json()
        assert [found["id"] for found in page["data"]] == left
        assert page["page_info"]["last_index"] == len(left)
        contact = Contact.objects.get(id=desk.lena.id)
        assert (contact.tickets_count, contact.pending_tickets_count) == (len(left), 0)
    assert set(TicketCounter.objects.values_list("tickets", flat=True)) == {0}


def test_the_row_is_kept_with_an_entry_that_says_who_deleted_it(delete, desk, ticket):
    delete()
    kept = Ticket.objects.get(id=ticket.id)
    entry = Update.objects.latest("id")
    assert kept.deleted_at == kept.last_modified_at == entry.created_at
    assert (entry.ticket_id, kept.last_update_id, kept.version) == (ticket.id, entry.id, 2)
    assert (entry.author_type, entry.author_id, entry.author_name) == ("staff", desk.jonas.id, "Jonas Beck")
    assert json.loads(entry.changes) == {"deleted": True}
    assert kept.last_updated_at == ticket.last_updated_at


def test_its_number_is_never_given_again(delete, desk, ticket):
    delete()
    assert factories.make_ticket(desk.lena, desk.workshop).id > ticket.id


def test_not_even_when_the_row_were_gone(desk, ticket):
    Update.objects.all().delete()
    Ticket.objects.filter(id=ticket.id).delete()
    assert factories.make_ticket(desk.lena, desk.workshop).id > ticket.id


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL counts numbers in a sequence")
def test_sqlite_counts_numbers_by_itself(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'desk_ticket'")
        assert '"id" integer NOT NULL PRIMARY KEY AUTOINCREMENT' in cursor.fetchone()[0]


def test_who_deletes_must_be_active_staff(delete, desk):
    before = everything()
    assert delete({"staff_id": None}).json() == shape_l({"staff_id": REQUIRED})
    for wrong in (desk.gone.id, 999_999, "x", [desk.jonas.id]):
        answer = delete({"staff_id": wrong})
        assert (answer.status_code, answer.json()) == (400, shape_l({"staff_id": NOT_A_CHOICE}))
    assert everything() == before


def test_a_repeated_delete_with_its_key_is_answered_again(delete, ticket):
    first = delete(Idempotency_Key="k")
    again = delete(Idempotency_Key="k")
    assert (again.status_code, again.content) == (200, first.content)
    assert again["Idempotency-Replayed"] == "true"
    assert delete().status_code == 404


def test_a_ticket_that_is_not_there(delete):
    assert delete(number=999_999).status_code == 404
