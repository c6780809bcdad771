"""What administrators are warned of by mail, as one table: who is told, where they look, and what it says.

One mail for one incident, however often the same thing fails again. Nobody is warned of a warning that did not arrive.
"""

import enum
from collections.abc import Mapping

import msgspec

from reynard.desk.rules.mail_headers import one_line

VALUE_LIMIT = 500  # characters


class Incident(enum.StrEnum):
    WEBHOOK_OFF = "webhook-off"
    MAILBOX_FAILING = "mailbox-failing"
    CREDENTIALS_EXPIRE = "credentials-expire"
    GIVEN_UP = "given-up"  # deliveries, of a day at most


class Warning(msgspec.Struct, frozen=True):
    """`code`: the permission of those who are told; "": account admins alone. `{name}` stands for a value."""

    code: str
    page: str
    subject: str
    text: str


WARNINGS = {
    Incident.WEBHOOK_OFF: Warning(
        code="manage_integrations",
        page="/manage/webhooks/",
        subject="The webhook {name} is switched off",
        text=(
            "The webhook {name} was switched off. {reason}\n\nWhat it should have heard of is kept for {days} days, "
            "and leaves when somebody switches it on again within that time."
        ),
    ),
    Incident.MAILBOX_FAILING: Warning(
        code="manage_channels",
        page="/manage/mailboxes/",
        subject="The mailbox {name} cannot be read",
        text=(
            "The mailbox {name} ({address}) could not be read since {since}. {reason}\n\nThe desk tries again by "
            "itself; mails wait with the provider until then. There is no other mail about this until it is read."
        ),
    ),
    Incident.CREDENTIALS_EXPIRE: Warning(
        code="manage_channels",
        page="/manage/mailboxes/",
        subject="The credentials of the mailbox {name} expire soon",
        text="The credentials of the mailbox {name} ({address}) expire at {expires}. Renew them before.",
    ),
    Incident.GIVEN_UP: Warning(
        code="",
        page="",
        subject="{count} could not leave the desk",
        text=(
            "{count} could not leave the desk since {since}, and nobody tries any more:\n\n{examples}\n\n"
            "`reynard outbox list --dead` shows them with the reasons, `reynard outbox retry` lets them leave again."
        ),
    ),
}


def letter(incident: Incident, values: Mapping[str, str], *, base_url: str) -> tuple[str, str]:
    """The subject and the text. Values are lines, as people or servers wrote them; "examples" is several."""
    warning = WARNINGS[incident]
    lines = {
        name: "\n".join(one_line(line, VALUE_LIMIT) for line in value.splitlines()) for name, value in values.items()
    }
    text = warning.text.format(**lines)
    if warning.page and base_url:
        text += f"\n\n{base_url}{warning.page}"
    return warning.subject.format(**lines), text
