"""Staff at the pages."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.test import Client

from reynard.desk.models import Staff

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
