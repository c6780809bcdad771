"""Assets as plain rows, and the types they are of (assets.md §1).

Types and fields are set-up: few, and kept with the reference data of one version. Whoever changes them calls
`reference.changed()`.
"""

from datetime import datetime
from typing import NamedTuple

import msgspec
from django.db.models import Prefetch

from reynard.desk.models import Asset, AssetContact, AssetContactGroup, AssetField, AssetFieldChoice, AssetType
from reynard.desk.rules.custom_fields import Choice, Field
from reynard.desk.selectors.reference import Reference


class Type(msgspec.Struct, frozen=True):
    """A type of assets; its fields are in their order."""

    id: int
    name: str
    description: str | None
    enable_ticket_association: bool
    enable_contact_association: bool
    enable_asset_quantity_for_ticket: bool
    fields: dict[int, Field]


class AssetRow(NamedTuple):
    id: int
    name: str
    display_id: str
    asset_type_id: int
    custom_values: dict[str, object]
    created_by_id: int | None
    updated_by_id: int | None
    created_at: datetime
    updated_at: datetime
    contacts: list[tuple[int, str, str | None]]  # id, name, email
    contact_groups: list[tuple[int, str]]  # id, name


class Page(NamedTuple):
    total: int
    start: int  # 0-based index of the first row in the whole list
    rows: list[AssetRow]


def types(reference: Reference) -> dict[int, Type]:
    """All types by id, the lowest first: that one is meant where none is named."""
    kept: dict[int, Type] | None = reference.derived.get("asset_types")
    if kept is None:
        kept = reference.derived["asset_types"] = {row.id: _type(row) for row in _types()}
    return kept


def find_type(type_id: int | None, reference: Reference) -> Type | None:
    """The type of this id, the first one for None; None when there is no such type."""
    known = types(reference)
    return next(iter(known.values()), None) if type_id is None else known.get(type_id)


def page(type_id: int, *, size: int, page: int) -> Page:
    """One page of the assets of a type, by id."""
    total = AssetType.objects.values_list("assets_count", flat=True).get(id=type_id)
    start = (page - 1) * size
    if start >= total:
        return Page(total, start, [])
    ids = Asset.objects.filter(asset_type_id=type_id).order_by("id").values_list("id", flat=True)[start : start + size]
    return Page(total, start, _rows(list(ids)))


def one(asset_id: int) -> AssetRow | None:
    return next(iter(_rows([asset_id])), None)


_COLUMNS = AssetRow._fields[:-2]


def _rows(ids: list[int]) -> list[AssetRow]:
    """Assets by id, with what they are linked to."""
    contacts: dict[int, list[tuple[int, str, str | None]]] = {}
    linked = AssetContact.objects.filter(asset_id__in=ids).order_by("asset_id", "contact_id")
    for asset_id, id, name, email in linked.values_list("asset_id", "contact_id", "contact__name", "contact__email"):
        contacts.setdefault(asset_id, []).append((id, name, email))
    groups: dict[int, list[tuple[int, str]]] = {}
    linked_groups = AssetContactGroup.objects.filter(asset_id__in=ids).order_by("asset_id", "group_id")
    for asset_id, group_id, name in linked_groups.values_list("asset_id", "group_id", "group__name"):
        groups.setdefault(asset_id, []).append((group_id, name))
    rows = Asset.objects.filter(id__in=ids).order_by("id").values_list(*_COLUMNS)
    return [AssetRow._make((*row, contacts.get(row[0], []), groups.get(row[0], []))) for row in rows]


def _types() -> list[AssetType]:
    choices = Prefetch("choices", AssetFieldChoice.objects.order_by("order", "id"))
    fields = Prefetch("fields", AssetField.objects.order_by("order", "id").prefetch_related(choices))
    return list(AssetType.objects.order_by("id").prefetch_related(fields))


def _type(row: AssetType) -> Type:
    return Type(
        id=row.id,
        name=row.name,
        description=row.description,
        enable_ticket_association=row.enable_ticket_association,
        enable_contact_association=row.enable_contact_association,
        enable_asset_quantity_for_ticket=row.enable_asset_quantity_for_ticket,
        fields={field.id: _field(field) for field in row.fields.all()},
    )


def _field(row: AssetField) -> Field:
    choices = {choice.id: Choice(choice.id, choice.text) for choice in row.choices.all()}
    return Field(id=row.id, kind="asset", name=row.name, type=row.type, order=row.order, choices=choices)
