"""Staff, roles and contact groups."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.password_validation import validate_password
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from reynard.desk.actions import catalog, contact_groups, people
from reynard.desk.actions.contact_groups import GivenGroup
from reynard.desk.models import (
    Category,
    ContactGroup,
    Role,
    Staff,
)
from reynard.desk.rules import contacts
from reynard.desk.rules.tickets import split_list
from reynard.web.manage.everything.base import ActionAdmin, ActionForm, column, ids, lines, select, several, site, tick


class StaffForm(ActionForm):
    TAKEN = ("email", gettext_lazy("Somebody else has this address or user name."))

    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=150)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=150, required=False)
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=150)
    username = forms.CharField(
        label=gettext_lazy("User name"), max_length=150, required=False, help_text=gettext_lazy("Empty: the address")
    )
    role = select(gettext_lazy("Role"), Role)
    categories = several(gettext_lazy("Works in"), Category)
    is_account_admin = forms.BooleanField(
        label=gettext_lazy("Account admin: may do everything, whatever the role"), required=False
    )
    active = forms.BooleanField(
        label=gettext_lazy("Works here: may sign in and be given tickets"), required=False, initial=True
    )
    password = forms.CharField(
        label=gettext_lazy("New password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Empty: it stays, or is chosen by “Forgotten?” on the sign-in page."),
    )

    class Meta:
        model = Staff
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_new:
            del self.fields["active"]

    def stored(self, row: Staff) -> dict[str, Any]:
        kept = super().stored(row) | {"role": str(row.role_id), "categories": ids(row.categories)}
        del kept["password"]
        return kept

    def clean_password(self) -> str | None:
        password: str = self.cleaned_data["password"]
        if password:
            validate_password(password, self.instance)
        return password or None

    def act(self) -> int:
        given = self.given("first_name", "last_name", "email", "is_account_admin", "password")
        given["username"] = self.cleaned_data["username"] or given["email"]
        given["role"] = Role.objects.get(id=self.cleaned_data["role"])
        given["category_ids"] = self.ids("categories")
        if self.is_new:
            return people.add_staff(**given).id
        people.edit_staff(staff_id=self.instance.pk, active=self.cleaned_data["active"], **given)
        return int(self.instance.pk)


@admin.register(Staff, site=site)
class StaffAdmin(ActionAdmin):
    form = StaffForm
    title = gettext_lazy("Staff")
    one = gettext_lazy("member of staff")
    list_display = (
        column("name", gettext_lazy("Name"), ordering="first_name"),
        column("email", gettext_lazy("E-mail")),
        column("role", gettext_lazy("Role"), ordering="role__name"),
        tick("is_account_admin", gettext_lazy("Account admin")),
        tick("active", gettext_lazy("Works here")),
    )
    list_select_related = ("role",)
    search_fields = ("first_name", "last_name", "email")
    ordering = ("-active", "first_name", "last_name", "id")


class RoleForm(ActionForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    permissions = forms.MultipleChoiceField(
        label=gettext_lazy("May"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[
            (gettext_lazy(group), [(code, code.replace("_", " ")) for code in codes])
            for group, codes in catalog.PERMISSION_GROUPS.items()
        ],
    )

    class Meta:
        model = Role
        fields: tuple[str, ...] = ()

    def act(self) -> int:
        given = self.given("name", "permissions")
        if self.is_new:
            return catalog.add_role(**given).id
        catalog.edit_role(role_id=self.instance.pk, **given)
        return int(self.instance.pk)


@admin.register(Role, site=site)
class RoleAdmin(ActionAdmin):
    form = RoleForm
    title = gettext_lazy("Roles")
    one = gettext_lazy("role")
    list_display = (column("name", gettext_lazy("Name")), "people")
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Role]:
        return Role.objects.annotate(people_count=Count("staff"))

    @admin.display(description=gettext_lazy("People"))
    def people(self, row: Any) -> int:
        return int(row.people_count)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes, and what stands in the way."""
        return [str(role) for role in objs], {}, set(), [str(person) for person in Staff.objects.filter(role__in=objs)]

    def delete_model(self, request: HttpRequest, obj: Role) -> None:
        catalog.delete_role(role_id=obj.pk)


class ContactGroupForm(ActionForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    description = forms.CharField(label=gettext_lazy("Description"), required=False, widget=lines(2))
    domains = forms.CharField(
        label=gettext_lazy("Domains"),
        required=False,
        help_text=gettext_lazy("New contacts with addresses of these join: fleet.example, couriers.example"),
    )

    class Meta:
        model = ContactGroup
        fields: tuple[str, ...] = ()

    def stored(self, row: ContactGroup) -> dict[str, Any]:
        return {"name": row.name, "description": row.description, "domains": ", ".join(split_list(row.tagged_domains))}

    def act(self) -> int:
        given = GivenGroup(**self.given("name", "description"), domains=contacts.domains(self.cleaned_data["domains"]))
        if self.is_new:
            return contact_groups.add_group(given)
        contact_groups.edit_group(self.instance.pk, given)
        return int(self.instance.pk)


@admin.register(ContactGroup, site=site)
class ContactGroupAdmin(ActionAdmin):
    form = ContactGroupForm
    title = gettext_lazy("Contact groups")
    one = gettext_lazy("contact group")
    list_display = (column("name", gettext_lazy("Name")), column("tagged_domains", gettext_lazy("Domains")))
    search_fields = ("name", "tagged_domains")
    ordering = ("name",)
