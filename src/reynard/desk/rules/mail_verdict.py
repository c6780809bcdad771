"""Whether a mail comes from whom it says: what the receiving mail server found out (RFC 8601), read with suspicion.

    Authentication-Results: mx.rollwerk.example; dmarc=pass header.from=example.org; spf=fail smtp.mailfrom=a@b.example

Anybody can write such a header. Those count that the server of the mailbox put there: the topmost ones, one directly
below the other, with a name that the operator trusts. A server removes forged ones with its own name (RFC 8601 §5);
where it does not, what is forged stands below, and headers that disagree prove nothing.
"""

import enum
import re
from collections.abc import Collection, Iterator, Sequence

import msgspec

UNNAMED = "microsoft365"  # stands for results without a server's name, which Microsoft's servers write


class Result(enum.Enum):
    PASS = "pass"  # noqa: S105  # the domain of the author answers for this mail
    FAIL = "fail"  # it says that this mail is not from there
    NONE = "none"  # nobody knows


class Verdict(msgspec.Struct, frozen=True):
    """`reason` is a sentence for people; `dmarc`, `dkim` and `spf` are results as the server wrote them, or ""."""

    result: Result
    reason: str
    host: str = ""
    dmarc: str = ""
    dkim: str = ""
    spf: str = ""


class _Finding(msgspec.Struct, frozen=True):
    """One result: a method, what came out, and what was looked at (`header.d`, `smtp.mailfrom`, …), in lower case."""

    method: str
    result: str
    properties: dict[str, str]


NO_HOST = "No mail server is trusted to check who writes to this mailbox."
NOT_CHECKED = "The mail server did not say who sent this mail."


def judge(headers: Sequence[tuple[str, str]], trusted: Collection[str], author: str) -> Verdict:
    """What the trusted servers found out about a mail by `author`, an address ("": none, or several).

    `headers` are names and values of all headers from the top, the values as they were written, not decoded.
    """
    if not trusted:
        return Verdict(Result.NONE, NO_HOST)
    host, groups = _topmost(headers, trusted)
    if not host:
        return Verdict(Result.NONE, NOT_CHECKED)
    domain = author.rpartition("@")[2].lower()
    methods = {name: _agreed(groups, name) for name in ("dmarc", "dkim", "spf")}
    shown = {name: found[0].result if found else "" for name, found in methods.items()}
    result, reason = _decide(methods, domain)
    return Verdict(result, f"{_speaker(host)} {reason}", host, **shown)


def _speaker(host: str) -> str:
    return "The mail server says:" if host == UNNAMED else f"{host} says:"


def _decide(methods: dict[str, list[_Finding]], domain: str) -> tuple[Result, str]:
    if not domain:
        return Result.NONE, "nothing, as the mail does not have one author."
    dmarc = methods["dmarc"]
    if any(found.result == "fail" for found in dmarc):
        return Result.FAIL, f"this mail is not from {domain} (dmarc=fail)."
    for found in dmarc:
        if found.result == "pass" and found.properties.get("header.from", domain).rpartition("@")[2] == domain:
            return Result.PASS, f"this mail is from {domain} (dmarc=pass)."
    for found in methods["dkim"]:
        if found.result == "pass" and _answers_for(_signer(found), domain):
            return Result.PASS, f"this mail is signed by {domain} (dkim=pass)."
    for found in methods["spf"]:
        sender = found.properties.get("smtp.mailfrom", "").rpartition("@")[2]
        if found.result == "pass" and _answers_for(sender, domain):
            return Result.PASS, f"this mail was sent by a server of {domain} (spf=pass)."
        if found.result in {"fail", "hardfail"} and _answers_for(sender, domain):
            return Result.FAIL, f"this mail was not sent by a server of {domain} (spf=fail)."
    return Result.NONE, f"nobody knows whether this mail is from {domain}."


def _signer(found: _Finding) -> str:
    return found.properties.get("header.d") or found.properties.get("header.i", "").rpartition("@")[2]


