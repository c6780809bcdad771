"""Files: sent with a message, stored once, downloaded by a signed address that expires (tickets.md §1.4)."""

import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reynard.desk.models import Attachment
from tests import factories
from tests.api.writing import everything, last_update, shape_l


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop)


@pytest.fixture
def attach(api, desk, ticket):
    """Sends files as a staff update."""

    def send(*files, operation="staff_update", **values):
        author = {"user": desk.lena.id} if operation == "user_reply" else {"staff": desk.priya.id}
        form = author | values | {"attachments": list(files)}
        return api.post(f"ticket/{ticket.id}/{operation}/", form, content_type="multipart")

    return send


def file(name="photo.png", content=b"\x89PNG", content_type="image/png"):
    return SimpleUploadedFile(name, content, content_type)


def part(header, content=b"x"):
    """A multipart body of one file, with exactly this header, and its content type."""
    head = b"--b\r\nContent-Disposition: form-data; name=attachments; " + header + b"\r\n\r\n"
    return head + content + b"\r\n--b--\r\n", "multipart/form-data; boundary=b"


def download(attachment, method="get"):
    """Fetches the address of an attachment, without credentials; `body` is what came."""
    return fetch(attachment["url"].removeprefix("http://testserver"), method)


def fetch(path, method="get"):
    answer = getattr(Client(), method)(path)
    answer.body = answer.getvalue()  # to the end, which closes the file
    return answer


def stored_files():
    return [path for path in Path(default_storage.location).rglob("*") if path.is_file()]


def test_a_new_ticket_brings_files(api, desk):
    form = {"client": str(desk.lena.id), "subject": "Brake", "text": "See photo.", "category": str(desk.workshop.id)}
    form["attachments"] = [file(), file("notes.txt", b"hello", "text/plain")]
    answer = api.post("tickets/", form, content_type="multipart")
    first, second = last_update(answer)["message"]["attachments"]
    ids = list(Attachment.objects.order_by("id").values_list("id", flat=True))
    assert first == {
        "id": ids[0],
        "filename": "photo.png",
        "url": first["url"],
        "size": 4,
        "content_type": "image/png",
        "expires_at": first["expires_at"],
    }
    assert (second["id"], second["filename"], second["size"]) == (ids[1], "notes.txt", 5)
    assert first["url"].startswith(f"http://testserver/attachments/{ids[0]}/")
    assert answer.json()["attachments_count"] == 2


@pytest.mark.parametrize("operation", ["staff_update", "staff_pvtnote", "user_reply"])
def test_a_file_alone_is_a_message(attach, operation):
    answer = attach(file(), operation=operation)
    message = last_update(answer)["message"]
    assert [item["filename"] for item in message["attachments"]] == ["photo.png"]
    assert message["message_type"] == ("p" if operation == "staff_pvtnote" else None)
    assert (answer.json()["messages_count"], answer.json()["attachments_count"]) == (2, 1)


def test_equal_content_is_stored_once(attach):
    content = str(time.monotonic_ns()).encode()
    count = len(stored_files())
    attach(file("a.png", content), file("b.png", content), text="x")
    attach(file("c.png", content), text="y")
    assert len(stored_files()) == count + 1
    assert len(set(Attachment.objects.values_list("sha256"))) == 1


def test_a_download_is_never_a_page_of_ours(attach):
    attachment = last_update(attach(file()))["message"]["attachments"][0]
    answer = download(attachment)
    assert (answer.status_code, answer.body) == (200, b"\x89PNG")
    assert answer["Content-Disposition"] == "attachment; filename=\"photo.png\"; filename*=UTF-8''photo.png"
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Length"] == "4"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    "content_type",
    [
        "text/html",
        "image/svg+xml",
        "application/xhtml+xml",
        "text/xml",
        "text/javascript",
        "x/y",
        "image/png; a=b",
        "é",
    ],
)
def test_what_could_run_a_script_is_plain_bytes(attach, content_type):
    sent = file("page.html", b"<script>alert(1)</script>", content_type)
    attachment = last_update(attach(sent))["message"]["attachments"][0]
    answer = download(attachment)
    assert answer["Content-Type"] in {"application/octet-stream", "image/png"}
    assert answer["Content-Disposition"].startswith("attachment; ")
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_an_address_serves_again_until_it_expires(attach, monkeypatch):
    attachment = last_update(attach(file()))["message"]["attachments"][0]
    now = time.time()
    for later, status in ((0, 200), (0, 200), (settings.ATTACHMENT_ADDRESS_SECONDS - 2, 200), (301, 403), (9e9, 403)):
        monkeypatch.setattr("reynard.api.wire.time.time", lambda later=later: now + later)
        answer = download(attachment)
        assert answer.status_code == status
    assert answer.body == b"This address has expired or is not genuine. Read the ticket again for a fresh one.\n"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_an_address_cannot_be_made_up(attach):
    one, two = last_update(attach(file(), file("b.png", b"b")))["message"]["attachments"]
    start, _, signed = one["url"].removeprefix("http://testserver").rstrip("/").rpartition("/")
    expires, _, signature = signed.partition("-")
    for path in (
        f"{start}/{expires}-{signature[::-1]}/",
        f"{start}/{int(expires) + 1}-{signature}/",
        start.replace(str(one["id"]), str(two["id"])) + f"/{signed}/",
        f"{start}/{expires}-{'_' * 22}",
    ):
        assert fetch(path).status_code == 403
    assert fetch(f"{start}/{signed}").status_code == 200
    assert fetch(f"{start}/{expires}-{signature}é/").status_code == 404


