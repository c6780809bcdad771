"""Editing, deleting and making private a message that was written (observed.md §2).

The update keeps what readers see now. What stood there goes to UpdateRevision, and a new entry of the history says who
did what to which update. Nothing is undone: what was hidden is never shown again.

* **Editing** puts another text in the place of the message, takes files from it, or both. It is undone by another edit.
* **Deleting** leaves the entry without its message: text, subject, addresses and files are gone, from the search too.
  What else the entry changed stays, and so does `messages_count`: words of later messages are found by their number.
* **Moving** to another ticket takes the message from this one as deleting does; see actions/splitting.
* **Making private** hides a message of staff from the contact. A contact's own message cannot be hidden from them.

The ticket is then what it would be without what was hidden: `first_message`, the number of files, who spoke last, the
last replies of staff and contact, with these `unresponded`, and what reports count. Clocks follow that from now on; a
breach stays one.

Mails about a deleted message that have not left are cancelled, also those of a message made private, except to staff.
Mails about an edited one leave as it reads then.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType

from reynard.desk import db, records
from reynard.desk.actions import activity, changes, checks, counters, indexing, inline_uploads, outbox
from reynard.desk.actions.changes import Author, Entry, Wanted
from reynard.desk.errors import NOT_A_CHOICE, NotFound, NothingToUpdate, Problems
from reynard.desk.files import IncomingFile
from reynard.desk.models import Attachment, MessageSource, RevisionFile, Update, UpdateRevision
from reynard.desk.rules import inline_images
from reynard.desk.rules import tickets as rules
from reynard.desk.rules.history import Correction
from reynard.desk.rules.messages import Message
from reynard.desk.selectors import access
from reynard.desk.selectors.reference import Reference, StaffMember

_Kind = UpdateRevision.Kind
_Type = Update.MessageType


class Edit(msgspec.Struct, kw_only=True):
    """What to put in the place of a message, None to leave it, and the ids of files to take from it."""

    staff: int | UnsetType = UNSET
    message: Message | None = None
    remove_files: Sequence[int] = ()


class Hiding(msgspec.Struct, kw_only=True):
    staff: int | UnsetType = UNSET
    withdraws: bool = False  # one's own message that nobody has been sent takes no permission


def edit_message(
    number: int,
    given: Edit,
    *,
    update_id: int,
    reference: Reference,
    now: datetime,
    problems: Problems | None = None,
    expected_versions: frozenset[int] | None = None,
) -> None:
    """Put another text in the place of a message, or take files from it.

    Raises NotFound (also: no such update of this ticket), Changed, Invalid, NothingToUpdate.
    """
    problems = problems or Problems()
    with db.write():
        target = Target(number, update_id, expected_versions, reference, problems)
        author = target.author(given.staff, edits=True, files=bool(given.remove_files))
        removed = target.files_named(given.remove_files)
        kept = [file for file in target.files if file not in removed]
        checks.require_message(given.message is not None or bool(given.remove_files), problems)
        if given.message is None and removed and not kept and not target.update.text.strip():
            problems.add("remove_files", "Nothing would be left of this message. Delete it instead.")
        images = inline_uploads.used_in(given.message, [incoming(file) for file in kept], problems, now=now)
        problems.raise_if_any()
        assert author is not None
        html = inline_images.keep_as_read(given.message.html, [file.id for file in kept]) if given.message else ""
        if not (removed or images) and given.message is not None and target.reads(given.message.text, html):
            raise NothingToUpdate
        revision = target.set_aside(removed)
        fresh = changes.attach(target.update, list(images.values())) if images else []
        if given.message is not None:
            html = inline_images.keep(html, dict(zip(images, fresh, strict=True)))
            target.write(given.message, html)
        target.update.edited_at = now
        target.finish(_Kind.EDITED, revision, author, files=len(kept) + len(fresh), now=now)


def take_edit_back(number: int, update_id: int, *, staff: int, reference: Reference, now: datetime) -> None:
    """Edit a message so that it reads as before its last edit; files that were taken from it stay away.

    Raises NotFound, Invalid, NothingToUpdate (the last thing done to it was no edit).
    """
    with db.write():
        checks.lock_ticket(number, None, reference)
        known = UpdateRevision.objects.filter(update_id=update_id, update__ticket_id=number)
        last = known.order_by("-id").first()
        if last is None or last.kind != _Kind.EDITED:
            raise NothingToUpdate
        before = Message(last.text, last.html, last.source_html)
        edit_message(number, Edit(staff=staff, message=before), update_id=update_id, reference=reference, now=now)


def delete_message(
    number: int,
    given: Hiding,
    *,
    update_id: int,
    reference: Reference,
    now: datetime,
    problems: Problems | None = None,
    expected_versions: frozenset[int] | None = None,
) -> None:
    """Take the message from an entry, with its files. Raises NotFound, Changed, Invalid."""
    problems = problems or Problems()
    with db.write():
        target = Target(number, update_id, expected_versions, reference, problems)
        author = target.author(given.staff, edits=False, files=bool(target.files), withdraws=given.withdraws)
        problems.raise_if_any()
        assert author is not None
        target.empty(_Kind.DELETED, author, "The message was deleted.", now=now)


def make_private(
    number: int,
    given: Hiding,
    *,
    update_id: int,
    reference: Reference,
    now: datetime,
    problems: Problems | None = None,
    expected_versions: frozenset[int] | None = None,
) -> None:
    """Hide a message of staff from the contact. Raises NotFound, Changed, Invalid, NothingToUpdate (it is private)."""
    problems = problems or Problems()
    with db.write():
        target = Target(number, update_id, expected_versions, reference, problems)
        author = target.author(given.staff, edits=True, files=False)
        if target.update.author_type == Update.Author.CONTACT or target.is_first:
            problems.add("update", "Only messages of staff can be made private.")
        problems.raise_if_any()
        assert author is not None
        if target.update.message_type == _Type.PRIVATE:
            raise NothingToUpdate
        revision = target.set_aside([])
        target.update.message_type = _Type.PRIVATE
        outbox.cancel(target.update, "The message was made private.", now=now, to_staff=False)
        target.finish(_Kind.MADE_PRIVATE, revision, author, files=len(target.files), now=now)


class Target:
    """A message to be corrected, with its ticket, which is locked. Raises NotFound, Changed."""

    def __init__(
        self,
        number: int,
        update_id: int,
        expected_versions: frozenset[int] | None,
        reference: Reference,
        problems: Problems,
    ) -> None:
        self.ticket = checks.lock_ticket(number, expected_versions, reference)
        update = records.load(Update, "id = %s AND ticket_id = %s", [update_id, self.ticket.id])
        if update is None:
            raise NotFound
        if update.message_type == _Type.NONE:
            problems.add("update", "This update has no message.")
        if update.message_type == _Type.DELETED:
            problems.add("update", "The message of this update was deleted.")
        self.update = update
        self.files = list(Attachment.objects.filter(update_id=update.id).order_by("id"))
        self.reference = reference
        self.problems = problems
        self._first_id = Update.objects.filter(ticket_id=self.ticket.id).order_by("id").values_list("id", flat=True)[0]
        self._was_public = update.message_type == _Type.PUBLIC
        self._found_before: indexing.Searchable = (update.text, [file.filename for file in self.files])

    @property
    def is_first(self) -> bool:
        return self._first_id == self.update.id

    def author(
        self, staff_id: int | UnsetType, *, edits: bool, files: bool, withdraws: bool = False
    ) -> StaffMember | None:
        """Who corrects; adds problems about them."""
        person = checks.acting_staff(staff_id, self.reference, self.problems)
        if withdraws:
            return person
        codes = access.codes_to_correct(person, self.update, edits=edits, files=files)
        access.demand(person, codes, self.problems)
        return person

    def files_named(self, ids: Collection[int]) -> list[Attachment]:
        found = [file for file in self.files if file.id in ids]
        if len(found) < len(set(ids)):
            self.problems.add("remove_files", NOT_A_CHOICE)
        return found

    def reads(self, text: str, html: str) -> bool:
        return (self.update.text, self.update.html) == (text, html)

    def set_aside(self, files: Sequence[Attachment]) -> UpdateRevision:
        """Note what the message is (to be saved by `finish`), and take these files from it."""
        update = self.update
        source = MessageSource.objects.filter(update_id=update.id).values_list("html", flat=True).first()
        if files:
            Attachment.objects.filter(id__in=[file.id for file in files]).delete()
        return UpdateRevision(
            update_id=update.id,
            message_type=update.message_type,
            text=update.text,
            html=update.html,
            source_html=source,
            subject=update.subject,
            cc=update.cc,
            bcc=update.bcc,
            forward_to=update.forward_to,
        )

    def empty(
        self,
        kind: UpdateRevision.Kind,
        author: StaffMember,
        reason: str,
        *,
        now: datetime,
        wanted: Wanted | None = None,
        moved_to: int | None = None,
    ) -> None:
        """Take the message away, with its files and its mails that have not left, for a `reason`."""
        revision = self.set_aside(self.files)
        update = self.update
        update.message_type, update.text, update.html, update.subject = _Type.DELETED, "", "", ""
        update.cc, update.bcc, update.forward_to = "", "", None
        outbox.cancel(update, reason, now=now)
        self.finish(kind, revision, author, files=0, now=now, wanted=wanted, moved_to=moved_to)

    def write(self, message: Message, html: str) -> None:
        self.update.text, self.update.html = message.text, html
        MessageSource.objects.filter(update_id=self.update.id).delete()
        if message.source_html is not None:
            MessageSource.objects.create(update_id=self.update.id, html=message.source_html)

    def finish(
        self,
        kind: UpdateRevision.Kind,
        revision: UpdateRevision,
        author: StaffMember,
        *,
        files: int,
        now: datetime,
        wanted: Wanted | None = None,
        moved_to: int | None = None,
    ) -> None:
        """Write the message and all that depends on it, the entry that says so, and the revision."""
        ticket, update = self.ticket, self.update
        place = counters.place_of(ticket)
        ticket.attachments_count += files - update.attachments_count
        update.attachments_count = files
        records.update(update, *_CORRECTED)
        if update.message_type == _Type.DELETED:
            MessageSource.objects.filter(update_id=update.id).delete()
        if self.is_first:
            ticket.first_message = update.text
        if self._was_public and kind is not _Kind.EDITED:
            self._recall_replies()
        said = changes.apply(ticket, wanted or Wanted(), self.reference)
        said.correction, said.moved_to = Correction(update.id, str(kind)), moved_to
        entry = changes.record(
            ticket,
            said,
            Entry(author=Author.staff(author)),
            rules.CORRECTION,
            self.reference,
            place_before=place,
            moment=now,
            now=now,
        )
        if kind is not _Kind.EDITED:
            activity.remake([ticket.id], self.reference)
        self._index()
        revision.kind, revision.correction_id = kind, entry.id
        revision.save(force_insert=True)
        RevisionFile.objects.bulk_create(
            RevisionFile(revision_id=revision.id, attachment_id=file.id, **msgspec.structs.asdict(incoming(file)))
            for file in self.files
        )

    def _recall_replies(self) -> None:
        """Who spoke last and when, of the public messages that are left. The first one counts as the contact's."""
        ticket = self.ticket
        newest: dict[bool, tuple[int, datetime]] = {}
        public = Update.objects.filter(ticket_id=ticket.id, message_type=_Type.PUBLIC).order_by("-id")
        for id, author_type, moment in public.values_list("id", "author_type", "created_at"):
            by_contact = id == self._first_id or author_type == Update.Author.CONTACT
            newest.setdefault(by_contact, (id, moment))
        contact_id, ticket.last_contact_reply_at = newest.get(True, (0, None))
        staff_id, ticket.last_staff_reply_at = newest.get(False, (0, None))
        ticket.last_staff_message_id = staff_id or None
        ticket.contact_spoke_last = contact_id > staff_id

    def _index(self) -> None:
        if self.ticket.index_generation != self.reference.search_generation:
            return  # the ticket comes into the index whole, by reindexing
        names = Attachment.objects.filter(update_id=self.update.id).order_by("id").values_list("filename", flat=True)
        indexing.change_message(self.ticket, self.update.id, self._found_before, (self.update.text, list(names)))


_CORRECTED = "message_type text html subject cc bcc forward_to attachments_count edited_at".split()


def incoming(file: Attachment) -> IncomingFile:
    return IncomingFile(sha256=file.sha256, filename=file.filename, content_type=file.content_type, size=file.size)
