"""The commands of the palette, as options of its list."""

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reynard.desk.models import CannedAction, Ticket
from reynard.desk.selectors import canned_actions
from reynard.web import keys
from reynard.web.templatetags.desk import icon

register = template.Library()

CANNED_LIMIT = 100  # names that come with a ticket's page

_CAPS = keys.caps()
_WORDS = {key.do: key.words for group in keys.GROUPS for key in group.keys}
_PROPERTY_KEYS = {"status": "status", "assignee": "assign", "priority": "priority", "category": "category"}
_OPTION = (
    '<div class="opt" role="option" aria-selected="false" data-id="{id}" {data}>{icon}'
    '<span class="truncate" data-words dir="auto">{words}</span>{count}{keys}</div>'
)


@register.simple_tag
def command(do: str, symbol: str) -> str:
    """What a key does, as a command."""
    return _option(do, format_html('data-do="{}"', do), symbol, _WORDS[do], _CAPS[do])


@register.simple_tag
def setting(of: str, value: object, words: str, name: str, symbol: str, behavior: str = "") -> str:
    """A property of the ticket, or of those selected, set to a value; `words` say it with the value's name."""
    caps = [*_CAPS[_PROPERTY_KEYS[of]], name[:1].upper()] if name else []
    data = format_html('data-set="{}:{}" data-name="{}" data-behavior="{}"', of, value, name, behavior)
    return _option(f"{of}:{value}", data, symbol, words.replace("{name}", name), caps)


@register.simple_tag
def place(address: str, name: str, symbol: str, count: int | None = None, slug: str = "") -> str:
    """A page to go to; `slug` is that of a view everybody has."""
    caps = _CAPS.get(f"go_{slug.replace('-', '_')}", [])
    return _option(address, format_html('data-href="{}"', address), symbol, name, caps, count)


@register.simple_tag
def canned_of(ticket: Ticket | str) -> list[CannedAction]:
    """The canned actions that fit a ticket, the most used first; none where there is no ticket."""
    return canned_actions.fitting(ticket.category_id, "", limit=CANNED_LIMIT) if isinstance(ticket, Ticket) else []


def _option(
    id: str, data: SafeString, symbol: str, words: Any, caps: list[str], count: int | None = None
) -> SafeString:
    pressed = format_html_join("", "<kbd>{}</kbd>", ((cap,) for cap in caps))
    return format_html(
        _OPTION,
        id=id,
        data=data,
        icon=icon(symbol),
        words=words,
        count=format_html('<span class="n">{}</span>', count) if count else "",
        keys=format_html('<span class="keys" aria-hidden="true">{}</span>', pressed) if caps else "",
    )
