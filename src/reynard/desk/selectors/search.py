"""What the terms of a search mean (tickets.md §3): filters for selectors/tickets. No term reaches a statement as text.

An impossible value matches nothing and is never an error (T-10).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from django.db import connection

from reynard.desk import db
from reynard.desk.errors import Problems
from reynard.desk.rules import custom_fields, words
from reynard.desk.rules.contacts import digits
from reynard.desk.rules.custom_fields import Field
from reynard.desk.rules.dates import read_searched_day, read_searched_span
from reynard.desk.rules.search_language import Filter, Term, Text, name_key, parse
from reynard.desk.selectors import fulltext
from reynard.desk.selectors.filters import NOTHING, Condition, Filters, joined
from reynard.desk.selectors.reference import Reference

TERMS_LIMIT = 50
VALUES_LIMIT = 500  # of one term
WORDS_LIMIT = 200  # of one query
LENGTH_LIMIT = 10_000  # characters
_LARGEST = 2**63 - 1
_NONE = frozenset({"none", "--none"})
_ANY = frozenset({"any", "--any"})
_COLUMNS = {
    "created": "created_at",
    "last-modified": "last_modified_at",
    "last-staff-replied": "last_staff_reply_at",
    "last-contact-replied": "last_contact_reply_at",
    "last-closed": "last_completed_at",
}


def read(query: str, reference: Reference, *, now: datetime) -> Filters:
    """The filters a query asks for. Raises Invalid on `q` for one that is beyond all use."""
    found = terms(query, reference)
    _refuse_endless(query, found)
    return joined(_meaning(term, reference, now) for term in found)


def terms(query: str, reference: Reference) -> list[Term]:
    """The terms of a query, as they were understood; none of one that is beyond all use."""
    names = {name_key(field.name) for field in _all_fields(reference)}
    return parse(query.replace("\x00", ""), lambda name: name_key(name) in names) if _fits(query) else []


def read_bare(values: Mapping[str, Sequence[str]], reference: Reference, *, now: datetime) -> Filters:
    """The filters of search terms given as parameters of their own, `priority=High` (T-07)."""
    given_terms = [Filter(name, tuple(value.replace("\x00", "") for value in given)) for name, given in values.items()]
    _refuse_endless("", given_terms)
    return joined(_meaning(term, reference, now) for term in given_terms)


def read_since(moment: datetime) -> Filters:
    """The tickets that were changed at a moment or later, in any way (their `last_modified_at`)."""
    return _ranges("last_modified_at", ["last_modified_at >= %s"], (_database_moment(moment),))


def _database_moment(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def _fits(query: str) -> bool:
    return len(query) <= LENGTH_LIMIT


def _refuse_endless(query: str, terms: Sequence[Filter | Text]) -> None:
    problems = Problems()
    if not _fits(query):
        problems.add("q", f"Ensure this value has at most {LENGTH_LIMIT} characters (it has {len(query)}).")
    if len(terms) > TERMS_LIMIT:
        problems.add("q", f"Search for at most {TERMS_LIMIT} terms at once.")
    if any(isinstance(term, Filter) and len(term.values) > VALUES_LIMIT for term in terms):
        problems.add("q", f"Give at most {VALUES_LIMIT} values to one term.")
    if sum(len(words.words(term.text)) for term in terms if isinstance(term, Text)) > WORDS_LIMIT:
        problems.add("q", f"Search for at most {WORDS_LIMIT} words at once.")
    problems.raise_if_any()


def _meaning(term: Filter | Text, reference: Reference, now: datetime) -> Filters:
    if isinstance(term, Text):
        return _text(term, reference)
    if term.custom:
        return _custom_field(term, reference)
    column = _COLUMNS.get(_moment_name(term.name))
    if column:
        return _moments(column, term.name.removeprefix(_moment_name(term.name) + "-"), term.values)
    return _TERMS[term.name](term.values, reference, now)


def _moment_name(name: str) -> str:
    return next((moment for moment in _COLUMNS if name.startswith(moment + "-")), "")


# --- properties


def _named(rows: Mapping[int, Any], values: Iterable[str]) -> frozenset[int]:
    """The ids of the rows with one of these names, in any case; a `+` may stand for a blank (T-08)."""
    by_name: dict[str, set[int]] = {}
    for id, row in rows.items():
        by_name.setdefault(name_key(row.name), set()).add(id)
    found: set[int] = set()
    for value in values:
        found |= by_name.get(name_key(value)) or by_name.get(name_key(value.replace("+", " "))) or set()
    return frozenset(found)


def _status(values: Sequence[str], reference: Reference, now: datetime) -> Filters:
    return Filters(statuses=_named(reference.statuses, values))


def _priority(values: Sequence[str], reference: Reference, now: datetime) -> Filters:
    return Filters(priorities=_named(reference.priorities, values))


def _category(values: Sequence[str], reference: Reference, now: datetime) -> Filters:
    ids = frozenset(number for value in values if (number := _number(value)) is not None)
    return Filters(categories=ids | _named(reference.categories, values))


def _assignee(values: Sequence[str], reference: Reference, now: datetime) -> Filters:
    """`none`, `any`, or an address, user name, first, last or full name (T-11)."""
    wanted = {name_key(value) for value in values}
    people: set[int] = set()
    for person in reference.staff.values():
        names = (person.email, person.username, person.first_name, person.last_name, person.name)
        if wanted & _ANY or wanted & {name_key(name) for name in names}:
            people.add(person.id)
    return Filters(assignees=frozenset(people | {0} if wanted & _NONE else people))


def _flag(name: str) -> Callable[[Sequence[str], Reference, datetime], Filters]:
    def read_flag(values: Sequence[str], reference: Reference, now: datetime) -> Filters:
        wanted = {name_key(value) for value in values} & {"true", "false"}
        if not wanted:
            return NOTHING
        return Filters() if len(wanted) == 2 else msgspec.structs.replace(Filters(), **{name: wanted == {"true"}})

    return read_flag


# --- what a ticket has or belongs to


def _tag(values: Sequence[str], reference: Reference, now: datetime) -> Filters:
    tags = [tag for value in values if (tag := value.strip())]
    some = f"tag IN ({db.places(tags)})"
    return _one(
        Condition(
            f"EXISTS (SELECT 1 FROM desk_tickettag WHERE ticket_id = desk_ticket.id AND {some})",
            tuple(tags),
            f"SELECT ticket_id AS id FROM desk_tickettag WHERE {some}",
            tuple(tags),
            once=len(tags) == 1,
        )
        if tags
        else None
    )


def _id(values: Sequence[str], reference: Reference, now: datetime) -> Filters:
    """Numbers and display ids; the number is what counts, as the prefix follows the category (T-01)."""
    numbers = sorted({number for value in values if (number := _ticket_number(value))})
    return _ids(numbers)


def _ids(numbers: Sequence[int]) -> Filters:
    if not numbers:
        return NOTHING
    some = f"id IN ({db.places(numbers)})"
    source = f"SELECT id FROM desk_ticket WHERE {some} AND deleted_at IS NULL"
    return _one(Condition(some, tuple(numbers), source, tuple(numbers), once=True))


def _contact(values: Sequence[str], reference: Reference, now: datetime) -> Filters:
    """Contacts whose name, address or phone contains a keyword; numbers are compared by their digits."""
    parts = []
    for value in values:
        parts.append(fulltext.containing(value.strip()))
        if _PHONE.fullmatch(value) and digits(value) != value.strip():
            parts.append(fulltext.containing(digits(value)))
    asked = [part for part in dict.fromkeys(parts) if part]
    if not asked:
        return NOTHING
    some = [fulltext.is_contact(part, "grams") for part in asked]
    sources = [_of_contacts(fulltext.contact_ids(part, "grams")) for part in asked]
    return _one(
        Condition(
            f"({' OR '.join(sql for sql, _ in some)})",
            tuple(value for _, values in some for value in values),
            " UNION ".join(sql for sql, _ in sources),
            tuple(value for _, values in sources for value in values),
            once=True,
        )
    )


_PHONE = re.compile(r"\s*\+?[\d()./\s-]*\d[\d()./\s-]*", re.ASCII)


def _of_contacts(contacts: fulltext.Sql) -> fulltext.Sql:
    sql, values = contacts
    return f"SELECT id FROM desk_ticket WHERE contact_id IN ({sql}) AND deleted_at IS NULL", values


def _group(values: Sequence[str], reference: Reference, now: datetime) -> Filters:
    """`none`, `any`, or names of groups of the ticket's contact."""
    wanted = {name_key(value) for value in values}
    member = "SELECT 1 FROM desk_groupmembership m WHERE m.contact_id = desk_ticket.contact_id"
    conditions = []
    if wanted & _NONE:
        conditions.append(Condition(f"NOT EXISTS ({member})"))
    if wanted & _ANY:
        conditions.append(Condition(f"EXISTS ({member})"))
    groups = [id for id, name in db.rows("SELECT id, name FROM desk_contactgroup") if name_key(name) in wanted]
    if groups:
        some = f"group_id IN ({db.places(groups)})"
        source, source_values = _of_contacts(
            (f"SELECT contact_id FROM desk_groupmembership WHERE {some}", tuple(groups))
        )
        conditions.append(Condition(f"EXISTS ({member} AND {some})", tuple(groups), source, source_values, once=True))
    if len(conditions) == 1:
        return _one(conditions[0])
    return _one(_either(conditions))


