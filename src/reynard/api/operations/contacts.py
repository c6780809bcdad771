"""Operations on contacts and contact groups (contacts.md)."""

from reynard.api import requests, shapes
from reynard.api.operations.operation import CREATE_MANY, WRITE_REFUSALS, Operation, read_list, read_one
from reynard.api.parse_contacts import BULK_LIMIT

_PHONES = (
    "**Phones.** An entry with `id` edits that phone, one without adds the number; a number that is there already, "
    "digits compared, is not added again. Phones that are not mentioned stay. The first phone of a contact becomes "
    "the primary one, and `is_primary` moves that to another."
)
_SAVE_CONTACT = (
    "The address decides, in any letter case: one the desk does not know becomes a new contact, and then `name` and "
    "the required custom fields are needed; any other contact is edited. `email` must be there. It may be null when "
    "`phones` are sent: such a contact is always a new one, unless a phone has an `id`.\n\n"
    "**Beware.** An edit empties every custom field that is not sent, except required ones. `partial=true` keeps "
    "them, and so does `user/`. The operator may turn the reset off.\n\n"
    f"{_PHONES}\n\n{CREATE_MANY}"
)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="users/",
        id="listContacts",
        tag="Contacts",
        summary="List and search contacts",
        description="Page by page, by id.",
        parameters=("size", "page", "after_id", "contact_search"),
        answer=shapes.ContactPage,
        answer_text="One page.",
        refusals={shapes.ErrorList: "The search has too many terms (`q`), or `after_id` is no whole number."},
        example_query={"q": 'email:"@example.org" created_since:2025-11-01', "size": "50"},
    ),
    Operation(
        method="POST",
        path="users/",
        id="saveContact",
        tag="Contacts",
        summary="Add a contact, or edit the one with this address",
        description=_SAVE_CONTACT,
        parameters=("partial",),
        body=requests.SaveContact,
        answer=shapes.Contact,
        answer_text="The contact; for a list, what became of each item.",
        list_answer=list[shapes.SavedContact],
        most_items=BULK_LIMIT,
        refusals={shapes.ErrorList: f"{WRITE_REFUSALS} Or a list is empty or too long, and nothing was saved."},
    ),
    read_one("user/{contact}/", "readContact", "Contacts", shapes.Contact, "contact", "contact"),
    Operation(
        method="POST",
        path="user/{contact}/",
        id="editContact",
        tag="Contacts",
        summary="Edit a contact",
        description=(
            "Only the keys that are sent change; custom fields keep their values. The address may be another one "
            "that no other contact has, or null for a contact with a phone.\n\n" + _PHONES
        ),
        parameters=("contact",),
        body=requests.EditContact,
        answer=shapes.Contact,
        answer_text="The contact.",
        refusals={shapes.ErrorList: WRITE_REFUSALS},
        finds=True,
    ),
    read_list("contact_groups/", "listGroups", "Contact groups", shapes.GroupSummary, "contact groups", "id"),
    Operation(
        method="POST",
        path="contact_groups/",
        id="addGroup",
        tag="Contact groups",
        summary="Add a contact group",
        description=(
            "Contacts who are added from now on join it by the domain of their address; those who are there already "
            "do not."
        ),
        body=requests.AddGroup,
        answer=shapes.Group,
        answer_text="The new group.",
        refusals={shapes.ErrorList: "The name is missing or taken, or something else is wrong."},
    ),
    read_one("contact_group/{id}/", "readGroup", "Contact groups", shapes.Group, "contact group"),
    Operation(
        method="POST",
        path="contact_group/{id}/",
        id="editGroup",
        tag="Contact groups",
        summary="Edit a contact group",
        description=(
            "Only the keys that are sent change; an empty text clears the description or the domains. Other domains "
            "move nobody who is there already."
        ),
        parameters=("id",),
        body=requests.EditGroup,
        answer=shapes.Group,
        answer_text="The group.",
        refusals={shapes.ErrorList: "The name is empty or taken, or something else is wrong."},
        finds=True,
    ),
    Operation(
        method="POST",
        path="contact_group/{id}/update_contacts/",
        id="putMembers",
        tag="Contact groups",
        summary="Add contacts to a group, or change what they may see",
        description=(
            f"A list of 1 to {BULK_LIMIT} contacts, in JSON or YAML. The answer has one entry for each, in the same "
            "order; one that is refused does not stop the others.\n\n"
            "In a list, `access_tickets` is false unless it is sent. In the other form, `contacts`, a contact who is "
            "in the group already keeps it."
        ),
        parameters=("id",),
        body=requests.PutMembers,
        answer=list[shapes.SavedMember],
        answer_text="What became of each contact.",
        list_answer=list[shapes.SavedMember],
        list_item=requests.PutMember,
        most_items=BULK_LIMIT,
        refusals={shapes.ErrorList: "There are no contacts in the request, or too many."},
        finds=True,
    ),
    Operation(
        method="POST",
        path="contact_group/{id}/delete_contacts/",
        id="removeMembers",
        tag="Contact groups",
        summary="Remove contacts from a group",
        description="The contacts themselves stay. The answer has one entry for each, in the same order.",
        parameters=("id",),
        body=requests.RemoveMembers,
        answer=list[shapes.RemovedMember],
        answer_text="What became of each contact.",
        refusals={shapes.ErrorList: "There are no contacts in the request, too many, or ids that are none."},
        finds=True,
    ),
)
