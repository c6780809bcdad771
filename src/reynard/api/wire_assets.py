"""Rows of assets, their types and fields as the shapes of the wire (assets.md §1)."""

from datetime import datetime
from typing import Any

from reynard.api import shapes
from reynard.api.formats import WireInstant
from reynard.desk.rules.custom_fields import Field
from reynard.desk.selectors.assets import AssetRow, Type


def asset_type(type_: Type) -> shapes.AssetType:
    settings = shapes.AssetSettings(
        enable_ticket_association=type_.enable_ticket_association,
        enable_contact_association=type_.enable_contact_association,
        enable_asset_quantity_for_ticket=type_.enable_asset_quantity_for_ticket,
    )
    return shapes.AssetType(type_.id, type_.name, type_.description, settings)


def asset_field(field: Field, type_: Type) -> shapes.AssetField:
    choices = [shapes.AssetChoice(choice.id, choice.text) for choice in field.choices.values()]
    return shapes.AssetField(
        id=field.id,
        name=field.name,
        type=field.type,
        asset_type=_name(type_),
        choices=choices if field.has_choices else None,
    )


def asset(row: AssetRow, type_: Type) -> shapes.Asset:
    return shapes.Asset(
        id=row.id,
        name=row.name,
        display_id=row.display_id,
        asset_type=_name(type_),
        contacts=[shapes.LinkedContact(*contact) for contact in row.contacts],
        contact_groups=[shapes.LinkedGroup(*group) for group in row.contact_groups],
        custom_fields=[
            shapes.AssetFieldValue(
                field.id, field.name, field.type, _value(field, row.custom_values.get(str(field.id))), field.order
            )
            for field in type_.fields.values()
        ],
        created_by=row.created_by_id,
        updated_by=row.updated_by_id,
        created_at=_instant(row.created_at),
        updated_at=_instant(row.updated_at),
    )


def _name(type_: Type) -> shapes.AssetTypeName:
    return shapes.AssetTypeName(type_.id, type_.name)


def _value(field: Field, value: Any) -> Any:
    """As it is stored: choices by their ids, unlike on tickets. A deleted choice is not shown (F-04)."""
    if not field.has_choices or value is None:
        return value
    if isinstance(value, list):
        return [choice for choice in value if choice in field.choices] or None
    return value if value in field.choices else None


def _instant(moment: datetime) -> WireInstant:
    return WireInstant(f"{moment:%Y-%m-%dT%H:%M:%SZ}")