def _either(conditions: Sequence[Condition]) -> Condition | None:
    """Any of several conditions, without a source."""
    if not conditions:
        return None
    where = " OR ".join(condition.where for condition in conditions)
    return Condition(f"({where})", tuple(value for condition in conditions for value in condition.values))


def _due(values: Sequence[str], reference: Reference, now: datetime) -> Filters:
    """Days by name or date, in UTC."""
    today = now.astimezone(UTC).date()
    spans: list[tuple[date | None, date]] = []
    for value in values:
        if name_key(value) == "overdue":
            spans.append((None, today - timedelta(days=1)))
        elif name_key(value) in _DUE:
            first, last = _DUE[name_key(value)]
            spans.append((today + timedelta(days=first), today + timedelta(days=last)))
        elif day := read_searched_day(value):
            spans.append((day, day))
    pieces: list[str] = []
    dates: list[Any] = []
    for first_day, last_day in spans:
        pieces.append("(due_date >= %s AND due_date <= %s)" if first_day else "(due_date <= %s)")
        dates.extend(str(day) if not db.is_postgres() else day for day in (first_day, last_day) if day)
    return _ranges("due_date", pieces, tuple(dates))


_DUE = {"today": (0, 0), "yesterday": (-1, -1), "tomorrow": (1, 1), "next 7 days": (0, 7)}


