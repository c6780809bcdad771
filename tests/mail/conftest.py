from types import SimpleNamespace

import pytest

from tests.mail.arriving import NOTES, make_mailbox


@pytest.fixture
def support(desk: SimpleNamespace) -> SimpleNamespace:
    """The small desk with a mailbox for its workshop."""
    make_mailbox(desk.workshop, note_address=NOTES)
    return desk
