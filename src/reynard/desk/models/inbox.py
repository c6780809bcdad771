"""What agents keep for their own work."""

from django.db import models
from django.db.models import Q

from reynard.desk.models.people import Staff
from reynard.desk.models.tickets import Ticket, Update


class SavedView(models.Model):
    """A search with a name, in the rail of its owner or, without one, of everybody."""

    name = models.CharField(max_length=60)
    query = models.TextField()  # in the language of `q` (tickets.md §3)
    sort = models.CharField(max_length=20, blank=True, default="")
    owner = models.ForeignKey(Staff, null=True, on_delete=models.CASCADE, related_name="saved_views")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="view_of_owner_unique"),
            models.UniqueConstraint(fields=["name"], condition=Q(owner__isnull=True), name="view_shared_unique"),
        ]


class Draft(models.Model):
    """What somebody has begun to write on a ticket: one for each kind of message, kept as they type."""

    class Kind(models.TextChoices):
        REPLY = "reply"
        NOTE = "note"

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, db_index=False, related_name="drafts")
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, db_index=False, related_name="drafts")
    kind = models.CharField(max_length=5, choices=Kind)
    text = models.TextField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "ticket", "kind"], name="draft_unique")]
        indexes = [models.Index(fields=["ticket"], name="draft_ticket")]


class Visit(models.Model):
    """Up to which entry of its history somebody has seen a ticket."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, db_index=False, related_name="visits")
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, db_index=False, related_name="visits")
    last_update_id = models.PositiveBigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "ticket"], name="visit_unique")]
        indexes = [models.Index(fields=["ticket"], name="visit_ticket")]


class TrustedImages(models.Model):
    """An address whose messages show somebody their pictures from elsewhere, which may tell the sender."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, db_index=False, related_name="trusted_images")
    address = models.CharField(max_length=320)  # casefolded

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "address"], name="trusted_images_unique")]


class Mention(models.Model):
    """Somebody whom a private note names. The ticket is the one that the note is on now."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, db_index=False, related_name="mentions")
    update = models.ForeignKey(Update, on_delete=models.CASCADE, related_name="mentions")
    read_at = models.DateTimeField(null=True)  # when they opened the ticket

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "update"], name="mention_unique")]
        indexes = [models.Index(fields=["staff"], condition=Q(read_at__isnull=True), name="mention_unread")]


class SentForm(models.Model):
    """A form of a page that was taken, remembered for a day (actions/sent_forms)."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, db_index=False, related_name="sent_forms")
    name = models.CharField(max_length=64)
    leads_to = models.TextField()  # the address that it was answered with
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "name"], name="sent_form_unique")]
