"""What a reader has to wait for on a slow line: compressed bytes of a page with everything it loads."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from tests import factories

SignIn = Callable[..., Client]
PAGE, SCRIPTS = 150_000, 50_000  # bytes at most
ROWS = 50


@pytest.fixture
def client(desk: SimpleNamespace, sign_in: SignIn) -> Client:
    for n in range(ROWS):
        text = f"The brake squeals since Monday, and louder every day, number {n}. " * 20
        factories.make_ticket(desk.lena, desk.workshop, subject=f"Brake {n} squeals", text=text, tags=["warranty"])
    return sign_in(desk.priya)


@pytest.mark.parametrize("address", ["/inbox/", "/inbox/ticket/{ticket}/", "/inbox/new/"])
def test_a_page_weighs_little(client: Client, address: str) -> None:
    ticket = re.search(r"/inbox/ticket/(\d+)/", client.get("/inbox/").content.decode())
    assert ticket
    answer = client.get(address.format(ticket=ticket[1]), headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    html = gzip.decompress(answer.content).decode()
    loaded = set(re.findall(rf'(?:src|href)="{settings.STATIC_URL}([^"#?]+)', html))
    weights = {name: len(gzip.compress(_content(name))) for name in loaded}
    scripts = sum(weight for name, weight in weights.items() if name.endswith(".js"))
    assert 20_000 < scripts < SCRIPTS, weights
    assert len(answer.content) + sum(weights.values()) < PAGE, weights


def _content(name: str) -> bytes:
    path = finders.find(name)
    assert path, name
    return Path(path).read_bytes()
