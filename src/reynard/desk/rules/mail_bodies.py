"""What stands in mails between the words of a template: messages, what they answer, files, what changed.

Everything is bounded: a long message that is quoted ends in "[…]", and only so many are quoted.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from html import escape

import msgspec

from reynard.desk.rules import mail_html
from reynard.desk.rules.history import Change, Changes, DateChange, FieldChange, SubjectChange
from reynard.desk.rules.mail_headers import one_line
from reynard.desk.rules.mail_templates import Block
from reynard.desk.rules.messages import html_to_text, text_to_html

CUT = "[…]"
MARKUP = 4  # so many characters of HTML count as one of text
MIB = 1024 * 1024


class Quote(msgspec.Struct, frozen=True):
    """A message to be quoted. `html` is "" where it would be too long: then it is made from the text."""

    author: str
    moment: datetime
    text: str
    html: str
    private: bool = False


class QuoteLimits(msgspec.Struct, frozen=True):
    messages: int
    message_characters: int
    characters: int  # of all texts together


REPLY_LIMITS = QuoteLimits(messages=5, message_characters=10_000, characters=20_000)
FORWARD_LIMITS = QuoteLimits(messages=200, message_characters=20_000, characters=500_000)
EXCERPT_CHARACTERS = 20_000  # of the message in a mail to staff


class File(msgspec.Struct, frozen=True):
    """A file that is named in a mail; `size` in bytes, `address` where it can be fetched."""

    name: str
    size: int
    address: str = ""


def clean_text(text: str) -> str:
    """A text with `\\n` at its line ends and without control characters, for a plain text part."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = _CONTROL.sub("", lines).encode("utf-8", "replace").decode()
    return kept.strip("\n")


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def message(text: str, html: str, *, author: str = "") -> Block:
    """What somebody wrote; with a line that says who, where it is not who the mail is from."""
    line = f"{one_line(author)} wrote:" if author else ""
    if not text.strip() and not html.strip():
        return Block()
    said = clean_text(text) or html_to_text(html)
    heading = f"<p>{escape(line)}</p>\n" if line else ""
    return Block(
        text=f"{line}\n\n{said}" if line else said, html=f'{heading}<div dir="auto">{html or text_to_html(text)}</div>'
    )


def excerpt(text: str, html: str, limit: int = EXCERPT_CHARACTERS) -> Block:
    """A message as far as it is not too long; `html` is cleaned for mails already."""
    cut = _cut(text, limit)
    return message(cut, html if cut == text and len(html) <= MARKUP * limit else text_to_html(cut))


def history(
    quotes: Iterable[Quote], clean: Callable[[str], str], limits: QuoteLimits, *, oldest_first: bool = False
) -> Block:
    """Earlier messages, which come newest first, each under a line that says who wrote it and when.

    `clean` makes HTML ready for mails. Older ones that find no more room are left out, with a mark in their place.
    """
    texts: list[str] = []
    htmls: list[str] = []
    room = limits.characters
    for quote in quotes:
        said = without_quotes(clean_text(quote.text))
        cut = _cut(said, limits.message_characters)
        whole = quote.html and cut == clean_text(quote.text)
        weight = max(len(cut), len(quote.html) // MARKUP if whole else 0)
        if len(texts) == limits.messages or weight > room:
            texts.append(CUT)
            htmls.append(f"<p>{CUT}</p>")
            break
        room -= weight
        line = _attribution(quote)
        texts.append("\n".join([line, *(f"> {each}".rstrip() for each in cut.split("\n"))]))
        htmls.append(f"<p>{escape(line)}</p>\n{mail_html.quote(clean(quote.html) if whole else text_to_html(cut))}")
    step = -1 if oldest_first else 1
    return Block("\n\n".join(texts[::step]), "\n".join(htmls[::step]))


def without_quotes(text: str) -> str:
    """A text without the lines at its end that quote something, and without the line that introduces them.

    What it answered is quoted in its turn already, or was long ago.
    """
    lines = text.rstrip().split("\n")
    while lines and (lines[-1].startswith(">") or not lines[-1].strip()):
        lines.pop()
    if len(lines) < len(text.rstrip().split("\n")) and _INTRODUCTION.fullmatch(lines[-1] if lines else ""):
        lines.pop()
    return "\n".join(lines).rstrip() or text


_INTRODUCTION = re.compile(r"\S.{0,200}:\s*")


def _attribution(quote: Quote) -> str:
    name = one_line(quote.author) or "the desk"
    verb = "noted" if quote.private else "wrote"
    return f"On {quote.moment:%a}, {quote.moment.day} {quote.moment:%b %Y} at {quote.moment:%H:%M} UTC, {name} {verb}:"


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit].rstrip()}\n{CUT}"


def files(found: Sequence[File], introduction: str) -> Block:
    """Names and sizes of files, with links where there are any."""
    if not found:
        return Block()
    texts, htmls = [introduction], [f"<p>{escape(introduction)}</p>\n<ul>"]
    for file in found:
        line = f"{one_line(file.name)} ({size(file.size)})"
        texts.append(f"* {line}" + (f"\n  {file.address}" if file.address else ""))
        name = escape(line)
        htmls.append(f'<li><a href="{escape(file.address)}">{name}</a></li>' if file.address else f"<li>{name}</li>")
    return Block("\n".join(texts), "\n".join(htmls) + "\n</ul>")


def size(count: int) -> str:
    if count < MIB:
        return f"{max(1, round(count / 1024))} KB"
    return f"{count / MIB:.1f} MB"


def changes(changed: Changes, time_spent: int | None) -> Block:
    """One line for each property that changed."""
    lines = [
        *_named("Subject", changed.subject),
        *_named("Status", changed.status),
        *_named("Priority", changed.priority),
        *_named("Assigned to", changed.assignee),
        *_named("Category", changed.category),
        *_named("Due", changed.due_date),
        *(line for field in changed.custom_fields for line in _named(field.name, field)),
        *(line for field in changed.contact_fields for line in _named(f"Contact's {field.name}", field)),
        *([f"Tags added: {', '.join(changed.tags_added)}"] if changed.tags_added else []),
        *([f"Tags removed: {', '.join(changed.tags_removed)}"] if changed.tags_removed else []),
        *([f"Time spent: {time_spent} minutes"] if time_spent else []),
    ]
    lines = [one_line(line) for line in lines]
    return Block("\n".join(lines), "<p>" + "<br>\n".join(map(escape, lines)) + "</p>" if lines else "")


def _named(name: str, change: Change | DateChange | FieldChange | SubjectChange | None) -> list[str]:
    if change is None:
        return []
    old, new = (change.old_name, change.new_name) if isinstance(change, Change) else (change.old, change.new)
    return [f"{name}: {old} → {new or 'none'}" if old else f"{name}: {new or 'none'}"]