def _moments(column: str, relation: str, values: Sequence[str]) -> Filters:
    """Days, or moments of a second (our extension); a moment that is not set matches nothing."""
    pieces, moments = [], []
    for span in filter(None, map(read_searched_span, values)):
        for comparison, end in _RELATIONS[relation]:
            moments.append(_database_moment(span[end]))
            pieces.append(f"{column} {comparison} %s")
    step = len(_RELATIONS[relation])
    joined_pieces = [f"({' AND '.join(pieces[n : n + step])})" for n in range(0, len(pieces), step)]
    return _ranges(column, joined_pieces, tuple(moments))


_RELATIONS = {
    "on": ((">=", 0), ("<", 1)),
    "before": (("<", 0),),
    "on-or-before": (("<", 1),),
    "after": ((">=", 1),),
    "on-or-after": ((">=", 0),),
}


def _ranges(column: str, pieces: Sequence[str], values: tuple[Any, ...]) -> Filters:
    if not pieces:
        return NOTHING
    where = f"({' OR '.join(pieces)})" if len(pieces) > 1 else pieces[0]
    source = f"SELECT id FROM desk_ticket WHERE {where} AND {column} IS NOT NULL AND deleted_at IS NULL"
    return _one(Condition(where, values, source, values, once=True))


# --- custom fields


