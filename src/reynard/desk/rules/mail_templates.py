"""The texts around what people write: what may stand in them, and what becomes of it.

A template is written like a mail: `Subject: ` and a text, an empty line, then paragraphs with empty lines between
them. `{{ticket.subject}}` stands for a field (rules/placeholders), and that is the whole language.

* A paragraph whose fields are all empty is left out: "Due: {{ticket.due_date}}" appears where there is a date.
* A field that is a block (the message, what it answers) makes up a paragraph of its own.
* Every mail has a text and an HTML part, both made from the one template. In HTML everything is escaped.
"""

import re
from collections.abc import Mapping
from html import escape

import msgspec

from reynard.desk.rules import placeholders
from reynard.desk.rules.placeholders import BadTemplate

TEXT_LIMIT = 20_000  # characters of a template


class Block(msgspec.Struct, frozen=True):
    """Several lines: as plain text, and as HTML that is clean already."""

    text: str = ""
    html: str = ""


class Link(str):
    """An address that people can follow."""

    __slots__ = ()


Value = str | Link | Block


class Rendered(msgspec.Struct, frozen=True):
    """A mail's own words. The subject may still have anything in it that a text can have."""

    subject: str
    text: str
    html: str


# What each kind of mail (OutboxEntry.Kind) may name, with what it is.
_TICKET = {
    "ticket.id": "the display id, #RW00004127",
    "ticket.subject": "its subject",
    "category.name": "the name of its category",
}
_PERSON = {"contact.name": "the name of the ticket's contact"}
_WRITTEN = {
    "author.name": "who wrote",
    "message": "what was written (a block)",
    "attachments": "names of files that are not in the mail, with links (a block)",
}
FIELDS: dict[str, dict[str, str]] = {
    "acknowledgement": _TICKET | _PERSON,
    "message": _TICKET
    | _PERSON
    | _WRITTEN
    | {
        "subject": "the subject of the reply or of the ticket, with Re: where it is an answer",
        "history": "the public messages before (a block)",
    },
    "forward": _TICKET
    | _PERSON
    | _WRITTEN
    | {"subject": "the subject of the forward", "history": "the conversation (a block)"},
    "staff": _TICKET
    | _WRITTEN
    | {
        "contact": "the ticket's contact, with the address",
        "event": "a sentence that says what happened",
        "changes": "what changed (a block)",
        "ticket.status": "the name of its status",
        "ticket.priority": "the name of its priority",
        "ticket.assignee": "who has it",
        "ticket.due_date": "its due date, 2026-03-20",
        "ticket.url": "the address of its page",
    },
}
BLOCKS = frozenset({"message", "attachments", "history", "changes"})

DEFAULTS: dict[str, str] = {
    # Nothing in it comes from who opened the ticket: the desk must not carry a stranger's words to an address that
    # the stranger typed in.
    "acknowledgement": """\
Subject: We have received your request

Hello,

we have received your request and will answer as soon as we can. Its number is {{ticket.id}}; please leave it in the \
subject when you write to us about it.

{{category.name}}
""",
    "message": """\
Subject: {{subject}}

{{message}}

{{attachments}}

{{history}}
""",
    "forward": """\
Subject: {{subject}}

{{message}}

{{attachments}}

{{history}}
""",
    "staff": """\
Subject: {{ticket.subject}}

{{event}}

{{changes}}

{{message}}

{{attachments}}

{{ticket.url}}

Contact: {{contact}}

Category: {{category.name}}

Status: {{ticket.status}}

Assigned to: {{ticket.assignee}}

Due: {{ticket.due_date}}
""",
}


def check(kind: str, template: str) -> None:
    """Raises BadTemplate when it cannot be used for this kind of mail."""
    if kind not in FIELDS:
        raise BadTemplate(f"There is no kind of mail {kind}. The kinds are: {', '.join(FIELDS)}.")
    if len(template) > TEXT_LIMIT:
        raise BadTemplate(f"A template has at most {TEXT_LIMIT} characters.")
    subject, paragraphs = _parts(template)
    for part in [subject, *paragraphs]:
        names = placeholders.names(part)
        unknown = [name for name in names if name not in FIELDS[kind]]
        if unknown:
            known = ", ".join(FIELDS[kind])
            raise BadTemplate(f"There is no field {{{{{unknown[0]}}}}} in a mail of this kind. There are: {known}.")
        block = next((name for name in names if name in BLOCKS), None)
        if block and part is subject:
            raise BadTemplate(f"{{{{{block}}}}} has several lines and cannot stand in the subject.")
        if block and not _stands_alone(part):
            raise BadTemplate(f"{{{{{block}}}}} has several lines and needs a paragraph of its own.")
    if kind in {"message", "forward"} and not any("message" in placeholders.names(part) for part in paragraphs):
        raise BadTemplate("{{message}} is missing: nobody could read what was written.")


def render(template: str, values: Mapping[str, Value]) -> Rendered:
    """A template that `check` has let through, with the values of all its fields."""
    subject, paragraphs = _parts(template)
    texts, htmls = [], []
    for paragraph in paragraphs:
        found = [values[name] for name in placeholders.names(paragraph)]
        if found and not any(map(_is_there, found)):
            continue
        if len(found) == 1 and isinstance(found[0], Block):
            texts.append(found[0].text)
            htmls.append(found[0].html)
            continue
        lines = {name: _line(values[name]) for name in placeholders.names(paragraph)}
        texts.append(placeholders.fill(paragraph, lines))
        htmls.append(f"<p>{_paragraph_as_html(paragraph, values)}</p>")
    return Rendered(
        subject=placeholders.fill(subject, {name: _line(values[name]) for name in placeholders.names(subject)}),
        text="\n\n".join(texts) + "\n",
        html="\n".join(htmls) + "\n",
    )


def _parts(template: str) -> tuple[str, list[str]]:
    """The subject, and the paragraphs."""
    lines = template.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff\n").split("\n")
    name, colon, subject = lines[0].partition(":")
    if name.strip().casefold() != "subject" or not colon or not subject.strip():
        raise BadTemplate("The first line of a template must be the subject: `Subject: …`.")
    if len(lines) > 1 and lines[1].strip():
        raise BadTemplate("An empty line must follow the subject.")
    paragraphs = re.split(r"\n(?:[ \t]*\n)+", "\n".join(lines[1:]).strip())
    if paragraphs == [""]:
        raise BadTemplate("The template has no text.")
    return subject.strip(), paragraphs


def _stands_alone(part: str) -> bool:
    return placeholders.is_one_field(part.strip())


def _is_there(value: Value) -> bool:
    return bool(value.html if isinstance(value, Block) else value)


def _line(value: Value) -> str:
    assert isinstance(value, str)
    return " ".join(value.split())


def _paragraph_as_html(paragraph: str, values: Mapping[str, Value]) -> str:
    escaped = {name: _as_html(values[name]) for name in placeholders.names(paragraph)}
    return placeholders.fill(escape(paragraph), escaped).replace("\n", "<br>\n")


def _as_html(value: Value) -> str:
    line = escape(_line(value))
    return f'<a href="{line}">{line}</a>' if isinstance(value, Link) else line
