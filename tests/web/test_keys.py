"""The keyboard: one table, what the pages do with it, and switching single letters off."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

from django.test import Client

import reynard.web
from reynard.desk.models import CannedAction, Category
from reynard.web import keys
from tests import factories

SCRIPT = Path(reynard.web.__file__).parent / "static/reynard/keys.js"
EVERY = [(group, key) for group in keys.GROUPS for key in group.keys]


def _handlers() -> set[str]:
    block = re.search(r"const HANDLERS = \{\n(.*?)\n  \};", SCRIPT.read_text(), re.DOTALL)
    assert block
    return set(re.findall(r"^    (\w+): ", block[1], re.MULTILINE))


def test_every_key_does_something_and_everything_done_has_a_key() -> None:
    assert {key.do for _group, key in EVERY if key.do} == _handlers()


def test_no_key_means_two_things_in_one_place() -> None:
    together = {"list": ("anywhere", "list", "tickets"), "ticket": ("anywhere", "tickets", "ticket", "composer")}
    for place, groups in together.items():
        pressed = Counter(one for group, key in EVERY if group.where in groups for one in key.keys)
        assert [key for key, times in pressed.items() if times > 1] == [], place
        assert not {key.split()[0] for key in pressed if " " in key} & set(pressed), place


def test_the_sheet_of_every_page_shows_the_whole_table(priya: Client) -> None:
    page = priya.get("/inbox/").content.decode()
    for group, key in EVERY:
        assert f'data-do="{key.do}" data-keys="{key.spelled}">{key.words}' in page, (group.where, key)
    assert [caps for group in keys.GROUPS for key in group.keys if key.do == "send_waiting" for caps in key.caps] == [
        ["Ctrl", "Shift", "Enter"]
    ]


def test_single_letters_are_switched_off_in_the_account_and_on_again(priya: Client) -> None:
    assert 'data-letters="off"' not in priya.get("/inbox/").content.decode()
    priya.post("/account/", {"theme": "", "keyboard": "1"})
    assert 'data-letters="off"' in priya.get("/inbox/").content.decode()
    assert 'name="letters" checked' not in priya.get("/account/").content.decode()
    priya.post("/account/", {"theme": "", "keyboard": "1", "letters": "on"})
    assert 'data-letters="off"' not in priya.get("/inbox/").content.decode()
    assert 'name="letters" checked' in priya.get("/account/").content.decode()


# --- the palette


def test_the_commands_of_a_ticket_come_with_its_page(desk: SimpleNamespace, priya: Client) -> None:
    ticket = factories.make_ticket(desk.lena, desk.workshop)
    page = priya.get(f"/inbox/ticket/{ticket.id}/").content.decode()
    for option in (
        f'data-set="status:{desk.waiting.id}"',
        f'data-set="assignee:{desk.priya.id}"',
        f'data-set="priority:{desk.high.id}"',
        f'data-set="category:{desk.workshop.id}"',
        'data-do="reply"',
        'data-href="/inbox/?view=mine"',
    ):
        assert option in page
    assert "Set status: Waiting" in page


def _canned(name: str, *categories: Category) -> CannedAction:
    action = CannedAction.objects.create(name=name, text="Hello.")
    action.categories.set(categories)
    return action


def test_canned_actions_are_commands_where_they_fit(desk: SimpleNamespace, priya: Client) -> None:
    elsewhere = factories.make_category("Shop orders", "SO")
    fitting = _canned("I take this")
    other = _canned("Invoice again", elsewhere)
    ticket = factories.make_ticket(desk.lena, desk.workshop)
    page = priya.get(f"/inbox/ticket/{ticket.id}/").content.decode()
    assert f'data-canned="{fitting.id}"' in page
    assert f'data-canned="{other.id}"' not in page
    assert "data-canned=" not in priya.get("/inbox/").content.decode()


def test_nobody_is_offered_what_does_not_exist_for_them(desk: SimpleNamespace, sign_in: Callable[..., Client]) -> None:
    jonas = sign_in(desk.jonas)
    for page in ("/inbox/", "/account/"):
        html = jonas.get(page).content.decode()
        assert desk.workshop.name not in html
        assert "/manage/keys/" not in html


def test_commands_on_tickets_are_offered_only_where_there_are_tickets(priya: Client) -> None:
    assert "data-set=" not in priya.get("/account/").content.decode()
