"""What mails of the desk itself say: those that belong to no ticket, about an account or something that fails.

All of it stands in the entry, as plain text: `options` has "subject" and "text". What is about an account is sealed
there, as "sealed": it may hold a link that lets somebody in, and a copy of the database shall not.
"""

from collections.abc import Sequence
from email.utils import format_datetime

from reynard.desk import sealing
from reynard.desk.mime import Body
from reynard.desk.models import OutboxEntry
from reynard.desk.rules import mail_bodies, mail_headers, mail_html, messages
from reynard.desk.rules.mail_addresses import Mailbox
from reynard.desk.selectors import mail_senders
from reynard.desk.selectors.mail_senders import Sender

SEALED_FOR = "mails about accounts"


def write(entry: OutboxEntry, sender: Sender, to: Sequence[Mailbox]) -> tuple[str, Body]:
    """The lines of the headers, and the body. Raises sealing.Unreadable."""
    sealed = entry.options.get("sealed")
    text = mail_bodies.clean_text(sealing.unseal(sealed, SEALED_FOR) if sealed else entry.options["text"]) + "\n"
    domain = mail_senders.message_domain(sender)
    headers = [
        mail_headers.addresses("From", [sender.mailbox]),
        mail_headers.addresses("To", to),
        mail_headers.text("Subject", entry.options["subject"]),
        mail_headers.text("Date", format_datetime(entry.created_at)),
        mail_headers.words("Message-ID", [f"<{entry.message_id}@{domain}>"]),
        mail_headers.words("Auto-Submitted", ["auto-generated"]),
        mail_headers.words("X-Auto-Response-Suppress", ["All"]),
    ]
    return "".join(headers), Body(text, mail_html.document(mail_html.with_links(messages.text_to_html(text))))
