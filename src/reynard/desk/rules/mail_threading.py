"""What becomes of a mail that arrived: which ticket it joins, and as what, as one table (docs/mail.md).

A mail names a ticket in three ways, which count in this order: a genuine reply address (rules/reply_address), an id of
an earlier mail that it answers, the token in its subject. Naming one is not enough: its sender must be on that ticket.
A mail that may not join opens a ticket of its own, where nobody but its sender is told anything; one that pretends to
be somebody else's is held until a person decides.
"""

import enum
from collections.abc import Sequence

import msgspec

from reynard.desk.rules.mail_verdict import Result


class Way(enum.Enum):
    """How a mail names a ticket; the most certain one first."""

    REPLY_ADDRESS = "It was sent to the reply address of {ticket}"
    REFERENCE = "It answers a mail of {ticket}"
    TOKEN = "Its subject names {ticket}"  # noqa: S105


class Standing(enum.Enum):
    """What the sender has to do with a ticket."""

    CONTACT = "by its contact"
    PARTICIPANT = "by somebody who has had copies of it"
    COLLEAGUE = "by a colleague of its contact"
    CONSULTED = "by somebody to whom it was forwarded"
    STRANGER = "by somebody who is not on it"


class Automation(enum.Enum):
    NONE = enum.auto()
    LIKELY = enum.auto()  # people should read it, and no program should answer it
    REPLY = enum.auto()  # a program says that it answered by itself
    OTHER = enum.auto()  # a program says that it wrote this, or many people get it


