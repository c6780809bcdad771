"""What is done to several tickets at once, and undone: the API's actions, one ticket after the other.

Each ticket is a transaction of its own: what one refuses does not stop the others, and is said by name. A request does
as many as fit into STEP_SECONDS; the rest is a run, which the next pages of that person go on with (`web/run.html`).
What the tickets were before is kept, so that the last bulk action can be undone as long as nobody has touched the
tickets since.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import blake2b
from time import monotonic
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from msgspec import UNSET

from reynard.desk.actions import corrections, merging, ticket_changes, tickets
from reynard.desk.actions.ticket_changes import Deletion, Move, TagChanges
from reynard.desk.actions.tickets import StaffUpdate
from reynard.desk.errors import DeskError, Invalid, NothingToUpdate, SearchTooSlow
from reynard.desk.models import Ticket
from reynard.desk.rules import tickets as rules
from reynard.desk.selectors import inbox
from reynard.web import bulk_canned, drawers, forms
from reynard.web import inbox as pages
from reynard.web.access import StaffRequest, staff_required

LIMIT = 5_000  # tickets of one bulk action
STEP_SECONDS = 2.0  # of one request
_UNDO = "undo"  # in the session, as all these: the drawer of an Undo
_RUN = "run"  # the drawer of a Run
_ASKED = "asked"  # the drawer of the tickets that somebody was asked about
_SAID = 3  # refusals that are said in words


class Undo(msgspec.Struct):
    """How to take a bulk action back: `do` with the value each ticket had, if it is still of this version."""

    do: str
    tickets: dict[str, tuple[Any, int]]  # number → (value before, version after)


class Run(msgspec.Struct):
    """A bulk action under way. `left` has the numbers from the last to the first."""

    do: str
    value: str
    total: int
    left: list[int]
    taken_back: Undo | None = None  # the action that this run undoes
    done: int = 0
    refused: int = 0
    refusals: list[str] = []
    before: dict[str, tuple[Any, int]] = {}

    @property
    def passed(self) -> int:
        return self.total - len(self.left)


@staff_required
@require_POST
def change(request: StaffRequest) -> HttpResponse:
    do, _colon, value = request.POST.get("do", "").partition(":")
    if not do and request.POST.get("tags", "").strip():
        do = "add_tags"  # Enter in their field
    if "take" in request.POST:
        do, value = "assignee", str(request.staff.id)
    try:
        numbers = _selected(request)
    except (_TooMany, Invalid, SearchTooSlow) as error:
        messages.error(request, pages.sentence(error) if isinstance(error, Invalid) else str(error))
        return HttpResponseRedirect(forms.back(request))
    if not numbers:
        messages.info(request, _("Select tickets first."))
        return HttpResponseRedirect(forms.back(request))
    if (do == "delete" and "sure" not in request.POST) or (do == "canned" and "asked" not in request.POST):
        return _ask(request, do, numbers)
    if do == "merge":
        chosen = {"ticket": numbers[: merging.LIMIT + 1], "back": forms.back(request)}
        return HttpResponseRedirect(f"/inbox/merge/?{urlencode(chosen, doseq=True)}")
    if not do:
        return HttpResponseRedirect(forms.back(request))
    if do not in _ACTIONS:
        raise Http404
    if do.endswith("_tags"):
        value = request.POST.get("tags", "")
    return _begin(request, Run(do, value, len(numbers), numbers[::-1]))


def keep_undo(request: StaffRequest, do: str, before: dict[str, tuple[Any, int]]) -> None:
    """Remember how to take back what was just done, instead of what was done before it."""
    drawers.remove(request, _UNDO)
    if before:
        drawers.put(request, _UNDO, msgspec.to_builtins(Undo(do, before)))


@staff_required
@require_POST
def undo(request: StaffRequest) -> HttpResponse:
    """Take the last bulk action back, on the tickets nobody has touched since."""
    kept = drawers.get(request, _UNDO)
    if kept is None:
        messages.info(request, _("There is nothing to undo."))
        return HttpResponseRedirect(forms.back(request))
    drawers.remove(request, _UNDO)
    last = msgspec.convert(kept, Undo)
    numbers = [int(number) for number in last.tickets]
    return _begin(request, Run(last.do, "", len(numbers), numbers[::-1], taken_back=last))


# --- runs


def _begin(request: StaffRequest, run: Run) -> HttpResponse:
    if drawers.get(request, _RUN) is not None:
        messages.error(request, _("Another change of yours is still running. Wait until it is done, or stop it."))
        return HttpResponseRedirect(forms.back(request))
    _step(request, run)
    return HttpResponseRedirect(forms.back(request))


def running(request: HttpRequest) -> Run | None:
    """What is under way for somebody."""
    kept = drawers.get(request, _RUN)
    return None if kept is None else msgspec.convert(kept, Run)


@staff_required
@require_POST
def go_on(request: StaffRequest) -> HttpResponse:
    """Do the next tickets of the run, or `stop` it; for scripts, what is to be shown of it."""
    turn = f"run-{request.session.session_key}"
    if cache.add(turn, 1, timeout=60):  # not in two windows at once
        try:
            run = running(request)
            if run is not None:
                _step(request, run, stop="stop" in request.POST)
        finally:
            cache.delete(turn)
    if "HX-Request" in request.headers:
        return render(request, "web/run_news.html")
    return HttpResponseRedirect(forms.back(request))


def _step(request: StaffRequest, run: Run, *, stop: bool = False) -> None:
    """Go on for STEP_SECONDS; at the end say what became of the run, and remember how to undo it."""
    until = monotonic() + STEP_SECONDS
    while run.left and not stop:
        _do_one(request, run, run.left.pop())
        if monotonic() >= until:
            break
    if run.left and not stop:
        drawers.put(request, _RUN, msgspec.to_builtins(run))
        return
    drawers.remove(request, _RUN)
    _tell(request, run)
    if run.taken_back is None:
        keep_undo(request, _UNDOABLE.get(run.do, ""), run.before)


def _do_one(request: StaffRequest, run: Run, number: int) -> None:
    act, value = _ACTIONS.get(run.do), run.value
    if run.taken_back is not None:
        before, version = run.taken_back.tickets[str(number)]
        act, value = _TAKE_BACK[run.do], "" if before is None else str(before)
        if not Ticket.objects.filter(id=number, version=version).exists():
            _refuse(run, _("#%(n)s: somebody has changed it since") % {"n": number})
            return
    assert act is not None
    present = Ticket.objects.filter(id=number).values(*_KEPT).first()
    try:
        act(request, number, value)
    except NothingToUpdate:
        return
    except DeskError as error:
        _refuse(run, f"#{number}: {error}")
        return
    run.done += 1
    if present and run.do in _UNDOABLE and run.taken_back is None:
        after = Ticket.objects.values_list("version", flat=True).get(id=number)
        run.before[str(number)] = (_value_before(run.do, run.value, present), after)


def _refuse(run: Run, sentence: str) -> None:
    run.refused += 1
    if len(run.refusals) < _SAID:
        run.refusals.append(sentence)


# --- which tickets


class _TooMany(Exception):
    def __init__(self, total: int) -> None:
        super().__init__(
            _("There are %(total)s tickets in this view; %(limit)s are changed at once at most. Narrow it first.")
            % {"total": f"{total:,}", "limit": f"{LIMIT:,}"}
        )


def _selected(request: StaffRequest) -> list[int]:
    """The numbers that are ticked, those of the whole view, or those somebody was asked about.

    Raises _TooMany, Invalid, SearchTooSlow.
    """
    if "take" in request.POST:
        return forms.numbers(request.POST.getlist("take"))[:LIMIT]
    if "asked" in request.POST:
        asked = drawers.get(request, _ASKED) or []
        drawers.remove(request, _ASKED)
        return asked if request.POST["asked"] == _told_apart(asked) else []
    if "all" in request.POST:
        request.GET = request.POST  # the view, the search and the filters are sent with the form
        now = datetime.now(UTC)
        page = inbox.page(pages.find_view(request, now=now), 1, LIMIT, request.reference, now=now)
        if page.total > LIMIT:
            raise _TooMany(page.total)
        return page.numbers
    return forms.numbers(request.POST.getlist("ticket"))[:LIMIT]


def _told_apart(numbers: list[int]) -> str:
    """Different for other tickets: an old page about deleting deletes nothing that it did not show."""
    return blake2b(",".join(map(str, numbers)).encode(), digest_size=12).hexdigest()


# --- the actions


def _update(field: str) -> Callable[[StaffRequest, int, str], None]:
    def act(request: StaffRequest, number: int, value: str) -> None:
        wanted = StaffUpdate(staff=request.staff.id)
        nobody = field == "assignee" and not value
        setattr(wanted, field, None if nobody else int(value) if forms.is_id(value) else UNSET)
        tickets.add_staff_update(number, wanted, reference=request.reference, now=datetime.now(UTC))

    return act


def _move(request: StaffRequest, number: int, value: str) -> None:
    wanted = Move(staff=request.staff.id, category=int(value) if forms.is_id(value) else UNSET)
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
    "canned": bulk_canned.act,
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


def _tell(request: StaffRequest, run: Run) -> None:
    if run.taken_back is not None:
        said = ngettext("Undone on %(n)d ticket.", "Undone on %(n)d tickets.", run.done)
    elif run.do == "delete":
        said = ngettext("%(n)d ticket is deleted.", "%(n)d tickets are deleted.", run.done)
    else:
        said = ngettext("%(n)d ticket is changed.", "%(n)d tickets are changed.", run.done)
    said %= {"n": run.done}
    if run.left:
        said += " " + ngettext("%(n)d is as it was.", "%(n)d are as they were.", len(run.left)) % {"n": len(run.left)}
    can_be_undone = run.before and run.taken_back is None
    messages.success(request, said, extra_tags="undo" if can_be_undone else "")
    if run.refused:
        more = _(" and %(n)d more") % {"n": run.refused - _SAID} if run.refused > _SAID else ""
        messages.error(request, "; ".join(run.refusals) + more)


def _ask(request: StaffRequest, do: str, numbers: list[int]) -> HttpResponse:
    """What cannot be undone asks first, and names what it is about."""
    numbers = inbox.visible(numbers, request.reference)
    drawers.put(request, _ASKED, numbers)
    if do == "canned":
        return bulk_canned.ask(request, numbers, _told_apart(numbers))
    doomed = inbox.rows(numbers[:20])
    return render(
        request,
        "web/delete.html",
        {
            "doomed": doomed,
            "total": len(numbers),
            "told_apart": _told_apart(numbers),
            "more": len(numbers) - len(doomed),
            "back": request.POST.get("back", ""),
        },
    )
