"""What requests of several areas have in common."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from reynard.api.parse_assets import LINKS_LIMIT

OPTIONAL: Any = msgspec.field(default_factory=object)  # may be left out; nothing stands for it then
Id = Annotated[int, Meta(ge=1)]
List = str | list[str]
DateText = Annotated[str, Meta(pattern=r"^(\d{4}-\d{2}-\d{2}|\d{2}/\d{2}/\d{4})$")]
A_LIST = "Comma-separated text, or a list."
TICKET_FIELDS = "t-cf"
CONTACT_FIELDS = ("c-cf", "ccf")
ACTS = "Not needed with an API key that acts for a staff member."
Ids = Annotated[list[Id], Meta(max_length=LINKS_LIMIT)]
