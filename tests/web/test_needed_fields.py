"""Fields that are needed for the status after sending are filled where one writes."""

import html
import re
from types import SimpleNamespace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reynard.desk.models import Attachment, Ticket, Update
from reynard.desk.selectors import reference
from tests import factories


def _send(client: Client, ticket: Ticket, **form: Any) -> tuple[int, str]:
    answer = client.post(f"/inbox/ticket/{ticket.id}/send/", {"mode": "reply", "last_seen": "0", **form})
    return answer.status_code, html.unescape(answer.content.decode())


def _composer(page: str) -> str:
    return page.split('class="composer', 1)[1].split("</form>", 1)[0]


def test_what_is_missing_is_asked_for_in_the_composer_and_sent_in_one_press(
    desk: SimpleNamespace, ticket: Ticket, priya: Client
) -> None:
    bought = factories.make_field("Bought on", "date", categories=[desk.workshop], compulsory_on_completed=True)
    other = factories.make_field("Colour", categories=[desk.workshop])
    form = {"reply": "Done, come by.", "status": str(desk.closed.id), "reply_cc": "anna@example.org"}
    status, page = _send(priya, ticket, **form, reply_files=SimpleUploadedFile("bill.txt", b"9 EUR"))
    composer = _composer(page)
    assert status == 400
    assert f'name="field-{bought.id}"' in composer
    assert f'name="field-{other.id}"' not in composer
    assert "Bought on: This field should be filled before marking this ticket as completed" in composer
    assert f'aria-describedby="n-{bought.id}-error"' in composer
    kept = re.findall(r'name="reply_kept" value="([^"]+)"', composer)
    assert _send(priya, ticket, **form, reply_kept=kept, **{f"field-{bought.id}": "2026-03-02"})[0] == 302
    ticket.refresh_from_db()
    assert (ticket.status_id, ticket.custom_values) == (desk.closed.id, {str(bought.id): "2026-03-02"})
    assert Attachment.objects.get(update=Update.objects.latest("id")).filename == "bill.txt"


def test_values_that_cannot_be_are_shown_again_with_what_is_wrong(
    desk: SimpleNamespace, ticket: Ticket, priya: Client
) -> None:
    price = factories.make_field("Price", "number", categories=[desk.workshop], compulsory_on_completed=True)
    services = factories.make_field(
        "Services", "multiple_choice", categories=[desk.workshop], compulsory_on_completed=True, choices=["A", "B"]
    )
    first, second = services.choices.order_by("id").values_list("id", flat=True)
    values = {f"field-{price.id}": "much", f"many-field-{services.id}": "1", f"field-{services.id}": [str(second)]}
    status, page = _send(priya, ticket, reply="Done.", status=str(desk.closed.id), **values)
    composer = _composer(page)
    assert status == 400
    assert 'value="much"' in composer
    assert f'<option value="{second}" selected>' in composer
    assert f'<option value="{first}" selected>' not in composer
    assert "Done.</textarea>" in composer


def test_time_that_is_missing_is_said_at_its_field(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    desk.workshop.time_spent_mandatory = True
    desk.workshop.save()
    reference.changed()
    composer = _composer(_send(priya, ticket, mode="note", note="Done.")[1])
    assert 'aria-describedby="note-minutes-error"' in composer
    assert 'aria-describedby="reply-minutes-error"' not in composer
    assert "Time spent: This field is required." in composer


def test_everything_that_is_missing_is_asked_for_at_once(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    bought = factories.make_field("Bought on", "date", categories=[desk.workshop], compulsory_on_completed=True)
    desk.workshop.time_spent_mandatory = True
    desk.workshop.save()
    reference.changed()
    assert f'name="field-{bought.id}"' in _composer(_send(priya, ticket, reply="Done.", status=desk.closed.id)[1])
    assert f'name="field-{bought.id}"' not in _composer(_send(priya, ticket, reply="Done.", status=desk.waiting.id)[1])


def test_a_property_that_is_refused_does_not_appear_in_the_composer(
    desk: SimpleNamespace, ticket: Ticket, priya: Client
) -> None:
    price = factories.make_field("Price", "number", categories=[desk.workshop])
    answer = priya.post(f"/inbox/ticket/{ticket.id}/change/", {f"field-{price.id}": "much"})
    assert answer.status_code == 400
    assert f"field-{price.id}" not in _composer(answer.content.decode())
