"""`reynard staff`: the first administrator, and others."""

import secrets
import sys
from typing import Any

import msgspec
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.core.validators import validate_email
from django.db import IntegrityError

from reynard.desk import db
from reynard.desk.actions import catalog, people
from reynard.desk.models import Category, Role, Staff
from reynard.ops import command, database

NAME_LIMIT = 150  # characters, of the address too: it is the user name
ADMINISTRATOR = "Administrator"


class Command(command.Command):
    help = "Add members of staff."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="create")
        create = actions.add_parser("create", help="add a member of staff")
        create.add_argument("email", metavar="EMAIL")
        create.add_argument("--first-name", required=True)
        create.add_argument("--last-name", required=True)
        create.add_argument(
            "--role", metavar="NAME", default=ADMINISTRATOR, help=f"a role of the desk ({ADMINISTRATOR})"
        )
        create.add_argument("--admin", action="store_true", help="may do everything, whatever the role")
        create.add_argument(
            "--password-stdin",
            action="store_true",
            help="read the password from standard input; without it one is made and shown once",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        database.require_migrated()
        given = _NewStaff(
            email=_checked_email(options["email"]),
            first_name=_checked_name(options["first_name"]),
            last_name=_checked_name(options["last_name"]),
            password=_read_password() if options["password_stdin"] else secrets.token_urlsafe(12),
            is_account_admin=options["admin"],
        )
        try:
            person = _add(given, options["role"])
        except IntegrityError:
            raise CommandError(f"There is a member of staff with the address {given.email} already.") from None
        self.say(f"{person.name} <{person.email}> works at the desk now, as {person.role.name}.")
        if not options["password_stdin"]:
            self.say(f"Password: {given.password}", "It is shown this once and cannot be looked up later.")


class _NewStaff(msgspec.Struct, frozen=True):
    email: str
    first_name: str
    last_name: str
    password: str
    is_account_admin: bool


def _add(given: _NewStaff, role_name: str) -> Staff:
    """Administrators work in every category, others in none yet. Raises IntegrityError, CommandError."""
    with db.write():
        role = _find_role(role_name)
        categories = Category.objects.all() if role.name == ADMINISTRATOR else Category.objects.none()
        return people.add_staff(
            **msgspec.structs.asdict(given),
            role=role,
            category_ids=list(categories.values_list("id", flat=True)),
        )


def _find_role(name: str) -> Role:
    """The role of that name; the administrators' one is made when it is not there."""
    role = Role.objects.filter(name__iexact=name.strip()).first()
    if role is not None:
        return role
    if name == ADMINISTRATOR:
        return catalog.add_role(name=ADMINISTRATOR, permissions=catalog.PERMISSIONS)
    known = ", ".join(Role.objects.order_by("name").values_list("name", flat=True)) or "none yet"
    raise CommandError(f"There is no role {name}. The roles of this desk are: {known}.")


def _checked_email(given: str) -> str:
    email = given.strip()
    try:
        validate_email(email)
    except ValidationError:
        raise CommandError(f"{given} is not an e-mail address.") from None
    return _checked_name(email)


def _checked_name(given: str) -> str:
    text = given.strip()
    if not 0 < len(text) <= NAME_LIMIT:
        raise CommandError(f"Names and addresses have 1 to {NAME_LIMIT} characters.")
    return text


def _read_password() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    try:
        validate_password(password)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from None
    return password
