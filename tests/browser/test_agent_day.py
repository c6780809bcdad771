"""What agents do all day, in a browser, with the controls found by role and name."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.servers import RunningDesk

Agent = Callable[..., Page]


def _number(page: Page) -> str:
    found = re.search(r"/inbox/ticket/(\d+)/", page.url)
    assert found, page.url
    return found[1]


def test_a_queue_of_ten_is_cleared_by_keyboard_alone(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_url("**/inbox/?view=needs-reply")
    before = int(page.locator("#total").inner_text())
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    answered = []
    for n in range(10):
        page.wait_for_url("**/inbox/ticket/**")
        here = _number(page)
        assert here not in answered
        answered.append(here)
        page.keyboard.press("r")
        page.keyboard.type(f"Answer number {n}.")
        if page.locator("[data-needed]").count():
            page.keyboard.press("Tab")
            page.keyboard.press("Tab")
            page.keyboard.type("5")
        page.get_by_role("textbox", name="Reply").press("Control+Enter")
        page.wait_for_url(lambda address, here=here: f"/ticket/{here}/" not in address)
    page.keyboard.press("u")
    page.wait_for_url("**/inbox/?view=needs-reply")
    assert int(page.locator("#total").inner_text()) == before - 10


def test_selected_tickets_change_and_go_back(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.keyboard.press("g")
    page.keyboard.press("u")
    page.wait_for_url("**/inbox/?view=unassigned")
    before = int(page.locator("#total").inner_text())
    for key in "jxjx":
        page.keyboard.press(key)
    bar = page.get_by_role("toolbar", name="Selected tickets")
    expect(bar.get_by_text("2 selected")).to_be_visible()
    page.keyboard.press("a")
    bar.get_by_role("button", name="Priya Raman").click()
    expect(page.get_by_text("2 tickets are changed.")).to_be_visible()
    assert int(page.locator("#total").inner_text()) == before - 2
    page.keyboard.press("z")
    expect(page.get_by_text("Undone on 2 tickets.")).to_be_visible()
    assert int(page.locator("#total").inner_text()) == before


def test_two_agents_do_not_answer_the_same_ticket_by_accident(demo: RunningDesk, agent: Agent) -> None:
    amara, priya = agent("amara"), agent("priya")
    address = f"{demo.url}/inbox/ticket/198/"
    amara.goto(address)
    priya.goto(address)
    priya.get_by_role("textbox", name="Reply").fill("I have looked at it.")
    amara.get_by_role("textbox", name="Reply").fill("So have I.")
    for page in (priya, amara):
        page.get_by_label("Time spent in minutes").first.fill("5")
    priya.get_by_role("button", name="Send", exact=True).click()
    expect(priya.get_by_text("goes out in")).to_be_visible()
    amara.get_by_role("button", name="Send", exact=True).click()
    expect(amara.get_by_role("alert").filter(has_text="Priya Raman answered while you were writing.")).to_be_visible()
    expect(amara.get_by_role("region", name="Conversation").get_by_text("I have looked at it.")).to_be_visible()
    expect(amara.get_by_role("textbox", name="Reply")).to_have_value("So have I.")
    amara.get_by_role("button", name="Send anyway").click()
    expect(amara.get_by_text("goes out in")).to_be_visible()


def test_what_a_colleague_writes_appears_and_so_do_they(demo: RunningDesk, agent: Agent) -> None:
    amara, priya = agent("amara"), agent("priya")
    address = f"{demo.url}/inbox/ticket/196/"
    amara.goto(address)
    priya.goto(address)
    priya.get_by_role("tab", name="Private note").click()
    priya.get_by_role("textbox", name="Private note").press_sequentially("She is a friend of the house.")
    expect(amara.get_by_text("is writing a private note")).to_be_visible(timeout=20_000)
    priya.get_by_label("Time spent in minutes").last.fill("5")
    priya.get_by_role("button", name="Add private note").click()
    expect(amara.get_by_role("article", name=re.compile("^Private note by Priya"))).to_be_visible(timeout=20_000)


def test_drafts_survive_and_the_kinds_are_never_mixed(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.goto(f"{demo.url}/inbox/ticket/194/")
    page.get_by_role("textbox", name="Reply").fill("A reply that waits.")
    page.get_by_role("tab", name="Private note").click()
    expect(page.get_by_role("textbox", name="Private note")).to_have_value("")
    page.get_by_role("textbox", name="Private note").fill("A note that waits.")
    page.wait_for_timeout(2600)
    page.reload()
    expect(page.get_by_role("textbox", name="Reply")).to_have_value("A reply that waits.")
    page.get_by_role("tab", name="Private note").click()
    expect(page.get_by_role("textbox", name="Private note")).to_have_value("A note that waits.")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_hidden()


def test_a_property_is_saved_when_it_changes_and_the_focus_stays(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.goto(f"{demo.url}/inbox/ticket/192/")
    page.evaluate("window.stayed = true")
    properties = page.get_by_role("complementary", name="Properties")
    properties.get_by_role("combobox", name="Priority").focus()
    properties.get_by_role("combobox", name="Priority").select_option(label="High")
    expect(page.get_by_role("region", name="Conversation").get_by_text("set the priority High").first).to_be_attached()
    chosen = properties.get_by_role("combobox", name="Priority")
    assert chosen.evaluate("field => [...field.options].find((one) => one.defaultSelected).textContent") == "High"
    expect(chosen).to_be_focused()
    tags = properties.get_by_role("textbox", name="Tags")
    tags.fill("rim, bell")
    tags.press("Enter")
    expect(page.get_by_role("region", name="Conversation").get_by_text("added the tag bell").first).to_be_attached()
    expect(tags).to_be_focused()
    assert page.evaluate("window.stayed")
    page.reload()
    expect(tags).to_have_value("rim, bell")
    status = properties.get_by_role("combobox", name="Status")
    before = status.input_value()
    status.select_option(label="Waiting")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    status.blur()
    page.keyboard.press("z")
    expect(page.get_by_text("Undone on 1 ticket.")).to_be_visible()
    expect(status).to_have_value(before)


def test_without_javascript_people_read_and_answer(demo: RunningDesk, agent: Agent) -> None:
    page = agent(java_script_enabled=False)
    page.goto(f"{demo.url}/inbox/?view=search&q=halved")
    page.get_by_role("link", name=re.compile("Range of my e-bike has halved")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Range of my e-bike has halved")
    page.get_by_role("textbox", name="Reply").fill("Please bring the battery.")
    page.get_by_label("Time spent in minutes").first.fill("5")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("goes out in")).to_be_visible()


def test_on_a_phone_people_read_and_answer(demo: RunningDesk, agent: Agent) -> None:
    page = agent(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(f"{demo.url}/inbox/ticket/197/")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("More actions").click()
    expect(page.get_by_role("link", name="Forward")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Details").click()
    expect(page.get_by_role("combobox", name="Status", exact=True)).to_be_visible()
    page.get_by_role("link", name="Close details").click()
    expect(page.get_by_role("combobox", name="Status", exact=True)).to_be_hidden()
    expect(page.get_by_role("textbox", name="Reply")).to_be_hidden()
    page.get_by_role("button", name="Reply", exact=True).click()
    page.get_by_role("textbox", name="Reply").fill("Come by at five.")
    page.get_by_label("Time spent in minutes").first.fill("5")
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_load_state()
    page.goto(f"{demo.url}/inbox/ticket/197/")
    expect(page.get_by_text("Come by at five.")).to_be_visible()


def test_a_desk_that_does_not_answer_is_said_and_nothing_is_lost(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.goto(f"{demo.url}/inbox/ticket/187/")
    page.get_by_role("textbox", name="Reply").fill("Half a sentence")
    page.context.set_offline(True)
    expect(page.locator("#offline")).to_be_visible(timeout=20_000)
    page.context.set_offline(False)
    expect(page.locator("#offline")).to_be_hidden(timeout=40_000)
    page.reload()
    expect(page.get_by_role("textbox", name="Reply")).to_have_value("Half a sentence")


def test_the_search_box_completes_terms_and_offers_tickets(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.keyboard.press("/")
    box = page.get_by_role("combobox", name="Search tickets")
    box.press_sequentially("assignee:pri")
    suggestions = page.get_by_role("listbox", name="Suggestions")
    expect(suggestions.get_by_role("option").first).to_contain_text("Priya Raman")
    box.press("Tab")
    expect(box).to_have_value('assignee:"Priya Raman" ')
    box.press_sequentially("chain")
    expect(suggestions.get_by_role("option").filter(has_text="Search everything for")).to_be_visible()
    box.press("Enter")
    page.wait_for_url("**/inbox/?view=search**")
