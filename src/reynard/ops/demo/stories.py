"""Conversations of the demo desk: what the mail modules hold, read into structs.

    === Subject | Another subject | …
    tags: brakes, safety            a line per fact; every key is a field of Story
    times: 4                        how many tickets tell this story, with other people and bicycles

    --- contact; file=photo         who writes, and what comes with it; every key is a field of Step
    the text, with {slots}
    --- or                          another wording of the step before
    --- staff; minutes=5; status=Waiting
    --- note

Lines that end with a backslash go on in the next one, as in any Python string.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

_SLOT = re.compile(r"\{(\w+)\}")


class Wording(msgspec.Struct, frozen=True):
    text: str
    file: str = ""  # photo, list, log or invoice


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One message, in one or more wordings; `due` is in days from then."""

    who: str  # contact, staff or note
    wordings: tuple[Wording, ...]
    status: str = ""
    priority: str = ""
    assign: str = ""
    minutes: int | None = None
    due: int | None = None
    wait: int = 0  # days that pass first

    def wording(self, use: int) -> Wording:
        return self.wordings[use % len(self.wordings)]


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """`from_` is a circle of contacts or some names, `age` the days before the load it begins (0: any time)."""

    category: str
    subjects: tuple[str, ...]
    steps: tuple[Step, ...]
    times: int = 1
    age: int = 0
    from_: str = msgspec.field(default="private", name="from")
    tags: str = ""
    priority: str = ""
    amount: str = "120-900"  # EUR, from and to
    estimate: float = 0  # EUR
    services: str = ""
    spokes: int = 0  # mm
    topic: str = ""
    partner: str = ""
    matter: str = ""

    @property
    def last_staff_step(self) -> Step | None:
        return next((step for step in reversed(self.steps) if step.who == "staff"), None)


def read(text: str, *, category: str) -> list[Story]:
    return [_read_story(part, category) for part in _parts(text, "===")]


def fill(text: str, slots: dict[str, str]) -> str:
    """The text with its slots filled; braces that name no slot stay."""
    return _SLOT.sub(lambda match: slots.get(match[1], match[0]), text)


def _read_story(text: str, category: str) -> Story:
    head, *steps = re.split(r"^--- ", text, flags=re.MULTILINE)
    subjects, _, facts = head.partition("\n")
    given: dict[str, Any] = dict(line.split(": ", 1) for line in facts.split("\n") if line)
    given |= {"category": category, "subjects": [subject.strip() for subject in subjects.split("|")]}
    given["steps"] = list(_read_steps(steps))
    return msgspec.convert(given, Story, strict=False)


def _read_steps(texts: list[str]) -> Iterator[dict[str, Any]]:
    """One dictionary per step; the wordings after "or" join the step before them."""
    step: dict[str, Any] = {}
    for text in texts:
        first, _, body = text.partition("\n")
        who, *facts = (item.strip() for item in first.split(";"))
        given = dict(fact.split("=", 1) for fact in facts)
        wording = {"text": body.strip(), "file": given.pop("file", "")}
        if who == "or":
            step["wordings"].append(wording)
            continue
        if step:
            yield step
        step = {"who": who, "wordings": [wording], **given}
    yield step


def _parts(text: str, mark: str) -> list[str]:
    return [part.strip() for part in re.split(f"^{mark} ", text, flags=re.MULTILINE) if part.strip()]
