"""Requests about assets (assets.md)."""

from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct

from reynard.api.parse_assets import ASSET_NAME_LIMIT, DISPLAY_ID_LIMIT, NEW_CONTACTS_LIMIT
from reynard.api.requests.common import ACTS, OPTIONAL, Id, Ids

_NEW_CONTACTS = (
    f"At most {NEW_CONTACTS_LIMIT} contacts to link: whoever has the `email`, else a new one, with `name` and `email` "
    "or `phones` (`phone` for one number). Needs the permission to manage all contacts."
)
_VALUES = (
    "Values by field id; only those listed change, and null clears. A text, a number, a date `yyyy-mm-dd`, the id of a "
    "choice, or a list of ids. The keys `a-cf-<id>` mean the same."
)


class AssetBody(Struct, kw_only=True):
    """What adding and changing an asset have in common."""

    custom_keys: ClassVar[tuple[str, ...]] = ("a-cf",)
    takes_files: ClassVar[bool] = False

    contacts: Annotated[
        list[dict[str, Any]],
        Meta(
            description=_NEW_CONTACTS,
            max_length=NEW_CONTACTS_LIMIT,
            examples=[[{"name": "Noor Haddad", "email": "noor.haddad@example.org"}]],
        ),
    ] = OPTIONAL
    custom_fields: Annotated[dict[str, Any], Meta(description=_VALUES, examples=[{"21": "FR-2207", "23": 5}])] = (
        OPTIONAL
    )


class CreateAsset(AssetBody, kw_only=True):
    """A new asset of the type that the address names."""

    created_by: Annotated[
        Id,
        Meta(
            description=f"The active staff member who acts; needs the permission to manage assets. {ACTS}", examples=[7]
        ),
    ] = OPTIONAL
    name: Annotated[
        str, Meta(description="What it is.", min_length=1, max_length=ASSET_NAME_LIMIT, examples=["Cargo bike 4"])
    ]
    display_id: Annotated[
        str,
        Meta(
            description="What stands on its label; no other asset has it.",
            min_length=1,
            max_length=DISPLAY_ID_LIMIT,
            examples=["CB-004"],
        ),
    ]
    contact_ids: Annotated[Ids, Meta(description="Contacts to link.", examples=[[981]])] = OPTIONAL
    contact_group_ids: Annotated[Ids, Meta(description="Contact groups to link.", examples=[[12]])] = OPTIONAL


class UpdateAsset(AssetBody, kw_only=True):
    """What to change of an asset; what is not sent stays."""

    updated_by: Annotated[
        Id,
        Meta(
            description=f"The active staff member who acts; needs the permission to manage assets. {ACTS}", examples=[7]
        ),
    ] = OPTIONAL
    name: Annotated[
        str, Meta(description="The new name.", min_length=1, max_length=ASSET_NAME_LIMIT, examples=["Cargo bike 4"])
    ] = OPTIONAL
    display_id: Annotated[
        str,
        Meta(
            description="The new label; no other asset has it.",
            min_length=1,
            max_length=DISPLAY_ID_LIMIT,
            examples=["CB-004b"],
        ),
    ] = OPTIONAL
    contact_ids: Annotated[
        Ids, Meta(description="The contacts it is linked to from now on, instead of all others.", examples=[[981]])
    ] = OPTIONAL
    contact_group_ids: Annotated[
        Ids, Meta(description="The groups it is linked to from now on, instead of all others.", examples=[[]])
    ] = OPTIONAL


EXAMPLES: dict[type[Struct], dict[str, Any]] = {
    CreateAsset: {
        "name": "Cargo bike 4",
        "display_id": "CB-004",
        "created_by": 7,
        "contact_ids": [981],
        "custom_fields": {"21": "FR-2207", "23": 5},
    },
    UpdateAsset: {"updated_by": 7, "display_id": "CB-004b", "custom_fields": {"24": "2026-09-01"}},
}
