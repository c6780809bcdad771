"""Where quoted text begins in the plain text of a message: what a reply repeats of the mails before it.

A quotation is folded only at the end, so that an answer between or below quoted lines is always seen; and only when
something stands above it. Forwarded mails are no quotations: somebody wants them to be read. Nothing is ever cut off:
both parts together are the text.

It begins, whichever comes first, with
* a block of headers, as Outlook writes it (`From: … Sent: … Subject: …`), or a line like `-----Original Message-----`;
* a line that says who wrote when (`On … wrote:`), when that is not followed by `>` lines with an answer below them;
* lines that begin with `>` down to the end;
* whatever follows the line of a phone (`Sent from my …`).
"""

import re
from collections.abc import Iterator, Sequence

_HEADER_LINES = 8  # lines in which a block of headers must show itself
_INTRODUCTION_LINES = 5
_LINES_LIMIT = 20_000  # of a message; in a longer one nothing is folded
_LINE = 300  # characters of a line that are looked at
_WRAPPED = 60  # characters; a quoted line of that length may go on in a next one without its mark

# --- lines that say who wrote when

_VERB_AT_END = re.compile(
    r"""(?:wrote|writes|noted|a\s[ée]crit|escribi[óo]|ha\sscritto|escreveu|napisa[łl](?:[(\[]?a[)\]]?)?|napsala?|nap[íi]sala?|schrieb|schreef
    |skrev|kirjoitti|írta|yazdı|şunları\syazdı|a\sscris|έγραψε|написала?|пишет|писал\(?а?\)?|пише|написа|je\snapisala?|napisao|kirjutas
    |rašė|rakstīja|menulis|đã\sviết|viết|写道|寫道|来信|さんは書きました|のメール|님이\s?작성|작성|כתב(?:ה)?|كتب)""",  # noqa: RUF001
    re.IGNORECASE | re.VERBOSE,
)
_ENDS_WITH_VERB = re.compile(rf"{_VERB_AT_END.pattern}\s?[:\uff1a]?[\s-]*$", re.IGNORECASE | re.VERBOSE)
_VERB_BEFORE_NAME = re.compile(r"\b(?:schrieb|schreef|skrev|writes?|wrote|escribió)\b[^.?!]{0,120}:\s*$", re.IGNORECASE)
_ENDS_WITH_ADDRESS = re.compile(r"[<(]\s*[^\s<>(@]{1,80}@[^\s<>(@]{1,255}\s*[>)]{1,2}\s*[:\uff1a]\s*$")
_ADDRESS = re.compile(r"[^\s<>(@]{0,80}@\S*|https?:\S*")
_DATE_OR_TIME = re.compile(r"\d{1,2}[:.h]\d\d|\d{4}|\d{1,2}\.? \w{3}")
_DAY = re.compile(
    r"[-*\s]*(?:on|am|le|el|il|em|op|in data|w dniu|dnia|den|dne|på|pe|ma|ti|ke|to|la|su|\d{1,4}[./-])\b.*\d",
    re.IGNORECASE,
)

# --- blocks of headers

