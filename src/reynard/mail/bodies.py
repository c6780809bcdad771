"""Which parts of a mail are its message, and which are files."""

import re
import struct
from collections.abc import Iterable, Iterator
from html import unescape
from urllib.parse import unquote

import msgspec
import nh3

from reynard.desk.rules import messages
from reynard.desk.rules.filenames import clean_filename
from reynard.mail import calendars, charsets, flowed, headers, tnef, transfer
from reynard.mail.mime import Part
from reynard.mail.parsed import Attachment, Content

TEXT_BYTES = 4 * messages.TEXT_LIMIT  # of all texts of a mail that are decoded; what is longer is a file
NAMELESS_LIMIT = 100  # characters of a name made of a subject


class Block(msgspec.Struct):
    """A piece of the message, as text, as HTML, or as both."""

    text: str = ""
    html: str = ""


class Body(msgspec.Struct):
    text: str
    html: str
    attachments: list[Attachment]


class Reader:
    """Goes through the parts once; collects blocks of the message, files, and what was wrong."""

    def __init__(self, raw: bytes, problems: list[str]) -> None:
        self.raw = raw
        self.problems = problems
        self.files: list[Attachment] = []
        self.room = TEXT_BYTES
        self.outlook = tnef.Tnef()
        self.named_texts: list[Part] = []  # files that could be the message of a mail that has no other

    def body(self, part: Part) -> Body:
        blocks = list(self._blocks(part)) or self._instead()
        html = _joined_html(blocks) or self.outlook.html
        return Body(*self._bounded(_joined_text(blocks), html), self.files)

    def _instead(self) -> list[Block]:
        """What to read when there is no message: the one in Outlook's form, a text with a name, or an invitation."""
        if self.outlook.text or self.outlook.html:
            return [Block(text=_with_plain_ends(self.outlook.text))] if self.outlook.text else []
        if self.outlook.rtf:
            self._note("The message is in Outlook's own form; it was kept as a file.")
            self._add("message.rtf", "application/rtf", self.outlook.rtf)
        if self.named_texts:
            return list(self._message(self.named_texts[0]))
        for file in self.files:
            if file.content_type in _CALENDARS and file.size <= TEXT_BYTES:
                text = calendars.readable(charsets.decode(file.content.read(), "utf-8")[0])
                return [Block(text=text)] if text else []
        return []

    def _blocks(self, part: Part) -> Iterator[Block]:
        if part.children:
            inside = [list(self._blocks(child)) for child in part.children]
            if part.content_type == "multipart/alternative":
                yield from _alternatives(inside)
            else:
                yield from (block for blocks in inside for block in blocks)
        elif _is_message(part):
            yield from self._message(part)
        elif not (_is_tnef(part) and self._take_tnef(part)):
            self._keep(part)

    def _message(self, part: Part) -> Iterator[Block]:
        """A piece of the message; of one that is far too long, the beginning, and the whole of it as a file."""
        data = self._beginning(part)
        is_whole = len(data) <= self.room
        text, problem = charsets.decode(data[: self.room], _charset(part, data))
        self.room = max(0, self.room - len(data))
        if not is_whole:
            self._note("The text is too long to be shown; the whole of it was kept as a file.")
            self._keep(part)
            text = _stripped(text) if part.content_type == "text/html" else text
        else:
            self._note(problem)
            if part.encoding == "base64":
                text += charsets.decode(transfer.text_behind_base64(self.raw, part.start, part.end)[:TEXT_BYTES], "")[0]
        text = _with_plain_ends(text)
        if part.content_type == "text/plain" and part.type_parameters.get("format", "").lower() == "flowed":
            delete_space = part.type_parameters.get("delsp", "").lower() == "yes"
            text = flowed.unfolded(text, delete_space=delete_space)
        if text.strip():
            yield Block(html=text) if part.content_type == "text/html" and is_whole else Block(text=text)

    def _beginning(self, part: Part) -> bytes:
        """The bytes of a part, or as many of them as prove it too long."""
        pieces, length = [], 0
        for piece in transfer.decoded(self.raw, part.start, part.end, part.encoding):
            pieces.append(piece)
            length += len(piece)
            if length > self.room:
                break
        return b"".join(pieces)

    def _keep(self, part: Part) -> None:
        content = Content(self.raw, part.start, part.end, part.encoding)
        size = sum(map(len, content.chunks()))
        if size == 0 and not _filename(part):
            return
        if part.content_type in _MESSAGES and part.disposition != "attachment":
            self.named_texts.append(part)
        name = clean_filename(_filename(part) or _made_up_name(part, content))
        self.files.append(Attachment(name, part.content_type, content, size, part.content_id))

    def _take_tnef(self, part: Part) -> bool:
        """Whether what a part holds in Outlook's form could be read. Its files come to the others."""
        data = b"".join(transfer.decoded(self.raw, part.start, part.end, part.encoding))
        try:
            found = tnef.read(data)
        except (tnef.BadTnef, struct.error):
            self._note("What Outlook has packed (winmail.dat) could not be read; it was kept as a file.")
            return False
        if not (found.text or found.html or found.rtf or found.files):
            return False
        if not (self.outlook.text or self.outlook.html):
            self.outlook = found
        for file in found.files:
            content = Content(data if file.data is None else file.data, *file.span)
            name = clean_filename(file.name)
            type = file.content_type if _TYPE.fullmatch(file.content_type) else "application/octet-stream"
            self.files.append(Attachment(name, type, content, content.end - content.start, file.content_id))
        return True

    def _add(self, name: str, content_type: str, data: bytes) -> None:
        self.files.append(Attachment(name, content_type, Content(data, 0, len(data)), len(data)))

    def _bounded(self, text: str, html: str) -> tuple[str, str]:
        """What is too long, or nested too deeply, for a message is a file, and its beginning the message."""
        if len(html) > messages.TEXT_LIMIT or messages.is_nested_too_deeply(html):
            self._note("The HTML is too long or nested too deeply to be shown; it was kept as a file.")
            self._add("message.html", "text/html", html.encode())
            text = text if text.strip() else _stripped(html)
            html = ""
        if len(text) > messages.TEXT_LIMIT:
            self._note("The text is too long to be shown; the whole of it was kept as a file.")
            self._add("message.txt", "text/plain", text.encode())
            text = text[: messages.TEXT_LIMIT]
        return text, html

    def _note(self, problem: str) -> None:
        if problem and problem not in self.problems:
            self.problems.append(problem)


