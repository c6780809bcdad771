"""Every operation this server answers, in the words that are published; api/openapi makes the document of them.

`OPERATIONS` is the table to extend: one entry per method and path of `urls.py`. A test holds the two together.
"""

from reynard.api.operations import (
    assets,
    contacts,
    custom_fields,
    feed,
    keys,
    knowledge_base,
    mailboxes,
    mails,
    reference,
    reports,
    tickets,
    webhooks,
)
from reynard.api.operations.introduction import INTRODUCTION, TAGS
from reynard.api.operations.operation import Json, Operation
from reynard.api.operations.parameters import BARE_FILTERS, PARAMETERS
from reynard.api.operations.service import SERVICE

OPERATIONS: tuple[Operation, ...] = (
    *tickets.OPERATIONS,
    *feed.OPERATIONS,
    *contacts.OPERATIONS,
    *reference.OPERATIONS,
    *custom_fields.OPERATIONS,
    *reports.OPERATIONS,
    *assets.OPERATIONS,
    *knowledge_base.OPERATIONS,
    *keys.OPERATIONS,
    *mails.OPERATIONS,
    *webhooks.OPERATIONS,
    *mailboxes.OPERATIONS,
)

__all__ = ["BARE_FILTERS", "INTRODUCTION", "OPERATIONS", "PARAMETERS", "SERVICE", "TAGS", "Json", "Operation"]
