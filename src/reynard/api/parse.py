"""Plain values as typed input for the desk, or all problems of a request at once (protocol.md §4, §5).

Problems carry the desk's names of fields. Absent, null and empty are told apart where the contract does.
"""

import re
from collections.abc import Callable
from typing import Any

import msgspec
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from msgspec import UNSET, UnsetType

from reynard.api.formats import FormData
from reynard.desk.actions import bulk
from reynard.desk.actions.catalog import WantedChoice
from reynard.desk.actions.tickets import NAME_LIMIT, ContactReply, NewTicket, StaffUpdate
from reynard.desk.errors import NOT_A_CHOICE, WHOLE_REQUEST, Invalid, Problems
from reynard.desk.files import IncomingFile
from reynard.desk.rules import messages
from reynard.desk.rules.contacts import email_key
from reynard.desk.rules.custom_fields import FormValue
from reynard.desk.rules.dates import BadDate, read_date, read_moment
from reynard.desk.rules.markdown import BadMarkdown
from reynard.desk.rules.messages import BadHtml, Message
from reynard.desk.rules.tickets import split_list

SUBJECT_LIMIT = 1000  # characters
PHONE_LIMIT = 64
TAG_LIMIT = 100
TAGS_LIMIT = 100  # tags in one request
ADDRESSES_LIMIT = 100  # addresses in one list
EMAIL_LIMIT = 320
TIME_SPENT_LIMIT = 1_000_000  # minutes in one update
CHOICES_LIMIT = 1000  # choices of one field
CHOICE_TEXT_LIMIT = 255
LARGEST_ID = 2**63 - 1

_TRUE = {"true", "1", "yes", "on"}
_FALSE = {"false", "0", "no", "off"}
_ADDRESS = re.compile(r"[^<>\x00-\x1f\x7f]{0,255}<([^<>\s]+)>|([^<>\s]+)")  # `Lena <lena@example.org>`, or bare
_CUSTOM_KEY = re.compile(r"(t-cf|c-cf|ccf|a-cf)-0*(\d{1,18})", re.ASCII)


