"""What is done to several tickets at once, and undone: the API's actions, one ticket after the other.

Each ticket is a transaction of its own: what one refuses does not stop the others, and is said by name. What the
tickets were before is kept with the session, so that the last bulk action can be undone as long as nobody has touched
the tickets since.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from msgspec import UNSET

from reynard.desk.actions import corrections, merging, ticket_changes, tickets
from reynard.desk.actions.ticket_changes import Deletion, Move, TagChanges
from reynard.desk.actions.tickets import StaffUpdate
from reynard.desk.errors import DeskError, NothingToUpdate
from reynard.desk.models import Ticket
from reynard.desk.rules import tickets as rules
from reynard.desk.selectors import inbox
from reynard.web import forms
from reynard.web import inbox as pages
from reynard.web.access import StaffRequest, staff_required

LIMIT = 1_000  # tickets of one bulk action
_UNDO = "undo"  # in the session


class Undo(msgspec.Struct):
    """How to take a bulk action back: `do` with the value each ticket had, if it is still of this version."""

    do: str
    tickets: dict[str, tuple[Any, int]]  # number → (value before, version after)


@staff_required
@require_POST
def change(request: StaffRequest) -> HttpResponse:
    do, _colon, value = request.POST.get("do", "").partition(":")
    if not do and request.POST.get("tags", "").strip():
        do = "add_tags"  # Enter in their field
    numbers = _selected(request)
    if "take" in request.POST:
        do, value, numbers = "assignee", str(request.staff.id), _numbers(request.POST.getlist("take"))
    if not numbers:
        messages.info(request, _("Select tickets first."))
        return HttpResponseRedirect(forms.back(request))
    if do == "delete" and "sure" not in request.POST:
        return _ask(request, numbers)
    if do == "merge":
        chosen = {"ticket": numbers[: merging.LIMIT + 1], "back": forms.back(request)}
        return HttpResponseRedirect(f"/inbox/merge/?{urlencode(chosen, doseq=True)}")
    if not do:
        return HttpResponseRedirect(forms.back(request))
    if do not in _ACTIONS:
        raise Http404
    if do.endswith("_tags"):
        value = request.POST.get("tags", "")
    done, before, refused = 0, {}, []
    for number in numbers:
        present = Ticket.objects.filter(id=number).values(*_KEPT).first()
        try:
            _ACTIONS[do](request, number, value)
        except NothingToUpdate:
            continue
        except DeskError as error:
            refused.append(f"#{number}: {error}")
            continue
        done += 1
        if present and do in _UNDOABLE:
            after = Ticket.objects.values_list("version", flat=True).get(id=number)
            before[str(number)] = (_value_before(do, value, present), after)
    _tell(request, do, done, refused)
    keep_undo(request, _UNDOABLE.get(do, ""), before)
    return HttpResponseRedirect(forms.back(request))


def keep_undo(request: StaffRequest, do: str, before: dict[str, tuple[Any, int]]) -> None:
    """Remember how to take back what was just done, instead of what was done before it."""
    request.session.pop(_UNDO, None)
    if before:
        request.session[_UNDO] = msgspec.to_builtins(Undo(do, before))


@staff_required
@require_POST
def undo(request: StaffRequest) -> HttpResponse:
    """Take the last bulk action back, on the tickets nobody has touched since."""
    kept = request.session.pop(_UNDO, None)
    if kept is None:
        messages.info(request, _("There is nothing to undo."))
        return HttpResponseRedirect(forms.back(request))
    last = msgspec.convert(kept, Undo)
    done, refused = 0, []
    for number, (value, version) in last.tickets.items():
        if Ticket.objects.filter(id=number, version=version).exists():
            try:
                _TAKE_BACK[last.do](request, int(number), "" if value is None else str(value))
                done += 1
            except DeskError as error:
                refused.append(f"#{number}: {error}")
        else:
            refused.append(_("#%(n)s: somebody has changed it since") % {"n": number})
    messages.success(request, ngettext("Undone on %(n)d ticket.", "Undone on %(n)d tickets.", done) % {"n": done})
    _say_refused(request, refused)
    return HttpResponseRedirect(forms.back(request))


def _selected(request: StaffRequest) -> list[int]:
    """The numbers that are ticked, or those of the whole view."""
    if "all" in request.POST:
        request.GET = request.POST  # the view and the search are sent with the form
        view = pages.find_view(request, now=datetime.now(UTC))
        return inbox.page(view, 1, LIMIT, request.reference, now=datetime.now(UTC)).numbers
    return _numbers(request.POST.getlist("ticket"))


def _numbers(given: list[str]) -> list[int]:
    return [int(number) for number in given if number.isascii() and number.isdigit() and len(number) < 19][:LIMIT]


# --- the actions


def _update(field: str) -> Callable[[StaffRequest, int, str], None]:
    def act(request: StaffRequest, number: int, value: str) -> None:
        wanted = StaffUpdate(staff=request.staff.id)
        setattr(wanted, field, int(value) if value.isdigit() else None if field == "assignee" else UNSET)
        tickets.add_staff_update(number, wanted, reference=request.reference, now=datetime.now(UTC))

    return act


def _move(request: StaffRequest, number: int, value: str) -> None:
    wanted = Move(staff=request.staff.id, category=int(value) if value.isdigit() else UNSET)
    ticket_changes.move(number, wanted, reference=request.reference, now=datetime.now(UTC))


def _tags(which: str) -> Callable[[StaffRequest, int, str], None]:
    def act(request: StaffRequest, number: int, value: str) -> None:
        wanted = TagChanges(staff=request.staff.id)
        setattr(wanted, which, rules.split_list(value))
        ticket_changes.update_tags(number, wanted, reference=request.reference, now=datetime.now(UTC))

    return act


def _set_tags(request: StaffRequest, number: int, value: str) -> None:
    wanted = StaffUpdate(staff=request.staff.id, tags=rules.split_list(value), replace_tags=True)
    tickets.add_staff_update(number, wanted, reference=request.reference, now=datetime.now(UTC))


def _delete(request: StaffRequest, number: int, value: str) -> None:
    wanted = Deletion(staff=request.staff.id)
    ticket_changes.delete(number, wanted, reference=request.reference, now=datetime.now(UTC))


def _unmerge(request: StaffRequest, number: int, value: str) -> None:
    merging.unmerge(number, staff=request.staff.id, reference=request.reference, now=datetime.now(UTC))


def _unedit(request: StaffRequest, number: int, value: str) -> None:
    corrections.take_edit_back(
        number, int(value), staff=request.staff.id, reference=request.reference, now=datetime.now(UTC)
    )


_ACTIONS: dict[str, Callable[[StaffRequest, int, str], None]] = {
    "assignee": _update("assignee"),
    "status": _update("status"),
    "priority": _update("priority"),
    "category": _move,
    "add_tags": _tags("add"),
    "remove_tags": _tags("remove"),
    "tags": _set_tags,
    "delete": _delete,
    "unmerge": _unmerge,
}
_TAKE_BACK = {**_ACTIONS, "unedit": _unedit}
_UNDOABLE = {
    "assignee": "assignee",
    "status": "status",
    "priority": "priority",
    "category": "category",
    "add_tags": "tags",
    "remove_tags": "tags",
}
_KEPT = ("assignee_id", "status_id", "priority_id", "category_id", "tags")


def _value_before(do: str, value: str, present: dict[str, Any]) -> Any:
    return present["tags"] if do.endswith("_tags") else present[f"{do}_id"]


# --- what is said


def _tell(request: StaffRequest, do: str, done: int, refused: list[str]) -> None:
    if do == "delete":
        said = ngettext("%(n)d ticket is deleted.", "%(n)d tickets are deleted.", done)
    else:
        said = ngettext("%(n)d ticket is changed.", "%(n)d tickets are changed.", done)
    messages.success(request, said % {"n": done}, extra_tags="undo" if do in _UNDOABLE and done else "")
    _say_refused(request, refused)


def _say_refused(request: StaffRequest, refused: list[str]) -> None:
    if refused:
        more = _(" and %(n)d more") % {"n": len(refused) - 3} if len(refused) > 3 else ""
        messages.error(request, "; ".join(refused[:3]) + more)


def _ask(request: StaffRequest, numbers: list[int]) -> HttpResponse:
    numbers = inbox.visible(numbers, request.reference)
    doomed = inbox.rows(numbers[:20])
    return render(
        request,
        "web/delete.html",
        {
            "doomed": doomed,
            "numbers": numbers,
            "more": len(numbers) - len(doomed),
            "back": request.POST.get("back", ""),
        },
    )
