"""Contact groups: list, read, add, edit, members (contacts.md §9)."""

from reynard.api import answers, formats, parse_contacts, shapes
from reynard.api.answers import Answer
from reynard.api.endpoint import Call
from reynard.desk.actions import contact_groups as groups
from reynard.desk.errors import NotFound, Problems
from reynard.desk.selectors import contact_groups

# --- reading


def list_groups(call: Call) -> Answer:
    return Answer(value=[shapes.GroupSummary(*row) for row in contact_groups.everything()])


def read_group(call: Call, id: str) -> Answer:
    return _group_answer(int(id))


def _group_answer(group_id: int) -> Answer:
    row = contact_groups.by_id(group_id)
    if row is None:
        raise NotFound
    members = [
        shapes.GroupMember(member.id, member.name, member.email, bool(member.access_all_tickets))
        for member in contact_groups.members(group_id)
    ]
    return Answer(encoded=formats.encode("json", shapes.Group(*row, members)), shape=shapes.Group)


# --- writing


def add_group(call: Call) -> Answer:
    given = parse_contacts.group(call.body(), call.problems)
    return call.once(lambda: _group_answer(groups.add_group(given, problems=call.problems)))


def edit_group(call: Call, id: str) -> Answer:
    given = parse_contacts.group(call.body(), call.problems)

    def apply() -> Answer:
        groups.edit_group(int(id), given, problems=call.problems)
        return _group_answer(int(id))

    return call.once(apply)


def put_members(call: Call, id: str) -> Answer:
    several = parse_contacts.members(call.body(), call.problems)

    def apply() -> Answer:
        outcomes = groups.put_members(int(id), several, now=call.now)
        results = [_put(call, outcome) for outcome in outcomes]
        return Answer(encoded=formats.encode("json", results), shape=list[shapes.SavedMember])

    return call.once(apply)


def _put(call: Call, outcome: tuple[int, bool] | Problems) -> shapes.SavedMember:
    if isinstance(outcome, Problems):
        return shapes.SavedMember(success=False, errors=answers.field_errors(outcome, call.names))
    return shapes.SavedMember(success=True, data=shapes.Membership(*outcome))


def remove_members(call: Call, id: str) -> Answer:
    ids = parse_contacts.removals(call.body(), call.problems)

    def apply() -> Answer:
        removals = groups.remove_members(int(id), ids, now=call.now)
        results = [
            shapes.RemovedMember(removal.success, shapes.RemovedContact(removal.contact, removal.message))
            for removal in removals
        ]
        return Answer(encoded=formats.encode("json", results), shape=list[shapes.RemovedMember])

    return call.once(apply)
