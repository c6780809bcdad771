"""Images inside messages: uploaded first, used in HTML afterwards (tickets.md §8)."""

import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reynard.desk.actions import inline_uploads
from reynard.desk.models import Attachment, InlineUpload, Ticket, Update
from tests import factories
from tests.api.writing import FORM, NOW, REQUIRED, everything, last_update, shape_l, stop_clock

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20
IMAGES = {
    "image/png": PNG,
    "image/jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "image/gif": b"GIF89a\x01\x00\x01\x00",
    "image/webp": b"RIFF\x24\x00\x00\x00WEBPVP8 ",
    "image/bmp": b"BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00",
}
NO_IMAGES = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "xml": b'<?xml version="1.0"?><svg/>',
    "page": b"<html>GIF89a</html>",
    "text": b"BMW recalls the frame of 2026 and more",
    "sound": b"RIFF\x24\x00\x00\x00WAVEfmt ",
    "short": b"\x89PNG",
    "empty": b"",
    "pdf": b"%PDF-1.7",
}
NOT_AN_IMAGE = "Upload an image: PNG, JPEG, GIF, WebP or BMP."


def image(content=PNG, name="rim.png", content_type="image/png"):
    return SimpleUploadedFile(name, content, content_type)


@pytest.fixture
def upload(api):
    """Uploads an image; returns its address."""

    def send(content=PNG, name="rim.png"):
        answer = api.post("ticket-inline-attachment", {"file": image(content, name)}, content_type="multipart")
        assert answer.status_code == 200, answer.content
        return answer.json()["url"]

    return send


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop)


@pytest.fixture
def send(api, desk, ticket):
    """Sends HTML by one of the operations with a message; returns the new message as it was answered."""

    def send(html, operation="staff_update", **values):
        staff = {"staff": desk.priya.id}
        new = {"client": desk.lena.id, "subject": "Rim", "category": desk.workshop.id}
        least = {"staff_update": staff, "staff_pvtnote": staff, "user_reply": {"user": desk.lena.id}}.get(
            operation, new
        )
        path = f"{operation}/" if least is new else f"ticket/{ticket.id}/{operation}/"
        return last_update(api.post(path, least | {"html": html} | values))["message"]

    return send


def fetch(address, method="get"):
    answer = getattr(Client(), method)(address.removeprefix("http://testserver"))
    answer.body = answer.getvalue()
    return answer


def sources(html):
    return re.findall(r'<img [^>]*src="([^"]*)"', html)


# --- uploading


@pytest.mark.parametrize("path", ["ticket-inline-attachment", "ticket-inline-attachment/"])
def test_an_image_is_answered_with_its_address(api, path):
    answer = api.post(path, {"file": image()}, content_type="multipart")
    stored = InlineUpload.objects.get()
    assert answer.json() == {"url": f"http://testserver/get_hdp_temporarily_attachment/{stored.id}/"}
    assert (stored.filename, stored.content_type, stored.size) == ("rim.png", "image/png", len(PNG))


@pytest.mark.parametrize(("content_type", "content"), IMAGES.items(), ids=lambda value: str(value)[:10])
def test_its_type_is_decided_by_its_content(api, content_type, content):
    form = {"file": image(content, "page.html", "text/html")}
    shown = fetch(api.post("ticket-inline-attachment", form, content_type="multipart").json()["url"])
    assert (shown.status_code, shown["Content-Type"], shown.body) == (200, content_type, content)


@pytest.mark.parametrize("kind", NO_IMAGES)
def test_what_is_no_image_is_refused(api, kind):
    form = {"file": image(NO_IMAGES[kind], "rim.png", "image/png")}
    answer = api.post("ticket-inline-attachment", form, content_type="multipart")
    assert (answer.status_code, answer.json()) == (
        400,
        shape_l({"file": NOT_AN_IMAGE}),
    )
    assert not InlineUpload.objects.exists()


