"""Staff at the pages."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from reynard.desk.models import Staff, Ticket
from tests import factories

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _no_earlier_attempts() -> None:
    cache.clear()


@pytest.fixture
def sign_in(desk: SimpleNamespace) -> Callable[..., Client]:
    """Sign a member of staff in by the form, as people do."""

    def sign_in(person: Staff, password: str = PASSWORD) -> Client:
        if not person.check_password(PASSWORD):  # setting it again would end other sessions
            person.set_password(PASSWORD)
            person.save()
        client = Client()
        client.post("/login/", {"login": person.email, "password": password})
        return client

    return sign_in


@pytest.fixture
def priya(desk: SimpleNamespace, sign_in: Callable[..., Client]) -> Client:
    """An administrator of the repair workshop, signed in."""
    return sign_in(desk.priya)


@pytest.fixture
def ticket(desk: SimpleNamespace) -> Ticket:
    return factories.make_ticket(desk.lena, desk.workshop)


def read_to_end(answer: Any) -> None:
    """Take the whole of a file that is sent piece by piece, so that it is closed as a server closes it."""
    if answer.streaming:
        b"".join(answer)
