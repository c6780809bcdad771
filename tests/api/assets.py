"""Words shared by the tests of assets: a fleet of bicycles with a field of every type, and how assets are sent."""

from types import SimpleNamespace

from reynard.desk.models import Role, Staff
from reynard.desk.selectors import reference
from tests import factories


def give(person, *permissions):
    """Let a member of staff do exactly this."""
    role, _ = Role.objects.update_or_create(
        name=f"Role of {person.first_name}", defaults={"permissions": list(permissions)}
    )
    Staff.objects.filter(id=person.id).update(role=role, is_account_admin=False)
    reference.changed()


def make_fleet(desk):
    """Two types; the first, cargo bikes, with a field of every type. Jonas manages assets, Priya may everything."""
    give(desk.jonas, "manage_assets")
    bikes, tools = factories.make_asset_type("Cargo bike", description="Of fleets."), factories.make_asset_type("Tool")
    fields = {
        "frame": factories.make_asset_field(bikes, "Frame number", order=1),
        "history": factories.make_asset_field(bikes, "History", "textarea", order=2),
        "load": factories.make_asset_field(bikes, "Load (kg)", "number", order=3),
        "motor": factories.make_asset_field(bikes, "Motor", "dropdown", choices=("Mid", "Hub"), order=4),
        "extras": factories.make_asset_field(bikes, "Extras", "multiple_option", choices=("Box", "Rain"), order=5),
        "checked": factories.make_asset_field(bikes, "Checked", "date", order=6),
    }
    return SimpleNamespace(
        bikes=bikes,
        tools=tools,
        **fields,
        mid=fields["motor"].choices.get(text="Mid"),
        hub=fields["motor"].choices.get(text="Hub"),
        box=fields["extras"].choices.get(text="Box"),
        rain=fields["extras"].choices.get(text="Rain"),
    )


def values_of(asset):
    """The fields of an answered asset that have a value: `{name: value}`."""
    return {field["name"]: field["value"] for field in asset["custom_fields"] if field["value"] is not None}


def shape_a(**problems):
    return {"error": problems}


def choice(given):
    return f"Select a valid choice. {given} is not one of the available choices."


TAKEN = ["An asset with this display ID exists already."]
MAY_NOT = "This staff member has no permission to manage assets."
MAY_NOT_ADD_CONTACTS = "This staff member has no permission to manage all contacts, which adding some needs."
