"""What must leave the desk: written in the transaction of what caused it, sent later, and kept."""

from django.db import models
from django.db.models import Index, Q

from reynard.desk.models.tickets import Ticket, Update

_WAITING = Q(done_at__isnull=True, dead_at__isnull=True)


class OutboxEntry(models.Model):
    """One mail to one kind of audience about one entry of a ticket's history. Written by actions/outbox only.

    Whoever sends claims a waiting entry by `leased_until`, and marks it done, or puts it off with `next_try_at`, or
    gives it up as dead. A crash may send it twice, always with the same `message_id`.
    """

    class Kind(models.TextChoices):
        ACKNOWLEDGEMENT = "acknowledgement"  # to the contact: we have your request
        MESSAGE = "message"  # the message itself, to the contact and to copies
        FORWARD = "forward"
        STAFF = "staff"  # to staff: something happened on a ticket of yours

    kind = models.CharField(max_length=15, choices=Kind)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, db_index=False, related_name="outbox")
    update = models.ForeignKey(Update, on_delete=models.PROTECT, db_index=False, related_name="outbox")
    recipients = models.JSONField()  # {"to": [addresses], "cc": [...], "bcc": [...]}
    options = models.JSONField(default=dict)  # what the kind needs besides the update, e.g. what a forward quotes
    message_id = models.CharField(max_length=100)  # the part before the @
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True, default="")
    done_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [Index(fields=["next_try_at", "id"], condition=_WAITING, name="outbox_waiting")]
        constraints = [
            models.UniqueConstraint(fields=["update", "kind"], name="outbox_one_of_a_kind"),
            models.CheckConstraint(condition=Q(done_at__isnull=True) | Q(dead_at__isnull=True), name="outbox_one_end"),
        ]


class AutomaticMail(models.Model):
    """That one automatic mail may leave, counted against a budget; kept for a day. Written by actions/mail_budgets."""

    entry_id = models.PositiveBigIntegerField()  # of the outbox
    key = models.CharField(max_length=270)  # "contact:<address>", "staff:<address>" or "ticket:<number>"
    granted_at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [Index(fields=["key", "granted_at"], name="automatic_mail_key")]
        constraints = [models.UniqueConstraint(fields=["entry_id", "key"], name="automatic_mail_once")]
