"""Things the desk looks after for its contacts: types with their fields, and the assets themselves (assets.md)."""

from typing import Any

from django.db import models
from django.db.models import Index

from reynard.desk.models.people import Contact, ContactGroup, Staff


class AssetType(models.Model):
    """A kind of asset. What it is set up with is cached (selectors/assets); `assets_count` never is."""

    name = models.CharField(max_length=200)
    description = models.TextField(null=True)
    enable_ticket_association = models.BooleanField(default=True)
    enable_contact_association = models.BooleanField(default=True)
    enable_asset_quantity_for_ticket = models.BooleanField(default=False)
    assets_count = models.IntegerField(default=0)  # kept by every write, so that no list counts


class AssetField(models.Model):
    """A field of the assets of one type. How a value is read: rules/custom_fields."""

    class Type(models.TextChoices):
        TEXT = "text"
        TEXTAREA = "textarea"
        NUMBER = "number"
        DROPDOWN = "dropdown"
        MULTIPLE_OPTION = "multiple_option"
        DATE = "date"

    asset_type = models.ForeignKey(AssetType, on_delete=models.CASCADE, related_name="fields")
    name = models.CharField(max_length=200)
    type = models.CharField(max_length=15, choices=Type)
    order = models.IntegerField(default=0)


class AssetFieldChoice(models.Model):
    field = models.ForeignKey(AssetField, on_delete=models.CASCADE, related_name="choices")
    text = models.CharField(max_length=255)
    order = models.IntegerField(default=0)


class Asset(models.Model):
    """One thing. Written by actions/assets only."""

    name = models.CharField(max_length=200)
    display_id = models.CharField(max_length=200, unique=True)  # what stands on its label
    asset_type = models.ForeignKey(AssetType, on_delete=models.PROTECT, db_index=False)
    custom_values = models.JSONField(default=dict)  # {"<field id>": value}, see rules/custom_fields
    created_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    updated_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    contacts: Any = models.ManyToManyField(Contact, through="AssetContact", related_name="assets")
    contact_groups: Any = models.ManyToManyField(ContactGroup, through="AssetContactGroup", related_name="assets")

    class Meta:
        indexes = [Index(fields=["asset_type", "id"], name="asset_type_id")]


class AssetContact(models.Model):
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["asset", "contact"], name="asset_contact_unique")]


class AssetContactGroup(models.Model):
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, db_index=False)
    group = models.ForeignKey(ContactGroup, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["asset", "group"], name="asset_group_unique")]
