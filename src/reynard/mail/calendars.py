"""Invitations (iCalendar, RFC 5545), as far as a person must read them when nothing else stands in a mail."""

import re

LIMIT = 20_000  # characters of text

_FIELDS = {
    "SUMMARY": "",
    "DTSTART": "From: ",
    "DTEND": "To: ",
    "LOCATION": "Where: ",
    "ORGANIZER": "Who: ",
    "DESCRIPTION": "",
}
_LINE = re.compile(r'([A-Z-]{1,40})((?:;[^:;"]*(?:"[^"]*")?[^:;"]*)*):(.*)', re.IGNORECASE)


def readable(calendar: str) -> str:
    """What the first event of a calendar says, a line for each thing; "" when there is no event."""
    event = re.search(r"^BEGIN:(?:VEVENT|VTODO)\s*$(.*?)^END:(?:VEVENT|VTODO)", calendar, re.M | re.S | re.I)
    if event is None:
        return ""
    found: dict[str, str] = {}
    for line in re.sub(r"\r?\n[ \t]", "", event[1]).splitlines():
        match = _LINE.fullmatch(line[:LIMIT])
        if match and match[1].upper() in _FIELDS:
            found.setdefault(match[1].upper(), _value(match[1].upper(), match[2], match[3]))
    return "\n".join(f"{words}{found[name]}" for name, words in _FIELDS.items() if found.get(name))


def _value(name: str, parameters: str, value: str) -> str:
    if name in {"DTSTART", "DTEND"}:
        moment = re.fullmatch(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?", value.strip())
        if moment is None:
            return value.strip()
        zone = re.search(r';TZID="?([^;:"]+)', parameters, re.IGNORECASE)
        day, clock = "-".join(moment.groups()[:3]), f" {moment[4]}:{moment[5]}" if moment[4] else ""
        return day + clock + (" UTC" if moment[6] else f" ({zone[1]})" if zone and clock else "")
    if name == "ORGANIZER":
        named = re.search(r';CN="?([^;:"]+)', parameters, re.IGNORECASE)
        address = re.sub(r"^mailto:", "", value.strip(), flags=re.IGNORECASE)
        return f"{named[1]} <{address}>" if named else address
    return re.sub(r"\\(.)", lambda escaped: "\n" if escaped[1] in "nN" else escaped[1], value).strip()
