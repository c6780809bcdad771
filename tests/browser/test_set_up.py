"""The set-up in a browser, and canned actions in the composer."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.servers import RunningDesk

Agent = Callable[..., Page]


def test_a_canned_action_is_used_by_keyboard_alone(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.goto(f"{demo.url}/inbox/ticket/149/")
    reply = page.get_by_role("textbox", name="Reply")
    page.keyboard.press("r")
    page.keyboard.type("Dear customer,\n\n#")
    search = page.get_by_role("combobox", name="Canned action")
    expect(search).to_be_focused()
    page.keyboard.type("frame")
    expect(page.get_by_role("listbox", name="Canned actions").get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(reply).to_be_focused()
    written = reply.input_value()
    assert written.startswith("Dear customer,\n\nHello ")
    assert "{{" not in written
    composer = page.get_by_role("tabpanel", name="Reply")
    expect(composer.get_by_text("“Which frame number?” will also set the status Waiting")).to_be_visible()
    composer.get_by_role("button", name="Leave out").click()
    expect(composer.get_by_text("only the text of the canned action")).to_be_visible()
    expect(reply).to_be_focused()


def test_a_number_sign_that_begins_no_canned_action_stays_what_it_is(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.goto(f"{demo.url}/inbox/ticket/149/")
    page.keyboard.press("n")
    page.keyboard.type("See #")
    expect(page.get_by_role("combobox", name="Canned action")).to_be_focused()
    page.keyboard.type("4711")
    expect(page.get_by_text("No canned action fits.")).to_be_visible()
    page.keyboard.type(" of May")
    expect(page.get_by_role("textbox", name="Private note")).to_have_value("See #4711 of May")
    page.get_by_role("tabpanel").get_by_role("button", name="Canned action").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("textbox", name="Private note")).to_have_value("See #4711 of May")


def test_what_is_set_up_once_can_be_changed_under_the_policy_of_all_pages(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.get_by_role("link", name="Set-up").click()
    page.get_by_role("navigation", name="Set-up").get_by_role("link", name="Custom fields").click()
    page.get_by_role("main").get_by_role("link", name="Topic").click()
    page.get_by_role("button", name="Add another Choice").click()  # made by the admin's own script
    page.locator("#id_choices-8-text").fill("Recall")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Topic").click()
    expect(page.locator("#id_choices-5-text")).to_have_value("Recall")


def test_a_new_key_is_copied_with_one_click(demo: RunningDesk, agent: Agent) -> None:
    page = agent(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{demo.url}/manage/keys/")
    page.get_by_role("link", name="New key").click()
    page.get_by_label("What will use this key?").fill("Courier tracking")
    page.get_by_role("button", name="Make key").click()
    code = page.locator(".secret code").nth(1).inner_text()
    page.get_by_role("button", name="Copy code").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == code
    page.get_by_role("link", name="I have copied both").click()
    expect(page.get_by_text(code)).to_have_count(0)