def test_exactly_one_file_must_be_sent(api):
    for form, text in [
        ({"attachments": image()}, REQUIRED),
        ({"file": "rim.png"}, REQUIRED),
        ({"file": [image(), image()]}, "Send one file, not 2."),
    ]:
        answer = api.post("ticket-inline-attachment", form, content_type="multipart")
        assert (answer.status_code, answer.json()) == (400, shape_l({"file": text}))
    for body, content_type in [(b'{"file": "x"}', ""), (b"[]", ""), (b"file=x", FORM)]:
        answer = api.post("ticket-inline-attachment", body, content_type=content_type)
        assert (answer.status_code, answer.json()) == (400, shape_l({"file": REQUIRED}))
    assert not InlineUpload.objects.exists()


def test_an_image_above_the_limit_is_refused(api, settings):
    settings.ATTACHMENTS_LIMIT_BYTES = settings.MIB
    too_large = image(PNG + b"\x00" * settings.MIB)
    answer = api.post("ticket-inline-attachment", {"file": too_large}, content_type="multipart")
    assert (answer.status_code, answer.json()) == (400, shape_l({"file": "The file may have 1 MB."}))


def test_ids_cannot_be_guessed(upload):
    ids = [int(upload().rstrip("/").rpartition("/")[2]) for _ in range(20)]
    assert len(set(ids)) == 20
    assert all(10**17 <= id < 10**18 for id in ids)
    assert min(abs(one - other) for one in ids for other in ids if one != other) > 10**6


def test_it_is_answered_in_yaml_and_xml(api):
    send = {"content_type": "multipart"}
    as_yaml = api.post("ticket-inline-attachment", {"file": image()}, format="yaml", **send)
    assert yaml.safe_load(as_yaml.content)["url"].startswith("http://testserver/get_hdp")
    as_xml = api.post("ticket-inline-attachment", {"file": image()}, format="xml", **send)
    assert ElementTree.fromstring(as_xml.content).findtext("url").startswith("http://testserver/get_hdp")


def test_a_repeated_upload_is_one_upload(api):
    send = {"content_type": "multipart", "Idempotency_Key": "k1"}
    first = api.post("ticket-inline-attachment", {"file": image()}, **send)
    again = api.post("ticket-inline-attachment", {"file": image()}, **send)
    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    assert InlineUpload.objects.count() == 1
    assert api.post("ticket-inline-attachment", {"file": image(PNG + b"x")}, **send).status_code == 409


def test_the_address_names_the_desk_as_it_is_set(upload, settings):
    settings.REYNARD_BASE_URL = "https://rollwerk.example/help"
    assert upload().startswith("https://rollwerk.example/help/get_hdp_temporarily_attachment/")


# --- the upload's address


def test_an_upload_is_shown_and_never_a_page_of_ours(upload):
    answer = fetch(upload())
    assert answer["Content-Disposition"] == "inline; filename=\"rim.png\"; filename*=UTF-8''rim.png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Referrer-Policy"] == "no-referrer"


def test_it_is_only_read(upload):
    url = upload()
    assert fetch(url, "head").status_code == 200
    assert fetch(url.rstrip("/")).status_code == 200
    refused = fetch(url, "post")
    assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("id", ["1", "0", "9" * 18, "9" * 19, "x", "1%00"])
def test_there_is_nothing_at_another_address(upload, id):
    upload()
    assert fetch(f"/get_hdp_temporarily_attachment/{id}/").status_code == 404


def test_an_upload_expires(upload, send):
    url = upload()
    InlineUpload.objects.update(created_at=InlineUpload.objects.get().created_at - timedelta(hours=24))
    assert fetch(url).status_code == 404
    message = send(f'<img src="{url}">')
    assert (sources(message["html"]), message["attachments"]) == ([url], [])


def test_expired_uploads_are_forgotten_and_others_are_not(upload):
    old, fresh = upload(), upload()
    expired = InlineUpload.objects.filter(id=int(old.rstrip("/").rpartition("/")[2]))
    expired.update(created_at=NOW - timedelta(hours=25))
    InlineUpload.objects.exclude(id__in=expired.values("id")).update(created_at=NOW - timedelta(hours=24, minutes=59))
    inline_uploads.forget_expired(now=NOW)
    assert fresh.rstrip("/").endswith(str(InlineUpload.objects.get().id))


