"""What must leave the desk: written in the transaction of what caused it, sent later, and kept."""

from django.db import models
from django.db.models import Index, Q

from reynard.desk.models.tickets import Ticket, Update
from reynard.desk.models.webhooks import Webhook

_WAITING = Q(done_at__isnull=True, dead_at__isnull=True)
_OF_WEBHOOK = Q(webhook__isnull=False)
_DEAD = Q(dead_at__isnull=False)
_OF_NO_TICKET = Q(kind__in=["account", "warning"])


class OutboxEntry(models.Model):
    """One thing that must leave, over one channel: a mail to one kind of audience, or one delivery of a webhook.

    Written by actions/outbox; whoever sends uses actions/deliveries, which claims a waiting entry by a lease, and
    marks it done, or puts it off, or gives it up as dead. A crash may send it twice, always with the same
    `message_id`. A leased entry's `next_try_at` is the end of its lease: what is due can be claimed.
    """

    class Channel(models.TextChoices):
        MAIL = "mail"
        WEBHOOK = "webhook"

    class Kind(models.TextChoices):
        ACKNOWLEDGEMENT = "acknowledgement"  # to the contact: we have your request
        MESSAGE = "message"  # the message itself, to the contact and to copies
        FORWARD = "forward"
        STAFF = "staff"  # to staff: something happened on a ticket of yours
        ACCOUNT = "account"  # to a member of staff: something about signing in; of no ticket, as the next
        WARNING = "warning"  # to administrators: something does not work

    channel = models.CharField(max_length=10, choices=Channel, default=Channel.MAIL)
    kind = models.CharField(max_length=15, choices=Kind)
    webhook = models.ForeignKey(Webhook, null=True, on_delete=models.PROTECT, db_index=False, related_name="deliveries")
    ticket = models.ForeignKey(Ticket, null=True, on_delete=models.PROTECT, db_index=False, related_name="outbox")
    update = models.ForeignKey(Update, null=True, on_delete=models.PROTECT, db_index=False, related_name="outbox")
    lane = models.CharField(max_length=60, null=True)  # entries of one lane leave one at a time, in order of ids
    recipients = models.JSONField(default=dict)  # of a mail: {"to": [addresses], "cc": [...], "bcc": [...]}
    options = models.JSONField(default=dict)  # what the kind needs besides the update, e.g. what a forward quotes, or
    # all that a mail of no ticket says
    message_id = models.CharField(max_length=100)  # the part before the @
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # given up when it has not left by then
    next_try_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)  # begun, the present one included
    leased_until = models.DateTimeField(null=True)
    leased_by = models.CharField(max_length=32, blank=True, default="")  # a mark of the claim; "" while there is none
    last_error = models.TextField(blank=True, default="")
    answers = models.JSONField(default=dict)  # {address: ""} accepted, {address: "550 …"} refused for good
    bounced_at = models.DateTimeField(null=True)  # when a mail last told that it did not arrive; `answers` has why
    done_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            Index(fields=["channel", "next_try_at", "id"], condition=_WAITING, name="outbox_waiting"),
            Index(
                fields=["webhook", "next_try_at", "id"], condition=_WAITING & _OF_WEBHOOK, name="outbox_webhook_waiting"
            ),
            Index(fields=["webhook", "id"], condition=_OF_WEBHOOK, name="outbox_webhook"),
            Index(fields=["webhook", "id"], condition=_OF_WEBHOOK & _DEAD, name="outbox_webhook_dead"),
            Index(fields=["lane", "id"], condition=_WAITING & Q(lane__isnull=False), name="outbox_lane"),
            Index(fields=["ticket", "id"], name="outbox_ticket"),
            Index(fields=["message_id"], name="outbox_message_id"),
            Index(fields=["bounced_at"], condition=Q(bounced_at__isnull=False), name="outbox_bounced"),
            Index(fields=["done_at"], condition=Q(done_at__isnull=False), name="outbox_done"),
            Index(fields=["dead_at"], condition=Q(dead_at__isnull=False), name="outbox_dead"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["update", "kind"], condition=Q(channel="mail"), name="outbox_one_of_a_kind"
            ),
            models.UniqueConstraint(fields=["message_id"], condition=Q(kind="warning"), name="outbox_one_warning"),
            models.CheckConstraint(
                condition=Q(update__isnull=False) | ~Q(channel="mail") | _OF_NO_TICKET, name="outbox_mail_has_update"
            ),
            models.CheckConstraint(condition=Q(ticket__isnull=False) | _OF_NO_TICKET, name="outbox_has_ticket"),
            models.CheckConstraint(
                condition=Q(channel="webhook") | Q(webhook__isnull=True), name="outbox_mail_has_no_webhook"
            ),
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
