"""What tickets and contacts are found by besides their own columns. Written by actions/indexing only.

The words of tickets and contacts are in two full-text indexes, `desk_ticketsearch` and `desk_contactsearch`, which
the first migration of the search makes in the way of each database; selectors/fulltext knows how they are asked.
"""

from django.db import models

from reynard.desk.models.catalog import CustomField
from reynard.desk.models.people import Contact
from reynard.desk.models.tickets import Ticket

VALUE_KEY_LIMIT = 200


class SearchState(models.Model):
    """One row (id 1): which generation of the index is kept up to date, and whether it has every ticket yet.

    A ticket whose `index_generation` is another one is not in the index; the next `reynard reindex` brings it in.
    """

    generation = models.PositiveIntegerField(default=1)
    complete = models.BooleanField(default=True)


class TicketTag(models.Model):
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="tag_rows")
    tag = models.CharField(max_length=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "ticket"], name="ticket_tag_unique")]


class TicketValue(models.Model):
    """A value of a custom field, as rules/custom_fields.search_keys makes it comparable."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="value_rows")
    field = models.ForeignKey(CustomField, on_delete=models.CASCADE, db_index=False)
    key = models.CharField(max_length=VALUE_KEY_LIMIT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["field", "key", "ticket"], name="ticket_value_unique")]


class ContactValue(models.Model):
    """Like TicketValue, of contacts."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="value_rows")
    field = models.ForeignKey(CustomField, on_delete=models.CASCADE, db_index=False)
    key = models.CharField(max_length=VALUE_KEY_LIMIT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["field", "key", "contact"], name="contact_value_unique")]
