"""Contacts: pages of them, one of them, and the search of contacts.md §2."""

import re
from datetime import UTC, datetime
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from reynard.desk import db
from reynard.desk.errors import Invalid, Problems
from reynard.desk.models import Contact
from reynard.desk.rules import words
from reynard.desk.rules.contacts import digits, email_key
from reynard.desk.selectors import fulltext, ticket_rows
from reynard.desk.selectors.ticket_rows import ContactRow

_PLUS = r'\+(?=[A-Za-z_]+:|")'  # one that parts two terms, as a blank does
_TERM = re.compile(rf'(?:(?P<name>[A-Za-z_]+):(?:\s(?="))?)?(?:"(?P<quoted>[^"]*)"?|(?P<bare>(?:(?!{_PLUS})[^\s"])+))')
_TERMS_LIMIT = 50
_LONGEST = 320  # characters of anything that is searched
_QUOTES = str.maketrans({"“": '"', "”": '"'})
_PHONE = re.compile(r"[\d+()./\s-]+", re.ASCII)
_SINCE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:T(\d{2}):(\d{2}):(\d{2}))?", re.ASCII)


class Page(NamedTuple):
    total: int
    start: int  # 0-based index of the first row in the whole list; after an id always 0
    rows: list[ContactRow]
    next: int | None = None  # of a page after an id: the id the next one comes after; None at the end


def page(*, query: str, size: int, page: int) -> Page:
    """One page of the contacts a query matches, by id (U-01)."""
    matching = search(query)
    total = matching.count()
    start = (page - 1) * size
    if start >= total:
        return Page(total, start, [])
    ids = list(matching.order_by("id").values_list("id", flat=True)[start : start + size])
    return Page(total, start, _rows(ids))


def page_after(contact_id: int, *, query: str, size: int) -> Page:
    """The page of the same list that begins behind a contact, up to the last id below which no other can appear."""
    matching, end = search(query), db.settled("desk_contact")
    ahead = matching.filter(id__gt=contact_id, id__lte=end).order_by("id")
    ids = list(ahead.values_list("id", flat=True)[: size + 1])
    return Page(matching.count(), 0, _rows(ids[:size]), ids[size - 1] if len(ids) > size else None)


def _rows(ids: list[int]) -> list[ContactRow]:
    by_id = {row.id: row for row in ticket_rows.contacts(ids)}
    return [by_id[id] for id in ids]


def by_id(contact_id: int) -> ContactRow | None:
    return next(iter(ticket_rows.contacts([contact_id])), None)


def by_email(email: str) -> ContactRow | None:
    if "\x00" in email:  # no address has one, and PostgreSQL cannot be asked for it
        return None
    found = Contact.objects.filter(email_key=email_key(email)).values_list("id", flat=True).first()
    return by_id(found) if found else None


def search(query: str) -> QuerySet[Contact]:
    """Contacts that match every term; a word that is no known field is searched for as it stands. Raises Invalid."""
    matching = Contact.objects.all()
    terms = list(_TERM.finditer(query.translate(_QUOTES).replace("\x00", "")))
    if len(terms) > _TERMS_LIMIT:
        problems = Problems()
        problems.add("q", f"Search for at most {_TERMS_LIMIT} terms at once.")
        raise Invalid(problems)
    for term in terms:
        name, value = term["name"], term["quoted"] if term["quoted"] is not None else term["bare"]
        if name and name.lower() not in _FIELDS:
            name, value = None, term[0].replace('"', "")
        if value:
            matching = matching.filter(_FIELDS[name.lower()](value) if name else _anywhere(value))
    return matching


def _anywhere(text: str) -> Q:
    condition = _contains("name", text) | _contains("email", text)
    return condition | _phone(text) if _PHONE.fullmatch(text) else condition


def _contains(column: str, text: str) -> Q:
    """In any letter case; SQLite's LIKE knows that of ASCII only."""
    if len(text) > _LONGEST:
        return Q(pk__in=[])
    if text.isascii():
        return _candidates(text) & Q(**{f"{column}__icontains": text})
    return _candidates(text) & Q(**{f"{column}__iregex": re.escape(text)})


def _candidates(part: str) -> Q:
    """Contacts that may have this part somewhere, from the index; everybody for one too short to look up."""
    asked = fulltext.containing(part) if len(words.fold(part)) >= words.GRAM else None
    if asked is None:
        return Q()
    sql, values = fulltext.contact_ids(asked, "grams")
    return Q(id__in=RawSQL(sql, values))  # noqa: S611  # a statement of our own


def _phone(text: str) -> Q:
    wanted = digits(text)
    if not 0 < len(wanted) <= _LONGEST:
        return Q(pk__in=[])
    return _candidates(wanted) & Q(id__in=Contact.objects.filter(phones__digits__contains=wanted).values("id"))


def _since(column: str, text: str) -> Q:
    match = _SINCE.fullmatch(text)
    try:
        moment = datetime(*(int(part or 0) for part in match.groups()), tzinfo=UTC) if match else None  # type: ignore[misc, arg-type]
    except ValueError:
        moment = None
    return Q(**{f"{column}__gte": moment}) if moment else Q(pk__in=[])


_FIELDS = {
    "name": lambda text: _contains("name", text),
    "email": lambda text: _contains("email", text),
    "phone": _phone,
    "created_since": lambda text: _since("created_at", text),
    "updated_since": lambda text: _since("updated_at", text),
}