# --- use in a message


@pytest.mark.parametrize("operation", ["tickets", "new_ticket", "staff_update", "staff_pvtnote", "user_reply"])
def test_an_upload_becomes_an_attachment_of_the_message(send, upload, operation):
    url = upload()
    message = send(f'<p>Look: <img alt="Rim &amp; hub" src="{url}" width="40"> there</p>', operation)
    attachment = Attachment.objects.get()
    [listed] = message["attachments"]
    assert {key: listed[key] for key in ("id", "filename", "size", "content_type")} == {
        "id": attachment.id,
        "filename": "rim.png",
        "size": len(PNG),
        "content_type": "image/png",
    }
    [source] = sources(message["html"])
    assert message["html"] == f'<p>Look: <img src="{source}" alt="Rim &amp; hub" width="40"> there</p>'
    assert re.fullmatch(rf"http://testserver/attachments/{attachment.id}/inline/\d+-[\w-]{{22}}/", source)
    shown = fetch(source)
    assert (shown.status_code, shown.body, shown["Content-Type"]) == (200, PNG, "image/png")
    assert shown["Content-Disposition"].startswith("inline; ")
    assert shown["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert fetch(listed["url"])["Content-Disposition"].startswith("attachment; ")
    assert Update.objects.get(id=message["id"]).html.startswith(f'<p>Look: <img src="attachment:{attachment.id}" ')


def test_html_sent_as_the_text_of_a_reply_counts_too(api, desk, ticket, upload):
    answer = api.post(
        f"ticket/{ticket.id}/user_reply/", {"user": desk.lena.id, "text": f'<p><img src="{upload()}"></p>'}
    )
    assert "/inline/" in sources(last_update(answer)["message"]["html"])[0]


def test_the_ticket_counts_it_beside_other_files(api, desk, ticket, upload):
    html = f'<img src="{upload()}"><img src="{upload(PNG + b"2", "hub.png")}">'
    form = {"staff": desk.priya.id, "html": html, "attachments": image(b"notes", "notes.txt", "text/plain")}
    answer = api.post(f"ticket/{ticket.id}/staff_update/", form, content_type="multipart")
    assert [file["filename"] for file in last_update(answer)["message"]["attachments"]] == [
        "notes.txt",
        "rim.png",
        "hub.png",
    ]
    assert answer.json()["attachments_count"] == 3
    shown = [fetch(source).body for source in sources(last_update(answer)["message"]["html"])]
    assert shown == [PNG, PNG + b"2"]


def test_an_upload_may_be_used_twice_and_is_one_attachment_per_message(send, upload):
    url = upload()
    first = send(f'<img src="{url}"><b>and</b><img src="{url}">')
    assert len(first["attachments"]) == 1
    assert len(set(sources(first["html"]))) == 1
    second = send(f'<img src="{url}">')
    assert second["attachments"][0]["id"] != first["attachments"][0]["id"]
    assert fetch(sources(second["html"])[0]).body == PNG


@pytest.mark.parametrize(
    "spelling",
    [
        "https://help.rollwerk.example/get_hdp_temporarily_attachment/{id}/",
        "http://127.0.0.1:8000/help/desk/get_hdp_temporarily_attachment/{id}",
        "//desk/get_hdp_temporarily_attachment/{id}/",
        "/get_hdp_temporarily_attachment/{id}/",
        "get_hdp_temporarily_attachment/{id}",
        "../../get_hdp_temporarily_attachment/{id}/?x=1#y",
        "HTTPS://DESK/get_hdp_temporarily_attachment/{id}/",
    ],
)
def test_the_address_may_be_spelt_in_many_ways(send, upload, spelling):
    id = upload().rstrip("/").rpartition("/")[2]
    message = send(f"<IMG\nSRC = '{spelling.format(id=id)}' alt=a>")
    assert "/inline/" in sources(message["html"])[0]


@pytest.mark.parametrize(
    "source",
    [
        "https://desk.example.org/get_hdp_temporarily_attachment/311/",
        "https://elsewhere.example/{id}/",
        "https://elsewhere.example/x?u=/get_hdp_temporarily_attachment/{id}/",
        "https://elsewhere.example/get_hdp_temporarily_attachment/{id}/x",
        "https://elsewhere.example/xget_hdp_temporarily_attachment/{id}/",
        "https://[/get_hdp_temporarily_attachment/{id}/",
        "ftp://desk/get_hdp_temporarily_attachment/{id}/",
        "/get_hdp_temporarily_attachment/9{id}/",
    ],
)
def test_other_addresses_stay_as_they_are(send, upload, source):
    id = upload().rstrip("/").rpartition("/")[2]
    message = send(f'<p>x</p><img src="{source.format(id=id)}">')
    assert message["attachments"] == []
    assert "/inline/" not in message["html"]
    assert Update.objects.get(id=message["id"]).html.count("attachment:") == 0


def test_only_images_are_looked_at(send, upload):
    url = upload()
    message = send(f'<a href="{url}">{url}</a> &lt;img src="{url}"&gt;')
    assert message["attachments"] == []
    assert message["html"].count(url) == 3


def test_files_and_images_of_one_message_share_the_limit(api, desk, ticket, upload, settings):
    first, second = upload(PNG + b"\x00" * 600_000), upload(PNG + b"\x00" * 600_000, "b.png")
    settings.ATTACHMENTS_LIMIT_BYTES = settings.MIB
    before = everything()
    body = {"staff": desk.priya.id, "html": f'<img src="{first}"><img src="{second}">'}
    answer = api.post(f"ticket/{ticket.id}/staff_update/", body)
    assert answer.json() == shape_l({"attachments": "The files of one message may have 1 MB together."})
    assert everything() == before
    assert api.post(f"ticket/{ticket.id}/staff_update/", body | {"html": f'<img src="{first}">'}).status_code == 200


def test_lists_of_tickets_use_uploads(api, desk, upload):
    url = upload()
    item = {"client": desk.lena.id, "subject": "Rim", "category": desk.workshop.id, "html": f'<img src="{url}">'}
    results = api.post("tickets/", [item, item | {"subject": ""}, item]).json()
    assert [result["success"] for result in results] == [True, False, True]
    for number in (results[0]["id"], results[2]["id"]):
        ticket = api.get(f"ticket/{number}/").json()
        assert ticket["attachments_count"] == 1
        assert fetch(sources(ticket["updates"][0]["message"]["html"])[0]).body == PNG
    assert Attachment.objects.count() == 2


# --- reading


def test_every_reader_gets_an_address_that_works(api, send, ticket, upload, monkeypatch):
    old = sources(send(f'<img src="{upload()}">')["html"])[0]
    now = 2_000_000_000
    monkeypatch.setattr("reynard.api.wire.time.time", lambda: now)
    assert fetch(old).status_code == 403
    answers = [
        api.get(f"ticket/{ticket.id}/").json(),
        api.get("tickets/").json()["data"][0],
        api.get("tickets/").json()["data"][0],  # from the cache
        api.get(f"ticket/{ticket.id}/?fields=updates").json(),
        yaml.safe_load(api.get(f"ticket/{ticket.id}/", format="yaml").content),
    ]
    found = [sources(answer["updates"][-1]["message"]["html"])[0] for answer in answers]
    as_xml = ElementTree.fromstring(api.get(f"ticket/{ticket.id}/", format="xml").content)
    found += sources(as_xml.findall("updates/resource")[-1].findtext("message/html"))
    assert len(found) == 6
    for source in found:
        assert f"/{now + 300}-" in source
        assert fetch(source).body == PNG


def test_a_replayed_answer_brings_a_fresh_address(api, desk, ticket, upload, monkeypatch):
    body = {"staff": desk.priya.id, "html": f'<img src="{upload()}">'}
    path = f"ticket/{ticket.id}/staff_update/"
    first = api.post(path, body, Idempotency_Key="k1")
    monkeypatch.setattr("reynard.api.wire.time.time", lambda: 2_000_000_000)
    again = api.post(path, body, Idempotency_Key="k1")
    assert again["Idempotency-Replayed"] == "true"
    [source] = sources(last_update(again)["message"]["html"])
    assert source != sources(last_update(first)["message"]["html"])[0]
    assert fetch(source).body == PNG


def test_an_address_in_a_message_ends_and_cannot_be_made_up(send, upload, monkeypatch):
    message = send(f'<img src="{upload()}">')
    [source] = sources(message["html"])
    assert fetch(source.replace("/inline/", "/")).status_code == 403
    signed = message["attachments"][0]["url"].removeprefix("http://testserver/attachments/").partition("/")
    assert fetch(f"/attachments/{signed[0]}/inline/{signed[2]}").status_code == 403
    assert fetch(source, "post").status_code == 405
    monkeypatch.setattr("reynard.api.wire.time.time", lambda: 9_000_000_000)
    assert fetch(source).status_code == 403


def test_images_of_a_deleted_ticket_are_gone(send, upload, ticket):
    [source] = sources(send(f'<img src="{upload()}">')["html"])
    Ticket.objects.filter(id=ticket.id).update(deleted_at=NOW)
    assert fetch(source).status_code == 404


@pytest.mark.parametrize(
    "html",
    [
        '<img src="attachment:{id}">',
        "<img src='attachment:{id}'>",
        '<IMG SRC=" ATTACHMENT:{id}">',
        '&lt;img src="attachment:{id}"&gt;',
        "<b title='<img src=\"attachment:{id}\"'>x</b>",
        '<p> src="attachment:{id}" </p>',
        '<!-- <img src="attachment:{id}"> --><textarea><img src="attachment:{id}"></textarea>',
        '<noscript><img src="attachment:{id}"></noscript><svg><style><img src="attachment:{id}"></style></svg>',
        '<img alt="" title="x" src="attachment:{id}" src="x">',
        "\x01i{id}\x01 \x01{id}\x01",
    ],
)
def test_nobody_can_send_what_the_desk_keeps(api, desk, ticket, upload, html):
    """The attachment belongs to the same message, so only its form protects it."""
    known = Attachment.objects.create(
        update=ticket.updates.get(), filename="x", content_type="image/png", size=1, sha256="0" * 64
    )
    sent = html.format(id=known.id + 1) + f'<p>x</p><img src="{upload()}">'
    message = last_update(api.post(f"ticket/{ticket.id}/staff_update/", {"staff": desk.priya.id, "html": sent}))[
        "message"
    ]
    assert message["attachments"][0]["id"] == known.id + 1
    assert message["html"].count("/inline/") == 1


def test_the_kept_form_shows_attachments_of_its_own_message_only(api, send, ticket, upload):
    mine = send(f'<img src="{upload()}">')
    other = send("<p>Other</p>", attachments=[])
    Update.objects.filter(id=other["id"]).update(html=f'<img src="attachment:{mine["attachments"][0]["id"]}">')
    Ticket.objects.filter(id=ticket.id).update(version=99)
    html = api.get(f"ticket/{ticket.id}/").json()["updates"][-1]["message"]["html"]
    assert "/inline/" not in html


def test_a_refused_message_uses_nothing(api, desk, ticket, upload):
    url = upload()
    before = everything()
    body = {"staff": desk.priya.id, "html": f'<img src="{url}">', "status": 999_999}
    assert api.post(f"ticket/{ticket.id}/staff_update/", body).status_code == 400
    assert everything() == before


def test_the_clock_decides(api, desk, ticket, upload, monkeypatch):
    url = upload()
    created = InlineUpload.objects.get().created_at
    body = {"staff": desk.priya.id, "html": f'<img src="{url}">'}
    stop_clock(monkeypatch, created + timedelta(hours=23, minutes=59))
    assert len(last_update(api.post(f"ticket/{ticket.id}/staff_update/", body))["message"]["attachments"]) == 1
    stop_clock(monkeypatch, created + timedelta(hours=24))
    assert last_update(api.post(f"ticket/{ticket.id}/staff_update/", body))["message"]["attachments"] == []
