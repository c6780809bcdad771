"""Django's way to send a mail, which django-allauth takes: here it writes an entry of the outbox.

The mail leaves when the transaction is committed and a worker comes by; no request waits for a mail server.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from reynard.desk.actions import desk_mails


class OutboxBackend(BaseEmailBackend):
    """For mails to staff about their accounts: plain text, to one address after the other."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        now = datetime.now(UTC)
        for message in email_messages:
            for address in message.recipients():
                desk_mails.about_account(address, subject=str(message.subject), text=str(message.body), now=now)
        return len(email_messages)
