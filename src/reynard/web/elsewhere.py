"""What became of tickets that left a list while somebody looks at it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from reynard.desk.models import Update
from reynard.desk.selectors import inbox
from reynard.desk.selectors.inbox import Latest
from reynard.web import forms
from reynard.web.access import StaffRequest, staff_required

LIMIT = 100  # as many as two pages have


@staff_required
@require_GET
def read(request: StaffRequest) -> HttpResponse:
    """For each `ticket` its version and, in a few words, what happened last; nothing of those one may not see."""
    given = request.GET.getlist("ticket")[:LIMIT]
    numbers = forms.numbers(given)
    became = [(one, said(one)) for one in inbox.latest(numbers, request.reference)]
    return render(request, "web/elsewhere.html", {"became": became})


def said(latest: Latest) -> str:
    """`Solved by Jonas`, `Moved to Shop orders by Amara`."""
    changes, by = latest.changes, {"by": latest.author_name}
    if changes.deleted:
        return _("Deleted by %(by)s") % by
    if changes.merging and changes.merging.into and not changes.merging.undone:
        return _("Merged into #%(into)d by %(by)s") % {**by, "into": changes.merging.into}
    if changes.status and not latest.is_pending:
        return _("Solved by %(by)s") % by
    if changes.category:
        return _("Moved to %(name)s by %(by)s") % {**by, "name": changes.category.new_name}
    if latest.has_message:
        is_theirs = latest.author_type == Update.Author.CONTACT
        return (_("%(by)s has written") if is_theirs else _("Answered by %(by)s")) % by
    if changes.assignee and changes.assignee.new is not None:
        return _("Assigned to %(name)s by %(by)s") % {**by, "name": changes.assignee.new_name}
    if changes.status:
        return _("Set to %(name)s by %(by)s") % {**by, "name": changes.status.new_name}
    return _("Changed by %(by)s") % by
