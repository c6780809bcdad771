"""Who works at the desk and who writes to it: roles, staff, contacts and their groups, API keys."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower


class Role(models.Model):
    name = models.CharField(max_length=100, unique=True)
    permissions = models.JSONField(default=list)  # codes of reference.md "Permission codes"

    def __str__(self) -> str:
        return self.name


class StaffManager(BaseUserManager["Staff"]):
    def get_by_natural_key(self, username: str | None) -> "Staff":
        return self.get(email__iexact=username)


class Staff(AbstractBaseUser):
    email = models.EmailField(max_length=320)
    username = models.CharField(max_length=150, unique=True)
    first_name = models.CharField(max_length=150, blank=True, default="")
    last_name = models.CharField(max_length=150, blank=True, default="")
    active = models.BooleanField(default=True)
    is_account_admin = models.BooleanField(default=False)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="staff")
    categories = models.ManyToManyField("desk.Category", related_name="staff", blank=True)

    objects = StaffManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="staff_email_unique")]
        verbose_name = "member of staff"
        verbose_name_plural = "staff"

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.username

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Django's name for whether somebody may sign in."""
        return self.active

    @property
    def is_staff(self) -> bool:
        """Django's name for whether somebody may set the whole desk up."""
        return self.active and self.is_account_admin

    def has_perm(self, permission: str, obj: object = None) -> bool:
        """Django's permissions of models are all or nothing here; roles are asked in selectors/access."""
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class ContactGroup(models.Model):
    name = models.CharField(max_length=200, unique=True)
    description = models.TextField(blank=True, default="")
    tagged_domains = models.TextField(blank=True, default="")  # comma-separated; GroupDomain finds them

    def __str__(self) -> str:
        return self.name


class GroupDomain(models.Model):
    """A domain whose new contacts join a group: `ContactGroup.tagged_domains` item by item, to be looked up."""

    group = models.ForeignKey(ContactGroup, on_delete=models.CASCADE, related_name="domains")
    domain = models.CharField(max_length=255)  # as rules/contacts.domain gives it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["domain", "group"], name="group_domain_unique")]


class Contact(models.Model):
    """A person who opens tickets; without an e-mail address for those known by phone only."""

    name = models.CharField(max_length=255)
    email = models.CharField(max_length=320, null=True)
    email_key = models.CharField(max_length=320, null=True, unique=True)  # rules/contacts.email_key of it
    is_login_enabled = models.BooleanField(default=True)
    custom_values = models.JSONField(default=dict)  # {"<field id>": value}, see rules/custom_fields
    tickets_count = models.PositiveIntegerField(default=0)
    pending_tickets_count = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)  # raised by every change to what a reader sees
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    groups: Any = models.ManyToManyField(ContactGroup, through="GroupMembership", related_name="contacts")


class GroupMembership(models.Model):
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="memberships")
    group = models.ForeignKey(ContactGroup, on_delete=models.CASCADE, related_name="memberships")
    access_all_tickets = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "group"], name="membership_unique")]


class ContactPhone(models.Model):
    class Type(models.TextChoices):
        MOBILE = "mo"
        WORK = "w"
        MAIN = "m"
        HOME = "h"
        OTHER = "o"

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="phones")
    type = models.CharField(max_length=2, choices=Type, default=Type.OTHER)
    number = models.CharField(max_length=64)
    digits = models.CharField(max_length=64, db_index=True)  # of the number, for comparing and searching
    is_primary = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact"], condition=models.Q(is_primary=True), name="phone_one_primary")
        ]


class ApiKey(models.Model):
    """Credentials of an integration, for the whole desk or a part of it. Only a hash of the auth code is kept."""

    name = models.CharField(max_length=100)
    key = models.CharField(max_length=64, unique=True)
    auth_code_sha256 = models.CharField(max_length=64)  # of a random 256-bit secret: one fast hash is enough
    staff = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="api_keys")
    read_only = models.BooleanField(default=False)
    is_limited = models.BooleanField(default=False)  # to `categories`, also when none of them is left
    categories = models.ManyToManyField("desk.Category", related_name="+", blank=True)
    created_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True)  # until somebody enables it again
    revoked_at = models.DateTimeField(null=True)  # for good
