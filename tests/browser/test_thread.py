"""The conversation in a real browser: the menu of a message by keyboard, and what arrives while one reads."""

import json
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.servers import RunningDesk

Agent = Callable[..., Page]


def _post(demo: RunningDesk, path: str, body: dict[str, Any]) -> None:
    request = urllib.request.Request(f"{demo.url}/api/1.1/json/{path}", json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    request.add_header("Authorization", "Basic " + b64encode(f"{demo.api_key}:{demo.auth_code}".encode()).decode())
    urllib.request.urlopen(request).read()


def test_a_message_is_edited_by_keyboard_and_that_is_undone(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.goto(f"{demo.url}/inbox/ticket/149/")
    message = page.get_by_role("article", name="Reply by Jonas Beck").last
    more = message.get_by_role("button", name="More about this message")
    more.focus()
    page.keyboard.press("Enter")
    expect(message.get_by_role("link", name="Edit")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(message.get_by_role("link", name="Copy link")).to_be_focused()
    page.keyboard.press("Escape")
    expect(message.get_by_role("link", name="Edit")).to_be_hidden()
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    message.get_by_role("link", name="Edit").press("Enter")
    page.get_by_role("textbox", name="Message by Jonas Beck").fill("The bike waits for you.")
    page.get_by_role("button", name="Save message").click()
    expect(page.get_by_text("The bike waits for you.")).to_be_visible()
    page.keyboard.press("z")
    expect(page.get_by_text("We keep our eyes open.")).to_be_visible()


def test_what_arrives_below_is_counted_and_properties_follow(demo: RunningDesk, agent: Agent) -> None:
    page = agent(viewport={"width": 1440, "height": 600})
    page.goto(f"{demo.url}/inbox/ticket/149/")
    page.evaluate("scrollTo(0, 0)")
    priority = page.get_by_role("combobox", name="Priority")
    wanted = priority.locator("option:not([selected])").first.get_attribute("value") or ""
    for text in ("We found the lock, too.", "And the bell."):
        said = {"staff": 1, "text": text, "priority": wanted, "time_spent": 1}
        _post(demo, "ticket/149/staff_update/", said)
    pill = page.get_by_role("status").filter(has_text="2 new messages")
    expect(pill).to_be_visible(timeout=20_000)
    expect(page.get_by_text("And the bell.")).not_to_be_in_viewport()
    pill.click()
    expect(page.get_by_text("We found the lock, too.")).to_be_in_viewport()
    expect(pill).to_be_hidden()
    expect(priority).to_have_value(wanted)
