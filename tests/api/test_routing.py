"""Addresses, methods, formats, headers (protocol.md §1, §2, §3, §11)."""

import itertools
import json
from xml.etree import ElementTree

import pytest
import yaml

from tests import factories

READ = "GET, HEAD"

# Every address and the methods it allows.
ADDRESSES = {
    "tickets": "GET, POST, HEAD",
    "new_ticket": "POST",
    "ticket/{ticket}": READ,
    "ticket/{ticket}/staff_update": "POST",
    "ticket/{ticket}/staff_pvtnote": "POST",
    "ticket/{ticket}/user_reply": "POST",
    "ticket-inline-attachment": "POST",
    "users": "GET, POST, HEAD",
    "user/{contact}": "GET, POST, HEAD",
    "user/lena.ortiz@example.org": "GET, POST, HEAD",
    "user/lena.ortiz%40example.org": "GET, POST, HEAD",
    "contact_groups": "GET, POST, HEAD",
    "contact_group/{group}": "GET, POST, HEAD",
    "contact_group/{group}/update_contacts": "POST",
    "contact_group/{group}/delete_contacts": "POST",
    "categories": READ,
    "category/{category}": READ,
    "statuses": READ,
    "status/{status}": READ,
    "priorities": READ,
    "priority/{priority}": READ,
    "staff": READ,
    "staff/{staff}": READ,
    "staff/priya@rollwerk.example": READ,
    "ticket_custom_fields": READ,
    "ticket_custom_field/{ticket_field}": "GET, PUT, HEAD",
    "user_custom_fields": READ,
    "user_custom_field/{contact_field}": READ,
    "assets": "GET, POST, HEAD",
    "asset/{asset}": "GET, PUT, DELETE, HEAD",
    "asset_custom_fields": READ,
    "asset_custom_fields/{asset_field}": READ,
    "asset_custom_field/{asset_field}": READ,
    "asset_types": READ,
    "asset_type/{asset_type}": READ,
    "kb/articles": READ,
    "kb/internal-articles": READ,
    "kb/sections": READ,
    "kb/article/{article}": READ,
    "kb/section/{section}": READ,
}
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"]


@pytest.fixture
def full(desk):
    """The address templates above, filled in."""
    ids = {
        "ticket": factories.make_ticket(desk.lena, desk.workshop).id,
        "contact": desk.lena.id,
        "group": factories.make_group().id,
        "category": desk.workshop.id,
        "status": desk.new.id,
        "priority": desk.normal.id,
        "staff": desk.priya.id,
        "ticket_field": factories.make_field("Size", categories=[desk.workshop]).id,
        "contact_field": factories.make_field("Member").id,
    }
    bikes = factories.make_asset_type()
    factories.fill_knowledge_base(desk)
    ids |= {
        "asset": factories.make_asset(bikes, desk.priya).id,
        "asset_type": bikes.id,
        "asset_field": factories.make_asset_field(bikes, "Motor").id,
        "article": desk.chain.id,
        "section": desk.leasing.id,
    }
    return lambda address: address.format(**ids)


def error_in(answer, format):
    """The sentence of an error of shape T."""
    if format == "xml":
        root = ElementTree.fromstring(answer.content)
        assert (root.tag, [child.tag for child in root]) == ("response", ["error"])
        return root[0].text
    body = json.loads(answer.content) if format == "json" else yaml.safe_load(answer.content)
    assert list(body) == ["error"]
    return body["error"]


CONTENT_TYPES = {
    "json": "application/json; charset=utf-8",
    "yaml": "application/x-yaml; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
}


