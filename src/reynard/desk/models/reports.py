"""Saved reports, and what they count of the history (docs/reports.md)."""

from django.db import models
from django.db.models import Index, Q

from reynard.desk.models.people import Staff
from reynard.desk.models.tickets import Ticket, Update


class Report(models.Model):
    """Which tickets somebody looks at again and again: a search, and a period by which they are chosen."""

    name = models.CharField(max_length=200, unique=True)
    description = models.TextField(blank=True, default="")
    query = models.TextField(blank=True, default="")  # in the language of `q`; all tickets when it is empty
    period_type = models.CharField(max_length=3, default="cr")  # codes of rules/periods
    period_range = models.CharField(max_length=3, blank=True, default="")  # "" for all time
    period_start = models.DateField(null=True)  # of a selected range, like the end, which belongs to it
    period_end = models.DateField(null=True)


_FIRSTS = ["first_message_of_author", "first_reply_of_author", "first_time_of_author"]


class Activity(models.Model):
    """What one entry of the history counts for in reports; only entries that count have a row.

    Written with the entry, by actions/activity, which can make all of it anew. A deleted ticket has none.
    """

    update = models.OneToOneField(Update, on_delete=models.PROTECT, primary_key=True, related_name="+")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, db_index=False, related_name="+")
    created_at = models.DateTimeField()  # of the entry
    kind = models.CharField(max_length=1)  # rules/activity.Kind
    staff = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, db_index=False, related_name="+")  # author
    minutes = models.PositiveIntegerField(default=0)
    age = models.PositiveBigIntegerField()  # seconds since the ticket was opened
    waited = models.PositiveBigIntegerField(null=True)  # seconds the contact had waited for this reply
    first_response = models.BooleanField(default=False)  # the first reply to the ticket, whoever wrote it
    first_message_of_author = models.BooleanField(default=False)  # on this ticket: reply or note; so are the next two
    first_reply_of_author = models.BooleanField(default=False)
    first_time_of_author = models.BooleanField(default=False)  # minutes
    assigned = models.BooleanField(default=False)  # the ticket was given to somebody
    completed = models.BooleanField(default=False)  # the ticket went to a completed status

    class Meta:
        indexes = [
            Index(  # everything about staff is added up from it alone
                fields=["staff", "ticket", "kind", "minutes", "waited", "age", "first_response", *_FIRSTS],
                condition=Q(staff__isnull=False),
                name="activity_staff",
            ),
            Index(fields=["kind", "created_at", "ticket"], name="activity_kind"),
            Index(fields=["created_at", "ticket", "assigned"], condition=Q(assigned=True), name="activity_assigned"),
            Index(fields=["created_at", "ticket", "completed"], condition=Q(completed=True), name="activity_completed"),
        ]
