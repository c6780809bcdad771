"""Categories, statuses and priorities."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from reynard.desk.actions import catalog
from reynard.desk.actions.catalog import CategoryMail
from reynard.desk.models import (
    Category,
    Priority,
    Status,
)
from reynard.web.manage.everything.base import ActionAdmin, ActionForm, column, lines, site, tick
from reynard.web.templatetags.desk import dot


class CategoryForm(ActionForm):
    NAMES = {"prefix": "ticket_prefix"}  # Django's forms have a prefix of their own

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    ticket_prefix = forms.CharField(
        label=gettext_lazy("Prefix"), max_length=8, help_text=gettext_lazy("Begins the numbers of tickets: #RW00004127")
    )
    description = forms.CharField(label=gettext_lazy("Description"), required=False, widget=lines(2))
    public = forms.BooleanField(label=gettext_lazy("Contacts see it and write to it"), required=False, initial=True)
    time_spent_mandatory = forms.BooleanField(label=gettext_lazy("Who answers says how long it took"), required=False)
    from_name = forms.CharField(label=gettext_lazy("Mails are from"), required=False)
    from_address = forms.CharField(
        label=gettext_lazy("Address of mails"), required=False, help_text=gettext_lazy("Empty: as the settings say")
    )
    reply_address = forms.CharField(
        label=gettext_lazy("Answers go to"), required=False, help_text=gettext_lazy("Empty: to the address of mails")
    )
    plus_addressing = forms.TypedChoiceField(
        label=gettext_lazy("Its mailbox takes name+anything@…"),
        choices=[("", gettext_lazy("as the settings say")), ("yes", gettext_lazy("yes")), ("no", gettext_lazy("no"))],
        coerce=lambda text: text == "yes",
        empty_value=None,
        required=False,
    )

    class Meta:
        model = Category
        fields: tuple[str, ...] = ()

    def stored(self, row: Category) -> dict[str, Any]:
        plus = {None: "", True: "yes", False: "no"}[row.mail_plus_addressing]
        return super().stored(row) | {
            "ticket_prefix": row.prefix,
            "from_name": row.mail_from_name,
            "from_address": row.mail_from_address,
            "reply_address": row.mail_reply_address,
            "plus_addressing": plus,
        }

    def act(self) -> int:
        own = self.given("name", "description", "public", "time_spent_mandatory")
        own["prefix"] = self.cleaned_data["ticket_prefix"]
        if self.is_new:
            id = catalog.add_category(**own).id
        else:
            id = self.instance.pk
            catalog.edit_category(category_id=id, **own)
        mail = CategoryMail(**self.given("from_name", "from_address", "reply_address", "plus_addressing"))
        catalog.set_category_mail(category_id=id, mail=mail)
        return id


@admin.register(Category, site=site)
class CategoryAdmin(ActionAdmin):
    form = CategoryForm
    title = gettext_lazy("Categories")
    one = gettext_lazy("category")
    list_display = (
        column("name", gettext_lazy("Name")),
        column("prefix", gettext_lazy("Prefix")),
        tick("public", gettext_lazy("Public")),
        column("mail_from_address", gettext_lazy("Address of mails")),
    )
    ordering = ("id",)


MEANINGS = [
    (Status.Behavior.PENDING, gettext_lazy("something is still to be done")),
    (Status.Behavior.COMPLETED, gettext_lazy("done")),
]


class StatusForm(ActionForm):
    FIXED = ("behavior",)

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    behavior = forms.ChoiceField(
        label=gettext_lazy("Means"),
        choices=MEANINGS,
        help_text=gettext_lazy("This stays: clocks, counts and reports live by it."),
    )
    color = forms.CharField(label=gettext_lazy("Color"), widget=forms.ColorInput, initial="#3A7CA5")
    order = forms.IntegerField(label=gettext_lazy("Position"), initial=1)
    is_default = forms.BooleanField(label=gettext_lazy("New tickets have it"), required=False)

    class Meta:
        model = Status
        fields: tuple[str, ...] = ()

    def stored(self, row: Status) -> dict[str, Any]:
        return super().stored(row) | {"color": f"#{row.color}"}

    def clean_color(self) -> str:
        return str(self.cleaned_data["color"]).removeprefix("#").upper()

    def act(self) -> int:
        given = self.given("name", "color", "order", "is_default")
        if self.is_new:
            return catalog.add_status(**given, behavior=Status.Behavior(self.cleaned_data["behavior"])).id
        catalog.edit_status(status_id=self.instance.pk, **given)
        return int(self.instance.pk)


@admin.register(Status, site=site)
class StatusAdmin(ActionAdmin):
    form = StatusForm
    title = gettext_lazy("Statuses")
    one = gettext_lazy("status")
    list_display = (
        "shown",
        column("behavior", gettext_lazy("Means"), MEANINGS),
        column("order", gettext_lazy("Position")),
        tick("is_default", gettext_lazy("Of new tickets")),
    )
    ordering = ("order", "id")

    @admin.display(description=gettext_lazy("Name"))
    def shown(self, row: Status) -> str:
        done = row.behavior == Status.Behavior.COMPLETED
        return format_html('<span class="status">{} {}</span>', dot(row.color, done=done), row.name)


class PriorityForm(ActionForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    order = forms.IntegerField(label=gettext_lazy("Position"), initial=1)
    is_default = forms.BooleanField(label=gettext_lazy("New tickets have it"), required=False)

    class Meta:
        model = Priority
        fields: tuple[str, ...] = ()

    def act(self) -> int:
        given = self.given("name", "order", "is_default")
        if self.is_new:
            return catalog.add_priority(**given).id
        catalog.edit_priority(priority_id=self.instance.pk, **given)
        return int(self.instance.pk)


@admin.register(Priority, site=site)
class PriorityAdmin(ActionAdmin):
    form = PriorityForm
    title = gettext_lazy("Priorities")
    one = gettext_lazy("priority")
    list_display = (
        column("name", gettext_lazy("Name")),
        column("order", gettext_lazy("Position")),
        tick("is_default", gettext_lazy("Of new tickets")),
    )
    ordering = ("order", "id")
