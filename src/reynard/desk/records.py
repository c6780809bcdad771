"""Single model instances in and out of their tables, by statements that are put together once.

The ORM builds each statement anew, which takes several times as long as the database needs to run it. These
functions do what `get`, `save(force_insert=True)` and `save(update_fields=…)` do, with Django's own conversions of
values, for the few rows that every write touches. Everywhere else the ORM is as good.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models import Model

from reynard.desk import db

M = TypeVar("M", bound=Model)
Converter = Callable[[Any, Any, Any], Any]


def load(model: type[M], where: str, values: Sequence[Any], *, lock: bool = False) -> M | None:
    """The first row that meets a condition, or None; with `lock`, nobody else changes it in this transaction.

    Rows that others refer to stay open for that: their key does not change.
    """
    own = db.wrapper()
    sql, converters, names = _select(model, own.vendor)
    suffix = " FOR NO KEY UPDATE" if lock and db.is_postgres() else ""
    found = db.rows(f"{sql} WHERE {where} LIMIT 1{suffix}", values)
    if not found:
        return None
    row = list(found[0])
    for index, column, functions in converters:
        for function in functions:
            row[index] = function(row[index], column, own)
    record = model.from_db(own.alias, names, row)
    record.__dict__[_AS_LOADED] = dict(zip(names, row, strict=True))
    return record


_AS_LOADED = "_as_loaded"  # what `load` read, by column


def insert(record: Model) -> None:
    """Write a new row; the record has its primary key afterwards."""
    sql, fields = _insert(type(record))
    record.pk = db.rows(sql, _values(record, fields))[0][0]
    record._state.adding = False


def insert_all(new: Sequence[Model]) -> None:
    """Write new rows of one table in one statement; the records do not learn their primary keys."""
    if not new:
        return
    sql, fields = _insert(type(new[0]), len(new))
    db.execute(sql.removesuffix(_RETURNING), [value for record in new for value in _values(record, fields)])


def update(record: Model, *names: str) -> None:
    """Write some fields of a row that is there; of one that `load` read, those that are not as they were.

    SQLite rewrites every index that looks at a named column, also for the same value.
    """
    as_loaded = record.__dict__.get(_AS_LOADED)
    if as_loaded is not None:
        names = _changed(record, names, as_loaded)
    if names:
        sql, fields = _update(type(record), names)
        db.execute(sql, [*_values(record, fields), record.pk])


def _changed(record: Model, names: tuple[str, ...], as_loaded: dict[str, Any]) -> tuple[str, ...]:
    """Those that have another value than at first. Documents count as changed: they may have been changed in place."""
    now, changed = record.__dict__, []
    for name, column, is_document in _columns(type(record), names):
        value = now[column]
        if is_document or value != as_loaded[column]:
            as_loaded[column] = value
            changed.append(name)
    return tuple(changed)


@lru_cache
def _columns(model: type[Model], names: tuple[str, ...]) -> list[tuple[str, str, bool]]:
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    return [(field.name, field.attname, isinstance(field, models.JSONField)) for field in fields]


# Fields whose values both drivers take as they are.
_PLAIN = (models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.ForeignKey)


def _values(record: Model, fields: Sequence[Any]) -> list[Any]:
    own = db.wrapper()
    values = record.__dict__
    return [
        values[field.attname] if isinstance(field, _PLAIN) else field.get_db_prep_save(values[field.attname], own)
        for field in fields
    ]


@lru_cache
def _select(model: type[Model], vendor: str) -> tuple[str, list[tuple[int, Any, list[Converter]]], list[str]]:
    fields = model._meta.concrete_fields
    columns = [field.get_col(model._meta.db_table) for field in fields]
    converters = [
        (index, column, [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)])
        for index, column in enumerate(columns)
    ]
    sql = f"SELECT {_names(fields)} FROM {model._meta.db_table}"  # noqa: S608  # names of our own tables
    return sql, [entry for entry in converters if entry[2]], [field.attname for field in fields]


_RETURNING = " RETURNING id"


@lru_cache
def _insert(model: type[Model], rows: int = 1) -> tuple[str, list[Any]]:
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    values = ", ".join([f"({db.places(fields)})"] * rows)
    sql = f"INSERT INTO {model._meta.db_table} ({_names(fields)}) VALUES {values}{_RETURNING}"  # noqa: S608
    return sql, fields


@lru_cache
def _update(model: type[Model], names: tuple[str, ...]) -> tuple[str, list[Any]]:
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    settings = ", ".join(f'"{field.column}" = %s' for field in fields)
    return f"UPDATE {model._meta.db_table} SET {settings} WHERE id = %s", fields  # noqa: S608


def _names(fields: Sequence[Any]) -> str:
    return ", ".join(f'"{field.column}"' for field in fields)
