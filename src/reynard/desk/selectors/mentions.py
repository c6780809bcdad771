"""Who can be named in a private note, and who was. A note that was deleted names nobody any more."""

from collections.abc import Iterable

from reynard.desk.models import Mention, Update
from reynard.desk.rules.mentions import Person
from reynard.desk.selectors import access
from reynard.desk.selectors.filters import Condition
from reynard.desk.selectors.reference import Reference, StaffMember

_OF_STAFF = (
    "SELECT note.ticket_id FROM desk_mention mention JOIN desk_update note ON note.id = mention.update_id "
    f"WHERE mention.staff_id = %s AND note.message_type = '{Update.MessageType.PRIVATE.value}'"
)
_UNREAD = f"{_OF_STAFF} AND mention.read_at IS NULL"


def candidates(category_id: int, reference: Reference, *, besides: int) -> list[StaffMember]:
    """Active colleagues who may see tickets of a category, by name."""
    found = [
        person
        for person in reference.staff.values()
        if person.active and person.id != besides and access.sees(person, category_id)
    ]
    return sorted(found, key=lambda person: person.name.casefold())


def as_people(staff: Iterable[StaffMember]) -> list[Person]:
    return [Person(person.id, person.name, person.first_name) for person in staff]


def of_updates(ids: Iterable[int], reference: Reference) -> dict[int, list[Person]]:
    """Whom each of these notes names; one statement."""
    found: dict[int, list[Person]] = {}
    rows = Mention.objects.filter(update_id__in=list(ids)).order_by("id").values_list("update_id", "staff_id")
    for update_id, staff_id in rows:
        if person := reference.staff.get(staff_id):
            found.setdefault(update_id, []).extend(as_people([person]))
    return found


def tickets_naming(person: StaffMember, *, unread: bool = False) -> Condition:
    """The tickets with a note that names somebody; those they have not opened since, if `unread`."""
    mine = _UNREAD if unread else _OF_STAFF
    source = f"SELECT id FROM desk_ticket WHERE deleted_at IS NULL AND id IN ({mine})"
    return Condition(f"id IN ({mine})", (person.id,), source, (person.id,), once=True)
