"""Received mails: our own addition (docs/mail.md)."""

from reynard.api import requests, shapes
from reynard.api.operations.operation import WRITE_REFUSALS, Operation

_TAG = "Mails"
_SOURCE = "`download=true` gives the mail itself as `message/rfc822`, always as a download."

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="ticket/{number}/update/{update_id}/mail/",
        id="readMailOfUpdate",
        tag=_TAG,
        summary="Read the mail that a message came from",
        description=(
            "Its headers, what the receiving server found out about its sender, and why it joined this ticket. Not "
            f"found for what did not come by mail, and for a deleted message. {_SOURCE} That of an edited message is "
            "not found."
        ),
        parameters=("number", "update_id", "source"),
        answer=shapes.ReceivedMailDetails,
        answer_text="The mail.",
        may_be_file=True,
        refusals={shapes.ErrorList: "`download` is neither true nor false."},
        finds=True,
    ),
    Operation(
        method="GET",
        path="held_mails/",
        id="listHeldMails",
        tag=_TAG,
        summary="List mails that did not become messages",
        description=(
            "The newest first; those that wait for a decision unless `state` says otherwise. A key that is limited to "
            "categories sees the mails to their mailboxes."
        ),
        parameters=("mail_state", "size", "before"),
        answer=shapes.ReceivedMailPage,
        answer_text="One page, and where the next one begins.",
        refusals={shapes.ErrorList: "`state` is none of these."},
    ),
    Operation(
        method="GET",
        path="held_mail/{id}/",
        id="readHeldMail",
        tag=_TAG,
        summary="Read a mail that did not become a message",
        description=_SOURCE,
        parameters=("id", "source"),
        answer=shapes.ReceivedMailDetails,
        answer_text="The mail.",
        may_be_file=True,
        refusals={shapes.ErrorList: "`download` is neither true nor false."},
        finds=True,
    ),
    Operation(
        method="POST",
        path="held_mail/{id}/release/",
        id="releaseHeldMail",
        tag=_TAG,
        summary="Let a mail join a ticket, or open one",
        description=(
            "It becomes a reply of who it says wrote it, as if a person had known them: also a mail that names a "
            "member of staff is a contact's. Without `ticket_id` it opens a ticket in the category of its mailbox.\n\n"
            "**Permission**, where the desk enforces them: `web_reply`."
        ),
        parameters=("id",),
        body=requests.ReleaseMail,
        answer=shapes.ReceivedMail,
        answer_text="The mail, `taken`, with its ticket.",
        refusals={shapes.ErrorList: f"{WRITE_REFUSALS} Or the mail does not say who wrote it."},
        finds=True,
    ),
    Operation(
        method="POST",
        path="held_mail/{id}/ignore/",
        id="ignoreHeldMail",
        tag=_TAG,
        summary="Let nothing become of a mail",
        description="It is kept, `ignored`. **Permission**, where the desk enforces them: `web_reply`.",
        parameters=("id",),
        body=requests.IgnoreMail,
        answer=shapes.ReceivedMail,
        answer_text="The mail.",
        refusals={shapes.ErrorList: WRITE_REFUSALS},
        finds=True,
    ),
)
