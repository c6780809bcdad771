"""Values of headers, read leniently: encoded words, addresses, parameters, message ids, dates.

Every function takes any text and returns what can be understood of it. Each looks at a text once, from its beginning to
its end, so that time grows with length alone.
"""

import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from urllib.parse import unquote_to_bytes

from reynard.desk.rules.mail_headers import one_line
from reynard.mail import charsets
from reynard.mail.parsed import Address

ADDRESSES_LIMIT = 1000  # of one header
NAME_LIMIT = 200  # characters of a person's name
_ADDRESS_LIMIT = 320  # characters
_IDS_LIMIT = 100  # of References
_ID_LIMIT = 500  # characters

# --- encoded words (RFC 2047)

_WORD = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?([^?]*)\?=")


def words(text: str) -> str:
    """A text with its encoded words decoded; a letter may be torn between two of them."""
    if "=?" not in text:
        return text
    parts: list[str] = []
    pending, charset, end = b"", "", 0
    for match in _WORD.finditer(text):
        between = text[end : match.start()]
        named = match[1].partition("*")[0].lower()
        if between.strip() or end == 0 or named != charset:
            parts += [charsets.decode(pending, charset)[0], "" if end and not between.strip() else between]
            pending = b""
        pending, charset, end = pending + _word_bytes(match[2], match[3]), named, match.end()
    return "".join([*parts, charsets.decode(pending, charset)[0], text[end:]])


def _word_bytes(encoding: str, encoded: str) -> bytes:
    data = encoded.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data.replace(b" ", b"_").replace(b"\t", b"_"), header=True)
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    letters = letters[:-1] if len(letters) % 4 == 1 else letters
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def unfolded(value: bytes) -> str:
    """The text of a header's bytes, on one line, encoded words as they are."""
    text = charsets.decode(value, "")[0]
    return re.sub(r"[\r\n]+", "", text).strip()


def plain(text: str, limit: int) -> str:
    """What a header says, decoded, on one line, without control characters."""
    return one_line(words(text), limit)


# --- addresses (RFC 5322 §3.4)

_ADDRESS_TOKEN = re.compile(
    r"""(?P<quoted>"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?$))"""
    r"|(?P<comment>\([^()\\]*(?:\\.[^()\\]*)*(?:\)|\\?$))"
    r"|(?P<angle><[^<>]*>)"
    r"|(?P<word>=\?[^?\s]+\?[bBqQ]\?[^?]*\?=)"
    r"|(?P<mark>[,;:])"
    r"|(?P<text>[^\s\"(),;:<>]+|[\"()<>])",
    re.DOTALL,
)
_BARE = re.compile(r"[^\s<>\"(),;:@]{1,100}@[^\s<>\"(),;:@]{1,255}")


def addresses(text: str) -> tuple[Address, ...]:
    """The addresses of a header, not more than ADDRESSES_LIMIT; groups are dissolved."""
    found: list[Address] = []
    entry = _Entry()
    for match in _ADDRESS_TOKEN.finditer(text):
        mark = match["mark"]
        if mark is None:
            entry.add(match)
        elif mark == ":":
            entry = entry.behind_colon()
        else:
            found += entry.finished()
            entry = entry.following(mark)
        if len(found) >= ADDRESSES_LIMIT:
            break
    else:
        found += entry.finished(last=True)
    if not any(each.address for each in found):  # a quotation mark or bracket that nothing closes
        found += [Address("", match[0]) for match in list(_BARE.finditer(text))[:1]]
    return tuple(found[:ADDRESSES_LIMIT])


class _Entry:
    """One address while its pieces come in; `before` is a name that a bare comma has torn apart."""

    def __init__(self, before: str = "") -> None:
        self.before = before
        self.name: list[str] = []
        self.comments: list[str] = []
        self.address: str | None = None
        self.others: list[Address] = []  # more in one place than there may be: readers differ in which one counts

    def add(self, match: re.Match[str]) -> None:
        piece = match[0]
        if match["comment"]:
            self.comments.append(piece.strip("()"))
        elif match["angle"]:
            address = piece[1:-1].rpartition(":")[2]
            if self.address and "@" in self.address:
                self.others.append(Address("", _address(address)))
            else:
                self.address = address
        elif match["quoted"]:
            self.name.append(re.sub(r"\\(.)", r"\1", piece.strip('"')))
        elif piece not in '"()<>':
            self.name.append(piece)

    def behind_colon(self) -> "_Entry":
        """What stood before names a group, or is a scheme like mailto."""
        return self if self.address is not None else _Entry()

    def following(self, mark: str) -> "_Entry":
        if mark == "," and self.address is None and self.name and not any("@" in piece for piece in self.name):
            return _Entry(before=f"{self.before}{' '.join(self.name)}, ")
        return _Entry()

    def finished(self, *, last: bool = False) -> list[Address]:
        address, name = self.address, self.name
        if address is None or ("@" not in address and any("@" in piece for piece in name)):
            bare = [_BARE.search(words(piece)) for piece in name]
            at = next((index for index, match in enumerate(bare) if match), None)
            if at is None:
                return [Address(self._name(name), "")] if last and name and address is None else []
            address, name = (bare[at] or [""])[0], [*name[:at], *name[at + 1 :]]
        found = Address(self._name(name), _address(address))
        return [found, *self.others] if address or name else []

    def _name(self, pieces: list[str]) -> str:
        name = plain(self.before + " ".join(pieces), NAME_LIMIT) or plain(" ".join(self.comments), NAME_LIMIT)
        return name.strip("'\" ")


def _address(written: str) -> str:
    return one_line(re.sub(r"\s+", "", words(written)), _ADDRESS_LIMIT)


