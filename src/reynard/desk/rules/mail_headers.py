"""Headers of mails: texts from anywhere as lines of plain ASCII that say just this, and nothing else.

The encoding is the standard library's older one (`email.header`): the newer one, up to some versions of Python 3.11
to 3.13, leaves commas of encoded names bare, or encodes those between addresses, when it breaks a line.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from email.header import Header

from reynard.desk.rules.mail_addresses import Mailbox

NAME_LIMIT = 100  # characters of a person's name
TEXT_LIMIT = 250  # characters of any other text
_LINE = 76  # characters

_CHANGES_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+", re.ASCII)


def one_line(text: str, limit: int = TEXT_LIMIT) -> str:
    """A text as one line: whatever breaks lines, and every other control character, counts as a blank.

    What turns the direction of writing is left out: it can make a name look like another one. Longer texts end in "…".
    """
    kept = "".join(_kept(character) for character in text[: 4 * limit])
    line = " ".join(kept.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _kept(character: str) -> str:
    if character in _CHANGES_DIRECTION:
        return ""
    return " " if unicodedata.category(character) in {"Cc", "Zl", "Zp", "Cs", "Cn"} else character


def text(name: str, value: str) -> str:
    """The line (or lines) of a header that is a text, with their ends."""
    line = one_line(value)
    charset = "us-ascii" if _is_plain(line) else "utf-8"
    return f"{name}: {Header(line, charset, maxlinelen=_LINE, header_name=name).encode(linesep=_END)}{_END}"


def addresses(name: str, mailboxes: Sequence[Mailbox]) -> str:
    return _folded(name, [_address(mailbox) for mailbox in mailboxes], ",")


def words(name: str, values: Iterable[str]) -> str:
    """A header of several parts with blanks between them, such as message ids. They are ASCII already."""
    return _folded(name, list(values), "")


_END = "\r\n"


def _is_plain(line: str) -> bool:
    """A text that reads like an encoded word is encoded itself: a reader would decode it."""
    return line.isascii() and "=?" not in line


def _address(mailbox: Mailbox) -> str:
    """An address beyond ASCII stands there as text (RFC 6857), so that every server can read the whole mail."""
    name = one_line(mailbox.name, NAME_LIMIT)
    if not mailbox.address.isascii():
        shown = f"{name} <{mailbox.address}>" if name else mailbox.address
        return f"{Header(shown, 'utf-8', maxlinelen=_LINE - 1).encode(linesep='')} :;"
    return f"{_phrase(name)} <{mailbox.address}>" if name else mailbox.address


def _phrase(name: str) -> str:
    if not _is_plain(name):
        return Header(name, "utf-8", maxlinelen=_LINE - 1).encode(linesep="")
    if _PLAIN_NAME.fullmatch(name):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _folded(name: str, parts: Sequence[str], separator: str) -> str:
    """Parts on lines of the usual length, broken at blanks only: inside quotation marks, too, that reads as a blank."""
    lines = [f"{name}:"]
    last = len(parts) - 1
    for index, part in enumerate(parts):
        for word in (part + (separator if index < last else "")).split(" "):
            if len(lines[-1]) + 1 + len(word) > _LINE and lines[-1].strip() != f"{name}:":
                lines.append("")
            lines[-1] += f" {word}"
    return _END.join(lines) + _END
