"""Which files a mail carries, as parts of it, and which are too large for that."""

from collections.abc import Collection, Sequence

from django.conf import settings

from reynard.desk.mime import Part
from reynard.desk.models import Attachment, Update


class Load:
    """The files of one mail, up to `REYNARD_MAIL_ATTACHMENTS_MIB` together; images that are shown come first.

    `content_ids`: attachment id → Content-ID of each image that the HTML can show. The same image is carried once.
    `too_large`: the files that found no room, in their order.
    """

    def __init__(self, domain: str, files: Sequence[Attachment], shown: Collection[int]) -> None:
        self.parts: list[Part] = []
        self.content_ids: dict[int, str] = {}
        self.too_large: list[Attachment] = []
        self._domain = domain
        self._room = settings.REYNARD_MAIL_ATTACHMENTS_MIB * settings.MIB
        for file in sorted(files, key=lambda file: file.id not in shown):
            self._take(file, shown=file.id in shown)

    def add_images(self, images: Sequence[Attachment]) -> None:
        """Images of messages that are quoted: shown where there is room, and not missed where there is none."""
        for image in images:
            missed = len(self.too_large)
            self._take(image, shown=True)
            del self.too_large[missed:]

    def _take(self, file: Attachment, *, shown: bool) -> None:
        content_id = f"{file.sha256[:32]}@{self._domain}" if shown else ""
        known = shown and any(part.content_id == content_id for part in self.parts)
        if not known:
            if file.size > self._room:
                self.too_large.append(file)
                return
            self._room -= file.size
            self.parts.append(Part(file.sha256, file.filename, file.content_type, content_id))
        if shown:
            self.content_ids[file.id] = content_id


def of_update(update: Update) -> list[Attachment]:
    if not update.attachments_count:
        return []
    return list(Attachment.objects.filter(update_id=update.id).order_by("id"))


def of_ticket(ticket_id: int, ids: Collection[int]) -> list[Attachment]:
    """Those of these files that are the ticket's."""
    if not ids:
        return []
    return list(Attachment.objects.filter(id__in=ids, update__ticket_id=ticket_id).order_by("id"))
