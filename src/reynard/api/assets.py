"""Assets, their types and their fields (assets.md)."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from reynard.api import answers, formats, parse_assets, shapes, wire, wire_assets
from reynard.api.answers import Answer
from reynard.api.endpoint import Call
from reynard.api.paging import page_number, page_size
from reynard.api.parse import Fields
from reynard.desk.actions import assets
from reynard.desk.errors import NOT_A_CHOICE, NotFound
from reynard.desk.selectors import assets as lists
from reynard.desk.selectors.assets import Type

# --- reading


def list_assets(call: Call) -> Answer:
    """The assets of one type, by id."""
    type_ = _asked_type(call)
    size, number = page_size(call.query.get("size")), page_number(call.query.get("page"))
    if type_ is None:
        return Answer(value=shapes.AssetPage(wire.page_info(count=0, start=0, total=0, size=size), []))
    page = lists.page(type_.id, size=size, page=number)
    info = wire.page_info(count=len(page.rows), start=page.start, total=page.total, size=size)
    return Answer(value=shapes.AssetPage(info, [wire_assets.asset(row, type_) for row in page.rows]))


def read_asset(call: Call, id: str) -> Answer:
    return Answer(value=_asset(call, int(id)))


def list_types(call: Call) -> Answer:
    return _page(call, list(lists.types(call.reference).values()), wire_assets.asset_type, shapes.AssetTypePage)


def read_type(call: Call, id: str) -> Answer:
    type_ = lists.types(call.reference).get(int(id))
    if type_ is None:
        raise NotFound
    return Answer(value=wire_assets.asset_type(type_))


def list_fields(call: Call) -> Answer:
    """The fields of one type, by id."""
    type_ = _asked_type(call)
    if type_ is None:
        return _page(call, [], wire_assets.asset_type, shapes.AssetFieldPage)
    fields = [type_.fields[id] for id in sorted(type_.fields)]
    return _page(call, fields, partial(wire_assets.asset_field, type_=type_), shapes.AssetFieldPage)


def read_field(call: Call, id: str) -> Answer:
    for type_ in lists.types(call.reference).values():
        if int(id) in type_.fields:
            return Answer(value=wire_assets.asset_field(type_.fields[int(id)], type_))
    raise NotFound


def _asked_type(call: Call) -> Type | None:
    """The type that the address names, or the first one; None on a desk that has none. Raises Invalid."""
    wanted = parse_assets.type_id(call.query.get("asset_type"), call.problems)
    type_ = lists.find_type(wanted, call.reference)
    if type_ is None and wanted is not None:
        call.problems.add("asset_type", NOT_A_CHOICE)
    call.problems.raise_if_any()
    return type_


def _page(call: Call, rows: Sequence[Any], shape: Callable[[Any], Any], page_shape: Any) -> Answer:
    """One page of rows that are all at hand."""
    size, number = page_size(call.query.get("size")), page_number(call.query.get("page"))
    start = (number - 1) * size
    here = rows[start : start + size]
    info = wire.page_info(count=len(here), start=start, total=len(rows), size=size)
    return Answer(value=page_shape(info, [shape(row) for row in here]))


def _asset(call: Call, asset_id: int) -> shapes.Asset:
    row = lists.one(asset_id)
    if row is None:
        raise NotFound
    return wire_assets.asset(row, lists.types(call.reference)[row.asset_type_id])


# --- writing


def create_asset(call: Call) -> Answer:
    """assets.md §2."""
    call.write_problems = answers.asset_problems
    new = parse_assets.new_asset(call.body(), call.query.get("asset_type"), call.problems)

    def apply() -> Answer:
        added = assets.add_asset(new, reference=call.reference, now=call.now, problems=call.problems)
        return _asset_answer(call, added)

    return call.once(apply)


def update_asset(call: Call, id: str) -> Answer:
    """assets.md §2; only what was sent changes (A-01)."""
    call.write_problems = answers.asset_problems
    given = parse_assets.asset_changes(call.body(), call.problems)

    def apply() -> Answer:
        call.unless_unchanged(
            lambda: assets.change_asset(int(id), given, reference=call.reference, now=call.now, problems=call.problems)
        )
        return _asset_answer(call, int(id))

    return call.once(apply)


def delete_asset(call: Call, id: str) -> Answer:
    """assets.md §3; who deletes stands in the address, and a body is not looked at."""
    deleted_by = Fields(call.query.dict(), call.problems).id("deleted_by")

    def apply() -> Answer:
        assets.delete_asset(int(id), deleted_by=deleted_by, reference=call.reference, problems=call.problems)
        answer = shapes.DeletedAsset("Asset deleted", int(id))
        return Answer(encoded=formats.encode("json", answer), shape=shapes.DeletedAsset)

    return call.once(apply)


def _asset_answer(call: Call, asset_id: int) -> Answer:
    return Answer(encoded=formats.encode("json", _asset(call, asset_id)), shape=shapes.Asset)
