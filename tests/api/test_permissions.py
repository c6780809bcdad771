"""Who may do what (reference.md "Permission codes"; protocol.md P-09): an error of the field that names the actor."""

import pytest

from reynard.desk.models import Role
from tests import factories
from tests.api.writing import everything, shape_l

EVERYTHING = set(
    "web_reply close_tickets assign_tickets reassign_tickets set_due_date add_tags delete_tags forward_tickets "
    "move_tickets delete_tickets".split()
)


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop, tags=["old"], assignee=desk.priya.id)


@pytest.fixture
def unassigned(desk):
    return factories.make_ticket(desk.lena, desk.workshop)


@pytest.fixture
def mechanic(desk):
    """An agent of the workshop with a role of some permissions."""

    def make(*permissions):
        role = Role.objects.create(name="Mechanic", permissions=list(permissions))
        return factories.make_staff("Mia", desk.workshop, role=role)

    return make


def refusal(field, *codes):
    texts = [f"Mia Raman may not do this: the role Mechanic has no {code}." for code in codes]
    return {"error": [{"field": field, "errors": texts}]}


class Write:
    """One write of the acting staff member, and the code it takes."""

    def __init__(self, code, operation, actor, body, unassigned=False):
        self.code, self.operation, self.actor, self.body, self.unassigned = code, operation, actor, body, unassigned


WRITES = [
    Write("web_reply", "staff_update", "staff", {"text": "Done."}),
    Write("close_tickets", "staff_update", "staff", {"status": "closed"}),
    Write("close_tickets", "staff_pvtnote", "staff", {"status": "closed"}),
    Write("assign_tickets", "staff_update", "staff", {"assignee": "jonas"}, unassigned=True),
    Write("reassign_tickets", "staff_update", "staff", {"assignee": "jonas"}),
    Write("reassign_tickets", "staff_update", "staff", {"assignee": None}),
    Write("set_due_date", "staff_update", "staff", {"due_date": "2026-03-20"}),
    Write("add_tags", "staff_update", "staff", {"tags": "new"}),
    Write("add_tags", "update_tags", "staff_id", {"add": "new"}),
    Write("delete_tags", "update_tags", "staff_id", {"remove": "old"}),
    Write("forward_tickets", "forward", "staff_id", {"to": "x@hubs.example", "subject": "x"}),
    Write("move_tickets", "move", "staff_id", {"target_category_id": "own"}),
    Write("delete_tickets", "delete", "staff_id", {}),
]


@pytest.fixture
def send(api, desk, ticket, unassigned):
    def send(person, write):
        body = {key: getattr(desk, value, None).id if value in names else value for key, value in write.body.items()}
        number = unassigned.id if write.unassigned else ticket.id
        return api.post(f"ticket/{number}/{write.operation}/", {write.actor: person.id} | body)

    names = {"closed", "jonas", "own"}
    desk.own = factories.make_category("Bike leasing", "BL")
    return send


@pytest.mark.parametrize("write", WRITES, ids=lambda write: f"{write.code}-{write.operation}")
class TestWhenPermissionsAreEnforced:
    @pytest.fixture(autouse=True)
    def enforced(self, settings):
        settings.REYNARD_ENFORCE_PERMISSIONS = True

    def test_nobody_acts_without_one(self, send, desk, mechanic, write):
        person = mechanic(*EVERYTHING - {write.code})
        person.categories.add(desk.own)
        before = everything()
        answer = send(person, write)
        assert (answer.status_code, answer.json()) == (400, refusal(write.actor, write.code))
        assert everything() == before

    def test_it_is_all_it_takes(self, send, desk, mechanic, write):
        person = mechanic(write.code)
        person.categories.add(desk.own)
        assert send(person, write).status_code == 200

    def test_account_admins_may_do_everything(self, send, desk, write):
        assert send(desk.priya, write).status_code == 200


@pytest.mark.parametrize("write", WRITES, ids=lambda write: f"{write.code}-{write.operation}")
def test_by_default_nearly_everything_is_allowed(send, desk, mechanic, write):
    person = mechanic()
    person.categories.add(desk.own)
    assert send(person, write).status_code == 200


def test_what_stays_as_it_is_takes_nothing(api, desk, mechanic, ticket, settings):
    settings.REYNARD_ENFORCE_PERMISSIONS = True
    same = {"status": desk.new.id, "assignee": desk.priya.id, "due_date": None, "tags": "old", "priority": desk.high.id}
    answer = api.post(f"ticket/{ticket.id}/staff_update/", {"staff": mechanic().id} | same)
    assert answer.status_code == 200
    assert api.post(f"ticket/{ticket.id}/update_tags/", {"add": "new"}).status_code == 200


def test_notes_and_custom_fields_take_nothing(api, desk, mechanic, ticket, settings):
    settings.REYNARD_ENFORCE_PERMISSIONS = True
    field = factories.make_field("Frame size", categories=[desk.workshop])
    person = {"staff": mechanic().id}
    assert api.post(f"ticket/{ticket.id}/staff_pvtnote/", person | {"text": "Psst."}).status_code == 200
    assert api.post(f"ticket/{ticket.id}/update_custom_fields/", person | {f"t-cf-{field.id}": "1"}).status_code == 200


def test_all_that_is_missing_is_said_at_once(api, desk, mechanic, ticket, settings):
    settings.REYNARD_ENFORCE_PERMISSIONS = True
    body = {"text": "Done.", "status": desk.closed.id, "assignee": None, "due_date": "2026-03-20", "tags": "a"}
    answer = api.post(f"ticket/{ticket.id}/staff_update/", {"staff": mechanic().id} | body)
    codes = ("web_reply", "close_tickets", "reassign_tickets", "set_due_date", "add_tags")
    assert (answer.status_code, answer.json()) == (400, refusal("staff", *codes))


@pytest.mark.parametrize("enforced", [False, True])
class TestMovingToACategoryOneDoesNotBelongTo:
    @pytest.fixture
    def move(self, api, desk, ticket, settings, enforced):
        settings.REYNARD_ENFORCE_PERMISSIONS = enforced

        def send(person, **more):
            body = {"staff_id": person.id, "target_category_id": desk.office.id}
            return api.post(f"ticket/{ticket.id}/move/", body | more)

        return send

    def test_always_takes_a_permission_of_its_own(self, move, mechanic):
        person = mechanic(*EVERYTHING)
        before = everything()
        answer = move(person)
        assert (answer.status_code, answer.json()) == (400, refusal("staff_id", "move_ticket_to_any_category"))
        assert everything() == before

    def test_and_nothing_else(self, move, mechanic):
        assert move(mechanic("move_ticket_to_any_category")).status_code == 200

    def test_except_for_account_admins(self, move, desk):
        assert move(desk.priya).status_code == 200

    def test_is_said_together_with_other_problems(self, move, mechanic, desk):
        text = "Mia Raman may not do this: the role Mechanic has no move_ticket_to_any_category."
        answer = move(mechanic("assign_tickets", "reassign_tickets"), assign_to=desk.gone.id)
        assert answer.json() == shape_l(
            {
                "staff_id": text,
                "assign_to": "Select a valid choice. That choice is not one of the available choices.",
            }
        )
