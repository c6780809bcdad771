"""Promised times: schedules, policies, and the clocks that measure them (reference.md "SLA", rules/sla)."""

from typing import Any

from django.db import models
from django.db.models import Index, Q

from reynard.desk.models.catalog import Category, Status
from reynard.desk.models.tickets import Ticket


class WorkSchedule(models.Model):
    name = models.CharField(max_length=200, unique=True)
    time_zone = models.CharField(max_length=100)  # IANA
    hours = models.JSONField()  # {"monday": ["09:00-12:30", "13:00-17:00"], …}
    holidays = models.JSONField(default=list)  # ["2026-12-25", …], in order

    class Meta:
        verbose_name = "working hours"
        verbose_name_plural = "working hours"

    def __str__(self) -> str:
        return self.name


class SlaPolicy(models.Model):
    """A promise about tickets. The objective and the status to reach never change: clocks live by them."""

    class Objective(models.TextChoices):
        FIRST_RESPONSE = "first_response"
        ASSIGNMENT = "assignment"
        REPLY_TO_CONTACT = "reply_to_contact"
        REPLY_BY_CONTACT = "reply_by_contact"
        STATUS = "status"

    name = models.CharField(max_length=200, unique=True)
    objective = models.CharField(max_length=16, choices=Objective)
    target_status = models.ForeignKey(Status, null=True, on_delete=models.PROTECT, related_name="+")
    allowed_seconds = models.PositiveIntegerField()  # working time
    target = models.FloatField()  # percent of the clocks that should be in time, 0 to 100
    schedule = models.ForeignKey(WorkSchedule, on_delete=models.PROTECT, related_name="policies")
    condition = models.TextField(blank=True, default="")  # in the language of `q` (tickets.md §3); "": every ticket
    categories: Any = models.ManyToManyField(Category, blank=True, related_name="+")  # none: all
    exclusion_statuses: Any = models.ManyToManyField(Status, blank=True, related_name="+")
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(target__gte=0, target__lte=100), name="sla_target_is_a_percentage"),
            models.CheckConstraint(condition=Q(allowed_seconds__gt=0), name="sla_allows_some_time"),
            models.CheckConstraint(
                condition=Q(objective="status", target_status__isnull=False)
                | (~Q(objective="status") & Q(target_status__isnull=True)),
                name="sla_status_to_reach",
            ),
        ]
        verbose_name = "promise"

    def __str__(self) -> str:
        return self.name


_RUNNING = Q(due_at__isnull=False, breached_at__isnull=True, finished_at__isnull=True)


class SlaClock(models.Model):
    """One measurement of a policy on a ticket; see rules/sla.Clock for what the moments mean.

    Kept when it has ended: a clock with `decided_at` is one entry that reports count, kept in time unless it has
    `breached_at`. Written by actions/sla only, which deletes what was never decided when nobody waits any more.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, db_index=False, related_name="sla_clocks")
    policy = models.ForeignKey(SlaPolicy, on_delete=models.PROTECT, db_index=False, related_name="clocks")
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # null while paused
    remaining_seconds = models.PositiveIntegerField(null=True)  # working time left, while paused
    breached_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)  # breached_at, or finished_at of one that was in time

    class Meta:
        indexes = [
            Index(fields=["due_at", "id"], condition=_RUNNING, name="sla_clock_due"),
            Index(fields=["ticket", "policy"], name="sla_clock_ticket"),
            Index(
                fields=["due_at", "ticket", "policy"],
                condition=Q(breached_at__isnull=False, finished_at__isnull=True),
                name="sla_clock_late",
            ),
            Index(
                fields=["policy", "decided_at", "ticket", "breached_at"],
                condition=Q(decided_at__isnull=False),
                name="sla_clock_decided",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "policy"], condition=Q(finished_at__isnull=True), name="sla_clock_one_open"
            ),
            models.CheckConstraint(
                condition=Q(due_at__isnull=True, remaining_seconds__isnull=False)
                | Q(due_at__isnull=False, remaining_seconds__isnull=True),
                name="sla_clock_runs_or_pauses",
            ),
        ]
