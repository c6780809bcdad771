"""Promised times and working hours."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy

from reynard.desk.actions import sla_policies
from reynard.desk.actions.sla_policies import GivenPolicy, GivenSchedule
from reynard.desk.errors import Problems
from reynard.desk.models import (
    Category,
    SlaPolicy,
    Status,
    WorkSchedule,
)
from reynard.desk.rules.sla import WEEKDAYS, Objective, read_span, span_as_text
from reynard.desk.rules.tickets import split_list
from reynard.web.manage.everything.base import ActionAdmin, ActionForm, column, ids, lines, select, several, site, tick

_DAYS = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)


class WorkScheduleForm(ActionForm):
    NAMES = {"hours": WEEKDAYS[0]}

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    time_zone = forms.CharField(label=gettext_lazy("Time zone"), help_text="Europe/Berlin")
    holidays = forms.CharField(
        label=gettext_lazy("Holidays"),
        required=False,
        widget=lines(4),
        help_text=gettext_lazy("A day on each line, like 2026-12-25."),
    )

    class Meta:
        model = WorkSchedule
        fields: tuple[str, ...] = ()

    def stored(self, row: WorkSchedule) -> dict[str, Any]:
        hours = {day: ", ".join(row.hours.get(day, ())) for day in WEEKDAYS}
        return {"name": row.name, "time_zone": row.time_zone, "holidays": "\n".join(row.holidays), **hours}

    def act(self) -> int:
        given = GivenSchedule(
            **self.given("name", "time_zone"),
            hours={day: split_list(self.cleaned_data[day]) for day in WEEKDAYS},
            holidays=self.cleaned_data["holidays"].split(),
        )
        if self.is_new:
            return sla_policies.add_schedule(given).id
        return sla_policies.change_schedule(self.instance.pk, given).id


for _day, _label in zip(WEEKDAYS, _DAYS, strict=True):
    _hours = forms.CharField(label=_label, required=False, help_text="09:00-12:30, 13:00-17:00")
    WorkScheduleForm.base_fields[_day] = WorkScheduleForm.declared_fields[_day] = _hours


@admin.register(WorkSchedule, site=site)
class WorkScheduleAdmin(ActionAdmin):
    form = WorkScheduleForm
    title = gettext_lazy("Working hours")
    one = gettext_lazy("working hours")
    list_display = (column("name", gettext_lazy("Name")), column("time_zone", gettext_lazy("Time zone")))
    ordering = ("name",)


OBJECTIVES = [
    (Objective.FIRST_RESPONSE, gettext_lazy("the first answer")),
    (Objective.REPLY_TO_CONTACT, gettext_lazy("every answer to the contact")),
    (Objective.REPLY_BY_CONTACT, gettext_lazy("an answer of the contact")),
    (Objective.ASSIGNMENT, gettext_lazy("that somebody takes the ticket")),
    (Objective.STATUS, gettext_lazy("a status")),
]


class SlaPolicyForm(ActionForm):
    NAMES = {"seconds": "within"}
    FIXED = ("objective", "status")

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    objective = forms.ChoiceField(
        label=gettext_lazy("Promises"),
        choices=OBJECTIVES,
    )
    status = select(gettext_lazy("Status to reach"), Status, none=gettext_lazy("none"))
    within = forms.CharField(label=gettext_lazy("Within"), help_text=gettext_lazy("Working time, like 4h or 1h 30m"))
    target = forms.FloatField(label=gettext_lazy("Kept by at least … %"), initial=95)
    schedule = forms.ChoiceField(
        label=gettext_lazy("Working hours"),
        choices=lambda: [(row.name, row.name) for row in WorkSchedule.objects.order_by("name")],
    )
    condition = forms.CharField(
        label=gettext_lazy("Only tickets that match"),
        required=False,
        help_text=gettext_lazy("In the language of the search; empty for all."),
    )
    categories = several(gettext_lazy("Categories"), Category, help_text=gettext_lazy("None: all of them"))
    exclusions = several(gettext_lazy("Clocks pause in"), Status)
    active = forms.BooleanField(label=gettext_lazy("It holds"), required=False, initial=True)

    class Meta:
        model = SlaPolicy
        fields: tuple[str, ...] = ()

    def stored(self, row: SlaPolicy) -> dict[str, Any]:
        return super().stored(row) | {
            "status": str(row.target_status_id or ""),
            "within": span_as_text(row.allowed_seconds),
            "schedule": row.schedule.name,
            "categories": ids(row.categories),
            "exclusions": ids(row.exclusion_statuses),
        }

    def act(self) -> int:
        problems = Problems()
        given = GivenPolicy(
            **self.given("name", "objective", "target", "schedule", "condition", "active"),
            seconds=read_span(self.cleaned_data["within"], problems),
            status=self.id("status"),
            categories=self.ids("categories"),
            exclusions=self.ids("exclusions"),
        )
        now = datetime.now(UTC)
        if self.is_new:
            return sla_policies.add_policy(given, now=now, problems=problems).id
        return sla_policies.change_policy(self.instance.pk, given, now=now, problems=problems).id


@admin.register(SlaPolicy, site=site)
class SlaPolicyAdmin(ActionAdmin):
    form = SlaPolicyForm
    title = gettext_lazy("Promised times")
    one = gettext_lazy("promised time")
    list_display = (
        column("name", gettext_lazy("Name")),
        column("objective", gettext_lazy("Promises"), OBJECTIVES),
        "within",
        column("target", gettext_lazy("Kept by at least … %")),
        column("schedule", gettext_lazy("Working hours"), ordering="schedule__name"),
        tick("active", gettext_lazy("It holds")),
    )
    list_select_related = ("schedule",)
    ordering = ("name",)

    @admin.display(description=gettext_lazy("Within"))
    def within(self, row: SlaPolicy) -> str:
        return span_as_text(row.allowed_seconds)
