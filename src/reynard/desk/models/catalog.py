"""What a desk is set up with: categories, statuses, priorities, custom fields. Small, and cached whole."""

from django.db import models
from django.db.models import Q


class Category(models.Model):
    name = models.CharField(max_length=200)
    prefix = models.CharField(max_length=8)  # of display ids, e.g. RW in #RW00004127
    description = models.TextField(blank=True, default="")
    public = models.BooleanField(default=True)
    time_spent_mandatory = models.BooleanField(default=False)
    prepopulate_cc = models.CharField(max_length=2, default="AR")
    mail_from_name = models.CharField(max_length=100, blank=True, default="")  # "": see selectors/mail_senders
    mail_from_address = models.CharField(max_length=254, blank=True, default="")
    mail_reply_address = models.CharField(max_length=254, blank=True, default="")  # where answers go
    mail_plus_addressing = models.BooleanField(null=True)  # of the mailbox of answers; null: as the desk's settings say

    class Meta:
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


class Status(models.Model):
    class Behavior(models.TextChoices):
        PENDING = "pending"
        COMPLETED = "completed"

    name = models.CharField(max_length=100)
    behavior = models.CharField(max_length=9, choices=Behavior)
    is_default = models.BooleanField(default=False)
    order = models.IntegerField(default=0)
    color = models.CharField(max_length=6)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="status_one_default")
        ]
        verbose_name_plural = "statuses"

    def __str__(self) -> str:
        return self.name


class Priority(models.Model):
    name = models.CharField(max_length=100)
    is_default = models.BooleanField(default=False)
    order = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="priority_one_default")
        ]
        verbose_name_plural = "priorities"

    def __str__(self) -> str:
        return self.name


class CustomField(models.Model):
    """A field of tickets or contacts (custom-fields.md §1). How a value is read: rules/custom_fields."""

    class Kind(models.TextChoices):
        TICKET = "ticket"
        CONTACT = "contact"

    class Type(models.TextChoices):
        TEXT = "text"
        NUMBER = "number"
        CHOICE = "choice"
        MULTIPLE_CHOICE = "multiple_choice"
        DATE = "date"

    kind = models.CharField(max_length=7, choices=Kind)
    name = models.CharField(max_length=200)
    type = models.CharField(max_length=15, choices=Type)
    required = models.BooleanField(default=False)
    compulsory_on_completed = models.BooleanField(default=False)
    compulsory_on_move = models.BooleanField(default=False)
    visible_to_staff_only = models.BooleanField(default=False)
    order = models.IntegerField(default=0)  # of contact fields; ticket fields have one per category
    depends_on_choice = models.ForeignKey(
        "CustomFieldChoice", null=True, on_delete=models.PROTECT, related_name="dependent_fields"
    )

    def __str__(self) -> str:
        return self.name


class CustomFieldChoice(models.Model):
    field = models.ForeignKey(CustomField, on_delete=models.CASCADE, related_name="choices")
    text = models.CharField(max_length=255)
    order = models.IntegerField(default=0)
    deleted = models.BooleanField(default=False)  # kept only for the fields that depend on it

    class Meta:
        verbose_name = "choice"

    def __str__(self) -> str:
        return self.text


class CustomFieldCategory(models.Model):
    """A category a ticket field exists in, and its position there."""

    field = models.ForeignKey(CustomField, on_delete=models.CASCADE, related_name="in_categories")
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="custom_fields")
    order = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["field", "category"], name="field_category_unique")]


class MailTemplate(models.Model):
    """What an operator made of the words of one kind of mail; without a row it has rules/mail_templates.DEFAULTS."""

    kind = models.CharField(max_length=15, primary_key=True)  # OutboxEntry.Kind
    text = models.TextField()

    class Meta:
        verbose_name = "mail"

    def __str__(self) -> str:
        return self.kind


class DeskState(models.Model):
    """One row (id 1). `reference_version` is another one after every change to what selectors/reference caches."""

    reference_version = models.PositiveBigIntegerField(default=1)
