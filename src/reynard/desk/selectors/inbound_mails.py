"""Received mails, for those who look at them."""

from collections.abc import Sequence

from reynard.desk.errors import NotFound
from reynard.desk.models import InboundMail, Update
from reynard.desk.selectors import access
from reynard.desk.selectors.reference import Reference

State = InboundMail.State


def of_update(ticket_id: int, update_id: int, *, whole: bool) -> InboundMail:
    """The mail that an entry of a history came of; `whole`: its bytes are wanted, too. Raises NotFound.

    That of a deleted message is for nobody, and of an edited one only what stands above the message.
    """
    mail = InboundMail.objects.filter(update_id=update_id, ticket_id=ticket_id).select_related("update").first()
    if mail is None or mail.update is None or mail.update.message_type == Update.MessageType.DELETED:
        raise NotFound
    if whole and mail.update.edited_at is not None:
        raise NotFound
    return mail


def verdicts_of(update_ids: Sequence[int]) -> dict[int, str]:
    """Those of some entries that came of a mail, with the verdict on its sender (rules/mail_verdict.Result)."""
    mails = InboundMail.objects.filter(update__in=update_ids)
    rows = mails.values_list("update_id", "verdict")
    return {id: verdict.get("result", "none") for id, verdict in rows if id is not None}


def waiting(id: int, reference: Reference) -> InboundMail:
    """A mail that did not become a message. Raises NotFound."""
    mail = InboundMail.objects.filter(id=id, ticket=None).exclude(state=State.NEW).first()
    if mail is None or not is_in_scope(mail, reference):
        raise NotFound
    return mail


_INDEXES = (["held", "failed"], ["duplicate", "ignored"])  # as in the conditions of InboundMail.Meta.indexes


def in_state(state: str, *, before: int | None, limit: int, reference: Reference) -> Sequence[InboundMail]:
    """Mails that did not become messages, the newest first."""
    of_index = next(states for states in _INDEXES if state in states)  # without it SQLite takes no partial index
    found = InboundMail.objects.filter(state__in=of_index).filter(state=state)
    if before is not None:
        found = found.filter(id__lt=before)
    if reference.scope is not None:
        boxes = reference.whole.mailboxes.values()
        found = found.filter(mailbox_id__in=[box.id for box in boxes if box.category_id in reference.scope])
    return list(found.order_by("-id")[:limit])


def is_in_scope(mail: InboundMail, reference: Reference) -> bool:
    """Whether a mail exists for the caller: by the category of its mailbox."""
    inbox = reference.whole.mailboxes.get(mail.mailbox_id)
    return inbox is not None and access.is_in_scope(inbox.category_id, reference)
