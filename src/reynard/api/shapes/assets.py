"""Assets, their types and fields (assets.md)."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from reynard.api.formats import WireDate, WireInstant
from reynard.api.shapes.common import Id, PageInfo


class AssetTypeName(Struct, gc=False):
    id: Id
    name: str


class AssetSettings(Struct, gc=False):
    enable_ticket_association: Annotated[bool, Meta(description="Tickets may name such assets.")]
    enable_contact_association: Annotated[bool, Meta(description="Such assets may be linked to contacts.")]
    enable_asset_quantity_for_ticket: Annotated[bool, Meta(description="A ticket names a number of them.")]


class AssetType(Struct, gc=False):
    """A kind of asset, with fields of its own."""

    id: Id
    name: str
    description: str | None
    settings: Annotated[AssetSettings, Meta(description="What assets of the type are used for.")]


class AssetChoice(Struct, gc=False):
    id: Id
    text: str


class AssetField(Struct, gc=False):
    """The definition of a field of the assets of one type; its key in `custom_fields` is its id."""

    id: Id
    name: str
    type: Annotated[str, Meta(description="`text`, `textarea`, `number`, `dropdown`, `multiple_option` or `date`.")]
    asset_type: Annotated[AssetTypeName, Meta(description="The type whose assets have the field.")]
    choices: list[AssetChoice] | None


class AssetFieldValue(Struct, gc=False):
    id: Id
    name: str
    type: str
    value: Annotated[
        Any, Meta(description="A text, number or date; the id of a choice, or a list of them; null when not set.")
    ]
    order: int

    def __post_init__(self) -> None:
        if self.type == "date" and self.value is not None:
            self.value = WireDate(self.value)


class LinkedContact(Struct, gc=False):
    id: Id
    name: str
    email: str | None


class LinkedGroup(Struct, gc=False):
    id: Id
    name: str


class Asset(Struct, gc=False):
    """A thing the desk looks after. Its moments have a T and a Z, unlike all others."""

    id: Id
    name: str
    display_id: Annotated[str, Meta(description="What stands on its label: any text, once in the desk.")]
    asset_type: Annotated[AssetTypeName, Meta(description="What kind of thing it is.")]
    contacts: Annotated[list[LinkedContact], Meta(description="Contacts it is linked to, by id.")]
    contact_groups: Annotated[list[LinkedGroup], Meta(description="Groups it is linked to, by id.")]
    custom_fields: Annotated[list[AssetFieldValue], Meta(description="Every field of its type, unset ones with null.")]
    created_by: Annotated[Id | None, Meta(description="The staff member who added it.")]
    updated_by: Annotated[Id | None, Meta(description="The staff member who changed it last; null until then.")]
    created_at: WireInstant
    updated_at: WireInstant


class DeletedAsset(Struct, gc=False):
    message: Annotated[str, Meta(description="`Asset deleted`")]
    id: Id


class AssetPage(Struct, gc=False):
    page_info: PageInfo
    data: list[Asset]


class AssetTypePage(Struct, gc=False):
    page_info: PageInfo
    data: list[AssetType]


class AssetFieldPage(Struct, gc=False):
    page_info: PageInfo
    data: list[AssetField]
