"""The composer in a browser, with its controls found by role and name."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.servers import RunningDesk

Agent = Callable[..., Page]


def test_formatting_is_a_key_away_and_the_browsers_undo_takes_it_back(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.goto(f"{demo.url}/inbox/ticket/196/")
    reply = page.get_by_role("textbox", name="Reply")
    reply.press_sequentially("Bring the bike")
    for _letter in "bike":
        page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Control+b")
    expect(reply).to_have_value("Bring the **bike**")
    page.keyboard.press("Control+z")
    expect(reply).to_have_value("Bring the bike")
    page.get_by_role("button", name="Bulleted list").click()
    expect(reply).to_have_value("- Bring the bike")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("region", name="Preview").get_by_role("listitem")).to_have_text("Bring the bike")
    expect(reply).to_be_hidden()
    page.keyboard.press("r")  # writing goes on
    expect(reply).to_be_focused()


def test_the_recipients_are_spelled_out_as_they_are_typed(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.goto(f"{demo.url}/inbox/ticket/196/")
    page.get_by_text("Change", exact=True).click()
    page.get_by_role("textbox", name="Cc", exact=True).fill("anna@hubs.example, tom@hubs.example")
    line = page.locator("[data-recipients] summary")
    expect(line).to_contain_text("anna@hubs.example new here and tom@hubs.example new here")
    page.get_by_role("tab", name="Private note").click()
    expect(line).to_be_hidden()


_GIVE = """([selector, kind, names]) => {
    const data = new DataTransfer();
    for (const name of names) data.items.add(new File(["x".repeat(2000)], name, { type: "image/png" }));
    const made = kind === "paste"
        ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
        : new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true });
    document.querySelector(selector).dispatchEvent(made);
}"""


def test_pasted_and_dropped_files_are_listed_removed_and_sent(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.goto(f"{demo.url}/inbox/ticket/193/")
    page.keyboard.press("n")
    page.evaluate(_GIVE, ["textarea[name=note]", "paste", ["image.png"]])
    page.evaluate(_GIVE, ["body", "drop", ["brake.png", "wrong.png"]])
    files = page.get_by_role("list", name="Attached files")
    expect(files.get_by_role("listitem")).to_have_count(3)
    expect(files).to_contain_text("pasted picture")
    files.get_by_role("button", name="Remove wrong.png").click()
    page.keyboard.type("Look at this.")
    page.get_by_label("Time spent in minutes").last.fill("5")
    page.get_by_role("button", name="Add private note").click()
    note = page.get_by_role("article", name="Private note by Amara Okafor").last
    expect(note).to_contain_text("brake.png")
    expect(note).to_contain_text("pasted picture")
    expect(note).not_to_contain_text("wrong.png")


def test_a_colleague_is_mentioned_by_keyboard(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.goto(f"{demo.url}/inbox/ticket/191/")
    page.keyboard.press("n")
    note = page.get_by_role("textbox", name="Private note")
    page.keyboard.type("Hello @pri")
    colleagues = page.get_by_role("listbox", name="Colleagues")
    expect(colleagues.get_by_role("option")).to_have_count(1)
    expect(colleagues.get_by_role("option", name="Priya Raman")).to_be_visible()
    page.keyboard.press("Enter")
    expect(note).to_have_value("Hello @Priya Raman ")
    expect(colleagues).to_be_hidden()
    page.keyboard.type("look at info@")
    expect(colleagues).to_be_hidden()
    page.keyboard.press("r")
    page.get_by_role("tab", name="Reply").click()
    page.keyboard.type("@pri")
    expect(colleagues).to_be_hidden()  # contacts do not know our names


def test_text_moves_to_the_private_note_by_a_command_of_its_own(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.goto(f"{demo.url}/inbox/ticket/190/")
    page.keyboard.press("n")
    page.keyboard.type("First thought.")
    page.keyboard.press("Control+Alt+n")
    reply = page.get_by_role("textbox", name="Reply")
    expect(reply).to_be_focused()
    page.keyboard.type("Second thought.")
    page.get_by_label("More ways to send").click()
    page.get_by_role("button", name="Move text to the private note").click()
    note = page.get_by_role("textbox", name="Private note")
    expect(note).to_have_value("First thought.\n\nSecond thought.")
    page.get_by_role("tab", name="Reply").click()
    expect(reply).to_have_value("")


def test_what_arrives_while_one_writes_is_told_and_holds_back_a_reply_alone(demo: RunningDesk, agent: Agent) -> None:
    amara, priya = agent("amara"), agent("priya")
    for page in (amara, priya):
        page.goto(f"{demo.url}/inbox/ticket/198/")
    amara.keyboard.press("r")
    amara.keyboard.type("Mine.")
    priya.get_by_role("textbox", name="Reply").fill("I have it here.")
    priya.get_by_label("Time spent in minutes").first.fill("5")
    priya.get_by_role("button", name="Send", exact=True).click()
    told = amara.get_by_role("alert").filter(has_text="Priya Raman answered while you were writing.")
    expect(told).to_be_visible(timeout=20_000)
    expect(amara.get_by_role("button", name="Send anyway")).to_be_visible()
    expect(amara.get_by_role("textbox", name="Reply")).to_have_value("Mine.")
    amara.get_by_role("tab", name="Private note").click()
    expect(told).to_be_visible()
    expect(amara.get_by_role("button", name="Add private note")).to_be_visible()
    amara.get_by_role("button", name="Keep writing").click()
    expect(told).to_be_hidden()
    expect(amara.get_by_role("textbox", name="Private note")).to_be_focused()
    amara.get_by_role("tab", name="Reply").click()
    amara.get_by_label("Time spent in minutes").first.fill("5")
    amara.get_by_role("button", name="Send anyway").click()
    expect(amara.get_by_text("goes out in")).to_be_visible()


def test_what_is_sent_while_the_desk_is_silent_leaves_when_it_answers(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.goto(f"{demo.url}/inbox/ticket/189/")
    page.keyboard.press("n")
    page.keyboard.type("Written in a tunnel.")
    page.get_by_label("Time spent in minutes").last.fill("5")
    page.context.set_offline(True)
    page.get_by_role("button", name="Add private note").click()
    expect(page.get_by_role("status").filter(has_text="This is sent as soon as it does.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Private note")).to_have_value("Written in a tunnel.")
    page.context.set_offline(False)
    note = page.get_by_role("article", name="Private note by Amara Okafor").last
    expect(note).to_contain_text("Written in a tunnel.", timeout=90_000)


def test_what_waited_long_is_not_sent_without_asking(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.clock.install()
    page.goto(f"{demo.url}/inbox/ticket/187/")
    page.keyboard.press("n")
    page.keyboard.type("Written in a plane.")
    page.context.set_offline(True)
    page.get_by_role("button", name="Add private note").click()
    page.clock.fast_forward("20:00")
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.evaluate("document.querySelector('#offline').hidden = true; document.dispatchEvent(new Event('desk-back'))")
    expect(page.get_by_role("status").filter(has_text="so this was not sent by itself")).to_be_visible()
    expect(page.get_by_role("textbox", name="Private note")).to_have_value("Written in a plane.")


def test_whoever_leaves_at_once_has_a_draft_all_the_same(demo: RunningDesk, agent: Agent) -> None:
    page = agent()
    page.goto(f"{demo.url}/inbox/ticket/186/")
    page.keyboard.press("r")
    page.keyboard.type("Half a")
    with page.expect_response("**/draft/"):
        page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.type(" sentence")
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    page.wait_for_url(lambda address: "/ticket/" not in address)
    page.wait_for_function(
        "async (address) => (await (await fetch(address)).text()).includes('Half a sentence</textarea>')",
        arg=f"{demo.url}/inbox/ticket/186/",
    )
