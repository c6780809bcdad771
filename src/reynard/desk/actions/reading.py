"""What staff have seen, and what they let messages show: kept for each of them, and changing no ticket."""

from datetime import datetime

from reynard.desk.models import Ticket, TrustedImages, Visit


def note_visit(ticket: Ticket, *, staff_id: int, now: datetime) -> None:
    """Somebody has seen a ticket as far as its history goes. The ticket must be one they may see."""
    visit = Visit(staff_id=staff_id, ticket_id=ticket.id, last_update_id=ticket.last_update_id, at=now)
    Visit.objects.bulk_create(
        [visit], update_conflicts=True, unique_fields=["staff", "ticket"], update_fields=["last_update_id", "at"]
    )


def trust_images(address: str, *, staff_id: int, trusted: bool) -> None:
    """Let messages of an address show their pictures from elsewhere to somebody, or not any more."""
    mine = {"staff_id": staff_id, "address": address.casefold()}
    if trusted:
        TrustedImages.objects.bulk_create([TrustedImages(**mine)], ignore_conflicts=True)
    else:
        TrustedImages.objects.filter(**mine).delete()
