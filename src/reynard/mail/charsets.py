"""From bytes to text: the charset that is named, else UTF-8, else a guess. Every input gives a text."""

import codecs
import re
from functools import lru_cache

import charset_normalizer

_SAMPLE_BYTES = 8 * 1024  # for a guess; more letters make it no better, only slower
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,60}", re.ASCII)

# What programs name, and what they mean by it: mostly a superset.
_MEANT = {
    "ansi_x3.4-1968": ["ascii"],
    "ascii": ["ascii"],
    "us-ascii": ["ascii"],
    "big5": ["cp950", "big5hkscs"],
    "cp-850": ["cp850"],
    "euc-kr": ["cp949"],
    "gb2312": ["gb18030"],
    "gbk": ["gb18030"],
    "iso-2022-jp": ["iso2022_jp", "iso2022_jp_ext", "iso2022_jp_3"],
    "iso-8859-1": ["cp1252", "latin-1"],
    "iso8859-1": ["cp1252", "latin-1"],
    "latin1": ["cp1252", "latin-1"],
    "iso-8859-8-i": ["iso8859-8", "cp1255"],
    "iso-8859-8-e": ["iso8859-8", "cp1255"],
    "iso-8859-9": ["cp1254", "iso8859-9"],
    "iso-8859-11": ["cp874", "iso8859-11"],
    "ks_c_5601-1987": ["cp949"],
    "ks_c_5601": ["cp949"],
    "ksc5601": ["cp949"],
    "shift_jis": ["cp932", "shift_jisx0213"],
    "shift-jis": ["cp932", "shift_jisx0213"],
    "sjis": ["cp932", "shift_jisx0213"],
    "x-sjis": ["cp932", "shift_jisx0213"],
    "tis-620": ["cp874"],
    "unicode-1-1-utf-7": ["utf-7"],
    "utf8": ["utf-8"],
    "utf-8": ["utf-8"],
    "windows-1252": ["cp1252", "latin-1"],
    "windows-874": ["cp874"],
    "windows-31j": ["cp932"],
    "x-euc-jp": ["euc_jp"],
    "x-gbk": ["gb18030"],
    "x-mac-roman": ["mac_roman"],
    "x-mac-cyrillic": ["mac_cyrillic"],
    "x-user-defined": ["latin-1"],
    "x-windows-949": ["cp949"],
}
_NO_CHARSETS = {"idna", "mbcs", "oem", "punycode", "raw_unicode_escape", "undefined", "unicode_escape"}
_BYTE_ORDER_MARKS = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
]
_JAPANESE = re.compile(rb"\x1b\$[@B]")  # how ISO-2022-JP, which nobody else looks like, begins a word
_LIKELY = """
    cp1252 cp1251 koi8_r cp1250 cp1253 cp1254 cp1255 cp1256 cp1257 cp874 gb18030 big5 cp932 euc_jp cp949
    iso8859_2 iso8859_5 iso8859_7 cp866 mac_roman cp437
""".split()


def decode(data: bytes, declared: str) -> tuple[str, str]:
    """A text, and what was wrong with it ("" when it is just what was declared, or plain ASCII)."""
    for mark, charset in _BYTE_ORDER_MARKS:
        if data.startswith(mark) and (len(mark) > 2 or len(data) % 2 == 0):
            return _cleaned(data[len(mark) :].decode(charset, "replace")), ""
    name = declared.strip().strip("\"'").lower()
    candidates = _candidates(name)
    if data.isascii():
        if not candidates or candidates == ["ascii"]:
            candidates = ["iso2022_jp"] if _JAPANESE.search(data) else ["ascii"]
        elif _keeps_ascii(candidates[0]) or ("16" in name and b"\0" not in data):
            candidates = ["ascii"]
    for charset in candidates:
        if (text := _strictly(data, charset)) is not None:
            return _cleaned(text), ""
    return _otherwise(data, name, candidates)


def _otherwise(data: bytes, name: str, candidates: list[str]) -> tuple[str, str]:
    """When it is not in the charset it names."""
    problem = f"The text is not in the charset that it names ({name[:60]})" if name else "The text names no charset"
    if (text := _strictly(data, "utf-8")) is not None:
        return _cleaned(text), "" if not name else f"{problem}; it was read as utf-8."
    for charset in candidates:
        text = data.decode(charset, "replace")
        if charset != "ascii" and text.count("\ufffd") * 50 <= len(text):  # a few bad bytes, or cut short
            return _cleaned(text), f"{problem}; what is not was replaced."
    guess = _guess(data)
    if guess is not None and (text := _strictly(data, guess)) is not None:
        return _cleaned(text), f"{problem}; it was read as {guess}."
    return _cleaned(data.decode("cp1252", "replace")), f"{problem}; it was read as cp1252."


@lru_cache(256)
def _candidates(name: str) -> list[str]:
    """Codecs to try for the name of a charset; none for a name that nobody knows."""
    if name in _MEANT:
        return _MEANT[name]
    if not _NAME.fullmatch(name):
        return []
    for each in (name, name.removeprefix("x-"), name.replace("windows-", "cp"), name.replace("_", "-")):
        try:
            found = codecs.lookup(each)
        except (LookupError, ValueError):
            continue
        if found.name.replace("-", "_") in _NO_CHARSETS or not getattr(found, "_is_text_encoding", True):
            return []
        return [found.name]
    return []


@lru_cache(256)
def _keeps_ascii(charset: str) -> bool:
    """Whether ASCII always stands for itself: not in UTF-16, UTF-7, ISO-2022, HZ or EBCDIC."""
    examples = (b"aZ09", b"+AGE-", b"~{VP~}", b"\x1b$B%a\x1b(B", b"\x1b$)C\x0e0!\x0f")
    return all(_strictly(example, charset) == example.decode() for example in examples)


def _strictly(data: bytes, charset: str) -> str | None:
    try:
        return data.decode(charset)
    except (UnicodeError, LookupError):
        return None


def _guess(data: bytes) -> str | None:
    first = next((at for at, byte in enumerate(data[: 64 * 1024]) if byte > 127), 0)
    start = max(0, first - 256)
    best = charset_normalizer.from_bytes(
        data[start : start + _SAMPLE_BYTES], cp_isolation=_LIKELY, preemptive_behaviour=False
    ).best()
    return best.encoding if best is not None else None


def _cleaned(text: str) -> str:
    """Without what no database keeps: NUL, and halves of characters that some charsets can spell."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
