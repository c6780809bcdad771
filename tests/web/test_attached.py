"""Files of what is written on a ticket."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reynard.desk.models import Attachment, Ticket, Update
from tests import factories

SignIn = Callable[..., Client]


def _send(client: Client, ticket: Ticket, **form: Any) -> tuple[int, str]:
    answer = client.post(f"/inbox/ticket/{ticket.id}/send/", {"mode": "reply", "last_seen": "0", **form})
    return answer.status_code, answer.content.decode()


def _file(name: str = "cable.txt", content: bytes = b"frayed") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/plain")


def _tokens(page: str, mode: str = "reply") -> list[str]:
    return re.findall(rf'name="{mode}_kept" value="([^"]+)"', page)


def _names() -> list[str]:
    return list(Attachment.objects.filter(update=Update.objects.latest("id")).values_list("filename", flat=True))


def test_each_kind_of_message_has_its_own_files(desk: SimpleNamespace, ticket: Ticket, priya: Client) -> None:
    files = {"reply_files": _file("for-lena.txt"), "note_files": [_file("for-us.txt"), _file("too.txt", b"x")]}
    assert _send(priya, ticket, mode="note", note="", **files)[0] == 302
    assert (Update.objects.latest("id").message_type, _names()) == ("p", ["for-us.txt", "too.txt"])


def test_files_of_a_refused_message_are_kept_and_sent_with_the_next_try(
    desk: SimpleNamespace, ticket: Ticket, priya: Client
) -> None:
    wrong = {"reply": "See this.", "reply_cc": "nonsense"}
    status, page = _send(priya, ticket, reply_files=_file(), note_files=_file("note.txt"), **wrong)
    assert status == 400
    assert "cable.txt" in page
    assert len(_tokens(page, "note")) == 1
    more = {"reply_kept": _tokens(page), "reply_files": _file("second.txt", b"2")}
    assert _send(priya, ticket, reply="See this.", **more)[0] == 302
    assert _names() == ["cable.txt", "second.txt"]
    file = Attachment.objects.get(filename="cable.txt")
    assert b"".join(priya.get(f"/inbox/file/{file.id}/").streaming_content) == b"frayed"  # type: ignore[attr-defined]


def test_what_names_a_kept_file_is_worth_nothing_to_others_elsewhere_or_changed(
    desk: SimpleNamespace, ticket: Ticket, priya: Client, sign_in: SignIn
) -> None:
    (token,) = _tokens(_send(priya, ticket, reply_files=_file(), reply_cc="nonsense")[1])
    desk.jonas.categories.add(desk.workshop)
    from reynard.desk.selectors import reference

    reference.changed()
    other = factories.make_ticket(desk.lena, desk.workshop)
    before = Update.objects.count()
    tries = [(sign_in(desk.jonas), ticket, token), (priya, other, token), (priya, ticket, token[:-1] + "~")]
    for client, where, given in tries:
        status, page = _send(client, where, reply="See this.", reply_kept=given)
        assert status == 400
        assert "A file is not kept any more" in page
        assert "See this.</textarea>" in page
        assert not _tokens(page)
    assert Update.objects.count() == before


def test_too_much_is_refused_with_the_limit_and_the_text_stays(
    desk: SimpleNamespace, ticket: Ticket, priya: Client, settings: Any
) -> None:
    settings.ATTACHMENTS_LIMIT_BYTES = settings.MIB
    page = _send(priya, ticket, reply_files=_file(content=b"x" * 600_000), reply_cc="nonsense")[1]
    form = {"reply": "See this.", "reply_kept": _tokens(page), "reply_files": _file("b.txt", b"y" * 600_000)}
    status, page = _send(priya, ticket, **form)
    assert status == 400
    assert "The files of one message may have 1 MB together." in page
    assert "See this.</textarea>" in page
    assert "cable.txt" in page
    assert not Attachment.objects.exists()


def test_taking_a_reply_back_brings_its_files_and_copies_with_the_text(
    desk: SimpleNamespace, ticket: Ticket, priya: Client
) -> None:
    _send(priya, ticket, reply="See this.", reply_files=_file(), reply_cc="anna@example.org", reply_bcc="b@example.org")
    update = Update.objects.latest("id")
    page = priya.post(f"/inbox/ticket/{ticket.id}/withdraw/", {"update": update.id}, follow=True).content.decode()
    assert "See this.</textarea>" in page
    assert 'name="reply_cc" value="anna@example.org"' in page
    assert 'name="reply_bcc" value="b@example.org"' in page
    form = {"reply": "See this, Lena.", "reply_kept": _tokens(page)}
    assert _send(priya, ticket, **form)[0] == 302
    assert _names() == ["cable.txt"]
    assert not _tokens(priya.get(f"/inbox/ticket/{ticket.id}/").content.decode())


def test_choosing_a_canned_action_without_scripts_keeps_the_files(
    desk: SimpleNamespace, ticket: Ticket, priya: Client
) -> None:
    address = f"/inbox/ticket/{ticket.id}/canned/"
    page = priya.post(address, {"into": "note", "note": "x", "note_files": _file()}).content.decode()
    assert len(_tokens(page, "note")) == 1
