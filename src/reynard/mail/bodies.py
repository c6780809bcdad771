"""Which parts of a mail are its message, and which are files."""

import re
from collections.abc import Iterable, Iterator
from html import unescape
from urllib.parse import unquote

import msgspec
import nh3

from reynard.desk.rules import messages
from reynard.desk.rules.filenames import clean_filename
from reynard.mail import charsets, headers, transfer
from reynard.mail.mime import Part
from reynard.mail.parsed import Attachment, Content

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

    def body(self, part: Part) -> Body:
        blocks = list(self._blocks(part))
        return Body(*self._bounded(_joined_text(blocks), _joined_html(blocks)), self.files)

    def _blocks(self, part: Part) -> Iterator[Block]:
        if part.children:
            inside = [list(self._blocks(child)) for child in part.children]
            if part.content_type == "multipart/alternative":
                yield from _alternatives(inside)
            else:
                yield from (block for blocks in inside for block in blocks)
        elif _is_message(part):
            text = self._text(part)
            if text.strip():
                yield Block(html=text) if part.content_type == "text/html" else Block(text=text)
        else:
            self._keep(part)

    def _text(self, part: Part) -> str:
        data = b"".join(transfer.decoded(self.raw, part.start, part.end, part.encoding))
        text, problem = charsets.decode(data, part.type_parameters.get("charset", ""))
        if part.encoding == "base64":
            text += charsets.decode(transfer.text_behind_base64(self.raw, part.start, part.end), "")[0]
        self._note(problem)
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def _keep(self, part: Part) -> None:
        content = Content(self.raw, part.start, part.end, part.encoding)
        size = sum(map(len, content.chunks()))
        if size == 0 and not _filename(part):
            return
        name = clean_filename(_filename(part) or _made_up_name(part, content))
        self.files.append(Attachment(name, part.content_type, content, size, part.content_id))

    def add_text(self, name: str, content_type: str, text: str) -> None:
        data = text.encode()
        self.files.append(Attachment(name, content_type, Content(data, 0, len(data)), len(data)))

    def _bounded(self, text: str, html: str) -> tuple[str, str]:
        """What is too long, or nested too deeply, for a message is a file, and its beginning the message."""
        if len(html) > messages.TEXT_LIMIT or messages.is_nested_too_deeply(html):
            self._note("The HTML is too long or nested too deeply to be shown; it was kept as a file.")
            self.add_text("message.html", "text/html", html)
            text = text if text.strip() else unescape(re.sub(r"<[^<>]*>", " ", html))
            html = ""
        if len(text) > messages.TEXT_LIMIT:
            self._note("The text is too long to be shown; the whole of it was kept as a file.")
            self.add_text("message.txt", "text/plain", text)
            text = text[: messages.TEXT_LIMIT]
        return text, html

    def _note(self, problem: str) -> None:
        if problem and problem not in self.problems:
            self.problems.append(problem)


def _is_message(part: Part) -> bool:
    """Text without a name that nobody sent as a file. What claims to have parts and has none is text, too."""
    if part.content_type.startswith("multipart/"):
        return True
    return (
        part.content_type in {"text/plain", "text/html", "text/enriched", "text/richtext"}
        and part.disposition != "attachment"
        and not _filename(part)
    )


def _filename(part: Part) -> str:
    return part.disposition_parameters.get("filename", "") or part.type_parameters.get("name", "")


_ENDINGS = {
    "application/ics": ".ics",
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
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
}
_WORDS = {
    "message/delivery-status": "delivery-status.txt",
    "text/rfc822-headers": "headers.txt",
    "text/calendar": "invitation.ics",
}


def _made_up_name(part: Part, content: Content) -> str:
    """A name for a file without one: of a mail, its subject."""
    if part.content_type in {"message/rfc822", "message/global"}:
        start = next(content.chunks(), b"")
        subject = headers.plain(headers.read_block(start, 0, len(start)).first("subject"), NAMELESS_LIMIT)
        return f"{subject.replace('/', '-').replace(chr(92), '-') or 'message'}.eml"
    if part.content_type in _WORDS:
        return _WORDS[part.content_type]
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
        return unescape(re.sub(r"<[^<>]*>", " ", html))
    return messages.html_to_text(nh3.clean(html, clean_content_tags={"script", "style", "title"}))


_CID = re.compile(r"cid:([^\s\"'<>)]{1,250})", re.IGNORECASE)


def with_inline(files: list[Attachment], html: str) -> tuple[Attachment, ...]:
    """The files, those marked that the HTML shows."""
    shown = {unquote(unescape(each)) for each in _CID.findall(html)}
    return tuple(
        msgspec.structs.replace(file, inline=bool(file.content_id) and file.content_id in shown) for file in files
    )
