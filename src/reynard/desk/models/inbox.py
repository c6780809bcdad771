"""What agents keep for their own work."""

from django.db import models
from django.db.models import Q

from reynard.desk.models.people import Staff


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
