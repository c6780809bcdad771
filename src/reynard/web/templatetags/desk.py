"""Formatting only: icons, faces, dots, moments."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from hashlib import blake2b
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from reynard.desk.rules.history import Changes, Merging
from reynard.desk.selectors.conversation import Entry

register = template.Library()

_HUES = 12  # as many as the stylesheet has


@register.simple_tag
def fox() -> SafeString:
    return format_html('<svg class="fox" aria-hidden="true"><use href="{}#fox"/></svg>', static("reynard/icons.svg"))


@register.simple_tag
@cache
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """An icon of the sprite; with a label it is an image of that name, else decoration."""
    address = f"{static('reynard/icons.svg')}#i-{name}"
    if label:
        return format_html('<svg class="i {}" role="img" aria-label="{}"><use href="{}"/></svg>', css, label, address)
    return format_html('<svg class="i {}" aria-hidden="true"><use href="{}"/></svg>', css, address)


def initials(name: str) -> str:
    words = [word for word in name.split() if word[0].isalnum()] or [name or "?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.simple_tag
def face(name: str, kind: str = "", size: str = "", *, label: bool = False) -> SafeString:
    """Initials on a colour of the name: round for contacts, square for `kind` "staff"."""
    hue = int.from_bytes(blake2b(name.encode(), digest_size=2).digest()) % _HUES
    spoken = format_html('role="img" aria-label="{}" title="{}"', name, name) if label else 'aria-hidden="true"'
    return format_html(
        '<span class="face {} {} hue-{}" {}>{}</span>', kind, size, hue, SafeString(spoken), initials(name)
    )


@register.simple_tag
def dot(color: str, *, done: bool = False) -> SafeString:
    """A dot in a colour the desk chose, `RRGGBB`; square for what is done."""
    shape = '<rect width="8" height="8" rx="2" fill="#{}"/>' if done else '<circle cx="4" cy="4" r="4" fill="#{}"/>'
    return format_html('<svg class="dot-c" viewBox="0 0 8 8" aria-hidden="true">' + shape + "</svg>", color)


@register.simple_tag
def moment(at: datetime | None, form: str = "long") -> SafeString:
    """A moment as people say it, in the reader's zone; the exact one in the tooltip. `form`: long, short, ago."""
    if at is None:
        return SafeString("")
    local = timezone.localtime(at)
    words = ago(at) if form == "ago" else said(local, timezone.localtime(), short=form == "short")
    exact = date_format(local, pgettext("date format", "l, j F Y, H:i:s")) + f" {local.tzname()}"
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact, words)


def said(local: datetime, now: datetime, *, short: bool = False) -> str:
    """`Today, 09:37`, `Mon 9 March, 16:40`, `9 March 2025, 16:40`; short ones leave out the time of other days."""
    clock = date_format(local, "H:i")
    if local.date() == now.date():
        return clock if short else _("Today, %(clock)s") % {"clock": clock}
    if local.date() == (now - timedelta(days=1)).date():
        return _("Yesterday") if short else _("Yesterday, %(clock)s") % {"clock": clock}
    if local.year == now.year or now - local < timedelta(days=180):
        return date_format(local, pgettext("date format", "j M") if short else pgettext("date format", "D j F, H:i"))
    return date_format(local, pgettext("date format", "M Y") if short else pgettext("date format", "j F Y, H:i"))


def ago(at: datetime) -> str:
    """The age of a moment in one unit: `now`, `25 min`, `2 h`, `3 d`."""
    return lasting(timezone.now() - at)


@register.filter
def age(at: datetime) -> str:
    """How long ago a moment was: `25 min`."""
    return ago(at)


@register.filter
def until(at: datetime) -> str:
    """How long until a moment: `25 min`."""
    return lasting(at - timezone.now())


