"""Idempotency-Key on writes (observed.md §2): a repeated write is applied once and answered again."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile

from reynard.desk.actions import people
from reynard.desk.models import Attachment, IdempotencyKey, Ticket, Update
from tests import factories
from tests.api.writing import FORM, NOON, REQUIRED, YAML, everything, shape_l
from tests.conftest import Api


@pytest.fixture
def wanted(desk):
    return {"client": desk.lena.id, "subject": "Brake", "text": "Broken.", "category": desk.workshop.id, "tags": ["a"]}


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop)


REUSED = {"error": "This Idempotency-Key was used for another request. Use a new key for a new request."}


def test_a_repeated_create_is_applied_once_and_answered_with_the_same_bytes(api, wanted):
    first = api.post("tickets/", wanted, Idempotency_Key="k1")
    after = everything()
    again = api.post("tickets/", wanted, Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert again["ETag"] == first["ETag"]
    assert everything() == after
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize("operation", ["staff_update", "staff_pvtnote", "user_reply"])
def test_every_write_can_name_itself(api, desk, ticket, operation):
    author = {"user": desk.lena.id} if operation == "user_reply" else {"staff": desk.priya.id}
    url, body = f"ticket/{ticket.id}/{operation}/", author | {"text": "Hello."}
    first = api.post(url, body, Idempotency_Key="k1")
    again = api.post(url.rstrip("/"), body, Idempotency_Key="k1")
    assert again.content == first.content
    assert Update.objects.count() == 2


def test_the_stored_answer_comes_again_even_when_the_ticket_went_on(api, desk, ticket):
    url, body = f"ticket/{ticket.id}/staff_update/", {"staff": desk.priya.id, "text": "One."}
    tag = api.get(f"ticket/{ticket.id}/")["ETag"]
    first = api.post(url, body, Idempotency_Key="k1", If_Match=tag)
    api.post(url, body | {"text": "Two.", "status": desk.closed.id})
    assert api.post(url, body, Idempotency_Key="k1", If_Match=tag).content == first.content


def test_it_can_be_asked_for_in_another_format(api, wanted):
    number = api.post("tickets/", wanted, Idempotency_Key="k1").json()["id"]
    as_yaml = api.post("tickets/", wanted, Idempotency_Key="k1", format="yaml")
    as_xml = api.post("tickets/", wanted, Idempotency_Key="k1", format="xml")
    assert yaml.safe_load(as_yaml.content)["id"] == number
    assert ElementTree.fromstring(as_xml.content).findtext("id") == str(number)
    assert as_yaml["Idempotency-Replayed"] == as_xml["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("other", [{"subject": "Other"}, {"tags": []}, {"unknown": 1}, {"text": "Broken. "}])
def test_the_same_key_with_another_body_is_refused(api, wanted, other):
    api.post("tickets/", wanted, Idempotency_Key="k1")
    before = everything()
    answer = api.post("tickets/", wanted | other, Idempotency_Key="k1")
    assert (answer.status_code, answer.json()) == (409, REUSED)
    assert everything() == before


def test_the_same_key_at_another_address_is_refused(api, desk, ticket):
    body = {"staff": desk.priya.id, "text": "Hello."}
    other = factories.make_ticket(desk.lena, desk.workshop)
    api.post(f"ticket/{ticket.id}/staff_update/", body, Idempotency_Key="k1")
    for path in (f"ticket/{ticket.id}/staff_pvtnote/", f"ticket/{other.id}/staff_update/"):
        assert api.post(path, body, Idempotency_Key="k1").status_code == 409


def test_the_order_of_keys_and_blanks_of_json_do_not_matter(api, wanted):
    first = api.post("tickets/", wanted, Idempotency_Key="k1")
    turned = dict(reversed(wanted.items()))
    assert api.post("tickets/", turned, Idempotency_Key="k1").content == first.content


def multipart(boundary, wanted, content=b"PDF"):
    parts = [f'Content-Disposition: form-data; name="{key}"\r\n\r\n{value}'.encode() for key, value in wanted.items()]
    head = (
        b'Content-Disposition: form-data; name="attachments"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
    )
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in [*parts, head + content])
    return body + b"--" + boundary.encode() + b"--\r\n", f"multipart/form-data; boundary={boundary}"


def test_another_boundary_is_the_same_content(api, wanted):
    wanted["tags"] = "a"
    body, content_type = multipart("xxx", wanted)
    first = api.post("tickets/", body, content_type=content_type, Idempotency_Key="k1")
    assert first.status_code == 200
    body, content_type = multipart("yyyy", wanted)
    again = api.post("tickets/", body, content_type=content_type, Idempotency_Key="k1")
    assert again["Idempotency-Replayed"] == "true"
    assert again.json()["id"] == first.json()["id"]
    assert Attachment.objects.count() == 1


def test_another_file_is_another_content(api, wanted):
    wanted["tags"] = "a"
    for content, status in ((b"PDF", 200), (b"other", 409)):
        body, content_type = multipart("xxx", wanted, content)
        assert api.post("tickets/", body, content_type=content_type, Idempotency_Key="k1").status_code == status


def test_a_replay_brings_fresh_addresses_of_files(api, wanted, monkeypatch):
    form = wanted | {"attachments": SimpleUploadedFile("a.txt", b"hello")}
    first = api.post("tickets/", form, content_type="multipart", Idempotency_Key="k1").json()
    monkeypatch.setattr("reynard.api.wire.time.time", lambda: 2_000_000_000)
    form["attachments"] = SimpleUploadedFile("a.txt", b"hello")
    again = api.post("tickets/", form, content_type="multipart", Idempotency_Key="k1").json()
    files = [ticket["updates"][0]["message"]["attachments"][0] for ticket in (first, again)]
    urls = [file.pop("url") for file in files]
    ends = [file.pop("expires_at") for file in files]
    assert urls[0] != urls[1]
    assert ends[0] < ends[1] == "2033-05-18 03:38:20"
    assert first == again


def test_another_api_key_has_its_own_names(api, desk, wanted):
    credentials = people.create_api_key(name="other", now=NOON)
    other = Api(credentials.api_key, credentials.auth_code)
    first = api.post("tickets/", wanted, Idempotency_Key="k1").json()
    second = other.post("tickets/", wanted | {"subject": "Other"}, Idempotency_Key="k1").json()
    assert first["id"] != second["id"]


def test_a_refused_write_is_not_stored(api, desk, wanted, ticket):
    before = everything()
    answer = api.post("tickets/", wanted | {"subject": ""}, Idempotency_Key="k1")
    assert answer.json() == shape_l({"subject": REQUIRED})
    url = f"ticket/{ticket.id}/staff_update/"
    assert api.post(url, {"staff": desk.priya.id}, Idempotency_Key="k1").json() == {"error": "Nothing to update"}
    stale = {"If_Match": '"1-999-1-1"'}
    assert api.post(url, {"staff": desk.priya.id, "text": "x"}, Idempotency_Key="k1", **stale).status_code == 412
    assert api.post("ticket/999999/staff_update/", {}, Idempotency_Key="k1").status_code == 404
    assert everything() == before
    assert api.post("tickets/", wanted, Idempotency_Key="k1").status_code == 200


def test_it_is_forgotten_after_a_day(api, wanted):
    api.post("tickets/", wanted, Idempotency_Key="k1")
    stored = IdempotencyKey.objects.get()
    IdempotencyKey.objects.update(created_at=stored.created_at - timedelta(hours=23, minutes=59))
    assert api.post("tickets/", wanted, Idempotency_Key="k1")["Idempotency-Replayed"] == "true"
    IdempotencyKey.objects.update(created_at=stored.created_at - timedelta(hours=24, minutes=1))
    assert api.post("tickets/", wanted | {"subject": "Other"}, Idempotency_Key="k1").status_code == 200
    assert Ticket.objects.count() == 2
    assert IdempotencyKey.objects.count() == 1


@pytest.mark.parametrize("name", ["", "k" * 256, "tab\there"])
def test_a_key_that_is_none(api, wanted, name):
    before = everything()
    answer = api.post("tickets/", wanted, Idempotency_Key=name)
    text = "The Idempotency-Key must have 1 to 255 printable characters."
    assert (answer.status_code, answer.json()) == (400, shape_l({"__all__": text}))
    assert everything() == before


@pytest.mark.parametrize(
    ("content_type", "extra"),
    [
        ("application/json", b', "n": %d, "d": [{"e": null}], "f": 1e300}' % 10**300),
        (YAML, b"\nn: 0x%s\nd: 2026-03-09\nt: 2026-03-09 10:00:00+01:00\nb: !!binary x" % (b"f" * 40)),
        (YAML, b"\nn: 0x%s\nd: 2026-03-09\nt: 2026-03-09 10:00:00+01:00" % (b"f" * 40)),
        (FORM, b"&n=%F0%9F%9A%B2&n="),
    ],
)
def test_odd_values_in_the_body_do_not_matter(api, desk, content_type, extra):
    pairs = {"client": desk.lena.id, "subject": "Brake", "text": "x", "category": desk.workshop.id}
    form = {"application/json": ("{", '"', ": ", ", "), YAML: ("", "", ": ", "\n"), FORM: ("", "", "=", "&")}
    start, quote, colon, comma = form[content_type]
    values = {key: f'"{value}"' if quote else value for key, value in pairs.items()}
    body = (start + comma.join(f"{quote}{key}{quote}{colon}{value}" for key, value in values.items())).encode() + extra
    answers = [api.post("tickets/", body, content_type=content_type, Idempotency_Key="k1") for _ in range(2)]
    if b"!!binary" in extra:
        assert [answer.status_code for answer in answers] == [400, 400]
    else:
        assert answers[0].status_code == 200, answers[0].content
        assert answers[1].content == answers[0].content


@pytest.mark.parametrize("format", ["json", "yaml", "xml"])
def test_a_short_answer_is_replayed_in_every_format(api, desk, ticket, format):
    writes = {
        "subscribe": {"staff_id": desk.priya.id},
        "forward": {"staff_id": desk.priya.id, "to": "x@hubs.example", "subject": "x"},
        "move": {"staff_id": desk.priya.id, "target_category_id": desk.office.id},
        "delete": {"staff_id": desk.priya.id},
    }
    for operation, body in writes.items():
        path = f"ticket/{ticket.id}/{operation}/"
        first = api.post(path, body, format=format, Idempotency_Key=operation)
        after = everything()
        again = api.post(path, body, format=format, Idempotency_Key=operation)
        assert (again.status_code, again.content) == (200, first.content), operation
        assert again["Idempotency-Replayed"] == "true"
        assert everything() == after


def test_parameters_of_the_address_belong_to_the_request(api, desk):
    body = {"email": desk.lena.email}
    assert api.post("users/?partial=true", body, Idempotency_Key="k").status_code == 200
    assert api.post("users/?partial=true", body, Idempotency_Key="k").status_code == 200
    answer = api.post("users/", body, Idempotency_Key="k")
    assert (answer.status_code, answer.json()) == (409, REUSED)
