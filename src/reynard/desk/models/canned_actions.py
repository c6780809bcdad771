"""What agents do again and again, in one step."""

from typing import Any

from django.db import models
from django.db.models import Q

from reynard.desk.models.catalog import Category, Priority, Status
from reynard.desk.models.people import Staff


class CannedAction(models.Model):
    """A prepared text, and changes that go with sending it. Written by actions/canned_actions only."""

    class Assigns(models.TextChoices):
        NOTHING = ""  # who has the ticket keeps it
        ME = "me"
        PERSON = "person"
        NOBODY = "nobody"

    name = models.CharField(max_length=100, unique=True)
    text = models.TextField(blank=True, default="")  # Markdown with the fields of rules/canned_actions
    status = models.ForeignKey(Status, null=True, on_delete=models.PROTECT, related_name="+")  # null: stays
    priority = models.ForeignKey(Priority, null=True, on_delete=models.PROTECT, related_name="+")
    assigns = models.CharField(max_length=6, choices=Assigns, blank=True, default=Assigns.NOTHING)
    assignee = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    tags = models.TextField(blank=True, default="")  # comma-separated, to be added
    categories: Any = models.ManyToManyField(Category, blank=True, related_name="+")  # none: all
    used_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(assigns="person", assignee__isnull=False)
                | (~Q(assigns="person") & Q(assignee__isnull=True)),
                name="canned_action_assignee",
            )
        ]

    def __str__(self) -> str:
        return self.name
