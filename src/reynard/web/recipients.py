"""Who gets a reply, as the composer spells it out, and the copies that its form names."""

from typing import Any

import msgspec
from django.utils.translation import gettext as _

from reynard.desk.models import Ticket
from reynard.desk.rules import mail_addresses
from reynard.desk.rules.tickets import join_list, split_list
from reynard.desk.selectors import mail_senders
from reynard.desk.selectors import recipients as company
from reynard.web.access import StaffRequest

COPIES = ("reply_cc", "reply_bcc")  # fields of the form
COPIES_LIMIT = 100  # addresses in one field


class Recipient(msgspec.Struct, frozen=True):
    text: str
    is_new: bool  # has not had a message of this ticket before


class Shown(msgspec.Struct, frozen=True):
    """What the fields have in them, and whom that means; `known` is for who changes them in the page."""

    reply_cc: str
    reply_bcc: str
    cc: list[Recipient]
    bcc: list[Recipient]
    known: str


def shown(request: StaffRequest, ticket: Ticket, draft: dict[str, Any]) -> Shown:
    """What the draft says, else an answer to everybody."""
    found = company.of(ticket, request.reference, besides=request.staff.email)
    cc = draft.get("reply_cc", ", ".join(found.others))
    bcc = draft.get("reply_bcc", "")

    def people(text: str) -> list[Recipient]:
        return [Recipient(item, _key(item) not in found.known) for item in addresses(text)]

    return Shown(cc, bcc, people(cc), people(bcc), ",".join(sorted(found.known)))


def addresses(text: str) -> list[str]:
    """What stands between commas, semicolons and the ends of lines."""
    return split_list(",".join(text.replace(";", ",").splitlines()))


def read(request: StaffRequest) -> tuple[dict[str, str], dict[str, str]]:
    """The copies of the form as the desk stores them, and what is wrong with them, by field."""
    own = mail_senders.own_addresses(request.reference.whole)
    given, errors = {}, {}
    for name in COPIES:
        items = addresses(request.POST.get(name, ""))
        given[name] = join_list(items)
        wrong = [sentence for item in items if (sentence := _objection(item, own))]
        if len(items) > COPIES_LIMIT:
            wrong = [_("Give at most %(n)d addresses.") % {"n": COPIES_LIMIT}]
        if wrong:
            errors[name] = " ".join(wrong)
    return given, errors


def _objection(text: str, own: set[str]) -> str:
    mailbox = mail_addresses.parse(text, any_letters=True)
    if mailbox is None:
        return _("No mail can be sent to “%(address)s”. Write addresses like lena@example.org, with commas.") % {
            "address": text[:100]
        }
    if mail_addresses.is_one_of(mailbox.address, own):
        return _("%(address)s is this desk itself.") % {"address": mailbox.address}
    return ""


def _key(text: str) -> str:
    mailbox = mail_addresses.parse(text, any_letters=True)
    return mail_addresses.key(mailbox.address if mailbox else text)
