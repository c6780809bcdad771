"""The keyboard: which key does what, and where. One table; the key sheet, the palette and keys.js read it.

Keys are named as `KeyboardEvent.key` names them, letters in lower case, with `Control+`, `Alt+` and `Shift+` before
them; `g r` is one after the other. `Control` is ⌘ on a Mac.
"""

from typing import Any

import msgspec
from django.utils.translation import gettext_lazy as _


class Key(msgspec.Struct, frozen=True):
    """`do` is the name of the handler in keys.js; empty for a key that is text, and minded where text is written."""

    do: str
    keys: tuple[str, ...]  # any of these
    words: Any

    @property
    def spelled(self) -> str:
        return "|".join(self.keys)

    @property
    def caps(self) -> list[list[str]]:
        """What is printed on the keys, for each way to press."""
        return [[_CAPS.get(part, part.upper()) for part in key.replace("+", " ").split()] for key in self.keys]


class Group(msgspec.Struct, frozen=True):
    """Keys that work in one place: `anywhere`, `list`, `tickets` (one, or those selected), `ticket`, `composer`."""

    where: str
    name: Any
    keys: tuple[Key, ...]


_CAPS = {"Control": "Ctrl", "Escape": "Esc", "ArrowDown": "↓", "ArrowUp": "↑", "Enter": "Enter"} | {
    name: name for name in ("Alt", "Shift", "Home", "End")
}

GROUPS = (
    Group(
        "anywhere",
        _("Anywhere"),
        (
            Key("search", ("/",), _("Search tickets")),
            Key("palette", ("Control+k",), _("Commands")),
            Key("new", ("t",), _("New ticket")),
            Key("go_needs_reply", ("g r",), _("Go to Needs reply")),
            Key("go_mine", ("g m",), _("Go to Mine")),
            Key("go_unassigned", ("g u",), _("Go to Unassigned")),
            Key("go_waiting", ("g w",), _("Go to Waiting for contact")),
            Key("go_mentions", ("g n",), _("Go to Mentions")),
            Key("go_drafts", ("g d",), _("Go to Drafts")),
            Key("go_all", ("g a",), _("Go to All open")),
            Key("go_solved", ("g s",), _("Go to Solved")),
            Key("fresh", (".",), _("Show new tickets")),
            Key("undo", ("z",), _("Undo the last action")),
            Key("sheet", ("?",), _("Show these keys")),
            Key("leave", ("Escape",), _("Close, leave the field")),
        ),
    ),
    Group(
        "list",
        _("List"),
        (
            Key("next_row", ("j", "ArrowDown"), _("Next ticket")),
            Key("previous_row", ("k", "ArrowUp"), _("Previous ticket")),
            Key("first_row", ("Home",), _("First ticket")),
            Key("last_row", ("End",), _("Last ticket")),
            Key("open", ("Enter",), _("Open")),
            Key("select", ("x",), _("Select")),
            Key("select_to", ("Shift+x",), _("Select up to here")),
            Key("select_page", ("Control+a",), _("Select the whole page")),
        ),
    ),
    Group(
        "tickets",
        _("Ticket, or those selected"),
        (
            Key("assign", ("a",), _("Assign, then the first letter")),
            Key("take", ("i",), _("Assign to me")),
            Key("status", ("s",), _("Status, then its first letter")),
            Key("solve", ("e",), _("Solve")),
            Key("priority", ("p",), _("Priority, then its first letter")),
            Key("category", ("v",), _("Category, then its first letter")),
            Key("tags", ("l",), _("Tags")),
            Key("canned", ("c",), _("Canned action")),
            Key("merge", ("m",), _("Merge")),
        ),
    ),
    Group(
        "ticket",
        _("Ticket"),
        (
            Key("reply", ("r",), _("Reply")),
            Key("note", ("n",), _("Private note")),
            Key("forward", ("f",), _("Forward")),
            Key("due", ("d",), _("Due date")),
            Key("subscribe", ("b",), _("Subscribe, or not any more")),
            Key("next_ticket", ("j",), _("Next ticket")),
            Key("previous_ticket", ("k",), _("Previous ticket")),
            Key("next_message", ("Shift+j",), _("Next message")),
            Key("previous_message", ("Shift+k",), _("Previous message")),
            Key("history", ("h",), _("Fold history")),
            Key("copy", ("y",), _("Copy link")),
            Key("back", ("u",), _("Back to the list")),
        ),
    ),
    Group(
        "composer",
        _("While writing"),
        (
            Key("send", ("Control+Enter",), _("Send, or add the note")),
            Key("send_waiting", ("Control+Shift+Enter",), _("Send, then wait for the contact")),
            Key("other_kind", ("Control+Alt+n",), _("The other kind of message")),
            Key("", ("#",), _("Canned action")),
        ),
    ),
)


def caps() -> dict[str, list[str]]:
    """What to press first for each handler, as printed: `{"reply": ["R"]}`."""
    return {key.do: key.caps[0] for group in GROUPS for key in group.keys if key.do}
