"""Categories, statuses, priorities, staff, field definitions (reference.md, custom-fields.md)."""

from typing import Annotated

from msgspec import Meta, Struct

from reynard.api.shapes.common import Id


class Status(Struct, gc=False):
    """A state a ticket can be in. What it means for the ticket is its behavior, not its name."""

    id: Id
    name: str
    color: Annotated[str, Meta(description="Six hex digits, without #.")]
    order: int
    default: Annotated[bool, Meta(description="New tickets get this status; exactly one has true.")]
    behavior: Annotated[str, Meta(description="`pending` (open) or `completed` (closed).")]


class Priority(Struct, gc=False):
    id: Id
    name: str
    order: int
    default: Annotated[bool, Meta(description="New tickets get this priority; exactly one has true.")]


class Category(Struct, gc=False):
    """Where tickets are worked."""

    id: Id
    name: str
    description: str
    public: Annotated[bool, Meta(description="Only public categories accept tickets through the API.")]
    time_spent_mandatory: Annotated[bool, Meta(description="Replies need `time_spent`.")]
    prepopulate_cc: str


class Role(Struct, gc=False):
    id: Id
    name: str


class Staff(Struct, gc=False):
    """Somebody who answers."""

    id: Id
    name: str
    email: str
    active: bool
    is_active: Annotated[bool, Meta(description="The same as `active`, for clients that look for it here.")]
    is_account_admin: bool
    role: Role
    categories: Annotated[list[Id], Meta(description="The categories the person belongs to.")]
    permissions: list[str]


class Choice(Struct, gc=False):
    id: Id
    text: str
    dependant_fields: Annotated[list[Id], Meta(description="Fields that apply when this choice is selected.")]


class FieldPlace(Struct, gc=False):
    category: Id
    order: int


class TicketField(Struct, gc=False):
    """The definition of a custom field of tickets; its request key is `t-cf-<id>`."""

    id: Id
    name: str
    type: Annotated[str, Meta(description="`text`, `number`, `choice`, `multiple_choice` or `date`.")]
    required: bool
    compulsory_on_completed: bool
    compulsory_on_move: bool
    depends_on_choice: Id | None
    visible_to_staff_only: bool
    categories: list[FieldPlace]
    choices: list[Choice] | None


class ContactField(Struct, gc=False):
    """The definition of a custom field of contacts; its request key is `c-cf-<id>`."""

    id: Id
    name: str
    type: Annotated[str, Meta(description="`text`, `number`, `choice`, `multiple_choice` or `date`.")]
    required: bool
    depends_on_choice: Id | None
    visible_to_staff_only: bool
    order: int
    choices: list[Choice] | None