class Fields:
    """The data of one request by key, whatever format it came in; problems go to `problems`.

    In a form an empty value counts as not sent (P-04), several values of one key are a list, and a list may also
    stand in one value as JSON (protocol.md §4).
    """

    def __init__(self, data: Any, problems: Problems) -> None:
        if isinstance(data, list):
            problems.add(WHOLE_REQUEST, "Send one object, not a list.")
            raise Invalid(problems)
        self._data = data
        self.is_form = isinstance(data, FormData)
        self.problems = problems

    def raw(self, key: str) -> Any:
        """The value as sent; UNSET when it was not."""
        if key not in self._data:
            return UNSET
        value = self._data.get(key)
        return UNSET if self.is_form and value == "" else value

    def was_sent_empty(self, key: str) -> bool:
        """Sent as null, or as an empty value of a form."""
        return key in self._data and self._data.get(key) in (None, "")

    def text(self, key: str, *, field: str = "", limit: int = messages.TEXT_LIMIT) -> str:
        """A text; numbers are texts too (a YAML phone number is one). "" when not sent or null."""
        value = self.raw(key)
        if value is UNSET or value is None:
            return ""
        if isinstance(value, bool | list | dict):
            self.problems.add(field or key, "Enter a text.")
            return ""
        text = str(value)
        if "\x00" in text:
            self.problems.add(field or key, "Null characters are not allowed.")
            return ""
        if len(text) > limit:
            sentence = f"Ensure this value has at most {limit} characters (it has {len(text)})."
            self.problems.add(field or key, sentence)
            return ""
        return text

    def line(self, key: str, *, limit: int, field: str = "") -> str:
        """A text of one line: line breaks become blanks."""
        return re.sub(r"[\r\n\t\v\f]+", " ", self.text(key, field=field, limit=limit))

    def id(self, key: str, *, field: str = "") -> int | UnsetType:
        """An id as a number or digit string; UNSET when not sent, null or empty."""
        value = self.raw(key)
        if value is UNSET or value is None or value == "":
            return UNSET
        number = whole_number(value)
        if number is None or not 0 < number <= LARGEST_ID:
            self.problems.add(field or key, NOT_A_CHOICE)
            return UNSET
        return number

    def number(self, key: str, *, largest: int) -> int | None:
        """A whole number from 0 to `largest`; None when not sent, null or empty."""
        value = self.raw(key)
        if value is UNSET or value is None or value == "":
            return None
        number = whole_number(value)
        if number is None:
            self.problems.add(key, "Enter a whole number.")
        elif number < 0:
            self.problems.add(key, "Ensure this value is greater than or equal to 0.")
        elif number > largest:
            self.problems.add(key, f"Ensure this value is less than or equal to {largest}.")
        else:
            return number
        return None

    def boolean(self, key: str, *, field: str = "") -> bool | None:
        """None when not sent, null or empty."""
        value = self.raw(key)
        if value is UNSET or value is None or value == "":
            return None
        text = str(value).strip().lower()
        if isinstance(value, bool | int | str) and text in _TRUE | _FALSE:
            return text in _TRUE
        self.problems.add(field or key, "Enter true or false.")
        return None

    def dated(self, key: str, read: Callable[[Any], Any]) -> Any:
        """A date or moment; UNSET when not sent or empty, None for null."""
        value = self.raw(key)
        if value is UNSET or value is None or value == "":
            return None if value is None else UNSET
        try:
            return read(value)
        except BadDate as error:
            self.problems.add(key, str(error))
            return UNSET

    def items(self, key: str, *, field: str = "") -> list[str]:
        """A comma-separated list, or a list of texts; blanks around items and empty items are dropped."""
        value = self.several(key)
        if value is UNSET or value is None:
            return []
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(part, str | int | float) and not isinstance(part, bool) for part in parts):
            self.problems.add(field or key, "Enter texts, separated by commas.")
            return []
        if any("\x00" in str(part) for part in parts):
            self.problems.add(field or key, "Null characters are not allowed.")
            return []
        return split_list(",".join(map(str, parts)))

    def ids(self, key: str, *, field: str = "", limit: int) -> list[int]:
        """A list of ids, as `items`."""
        numbers = [whole_number(item) for item in self.items(key, field=field)]
        ids = [number for number in numbers if number is not None and 0 < number <= LARGEST_ID]
        if len(ids) < len(numbers):
            self.problems.add(field or key, NOT_A_CHOICE)
        if len(ids) > limit:
            self.problems.add(field or key, f"Give at most {limit} ids.")
            return []
        return ids

    def objects(self, key: str, *, limit: int) -> list[dict[str, Any]]:
        """A list of objects that must be there, and may be empty; in a form, as JSON in one value."""
        value = self.several(key)
        if value is UNSET or value is None:
            self.problems.require(key, False)
        elif not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.problems.add(key, "Enter a list of objects.")
        elif len(value) > limit:
            self.problems.add(key, f"Give at most {limit} of them.")
        else:
            return value
        return []

    def list_of_ids(self, key: str) -> list[int] | UnsetType:
        """A list of ids and nothing else; UNSET when not sent or null."""
        value = self.raw(key)
        if value is UNSET or value is None:
            return UNSET
        numbers = [whole_number(item) for item in value] if isinstance(value, list) else [None]
        if not all(number is not None and 0 < number <= LARGEST_ID for number in numbers):
            self.problems.add(key, "Enter a list of ids.")
            return UNSET
        return [number for number in numbers if number is not None]

    def tags(self, key: str = "tags") -> list[str]:
        tags = self.items(key)
        if len(tags) > TAGS_LIMIT:
            self.problems.add(key, f"Give at most {TAGS_LIMIT} tags.")
        if any(len(tag) > TAG_LIMIT for tag in tags):
            self.problems.add(key, f"Ensure each tag has at most {TAG_LIMIT} characters.")
        return tags

    def replaces_tags(self) -> bool:
        """Whether `tags` are all the ticket shall have, not some to be added (T-16); none at all is sent as empty."""
        mode = self.text("tags_mode").strip().lower()
        if mode not in {"", "add", "replace"}:
            self.problems.add("tags_mode", "Enter add or replace.")
        if mode == "replace" and "tags" not in self._data:
            self.problems.require("tags", False)
        return mode == "replace"

    def addresses(self, key: str) -> str:
        """Mail addresses, comma-separated, as they were sent."""
        items = self.items(key)
        if len(items) > ADDRESSES_LIMIT:
            self.problems.add(key, f"Give at most {ADDRESSES_LIMIT} addresses.")
        wrong = [item for item in items if not is_address(item)]
        if wrong:
            self.problems.add(key, f"Enter a valid email address: {wrong[0][:EMAIL_LIMIT]} is none.")
        return ",".join(items)

    def email(self, key: str) -> str:
        text = self.text(key, limit=EMAIL_LIMIT).strip()
        if text and not is_email(text):
            self.problems.add(key, "Enter a valid email address.")
        return text

    def message(self, *keys: str) -> Message | None:
        """A message from its Markdown; else from its HTML and the first of the text keys that was sent."""
        if self._has_markdown():
            return self._markdown()
        texts = [text for key in keys if (text := self.text(key))]
        return self._compose(texts[0] if texts else "", self.text("html"), html_key="html")

    def plain_message(self, key: str) -> Message | None:
        """A message that can only be plain text."""
        return messages.compose(self.text(key), "")

    def text_or_html(self) -> Message | None:
        """A message whose `text` may be HTML by itself (tickets.md §11); Markdown wins here, too."""
        if self._has_markdown():
            return self._markdown()
        text, html = self.text("text"), self.text("html")
        if not html and messages.looks_like_html(text):
            return self._compose("", text, html_key="text")
        return self._compose(text, html, html_key="html")

    def _has_markdown(self) -> bool:
        return bool(self.text("markdown").strip()) or "markdown" in self.problems

    def _markdown(self) -> Message | None:
        try:
            return messages.compose_markdown(self.text("markdown"))
        except (BadMarkdown, BadHtml) as error:
            self.problems.add("markdown", str(error))
            return None

    def _compose(self, text: str, html: str, *, html_key: str) -> Message | None:
        try:
            return messages.compose(text, html)
        except BadHtml as error:
            self.problems.add(html_key, str(error))
            return None

    def custom_values(self, *prefixes: str) -> dict[int, Any]:
        """Values by field id, as sent (custom-fields.md §3); in a form, empty ones count as not sent."""
        values = {}
        for key in self._data.keys():  # noqa: SIM118  # a form is no dict
            match = _CUSTOM_KEY.fullmatch(key)
            if match and match[1] in prefixes:
                value = self._custom_value(key)
                if value is not UNSET:
                    values[int(match[2])] = value
        return values

    def _custom_value(self, key: str) -> Any:
        several = self.several(key)
        if not self.is_form or several is UNSET:
            return several
        last = [text for text in self._data.getlist(key) if text != ""][-1]
        return FormValue(last=last, several=several if isinstance(several, list) else [several])

    def several(self, key: str) -> Any:
        """A value that may be a list; in a form: repeated keys, or a JSON list in one value."""
        if key not in self._data:
            return UNSET
        if not self.is_form:
            return self._data[key]
        texts = [text for text in self._data.getlist(key) if text != ""]
        if len(texts) == 1 and texts[0].lstrip().startswith("["):
            return _json_list(texts[0])
        return UNSET if not texts else texts if len(texts) > 1 else texts[0]


