"""Two agents at one list: what the other does is seen where it is, and nothing moves until it is asked for."""

import base64
import json
import urllib.request
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.servers import RunningDesk

Agent = Callable[..., Page]


def _look_again(page: Page) -> None:
    """What returning to the window does: ask at once."""
    with page.expect_response(lambda answer: "/inbox/" in answer.url and answer.request.method == "GET"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def _open_ticket(demo: RunningDesk, subject: str) -> None:
    secret = base64.b64encode(f"{demo.api_key}:{demo.auth_code}".encode()).decode()
    new = {"name": "Nils", "email": "nils@example.org", "subject": subject, "text": "Hello.", "category": 1}
    request = urllib.request.Request(
        f"{demo.url}/api/1.1/json/tickets/",
        json.dumps(new).encode(),
        {"Authorization": f"Basic {secret}", "Content-Type": "application/json"},
    )
    urllib.request.urlopen(request).close()


def test_what_others_do_waits_in_place_until_show(demo: RunningDesk, agent: Agent) -> None:
    amara, jonas = agent("amara"), agent("jonas")
    amara.goto(f"{demo.url}/inbox/?view=waiting&sort=created")
    rows = amara.locator(".ticket")
    gone, after = (rows.nth(n).get_attribute("id") for n in (1, 2))
    amara.keyboard.press("j")
    amara.keyboard.press("j")
    expect(amara.locator(f"#{gone} .subject a")).to_be_focused()
    order = rows.evaluate_all("rows => rows.map(row => row.id)")

    jonas.goto(f"{demo.url}/inbox/?view=search&q=id:{(gone or '')[1:]}")
    jonas.keyboard.press("j")
    jonas.keyboard.press("v")  # to Customer service, which asks for no fields before solving
    with jonas.expect_navigation():
        jonas.keyboard.press("c")
    jonas.keyboard.press("Control+k")
    jonas.get_by_role("combobox", name="Command").fill("Set status: Closed")
    with jonas.expect_navigation():
        jonas.keyboard.press("Enter")
    _look_again(amara)
    expect(amara.locator(f"#{gone} .snip")).to_have_text("Solved by Jonas Beck")
    assert rows.evaluate_all("rows => rows.map(row => row.id)") == order

    amara.goto(f"{demo.url}/inbox/?sort=created")
    amara.keyboard.press("j")
    first = rows.first.get_attribute("id")
    for n in (1, 2):
        _open_ticket(demo, f"New one {n}")
    _look_again(amara)
    expect(amara.get_by_role("status").filter(has_text="2 new tickets. Show")).to_be_visible()
    assert rows.first.get_attribute("id") == first
    before = int(amara.locator("#total").inner_text())
    amara.keyboard.press(".")
    expect(rows.first.locator(".subject a")).to_have_text("New one 2")
    expect(amara.locator(f"#{first} .subject a")).to_be_focused()
    assert int(amara.locator("#total").inner_text()) == before + 2
    assert after


def test_a_slow_search_says_so_in_words(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.route("**/inbox/suggest/**", lambda route: None)  # no answer
    box = page.get_by_role("combobox", name="Search tickets")
    box.press_sequentially("chain")
    expect(page.get_by_role("status").filter(has_text="Still searching")).to_be_visible()
