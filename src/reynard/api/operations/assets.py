"""Operations on assets (assets.md)."""

from typing import Any

from reynard.api import requests, shapes
from reynard.api.operations.operation import WRITE_REFUSALS, Operation, read_one


def _asset_pages(path: str, id: str, shape: Any, words: str, *parameters: str) -> Operation:
    return Operation(
        method="GET",
        path=path,
        id=id,
        tag="Assets",
        summary=f"List {words}",
        description="Page by page, by id.",
        parameters=(*parameters, "size", "page"),
        answer=shape,
        answer_text="One page.",
        refusals={shapes.ErrorList: "There is no such type (`asset_type`)."} if parameters else {},
    )


OPERATIONS: tuple[Operation, ...] = (
    _asset_pages("assets/", "listAssets", shapes.AssetPage, "the assets of a type", "asset_type"),
    Operation(
        method="POST",
        path="assets/",
        id="createAsset",
        tag="Assets",
        summary="Add an asset",
        description="The asset is of the type that the address names, or of the one with the lowest id.",
        parameters=("asset_type",),
        body=requests.CreateAsset,
        answer=shapes.Asset,
        answer_text="The new asset.",
        refusals={shapes.AssetErrors: WRITE_REFUSALS},
    ),
    read_one("asset/{id}/", "readAsset", "Assets", shapes.Asset, "asset"),
    Operation(
        method="PUT",
        path="asset/{id}/",
        id="updateAsset",
        tag="Assets",
        summary="Change an asset",
        description=(
            "Only what is sent changes. `contact_ids` and `contact_group_ids` replace the links of that kind, and an "
            "empty list removes them all; `contacts` adds links."
        ),
        parameters=("id", "noop"),
        body=requests.UpdateAsset,
        answer=shapes.Asset,
        answer_text="The asset as it is now.",
        refusals={shapes.AssetErrors: WRITE_REFUSALS, shapes.ErrorText: "Nothing to update: no change was sent."},
        finds=True,
    ),
    Operation(
        method="DELETE",
        path="asset/{id}/",
        id="deleteAsset",
        tag="Assets",
        summary="Delete an asset",
        description="For good, with its links; its `display_id` is free again.",
        parameters=("id", "deleted_by"),
        answer=shapes.DeletedAsset,
        answer_text="It is deleted.",
        refusals={shapes.ErrorList: "`deleted_by` is missing, unknown, or may not do this."},
        finds=True,
    ),
    _asset_pages(
        "asset_custom_fields/", "listAssetFields", shapes.AssetFieldPage, "the fields of a type", "asset_type"
    ),
    read_one("asset_custom_fields/{id}/", "readAssetField", "Assets", shapes.AssetField, "field of assets"),
    read_one(
        "asset_custom_field/{id}/", "readAssetFieldAlias", "Assets", shapes.AssetField, "field, as clients spell it"
    ),
    _asset_pages("asset_types/", "listAssetTypes", shapes.AssetTypePage, "asset types"),
    read_one("asset_type/{id}/", "readAssetType", "Assets", shapes.AssetType, "asset type"),
)
