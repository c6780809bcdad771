"""Tickets, their history, and what hangs on them."""

from django.db import models
from django.db.models import Index, Q

from reynard.desk.models.catalog import Category, Priority, Status
from reynard.desk.models.people import ApiKey, Contact, Staff


def _deleted_index(name: str, *fields: str) -> Index:
    """An index of the tickets that are deleted, for those who follow the desk."""
    return Index(fields=[*fields], condition=Q(deleted_at__isnull=False), name=name)


def _list_index(name: str, *fields: str, where: Q | None = None) -> Index:
    """An index that a list can be read from without touching a ticket, of the tickets that are not deleted.

    SQLite counts an index as covering only when what its condition looks at is in it, too.
    """
    live = Q(deleted_at__isnull=True)
    return Index(fields=[*fields, "deleted_at"], condition=live & where if where else live, name=name)


class Ticket(models.Model):
    """One conversation with a contact: its present state, and the maintained facts that lists need.

    The primary key is the ticket number. Written by actions/changes and actions/tickets only.
    """

    subject = models.TextField()
    subject_key = models.CharField(max_length=100)  # casefolded beginning of the subject, for sorting
    first_message = models.TextField()
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, db_index=False)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, db_index=False)
    status = models.ForeignKey(Status, on_delete=models.PROTECT, db_index=False)
    priority = models.ForeignKey(Priority, on_delete=models.PROTECT, db_index=False)
    assignee = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, db_index=False)
    tags = models.TextField(blank=True, default="")  # comma-separated, in the order they were added
    due_date = models.DateField(null=True)
    time_spent = models.PositiveBigIntegerField(null=True)  # minutes; null until some was recorded
    custom_values = models.JSONField(default=dict)  # {"<field id>": value}, see rules/custom_fields
    source = models.CharField(max_length=40)
    visible_only_staff = models.BooleanField(null=True)

    messages_count = models.PositiveIntegerField(default=0)
    attachments_count = models.PositiveIntegerField(default=0)
    sla_breaches = models.PositiveIntegerField(default=0)
    contact_spoke_last = models.BooleanField(default=True)  # of the public messages
    unresponded = models.BooleanField(default=True)  # contact_spoke_last, and the status is pending (T-03)
    created_at = models.DateTimeField()
    last_contact_reply_at = models.DateTimeField(null=True)
    last_staff_reply_at = models.DateTimeField(null=True)
    last_updated_at = models.DateTimeField()
    last_modified_at = models.DateTimeField()
    last_completed_at = models.DateTimeField(null=True)  # last change to a completed status
    waiting_since = models.DateTimeField(null=True)  # this and the next four: counts for reports, see rules/activity
    staff_replies = models.PositiveIntegerField(default=0)
    contact_replies = models.PositiveIntegerField(default=0)
    completed_seconds = models.PositiveBigIntegerField(null=True)
    replies_to_completion = models.PositiveIntegerField(null=True)
    merged_to = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged")
    deleted_at = models.DateTimeField(null=True)

    version = models.PositiveIntegerField(default=1)  # raised by every write
    index_generation = models.PositiveIntegerField(default=1)  # of the search index it is in, see SearchState
    last_update_id = models.PositiveBigIntegerField(default=0)  # the history ends here for this version
    last_staff_message_id = models.PositiveBigIntegerField(null=True)  # public ones only (T-18)

    class Meta:
        indexes = [
            _list_index(
                "ticket_updated", "-last_updated_at", "-id", "status", "category", "unresponded", "priority", "assignee"
            ),
            _list_index("ticket_created", "-created_at", "-id"),
            _list_index("ticket_modified", "-last_modified_at", "-id"),
            _list_index("ticket_due", "due_date", "-id", where=Q(due_date__isnull=False)),
            _list_index("ticket_staff_replied", "last_staff_reply_at", where=Q(last_staff_reply_at__isnull=False)),
            _list_index(
                "ticket_contact_replied", "last_contact_reply_at", where=Q(last_contact_reply_at__isnull=False)
            ),
            _list_index("ticket_completed", "last_completed_at", where=Q(last_completed_at__isnull=False)),
            _list_index("ticket_breached", "id", "sla_breaches", where=Q(sla_breaches__gt=0)),
            _list_index("ticket_files", "id", "attachments_count", where=Q(attachments_count__gt=0)),
            _list_index("ticket_subject", "subject_key", "id"),
            _list_index("ticket_contact", "contact", "id"),
            _list_index("ticket_unresponded", "-last_updated_at", "-id", "unresponded", where=Q(unresponded=True)),
            _list_index("ticket_status_updated", "status", "-last_updated_at", "-id"),
            _list_index("ticket_category_updated", "category", "status", "-last_updated_at", "-id"),
            _list_index("ticket_status", "status", "id"),
            _list_index("ticket_category", "category", "id"),
            _list_index("ticket_priority", "priority", "id"),
            _list_index("ticket_assignee", "assignee", "id"),
            _list_index(  # what reports add up
                "ticket_figures",
                "assignee",
                "contact",
                "status",
                "completed_seconds",
                "replies_to_completion",
                "contact_replies",
                "time_spent",
                "id",
            ),
            _deleted_index("ticket_deleted", "last_update_id", "deleted_at"),
            _deleted_index("ticket_deleted_at", "deleted_at", "last_update_id"),
            _deleted_index("ticket_deleted_category", "category", "last_update_id", "deleted_at"),
        ]


