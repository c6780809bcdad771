"""Contacts: pages of them, one of them, and the search of contacts.md §2."""

import re
from datetime import UTC, datetime
from typing import NamedTuple

from django.db.models import Q, QuerySet

from reynard.desk.models import Contact
from reynard.desk.rules.contacts import digits, email_key
from reynard.desk.selectors import ticket_rows
from reynard.desk.selectors.ticket_rows import ContactRow

_TERM = re.compile(r'(?:(?P<name>[A-Za-z_]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<bare>[^\s"]+))')
_QUOTES = str.maketrans({"“": '"', "”": '"'})
_SINCE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:T(\d{2}):(\d{2}):(\d{2}))?", re.ASCII)


class Page(NamedTuple):
    total: int
    start: int  # 0-based index of the first row in the whole list
    rows: list[ContactRow]


def page(*, query: str, size: int, page: int) -> Page:
    """One page of the contacts a query matches, by id (U-01)."""
    matching = search(query)
    total = matching.count()
    start = (page - 1) * size
    if start >= total:
        return Page(total, start, [])
    ids = list(matching.order_by("id").values_list("id", flat=True)[start : start + size])
    by_id = {row.id: row for row in ticket_rows.contacts(ids)}
    return Page(total, start, [by_id[id] for id in ids])


def by_id(contact_id: int) -> ContactRow | None:
    return next(iter(ticket_rows.contacts([contact_id])), None)


def by_email(email: str) -> ContactRow | None:
    found = Contact.objects.filter(email_key=email_key(email)).values_list("id", flat=True).first()
    return by_id(found) if found else None


def search(query: str) -> QuerySet[Contact]:
    """Contacts that match every term; a word that is no known field is searched for as it stands."""
    matching = Contact.objects.all()
    separated = re.sub(r'\+(?=[A-Za-z_]+:|")', " ", query.translate(_QUOTES).replace("\x00", ""))
    for term in _TERM.finditer(separated):
        name, value = term["name"], term["quoted"] if term["quoted"] is not None else term["bare"]
        if name and name.lower() not in _FIELDS:
            name, value = None, term[0].replace('"', "")
        if value:
            matching = matching.filter(_FIELDS[name.lower()](value) if name else _anywhere(value))
    return matching


def _anywhere(text: str) -> Q:
    condition = Q(name__icontains=text) | Q(email__icontains=text)
    return condition | _phone(text) if digits(text) else condition


def _phone(text: str) -> Q:
    wanted = digits(text)
    return Q(id__in=Contact.objects.filter(phones__digits__contains=wanted).values("id")) if wanted else Q(pk__in=[])


def _since(column: str, text: str) -> Q:
    match = _SINCE.fullmatch(text)
    try:
        moment = datetime(*(int(part or 0) for part in match.groups()), tzinfo=UTC) if match else None  # type: ignore[misc, arg-type]
    except ValueError:
        moment = None
    return Q(**{f"{column}__gte": moment}) if moment else Q(pk__in=[])


_FIELDS = {
    "name": lambda text: Q(name__icontains=text),
    "email": lambda text: Q(email__icontains=text),
    "phone": _phone,
    "created_since": lambda text: _since("created_at", text),
    "updated_since": lambda text: _since("updated_at", text),
}
