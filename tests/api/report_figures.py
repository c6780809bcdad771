"""The figures of reports worked out from what every client can read: tickets with their updates, statuses, staff.

The slow and obvious way, one ticket after the other, by the words of docs/reports.md. Nothing of the desk is used.
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

HOUR = 3600


def moment(text):
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007  # all of them are UTC


class Entry:
    """One update, as what it is to a report."""

    def __init__(self, update, opens, opened, completed):
        by, message = update["by"] or {}, update["message"]
        self.at = moment(update["timestamp"])
        self.age = seconds(opened, self.at)
        self.staff = by["id"] if by.get("type") == "staff" else None
        said = message is not None and message["forward_list"] is None and not opens
        private = said and message["message_type"] == "p"
        self.is_reply = bool(said and not private and self.staff)
        self.is_note = bool(private and self.staff)
        self.is_contact_reply = bool(said and not private and by["type"] == "user")
        self.is_message_of_contact = self.is_contact_reply or opens
        self.minutes = update["time_spent"] or 0
        self.assigns = bool(update["assignee_change"] and update["assignee_change"]["new"])
        status = update["status_change"] or {"old": None, "new": None}
        self.completes = status["new"] in completed and status["old"] not in completed
        self.waited = None  # of a reply that somebody waited for


class History:
    """A ticket with what reports count of it."""

    def __init__(self, ticket, completed):
        self.ticket = ticket
        self.opened = moment(ticket["created_at"])
        self.is_completed = ticket["status"]["id"] in completed
        self.assignee = ticket["assigned_to"]
        self.entries = [
            Entry(update, opens=number == 0, opened=self.opened, completed=completed)
            for number, update in enumerate(ticket["updates"])
        ]
        waiting_since = None
        for entry in self.entries:
            if entry.is_message_of_contact:
                waiting_since = waiting_since or entry.at
            if entry.is_reply and waiting_since:
                entry.waited = seconds(waiting_since, entry.at)
            if entry.is_reply or entry.completes:
                waiting_since = None
        self.replies = [entry for entry in self.entries if entry.is_reply]
        closings = [number for number, entry in enumerate(self.entries) if entry.completes]
        self.closing = self.entries[closings[-1]] if self.is_completed else None
        self.replies_to_completion = (
            sum(entry.is_reply for entry in self.entries[: closings[-1] + 1]) if self.is_completed else None
        )

    def is_in(self, type, first, last):
        tests = {
            "as": lambda entry: entry.assigns,
            "str": lambda entry: entry.is_reply,
            "cur": lambda entry: entry.is_contact_reply,
            "prs": lambda entry: entry.is_note,
            "srp": lambda entry: entry.is_reply or entry.is_note,
            "cl": lambda entry: entry.completes,
        }
        if type == "cr":
            return first <= self.opened.date() <= last
        return any(tests[type](entry) and first <= entry.at.date() <= last for entry in self.entries)


def seconds(earlier, later):
    return max(0, int((later - earlier).total_seconds()))


def average(values):
    values = list(values)
    return round(sum(values) / len(values), 2) if values else 0.0


def whole(values):
    values = list(values)
    return int((Decimal(sum(values)) / len(values)).quantize(Decimal(1), ROUND_HALF_UP)) if values else 0


class Desk:
    """What was read of a desk; every method is the answer of a view for some of its histories."""

    def __init__(self, tickets, statuses, staff):
        self.order_of_status = {status["id"]: status["order"] for status in statuses}
        self.staff = staff
        completed = {status["id"] for status in statuses if status["behavior"] == "completed"}
        self.histories = [History(ticket, completed) for ticket in tickets]

    def chosen(self, period=None, wanted=lambda ticket: True):
        return [h for h in self.histories if wanted(h.ticket) and (period is None or h.is_in(*period))]

    def summary(self, histories):
        completed = sum(h.is_completed for h in histories)
        assigned = sum(h.assignee is not None for h in histories)
        return {
            "ticket_count": len(histories),
            "completed_count": completed,
            "pending_count": len(histories) - completed,
            "assigned_count": assigned,
            "unassigned_count": len(histories) - assigned,
        }

    def tickets(self, histories, key="duedate", order="a"):
        rows = sorted((h.ticket for h in histories), key=lambda t: t["id"], reverse=order == "d")
        keys = {
            "ticket": lambda t: t["id"],
            "status": lambda t: self.order_of_status[t["status"]["id"]],
            "created": lambda t: t["created_at"],
            "duedate": lambda t: t["due_date"],
            "assigned": lambda t: t["assigned_to"] and t["assigned_to"]["name"].casefold(),
        }
        known = [row for row in rows if keys[key](row) is not None]
        known.sort(key=keys[key], reverse=order == "d")
        return [
            {
                "id": t["id"],
                "display_id": t["display_id"],
                "subject": t["subject"],
                "status_id": t["status"]["id"],
                "status_name": t["status"]["name"],
                "assignee": t["assigned_to"]["name"] if t["assigned_to"] else "-",
                "due_date": date.fromisoformat(t["due_date"]).strftime("%d %b %Y") if t["due_date"] else "-",
            }
            for t in known + [row for row in rows if keys[key](row) is None]
        ]

    def response_stats(self, histories):
        replies = [reply for h in histories for reply in h.replies]
        firsts = [h.replies[0].age for h in histories if h.replies]
        waits = [reply.waited for reply in replies if reply.waited is not None]
        completed = [h for h in histories if h.closing]
        return [
            self._stats("average_first_response_time", whole(firsts), firsts),
            self._stats("average_response_time", whole(waits), waits),
            self._stats(
                "average_no_of_replies",
                whole(len(h.replies) for h in histories if h.replies),
                [reply.age for reply in replies],
            ),
            self._stats(
                "average_no_of_response_to_completed_state",
                whole(h.replies_to_completion for h in completed),
                [h.closing.age for h in completed],
            ),
        ]

    def _stats(self, name, avg, times):
        after = sum(time > 24 * HOUR for time in times)
        soon = sum(time <= 2 * HOUR for time in times)
        percent = [round(100 * n / len(times), 2) if times else 0.0 for n in (after, len(times) - after - soon, soon)]
        texts = ["responded after 24 hours", "responded within 24 hours", "responded within first 2 hours"]
        return {
            "avg": avg,
            "unit": "Responses",
            name: [f"{p}% {text}" for p, text in zip(percent, texts, strict=True)],
        }

    def _people(self, histories, row, order):
        figures = {person["id"]: row(person, histories) for person in self.staff}
        people = [person for person in self.staff if person["active"] or self._has_done(person["id"], histories)]
        people.sort(key=lambda person: (person["name"].casefold(), person["id"]), reverse=order == "d")
        return [figures[person["id"]] for person in people]

    def _has_done(self, staff, histories):
        return any(
            (h.assignee and h.assignee["id"] == staff)
            or any(
                e.staff == staff and (e.is_reply or e.is_note or e.minutes or e.assigns or e.completes)
                for e in h.entries
            )
            for h in histories
        )

    def staff_performance(self, histories, order="a"):
        return self._people(histories, self._performance, order)

    def _performance(self, person, histories):
        staff = person["id"]
        own = [[entry for entry in h.entries if entry.staff == staff] for h in histories]
        done = [h for h in histories if h.closing and h.assignee and h.assignee["id"] == staff]
        return {
            "staff_id": staff,
            "name": person["name"],
            "average_first_response_time": average(
                h.replies[0].age for h in histories if h.replies and h.replies[0].staff == staff
            ),
            "average_response_time": average(e.waited for entries in own for e in entries if e.waited is not None),
            "average_no_of_responses": average(n for entries in own if (n := sum(e.is_reply for e in entries))),
            "average_no_of_responses_for_completion": average(h.replies_to_completion for h in done),
            "average_time_to_ticket_complete": whole(h.closing.age for h in done),
            "average_time_spent": average(n for entries in own if (n := sum(e.minutes for e in entries))),
        }

    def staff_activity(self, histories, order="a"):
        return self._people(histories, self._activity, order)

    def _activity(self, person, histories):
        staff = person["id"]
        own = [[entry for entry in h.entries if entry.staff == staff] for h in histories]
        assigned = [h for h in histories if h.assignee and h.assignee["id"] == staff]
        completed = sum(h.is_completed for h in assigned)
        return {
            "staff_id": staff,
            "name": person["name"],
            "assigned": len(assigned),
            "completed": completed,
            "pending": len(assigned) - completed,
            "participated": sum(any(e.is_reply or e.is_note for e in entries) for entries in own),
            "no_of_replies": sum(e.is_reply for entries in own for e in entries),
            "private_notes": sum(e.is_note for entries in own for e in entries),
            "time_spent": sum(e.minutes for entries in own for e in entries),
        }

    def contact_activity(self, histories, order="a"):
        contacts = {h.ticket["user"]["id"]: h.ticket["user"] for h in histories}
        in_order = sorted(contacts.values(), key=lambda c: (_lower(c["name"]), c["id"]), reverse=order == "d")
        return [self._contact(c, [h for h in histories if h.ticket["user"]["id"] == c["id"]]) for c in in_order]

    def _contact(self, contact, histories):
        completed = sum(h.is_completed for h in histories)
        return {
            "contact_id": contact["id"],
            "name": contact["name"],
            "email": contact["email"],
            "no_of_tickets": len(histories),
            "completed_tickets": completed,
            "pending_tickets": len(histories) - completed,
            "no_of_replies": sum(e.is_contact_reply for h in histories for e in h.entries),
            "time_spent": sum(h.ticket["time_spent"] or 0 for h in histories),
        }


def _lower(name):
    return "".join(letter.lower() if letter.isascii() else letter for letter in name)
