"""The conversation of a ticket as blocks that stand one below the other, and what may be done with each message."""

import msgspec

from reynard.desk.errors import NotFound
from reynard.desk.models import OutboxEntry
from reynard.desk.rules import display
from reynard.desk.rules.display import Shown
from reynard.desk.rules.mentions import marked
from reynard.desk.selectors import access, conversation, inbound_mails, mentions, outbox, reading
from reynard.desk.selectors.conversation import Conversation, Entry
from reynard.desk.selectors.outbox import Delivery, State
from reynard.desk.selectors.reference import StaffMember
from reynard.web import forms
from reynard.web.access import StaffRequest

FOLD_AT = 8  # messages of a history; of a longer one those between the first and the last are folded
LONG_TEXT, LONG_LINES = 3_000, 40  # of a message; what is longer shows its beginning
LEFT_OPEN = 4  # messages at the end of a folded history

_Kind = OutboxEntry.Kind
_TO_OTHERS = {_Kind.MESSAGE, _Kind.FORWARD}


class Allowed(msgspec.Struct, frozen=True):
    """What somebody may do with a message (access.codes_to_correct)."""

    edit: bool = False
    delete: bool = False
    make_private: bool = False
    move: bool = False  # to another ticket


class Block(msgspec.Struct):
    """What stands in the thread: a `message` or `note`, a run of `events`, or a `fold` of earlier blocks."""

    kind: str
    entry: Entry | None = None
    address: str = ""  # of the pages about a message
    shown: Shown | None = None
    entries: list[Entry] = []
    blocks: list["Block"] = []
    by_staff: bool = False
    is_last: bool = False
    is_new: bool = False  # since the reader was here
    opens_new: bool = False  # the first of these
    is_long: bool = False
    remote: str = ""  # why its pictures from elsewhere are shown: "once" or "always"
    may_trust: bool = False  # its author can be trusted with these
    came_by_mail: bool = False
    has_mails: bool = False  # mails about it that are still remembered
    deliveries: list[Delivery] = []  # those among them that people look for on the message
    allowed: Allowed = Allowed()
    shows_earlier: bool = False  # what messages were before they were corrected

    @property
    def messages(self) -> int:
        """Of a fold."""
        return sum(block.kind in {"message", "note"} for block in self.blocks)


def blocks(
    request: StaffRequest, ticket_id: int, history: Conversation, *, seen: int | None = None, remote: bool = True
) -> list[Block]:
    """A part of a history; a fixed number of statements, however long it is.

    `seen` is the last entry that the reader has seen. Without `remote`, pictures from elsewhere are held back.
    """
    pictures = _Pictures(request, history) if remote else None
    ids = [entry.id for entry in history.entries if entry.has_message]
    mails = outbox.mails_of(ids, now=forms.now())
    came = inbound_mails.verdicts_of(ids)
    named = mentions.of_updates(ids, request.reference) if any(entry.is_private for entry in history.entries) else {}
    shows_earlier = access.may(request.staff, access.SEE_CORRECTED)
    found: list[Block] = []
    for entry in history.entries:
        if not entry.has_message:
            if found and found[-1].kind == "events":
                found[-1].entries.append(entry)
            else:
                found.append(Block("events", entries=[entry], shows_earlier=shows_earlier))
            continue
        why = pictures.reason(entry, came.get(entry.id, "")) if pictures else ""
        shown = display.shown(entry.html, file_address, with_remote_images=bool(why))
        if entry.is_private and entry.id in named:
            shown = msgspec.structs.replace(shown, html=marked(shown.html, named[entry.id]))
        own = (entry.author_type, entry.author_id) == ("staff", request.staff.id)
        found.append(
            Block(
                "note" if entry.is_private else "message",
                entry=entry,
                address=f"/inbox/ticket/{ticket_id}/message/{entry.id}/",
                shown=shown,
                remote=why,
                may_trust=_is_trustworthy(entry, came.get(entry.id, "")),
                is_new=seen is not None and entry.id > seen and not own,
                is_long=len(entry.text) > LONG_TEXT or entry.text.count("\n") > LONG_LINES,
                by_staff=entry.author_type != "user",
                came_by_mail=entry.id in came,
                has_mails=entry.id in mails,
                deliveries=[one for one in mails.get(entry.id, []) if _is_looked_for(one, entry)],
                allowed=allowed(request.staff, entry),
                shows_earlier=shows_earlier,
            )
        )
    said = [block for block in found if block.kind != "events"]
    if said:
        said[-1].is_last = True
    fresh = next((block for block in said if block.is_new), None)
    if fresh:
        fresh.opens_new = True
    return _folded(found)


class _Pictures:
    """Whether pictures from elsewhere are shown: of the message that was asked for, and of addresses one trusts."""

    def __init__(self, request: StaffRequest, history: Conversation) -> None:
        self.asked = request.GET.get("images", "")
        addresses = {entry.author_email for entry in history.entries if entry.author_email and "<img" in entry.html}
        self.trusted = reading.trusted_images(addresses, request.staff.id)

    def reason(self, entry: Entry, verdict: str) -> str:
        if self.asked == str(entry.id):
            return "once"
        trusted = (entry.author_email or "").casefold() in self.trusted
        return "always" if trusted and "<img" in entry.html and _is_trustworthy(entry, verdict) else ""


def _is_trustworthy(entry: Entry, verdict: str) -> bool:
    """Whether it is from the address it names, as far as anybody knows."""
    return entry.author_type == "user" and bool(entry.author_email) and verdict != "fail"


def allowed(person: StaffMember, entry: Entry) -> Allowed:
    def may(*codes: str) -> bool:
        return all(access.may(person, code) for code in codes)

    edits = may(*access.codes_to_correct(person, entry, edits=True, files=False))
    return Allowed(
        edit=edits,
        delete=may(*access.codes_to_correct(person, entry, edits=False, files=bool(entry.files))),
        make_private=edits and not entry.is_private and not entry.opens and entry.author_type != "user",
        move=entry.author_type == "user" and not entry.opens and may("split_tickets"),
    )


def _is_looked_for(one: Delivery, entry: Entry) -> bool:
    """What went to people outside, and an acknowledgement that did not arrive. A mail is called back when its message
    is made private: that is no failure."""
    if entry.is_private and one.kind != _Kind.FORWARD:
        return False
    return one.kind in _TO_OTHERS or (one.kind == _Kind.ACKNOWLEDGEMENT and has_failed(one))


def has_failed(one: Delivery) -> bool:
    return bool(one.refused) or one.state in {State.DEAD, State.BOUNCED}


def _folded(found: list[Block]) -> list[Block]:
    """The first message and the last ones stay open; those between stand behind one line."""
    at = [n for n, block in enumerate(found) if block.kind != "events"]
    if len(at) <= FOLD_AT:
        return found
    fresh = next((n for n, block in enumerate(found) if block.is_new), len(found))
    first, last = at[0] + 1, min(at[-LEFT_OPEN], fresh)
    if last <= first:
        return found
    return [*found[:first], Block("fold", blocks=found[first:last]), *found[last:]]


def shows_remote(found: list[Block]) -> bool:
    """Whether the page has pictures from elsewhere, which its policy must let through."""
    return any(block.remote or shows_remote(block.blocks) for block in found)


def file_address(attachment_id: int) -> str:
    return f"/inbox/file/{attachment_id}/"


def message(ticket_id: int, update_id: int) -> Entry:
    """A message that can be looked at or corrected. Raises NotFound."""
    entry = conversation.one(ticket_id, update_id)
    if not entry.has_message:
        raise NotFound
    return entry