_FROM = """
    from von de da van od från fra frå lähettäjä от від feladó gönderen kimden από expeditor expéditeur
    mittente afzender remitente nadawca absender desde 发件人 寄件者 寄件人 差出人 送信者 보낸\\s?사람 מאת message\\sdu
""".split()
_OTHERS = """
    sent date to cc bcc subject reply-to importance
    gesendet datum an betreff kopie
    envoyé(?:\\sle)? à a objet copie(?:\\sà)? sujet
    enviado(?:\\sel|\\sem)? enviada(?:\\sem)? fecha para asunto data assunto
    inviato oggetto verzonden aan onderwerp
    wysłano do dw temat odesláno komu předmět kopia
    skickat till ämne sendt til emne dato
    lähetetty vastaanottaja aihe päivämäärä
    отправлено дата кому тема копия надіслано
    gönderildi tarih kime konu küldve címzett tárgy dátum trimis către subiect
    发送时间 发送日期 日期 收件人 主题 主題 抄送 寄件日期 收件者 主旨 送信日時 日付 日時 宛先 件名
    받는\\s?사람 보낸\\s?날짜 날짜 제목 참조
    נשלח אל נושא תאריך
""".split()
_MARKS = r"[\s*|]{0,10}"
_FROM_LINE = re.compile(rf"{_MARKS}(?:{'|'.join(_FROM)})[\s*]{{0,3}}[:\uff1a]", re.IGNORECASE)
_OTHER_LINE = re.compile(rf"{_MARKS}(?:{'|'.join(_OTHERS)})[\s*]{{0,3}}[:\uff1a]", re.IGNORECASE)
_RULE = re.compile(r"\s*[-_=*\u2013\u2014]{3,}\s*")
_ORIGINAL = re.compile(
    r"""\s*[-_=*\u2013\u2014]{2,}\s*(?:original(?:\s|-)(?:message|nachricht|appointment)|urspr(?:ü|ue?)ngliche\s(?:nachricht|e-?mail)
    |message\sd['’]origine|message\soriginal|mensaje\soriginal|mensagem\soriginal|messaggio\soriginale|oorspronkelijk\sbericht
    |oprindelig\s(?:besked|meddelelse)|opprinnelig\smelding|originalmeddelande|ursprungligt\smeddelande|alkuperäinen\sviesti
    |wiadomość\soryginalna|oryginalna\swiadomość|původní\szpráva|исходное\sсообщение|orijinal\smesaj|özgün\sileti|eredeti\süzenet
    |mesaj\soriginal|原始邮件|原始郵件|元のメッセージ|원본\s?메시지)\s*[-_=*\u2013\u2014]{2,}\s*""",  # noqa: RUF001
    re.IGNORECASE | re.VERBOSE,
)
_FORWARDED = re.compile(
    r"\s*(?:[-_=*]{3,}\s*(?:forwarded message|weitergeleitete nachricht|message transféré|mensaje reenviado|"
    r"messaggio inoltrato|doorgestuurd bericht|mensagem encaminhada)|begin forwarded message:)",
    re.IGNORECASE,
)
_REPLY_ABOVE = re.compile(r"[\s#*-]*(?:please\s)?(?:type\syour\s)?reply above this line", re.IGNORECASE)
_SENT_FROM = re.compile(
    r"(?:sent from (?:my|outlook|mail for|yahoo|proton) .{1,60}|sent from \w+<.{1,80}|get outlook for .{1,80}"
    r"|(?:von meinem .{1,40} gesendet|gesendet (?:von|mit) .{1,80})|envoyé (?:de mon|depuis|à partir de) .{1,80}"
    r"|enviado (?:desde|do|a partir do) .{1,60}|inviato da .{1,60}|verzonden vanaf .{1,60}|wysłane z .{1,60}"
    r"|skickat från .{1,60}|sendt fra .{1,60}|отправлено с .{1,60})",  # noqa: RUF001
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"(?:--|__).*")


def split(text: str) -> tuple[str, str]:
    """The text up to its quotation, and the quotation: "" when there is none. Together they are the text."""
    lines = text.split("\n")
    first = first_quoted(lines)
    if first is None:
        return text, ""
    at = sum(len(line) + 1 for line in lines[:first])
    return text[:at], text[at:]


def first_quoted(lines: Sequence[str]) -> int | None:
    """The number of the line, from 0, with which the quotation begins; None when there is none."""
    if len(lines) > _LINES_LIMIT:
        return None
    found = [each for each in (_end_of_marks(lines), next(_starts(lines), None)) if each is not None]
    first = min(found, default=0)
    something_above = any(line.strip() for line in lines[:first])
    return first if something_above and any(line.strip() for line in lines[first:]) else None


def _starts(lines: Sequence[str]) -> Iterator[int]:
    """Where everything that follows is quoted, `>` or not, in the order of the lines."""
    for number, whole in enumerate(lines):
        line = whole[:_LINE]
        if not line.strip() or line.startswith(">"):
            continue
        if _FORWARDED.match(line):
            return
        if _ORIGINAL.fullmatch(line) or _is_block(lines, number) or _REPLY_ABOVE.match(line):
            yield _above(lines, number)
        elif _SENT_FROM.fullmatch(line.strip(" .*\t")) and _blank(lines, number + 1):
            yield number + 1
        elif (first := _introduction(lines, number)) is not None and not _is_marked(lines, _next(lines, number + 1)):
            yield first


def _blank(lines: Sequence[str], number: int) -> bool:
    return number < len(lines) and not lines[number].strip()


def _next(lines: Sequence[str], number: int) -> int:
    """The first line from there that is not blank."""
    while number < len(lines) and not lines[number].strip():
        number += 1
    return number


def _is_marked(lines: Sequence[str], number: int) -> bool:
    return number < len(lines) and lines[number].startswith(">")


def _above(lines: Sequence[str], number: int) -> int:
    """With the line that separates it from what stands above."""
    above = number - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    return above if above >= 0 and _RULE.fullmatch(lines[above][:_LINE]) else number


