"""Watching mailboxes: our own addition."""

from datetime import UTC, datetime

from reynard.api import shapes
from reynard.api.answers import Answer
from reynard.api.endpoint import Call
from reynard.api.formats import WireDateTime
from reynard.desk.selectors import mailboxes
from reynard.desk.selectors.mailboxes import MailboxState


def list_mailboxes(call: Call) -> Answer:
    return Answer(value=[_mailbox(state) for state in mailboxes.states(now=call.now)])


def _mailbox(state: MailboxState) -> shapes.Mailbox:
    return shapes.Mailbox(
        id=state.id,
        name=state.name,
        address=state.address,
        category=state.category,
        active=state.active,
        fetched=bool(state.imap_url),
        last_success_at=_moment(state.last_success_at),
        lag_seconds=None if state.lag_seconds is None else int(state.lag_seconds),
        failing_since=_moment(state.failing_since),
        last_error=state.last_error,
        credentials_expire_at=_moment(state.credentials_expire_at),
        waiting=state.waiting,
        held=state.held,
        failed=state.failed,
        folders=[
            shapes.MailboxFolder(one.name, one.server_count, one.our_count, _moment(one.checked_at))
            for one in state.folders
        ],
    )


def _moment(moment: datetime | None) -> WireDateTime | None:
    return WireDateTime(f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}") if moment else None