def whole_number(value: Any) -> int | None:
    """A whole number given as such (1.0 is one, too) or as digits; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,30}", value.strip(), re.ASCII):
        return int(value)
    return None


def is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return max(len(text), len(email_key(text))) <= EMAIL_LIMIT  # "ß" folds to two letters


def is_address(text: str) -> bool:
    """A mail address, with or without the name of its owner."""
    match = _ADDRESS.fullmatch(text)
    return match is not None and is_email(match[1] or match[2])


def _json_list(text: str) -> Any:
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text
    return value if isinstance(value, list) else text


def _or_none(value: Any) -> Any:
    return None if value is UNSET else value


def new_ticket(data: Any, files: list[IncomingFile], problems: Problems) -> NewTicket:
    """tickets.md §6."""
    fields = Fields(data, problems)
    return NewTicket(
        contact=fields.id("client", field="contact"),
        email=fields.email("email"),
        name=fields.line("name", limit=NAME_LIMIT),
        phone=fields.line("phone", limit=PHONE_LIMIT).strip(),
        subject=fields.line("subject", limit=SUBJECT_LIMIT),
        message=fields.message("text"),
        category=fields.id("category"),
        priority=fields.id("priority"),
        assignee=_or_none(fields.id("assignee")),
        tags=fields.tags(),
        cc=fields.addresses("cc"),
        bcc=fields.addresses("bcc"),
        created_at=_or_none(fields.dated("created_at", read_moment)),
        due_date=_or_none(fields.dated("due_date", read_date)),
        visible_only_staff=fields.boolean("visible_only_staff"),
        custom_values=fields.custom_values("t-cf"),
        contact_values=fields.custom_values("c-cf", "ccf"),
        files=files,
    )


def new_tickets(items: list[Any]) -> list[bulk.Item]:
    """tickets.md §7: each item like a ticket by itself, with problems of its own."""
    return [_item(data) for data in items]


def _item(data: Any) -> bulk.Item:
    problems = Problems()
    if isinstance(data, dict):
        return bulk.Item(new_ticket(data, [], problems), problems)
    problems.add(WHOLE_REQUEST, "Send an object with the fields of one ticket.")
    return bulk.Item(None, problems)


def choices(data: Any, problems: Problems) -> list[WantedChoice]:
    """custom-fields.md §5; all problems stand at `choices`, with the number of the choice in the text."""
    items = Fields(data, problems).objects("choices", limit=CHOICES_LIMIT)
    return [_choice(number, item, problems) for number, item in enumerate(items, start=1)]


def _choice(number: int, item: dict[str, Any], problems: Problems) -> WantedChoice:
    own = Problems()
    fields = Fields(item, own)
    if fields.raw("id") is UNSET:  # a client that forgot the ids would delete every choice
        own.add("id", "Give the id of the choice, or null for a new one.")
    choice = WantedChoice(
        id=_or_none(fields.id("id")),
        text=fields.line("text", limit=CHOICE_TEXT_LIMIT).strip(),
        dependents=fields.list_of_ids("dependant_fields"),
    )
    own.require("text", bool(choice.text))
    for key, texts in own.items():
        problems.add("choices", f"Choice {number}, {key}: {' '.join(texts)}")
    return choice


def staff_update(data: Any, files: list[IncomingFile], problems: Problems) -> StaffUpdate:
    """tickets.md §9."""
    fields = Fields(data, problems)
    update = _changes(fields, files)
    update.subject = fields.line("subject", limit=SUBJECT_LIMIT)
    update.new_subject = _new_subject(fields)
    update.cc = fields.addresses("cc")
    update.bcc = fields.addresses("bcc")
    update.update_customer = bool(fields.boolean("update_customer"))
    update.send_survey = bool(fields.boolean("send_survey"))
    update.last_staff_message = fields.number("last_staff_message", largest=LARGEST_ID)
    update.parent = _or_none(fields.id("parent_update"))
    return update


def _new_subject(fields: Fields) -> str | UnsetType:
    """UNSET when not sent or null; a blank one is for the desk to refuse."""
    return UNSET if fields.raw("new_subject") in (UNSET, None) else fields.line("new_subject", limit=SUBJECT_LIMIT)


def private_note(data: Any, files: list[IncomingFile], problems: Problems) -> StaffUpdate:
    """tickets.md §10: the keys that are about the contact are ignored."""
    fields = Fields(data, problems)
    update = _changes(fields, files)
    update.alert = fields.items("alert")
    return update


def _changes(fields: Fields, files: list[IncomingFile]) -> StaffUpdate:
    """What a staff update and a private note have in common."""
    return StaffUpdate(
        staff=fields.id("staff"),
        message=fields.message("plaintext", "text"),
        files=files,
        status=fields.id("status"),
        priority=fields.id("priority"),
        assignee=None if fields.was_sent_empty("assignee") else fields.id("assignee"),
        due_date=fields.dated("due_date", read_date),
        tags=fields.tags(),
        replace_tags=fields.replaces_tags(),
        time_spent=fields.number("time_spent", largest=TIME_SPENT_LIMIT),
        custom_values=fields.custom_values("t-cf"),
        contact_values=fields.custom_values("c-cf", "ccf"),
    )


def contact_reply(data: Any, files: list[IncomingFile], problems: Problems) -> ContactReply:
    """tickets.md §11."""
    fields = Fields(data, problems)
    return ContactReply(
        contact=fields.id("user", field="contact"),
        message=fields.text_or_html(),
        files=files,
        cc=fields.addresses("cc"),
        bcc=fields.addresses("bcc"),
    )
