"""Everything by keyboard: the palette, single letters, and where the focus is afterwards."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.servers import RunningDesk

Agent = Callable[..., Page]


def test_a_command_is_found_by_name_and_done(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.goto(f"{demo.url}/inbox/ticket/185/")
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Commands")
    field = palette.get_by_role("combobox", name="Command")
    expect(field).to_be_focused()
    field.press_sequentially("prio urg")
    chosen = palette.get_by_role("option", selected=True)
    expect(chosen).to_contain_text("Set priority: Urgent")
    assert field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    with page.expect_response("**/change/"):
        field.press("Enter")
    expect(
        page.get_by_role("region", name="Conversation").get_by_text("set the priority Urgent").first
    ).to_be_attached()
    shown = page.get_by_role("complementary", name="Properties").get_by_role("combobox", name="Priority")
    assert shown.evaluate("field => field.selectedOptions[0].textContent") == "Urgent"
    page.keyboard.press("Control+k")
    expect(palette.get_by_role("group", name="This ticket").get_by_role("option").first).to_contain_text("Urgent")


def test_the_palette_finds_tickets_and_gives_the_focus_back(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.keyboard.press("j")
    link = page.locator(".ticket.cursor .subject a")
    expect(link).to_be_focused()
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Commands")
    palette.get_by_role("combobox").press_sequentially("halved")
    found = palette.get_by_role("group", name="Tickets").get_by_role("option")
    expect(found.first).to_contain_text("Range of my e-bike has halved")
    page.keyboard.press("Escape")
    expect(palette).to_be_hidden()
    expect(link).to_be_focused()


def test_status_and_its_first_letter_on_a_ticket_and_in_the_list(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.goto(f"{demo.url}/inbox/ticket/184/")
    page.keyboard.press("s")
    with page.expect_response("**/change/"):
        page.keyboard.press("w")
    expect(page.get_by_role("region", name="Conversation").get_by_text("set Waiting").first).to_be_attached()
    status = page.get_by_role("combobox", name="Status", exact=True)
    assert status.evaluate("field => field.selectedOptions[0].textContent") == "Waiting"
    page.goto(f"{demo.url}/inbox/?view=search&q=id:184")
    page.keyboard.press("j")
    page.keyboard.press("s")
    with page.expect_navigation():
        page.keyboard.press("n")
    expect(page.locator("#t184 .status")).to_have_text("New")
    expect(page.locator("#t184 .subject a")).to_be_focused()


def test_after_an_action_the_focus_is_at_the_next_row(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.goto(f"{demo.url}/inbox/?view=unassigned")
    for key in "jj":
        page.keyboard.press(key)
    after = page.locator(".ticket").nth(2).get_attribute("id")
    with page.expect_navigation():
        page.keyboard.press("i")
    expect(page.locator(f"#{after} .subject a")).to_be_focused()
    page.keyboard.press("End")
    expect(page.locator(".ticket .subject a").last).to_be_focused()
    page.keyboard.press("Home")
    expect(page.locator(".ticket .subject a").first).to_be_focused()


def test_letters_that_are_switched_off_do_nothing(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.goto(f"{demo.url}/account/")
    page.get_by_role("checkbox", name=re.compile("Single letters")).uncheck()
    page.get_by_role("button", name="Save").click()
    page.goto(f"{demo.url}/inbox/")
    page.keyboard.press("j")
    page.keyboard.press("?")
    expect(page.locator(".ticket.cursor")).to_have_count(0)
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".ticket.cursor")).to_have_count(1)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Commands")).to_be_visible()


def test_back_from_a_ticket_the_cursor_is_at_it_or_where_it_was(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.goto(f"{demo.url}/inbox/?only=category:%22Customer+service%22")
    rows = page.locator(".ticket")
    third, fourth = (rows.nth(n).get_attribute("id") or "" for n in (2, 3))
    for key in "jj":
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox/ticket/**")
    page.keyboard.press("j")
    page.wait_for_url(f"**/inbox/ticket/{third[1:]}/**")
    page.keyboard.press("e")
    expect(page.get_by_role("combobox", name="Status", exact=True)).to_have_js_property("selectedIndex", 3)
    page.keyboard.press("u")
    expect(page.locator(f"#{third}")).to_have_count(0)
    expect(page.locator(".ticket .subject a").nth(1)).to_be_focused()
    assert rows.nth(2).get_attribute("id") == fourth
