"""GET attachment/<id>/: what is known of a file, or the file, under the usual credentials (observed.md §2)."""

import re
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reynard.desk import files
from reynard.desk.actions import people
from reynard.desk.models import Attachment
from tests import factories
from tests.api.test_routing import CONTENT_TYPES, error_in
from tests.api.writing import shape_l
from tests.conftest import Api
from tests.factories import NOON

NOT_FOUND = {"error": "Cannot find the requested object"}


def keep(name="rim.png", content=b"\x89PNG", content_type="image/png"):
    return files.keep(SimpleUploadedFile(name, content, content_type))


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop, files=[keep()])


@pytest.fixture
def file(ticket):
    return Attachment.objects.get(update__ticket=ticket)


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def ends(url):
    return datetime.fromtimestamp(int(re.search(r"/(\d+)-[\w-]+/$", url)[1]), UTC)


def test_it_is_what_the_ticket_says_and_where_it_belongs(api, ticket, file):
    details = api.get(f"attachment/{file.id}/").json()
    assert details == {
        "id": file.id,
        "filename": "rim.png",
        "url": details["url"],
        "size": 4,
        "content_type": "image/png",
        "expires_at": details["expires_at"],
        "ticket_id": ticket.id,
        "update_id": file.update_id,
    }
    assert Client().get(details["url"].removeprefix("http://testserver")).getvalue() == b"\x89PNG"


@pytest.mark.parametrize("path", ["attachment/{file}/", "ticket/{ticket}/", "tickets/"])
def test_an_address_says_when_it_ends(api, ticket, file, path):
    for _ in range(2):  # the second time from what is kept
        body = api.get(path.format(file=file.id, ticket=ticket.id)).json()
        body = body["data"][0] if "data" in body else body
        found = body["updates"][0]["message"]["attachments"][0] if "updates" in body else body
        assert moment(found["expires_at"]) == ends(found["url"])
        assert 0 < (ends(found["url"]) - datetime.now(UTC)).total_seconds() <= settings.ATTACHMENT_ADDRESS_SECONDS


def test_the_moment_is_one_in_every_format(api, file):
    in_yaml = yaml.safe_load(api.get(f"attachment/{file.id}/", format="yaml").content)
    assert in_yaml["expires_at"].replace(tzinfo=UTC) == ends(in_yaml["url"])
    in_xml = ElementTree.fromstring(api.get(f"attachment/{file.id}/", format="xml").content)
    assert moment(in_xml.findtext("expires_at")) == ends(in_xml.findtext("url"))


def test_a_replayed_write_in_another_format_says_when_its_addresses_end(api, desk, ticket, monkeypatch):
    def send(format):
        body = {"staff": desk.priya.id, "attachments": SimpleUploadedFile("a.txt", b"hello")}
        path = f"ticket/{ticket.id}/staff_update/"
        return api.post(path, body, content_type="multipart", format=format, Idempotency_Key="k1")

    assert send("json").status_code == 200
    monkeypatch.setattr("reynard.api.wire.time.time", lambda: 2_000_000_000)
    answer = send("yaml")
    assert answer["Idempotency-Replayed"] == "true"
    [found] = yaml.safe_load(answer.content)["updates"][-1]["message"]["attachments"]
    assert found["expires_at"] == datetime.fromtimestamp(2_000_000_300, UTC).replace(tzinfo=None)


@pytest.mark.parametrize("word", ["1", "true", "yes"])
@pytest.mark.parametrize("format", CONTENT_TYPES)
def test_the_file_itself_comes_as_a_download_that_never_runs(api, file, word, format):
    answer = api.get(f"attachment/{file.id}/", {"download": word}, format=format)
    assert (answer.status_code, answer.getvalue()) == (200, b"\x89PNG")
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"] == "attachment; filename=\"rim.png\"; filename*=UTF-8''rim.png"
    assert answer["Content-Length"] == "4"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert (answer["Cache-Control"], answer["Vary"]) == ("private, no-store", "Authorization")


def test_a_page_comes_as_bytes(api, desk):
    page = keep("page.html", b"<script>alert(1)</script>", "text/html")
    factories.make_ticket(desk.lena, desk.workshop, files=[page])
    answer = api.get(f"attachment/{Attachment.objects.get().id}/?download=1")
    assert answer.getvalue() == b"<script>alert(1)</script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment; ")


@pytest.mark.parametrize("word", ["", "0", "false", "no"])
def test_without_that_wish_it_is_the_details(api, file, word):
    assert api.get(f"attachment/{file.id}/", {"download": word}).json()["id"] == file.id


def test_a_wish_that_is_none_is_refused(api, file):
    answer = api.get(f"attachment/{file.id}/", {"download": "perhaps"})
    assert (answer.status_code, answer.json()) == (400, shape_l({"download": "Enter true or false."}))


@pytest.mark.parametrize("query", ["", "?download=1"])
class TestThereIsNone:
    @pytest.mark.parametrize("id", ["999", "0", "9" * 18])
    def test_with_that_id(self, api, desk, query, id):
        answer = api.get(f"attachment/{id}/{query}")
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)

    def test_of_a_deleted_ticket(self, api, desk, ticket, file, query):
        api.post(f"ticket/{ticket.id}/delete/", {"staff_id": desk.priya.id})
        answer = api.get(f"attachment/{file.id}/{query}")
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)

    def test_for_a_key_of_other_categories(self, api, desk, file, query):
        theirs = people.create_api_key(name="theirs", now=NOON, categories=[desk.office.id])
        ours = people.create_api_key(name="ours", now=NOON, categories=[desk.workshop.id])
        answer = Api(theirs.api_key, theirs.auth_code).get(f"attachment/{file.id}/{query}")
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
        answer = Api(ours.api_key, ours.auth_code).get(f"attachment/{file.id}/{query}")
        assert answer.status_code == 200
        assert answer.getvalue()

    def test_without_credentials(self, client, file, query):
        answer = client.get(f"/api/1.1/json/attachment/{file.id}/{query}")
        assert (answer.status_code, answer.json()) == (401, {"error": "Authorization Required"})


@pytest.mark.parametrize("format", CONTENT_TYPES)
def test_a_file_whose_bytes_are_gone_is_told_in_the_asked_format(api, file, format):
    for path in Path(default_storage.location).rglob("*"):
        if path.is_file():
            path.unlink()
    answer = api.get(f"attachment/{file.id}/?download=1", format=format)
    assert (answer.status_code, error_in(answer, format)) == (404, "Cannot find the requested object")


def test_a_signed_address_is_good_for_whoever_has_it(api, desk, file):
    """Also for somebody whose key does not reach its ticket: the address is the credential."""
    address = api.get(f"attachment/{file.id}/").json()["url"].removeprefix("http://testserver")
    assert Client().get(address).getvalue() == b"\x89PNG"
