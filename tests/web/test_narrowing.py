"""A view narrowed by terms of the search language, and how its rows look."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from reynard.desk.models import Ticket
from reynard.web import inbox
from reynard.web import ticket as ticket_page
from tests import factories


@pytest.fixture
def tickets(desk: SimpleNamespace) -> SimpleNamespace:
    shop = factories.make_category("Shop orders", "SO")
    return SimpleNamespace(
        seller=factories.make_staff("Mina", shop),
        brake=factories.make_ticket(desk.lena, desk.workshop, subject="Brake cable frayed", tags=["hub", "hill start"]),
        chain=factories.make_ticket(desk.lena, desk.workshop, subject="Chain jumps", priority=desk.high.id),
        invoice=factories.make_ticket(desk.stranger, shop, subject="Invoice 2207"),
    )


def _subjects(client: Client, address: str, **query: str) -> list[str]:
    page = client.get(address, query).content.decode()
    return sorted(re.findall(r'id="s\d+" dir="auto">([^<]*)<', page))


def _link(page: str, name: str) -> str:
    """The address behind a choice or chip."""
    found = re.search(rf'<a [^>]*href="([^"]*)"[^>]*?(?:aria-label="{name}"|>{name})', page)
    assert found, name
    return unescape(found[1])


def test_each_menu_narrows_the_view_and_its_chip_takes_that_back(
    desk: SimpleNamespace, tickets: SimpleNamespace, priya: Client
) -> None:
    address = "/inbox/"
    page = priya.get(address).content.decode()
    for menu, name, left in (
        ("Category", "Repair workshop", ["Brake cable frayed", "Chain jumps"]),
        ("Priority", "High", ["Chain jumps"]),
        ("Assignee", "Nobody", ["Brake cable frayed", "Chain jumps", "Invoice 2207"]),
        ("Status", "Waiting", []),
        ("Tag", "hill start", ["Brake cable frayed"]),
    ):
        start = page.index(f'<summary class="chip">{menu}')
        address = _link(page[start:], name)
        assert _subjects(priya, address) == left, menu
        narrowed = priya.get(address).content.decode()
        assert f'id="total">{len(left)}<' in narrowed
        said = "nobody" if name == "Nobody" else name
        assert _link(narrowed, f"Remove the filter {menu}: {said}") == "/inbox/"


def test_values_of_one_menu_are_alternatives_and_menus_are_joined(
    desk: SimpleNamespace, tickets: SimpleNamespace, priya: Client
) -> None:
    only = 'category:"Repair workshop","Shop orders" priority:Normal'
    assert _subjects(priya, "/inbox/", only=only) == ["Brake cable frayed", "Invoice 2207"]
    page = priya.get("/inbox/", {"only": only}).content.decode()
    assert "Category: Repair workshop or Shop orders" in page
    start = page.index(">Category<svg")
    without = _link(page[start:], "Shop orders")
    assert _subjects(priya, without) == ["Brake cable frayed"]


def test_a_view_keeps_its_meaning(desk: SimpleNamespace, tickets: SimpleNamespace, priya: Client) -> None:
    Ticket.objects.filter(id=tickets.brake.id).update(assignee=desk.priya)
    only = 'status:"New"'
    assert _subjects(priya, "/inbox/", view="solved", only=only) == []
    assert _subjects(priya, "/inbox/", view="search", q="chain", only=only) == ["Chain jumps"]
    assert _subjects(priya, "/inbox/", view="search", q="chain", only="category:2207") == []


def test_the_tickets_opened_from_it_stay_within_it(
    desk: SimpleNamespace, tickets: SimpleNamespace, priya: Client
) -> None:
    page = priya.get("/inbox/", {"only": 'category:"Repair workshop"', "sort": "created"}).content.decode()
    link = re.search(r'href="(/inbox/ticket/[^"]*)" id="s', page)
    assert link
    ticket = priya.get(unescape(link[1])).content.decode()
    assert "1 of 2" in ticket
    assert "data-next" in ticket
    back = re.search(r'href="(/inbox/[^"]*)"[^>]*aria-keyshortcuts="u"', ticket)
    assert back
    assert _subjects(priya, unescape(back[1])) == ["Brake cable frayed", "Chain jumps"]


def test_a_tag_can_be_typed(desk: SimpleNamespace, tickets: SimpleNamespace, priya: Client) -> None:
    answer = priya.get("/inbox/", {"view": "all", "only": "priority:Normal", "tag": ["hill start", ""]})
    assert _subjects(priya, answer["Location"]) == ["Brake cable frayed"]


def test_filters_beyond_all_use_are_explained_and_can_be_removed(
    desk: SimpleNamespace, tickets: SimpleNamespace, priya: Client
) -> None:
    answer = priya.get("/inbox/", {"view": "mine", "only": "a " * 51})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "at most 50 terms" in page
    assert '<a class="linkish" href="/inbox/?view=mine">Remove all</a>' in page


def test_filters_that_nothing_fits_lead_back(desk: SimpleNamespace, tickets: SimpleNamespace, priya: Client) -> None:
    page = priya.get("/inbox/", {"only": "tag:none-such"}).content.decode()
    assert "Nothing fits these filters" in page
    assert '<a class="btn" href="/inbox/">All of All open</a>' in page


def test_bulk_actions_on_all_stay_within_the_filters(
    desk: SimpleNamespace, tickets: SimpleNamespace, priya: Client
) -> None:
    form = {"do": f"priority:{desk.high.id}", "all": "1", "view": "all", "only": "tag:hub"}
    priya.post("/inbox/bulk/", form)
    assert list(Ticket.objects.filter(priority=desk.high).order_by("id")) == [tickets.brake, tickets.chain]


def test_nobody_is_offered_categories_of_others(
    desk: SimpleNamespace, tickets: SimpleNamespace, sign_in: Callable[..., Client]
) -> None:
    seller = sign_in(tickets.seller)
    page = seller.get("/inbox/", {"only": f'category:"{desk.workshop.name}"'}).content.decode()
    assert "Brake cable frayed" not in page
    assert "hill start" not in page
    assert page.count(desk.workshop.name) == page.count("Category: " + desk.workshop.name) + page.count(
        "category:&quot;" + desk.workshop.name
    )


# --- how rows look


def test_rows_show_what_was_chosen_and_keep_it(desk: SimpleNamespace, tickets: SimpleNamespace, priya: Client) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    Ticket.objects.filter(id=tickets.chain.id).update(due_date=tomorrow)
    page = priya.get("/inbox/").content.decode()
    assert '<span class="tag">hub</span>' in page
    assert f'class="due">due {tomorrow.day} ' in page
    assert page.count('class="prio"') == 1
    assert '<span class="sub truncate" dir="auto">Repair workshop' not in page

    chosen = {"columns": "1", "column": ["category", "created"], "back": "/inbox/?view=all"}
    assert priya.post("/inbox/look/", chosen)["Location"] == "/inbox/?view=all"
    page = priya.get("/inbox/").content.decode()
    assert '<span class="sub truncate" dir="auto">Repair workshop' in page
    for gone in ('class="tag"', 'class="due"', 'class="prio"', f"#{tickets.chain.id}</div>", "Assign to me</button"):
        assert gone not in page

    priya.post("/inbox/look/", {"columns": "1", "back": "/inbox/"})
    assert 'class="status' not in priya.get("/inbox/").content.decode()


def test_the_height_of_rows_is_kept(desk: SimpleNamespace, priya: Client) -> None:
    assert 'id="list" class=""' in priya.get("/inbox/").content.decode()
    priya.post("/inbox/look/", {"density": "compact", "back": "/inbox/"})
    page = priya.get("/inbox/").content.decode()
    assert 'id="list" class="compact"' in page
    assert 'value="comfortable"' in page
    priya.post("/inbox/look/", {"density": "<script>", "back": "/inbox/"})
    assert 'id="list" class="compact"' in priya.get("/inbox/").content.decode()


def test_a_ticket_of_nobody_is_taken_from_its_row(
    desk: SimpleNamespace, tickets: SimpleNamespace, priya: Client
) -> None:
    assert f'name="take" value="{tickets.brake.id}"' in priya.get("/inbox/").content.decode()
    form = {"take": tickets.brake.id, "ticket": [tickets.chain.id], "back": "/inbox/"}
    assert priya.post("/inbox/bulk/", form)["Location"] == "/inbox/"
    assert list(Ticket.objects.filter(assignee=desk.priya)) == [tickets.brake]
    assert f'name="take" value="{tickets.brake.id}"' not in priya.get("/inbox/").content.decode()


def test_enter_in_the_field_of_tags_adds_them(desk: SimpleNamespace, tickets: SimpleNamespace, priya: Client) -> None:
    priya.post("/inbox/bulk/", {"do": "", "tags": "wheel", "ticket": [tickets.chain.id]})
    priya.post("/inbox/bulk/", {"do": "", "tags": "", "ticket": [tickets.brake.id]})
    assert sorted(Ticket.objects.values_list("tags", flat=True)) == ["", "hub,hill start", "wheel"]


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ("mine", "Nothing is assigned to you"),
        ("unassigned", "Every ticket has somebody"),
        ("waiting", "We wait for nobody"),
        ("drafts", "What you begin to write"),
        ("solved", "Nothing is solved yet"),
        ("needs-reply", "Nobody is waiting"),
    ],
)
def test_an_empty_view_says_what_to_do(desk: SimpleNamespace, priya: Client, view: str, said: str) -> None:
    assert said in priya.get("/inbox/", {"view": view}).content.decode()


# --- the next ticket


def _next(client: Client, address: str) -> tuple[str, str]:
    """What stands between the arrows, and where the second of them leads."""
    page = client.get(address).content.decode()
    said = re.search(r">(\d+ of \d+)<", page)
    link = re.search(r'data-next href="([^"]*)"', page)
    return said[1] if said else "", unescape(link[1]) if link else ""


@pytest.fixture
def seven(desk: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Seven tickets, on pages of two, looked for three at a time."""
    monkeypatch.setattr(inbox, "PAGE_SIZE", 2)
    monkeypatch.setattr(ticket_page, "NEIGHBOURS", 3)
    return [factories.make_ticket(desk.lena, desk.workshop).id for _ in range(7)]