_MESSAGES = {"text/plain", "text/html", "text/enriched", "text/richtext"}
_CALENDARS = {"text/calendar", "application/ics"}
_TNEF = {"application/ms-tnef", "application/vnd.ms-tnef"}
_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}", re.ASCII | re.IGNORECASE)


def _is_tnef(part: Part) -> bool:
    return part.content_type in _TNEF or _filename(part).lower() == "winmail.dat"


def _with_plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_message(part: Part) -> bool:
    """Text without a name that nobody sent as a file. What claims to have parts and has none is text, too."""
    if part.content_type.startswith("multipart/"):
        return True
    return part.content_type in _MESSAGES and part.disposition != "attachment" and not _filename(part)


_META = re.compile(rb"<meta[^>]{1,200}charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)


def _charset(part: Part, data: bytes) -> str:
    """The charset that a part names, or else its HTML."""
    named = part.type_parameters.get("charset", "")
    if named or part.content_type != "text/html":
        return named
    match = _META.search(data[:2000])
    return match[1].decode() if match else ""


def _filename(part: Part) -> str:
    return part.disposition_parameters.get("filename", "") or part.type_parameters.get("name", "")


_ENDINGS = {
    "application/pdf": ".pdf",
    "application/pgp-signature": ".asc",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "message/rfc822": ".eml",
    "message/global": ".eml",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
}
_NAMES = {
    "message/delivery-status": "delivery-status.txt",
    "text/rfc822-headers": "headers.txt",
    "message/feedback-report": "feedback-report.txt",
    "text/calendar": "invitation.ics",
    "application/ics": "invitation.ics",
}


def _made_up_name(part: Part, content: Content) -> str:
    """A name for a file without one: of a mail, its subject."""
    if part.content_type in {"message/rfc822", "message/global"}:
        start = next(content.chunks(), b"")
        subject = headers.plain(headers.read_block(start, 0, len(start)).first("subject"), NAMELESS_LIMIT)
        return f"{subject.replace('/', '-').replace(chr(92), '-') or 'message'}.eml"
    if part.content_type in _NAMES:
        return _NAMES[part.content_type]
    main = part.content_type.partition("/")[0]
    ending = _ENDINGS.get(part.content_type) or {"text": ".txt", "message": ".txt"}.get(main, ".bin")
    return f"{main if main in {'image', 'audio', 'video', 'text', 'message'} else 'attachment'}{ending}"


def _alternatives(inside: list[list[Block]]) -> Iterator[Block]:
    """One block of what are forms of the same. Two that differ in one form are both kept."""
    texts = [block for blocks in inside for block in blocks if not any(each.html for each in blocks)]
    htmls = [block for blocks in inside for block in blocks if any(each.html for each in blocks)]
    if texts or htmls:
        yield Block(_joined_text(_each_once(texts)), _joined_html(_each_once(htmls)))


def _each_once(blocks: Iterable[Block]) -> list[Block]:
    kept: list[Block] = []
    for block in blocks:
        if block not in kept:
            kept.append(block)
    return kept


def _joined_text(blocks: list[Block]) -> str:
    """The text of all blocks; "" when all of it is HTML. Of a block that has no text, the text of its HTML."""
    if not any(block.text for block in blocks):
        return ""
    return _joined([block.text or _text_of(block.html) for block in blocks])


def _joined_html(blocks: list[Block]) -> str:
    if not any(block.html for block in blocks):
        return ""
    return _joined([block.html or messages.text_to_html(block.text) for block in blocks])


def _joined(pieces: list[str]) -> str:
    return pieces[0] if len(pieces) == 1 else "\n\n".join(piece.strip("\n") for piece in pieces)


def _text_of(html: str) -> str:
    if len(html) > messages.TEXT_LIMIT or messages.is_nested_too_deeply(html):
        return _stripped(html)
    return messages.html_to_text(nh3.clean(html, clean_content_tags={"script", "style", "title"}))


def _stripped(html: str) -> str:
    """The text of HTML that cannot be cleaned, roughly."""
    return unescape(re.sub(r"<[^<>]*>", " ", html))


_CID = re.compile(r"cid:([^\s\"'<>)]{1,250})", re.IGNORECASE)


def with_inline(files: list[Attachment], html: str) -> tuple[Attachment, ...]:
    """The files, those marked that the HTML shows."""
    shown = {unquote(unescape(each)) for each in _CID.findall(html)}
    return tuple(
        msgspec.structs.replace(file, inline=bool(file.content_id) and file.content_id in shown) for file in files
    )
