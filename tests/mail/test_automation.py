"""Which mails no person wrote."""

import pytest

from reynard.mail.automation import loop
from reynard.mail.parse import parse


def mail(headers: str, *, author: str = "lena@example.org", subject: str = "The rim"):
    return parse(f"From: {author}\nSubject: {subject}\n{headers}\n\nText.\n".encode())


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ("Auto-Submitted: auto-replied", "reply"),
        ("Auto-Submitted: Auto-Replied; owner=lena", "reply"),
        ("Auto-Submitted: auto-generated", "generated"),
        ("X-Autoreply: yes", "reply"),
        ("X-Autorespond: yes", "reply"),
        ("Preference: auto_reply", "reply"),
        ("Precedence: auto_reply", "reply"),
        ("X-POST-MessageClass: 9; Autoresponder", "reply"),
        ("Delivered-To: Autoresponder", "reply"),
        ("Precedence: bulk", "bulk"),
        ("Precedence: junk", "bulk"),
        ("List-Id: <wheels.example.org>", "bulk"),
        ("List-Unsubscribe: <https://example.org/leave>", "bulk"),
    ],
)
def test_what_a_program_says_of_itself_is_certain(headers: str, kind: str):
    found = mail(headers).automation
    assert found is not None
    assert (found.kind, found.certain) == (kind, True)


@pytest.mark.parametrize(
    ("headers", "author", "subject", "kind"),
    [
        ("", "lena@example.org", "Automatic reply: The rim", "reply"),
        ("", "lena@example.org", "Out of Office: The rim", "reply"),
        ("", "lena@example.org", "AW: Abwesenheitsnotiz: Die Felge", "reply"),
        ("", "lena@example.org", "Réponse automatique : La jante", "reply"),
        ("", "lena@example.org", "=?utf-8?Q?=E8=87=AA=E5=8A=A8=E5=9B=9E=E5=A4=8D?=: x", "reply"),
        ("Return-Path: <>", "lena@example.org", "The rim", "generated"),
        ("X-Auto-Response-Suppress: All", "lena@example.org", "The rim", "generated"),
        ("", "no-reply@example.org", "The rim", "generated"),
        ("", "MAILER-DAEMON@example.org", "The rim", "generated"),
    ],
)
def test_the_rest_is_a_hint(headers: str, author: str, subject: str, kind: str):
    found = mail(headers or "X-Nothing: 1", author=author, subject=subject).automation
    assert found is not None
    assert (found.kind, found.certain) == (kind, False)


@pytest.mark.parametrize(
    ("headers", "subject"),
    [
        ("Auto-Submitted: no", "The rim"),
        ("X-Autoreply: no", "The rim"),
        ("Precedence: normal", "The rim"),
        ("Return-Path: <lena@example.org>", "Re: The automatic gear"),
        ("X-Nothing: 1", "Vacation is near, is the bike ready?"),
        ("X-Nothing: 1", "The office is closed?"),
    ],
)
def test_a_person_is_no_program(headers: str, subject: str):
    assert mail(headers, subject=subject).automation is None


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ("Message-ID: <desk-9@rollwerk.example>", "Its Message-ID is one of ours: desk-9@rollwerk.example"),
        ("X-Loop: Support+1@rollwerk.example", "X-Loop: Support+1@rollwerk.example"),
        ("Received: by x\n" * 60 + "X-A: b", "It passed 60 servers."),
        ("Message-ID: <1@example.org>\nIn-Reply-To: <desk-9@rollwerk.example>", ""),
        ("X-Loop: somebody@example.org", ""),
    ],
)
def test_our_own_mail_that_comes_back_is_known(headers: str, reason: str):
    ours = {"our_domain": "rollwerk.example", "our_addresses": ["support@rollwerk.example"]}
    assert loop(mail(headers), **ours) == reason  # type: ignore[arg-type]
