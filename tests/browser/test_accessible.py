"""axe finds nothing, light or dark, wide or narrow, and at twice the text size."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.servers import RunningDesk

PAGES = [
    "/inbox/",
    "/inbox/?view=search&q=brake",
    "/inbox/?view=mine",
    "/inbox/ticket/149/",
    "/inbox/new/",
    "/account/",
    "/manage/keys/?new",
    "/manage/canned/",
    "/manage/canned/new/",
    "/manage/webhooks/new/",
    "/manage/mailboxes/new/",
    "/manage/held/",
    "/manage/all/desk/staff/",
    "/manage/all/desk/customfield/1/change/",
]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def _violations(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]} ({len(one['nodes'])})" for one in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 1000, 390])
def test_pages_of_the_desk(demo: RunningDesk, agent: Callable[..., Page], scheme: str, width: int) -> None:
    page = agent(color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True)
    found = {}
    for path in PAGES:
        answer = page.goto(demo.url + path)
        assert answer is not None
        assert answer.ok, path
        found[path] = _violations(page)
    assert {path: said for path, said in found.items() if said} == {}


def test_signing_in(demo: RunningDesk, chromium: Browser) -> None:
    page = chromium.new_context(bypass_csp=True).new_page()
    for path in ("/login/", "/account/password/reset/"):
        page.goto(demo.url + path)
        assert _violations(page) == []


def test_text_of_twice_the_size_breaks_nothing(demo: RunningDesk, agent: Callable[..., Page]) -> None:
    page = agent(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    for path in PAGES:
        page.goto(demo.url + path)
        page.add_style_tag(content="html { font-size: 200% }")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), path
