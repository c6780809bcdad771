"""Custom fields with their choices."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reynard.desk.actions import catalog
from reynard.desk.actions.catalog import WantedChoice
from reynard.desk.models import (
    Category,
    CustomField,
    CustomFieldChoice,
)
from reynard.desk.selectors import reference as reference_data
from reynard.web.manage.everything.base import ActionAdmin, ActionForm, column, several, site, tick
from reynard.web.manage.forms import dress


def _choices_to_depend_on() -> list[tuple[str, Any]]:
    fields = reference_data.current().ticket_fields.values()
    groups = [
        (field.name, [(str(choice.id), choice.text) for choice in field.choices.values()])
        for field in fields
        if field.choices
    ]
    return [("", _("always")), *groups]


KINDS = [(CustomField.Kind.TICKET, gettext_lazy("tickets")), (CustomField.Kind.CONTACT, gettext_lazy("contacts"))]
TYPES = [
    (CustomField.Type.TEXT, gettext_lazy("text")),
    (CustomField.Type.NUMBER, gettext_lazy("number")),
    (CustomField.Type.DATE, gettext_lazy("date")),
    (CustomField.Type.CHOICE, gettext_lazy("one choice")),
    (CustomField.Type.MULTIPLE_CHOICE, gettext_lazy("several choices")),
]


class CustomFieldForm(ActionForm):
    FIXED = ("kind", "type")

    kind = forms.ChoiceField(
        label=gettext_lazy("Of"),
        choices=KINDS,
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    type = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=TYPES,
        help_text=gettext_lazy("This stays: values are kept by it."),
    )
    order = forms.IntegerField(label=gettext_lazy("Position"), initial=1)
    required = forms.BooleanField(
        label=gettext_lazy("Must be filled when a ticket is opened, or a contact added"), required=False
    )
    compulsory_on_completed = forms.BooleanField(
        label=gettext_lazy("Must be filled before a ticket is done"), required=False
    )
    compulsory_on_move = forms.BooleanField(
        label=gettext_lazy("Must be filled before a ticket moves to another category"), required=False
    )
    visible_to_staff_only = forms.BooleanField(label=gettext_lazy("Only staff see it"), required=False)
    categories = several(
        gettext_lazy("Categories"), Category, help_text=gettext_lazy("Whose tickets have it; of a field of tickets.")
    )
    depends_on_choice = forms.ChoiceField(
        label=gettext_lazy("Appears"),
        choices=_choices_to_depend_on,
        required=False,
        help_text=gettext_lazy("Always, or only where another field of tickets has this choice."),
    )

    class Meta:
        model = CustomField
        fields: tuple[str, ...] = ()

    def stored(self, row: CustomField) -> dict[str, Any]:
        place = row.in_categories.order_by("category_id").first()
        return super().stored(row) | {
            "order": place.order if place else row.order,
            "categories": [str(place.category_id) for place in row.in_categories.all()],
            "depends_on_choice": str(row.depends_on_choice_id or ""),
        }

    def act(self) -> int:
        of_tickets = self.cleaned_data["kind"] == CustomField.Kind.TICKET
        given = self.given(
            "name", "order", "required", "compulsory_on_completed", "compulsory_on_move", "visible_to_staff_only"
        )
        categories = self.ids("categories") if of_tickets else []
        choice = self.id("depends_on_choice") if of_tickets else None
        if not self.is_new:
            catalog.edit_custom_field(
                field_id=self.instance.pk, **given, categories=categories, depends_on_choice=choice
            )
            return int(self.instance.pk)
        added = catalog.add_custom_field(
            **given,
            kind=CustomField.Kind(self.cleaned_data["kind"]),
            type=CustomField.Type(self.cleaned_data["type"]),
            categories=list(Category.objects.filter(id__in=categories)),
            depends_on_choice=CustomFieldChoice.objects.get(id=choice) if choice else None,
        )
        return added.id


class ChoiceForm(forms.ModelForm):
    text = forms.CharField(label=gettext_lazy("Choice"), max_length=255)
    order = forms.IntegerField(label=gettext_lazy("Position"), required=False)

    class Meta:
        model = CustomFieldChoice
        fields = ("text", "order")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = field.label
        if self.instance.pk is None:
            self.initial["order"] = None


class ChoiceFormSet(forms.BaseInlineFormSet):
    def clean(self) -> None:
        super().clean()
        type = self.data.get("type") or self.instance.type
        if self.wanted() and type not in {CustomField.Type.CHOICE, CustomField.Type.MULTIPLE_CHOICE}:
            raise forms.ValidationError(_("Only fields of choices have choices."))

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].widget.attrs |= {"class": "check", "aria-label": _("Delete")}

    def wanted(self) -> list[WantedChoice]:
        """The choices as they shall be, in their order; those without a position last."""
        kept = [
            form.cleaned_data | {"id": form.instance.pk}
            for form in self.forms
            if form.is_valid() and form.cleaned_data.get("text") and not form.cleaned_data.get("DELETE")
        ]
        kept.sort(key=lambda row: (row["order"] is None, row["order"] or 0))
        return [WantedChoice(id=row["id"], text=row["text"]) for row in kept]


class ChoiceInline(admin.TabularInline):
    model = CustomFieldChoice
    form = ChoiceForm
    formset = ChoiceFormSet
    extra = 3
    verbose_name_plural = gettext_lazy("Choices")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CustomFieldChoice]:
        return CustomFieldChoice.objects.filter(deleted=False).order_by("order", "id")


@admin.register(CustomField, site=site)
class CustomFieldAdmin(ActionAdmin):
    form = CustomFieldForm
    title = gettext_lazy("Custom fields")
    one = gettext_lazy("custom field")
    list_display = (
        column("name", gettext_lazy("Name")),
        column("kind", gettext_lazy("Of"), KINDS),
        column("type", gettext_lazy("Kind"), TYPES),
        tick("required", gettext_lazy("Required")),
        tick("compulsory_on_completed", gettext_lazy("Before it is done")),
        tick("visible_to_staff_only", gettext_lazy("Staff only")),
    )
    ordering = ("-kind", "order", "id")
    inlines = (ChoiceInline,)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.save(commit=False)  # finds out what is new and what goes, for the log
        field: CustomField = form.instance
        wanted = formset.wanted()
        if wanted or field.choices.filter(deleted=False).exists():
            kind = CustomField.Kind(field.kind)
            catalog.replace_choices(field_id=field.pk, choices=wanted, reference=reference_data.current(), kind=kind)