# --- parameters (RFC 2045 §5.1, RFC 2231)

PARAMETERS_LIMIT = 100  # of one header, sections of long ones counted one by one

_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*(?:"([^"\\]*(?:\\.[^"\\]*)*)(?:"|\\?$)|([^;]*))', re.DOTALL)
_SECTION = re.compile(r"(.+?)(?:\*(\d{1,3}))?(\*?)", re.DOTALL)


def parameters(text: str) -> dict[str, str]:
    """The parameters of a Content-Type or Content-Disposition by their names in lower case, decoded and joined."""
    sections: dict[str, list[tuple[int, bool, str]]] = {}
    for match in islice(_PARAMETER.finditer(text), PARAMETERS_LIMIT):
        value = re.sub(r'\\([\\"])', r"\1", match[2]) if match[2] is not None else match[3].strip()
        section = _SECTION.fullmatch(match[1].lower())
        if section:
            sections.setdefault(section[1], []).append((int(section[2] or -1), bool(section[3]), value))
    return {name: _joined(found) for name, found in sections.items()}


def _joined(sections: list[tuple[int, bool, str]]) -> str:
    """One value: the one that names its charset, else the long one in numbered pieces, else the first plain one."""
    numbered = sorted({number: (escaped, value) for number, escaped, value in reversed(sections)}.items())
    alone = [(number, (escaped, value)) for number, escaped, value in sections if number == -1]
    numbered = [each for each in alone if each[1][0]][:1] or [each for each in numbered if each[0] >= 0] or alone[:1]
    if not any(escaped for _, (escaped, _) in numbered):
        return words("".join(value for _, (_, value) in numbered))
    charset, data = "", b""
    for index, (_, (escaped, value)) in enumerate(numbered):
        if index == 0 and escaped and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        data += unquote_to_bytes(value) if escaped else value.encode("utf-8", "replace")
    return charsets.decode(data, charset)[0]


# --- ids and dates

_ID = re.compile(r"<([^<>]+)>")


def message_ids(text: str) -> tuple[str, ...]:
    """Message ids without their angle brackets, each once: the first, and the last ones when there are too many."""
    found = [re.sub(r"\s+", "", each) for each in _ID.findall(text)] or [each for each in text.split() if "@" in each]
    ids = list(dict.fromkeys(one_line(each, _ID_LIMIT) for each in found if each))
    return tuple(ids if len(ids) <= _IDS_LIMIT else [ids[0], *ids[1 - _IDS_LIMIT :]])


def message_id(text: str) -> str:
    """The id of a mail itself, however it is written."""
    found = message_ids(text)
    return found[0] if found else one_line(text.strip("<> "), _ID_LIMIT)


def date(text: str) -> datetime | None:
    """The moment in UTC; None for what is no date. A time without a zone counts as UTC."""
    try:
        moment = parsedate_to_datetime(one_line(text, 100))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


# --- blocks of headers

BLOCK_LIMIT = 1024 * 1024  # bytes of one block of headers that are read
VALUE_LIMIT = 64 * 1024  # bytes of one value
COUNT_LIMIT = 1000

_LINE = re.compile(rb"([!-9;-~]{1,100})[ \t]*:([^\n]*\n?(?:[ \t][^\n]*\n?)*)")


class Block:
    """Headers of a mail or of a part: values in their places, as bytes until somebody asks."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, bytes]] = []
        self.problems: list[str] = []
        self.end = 0  # where the body begins

    def all(self, name: str) -> Iterator[str]:
        """The values of a header, topmost first, encoded words not decoded."""
        return (unfolded(value) for each, value in self.entries if each.lower() == name)

    def first(self, name: str) -> str:
        return next(self.all(name), "")


def read_block(raw: bytes, start: int, end: int) -> Block:
    """The headers from `start` on, up to the first empty line.

    A line that is no header ends them, too: the body has begun, and none of its text may get lost. If another header
    comes right behind it, it belongs to the value before, whose second line somebody forgot to indent.
    """
    block = Block()
    at = start
    limit = min(end, start + BLOCK_LIMIT)
    while at < limit:
        if raw.startswith((b"\n", b"\r\n"), at):
            block.end = at + (1 if raw[at : at + 1] == b"\n" else 2)
            return block
        match = _LINE.match(raw, at, limit)
        if match is not None:
            _keep(block, match)
            at = match.end()
            continue
        line_end = raw.find(b"\n", at, limit) + 1 or limit
        if not raw.startswith((b"From ", b">From "), at) or at > start:
            if not block.entries or _LINE.match(raw, line_end, limit) is None:
                block.problems.append("An empty line is missing behind the headers.")
                block.end = at
                return block
            name, value = block.entries[-1]
            block.entries[-1] = name, value[:VALUE_LIMIT] + b" " + raw[at:line_end]
        at = line_end
    block.end = end if limit == end else _behind_empty_line(raw, limit, end)
    if limit < end:
        block.problems.append("The headers are too long; the end of them was not read.")
    return block


def _keep(block: Block, match: re.Match[bytes]) -> None:
    if len(block.entries) >= COUNT_LIMIT:
        problem = f"There are more than {COUNT_LIMIT} headers; the rest was not read."
        block.problems += [] if problem in block.problems else [problem]
        return
    name, value = match[1].decode("ascii"), match[2]
    if len(value) > VALUE_LIMIT:
        block.problems.append(f"A header is too long ({name}); the end of it was not read.")
    block.entries.append((name, value[:VALUE_LIMIT].strip()))


def _behind_empty_line(raw: bytes, start: int, end: int) -> int:
    found = [at + len(line) for line in (b"\n\n", b"\n\r\n") if (at := raw.find(line, start, end)) >= 0]
    return min(found, default=end)
