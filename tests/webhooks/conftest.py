"""A webhook that hears of everything, and a sender to its receiver."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from reynard.desk.models import Webhook
from reynard.webhooks import sending
from tests import factories
from tests.webhooks.receivers import Receiver, receiving


@pytest.fixture(autouse=True)
def internal_receivers(settings: Any) -> None:
    settings.REYNARD_WEBHOOK_ALLOW_INTERNAL = True


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def make_webhook(desk: Any) -> Callable[..., Webhook]:
    return factories.make_webhook


@pytest.fixture
def webhook(make_webhook: Callable[..., Webhook], receiver: Receiver) -> Webhook:
    return make_webhook(receiver.url)


@pytest.fixture
def send() -> Callable[[], bool]:
    """Sends what is due, as the worker does."""
    return sending.Sender().send_due
