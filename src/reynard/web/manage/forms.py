"""Forms of the set-up: what Django's forms read, and what the actions say about it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from reynard.desk.errors import Invalid


class SetUpForm(forms.Form):
    """Widgets in our classes; `refuse` puts what an action found wrong beside its fields."""

    NAMES: Mapping[str, str] = {}  # the action's names of fields, where the form has others

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        dress(self)

    def refuse(self, error: Invalid) -> None:
        refuse(self, error, self.NAMES)


_BOXES = (forms.CheckboxInput, forms.CheckboxSelectMultiple, forms.RadioSelect)


def dress(form: forms.BaseForm) -> None:
    """The classes of our stylesheet for all widgets."""
    for field in form.fields.values():
        field.widget.attrs["class"] = "check" if isinstance(field.widget, _BOXES) else "input"


def refuse(form: forms.BaseForm, error: Invalid, names: Mapping[str, str]) -> None:
    for field, texts in error.problems.items():
        name = names.get(field, field)
        for text in texts:
            form.add_error(name if name in form.fields else None, text)


def choices_of(rows: Iterable[Any], none: Any = None) -> list[tuple[str, str]]:
    """Choices of a select by id; `none` is what the first one says that chooses nothing."""
    return [*([("", none)] if none is not None else []), *((str(row.pk), str(row)) for row in rows)]


def whole_numbers(texts: list[str]) -> list[int]:
    """Ids that a form has checked to be among its choices."""
    return [int(text) for text in texts]
