"""Words shared by the tests of writing: the clock, the shapes of refusals, everything the desk has."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection

from reynard.api import endpoint
from tests.factories import NOON

NOW = NOON + timedelta(hours=2, minutes=20, seconds=55, microseconds=700_000)
NOW_TEXT = "2026-03-09 14:20:55"
NOON_TEXT = "2026-03-09 12:00:00"

FORM = "application/x-www-form-urlencoded"
YAML = "application/x-yaml"

REQUIRED = "This field is required."
FIELD_REQUIRED = "This field is required"
NOT_A_CHOICE = "Select a valid choice. That choice is not one of the available choices."
NEEDED_TO_COMPLETE = "This field should be filled before marking this ticket as completed"
NULLS = "Null characters are not allowed."


def stop_clock(monkeypatch, moment=NOW):
    """From now on every request comes at this moment."""
    monkeypatch.setattr(endpoint, "datetime", SimpleNamespace(now=moment.astimezone))


def shape_l(problems):
    """The body of a refusal for `{"<field>": "<text>", ...}` (protocol.md §8.1)."""
    return {"error": [{"field": field, "errors": [text]} for field, text in problems.items()]}


def everything():
    """All rows of the desk, for comparing before and after."""
    models = apps.get_app_config("desk").get_models(include_auto_created=True)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def rehearsed(send, path, *request, **headers):
    """The answer to a dry run of a write that succeeds, after which nothing is different."""
    before, words, files = everything(), search_index(), stored_files()
    answer = send(f"{path}{'&' if '?' in path else '?'}dry_run=true", *request, **headers)
    assert (answer.status_code, answer.get("X-Dry-Run")) == (200, "true"), answer.content
    assert everything() == before
    assert search_index() == words
    assert stored_files() == files
    return answer.json()


def search_index():
    """The full-text indexes as their tables hold them."""
    tables = ["desk_ticketsearch", "desk_contactsearch"]
    if connection.vendor == "sqlite":
        tables = [f"{table}_{part}" for table in tables for part in ("data", "idx", "docsize")]
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM {table} ORDER BY 1, 2")
            found[table] = cursor.fetchall()
    return found


def stored_files():
    """The paths of all files that are kept."""
    root = Path(default_storage.location)
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


def last_update(answer):
    """The newest entry in the history of the ticket that was answered."""
    assert answer.status_code == 200, answer.content
    return answer.json()["updates"][-1]


def values_of(ticket):
    """The custom fields of an answered ticket or contact that have a value: `{name: (value, value_id)}`."""
    return {
        field["name"]: (field["value"], field["value_id"])
        for field in ticket["custom_fields"]
        if field["value"] is not None
    }