def test_a_download_is_only_read(attach):
    attachment = last_update(attach(file()))["message"]["attachments"][0]
    assert download(attachment, "head").status_code == 200
    answer = download(attachment, "post")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


def test_the_file_of_a_deleted_ticket_is_gone(attach, ticket):
    attachment = last_update(attach(file()))["message"]["attachments"][0]
    ticket.deleted_at = ticket.created_at
    ticket.save()
    assert download(attachment).status_code == 404


@pytest.mark.parametrize(
    ("sent", "kept", "disposition"),
    [
        (
            b'filename="a \\"b\\".png"',
            'a "b".png',
            "attachment; filename=\"a _b_.png\"; filename*=UTF-8''a%20%22b%22.png",
        ),
        (
            'filename="Größe 漢字.png"'.encode(),
            "Größe 漢字.png",
            "attachment; filename=\"Gr??e ??.png\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%E6%BC%A2%E5%AD%97.png",
        ),
        (
            b"filename*=UTF-8''%E2%82%AC%0D%0ASet-Cookie%3A%20x%00.png",
            "€Set-Cookie: x.png",
            "attachment; filename=\"?Set-Cookie: x.png\"; filename*=UTF-8''%E2%82%ACSet-Cookie%3A%20x.png",
        ),
        (b'filename="../../etc/passwd"', "passwd", "attachment; filename=\"passwd\"; filename*=UTF-8''passwd"),
        (rb'filename="C:\\Users\\me\\x.png"', "x.png", "attachment; filename=\"x.png\"; filename*=UTF-8''x.png"),
    ],
)
def test_names_of_files(api, desk, ticket, sent, kept, disposition):
    body, content_type = part(sent)
    body = body.replace(
        b"--b\r\n", b"--b\r\nContent-Disposition: form-data; name=staff\r\n\r\n%d\r\n--b\r\n" % desk.priya.id, 1
    )
    answer = api.post(f"ticket/{ticket.id}/staff_update/", body, content_type=content_type)
    attachment = last_update(answer)["message"]["attachments"][0]
    assert attachment["filename"] == kept
    assert download(attachment)["Content-Disposition"] == disposition


def test_a_long_name_keeps_its_ending(attach):
    attachment = last_update(attach(file("x" * 400 + ".png")))["message"]["attachments"][0]
    assert len(attachment["filename"]) == 255
    assert attachment["filename"].endswith("x.png")


def test_files_above_the_limit_are_refused_together(attach, settings):
    settings.ATTACHMENTS_LIMIT_BYTES = 2 * settings.MIB
    before = everything()
    answer = attach(file(content=b"x" * settings.MIB), file(content=b"y" * settings.MIB + b"y"), status="999999")
    assert answer.status_code == 400
    assert answer.json() == shape_l(
        {
            "attachments": "The files of one message may have 2 MB together.",
            "status": "Select a valid choice. That choice is not one of the available choices.",
        }
    )
    assert everything() == before
    assert attach(file(content=b"x" * settings.MIB), file(content=b"y" * settings.MIB)).status_code == 200


def test_a_large_file_comes_back_as_it_was_sent(attach):
    content = bytes(range(256)) * 4096 * 3
    attachment = last_update(attach(file("large.bin", content, "application/octet-stream")))["message"]["attachments"][
        0
    ]
    assert attachment["size"] == len(content)
    assert download(attachment).body == content


def test_an_empty_file_is_a_file(attach):
    attachment = last_update(attach(file("empty.txt", b"", "text/plain")))["message"]["attachments"][0]
    assert (attachment["size"], download(attachment).body) == (0, b"")


def test_files_in_other_parts_and_an_empty_file_input_are_ignored(api, desk, ticket):
    form = {"staff": desk.priya.id, "text": "x", "photo": file()}
    url = f"ticket/{ticket.id}/staff_update/"
    assert last_update(api.post(url, form, content_type="multipart"))["message"]["attachments"] == []
    no_file = b"--b\r\nContent-Disposition: form-data; name=staff\r\n\r\n%d\r\n" % desk.priya.id
    no_file += b"--b\r\nContent-Disposition: form-data; name=text\r\n\r\nx\r\n"
    body, content_type = part(b'filename=""', b"")
    answer = api.post(url, no_file + body, content_type=content_type)
    assert last_update(answer)["message"]["attachments"] == []
    assert (
        last_update(api.post(url, {"staff": desk.priya.id, "text": "x", "attachments": ["x"]}))["message"][
            "attachments"
        ]
        == []
    )
