"""Django's admin in our frame, and what every form of it has in common."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django import forms
from django.contrib import admin
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reynard.desk import db
from reynard.desk.errors import Invalid
from reynard.web.manage import sections
from reynard.web.manage.forms import choices_of, dress, refuse, whole_numbers
from reynard.web.templatetags.desk import icon


class Everything(admin.AdminSite):
    """Django's admin behind our sign-in, in our frame. Its own pages for signing in and out do not exist."""

    enable_nav_sidebar = False
    empty_value_display = ""

    def has_permission(self, request: HttpRequest) -> bool:
        person = getattr(request, "staff", None)
        return person is not None and sections.may_open(person, sections.ADMIN)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        def written(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.method != "POST":
                return view(request, *args, **kwargs)
            with db.write():
                return view(request, *args, **kwargs)

        return sections.set_up_required(sections.ADMIN)(super().admin_view(written, cacheable))

    def get_urls(self) -> list[Any]:
        ours = {"login", "logout", "password_change", "password_change_done", "autocomplete", "view_on_site"}
        return [url for url in super().get_urls() if not (isinstance(url, URLPattern) and url.name in ours)]

    def index(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return HttpResponseRedirect("/manage/")

    def app_index(self, request: HttpRequest, app_label: str, extra_context: Any = None) -> Any:
        return HttpResponseRedirect("/manage/")


site = Everything(name="admin")


@contextmanager
def _rehearsal() -> Iterator[None]:
    """What is written in this block is undone at its end; the transaction around it goes on."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class ActionForm(forms.ModelForm):
    """Valid when its action can be done. Problems under names that the form does not have, `NAMES` leads to fields."""

    NAMES: Mapping[str, str] = {}
    TAKEN: tuple[str, Any] = ("name", gettext_lazy("There is one with this name already."))
    FIXED: tuple[str, ...] = ()  # what never changes once it is stored

    def __init__(self, data: Any = None, files: Any = None, *, instance: Any = None, initial: Any = None) -> None:
        self.is_new = instance is None or instance.pk is None
        stored = {} if self.is_new else self.stored(instance)
        super().__init__(data, files, instance=instance, initial=stored | (initial or {}), label_suffix="")
        dress(self)
        for name in () if self.is_new else self.FIXED:
            self.fields[name].disabled = True

    def stored(self, row: Any) -> dict[str, Any]:
        """The values of the fields for a row as it is."""
        return {name: getattr(row, name) for name in self.base_fields if hasattr(row, name)}

    def act(self) -> Any:
        """Do it, and return the id of the row."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                with _rehearsal():
                    self.act()
            except Invalid as error:
                refuse(self, error, self.NAMES)
            except IntegrityError:
                self.add_error(*self.TAKEN)
        return cleaned

    def _post_clean(self) -> None:
        """The action has checked everything; the instance stays as it was stored."""

    def save(self, commit: bool = True) -> Any:
        return self.instance

    def save_m2m(self) -> None:
        """The action has done it."""

    def given(self, *names: str) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in names}

    def ids(self, field: str) -> list[int]:
        return whole_numbers(self.cleaned_data[field])

    def id(self, field: str) -> int | None:
        return int(self.cleaned_data[field]) if self.cleaned_data[field] else None


class ActionAdmin(admin.ModelAdmin):
    """Lists, forms and a log of changes. Saving is the form's action; nothing is deleted unless a class says so."""

    form: Any = ActionForm
    actions = None
    title: Any = ""
    one: Any = ""  # of what the title has several

    def __init__(self, model: type[Model], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        model._meta.verbose_name = self.one

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(request, {"title": self.title, **(extra_context or {})})

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return self.form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return [(None, {"fields": list(self.form(instance=obj).fields)})]

    def save_model(self, request: HttpRequest, obj: Any, form: ActionForm, change: bool) -> None:
        obj.pk = form.act()
        obj.refresh_from_db()


def tick(field: str, label: Any) -> Any:
    """A column with a tick where the field is true."""

    @admin.display(description=label, ordering=field)
    def shown(row: Any) -> str:
        return icon("check", _("yes")) if getattr(row, field) else ""

    return shown


def column(field: str, label: Any, choices: Iterable[tuple[str, Any]] = (), ordering: str = "") -> Any:
    """A column of a list; a value that is among `choices` by its name there."""
    names = dict(choices)

    @admin.display(description=label, ordering=ordering or field)
    def shown(row: Any) -> Any:
        value = getattr(row, field)
        return names.get(value, value)

    return shown


def select(label: Any, rows: type[Model], none: Any = None, **kwargs: Any) -> forms.ChoiceField:
    choices = lambda: choices_of(rows._default_manager.order_by("pk"), none)  # noqa: E731
    return forms.ChoiceField(label=label, choices=choices, required=none is None, **kwargs)


def several(label: Any, rows: type[Model], **kwargs: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=lambda: choices_of(rows._default_manager.order_by("pk")),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        **kwargs,
    )


def ids(rows: Any) -> list[str]:
    return [str(id) for id in rows.values_list("id", flat=True)]


def lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})
