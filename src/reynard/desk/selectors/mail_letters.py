"""What a mail says: its headers and its body, for each kind of entry of the outbox.

People's own mails (replies, forwards) read like any person's: nothing but the message and what it answers. Automatic
ones (acknowledgements, mails to staff) say that they are (RFC 3834). What staff write for each other stands in mails
to staff, and in forwards whose author wanted it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import msgspec
from django.conf import settings

from reynard.desk.mime import Body, Part
from reynard.desk.models import Attachment, OutboxEntry, Update
from reynard.desk.rules import (
    file_addresses,
    mail_bodies,
    mail_headers,
    mail_html,
    mail_subjects,
    mail_templates,
)
from reynard.desk.rules.history import Changes
from reynard.desk.rules.mail_addresses import Mailbox
from reynard.desk.rules.mail_bodies import File, Quote
from reynard.desk.rules.mail_templates import Block, Link, Value
from reynard.desk.rules.tickets import display_id
from reynard.desk.selectors import mail_files, mail_senders, mail_threads, mentions
from reynard.desk.selectors.mail_files import Load
from reynard.desk.selectors.mail_senders import Sender
from reynard.desk.selectors.reference import Reference

Kind = OutboxEntry.Kind
AUTOMATIC = frozenset({Kind.ACKNOWLEDGEMENT, Kind.STAFF})


class Recipients(msgspec.Struct, frozen=True):
    to: Sequence[Mailbox]
    cc: Sequence[Mailbox]
    bcc: Sequence[Mailbox]


class Words(msgspec.Struct, frozen=True):
    """What fills a template, and the files that go with it."""

    values: Mapping[str, Value]
    parts: Sequence[Part] = ()


class Letter:
    """One mail; the entry comes with its ticket, contact and update."""

    def __init__(self, entry: OutboxEntry, reference: Reference, sender: Sender) -> None:
        assert entry.ticket is not None
        assert entry.update is not None  # a constraint of the table
        self.entry, self.ticket, self.update = entry, entry.ticket, entry.update
        self.kind = Kind(entry.kind)
        self.reference, self.sender = reference, sender
        self.category = reference.categories[self.ticket.category_id]
        self.domain = mail_senders.message_domain(sender)
        self.by_contact = self.update.author_type == Update.Author.CONTACT
        self.changes = msgspec.json.decode(self.update.changes or "{}", type=Changes)

    @property
    def opens(self) -> bool:
        """Whether it is about the entry that opened the ticket."""
        return self.changes.status is not None and self.changes.status.old is None

    @property
    def starts_another(self) -> bool:
        """Whether an answer shall open a ticket of its own (tickets.md §15)."""
        return self.kind == Kind.FORWARD and bool(self.entry.options.get("replies_open_tickets", True))

    @property
    def page(self) -> str:
        """The address of the ticket's page; "" while nobody told the desk its own address."""
        return f"{settings.REYNARD_BASE_URL}/inbox/ticket/{self.ticket.id}/" if settings.REYNARD_BASE_URL else ""

    def write(self, recipients: Recipients) -> tuple[str, Body]:
        """The lines of the headers, and the body."""
        words = _WORDS[self.kind](self)
        template = self.reference.mail_templates[self.kind]
        rendered = mail_templates.render(template, {**self._common_values(), **words.values})
        text = mail_bodies.clean_text(rendered.text) + "\n"
        body = Body(text, mail_html.document(rendered.html), words.parts)
        return self._headers(self._subject(rendered.subject), recipients), body

    # --- headers

    def _headers(self, subject: str, recipients: Recipients) -> str:
        lines = [
            mail_headers.addresses("From", [self._from()]),
            *self._shown_recipients(recipients),
            mail_headers.addresses("Reply-To", [self._reply_to()]),
            mail_headers.text("Subject", subject),
            mail_headers.text("Date", format_datetime(self.entry.created_at)),
            *self._thread(),
            *(self._marks_of_a_program() if self.kind in AUTOMATIC else []),
        ]
        return "".join(lines)

    def _from(self) -> Mailbox:
        """The category; with the name of the contact where the desk passes on what the contact wrote."""
        own = self.sender.mailbox
        if self.kind == Kind.MESSAGE and self.by_contact:
            return Mailbox(f"{mail_headers.one_line(self.update.author_name, 60)} via {own.name}", own.address)
        return own

    def _shown_recipients(self, recipients: Recipients) -> list[str]:
        """Blind copies are in the envelope alone."""
        shown = {"To": recipients.to, "Cc": recipients.cc}
        lines = [mail_headers.addresses(name, boxes) for name, boxes in shown.items() if boxes]
        return lines or [mail_headers.words("To", ["undisclosed-recipients:;"])]

    def _reply_to(self) -> Mailbox:
        """Where an answer goes. One to a mail that only staff may read becomes a note, which they alone read."""
        if self.starts_another:
            return Mailbox(self.sender.mailbox.name, self.sender.replies)
        public = self.update.message_type == Update.MessageType.PUBLIC
        return self.sender.reply_to(self.ticket.id, note=self.kind == Kind.STAFF and not public)

    def _subject(self, subject: str) -> str:
        """With the token of the ticket where answers belong to it."""
        if self.starts_another:
            return mail_subjects.plain(subject)
        return mail_subjects.with_token(subject, self._display_id())

    def _thread(self) -> list[str]:
        thread = mail_threads.of_mail(self.entry)
        earlier = [self._header_id(id) for id in thread.ours]
        earlier += [f"<{thread.answered}>"] if thread.answered else []
        lines = [mail_headers.words("Message-ID", [self._header_id(self.entry.message_id)])]
        if earlier:
            lines += [mail_headers.words("In-Reply-To", earlier[-1:]), mail_headers.words("References", earlier)]
        return lines

    def _header_id(self, message_id: str) -> str:
        return f"<{message_id}@{self.domain}>"

    def _marks_of_a_program(self) -> list[str]:
        """What other programs, and people's filters, know an automatic mail by (RFC 3834, 2369, 2919)."""
        answers = self.kind == Kind.ACKNOWLEDGEMENT
        lines = [
            mail_headers.words("Auto-Submitted", ["auto-replied" if answers else "auto-generated"]),
            mail_headers.words("X-Auto-Response-Suppress", ["All"]),
            mail_headers.words("Precedence", ["bulk"]),
        ]
        if not answers:
            listed = Mailbox(self.category.name, f"category-{self.category.id}.{self.domain}")
            lines.append(mail_headers.addresses("List-Id", [listed]))
            lines += [mail_headers.words("List-Unsubscribe", [f"<{self.page}>"])] if self.page else []
        return lines

    # --- words

    def _display_id(self) -> str:
        return display_id(self.category.prefix, self.ticket.id)

    def _common_values(self) -> dict[str, Value]:
        return {
            "ticket.id": self._display_id(),
            "ticket.subject": mail_subjects.plain(self.ticket.subject),
            "category.name": self.category.name,
            "contact.name": self.ticket.contact.name,
            "author.name": self.update.author_name,
        }

    def acknowledgement(self) -> Words:
        return Words({})

    def message(self) -> Words:
        html, limits = self.update.html, mail_bodies.REPLY_LIMITS
        load = Load(self.domain, mail_files.of_update(self.update), mail_html.images_in(html))
        quotes = mail_threads.earlier_messages(self.update, limits, private=False, count=limits.messages + 1)
        subject = self.update.subject.strip() or self.ticket.subject
        values: dict[str, Value] = {
            "subject": mail_subjects.plain(subject) if self.opens else mail_subjects.answer(subject),
            "message": mail_bodies.message(
                self.update.text,
                mail_html.for_mail(html, load.content_ids, remote_images=not self.by_contact),
                author=self.update.author_name if self.by_contact else "",
            ),
            "attachments": self._links(load.too_large),
            "history": mail_bodies.history(quotes, _without_images, limits),
        }
        return Words(values, load.parts)

    def forward(self) -> Words:
        html, options, limits = self.update.html, self.entry.options, mail_bodies.FORWARD_LIMITS
        quotes = mail_threads.earlier_messages(
            self.update,
            limits,
            private=bool(options.get("private_notes")),
            count=limits.messages + 1 if options.get("all_messages", True) else 1,
        )
        named = mail_files.of_ticket(self.ticket.id, options.get("attachments", []))
        load = Load(self.domain, [*mail_files.of_update(self.update), *named], mail_html.images_in(html))
        load.add_images(mail_files.of_ticket(self.ticket.id, _images_in(quotes)))
        values: dict[str, Value] = {
            "subject": self.update.subject,
            "message": mail_bodies.message(self.update.text, mail_html.for_mail(html, load.content_ids)),
            "attachments": self._links(load.too_large),
            "history": mail_bodies.history(
                quotes, lambda quoted: mail_html.for_mail(quoted, load.content_ids), limits, oldest_first=True
            ),
        }
        return Words(values, load.parts)

    def staff(self) -> Words:
        contact = self.ticket.contact
        files = [File(file.filename, file.size) for file in mail_files.of_update(self.update)]
        assignee = self.reference.staff.get(self.ticket.assignee_id) if self.ticket.assignee_id else None
        return Words(
            {
                "contact": f"{contact.name} <{contact.email}>" if contact.email else contact.name,
                "event": self._event(),
                "changes": Block() if self.opens else mail_bodies.changes(self.changes, self.update.time_spent),
                "message": mail_bodies.excerpt(self.update.text, _without_images(self.update.html)),
                "attachments": mail_bodies.files(files, "Files:"),
                "ticket.status": self.reference.statuses[self.ticket.status_id].name,
                "ticket.priority": self.reference.priorities[self.ticket.priority_id].name,
                "ticket.assignee": assignee.name if assignee else "",
                "ticket.due_date": self.ticket.due_date.isoformat() if self.ticket.due_date else "",
                "ticket.url": Link(self.page),
            }
        )

    def _event(self) -> str:
        who = self.update.author_name or "The desk"
        if self.opens:
            return f"{who} opened this ticket."
        if self.changes.category:
            return f"{who} moved this ticket to {self.changes.category.new_name}."
        if self.update.message_type == Update.MessageType.PUBLIC:
            return f"{who} replied."
        if self.update.message_type == Update.MessageType.PRIVATE:
            named = mentions.of_updates([self.update.id], self.reference).get(self.update.id, [])
            also = " and ".join(person.name for person in named)
            return f"{who} wrote a private note and mentioned {also}." if named else f"{who} wrote a private note."
        return f"{who} changed this ticket."

    def _links(self, large: Sequence[Attachment]) -> Block:
        """Files a mail cannot carry: signed addresses, or names only while the desk does not know its own address."""
        base = settings.REYNARD_BASE_URL
        if not base:
            files = [File(file.filename, file.size) for file in large]
            return mail_bodies.files(files, "These files are too large for a mail. Ask for them if you need them:")
        until = self.entry.created_at + timedelta(days=settings.REYNARD_MAIL_LINK_DAYS)
        files = [File(file.filename, file.size, base + _path(file.id, until)) for file in large]
        day = until.astimezone(UTC).date().isoformat()
        return mail_bodies.files(files, f"These files are too large for a mail. You can fetch them until {day}:")


_WORDS: dict[OutboxEntry.Kind, Callable[[Letter], Words]] = {
    Kind.ACKNOWLEDGEMENT: Letter.acknowledgement,
    Kind.MESSAGE: Letter.message,
    Kind.FORWARD: Letter.forward,
    Kind.STAFF: Letter.staff,
}


def _without_images(html: str) -> str:
    return mail_html.for_mail(html, {})


def _images_in(quotes: Sequence[Quote]) -> list[int]:
    return [id for quote in quotes for id in mail_html.images_in(quote.html)]


def _path(attachment: int, until: datetime) -> str:
    return file_addresses.path(file_addresses.DOWNLOAD, attachment, int(until.timestamp()), settings.SECRET_KEY)
