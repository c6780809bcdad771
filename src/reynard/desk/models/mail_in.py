"""Mail that arrives: the mailboxes it comes from, and every mail as it was received."""

from django.db import models
from django.db.models import Index, Q

from reynard.desk.models.catalog import Category
from reynard.desk.models.tickets import Ticket, Update


class Mailbox(models.Model):
    """An address of the desk: mails to it are tickets of a category. Written by actions/mailboxes.

    Mails come from its IMAP folders (`MailboxFolder`), if it has any, and from whoever calls `receive_mail` or speaks
    LMTP. Who fetches has leased it: one worker at a time.
    """

    class SignIn(models.TextChoices):
        PASSWORD = "password"  # noqa: S105
        OAUTH2 = "oauth2"  # XOAUTH2, at Google and Microsoft

    name = models.CharField(max_length=60, unique=True)
    address = models.CharField(max_length=254)
    note_address = models.CharField(max_length=254, blank=True, default="")  # staff's mails to it are private notes
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="mailboxes")
    trusted_hosts = models.JSONField(default=list)  # whose Authentication-Results count (authserv-ids, lowercase)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    imap_url = models.TextField(blank=True, default="")  # imaps://user@host:port, without a secret; "": no IMAP
    sign_in = models.CharField(max_length=8, choices=SignIn, default=SignIn.PASSWORD)
    secret = models.TextField(blank=True, default="")  # sealed: the password, or JSON of rules/oauth2.OAuth2
    access_token = models.TextField(blank=True, default="")  # sealed
    access_token_expires_at = models.DateTimeField(null=True)
    credentials_expire_at = models.DateTimeField(null=True)  # the latest moment to renew what the operator gave

    next_fetch_at = models.DateTimeField(null=True)  # null: nothing to fetch from
    leased_until = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, blank=True, default="")  # who has it
    last_success_at = models.DateTimeField(null=True)  # when all its folders were last seen to their end
    failing_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)  # in a row
    last_error = models.TextField(blank=True, default="")
    warned_at = models.DateTimeField(null=True)  # when staff were last told that it fails
    expiry_warned_at = models.DateTimeField(null=True)  # the same, that its credentials expire

    class Meta:
        indexes = [
            Index(fields=["next_fetch_at"], condition=Q(active=True, next_fetch_at__isnull=False), name="mailbox_due")
        ]


class MailboxFolder(models.Model):
    """A folder of a mailbox, and up to where it was read: all mails with UIDs up to `last_uid` are in InboundMail.

    The server promises that UIDs only grow while `uidvalidity` is the same (RFC 3501 §2.3.1.1).
    """

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="folders", db_index=False)
    name = models.TextField()
    active = models.BooleanField(default=True)
    uidvalidity = models.PositiveBigIntegerField(null=True)  # null: never read
    last_uid = models.PositiveBigIntegerField(default=0)
    checked_at = models.DateTimeField(null=True)  # of the last comparison with the server
    server_count = models.PositiveIntegerField(null=True)  # mails the server had then
    our_count = models.PositiveIntegerField(null=True)  # those of them that we have

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "name"], name="mailbox_folder_unique")]


class InboundMail(models.Model):
    """One mail as it was received, and what became of it. Its bytes are in desk/files, under `sha256`.

    The row is written in the transaction that moves the checkpoint, before anybody looks into the mail
    (actions/receiving). Who processes it takes NEW ones by `next_try_at`, which is the end of the lease meanwhile.
    """

    class Source(models.TextChoices):
        IMAP = "imap"
        PIPE = "pipe"
        LMTP = "lmtp"

    class State(models.TextChoices):
        NEW = "new"  # stored, not understood yet
        TAKEN = "taken"  # it opened or joined `ticket`
        HELD = "held"  # somebody must say what becomes of it
        DUPLICATE = "duplicate"  # the mailbox had it before
        IGNORED = "ignored"  # such as a loop
        FAILED = "failed"  # it could not be understood; can be tried again

    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, db_index=False, related_name="mails")
    source = models.CharField(max_length=4, choices=Source)
    folder = models.ForeignKey(MailboxFolder, null=True, on_delete=models.SET_NULL, db_index=False)
    uidvalidity = models.PositiveBigIntegerField(null=True)
    uid = models.PositiveBigIntegerField(null=True)
    envelope_from = models.TextField(null=True)  # by LMTP or the pipe; "" is the empty sender, null: nobody said
    envelope_to = models.JSONField(default=list)  # addresses
    sha256 = models.CharField(max_length=64, db_index=True)  # "": the server does not hand out this mail (yet)
    size = models.PositiveBigIntegerField()  # bytes that were kept
    full_size = models.PositiveBigIntegerField()  # more than `size` when the mail was too large to be kept whole
    received_at = models.DateTimeField()

    state = models.CharField(max_length=9, choices=State, default=State.NEW)
    next_try_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)  # begun, the present one included
    last_error = models.TextField(blank=True, default="")
    processed_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, default="")  # for people: why it is where it is
    verdict = models.JSONField(default=dict)  # on its sender
    message_id = models.CharField(max_length=255, blank=True, default="")  # the beginning of longer ones
    content_hash = models.CharField(max_length=64, blank=True, default="")  # of what people see; not of what it passed
    ticket = models.ForeignKey(Ticket, null=True, on_delete=models.PROTECT, db_index=False, related_name="mails")
    update = models.ForeignKey(Update, null=True, on_delete=models.PROTECT, db_index=False, related_name="mails")
    sender = models.CharField(max_length=320, blank=True, default="")  # who it says wrote it, lowercase
    subject = models.CharField(max_length=250, blank=True, default="")  # the beginning of longer ones
    automatic = models.BooleanField(default=False)  # a program seems to have written it
    suggested = models.ForeignKey(Ticket, null=True, on_delete=models.PROTECT, db_index=False, related_name="+")

    class Meta:
        indexes = [
            Index(fields=["next_try_at", "id"], condition=Q(state="new"), name="inbound_new"),
            Index(fields=["state", "id"], condition=Q(state__in=["held", "failed"]), name="inbound_waiting"),
            Index(fields=["state", "id"], condition=Q(state__in=["duplicate", "ignored"]), name="inbound_left_out"),
            Index(fields=["mailbox", "message_id"], condition=~Q(message_id=""), name="inbound_message_id"),
            Index(fields=["mailbox", "sha256", "id"], name="inbound_bytes"),
            Index(fields=["mailbox", "id"], name="inbound_mailbox"),
            Index(fields=["sender", "processed_at"], condition=Q(automatic=True), name="inbound_automatic"),
            Index(fields=["ticket", "id"], condition=Q(ticket__isnull=False), name="inbound_ticket"),
            Index(fields=["update"], condition=Q(update__isnull=False), name="inbound_update"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["folder", "uidvalidity", "uid"], condition=Q(folder__isnull=False), name="inbound_uid_unique"
            ),
            models.CheckConstraint(condition=~Q(state="taken") | Q(ticket__isnull=False), name="inbound_taken"),
        ]