@pytest.mark.parametrize("address", ADDRESSES)
class TestEveryAddress:
    def test_is_served_with_and_without_a_slash_in_both_versions_and_never_redirected(self, api, full, address):
        method = "GET" if "GET" in ADDRESSES[address] else "POST"
        path = full(address)
        answers = [
            api.request(method, f"/api/{version}/json/{path}{slash}")
            for version in ("1.1", "1.0")
            for slash in ("/", "")
        ]

        assert {answer.status_code for answer in answers} == {200 if method == "GET" else 400}
        assert len({answer.content for answer in answers}) == 1

    def test_refuses_other_methods_and_says_which_it_allows(self, api, full, address):
        allowed = ADDRESSES[address].split(", ")
        for method in METHODS:
            answer = api.request(method, f"/api/1.1/json/{full(address)}/")
            assert (answer.status_code == 405) == (method not in allowed), method
            if answer.status_code == 405:
                assert answer["Allow"] == ADDRESSES[address]
                assert method == "HEAD" or error_in(answer, "json") == f"This address allows {ADDRESSES[address]} only."

    @pytest.mark.parametrize("format", CONTENT_TYPES)
    def test_answers_in_the_format_of_the_address_whatever_is_accepted(self, api, full, address, format):
        method = "GET" if "GET" in ADDRESSES[address] else "POST"

        answer = api.request(method, f"/api/1.1/{format}/{full(address)}/", Accept="text/html")

        assert answer["Content-Type"] == CONTENT_TYPES[format]
        assert answer["Cache-Control"] == "no-store"
        assert answer["Vary"] == "Authorization"
        assert "Access-Control-Allow-Origin" not in answer

    def test_answers_head_like_get_without_the_body(self, api, full, address):
        if "GET" not in ADDRESSES[address]:
            return
        got, head = (api.request(method, f"/api/1.1/json/{full(address)}/") for method in ("GET", "HEAD"))

        assert (head.status_code, head.content) == (200, b"")
        assert head["Content-Type"] == got["Content-Type"]
        assert head.get("ETag") == got.get("ETag")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "nonsense/",
        "ticket/",
        "ticket/abc/",
        "ticket/1/2/",
        "ticket/1/nonsense/",
        "category/abc/",
        "categories/1/",
        "status/-1/",
        "category/" + "9" * 30,
        "tickets//",
        "tickets/x%0Ay",
        "category/%D9%A1/",  # a digit, but not ours
    ],
)
def test_an_unknown_path_is_404_in_the_asked_format(api, path):
    for method, format in itertools.product(("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"), CONTENT_TYPES):
        answer = api.request(method, f"/api/1.1/{format}/{path}")

        assert (answer.status_code, answer["Content-Type"]) == (404, CONTENT_TYPES[format]), method
        assert error_in(answer, format) == "Cannot find the requested object"


@pytest.mark.parametrize(
    ("path", "format"),
    [
        ("/api/1.1/csv/tickets/", "json"),
        ("/api/1.1/JSON/tickets/", "json"),
        ("/api/1.1/jsonx/tickets/", "json"),
        ("/api/1.1/tickets/", "json"),
        ("/api/json/1.1/tickets/", "json"),
        ("/api/1.2/json/tickets/", "json"),
        ("/api/2.0/xml/tickets/", "xml"),
        ("/api/1x1/yaml/tickets/", "yaml"),
        ("/api/1.10/yaml/tickets/", "yaml"),
        ("/api/", "json"),
        ("/api/%0A", "json"),
        ("/api/1.1/", "json"),
        ("/api/1.1/json", "json"),
        ("/api/1.1/xml", "xml"),
    ],
)
def test_an_unknown_version_or_format_is_404_in_the_asked_format_or_json(api, path, format):
    answer = api.request("GET", path)

    assert (answer.status_code, answer["Content-Type"]) == (404, CONTENT_TYPES[format])
    assert error_in(answer, format) == "Cannot find the requested object"
    assert answer["Cache-Control"] == "no-store"


NO_SUCH_ELEMENTS = """
    ticket/999/ ticket/999999999999999999/ ticket/%23RW00000999/
    category/999/ category/0/ category/000/ category/999999999999999999/
    status/999/ priority/999/ ticket_custom_field/999/ user_custom_field/999/
    staff/999/ staff/nobody@example.org/ staff/%00@example.org/
    user/999/ user/999999999999999999/ user/nobody@example.org/ user/@/ user/%00@example.org/ user/%FF@example.org/
    """.split()


@pytest.mark.parametrize("path", [*NO_SUCH_ELEMENTS, f"user/{'a' * 3000}@example.org/"])
def test_an_element_that_does_not_exist_is_404(api, path):
    for format, content_type in CONTENT_TYPES.items():
        answer = api.get(path, format=format)

        assert (answer.status_code, answer["Content-Type"]) == (404, content_type)
        assert error_in(answer, format) == "Cannot find the requested object"


ELEMENTS = [address for address, methods in ADDRESSES.items() if "{" in address and methods == READ]


@pytest.mark.parametrize("address", ELEMENTS)
def test_leading_zeros_of_an_id_are_ignored(api, full, address):
    with_zeros = address.replace("{", "000{")

    assert api.get(full(with_zeros)).content == api.get(full(address)).content


class TestAnAddressThatCannotBeRead:
    def test_with_thousands_of_parameters_is_refused(self, api):
        answer = api.get("tickets/?" + "&".join(f"category={n}" for n in range(1, 5000)))

        assert answer.status_code == 400
        assert error_in(answer, "json") == "The address has too many parameters."

    @pytest.mark.parametrize("host", ["a b", "desk.example.org/x", "x@y", "", "[::1"])
    def test_with_a_host_that_is_none_is_refused_before_anything_is_done(self, api, desk, host):
        ticket = factories.make_ticket(desk.lena, desk.workshop)
        body = {"staff": desk.priya.id, "plaintext": "Ordered."}

        answers = [
            api.get(f"ticket/{ticket.id}/", Host=host),
            api.post(f"ticket/{ticket.id}/staff_update/", body, Host=host),
        ]

        for answer in answers:
            assert (answer.status_code, error_in(answer, "json")) == (400, "The Host header names no host.")
        assert ticket.updates.count() == 1