class Update(models.Model):
    """One entry of a ticket's history; its id grows with time over the whole desk.

    Append-only, but for the content of messages: that is what readers see now. Correcting one adds an entry that says
    so, and keeps what stood here in UpdateRevision (actions/corrections).
    `changes` holds what changed, with the names as they were then: see rules/history.
    """

    class Author(models.TextChoices):
        CONTACT = "user"
        STAFF = "staff"
        SMART_RULE = "smartrule"
        SYSTEM = "system"

    class MessageType(models.TextChoices):
        NONE = "-"  # the entry only changes properties
        PUBLIC = "m"
        PRIVATE = "p"
        DELETED = "x"  # there was one, which still has its number in the search; its content is in UpdateRevision

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="updates", db_index=False)
    created_at = models.DateTimeField()
    author_type = models.CharField(max_length=9, choices=Author)
    author_id = models.PositiveBigIntegerField(null=True)
    author_name = models.TextField(blank=True, default="")
    author_email = models.TextField(null=True)
    message_type = models.CharField(max_length=1, choices=MessageType)
    text = models.TextField(blank=True, default="")
    html = models.TextField(blank=True, default="")  # cleaned; what came in is in MessageSource
    subject = models.TextField(blank=True, default="")
    cc = models.TextField(blank=True, default="")  # comma-separated addresses, like bcc
    bcc = models.TextField(blank=True, default="")
    forward_to = models.TextField(null=True)
    customer_updated = models.BooleanField(default=False)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, db_index=False)
    time_spent = models.PositiveIntegerField(null=True)  # minutes
    attachments_count = models.PositiveIntegerField(default=0)
    changes = models.TextField(null=True)  # JSON text of rules/history.Changes
    edited_at = models.DateTimeField(null=True)  # when the content of the message was last edited
    category_id = models.PositiveBigIntegerField()  # of the ticket after this entry, which is never rewritten
    left_category_id = models.PositiveBigIntegerField(null=True)  # the one before, of an entry that moved the ticket

    class Meta:
        indexes = [
            Index(fields=["ticket", "id"], name="update_ticket"),
            Index(fields=["category_id", "id"], name="update_category"),
            Index(
                fields=["left_category_id", "id"],
                condition=Q(left_category_id__isnull=False),
                name="update_left_category",
            ),
        ]


class MessageSource(models.Model):
    """The HTML of a message as it came in, kept where cleaning changed it."""

    update = models.OneToOneField(Update, on_delete=models.CASCADE, primary_key=True)
    html = models.TextField()


class Attachment(models.Model):
    """A file of a message. The bytes are stored once per content, under their SHA-256 (desk/files)."""

    update = models.ForeignKey(Update, on_delete=models.PROTECT, related_name="attachments")
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=127)
    size = models.PositiveBigIntegerField()  # bytes
    sha256 = models.CharField(max_length=64, db_index=True)


class UpdateRevision(models.Model):
    """What a message was until a correction: kept for audits, shown nowhere else, and never changed."""

    class Kind(models.TextChoices):
        EDITED = "edited"
        DELETED = "deleted"
        MADE_PRIVATE = "made_private"
        MOVED = "moved"  # to another ticket, where it stands under another id

    update = models.ForeignKey(Update, on_delete=models.PROTECT, related_name="revisions")
    correction = models.OneToOneField(Update, on_delete=models.PROTECT, related_name="corrects")  # who and when
    kind = models.CharField(max_length=12, choices=Kind)
    message_type = models.CharField(max_length=1, choices=Update.MessageType)
    text = models.TextField()
    html = models.TextField()
    source_html = models.TextField(null=True)  # of its MessageSource
    subject = models.TextField()
    cc = models.TextField()
    bcc = models.TextField()
    forward_to = models.TextField(null=True)


class RevisionFile(models.Model):
    """A file that a message had until a correction. Its bytes are kept, and served nowhere."""

    revision = models.ForeignKey(UpdateRevision, on_delete=models.PROTECT, related_name="files")
    attachment_id = models.PositiveBigIntegerField()  # of the Attachment, which may be gone
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=127)
    size = models.PositiveBigIntegerField()  # bytes
    sha256 = models.CharField(max_length=64, db_index=True)


class InlineUpload(models.Model):
    """An image that waits to be used in the HTML of a message. Its id is drawn, not counted: nobody can guess one."""

    id = models.BigIntegerField(primary_key=True)
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=127)  # by its content
    size = models.PositiveBigIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_index=True)


class Subscription(models.Model):
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="subscriptions", db_index=False)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="subscriptions")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "staff"], name="subscription_unique")]


class TicketCounter(models.Model):
    """How many live tickets are alike in what lists filter by; kept in every write by actions/counters."""

    category = models.ForeignKey(Category, on_delete=models.CASCADE, db_index=False)
    status = models.ForeignKey(Status, on_delete=models.CASCADE, db_index=False)
    priority = models.ForeignKey(Priority, on_delete=models.CASCADE, db_index=False)
    assignee_id = models.PositiveBigIntegerField(default=0)  # 0: nobody; a unique key takes no nulls
    unresponded = models.BooleanField(default=False)
    breached = models.BooleanField(default=False)  # sla_breaches > 0
    with_files = models.BooleanField(default=False)  # attachments_count > 0
    tickets = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["category", "status", "priority", "assignee_id", "unresponded", "breached", "with_files"],
                name="counter_unique",
            )
        ]


class IdempotencyKey(models.Model):
    """A write that named itself, and the answer it got, stored in the write's own transaction."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, db_index=False)
    key = models.CharField(max_length=255)
    request_sha256 = models.CharField(max_length=64)
    answer = models.BinaryField(null=True)  # JSON with marks where addresses are filled in, see api/wire
    shape = models.CharField(max_length=40, default="")  # name of the answer's shape, to write it as YAML or XML
    etag = models.CharField(max_length=100, default="")
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["api_key", "key"], name="idempotency_key_unique")]