def _answers_for(proven: str, domain: str) -> bool:
    """Whether who has a domain also has the author's: the same, or one above it.

    The other direction, which DMARC allows, needs the list of domains under which anybody can have one.
    """
    return proven == domain or ("." in proven and domain.endswith(f".{proven}"))


def _agreed(groups: Sequence[Sequence[_Finding]], method: str) -> list[_Finding]:
    """The findings of the first header that has the method; none when another one says something else of it."""
    of_method = [[found for found in group if found.method == method] for group in groups]
    of_method = [group for group in of_method if group]
    outcomes = {frozenset((found.result, *sorted(found.properties.items())) for found in group) for group in of_method}
    if len(outcomes) > 1:
        return [found for group in of_method for found in group if found.result == "fail"]
    return of_method[0] if of_method else []


# --- reading the headers

_HEADER = "authentication-results"
# What servers put between their results.
_BESIDE = re.compile(r"received-spf|(?:dkim|dmarc|spf)-filter|arc-.*|x-ms-exchange-.*", re.IGNORECASE)
_LIMIT = 10  # headers


def _topmost(headers: Sequence[tuple[str, str]], trusted: Collection[str]) -> tuple[str, list[list[_Finding]]]:
    """The name of the server whose results stand at the top, if it is trusted, and what they say, by header."""
    host = ""
    groups: list[list[_Finding]] = []
    for name, value in headers:
        if name.lower() != _HEADER:
            if groups and not _BESIDE.fullmatch(name):
                break
            continue
        server, results = _read(value)
        if server not in trusted or (host and server != host) or len(groups) == _LIMIT:
            break
        host = server
        groups.append(results)
    return host, groups


_WORD = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^\s;"])+|;')  # a text in quotation marks is a part of a word
_EQUALS = re.compile(r'("(?:[^"\\]|\\.)*")| ?= ?')


def _read(value: str) -> tuple[str, list[_Finding]]:
    """The server's name (UNNAMED for none) and its results. What cannot be understood is left out."""
    plain = _EQUALS.sub(lambda match: match[1] or "=", " ".join(_without_comments(value).split()))
    parts = list(_parts(plain))
    server = UNNAMED
    if not any("=" in word for word in parts[0]):
        server = parts[0][0].lower() if parts[0] else ""
    return server, [found for part in parts if (found := _finding(part)) is not None]


def _without_comments(value: str) -> str:
    """Comments nest, and do not begin inside quotation marks (RFC 5322 §3.2.2). "" when a quotation does not end."""
    kept, depth, quoted, escaped = [], 0, False, False
    for character in value:
        inside = depth > 0
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == '"' and not depth:
            quoted = not quoted
        elif character == "(" and not quoted:
            depth += 1
        elif character == ")" and depth:
            depth -= 1
        if not inside and not depth:
            kept.append(character)
    return "" if quoted or depth else "".join(kept)


def _parts(value: str) -> Iterator[list[str]]:
    """The words between semicolons."""
    words: list[str] = []
    for match in _WORD.finditer(value):
        if match[0] == ";":
            yield words
            words = []
        else:
            words.append(match[0])
    yield words


def _finding(words: Sequence[str]) -> _Finding | None:
    """`spf=pass smtp.mailfrom=a@example.org`, from its words. Values may have more equals signs, and quotations."""
    pairs = [(name.lower(), _unquoted(text).lower()) for name, equals, text in map(_halves, words) if equals]
    if not pairs:
        return None
    method, result = pairs[0]
    properties: dict[str, str] = {}
    for name, text in pairs[1:]:
        properties.setdefault(name, text)
    return _Finding(method.partition("/")[0], result, properties)


def _halves(word: str) -> tuple[str, str, str]:
    return word.partition("=")


def _unquoted(text: str) -> str:
    """Without quotation marks around all of it; those around a part, as in `"a@b"@example.org`, say something."""
    match = re.fullmatch(r'"((?:[^"\\]|\\.)*)"', text)
    return re.sub(r"\\(.)", r"\1", match[1]) if match else text