def test_one_goes_from_ticket_to_ticket_to_the_end_of_the_view(priya: Client, seven: list[int]) -> None:
    page = priya.get("/inbox/", {"view": "all", "sort": "createa"}).content.decode()
    link = re.search(r'href="(/inbox/ticket/[^"]*)" id="s', page)
    assert link
    address, passed = unescape(link[1]), []
    while address:
        said, following = _next(priya, address)
        passed.append((int(address.split("/")[3]), said))
        address = following
    assert passed == [(number, f"{at} of 7") for at, number in enumerate(seven, start=1)]


def test_a_ticket_of_a_later_page_has_neighbours_and_leads_back_to_that_page(priya: Client, seven: list[int]) -> None:
    page = priya.get("/inbox/", {"view": "all", "sort": "createa", "page": 3}).content.decode()
    link = re.search(r'href="(/inbox/ticket/[^"]*)" id="s', page)
    assert link
    assert f"/inbox/ticket/{seven[4]}/" in link[1]
    assert _next(priya, unescape(link[1]))[1].startswith(f"/inbox/ticket/{seven[5]}/")
    assert 'href="/inbox/?view=all&amp;sort=createa&amp;page=3"' in priya.get(unescape(link[1])).content.decode()


def test_after_a_ticket_that_was_solved_comes_the_one_behind_it(
    desk: SimpleNamespace, priya: Client, seven: list[int]
) -> None:
    address = f"/inbox/ticket/{seven[3]}/?view=all&sort=createa&at=4"
    priya.post(f"/inbox/ticket/{seven[3]}/change/", {"status": desk.closed.id})
    assert _next(priya, address)[1].startswith(f"/inbox/ticket/{seven[4]}/")
    last = f"/inbox/ticket/{seven[6]}/?view=all&sort=createa&at=7"
    priya.post(f"/inbox/ticket/{seven[6]}/change/", {"status": desk.closed.id})
    assert _next(priya, last)[1] == ""
    for nonsense in ("0", "-1", "x", "99999", "9" * 30):
        assert priya.get(f"/inbox/ticket/{seven[3]}/?view=all&at={nonsense}").status_code == 200
