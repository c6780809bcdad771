"""Webhooks that hear of everything."""

from collections.abc import Callable
from typing import Any

import pytest

from reynard.desk.models import Webhook
from tests import factories


@pytest.fixture(autouse=True)
def internal_receivers(settings: Any) -> None:
    settings.REYNARD_WEBHOOK_ALLOW_INTERNAL = True


@pytest.fixture
def make_webhook(desk: Any) -> Callable[..., Webhook]:
    return factories.make_webhook
