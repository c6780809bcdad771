"""The list at the widths people have, and by touch."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.servers import RunningDesk

Agent = Callable[..., Page]


def test_on_a_phone_tickets_are_searched_selected_and_changed(demo: RunningDesk, agent: Agent) -> None:
    page = agent(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Search").click()
    box = page.get_by_role("combobox", name="Search tickets")
    box.fill("halved")
    box.press("Enter")
    page.wait_for_url("**q=halved**")
    tick = page.get_by_role("checkbox", name=re.compile("Select #198 Range of my"))
    tick.check()
    bar = page.get_by_role("toolbar", name="Selected tickets")
    bar.get_by_role("button", name="Priority").click()
    bar.get_by_role("button", name="Urgent").click()
    said = page.get_by_role("status").filter(has_text="1 ticket is changed.")
    expect(said).to_be_visible()
    said.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").filter(has_text="Undone on 1 ticket.")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 1100, 1024, 760, 520, 390, 320])
def test_nothing_is_cut_off_sideways_and_rows_are_of_one_height(demo: RunningDesk, agent: Agent, width: int) -> None:
    page = agent(viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    heights = page.evaluate("[...new Set([...document.querySelectorAll('.ticket')].map(row => row.offsetHeight))]")
    assert len(heights) == 1, heights
    assert width < 1100 or heights == [60]
