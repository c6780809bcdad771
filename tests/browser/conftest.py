"""A demo desk on the real server, and agents in a real browser."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.servers import RunningDesk, running_desk

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="There is no Chromium on this machine."))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    with running_desk(tmp_path_factory.mktemp("browser") / "var") as desk:
        yield desk


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def agent(demo: RunningDesk, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Sign somebody in, as people do; whatever the page complains about fails the test."""
    complaints: list[str] = []
    contexts = []

    def sign_in(first_name: str = "amara", **options: Any) -> Page:
        context = chromium.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None
        )
        page.goto(f"{demo.url}/login/")
        page.get_by_role("textbox", name="E-mail").fill(f"{first_name}@rollwerk.example")
        page.get_by_role("textbox", name="Password").fill(f"{first_name}-at-rollwerk")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/inbox/")
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert complaints == []
