"""/api/openapi.json and /api/docs: the description says what is served, all of it and nothing else."""

import contextlib
import copy
import re
from html.parser import HTMLParser
from typing import Any

import jsonschema_rs
import msgspec
import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern
from schemathesis.specs.openapi.definitions import OPENAPI_31

from reynard import urls
from reynard.api import (
    answer_examples,
    openapi,
    operations,
    parse,
    parse_actions,
    parse_assets,
    parse_contacts,
    requests,
    shapes,
)
from reynard.api.operations import OPERATIONS
from reynard.desk.errors import Invalid, Problems
from reynard.desk.models import Update
from tests import factories
from tests.api.writing import rehearsed

DOCUMENT = openapi.document()
SCHEMAS = DOCUMENT["components"]["schemas"]


def _validator(schema: dict[str, Any], *, strict: bool = True) -> Any:
    """Checks values against a schema of the document; `strict` also refuses keys that no shape names."""
    schemas = copy.deepcopy(SCHEMAS)
    for shape in schemas.values():
        if strict and "properties" in shape:
            shape["additionalProperties"] = False
    return jsonschema_rs.Draft202012Validator({**schema, "components": {"schemas": schemas}})


def _answer_schema(operation_id: str) -> dict[str, Any]:
    """The schema of an operation's usual answer, without its variants."""
    [found] = [
        operation["responses"]["200"]["content"]["application/json"]["schema"]
        for item in DOCUMENT["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and operation.get("operationId") == operation_id
    ]
    return found["anyOf"][0] if "anyOf" in found else found


# --- the document


def test_it_is_a_valid_openapi_document():
    document = msgspec.json.decode(openapi.encoded("https://help.rollwerk.example"))
    assert [str(error) for error in jsonschema_rs.Draft202012Validator(OPENAPI_31).iter_errors(document)] == []
    for name, schema in document["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}), name


def test_every_reference_leads_somewhere_and_nothing_is_left_unused():
    used = set(re.findall(r'"#/(components/[^"]+)"', msgspec.json.encode(DOCUMENT).decode()))
    there = {
        f"components/{kind}/{name}"
        for kind, members in DOCUMENT["components"].items()
        if kind != "securitySchemes"
        for name in members
    }
    assert used == there


def test_operation_ids_are_unique():
    ids = re.findall(r'"operationId":"(\w+)"', msgspec.json.encode(DOCUMENT).decode())
    assert len(ids) == len(set(ids)) == len(OPERATIONS) + len(operations.SERVICE)


def _described_routes() -> set[tuple[str, str]]:
    """Without last slashes: both spellings are served."""
    return {
        (method.upper(), re.sub(r"\{[^}]+\}", "{}", path).rstrip("/"))
        for path, item in DOCUMENT["paths"].items()
        for method in item
        if method != "servers"
    }


def _served_routes() -> set[tuple[str, str]]:
    routes = set()
    for route in urls.api:
        path = ("/{}/" + _template(route)).rstrip("/")
        routes |= {(method, path) for method in route.callback.views}
    for entry in urls.urlpatterns:
        is_address = "path>" not in str(entry.pattern)  # the last route answers what is none
        if isinstance(entry, URLPattern) and is_address:
            routes.add(("GET", ("/" + _template(entry)).rstrip("/")))
    return routes


def _template(route: URLPattern) -> str:
    """`^ticket/(?P<number>…)/?$` as `ticket/{}/`."""
    plain = re.sub(r"\(\?P<\w+>[^()]*(?:\([^()]*\))*[^()]*\)", "{}", str(route.pattern))
    return plain.strip("^$").replace("\\.", ".").replace("/?", "/")


def test_it_describes_every_route_with_every_method_and_no_other():
    assert _described_routes() == _served_routes()


def test_every_parameter_of_a_path_is_described():
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            if method == "servers":
                continue
            parameters = [_resolve(parameter) for parameter in operation.get("parameters", ())]
            described = {parameter["name"] for parameter in parameters if parameter["in"] == "path"}
            assert described == set(re.findall(r"\{(\w+)\}", path)), path


def _resolve(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        found: Any = DOCUMENT
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def test_every_operation_has_words_and_an_example():
    for operation in OPERATIONS:
        assert operation.summary
        assert operation.answer_text
        assert "{" not in openapi.curl(operation).partition(" \\")[0]


def test_every_key_and_field_has_words():
    """Shrink this list; nothing may join it."""
    speak_for_themselves = set(
        "id name email type first_name last_name description role category categories field errors error filename "
        "content_type page_info data created_at updated_at timestamp status priority number phones is_account_admin "
        "old new old_name new_name attachments priority_change assignee_change category_change due_date_change".split()
    )
    silent = {
        f"{shape}.{name}"
        for shape, schema in SCHEMAS.items()
        for name, field in schema.get("properties", {}).items()
        if "description" not in field and name not in speak_for_themselves
    }
    assert silent == set()


# --- requests


class _Watched(dict[str, Any]):
    """A request body that remembers the keys it was asked for."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.asked: set[str] = set()

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return super().__contains__(key)


def _without_files(read):
    """A reader of a body that never has files; one that gives up at the first problem has asked for its key by then."""

    def reader(data, files, problems):
        with contextlib.suppress(Invalid):
            return read(data, problems)

    return reader


READERS = {
    requests.CreateTicket: parse.new_ticket,
    requests.StaffUpdate: parse.staff_update,
    requests.PrivateNote: parse.private_note,
    requests.UserReply: parse.contact_reply,
    requests.UpdateCustomFields: parse_actions.field_changes,
    requests.UpdateTags: parse_actions.tag_changes,
    requests.Subscribe: parse_actions.subscribers,
    requests.Unsubscribe: parse_actions.subscriber,
    requests.ForwardTicket: parse_actions.forward,
    requests.MoveTicket: parse_actions.move,
    requests.DeleteTicket: parse_actions.deletion,
    requests.EditMessage: parse_actions.edit,
    requests.HideMessage: parse_actions.hiding,
    requests.ReleaseMail: parse_actions.mail_release,
    requests.IgnoreMail: parse_actions.mail_ignoring,
    requests.ReplaceChoices: lambda data, files, problems: parse.choices(data, problems),
    requests.SaveContact: _without_files(parse_contacts.contact),
    requests.EditContact: _without_files(parse_contacts.edit),
    requests.AddGroup: _without_files(parse_contacts.group),
    requests.EditGroup: _without_files(parse_contacts.group),
    requests.PutMembers: _without_files(parse_contacts.members),
    requests.RemoveMembers: _without_files(parse_contacts.removals),
    requests.CreateAsset: lambda data, files, problems: parse_assets.new_asset(data, None, problems),
    requests.UpdateAsset: lambda data, files, problems: parse_assets.asset_changes(data, problems),
}


def test_every_request_has_a_reader():
    bodies = {operation.body for operation in OPERATIONS} - {None}
    assert set(READERS) | {requests.UploadImage} == set(requests.EXAMPLES) == bodies  # an upload has no keys to read


@pytest.mark.parametrize("body", READERS, ids=lambda body: body.__name__)
def test_the_described_keys_are_those_that_are_read(body):
    data = _Watched({"t-cf-8": "54", "c-cf-3": "K-2207", "ccf-4": "x", "a-cf-5": "y"})
    given = READERS[body](data, [], Problems())
    assert data.asked - set(data) == set(body.__struct_fields__)

    values = {**getattr(given, "custom_values", {}), **getattr(given, "contact_values", {})}
    ids = {"t-cf": 8, "c-cf": 3, "ccf": 4, "a-cf": 5}
    assert set(values) == {ids[key] for key in body.custom_keys}


@pytest.mark.parametrize("body", READERS, ids=lambda body: body.__name__)
def test_the_example_of_a_request_is_as_described_and_can_be_read(body):
    example = requests.EXAMPLES[body]
    _validator({"$ref": f"#/components/schemas/{body.__name__}"}, strict=False).validate(example)
    problems = Problems()
    READERS[body](example, [], problems)
    assert list(problems.items()) == []


# --- answers


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_the_example_of_an_answer_is_as_described(operation):
    _validator(_answer_schema(operation.id)).validate(answer_examples.of(operation.answer))
    for shape in operation.refusals:
        _validator({"$ref": f"#/components/schemas/{shape.__name__}"}).validate(answer_examples.of(shape))


@pytest.fixture
def busy(api, desk):
    """A desk on which every field of an answer has something to say; `busy.ticket` is the ticket's number."""
    desk.services = factories.make_field(
        "Services",
        "multiple_choice",
        categories=[desk.workshop],
        choices=("Tune-up", "Truing"),
        compulsory_on_completed=True,
    )
    factories.make_field("Frame size", "number", categories=[desk.workshop])
    factories.make_field("Collected", "date", categories=[desk.workshop])
    desk.customer = factories.make_field("Customer number")
    factories.make_field("Kind", "choice", choices=("Private", "Company"))
    choice = desk.services.choices.first()
    desk.webhook = factories.make_webhook(events=["ticket.created"])
    mailbox = factories.make_mailbox(desk.workshop, imap_url="imaps://support:secret@imap.example/INBOX")
    opened = api.post(
        "tickets/",
        {
            "email": "noor.haddad@example.org",
            "name": "Noor Haddad",
            "phone": "+49 30 5550142",
            "subject": "Hub gear slips",
            "text": "It jumps out of third gear.",
            "category": desk.workshop.id,
            "tags": "hub,warranty",
            "assignee": desk.priya.id,
            "due_date": "2026-03-20",
            f"t-cf-{desk.services.id}": choice.id,
            f"c-cf-{desk.customer.id}": "K-2207",
            "attachments": SimpleUploadedFile("hub.jpg", b"\xff\xd8\xff", "image/jpeg"),
        },
        content_type="multipart",
    )
    assert opened.status_code == 200, opened.content
    desk.ticket = opened.json()["id"]
    desk.file = opened.json()["updates"][0]["message"]["attachments"][0]["id"]
    desk.delivery = desk.webhook.deliveries.get().id
    desk.bikes = factories.make_asset_type()
    desk.motor = factories.make_asset_field(desk.bikes, "Motor", "dropdown", choices=("Voltkern Mid", "None"))
    factories.make_asset_field(desk.bikes, "Inspection", "date")
    desk.asset = factories.make_asset(
        desk.bikes, desk.priya, contact_ids=[desk.lena.id], custom_values={desk.motor.id: desk.motor.choices.first().id}
    )
    factories.fill_knowledge_base(desk)
    wrong = factories.make_ticket(desk.lena, desk.workshop)
    assert api.post(f"ticket/{wrong.id}/delete/", {"staff_id": desk.priya.id}).status_code == 200
    desk.report = factories.make_report("Everything")
    desk.contact = opened.json()["user"]["id"]
    desk.group = api.post("contact_groups/", {"name": "Fleet", "tagged_domains": "fleet.example"}).json()["id"]
    assert api.post(f"contact_group/{desk.group}/update_contacts/", [{"contact": desk.contact}]).status_code == 200
    path = f"ticket/{desk.ticket}"
    for action, body in {
        "staff_update": {"staff": desk.priya.id, "plaintext": "Done.", "status": desk.closed.id, "time_spent": 25},
        "staff_pvtnote": {"staff": desk.priya.id, "html": "<p>Bad batch.</p>", "assignee": desk.priya.id},
        "user_reply": {"user": desk.contact, "text": "It slips again."},
    }.items():
        answer = api.post(f"{path}/{action}/", body)
        assert answer.status_code == 200, answer.content
    desk.reply, desk.note = (update["update_id"] for update in answer.json()["updates"][1:3])
    held = factories.make_received_mails(mailbox, Update.objects.get(id=desk.reply))
    desk.held = held.id
    desk.also_held = factories.copy_of_mail(held).id
    edited = {"staff_id": desk.priya.id, "html": "<p>Bad batch, twice.</p>"}
    assert api.post(f"{path}/update/{desk.note}/edit/", edited).status_code == 200
    change = {"staff": desk.priya.id, "due_date": "2026-03-27", "assignee": None, f"t-cf-{desk.services.id}": "Truing"}
    assert api.post(f"{path}/staff_update/", change).status_code == 200
    return desk


def _paths(busy: Any) -> dict[str, str]:
    return {
        "listTickets": "tickets/",
        "readTicket": f"ticket/{busy.ticket}/?show_cf_changes=true",
        "listRevisions": f"ticket/{busy.ticket}/update/{busy.note}/revisions/?staff_id={busy.priya.id}",
        "readMailOfUpdate": f"ticket/{busy.ticket}/update/{busy.reply}/mail/",
        "listHeldMails": "held_mails/",
        "readHeldMail": f"held_mail/{busy.held}/",
        "readAttachment": f"attachment/{busy.file}/",
        "readMe": "me/",
        "listChanges": "changes/?since=2&show_cf_changes=true",
        "listDeletedTickets": "deleted_tickets/",
        "listContacts": "users/",
        "readContact": "user/noor.haddad@example.org/",
        "listGroups": "contact_groups/",
        "readGroup": f"contact_group/{busy.group}/",
        "listCategories": "categories/",
        "readCategory": f"category/{busy.office.id}/",
        "listStatuses": "statuses/",
        "readStatus": f"status/{busy.closed.id}/",
        "listPriorities": "priorities/",
        "readPriority": f"priority/{busy.high.id}/",
        "listStaff": "staff/",
        "readStaff": f"staff/{busy.jonas.email}/",
        "listTicketFields": "ticket_custom_fields/",
        "readTicketField": f"ticket_custom_field/{busy.services.id}/",
        "listContactFields": "user_custom_fields/",
        "readContactField": f"user_custom_field/{busy.customer.id}/",
        "listReports": "reports/",
        "readReport": f"report/{busy.report}/",
        "listReportTickets": f"report/{busy.report}/tabulardata/",
        "listReportTicketsAlias": f"report/{busy.report}/tabularview/",
        "readResponseStats": f"report/{busy.report}/responsestats/",
        "listStaffPerformance": f"report/{busy.report}/staffperformance/",
        "listStaffActivity": f"report/{busy.report}/staffactivity/",
        "listContactActivity": f"report/{busy.report}/customeractivity/",
        "readSlaEntries": f"report/{busy.report}/slaentries/",
        "listAssets": "assets/",
        "readAsset": f"asset/{busy.asset.id}/",
        "listAssetFields": "asset_custom_fields/",
        "readAssetField": f"asset_custom_fields/{busy.motor.id}/",
        "readAssetFieldAlias": f"asset_custom_field/{busy.motor.id}/",
        "listAssetTypes": "asset_types/",
        "readAssetType": f"asset_type/{busy.bikes.id}/",
        "listArticles": "kb/articles/",
        "listInternalArticles": "kb/internal-articles/",
        "listSections": "kb/sections/",
        "readArticle": f"kb/article/{busy.brakes.id}",
        "readSection": f"kb/section/{busy.maintenance.id}",
        "listWebhooks": "webhooks/",
        "listMailboxes": "mailboxes/",
        "listDeliveries": f"webhook/{busy.webhook.id}/deliveries/",
        "readDelivery": f"webhook/{busy.webhook.id}/delivery/{busy.delivery}/",
    }


def test_every_answer_to_a_read_is_as_described(api, busy):
    paths = _paths(busy)
    assert set(paths) == {operation.id for operation in OPERATIONS if operation.method == "GET"}
    for operation_id, path in paths.items():
        answer = api.get(path)
        assert answer.status_code == 200, (operation_id, answer.content)
        _validator(_answer_schema(operation_id)).validate(answer.json())


class _TextDates(yaml.SafeLoader):
    """Reads timestamps as the texts they are written as."""


_TextDates.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def test_the_same_is_said_in_yaml(api, busy):
    for operation_id, path in _paths(busy).items():
        answer = yaml.load(api.get(path, format="yaml").content, Loader=_TextDates)
        _validator(_answer_schema(operation_id)).validate(answer)


TESTED_APART = {"uploadInlineAttachment", "createAsset"}  # in tests of their own, not called like the others


def test_every_answer_to_a_write_is_as_described(api, busy):
    ticket, staff = f"ticket/{busy.ticket}", busy.priya.id
    new = {"client": busy.contact, "subject": "Bell", "html": "<b>Mute</b>", "category": busy.workshop.id}
    writes = {
        "createTicket": ("tickets/", new),
        "createTicketAlias": ("new_ticket/", new),
        "addStaffUpdate": (f"{ticket}/staff_update/", {"staff": staff, "tags": "bell"}),
        "addPrivateNote": (f"{ticket}/staff_pvtnote/", {"staff": staff, "text": "Call back."}),
        "addUserReply": (f"{ticket}/user_reply/", {"user": busy.contact, "text": "Thanks."}),
        "updateCustomFields": (
            f"{ticket}/update_custom_fields/",
            {"staff": staff, f"t-cf-{busy.services.id}": "Tune-up"},
        ),
        "updateTags": (f"{ticket}/update_tags/", {"add": "ring"}),
        "subscribe": (f"{ticket}/subscribe/", {"staff_id": staff}),
        "unsubscribe": (f"{ticket}/unsubscribe/", {"staff_id": staff}),
        "forwardTicket": (f"{ticket}/forward/", {"staff_id": staff, "to": "x@hubs.example", "subject": "Hub"}),
        "moveTicket": (f"{ticket}/move/", {"staff_id": staff, "target_category_id": busy.office.id}),
        "editMessage": (f"{ticket}/update/{busy.note}/edit/", {"staff_id": staff, "text": "Good batch."}),
        "makeMessagePrivate": (f"{ticket}/update/{busy.reply}/make_private/", {"staff_id": staff}),
        "deleteMessage": (f"{ticket}/update/{busy.note}/delete/", {"staff_id": staff}),
        "deleteTicket": (f"{ticket}/delete/", {"staff_id": staff}),
        "releaseHeldMail": (f"held_mail/{busy.held}/release/", {"staff_id": staff}),
        "ignoreHeldMail": (f"held_mail/{busy.also_held}/ignore/", {"staff_id": staff}),
        "redeliver": (f"webhook/{busy.webhook.id}/delivery/{busy.delivery}/redeliver/", {}),
    }
    written = [operation for operation in OPERATIONS if operation.method == "POST"]
    contacts = {
        "users/": {"email": "ada@example.org", "name": "Ada Novak", "phones": [{"number": "030 1234"}]},
        "user/noor.haddad@example.org/": {"is_login_enabled": "FALSE"},
        "contact_groups/": {"name": "Club"},
        f"contact_group/{busy.group}/": {"description": ""},
        f"contact_group/{busy.group}/update_contacts/": {"contacts": [{"id": busy.contact}, {"id": 10**9}]},
        f"contact_group/{busy.group}/delete_contacts/": {"contacts": [busy.contact, 10**9]},
    }
    about_people = [operation.id for operation in written if operation.path.startswith(("user", "contact"))]
    writes |= dict(zip(about_people, contacts.items(), strict=True))
    assert set(writes) == {operation.id for operation in written} - TESTED_APART
    for operation_id, (path, body) in writes.items():
        _validator(_answer_schema(operation_id)).validate(rehearsed(api.post, path, body))
        answer = api.post(path, body)
        assert answer.status_code == 200, (path, answer.content)
        _validator(_answer_schema(operation_id)).validate(answer.json())


def test_the_answers_of_writes_on_assets_are_as_described(api, busy):
    label = {"name": "Cargo bike 9", "display_id": "CB-009"}
    writes = {
        "createAsset": (api.post, "assets/", {**label, "created_by": busy.priya.id, "contact_ids": [busy.contact]}),
        "updateAsset": (api.put, f"asset/{busy.asset.id}/", {"name": "Cargo bike 8", "updated_by": busy.priya.id}),
        "deleteAsset": (api.delete, f"asset/{busy.asset.id}/?deleted_by={busy.priya.id}"),
    }
    assert set(writes) == {operation.id for operation in OPERATIONS if operation.writes and "asset" in operation.path}
    for operation_id, (send, *request) in writes.items():
        _validator(_answer_schema(operation_id)).validate(rehearsed(send, *request))
        answer = send(*request)
        assert answer.status_code == 200, answer.content
        _validator(_answer_schema(operation_id)).validate(answer.json())


def test_the_answer_to_a_list_is_as_described(api, busy):
    good = {"client": busy.contact, "subject": "Bell", "html": "<b>Mute</b>", "category": busy.workshop.id}
    operation = DOCUMENT["paths"]["/{format}/tickets/"]["post"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]["anyOf"][1]
    _validator(schema).validate(api.post("tickets/", [good, {}, None]).json())
    _validator(schema).validate(answer_examples.of(list[shapes.CreatedTicket]))
    for kind in ("application/json", "application/x-yaml"):
        body = operation["requestBody"]["content"][kind]["schema"]["anyOf"][1]
        assert (body["type"], body["minItems"], body["maxItems"]) == ("array", 1, 100)


def test_the_answers_to_lists_of_contacts_and_of_members_are_as_described(api, busy):
    three = [{"email": "ada@example.org", "name": "Ada"}, {"email": "x"}, None]
    assert [item["success"] for item in rehearsed(api.post, "users/", three)] == [True, False, False]
    results = api.post("users/", three).json()
    _validator(_schema_of(list[shapes.SavedContact])).validate(results)
    _validator(_schema_of(list[shapes.SavedContact])).validate(answer_examples.of(list[shapes.SavedContact]))
    members = api.post(f"contact_group/{busy.group}/update_contacts/", [{"contact": busy.contact}, {}]).json()
    _validator(_schema_of(list[shapes.SavedMember])).validate(members)


def _schema_of(shape):
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{shape.__args__[0].__name__}"}}


def test_shorter_answers_are_as_described(api, busy):
    for query, shape in {
        "fields=id,subject,nonsense": "PartialTicketPage",
        "include_updates=0": "TicketPage",
        "minify_response=true": "TicketNumberPage",
    }.items():
        _validator({"$ref": f"#/components/schemas/{shape}"}).validate(api.get(f"tickets/?{query}").json())
    answer = api.get(f"ticket/{busy.ticket}/?fields=status,user")
    _validator({"$ref": "#/components/schemas/PartialTicket"}).validate(answer.json())
    assert set(answer.json()) == {"status", "user"}


def test_refusals_have_the_described_shapes(api, busy):
    unanswered = api.post(
        "tickets/", {"client": busy.contact, "subject": "Bell", "text": "Mute", "category": busy.workshop.id}
    ).json()
    close = {"staff": busy.priya.id, "status": busy.closed.id}
    update = f"ticket/{busy.ticket}/staff_update/"
    for shape, status, answer in [
        ("ErrorList", 400, api.post("tickets/", {"subject": "Bell"})),
        ("ErrorList", 400, api.post("tickets/", b"{", content_type="application/json")),
        ("ErrorList", 400, api.get("tickets/?q=" + "a " * 201)),
        ("ErrorList", 400, api.get("assets/?asset_type=9")),
        ("ErrorList", 400, api.delete(f"asset/{busy.asset.id}/")),
        ("AssetErrors", 400, api.post("assets/", {"contact_ids": 7, "custom_fields": {str(busy.motor.id): 9}})),
        ("ErrorText", 400, api.put(f"asset/{busy.asset.id}/", {"updated_by": busy.priya.id})),
        ("ErrorMap", 400, api.post(f"ticket/{unanswered['id']}/staff_update/", close)),
        ("ErrorMap", 400, api.post(update, {"staff": busy.priya.id, "text": "Hi", "last_staff_message": 1})),
        ("ErrorText", 400, api.post(update, {"staff": busy.priya.id})),
        ("ErrorText", 404, api.get("ticket/999999999/")),
        ("ErrorText", 404, api.get("nonsense/")),
        ("ErrorText", 405, api.request("DELETE", "/api/1.1/json/tickets/")),
        ("ErrorText", 412, api.post(update, {"staff": busy.priya.id, "text": "Hi"}, If_Match='"1-1-1-1"')),
        ("ErrorText", 401, Client().get("/api/1.1/json/tickets/")),
    ]:
        assert answer.status_code == status, answer.content
        _validator({"$ref": f"#/components/schemas/{shape}"}).validate(answer.json())


# --- over HTTP


@pytest.fixture
def browser(settings):
    settings.REYNARD_BASE_URL = ""
    return Client(headers={"Host": "help.rollwerk.example"})


@pytest.mark.parametrize("path", ["/api/openapi.json", "/api/docs", "/api/openapi.json/", "/api/docs/"])
def test_it_is_public_and_for_reading_only(browser, path):
    assert browser.get(path).status_code == 200
    assert browser.head(path).status_code == 200
    refused = browser.post(path)
    assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/api/openapi.json", "/api/docs"])
def test_it_is_sent_once_to_those_who_keep_it(browser, path):
    first = browser.get(path)
    again = browser.get(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_document_names_the_address_it_was_asked_at(browser):
    document = browser.get("/api/openapi.json").json()
    assert document["servers"][0]["url"] == "http://help.rollwerk.example/api/{version}"


def test_the_document_names_the_address_that_is_set(browser, settings):
    settings.REYNARD_BASE_URL = "https://rollwerk.example/help"
    document = browser.get("/api/openapi.json").json()
    assert document["servers"][0]["url"] == "https://rollwerk.example/help/api/{version}"
    assert b'href="https://rollwerk.example/help/api/openapi.json"' in browser.get("/api/docs").content


class _Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in {"href", "src"}:
                self.links.append(value or "")


def test_the_page_has_a_place_for_every_operation_and_shape(browser):
    page = _Page(browser.get("/api/docs").content.decode())
    assert len(page.ids) == len(set(page.ids))
    assert {operation.id for operation in OPERATIONS} <= set(page.ids)
    assert {f"shape-{name}" for name in SCHEMAS} <= set(page.ids)
    anchors = {link.removeprefix("#") for link in page.links if link.startswith("#")}
    assert anchors <= set(page.ids)


def test_the_page_loads_nothing_and_runs_nothing(browser):
    answer = browser.get("/api/docs")
    page = _Page(answer.content.decode())
    assert not page.tags & {"script", "link", "img", "iframe", "object", "form"}
    policy = answer["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert b" style=" not in answer.content
    assert answer["X-Content-Type-Options"] == "nosniff"
