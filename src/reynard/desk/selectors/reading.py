"""What somebody has seen of a ticket, and whose pictures from elsewhere they want to see."""

from collections.abc import Collection

from reynard.desk.models import TrustedImages, Visit


def last_visit(ticket_id: int, staff_id: int) -> Visit | None:
    return Visit.objects.filter(staff_id=staff_id, ticket_id=ticket_id).first()


def trusted_images(addresses: Collection[str], staff_id: int) -> set[str]:
    """Those of some addresses, casefolded, that somebody trusts."""
    wanted = {address.casefold() for address in addresses}
    if not wanted:
        return set()
    mine = TrustedImages.objects.filter(staff_id=staff_id, address__in=wanted)
    return set(mine.values_list("address", flat=True))
