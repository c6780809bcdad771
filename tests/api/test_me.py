"""GET me/: what a key is and may (observed.md §2)."""

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
import yaml

import reynard
from reynard.desk.actions import people
from reynard.desk.selectors import reference
from tests import factories
from tests.api.writing import NOW_TEXT, stop_clock
from tests.conftest import Api
from tests.factories import NOON


def make_api(**options):
    credentials = people.create_api_key(name="Dashboard", now=NOON, **options)
    return Api(credentials.api_key, credentials.auth_code)


def test_a_key_for_everything(desk, monkeypatch, settings):
    settings.REYNARD_THROTTLE_READS_PER_MINUTE = 500
    settings.REYNARD_THROTTLE_WRITES_PER_MINUTE = 0
    stop_clock(monkeypatch)
    assert make_api().get("me/").json() == {
        "name": "Dashboard",
        "read_only": False,
        "categories": None,
        "staff": None,
        "limits": {
            "reads_per_minute": 500,
            "writes_per_minute": None,
            "body_bytes": 10 * 1024 * 1024,
            "attachments_bytes": settings.ATTACHMENTS_LIMIT_BYTES,
        },
        "version": reynard.__version__,
        "now": NOW_TEXT,
    }


def test_a_key_for_less(desk):
    me = make_api(read_only=True, categories=[desk.office.id, desk.workshop.id]).get("me/").json()
    assert (me["read_only"], me["categories"]) == (True, [desk.workshop.id, desk.office.id])


def test_whoever_it_acts_for_is_shown_as_in_the_list(api, desk):
    for person in (desk.priya, desk.gone):
        me = make_api(staff=person).get("me/").json()
        assert me["staff"] == api.get(f"staff/{person.id}/").json()
    assert me["staff"]["active"] is False


def test_a_category_that_is_gone_is_not_named(desk):
    fleeting = factories.make_category("Pop-up shop", "PS")
    api = make_api(categories=[fleeting.id])
    fleeting.delete()
    reference.changed()
    assert api.get("me/").json()["categories"] == []


def test_the_other_formats_say_the_same(desk, monkeypatch):
    stop_clock(monkeypatch)
    api = make_api(staff=desk.priya)
    said = api.get("me/").json()
    in_yaml = yaml.safe_load(api.get("me/", format="yaml").content)
    assert in_yaml.pop("now").replace(tzinfo=UTC) == datetime.fromisoformat(said.pop("now")).replace(tzinfo=UTC)
    assert in_yaml == said
    in_xml = ElementTree.fromstring(api.get("me/", format="xml").content)
    assert in_xml.findtext("staff/name") == "Priya Raman"
    assert in_xml.find("categories").attrib == {"null": "True"}


def test_strangers_are_nobody(client, desk):
    assert client.get("/api/1.1/json/me/").status_code == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_it_is_only_read(api, method):
    answer = api.request(method, "/api/1.1/json/me/")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
