"""What is asked of the desk: requests, and which tickets they are about."""

import base64
from typing import Any

READ_LENGTH = 6  # updates of the tickets that are read
SUBSCRIPT = "Thank you for your message. "
NEW_TEXT = (
    "Hello,\n\nthe gear hub of my bicycle makes a grinding noise in third gear since yesterday. I bought it in spring "
    "and it has been serviced once. Can you tell me when I could bring it in, and what it might cost?\n\nKind regards"
)
REPLY_TEXT = (
    "Hello,\n\nthank you for writing. Please bring the bicycle in on Thursday before noon; we shall look at the hub "
    "while you wait. If parts are needed we call you before ordering them.\n\nYour workshop"
)


def authorization(facts: dict[str, Any]) -> str:
    """The header that proves the key in bench.json."""
    return "Basic " + base64.b64encode(f"{facts['api_key']}:{facts['auth_code']}".encode()).decode()


def new_ticket(facts: dict[str, Any], contact: int, email: str = "") -> dict[str, Any]:
    return {
        "name": "Somebody",
        "email": email or contact_email(contact),
        "category": contact % 10 + 1,
        "priority": contact % 4 + 1,
        "subject": "Grinding noise in third gear",
        "text": NEW_TEXT,
        "tags": "workshop,hub",
        f"t-cf-{facts['product_field']}": "Repair",
        f"t-cf-{facts['serial_field']}": f"SN-{contact:08d}",
    }


def staff_update(status: int, staff: int) -> dict[str, Any]:
    return {"staff": staff % 20 + 1, "text": REPLY_TEXT, "status": status}


def contact_email(contact: int) -> str:
    from reynard.desk.models import Contact

    email = Contact.objects.values_list("email", flat=True).get(id=contact)
    return email or ""


def with_attachments(count: int) -> list[int]:
    from reynard.desk.models import Ticket

    return list(Ticket.objects.filter(attachments_count__gt=0).order_by("id").values_list("id", flat=True)[:count])
