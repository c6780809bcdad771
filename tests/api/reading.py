"""Words shared by the tests of reading: moments, what an entry without changes looks like, staff at work."""

from datetime import timedelta

from reynard.desk.actions import tickets
from reynard.desk.actions.tickets import StaffUpdate
from reynard.desk.rules.messages import compose
from reynard.desk.selectors import reference
from tests.factories import NOON

LATER = NOON + timedelta(minutes=39, seconds=38, microseconds=999_999)
LAST = NOON + timedelta(days=1)

NO_CHANGES = {
    "status_change": None,
    "priority_change": None,
    "assignee_change": None,
    "category_change": None,
    "due_date_change": None,
    "custom_field_change": None,
    "time_spent": None,
    "satisfaction_survey": None,
}


def change(old, new):
    """A change as the wire has it, from one row (or None) to another."""
    return {
        "old": old and old.id,
        "old_name": old and old.name,
        "new": new and new.id,
        "new_name": new and new.name,
    }


def staff_update(ticket, desk, *, now=LATER, staff=None, note=False, text="", **values):
    given = StaffUpdate(staff=(staff or desk.priya).id, message=compose(text, ""), **values)
    act = tickets.add_private_note if note else tickets.add_staff_update
    act(ticket.id, given, reference=reference.current(), now=now)
