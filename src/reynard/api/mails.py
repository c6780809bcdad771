"""Received mails: where messages came from, and mails that wait for a decision (docs/mail.md)."""

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

from django.http.response import HttpResponseBase

from reynard import downloads
from reynard.api import formats, parse, parse_actions, shapes, wire
from reynard.api.answers import Answer
from reynard.api.endpoint import Call
from reynard.api.paging import page_size
from reynard.api.parse import Fields
from reynard.api.tickets import find
from reynard.desk.actions import held_mails
from reynard.desk.db import LARGEST_ID
from reynard.desk.errors import Invalid, NotFound
from reynard.desk.models import InboundMail
from reynard.desk.selectors import inbound_mails
from reynard.mail import inbound

_STATES = ("held", "failed", "ignored", "duplicate")


def read_of_update(call: Call, number: str, update_id: str) -> Answer | HttpResponseBase:
    ticket, _ = find(call, number)
    whole = _wants_bytes(call)
    return _details(call, inbound_mails.of_update(ticket.id, int(update_id), whole=whole), whole=whole)


def list_waiting(call: Call) -> Answer:
    state = call.query.get("state", "") or _STATES[0]
    if state not in _STATES:
        call.problems.add("state", f"Enter one of {', '.join(_STATES)}.")
        raise Invalid(call.problems)
    size = page_size(call.query.get("size"))
    before = parse.whole_number(call.query.get("before", ""))
    before = min(before, LARGEST_ID) if before is not None else None
    found = inbound_mails.in_state(state, before=before, limit=size + 1, reference=call.reference)
    data = [wire.received_mail(mail, call.reference) for mail in found[:size]]
    return Answer(value=shapes.ReceivedMailPage(data, data[-1].id if len(found) > size else None))


def read_waiting(call: Call, id: str) -> Answer | HttpResponseBase:
    whole = _wants_bytes(call)
    return _details(call, inbound_mails.waiting(int(id), call.reference), whole=whole)


def release(call: Call, id: str) -> Answer:
    mail = inbound_mails.waiting(int(id), call.reference)
    given = parse_actions.mail_release(call.body(), [], call.problems)
    try:
        said = inbound.understand(mail)
    except FileNotFoundError:
        raise NotFound from None
    act = partial(held_mails.release, mail.id, said, given)
    return _decided(call, act)


def ignore(call: Call, id: str) -> Answer:
    staff = parse_actions.mail_ignoring(call.body(), [], call.problems)
    return _decided(call, partial(held_mails.ignore, int(id), staff))


def _decided(call: Call, act: Callable[..., InboundMail]) -> Answer:
    def apply() -> Answer:
        row = act(reference=call.reference, now=call.now, problems=call.problems)
        encoded = formats.encode("json", wire.received_mail(row, call.reference))
        return Answer(encoded=encoded, shape=shapes.ReceivedMail)

    return call.once(apply)


def _wants_bytes(call: Call) -> bool:
    wanted = Fields(call.query.dict(), call.problems).boolean("download")
    call.problems.raise_if_any()
    return bool(wanted)


def _details(call: Call, mail: InboundMail, *, whole: bool) -> Answer | HttpResponseBase:
    if whole:
        stored = SimpleNamespace(sha256=mail.sha256, filename=f"mail-{mail.id}.eml", content_type="message/rfc822")
        response = downloads.of_file(stored, inline=False)
        if response is None:
            raise NotFound
        response.headers["Content-Type"] = stored.content_type  # no browser shows it: see downloads.guarded
        return response
    try:
        head = inbound.head(mail)
    except FileNotFoundError:
        raise NotFound from None
    return Answer(value=wire.received_mail_details(mail, head, call.reference))
