"""Subjects of mails: the ticket's token, once, and "Re:", once.

    Re: Brake cable frayed [#RW00004127]

The token is the display id in brackets. Tokens of any ticket that stand in a text already are left out first: people
copy subjects from one ticket to another, and an answer must find one ticket.
"""

import re

from reynard.desk.rules.mail_headers import one_line

SUBJECT_LIMIT = 200  # characters without the token: what follows the end of a long one must not be the token

_TOKEN = re.compile(r"\s*\[#[^\s\[\]\d]{0,8}\d{8,19}\]")
_TOKEN_PARTS = re.compile(r"\[#([^\s\[\]\d]{0,8})(\d{8,19})\]")
_ANSWERS = re.compile(
    r"(?:\s*(?:re|aw|antw|sv|vs|rv|odp|ynt|回复|答复|返信)(?:\[\d{1,3}\]|\(\d{1,3}\))?\s*[:\uff1a])*\s*", re.IGNORECASE
)


def plain(subject: str) -> str:
    """A subject without tokens, on one line."""
    return one_line(_TOKEN.sub("", one_line(subject, 1100)), SUBJECT_LIMIT)


def answer(subject: str) -> str:
    """`Re: ` and the subject, however often, and in which language, it said so before."""
    line = plain(subject)
    said = _ANSWERS.match(line)
    return f"Re: {line[said.end() :] if said else line}".rstrip()


def with_token(subject: str, display_id: str) -> str:
    return f"{plain(subject)} [{display_id}]".lstrip()


def tokens_in(subject: str) -> list[tuple[str, int]]:
    """The prefixes and numbers of the tokens in a subject, the last one first: that is where they are put."""
    return [(match[1], int(match[2])) for match in reversed([*_TOKEN_PARTS.finditer(subject[:2000])])]