def _is_block(lines: Sequence[str], number: int) -> bool:
    """Headers of a mail: who it is from, then at least two more of them, without an empty line between."""
    if not _FROM_LINE.match(lines[number][:_LINE]):
        return False
    others = 0
    for line in lines[number + 1 : number + 1 + _HEADER_LINES]:
        if not line.strip():
            break
        others += _OTHER_LINE.match(line[:_LINE]) is not None
    return others >= 2


def _introduction(lines: Sequence[str], last: int, *, marked: bool = False) -> int | None:
    """Where the line, or lines, begin that say who wrote what follows, and end here; None when this is no such line.

    Before lines that are `marked` as quoted, less is asked of it.
    """
    end = lines[last].rstrip(" \t-")
    if len(end) > _LINE or not (end.endswith((":", "\uff1a")) or _ENDS_WITH_VERB.search(end[-60:])):
        return None
    said = ""
    for first in range(last, max(-1, last - _INTRODUCTION_LINES), -1):
        said = f"{lines[first].strip()} {said}".strip()[-2 * _LINE :]
        if _says_who_and_when(said):
            return _with_day(lines, first)
        if first == 0 or not _goes_on(lines[first - 1], said):
            return first if marked and _says_who(said) else None
    return None


def _goes_on(above: str, said: str) -> bool:
    """Whether a line above belongs to it, too: what is there begins in the middle, or that line with a day."""
    if not above.strip() or above.startswith(">") or len(above) > _LINE:
        return False
    return (
        said.startswith(("<", ">", "(", "["))
        or _ENDS_WITH_VERB.match(said) is not None
        or above.rstrip().endswith(("<", "(", "["))
        or _DAY.match(above) is not None
        or re.fullmatch(r".{0,40}\d.{0,40},\s*", above) is not None
    )


def _with_day(lines: Sequence[str], first: int) -> int:
    """Further up, where the day stands in a line of its own."""
    while first > 0 and _DAY.match(lines[first - 1][:_LINE]) and lines[first - 1].rstrip().endswith(","):
        first -= 1
    return first


def _says_who_and_when(said: str) -> bool:
    """The day, and somebody's address or a word like "wrote" at its end."""
    if _ENDS_WITH_VERB.search(said[-60:]) or _VERB_BEFORE_NAME.search(said) or _ENDS_WITH_ADDRESS.search(said):
        return _DATE_OR_TIME.search(_ADDRESS.sub(" ", said)) is not None
    return False


def _says_who(said: str) -> bool:
    return said.endswith((":", "\uff1a")) and bool(
        _ENDS_WITH_VERB.search(said[-60:]) or _VERB_BEFORE_NAME.search(said) or _ENDS_WITH_ADDRESS.search(said)
    )


def _end_of_marks(lines: Sequence[str]) -> int | None:
    """Where lines marked with `>` begin that go on to the end, but for a signature below; with their introduction."""
    end = len(lines)
    for number in range(len(lines) - 1, -1, -1):  # what is below the last mark must be a signature
        if lines[number].startswith(">"):
            end = number + 1
            break
    else:
        return None
    below = _next(lines, end)
    if below < len(lines) and not _SIGNATURE.fullmatch(lines[below]):
        return None
    first = end - 1
    while first > 0 and (above := _marked_above(lines, first)) is not None:
        first = above
    if any(line.startswith(">") for line in lines[:first]):  # answers stand between what is quoted
        return None
    introduced = first if lines[first].strip() == ">:" else first - 1  # the bracket of a wrapped address
    while introduced >= 0 and not lines[introduced].strip():
        introduced -= 1
    if any(_FORWARDED.match(line.lstrip("> ")) for line in lines[max(0, introduced) : first + 2]):
        return None
    if introduced >= 0 and first - introduced <= 3:
        begun = _introduction(lines, introduced, marked=True)
        return begun if begun is not None else first
    return first


def _marked_above(lines: Sequence[str], first: int) -> int | None:
    """The nearest line above that belongs to the same marks: over empty lines, and over the rest of a wrapped line."""
    above = first - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    if above < 0 or lines[above].startswith(">"):
        return above if above >= 0 else None
    if above == first - 1 and above > 0 and _is_wrapped(lines[above - 1], lines[above]):
        return above - 1
    return None


def _is_wrapped(line: str, rest: str) -> bool:
    """Whether a line without mark is the rest of a quoted one: it was too long, and its sentence goes on."""
    return line.startswith(">") and len(line) >= _WRAPPED and line.rstrip()[-1:] not in ".?!:" and rest[:1].islower()
