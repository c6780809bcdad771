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
    assert '<span class="muted num" id="total">2</span>' in page


def test_an_agent_of_one_category_never_sees_anothers(
    desk: SimpleNamespace, tickets: SimpleNamespace, sign_in: SignIn
) -> None:
    client = sign_in(tickets.seller)
    for view in ("all", "needs-reply", "mine", "unassigned", "waiting", "solved", f"category-{tickets.shop.id}"):
        page = client.get("/inbox/", {"view": view}).content.decode()
        assert "Brake cable frayed" not in page
        assert "Repair workshop" not in page
    assert '<span class="muted num" id="total">1</span>' in client.get("/inbox/").content.decode()
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


def test_a_search_finds_what_the_agent_may_see(
    desk: SimpleNamespace, tickets: SimpleNamespace, sign_in: SignIn
) -> None:
    found = sign_in(desk.priya).get("/inbox/", {"view": "search", "q": "invoice"}).content.decode()
    assert "Invoice 2207" in found
    assert "Brake cable frayed" not in found
    hidden = sign_in(tickets.seller).get("/inbox/", {"view": "search", "q": "brake"}).content.decode()
    assert "Nothing found" in hidden


def test_a_search_beyond_all_use_is_explained(desk: SimpleNamespace, sign_in: SignIn) -> None:
    answer = sign_in(desk.priya).get("/inbox/", {"view": "search", "q": "x" * 10_001})
    assert answer.status_code == 400
    assert "at most 10000 characters" in answer.content.decode()


def test_a_search_is_kept_as_a_view_with_its_count(
    desk: SimpleNamespace, tickets: SimpleNamespace, sign_in: SignIn
) -> None:
    from reynard.desk.models import SavedView

    priya = sign_in(desk.priya)
    where = priya.post("/inbox/views/", {"name": "Invoices", "q": "invoice", "shared": "on"})["Location"]
    page = priya.get(where).content.decode()
    assert "Invoice 2207" in page
    assert 'Invoices</span><span class="n">1</span>' in page
    seller = sign_in(tickets.seller)
    assert "Invoices" in seller.get("/inbox/").content.decode()
    id = SavedView.objects.get().id
    assert seller.post(f"/inbox/views/{id}/delete/").status_code == 404
    priya.post(f"/inbox/views/{id}/delete/")
    assert not SavedView.objects.exists()


def test_ones_own_view_is_nobody_elses(desk: SimpleNamespace, tickets: SimpleNamespace, sign_in: SignIn) -> None:
    where = sign_in(desk.priya).post("/inbox/views/", {"name": "Mine", "q": "invoice"})["Location"]
    seller = sign_in(tickets.seller)
    assert seller.get(where).status_code == 404
    refused = seller.post("/inbox/views/", {"name": "All", "q": "invoice", "shared": "on"}, follow=True)
    assert "may not share views" in refused.content.decode()


def test_broken_promises_stand_first(desk: SimpleNamespace, tickets: SimpleNamespace, sign_in: SignIn) -> None:
    from datetime import UTC, datetime, timedelta

    from reynard.desk.models import SlaClock

    now = datetime.now(UTC)
    policy = factories.make_policy()
    SlaClock.objects.create(
        ticket=tickets.of_shop, policy=policy, started_at=now, due_at=now - timedelta(minutes=40),
        breached_at=now, decided_at=now,
    )  # fmt: skip
    page = sign_in(desk.priya).get("/inbox/").content.decode()
    assert page.index('aria-label="Late"') < page.index("Invoice 2207") < page.index('aria-label="Waiting for us"')
    assert page.count("Invoice 2207") == 2  # the link and the name of its box
    assert "1 late" in page


def test_all_views_have_a_page_for_small_screens(
    desk: SimpleNamespace, tickets: SimpleNamespace, sign_in: SignIn
) -> None:
    page = sign_in(tickets.seller).get("/inbox/views/").content.decode()
    assert "Shop orders" in page
    assert "Repair workshop" not in page


def test_a_blank_search_says_what_can_be_searched_for(
    desk: SimpleNamespace, tickets: SimpleNamespace, sign_in: SignIn
) -> None:
    page = sign_in(desk.priya).get("/inbox/?view=search").content.decode()
    assert "Write what you look for" in page
    assert "Invoice 2207" not in page
