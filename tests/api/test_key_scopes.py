"""API keys that reach less than the whole desk: those that only read, and those of some categories."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reynard.api import wire
from reynard.api.endpoint import endpoint
from reynard.desk import files
from reynard.desk.actions import people, ticket_changes
from reynard.desk.actions.ticket_changes import Move
from reynard.desk.errors import Invalid
from reynard.desk.models import ApiKey, Ticket
from reynard.desk.selectors import reference, ticket_rows
from reynard.desk.selectors.tickets import Listing
from reynard.desk.selectors.tickets import page as list_page
from tests import factories
from tests.api import every_operation
from tests.api.every_operation import READS, WRITES, furnish, named
from tests.api.test_inline_attachments import image
from tests.api.test_routing import CONTENT_TYPES, error_in
from tests.api.writing import NOT_A_CHOICE, everything, shape_l
from tests.conftest import Api
from tests.factories import NOON

MAY_ONLY_READ = "This API key may only read."
MARKER = "zanzibar"


def make_api(**scope):
    credentials = people.create_api_key(name=scope.pop("name", "scoped"), now=NOON, **scope)
    return Api(credentials.api_key, credentials.auth_code)


@pytest.fixture(autouse=True)
def public_office(desk):
    """Tickets can be created in either category."""
    desk.office.public = True
    desk.office.save()
    reference.changed()
    return desk.office


@pytest.fixture
def known(desk):
    return furnish(desk)


# --- keys that only read


@pytest.fixture
def reader(desk):
    return make_api(read_only=True)


@pytest.mark.parametrize("operation", WRITES, ids=named)
class TestEveryWrite:
    def test_is_refused_to_a_key_that_may_only_read(self, reader, known, operation):
        before = everything()
        answer = every_operation.request(operation, known).send(reader)
        assert (answer.status_code, answer.json()) == (403, {"error": MAY_ONLY_READ})
        assert everything() == before

    def test_is_made_by_any_other_key(self, api, known, operation):
        before = everything()
        answer = every_operation.request(operation, known).send(api)
        assert answer.status_code == 200, answer.content
        assert everything() != before

    def test_is_not_replayed_to_a_key_that_may_only_read(self, api, known, operation):
        """The answer was stored before the key lost its right to write."""
        request = every_operation.request(operation, known)
        assert request.send(api, Idempotency_Key="once").status_code == 200
        ApiKey.objects.update(read_only=True)
        reference.changed()
        before = everything()
        answer = request.send(api, Idempotency_Key="once")
        assert (answer.status_code, answer.json()) == (403, {"error": MAY_ONLY_READ})
        assert "Idempotency-Replayed" not in answer
        assert everything() == before


@pytest.mark.parametrize("operation", READS, ids=named)
def test_a_key_that_may_only_read_reads_everything(api, reader, known, operation):
    path = every_operation.path(operation, known)
    answer = reader.get(path)
    assert answer.status_code == 200
    assert reader.request("HEAD", f"/api/1.1/json/{path}").status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
@pytest.mark.parametrize("path", ["tickets/", "categories/", "nonsense/", "ticket/999/staff_update/", "kb/articles/"])
def test_a_key_that_may_only_read_has_no_other_method_anywhere(reader, method, path):
    answer = reader.request(method, f"/api/1.1/json/{path}")
    assert (answer.status_code, answer.json()) == (403, {"error": MAY_ONLY_READ})


@pytest.mark.parametrize("format", CONTENT_TYPES)
def test_the_reason_comes_in_the_asked_format_and_counts_as_a_call(reader, format, settings):
    settings.REYNARD_THROTTLE_WRITES_PER_MINUTE = 10
    answer = reader.post("tickets/", {}, format=format)
    assert (answer.status_code, answer["Content-Type"]) == (403, CONTENT_TYPES[format])
    assert error_in(answer, format) == MAY_ONLY_READ
    assert int(answer["X-RateLimit-Remaining"]) < int(answer["X-RateLimit-Limit"])


def test_a_dry_run_is_a_write(reader, known):
    answer = reader.post(f"ticket/{known.path['number']}/staff_update/?dry_run=true", {"text": "x"})
    assert (answer.status_code, answer.json()) == (403, {"error": MAY_ONLY_READ})


def test_an_upload_that_changes_no_ticket_is_a_write(reader):
    before = everything()
    answer = reader.post("ticket-inline-attachment", {"file": image()}, content_type="multipart")
    assert answer.status_code == 403
    assert everything() == before


# --- keys of some categories


@pytest.fixture
def limited(desk):
    return make_api(categories=[desk.workshop.id])


@pytest.fixture
def secret(desk, known):
    """A ticket of the other category, with the marker wherever a ticket can have words."""
    field = factories.make_field("Remark", categories=[desk.office])
    file = files.keep(SimpleUploadedFile(f"{MARKER}.txt", MARKER.encode(), "text/plain"))
    factories.make_category(f"{MARKER} depot", "ZZ")
    ticket = factories.make_ticket(
        desk.lena,
        desk.office,
        subject=f"{MARKER} subject",
        text=f"{MARKER} text",
        tags=[MARKER],
        cc=f"{MARKER}@example.org",
        custom_values={field.id: f"{MARKER} value"},
        files=[file],
        assignee=desk.priya.id,
        due_date=NOON.date(),
    )
    known.path["number"] = str(ticket.id)
    known.ids["attachment"] = ticket.updates.get().attachments.get().id
    return ticket


def addresses_of_reads(known, secret):
    """Every address that can be read, with what could lead to the secret ticket."""
    for operation in READS:
        path = every_operation.path(operation, known)
        yield path
        yield f"{path}?q={MARKER}&size=50&show_cf_changes=true&download=true"
        yield f"{path}?id={secret.id}&tag={MARKER}&since=0&after_id=0&category={secret.category_id}"


@pytest.mark.parametrize("format", CONTENT_TYPES)
def test_nothing_of_another_category_is_in_any_answer(api, limited, known, secret, format):
    seen = set()
    for path in addresses_of_reads(known, secret):
        answer = limited.get(path, format=format)
        content = answer.getvalue()
        assert answer.status_code in {200, 400, 403, 404}, path
        assert MARKER not in (content.decode("utf-8", "replace") + str(answer.headers)).lower(), path
        if MARKER in api.get(path, format=format).getvalue().decode("utf-8", "replace").lower():
            seen.add(path.partition("?")[0])
    file, report = f"attachment/{known.ids['attachment']}/", f"report/{known.ids['report']}/tabulardata/"
    assert {"tickets/", f"ticket/{secret.id}/", "categories/", file, report} <= seen  # with a key of the whole desk


@pytest.mark.parametrize("operation", [op for op in WRITES if "{number}" in op.path], ids=named)
def test_no_write_finds_a_ticket_of_another_category(limited, known, secret, operation):
    before = everything()
    answer = every_operation.request(operation, known).send(limited)
    assert (answer.status_code, answer.json()) == (404, {"error": "Cannot find the requested object"})
    assert everything() == before


@pytest.mark.parametrize("operation", [op for op in WRITES if "{number}" in op.path], ids=named)
def test_writes_find_those_of_its_own(limited, known, desk, operation):
    known.body["target_category_id"] = factories.make_category("Bike leasing", "BL").id
    ApiKey.objects.get(name="scoped").categories.add(known.body["target_category_id"])
    reference.changed()
    answer = every_operation.request(operation, known).send(limited)
    assert answer.status_code == 200, answer.content


@pytest.mark.parametrize("number", ["{}", "#BO{:08}", "BO{:08}", "RW{:08}"])
def test_a_ticket_of_another_category_does_not_exist(limited, secret, number):
    answer = limited.get(f"ticket/{number.format(secret.id).replace('#', '%23')}/")
    assert (answer.status_code, answer.json()) == (404, {"error": "Cannot find the requested object"})


def test_it_does_not_exist_before_its_version_is_compared(limited, secret, desk):
    answer = limited.post(f"ticket/{secret.id}/staff_update/", {"staff": desk.priya.id, "text": "x"}, If_Match='"0-0"')
    assert answer.status_code == 404


class TestLists:
    @pytest.fixture(autouse=True)
    def tickets(self, desk, known, secret):
        factories.make_ticket(desk.lena, desk.office, subject="Also brake cable")
        factories.make_ticket(desk.stranger, desk.workshop, subject="Brake pads", priority=desk.high.id)

    @pytest.mark.parametrize(
        "query",
        [
            {},
            {"sort": "categorya"},
            {"sort": "categoryd"},
            {"sort": "ticketa"},
            {"sort": "due"},
            {"status": "_all"},
            {"status": "_pending", "sort": "unresponded"},
            {"q": "brake"},
            {"q": "assignee:none"},
            {"q": "unresponded:true"},
            {"q": 'contact:"lena"'},
            {"priority": "High"},
            {"q": "duedate:none"},
            {"page": "2"},
            {"minify_response": "true"},
        ],
        ids=str,
    )
    def test_are_those_of_its_categories(self, api, limited, desk, query):
        """As with a filter: page by page, number by number, total by total."""
        wanted = api.get("tickets/", {**query, "category": desk.workshop.id}).json()
        found = limited.get("tickets/", query).json()
        assert found["page_info"] == wanted["page_info"]
        assert [_number(ticket) for ticket in found["data"]] == [_number(ticket) for ticket in wanted["data"]]

    @pytest.mark.parametrize("query", [{"q": MARKER}, {"tag": MARKER}, {"q": f"tag:{MARKER}"}])
    def test_find_nothing_else(self, limited, query):
        assert limited.get("tickets/", query).json()["page_info"]["last_index"] == 0

    def test_do_not_find_by_number_or_display_id(self, limited, secret):
        for text in (f"id:{secret.id}", f"#BO{secret.id:08}", f"BO{secret.id:08}"):
            assert limited.get("tickets/", {"q": text}).json()["page_info"]["last_index"] == 0, text
        assert limited.get("tickets/", {"id": secret.id}).json()["data"] == []

    def test_of_other_categories_are_empty(self, limited, desk):
        for query in (
            {"category": desk.office.id},
            {"q": f"category:{desk.office.id}"},
            {"q": 'category:"Back office"'},
        ):
            assert limited.get("tickets/", query).json()["data"] == []

    def test_are_shorter_by_the_filter(self, limited, desk):
        both = {"category": [desk.office.id, desk.workshop.id]}
        assert limited.get("tickets/", both).json()["page_info"]["last_index"] == 2

    @pytest.mark.parametrize("query", [{}, {"q": "brake"}, {"sort": "categorya"}])
    def test_cost_what_the_filter_costs(self, api, limited, desk, query):
        limited.get("tickets/", query)
        with CaptureQueriesContext(connection) as by_filter:
            api.get("tickets/", {**query, "category": desk.workshop.id})
        with CaptureQueriesContext(connection) as by_scope:
            limited.get("tickets/", query)
        assert len(by_scope) <= len(by_filter)


def _number(ticket):
    return ticket if isinstance(ticket, int) else ticket["id"]


def test_totals_come_from_counters(desk, limited):
    ours = reference.current().seen_by(reference.current().keys[ApiKey.objects.get(name="scoped").key])
    factories.make_ticket(desk.lena, desk.workshop)
    with CaptureQueriesContext(connection) as captured:
        assert list_page(Listing(), ours).total == 1
    counts = [query["sql"] for query in captured if "count(" in query["sql"]]
    assert counts == []


def test_a_ticket_that_leaves_while_it_is_listed_is_left_out(desk, limited):
    ours = reference.current().seen_by(reference.current().keys[ApiKey.objects.get(name="scoped").key])
    ticket = factories.make_ticket(desk.lena, desk.workshop)
    listed = list_page(Listing(), ours).entries
    move = Move(staff=desk.priya.id, category=desk.office.id)
    ticket_changes.move(ticket.id, move, reference=reference.current(), now=NOON)
    assert wire.encode_tickets(listed, ours) == []
    assert ticket_rows.one_ticket(ticket.id, ours) is None


def test_a_ticket_comes_and_goes_with_its_category(api, limited, desk):
    ticket = factories.make_ticket(desk.lena, desk.workshop)
    assert limited.get(f"ticket/{ticket.id}/").status_code == 200
    assert len(limited.get("tickets/").json()["data"]) == 1
    api.post(f"ticket/{ticket.id}/move/", {"staff_id": desk.priya.id, "target_category_id": desk.office.id})
    assert limited.get(f"ticket/{ticket.id}/").status_code == 404
    assert limited.get("tickets/").json()["data"] == []
    api.post(f"ticket/{ticket.id}/move/", {"staff_id": desk.priya.id, "target_category_id": desk.workshop.id})
    assert limited.get(f"ticket/{ticket.id}/").status_code == 200


def test_a_ticket_is_shown_as_to_anybody_but_for_the_counts_of_its_contact(api, limited, desk):
    ticket = factories.make_ticket(desk.lena, desk.workshop)
    factories.make_ticket(desk.lena, desk.office)
    for path, of in ((f"ticket/{ticket.id}/", lambda body: body), ("tickets/", lambda body: body["data"][0])):
        for _ in range(2):  # the second time from what is kept
            wanted = of(api.get(path, {"category": desk.workshop.id}).json())
            assert wanted["user"]["tickets_count"] == 2
            wanted["user"] |= {"tickets_count": None, "pending_tickets_count": None}
            assert of(limited.get(path).json()) == wanted


@pytest.mark.parametrize("format", CONTENT_TYPES)
def test_contacts_are_everybodys_but_for_the_numbers_of_their_tickets(limited, desk, format):
    factories.make_ticket(desk.lena, desk.office)
    for path in ("users/", f"user/{desk.lena.id}/", f"user/{desk.lena.email}/"):
        assert limited.get(path, format=format).status_code == 200
    contact = limited.get(f"user/{desk.lena.id}/").json()
    assert (contact["tickets_count"], contact["pending_tickets_count"]) == (None, None)
    assert contact["name"] == "Lena Ortiz"
    answer = limited.post(f"user/{desk.lena.id}/", {"name": "Lena O."})
    assert (answer.json()["name"], answer.json()["tickets_count"]) == ("Lena O.", None)


def test_it_has_its_own_categories_only(limited, desk, known):
    assert [row["id"] for row in limited.get("categories/").json()] == [desk.workshop.id]
    assert limited.get(f"category/{desk.workshop.id}/").status_code == 200
    assert limited.get(f"category/{desk.office.id}/").status_code == 404
    section = limited.get(f"kb/section/{desk.maintenance.id}/").json()
    assert [row["id"] for row in section["categories"]] == [desk.workshop.id]


class TestCreating:
    def new(self, category):
        text = {"subject": "s", "text": "t", "email": "new@example.org", "name": "New"}
        return text | {"category": category.id}

    def test_a_ticket_of_its_own_category(self, limited, desk):
        answer = limited.post("tickets/", self.new(desk.workshop))
        assert (answer.status_code, answer.json()["user"]["tickets_count"]) == (200, None)

    @pytest.mark.parametrize("path", ["tickets/", "new_ticket/"])
    def test_a_ticket_of_another_one(self, api, limited, public_office, path):
        before = everything()
        answer = limited.post(path, self.new(public_office))
        assert (answer.status_code, answer.json()) == (400, shape_l({"category": NOT_A_CHOICE}))
        assert everything() == before
        assert api.post(path, self.new(public_office)).status_code == 200

    def test_several(self, limited, desk, public_office):
        items = limited.post("tickets/", [self.new(public_office), self.new(desk.workshop)]).json()
        assert [item["success"] for item in items] == [False, True]
        assert items[0]["error"] == [{"field": "category", "errors": [NOT_A_CHOICE]}]
        assert list(Ticket.objects.values_list("category_id", flat=True)) == [desk.workshop.id]


def test_moving_needs_both_categories(limited, desk):
    ticket = factories.make_ticket(desk.lena, desk.workshop)
    before = everything()
    answer = limited.post(
        f"ticket/{ticket.id}/move/", {"staff_id": desk.priya.id, "target_category_id": desk.office.id}
    )
    assert (answer.status_code, answer.json()) == (400, shape_l({"target_category_id": NOT_A_CHOICE}))
    assert everything() == before


def test_files_of_other_tickets_cannot_be_forwarded(limited, desk, secret):
    ticket = factories.make_ticket(desk.lena, desk.workshop)
    file_id = secret.updates.get().attachments.get().id
    body = {"staff_id": desk.priya.id, "to": "x@hubs.example", "subject": "x", "ticket_attachments": [file_id]}
    answer = limited.post(f"ticket/{ticket.id}/forward/", body)
    assert (answer.status_code, answer.json()) == (400, shape_l({"ticket_attachments": NOT_A_CHOICE}))


def test_choices_that_other_categories_use_too_stay_as_they_are(limited, known):
    before = everything()
    path = f"ticket_custom_field/{known.ids['ticket_custom_field']}/"
    answer = limited.put(path, {"choices": []})
    sentence = "This API key is limited to certain categories, and this would change others too."
    assert (answer.status_code, answer.json()) == (403, {"error": sentence})
    assert everything() == before


def test_two_keys_of_different_categories_share_nothing(desk):
    ours, theirs = make_api(categories=[desk.workshop.id]), make_api(categories=[desk.office.id], name="theirs")
    ticket = factories.make_ticket(desk.lena, desk.workshop)
    assert ours.get(f"ticket/{ticket.id}/").status_code == 200
    assert theirs.get(f"ticket/{ticket.id}/").status_code == 404
    assert [row["id"] for row in theirs.get("categories/").json()] == [desk.office.id]


def test_a_key_may_be_limited_both_ways(desk):
    both = make_api(categories=[desk.workshop.id], read_only=True)
    ticket = factories.make_ticket(desk.lena, desk.workshop)
    answer = both.post(f"ticket/{ticket.id}/staff_pvtnote/", {"staff": desk.priya.id, "text": "x"})
    assert (answer.status_code, answer.json()) == (403, {"error": MAY_ONLY_READ})
    assert both.get(f"ticket/{factories.make_ticket(desk.lena, desk.office).id}/").status_code == 404


def test_a_key_whose_categories_are_gone_sees_no_ticket(desk, known):
    fleeting = factories.make_category("Pop-up shop", "PS")
    orphan = make_api(categories=[fleeting.id])
    fleeting.delete()
    reference.changed()
    assert orphan.get("categories/").json() == []
    for query in (
        {},
        {"q": "brake"},
        {"sort": "categorya"},
        {"sort": "due", "q": "tag:x"},
        {"category": desk.office.id},
    ):
        assert orphan.get("tickets/", query).json()["data"] == []
    assert orphan.get(f"ticket/{known.path['number']}/").status_code == 404
    assert orphan.get("statuses/").status_code == 200


@pytest.mark.parametrize(
    ("categories", "sentence"),
    [
        ([], "A key that is limited to no category at all could do nothing. Give at least one."),
        ([4711], "No category has id 4711."),
    ],
)
def test_a_scope_that_makes_no_sense_is_refused(desk, categories, sentence):
    with pytest.raises(Invalid) as refused:
        people.create_api_key(name="x", now=NOON, categories=categories)
    assert list(refused.value.problems.items()) == [("categories", [sentence])]
    assert not ApiKey.objects.exists()


# --- what nobody thought of is refused


def test_an_address_that_minds_no_categories_is_refused_to_limited_keys(limited, rf):
    serve = endpoint(GET=lambda call: pytest.fail("was called"))
    answer = serve(rf.get("/api/1.1/json/x/", headers={"Authorization": limited.authorization}), "json")
    assert answer.status_code == 403
    assert b"is limited to certain categories" in answer.content