def lasting(time: timedelta) -> str:
    minutes = int(time.total_seconds() // 60)
    if minutes < 1:
        return _("now")
    if minutes < 60:
        return _("%(n)d min") % {"n": minutes}
    if minutes < 48 * 60:
        return _("%(n)d h") % {"n": minutes // 60}
    days = minutes // (24 * 60)
    return (
        ngettext("%(n)d day", "%(n)d days", days) % {"n": days} if days < 60 else _("%(n)d months") % {"n": days // 30}
    )


_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@register.filter
def browser(user_agent: str) -> str:
    """`Firefox on Linux`, by what browsers say of themselves."""
    name = next((name for sign, name in _BROWSERS if sign in user_agent), _("Another program"))
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return _("%(browser)s on %(system)s") % {"browser": name, "system": system} if system else name


@register.filter
def minutes(time: int) -> str:
    """Minutes as people say them: `25 min`, `1 h 25 min`."""
    if time < 60:
        return _("%(n)d min") % {"n": time}
    return _("%(hours)d h %(minutes)d min") % {"hours": time // 60, "minutes": time % 60}


@register.filter
def startswith(text: str, beginning: str) -> bool:
    return text.startswith(beginning)


@register.filter
def filesize(size: int) -> str:
    """Bytes as people say them: `214 KB`, `2.1 MB`."""
    if size < 1000:
        return f"{size} B"
    return f"{size / 1000:.0f} KB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


@register.filter
def has_changes(changes: Changes) -> bool:
    return changes.to_text() is not None


@register.simple_tag
def changes_said(entry: Entry) -> SafeString:
    """What an entry of the history changed, in words: `set Waiting, took the ticket, added the tag hub`."""
    changes = entry.changes
    said: list[SafeString] = []

    def say(words: str, **names: object) -> None:
        said.append(format_html(words, **names) if names else escape(words))

    if changes.merging:
        _say_merging(changes.merging, say)
    if changes.deleted:
        say(_("deleted the ticket"))
    if changes.correction and changes.moved_to:
        say(_("moved a message to {ticket}"), ticket=_link(changes.moved_to))
    elif changes.correction:
        say(
            {
                "edited": _("edited a message"),
                "deleted": _("deleted a message"),
                "made_private": _("made a message private"),
                "moved": _("moved a message to another ticket"),
            }[changes.correction.kind]
        )
    if changes.moved_from:
        say(_("wrote this in {ticket}"), ticket=_link(changes.moved_from))
    if entry.moved_to:
        say(_("wrote a message that is in {ticket} now"), ticket=_link(entry.moved_to))
    elif entry.was_deleted:
        say(_("wrote a message that was deleted"))
    if changes.assignee:
        if changes.assignee.new is None:
            say(_("unassigned the ticket"))
        elif changes.assignee.new == entry.author_id and entry.author_type == "staff":
            say(_("took the ticket"))
        else:
            say(_("assigned <b>{name}</b>"), name=changes.assignee.new_name)
    if changes.status:
        say(_("set <b>{name}</b>"), name=changes.status.new_name)
    if changes.priority:
        say(_("set the priority <b>{name}</b>"), name=changes.priority.new_name)
    if changes.category:
        say(_("moved the ticket to <b>{name}</b>"), name=changes.category.new_name)
    if changes.subject:
        say(_("renamed the ticket from “{old}”"), old=changes.subject.old)
    if changes.due_date:
        day = changes.due_date.new
        say(_("set the due date <b>{day}</b>") if day else _("removed the due date"), day=day)
    for field in (*changes.custom_fields, *changes.contact_fields):
        say(_("set {name} to <b>{value}</b>"), name=field.name, value=field.new or _("nothing"))
    for tag in changes.tags_added:
        say(_("added the tag <b>{tag}</b>"), tag=tag)
    for tag in changes.tags_removed:
        say(_("removed the tag <b>{tag}</b>"), tag=tag)
    if entry.time_spent:
        say(_("spent {n} minutes"), n=entry.time_spent)
    return format_html_join(", ", "{}", ((words,) for words in said)) if said else escape(_("changed the ticket"))


def _say_merging(merging: Merging, say: Callable[..., None]) -> None:
    if merging.into and merging.undone:
        say(_("took this ticket out of {ticket} again"), ticket=_link(merging.into))
    elif merging.into:
        say(_("merged this ticket into {ticket}"), ticket=_link(merging.into))
    else:
        tickets = format_html_join(", ", "{}", ((_link(number),) for number in merging.tickets))
        say(_("took {tickets} out again") if merging.undone else _("merged {tickets} into this"), tickets=tickets)


def _link(number: int) -> SafeString:
    return format_html('<a href="/inbox/ticket/{}/">#{}</a>', number, number)


@register.simple_tag
def message_label(block: Any) -> str:
    """The name of a message for those who listen: `Message from Lena Ortiz, Today, 09:37`."""
    entry = block.entry
    at = said(timezone.localtime(entry.at), timezone.localtime())
    if block.kind == "note":
        return _("Private note by %(name)s, %(at)s") % {"name": entry.author_name, "at": at}
    if block.by_staff:
        return _("Reply by %(name)s, %(at)s") % {"name": entry.author_name, "at": at}
    return _("Message from %(name)s, %(at)s") % {"name": entry.author_name, "at": at}