class Claim(msgspec.Struct, frozen=True):
    """A ticket that a mail names; `shown` is its number as people see it."""

    way: Way
    ticket: int
    shown: str
    standing: Standing
    note: bool = False  # by a reply address for private notes
    for_staff: bool = False  # the sender is staff who may see this ticket

    @property
    def words(self) -> str:
        return self.way.value.format(ticket=f"ticket {self.shown}")


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to know about a mail. Texts say, when they are not empty, that something is so and why."""

    duplicate: str = ""
    bounce: str = ""  # it reports on a mail of ours
    foreign_bounce: str = ""  # it reports on a mail that is none of ours
    own_mail: str = ""  # it is a mail of ours
    own_forward: str = ""  # the same, and it was forwarded to an address of the desk by a person
    loop: str = ""
    no_author: str = ""  # it does not say who wrote it, or says it twice
    own_author: str = ""  # it says that an address of the desk wrote it
    too_many: str = ""
    author: str = ""  # an address
    verdict: Result = Result.NONE
    verdict_reason: str = ""
    is_staff: bool = False  # the author's address belongs to active staff
    to_note_address: bool = False  # of the mailbox; whoever uses a reply address for notes has a claim that says so
    automation: Automation = Automation.NONE
    automation_reason: str = ""
    claims: Sequence[Claim] = ()  # in the order of `Way`


class Outcome(enum.Enum):
    CONTACT_REPLY = enum.auto()
    CONSULTED_REPLY = enum.auto()  # for staff to read: what somebody outside answered to a forward
    AUTOMATIC_REPLY = enum.auto()  # joins the ticket without being told to anybody
    STAFF_REPLY = enum.auto()
    NOTE = enum.auto()
    NEW_TICKET = enum.auto()
    HELD = enum.auto()  # a person decides
    DUPLICATE = enum.auto()
    BOUNCE = enum.auto()
    IGNORED = enum.auto()


class Decision(msgspec.Struct, frozen=True):
    """`reason` is for people. `suggested` is a ticket that the mail names and did not join."""

    outcome: Outcome
    reason: str
    ticket: int | None = None
    suggested: int | None = None


def decide(facts: Facts) -> Decision:
    return (
        _not_for_people(facts)
        or _of_unclear_author(facts)
        or (_of_staff(facts) if facts.is_staff else _of_others(facts))
    )


_FIRST = (
    ("duplicate", Outcome.DUPLICATE),
    ("bounce", Outcome.BOUNCE),
    ("foreign_bounce", Outcome.IGNORED),
    ("own_forward", Outcome.HELD),
    ("own_mail", Outcome.IGNORED),
    ("loop", Outcome.IGNORED),
)


def _not_for_people(facts: Facts) -> Decision | None:
    found = ((outcome, getattr(facts, name)) for name, outcome in _FIRST)
    return next((Decision(outcome, reason) for outcome, reason in found if reason), None)


def _of_unclear_author(facts: Facts) -> Decision | None:
    reason = facts.no_author or facts.own_author or facts.too_many
    return _hold(reason, facts.claims) if reason else None


# --- staff


def _of_staff(facts: Facts) -> Decision:
    if facts.verdict is not Result.PASS:
        return _of_unproven_staff(facts)
    if facts.automation is Automation.REPLY:
        return Decision(Outcome.IGNORED, f"An automatic reply of a member of staff. {facts.automation_reason}")
    for claim in facts.claims:
        note = claim.note or facts.to_note_address
        if claim.standing is Standing.CONTACT and not note:
            return _join(Outcome.CONTACT_REPLY, claim)
        if claim.for_staff and facts.automation is Automation.NONE:
            return _join(Outcome.NOTE if note else Outcome.STAFF_REPLY, claim, "by a member of staff")
    if facts.claims and facts.automation is not Automation.NONE:
        return _hold(f"A program may have written it for a member of staff. {facts.automation_reason}", facts.claims)
    if facts.claims:
        return _hold(f"{facts.claims[0].words}, by a member of staff who may not see it.", facts.claims)
    if facts.to_note_address:
        return _hold("It was sent to the address for private notes, and names no ticket.", ())
    return Decision(Outcome.NEW_TICKET, "It names no ticket.")


def _of_unproven_staff(facts: Facts) -> Decision:
    """Somebody who says that they work here, which nothing proves: at most what anybody may do."""
    if facts.verdict is Result.NONE and not facts.to_note_address:
        for claim in facts.claims:
            if claim.standing in _ON_IT and not claim.note:
                return _join_as_contact(claim, facts)
        if not facts.claims:
            return Decision(Outcome.NEW_TICKET, "It names no ticket.")
    reason = f"Its author is a member of staff, which nothing proves. {facts.verdict_reason}"
    return _hold(reason.rstrip(), facts.claims)


# --- everybody else

_ON_IT = {Standing.CONTACT, Standing.PARTICIPANT}


def _of_others(facts: Facts) -> Decision:
    noting = [claim for claim in facts.claims if claim.note]
    if noting or facts.to_note_address:
        return _hold("It was sent to an address for private notes, which are for staff.", noting or facts.claims)
    allowed = [claim for claim in facts.claims if _may_join(claim, facts.verdict)]
    if allowed and facts.verdict is Result.FAIL:
        return _hold(f"{allowed[0].words}, and is forged. {facts.verdict_reason}", allowed)
    if allowed:
        return _join_as_contact(allowed[0], facts)
    if facts.automation is Automation.REPLY:
        return Decision(
            Outcome.IGNORED,
            f"An automatic reply to nothing that its sender may answer. {facts.automation_reason}",
            suggested=_suggested(facts.claims),
        )
    return Decision(Outcome.NEW_TICKET, _why_new(facts), suggested=_suggested(facts.claims))


def _may_join(claim: Claim, verdict: Result) -> bool:
    """A colleague is one of many, and tokens can be guessed: together they need a proof of who it is."""
    if claim.standing is Standing.COLLEAGUE:
        return claim.way is not Way.TOKEN or verdict is not Result.NONE
    return claim.standing is not Standing.STRANGER


def _why_new(facts: Facts) -> str:
    warning = f" {facts.verdict_reason}" if facts.verdict is Result.FAIL else ""
    if not facts.claims:
        return f"It names no ticket.{warning}"
    claim = facts.claims[0]
    unsure = "by a colleague of its contact, which nothing proves"
    return f"{claim.words}, {unsure if claim.standing is Standing.COLLEAGUE else claim.standing.value}.{warning}"


def _join_as_contact(claim: Claim, facts: Facts) -> Decision:
    if facts.automation is Automation.REPLY:
        return _join(Outcome.AUTOMATIC_REPLY, claim, f"by a program. {facts.automation_reason}")
    if claim.standing is Standing.CONSULTED:
        return _join(Outcome.CONSULTED_REPLY, claim)
    return _join(Outcome.CONTACT_REPLY, claim)


def _join(outcome: Outcome, claim: Claim, who: str = "") -> Decision:
    reason = f"{claim.words}, {who or claim.standing.value}"
    return Decision(outcome, reason if reason.endswith(".") else f"{reason}.", ticket=claim.ticket)


def _hold(reason: str, claims: Sequence[Claim]) -> Decision:
    return Decision(Outcome.HELD, reason, suggested=_suggested(claims))


def _suggested(claims: Sequence[Claim]) -> int | None:
    return claims[0].ticket if claims else None
