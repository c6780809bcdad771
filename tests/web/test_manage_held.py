"""Mails that wait for somebody to say where they belong, at the pages."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client

from reynard.desk.actions import catalog
from reynard.desk.models import InboundMail, Ticket, Update
from reynard.desk.selectors import reference
from tests import factories
from tests.mail.arriving import LENA, arrive, mail, make_mailbox, reply_to, verdict

SignIn = Callable[..., Client]


@pytest.fixture
def priya(desk: SimpleNamespace, sign_in: SignIn) -> Client:
    make_mailbox(desk.workshop)
    return sign_in(desk.priya)


def _held(desk: SimpleNamespace, text: str = "Send it to me.", **headers: str) -> tuple[InboundMail, Ticket]:
    """A forged mail that waits, and the ticket that it names."""
    ticket = factories.make_ticket(desk.lena, desk.workshop)
    return arrive(mail(to=reply_to(ticket.id), text=text, **verdict("fail"), **headers)), ticket


def _decide(client: Client, row: InboundMail, do: str, **form: object) -> tuple[int, str]:
    answer = client.post(f"/manage/held/{row.id}/decide/", {"do": do, **form}, follow=True)
    row.refresh_from_db()
    return answer.status_code, answer.content.decode()


def test_those_that_wait_are_listed_with_the_reason(priya: Client, desk: SimpleNamespace) -> None:
    row, ticket = _held(desk, Subject="Send <it>")
    page = priya.get("/manage/held/").content.decode()
    for part in ("Send &lt;it&gt;", LENA, f"Move to #{ticket.id}", f"/manage/held/{row.id}/"):
        assert part in page
    assert row.reason.split(".")[0] in page.replace("&#x27;", "'")
    assert "No mail waits here" in priya.get("/manage/held/?state=failed").content.decode()
    assert priya.get("/manage/held/?state=taken").status_code == 404
    assert "1 is held" in priya.get("/manage/mailboxes/").content.decode()


def test_one_click_moves_a_mail_to_the_ticket_it_names(priya: Client, desk: SimpleNamespace) -> None:
    row, ticket = _held(desk)
    _status, page = _decide(priya, row, "move", ticket=ticket.id)
    assert (row.state, row.ticket_id) == ("taken", ticket.id)
    assert "Send it to me." in Update.objects.get(id=row.update_id).text
    assert f'href="/inbox/ticket/{ticket.id}/"' in page
    assert "Priya Raman let it in." in row.reason
    assert priya.get(f"/manage/held/{row.id}/").status_code == 404


def test_it_may_go_to_another_ticket_or_one_of_its_own(priya: Client, desk: SimpleNamespace) -> None:
    other = factories.make_ticket(desk.lena, desk.workshop)
    row, _ticket = _held(desk)
    _decide(priya, row, "move", ticket=f" #RW{other.id:08} ")
    assert row.ticket_id == other.id
    row, ticket = _held(desk)
    _decide(priya, row, "open")
    assert row.ticket_id not in {None, ticket.id}


@pytest.mark.parametrize(
    ("number", "said"), [("", "Give the number of a ticket"), ("next", "Give the number"), ("999999", "Select a valid")]
)
def test_a_ticket_that_is_not_there_is_said_and_the_mail_waits_on(
    priya: Client, desk: SimpleNamespace, number: str, said: str
) -> None:
    row, _ticket = _held(desk)
    status, page = _decide(priya, row, "move", ticket=number)
    assert status == 400
    assert said in page
    assert row.state == "held"


def test_one_that_is_left_out_stays_to_be_found(priya: Client, desk: SimpleNamespace) -> None:
    row, _ticket = _held(desk)
    _decide(priya, row, "leave")
    assert row.state == "ignored"
    assert "No mail waits here" in priya.get("/manage/held/").content.decode()
    assert LENA in priya.get("/manage/held/?state=ignored").content.decode()


def test_a_mail_is_shown_as_text_and_given_as_it_came(priya: Client, desk: SimpleNamespace) -> None:
    row, _ticket = _held(desk, text="<script>alert(1)</script>", X_Evil="<img src=x>")
    answer = priya.get(f"/manage/held/{row.id}/")
    page = answer.content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "X-Evil: &lt;img src=x&gt;" in page
    raw = priya.get(f"/manage/held/{row.id}/raw/")
    assert b"<script>alert(1)</script>" in b"".join(raw.streaming_content)  # type: ignore[attr-defined]
    assert raw["Content-Disposition"].startswith("attachment")
    assert raw["Content-Type"] == "application/octet-stream"


def test_mails_of_other_categories_do_not_exist(priya: Client, desk: SimpleNamespace, sign_in: SignIn) -> None:
    row, ticket = _held(desk)
    desk.jonas.role = catalog.add_role(name="Channels", permissions=["manage_channels", "web_reply"])
    desk.jonas.save()
    reference.changed()
    jonas = sign_in(desk.jonas)  # of the back office
    assert "No mail waits here" in jonas.get("/manage/held/").content.decode()
    for path in ("", "raw/"):
        assert jonas.get(f"/manage/held/{row.id}/{path}").status_code == 404
    assert _decide(jonas, row, "move", ticket=ticket.id)[0] == 404
    assert _decide(jonas, row, "leave")[0] == 404
    assert row.state == "held"


def test_a_long_list_has_pages(priya: Client, desk: SimpleNamespace) -> None:
    row, _ticket = _held(desk)
    copies = []
    for _ in range(60):
        copy = InboundMail(**{field.attname: getattr(row, field.attname) for field in InboundMail._meta.fields})
        copy.pk, copy.uid, copy.folder_id = None, None, None
        copies.append(copy)
    InboundMail.objects.bulk_create(copies)
    page = priya.get("/manage/held/").content.decode()
    assert page.count("/decide/") == 50
    older = page.split("before=")[1].split('"')[0]
    assert priya.get(f"/manage/held/?state=held&before={older}").content.decode().count("/decide/") == 11
