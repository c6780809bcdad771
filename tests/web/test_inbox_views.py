"""The views of the inbox: which tickets they have, how many they say they have, and who sees which."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client

from tests import factories

SignIn = Callable[..., Client]


@pytest.fixture
def tickets(desk: SimpleNamespace) -> SimpleNamespace:
    shop = factories.make_category("Shop orders", "SO")
    return SimpleNamespace(
        shop=shop,
        seller=factories.make_staff("Mina", shop),
        of_workshop=factories.make_ticket(desk.lena, desk.workshop, subject="Brake cable frayed"),
        of_shop=factories.make_ticket(desk.stranger, shop, subject="Invoice 2207"),
    )


def test_an_admin_sees_every_category_in_the_list_and_the_counts(
    desk: SimpleNamespace, tickets: SimpleNamespace, sign_in: SignIn
) -> None:
    page = sign_in(desk.priya).get("/inbox/").content.decode()
    assert "Brake cable frayed" in page
    assert "Invoice 2207" in page
    assert '<span class="muted num">2</span>' in page


def test_an_agent_of_one_category_never_sees_anothers(
    desk: SimpleNamespace, tickets: SimpleNamespace, sign_in: SignIn
) -> None:
    client = sign_in(tickets.seller)
    for view in ("all", "needs-reply", "mine", "unassigned", "waiting", "solved", f"category-{tickets.shop.id}"):
        page = client.get("/inbox/", {"view": view}).content.decode()
        assert "Brake cable frayed" not in page
        assert "Repair workshop" not in page
    assert '<span class="muted num">1</span>' in client.get("/inbox/").content.decode()
    assert client.get("/inbox/", {"view": f"category-{desk.workshop.id}"}).status_code == 404


def test_a_view_that_does_not_exist_is_not_found(desk: SimpleNamespace, sign_in: SignIn) -> None:
    assert sign_in(desk.priya).get("/inbox/?view=nonsense").status_code == 404


@pytest.mark.parametrize("page", ["0", "-1", "x", "9999999999", "²"])
def test_a_page_number_that_makes_no_sense_is_the_first_page(
    desk: SimpleNamespace, tickets: SimpleNamespace, sign_in: SignIn, page: str
) -> None:
    answer = sign_in(desk.priya).get("/inbox/", {"page": page})
    assert answer.status_code == 200
    assert "Brake cable frayed" in answer.content.decode()


def test_an_empty_view_says_so(desk: SimpleNamespace, sign_in: SignIn) -> None:
    assert "Nobody is waiting" in sign_in(desk.priya).get("/inbox/").content.decode()