def _custom_field(term: Filter, reference: Reference) -> Filters:
    """A value of a field of tickets or contacts; of several fields with one name any may have it."""
    key = name_key(term.name)
    own = _pairs((f for f in reference.ticket_fields.values() if name_key(f.name) == key), term.values)
    contacts = _pairs((f for f in reference.contact_fields.values() if name_key(f.name) == key), term.values)
    pieces, sources, values, source_values = [], [], [], []
    if own:
        some, bound = _some_pairs(own)
        pieces.append(f"EXISTS (SELECT 1 FROM desk_ticketvalue WHERE ticket_id = desk_ticket.id AND ({some}))")
        sources.append(f"SELECT ticket_id AS id FROM desk_ticketvalue WHERE {some}")
        values.extend(bound)
        source_values.extend(bound)
    if contacts:
        some, bound = _some_pairs(contacts)
        holders = f"SELECT contact_id FROM desk_contactvalue WHERE {some}"
        pieces.append(
            f"EXISTS (SELECT 1 FROM desk_contactvalue WHERE contact_id = desk_ticket.contact_id AND ({some}))"
        )
        sources.append(_of_contacts((holders, ()))[0])
        values.extend(bound)
        source_values.extend(bound)
    if not pieces:
        return NOTHING
    where = f"({' OR '.join(pieces)})"
    return _one(Condition(where, tuple(values), " UNION ".join(sources), tuple(source_values), once=len(sources) == 2))


def _pairs(fields: Iterable[Field], values: Sequence[str]) -> list[tuple[int, str]]:
    pairs = [(f.id, key) for f in fields for value in values for key in custom_fields.wanted_keys(f, value)]
    return list(dict.fromkeys(pairs))


def _some_pairs(pairs: Sequence[tuple[int, str]]) -> tuple[str, list[Any]]:
    some = " OR ".join(["(field_id = %s AND key = %s)"] * len(pairs))
    return some, [value for pair in pairs for value in pair]


def _all_fields(reference: Reference) -> Iterable[Field]:
    return [*reference.ticket_fields.values(), *reference.contact_fields.values()]


# --- free text


def _text(term: Text, reference: Reference) -> Filters:
    """A word or phrase in a message, the subject, a tag, the name of a file, or the contact's name or address.

    A display id finds its ticket. What has no words, like `***`, is no condition.
    """
    match = fulltext.match(term.text, phrase=term.phrase)
    if match is None:
        return Filters()
    in_ticket, ticket_values = fulltext.is_ticket(match.ticket)
    in_contact, contact_values = fulltext.is_contact(match.contact)
    source, source_values = fulltext.ticket_ids(match.ticket)
    of_contacts, of_contacts_values = _of_contacts(fulltext.contact_ids(match.contact))
    named = _by_display_id(term.text, reference)
    or_named = f" OR ({named[0]})" if named else ""
    named_source = f" UNION ALL SELECT id FROM desk_ticket WHERE {named[0]} AND deleted_at IS NULL" if named else ""
    return _one(
        Condition(
            f"({in_ticket} OR {in_contact}{or_named})",
            (*ticket_values, *contact_values, *(named[1] if named else ())),
            f"{source} UNION ALL {of_contacts}{named_source}",
            (*source_values, *of_contacts_values, *(named[1] if named else ())),
            scored=match.ticket,
        )
    )


def _by_display_id(text: str, reference: Reference) -> tuple[str, tuple[int, ...]] | None:
    """The ticket that is shown by this id: its number, in a category with this prefix."""
    shown = re.fullmatch(r"#?([^\W\d_]{1,8})(\d{8,18})", text.strip(), re.ASCII)
    places = [row.id for row in reference.categories.values() if shown and name_key(row.prefix) == name_key(shown[1])]
    if not shown or not places:
        return None
    return f"id = %s AND category_id IN ({db.places(places)})", (int(shown[2]), *places)


# --- helpers


def _one(condition: Condition | None) -> Filters:
    return Filters(conditions=(condition,)) if condition else NOTHING


def _number(text: str) -> int | None:
    stripped = text.strip()
    return int(stripped) if re.fullmatch(r"\d{1,18}", stripped, re.ASCII) else None


def _ticket_number(text: str) -> int | None:
    match = re.fullmatch(r"#?[A-Za-z]{0,8}(\d{1,18})", text.strip(), re.ASCII)
    return int(match[1]) if match else None


_TERMS: dict[str, Callable[[Sequence[str], Reference, datetime], Filters]] = {
    "status": _status,
    "priority": _priority,
    "category": _category,
    "tag": _tag,
    "tags": _tag,
    "assignee": _assignee,
    "group": _group,
    "contact": _contact,
    "id": _id,
    "unresponded": _flag("unresponded"),
    "breached": _flag("breached"),
    "has_attachments": _flag("with_files"),
    "duedate": _due,
}
