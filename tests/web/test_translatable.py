"""Every text on the pages that is ours goes through gettext: found by a language in which all of them are bracketed."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.utils import translation
from django.utils.translation import trans_real

from reynard.desk.actions import catalog, tickets
from reynard.desk.actions.tickets import StaffUpdate
from reynard.desk.models import Staff
from reynard.desk.rules import mail_templates
from reynard.desk.rules.messages import compose
from reynard.desk.selectors import reference
from tests.web.conftest import read_to_end
from tests.web.test_who_may import ROUTES, _address, cast, there

__all__ = ["cast", "there"]  # fixtures

_SPOKEN = ("title", "aria-label", "alt", "placeholder")
MISSING = 0.05  # of the texts may wait for their translation; they stand there in English until then
_INITIALS = re.compile(r"^[A-Z]{2}$")
_NUMBER = re.compile(r"#[A-Z]+\d{8}")
_WORD = re.compile(r"[^\W\d_]{2,}")
# Names of things outside, units, and what people type as it stands.
_SAME_EVERYWHERE = set(
    """
    Reynard Reynard's Markdown API URL TLS STARTTLS IMAP INBOX UTC TOTP QR CSV JSON HTTP HTTPS POST Base64 Re
    English Deutsch KB MB Europe Berlin Ctrl Esc Enter Shift Tab Alt Cmd Home End
    """.split()
)


class Texts(HTMLParser):
    """What a page says, and in what element or attribute; without what stands in brackets."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.depth = 0
        self.where = ["html"]
        self.plain: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in {"input", "img", "br", "hr", "meta", "link", "use", "path", "rect", "circle"}:
            self.where.append(tag)
        named = dict(attributes)
        for name in _SPOKEN:
            self._keep(f"{tag} {name}", re.sub(r"⟦.*⟧", " ", named.get(name) or "", flags=re.DOTALL))

    def handle_endtag(self, tag: str) -> None:
        if tag in self.where:
            while self.where.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self.where[-1:] in (["script"], ["style"]):
            return
        outside = ""
        for sign in data:
            self.depth += (sign == "⟦") - (sign == "⟧")
            outside += sign if self.depth == 0 and sign != "⟧" else " "
        if self.where[-1:] not in (["textarea"], ["code"], ["kbd"], ["pre"]):
            self._keep(self.where[-1] if self.where else "", outside)

    def _keep(self, where: str, text: str) -> None:
        if _WORD.search(text):
            self.plain.append((where, " ".join(text.split())))


@pytest.fixture
def bracketed(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Puts brackets around all texts; the texts that were asked for, as the keys of a catalogue."""
    translation.gettext("x")  # so that the functions are there to be replaced
    asked: set[str] = set()
    real = translation._trans

    def put(name: str, function: Any) -> None:
        monkeypatch.setattr(real, name, function)

    def bracket(text: str, key: str = "") -> str:
        asked.add(key or text)
        return f"⟦{text}⟧" if text else ""

    def of_context(context: str, text: str) -> str:
        shown = bracket(text, f"{context}\x04{text}")
        return text if context == "date format" else shown

    put("gettext", bracket)
    put("pgettext", of_context)
    put("ngettext", lambda one, many, n: bracket(one if n == 1 else many, one))
    put("npgettext", lambda context, one, many, n: bracket(one if n == 1 else many, f"{context}\x04{one}"))
    return asked


def _data() -> list[str]:
    """Every text that is stored, the longest first."""
    found: set[str] = set()

    def gather(value: Any) -> None:
        if isinstance(value, str):
            found.update({value, *re.split(r"[,\n]|(?<=\.) ", value)})
        elif isinstance(value, dict):
            for item in (*value, *value.values()):
                gather(item)
        elif isinstance(value, list | tuple):
            for item in value:
                gather(item)

    for model in apps.get_app_config("desk").get_models():
        for row in model._default_manager.values_list():
            gather(list(row))
    return sorted((text.strip() for text in found if _WORD.search(text)), key=len, reverse=True)


def _untranslated(page: str, data: list[str]) -> list[tuple[str, str]]:
    left = []
    for where, text in Texts(page).plain:
        for known in data:
            if known in text:
                text = re.sub(rf"(?<!\w){re.escape(known)}(?!\w)", " ", text)
        text = _INITIALS.sub("", _NUMBER.sub("", text))
        if set(_WORD.findall(text)) - _SAME_EVERYWHERE:
            left.append((where, text))
    return left


def test_the_brackets_find_what_is_not_translated() -> None:
    page = '<p>⟦Hello <b>Lena</b>⟧ there</p><input placeholder="Search"><b title="⟦x⟧">Lena</b>'
    assert _untranslated(page, ["Lena"]) == [("p", "there"), ("input placeholder", "Search")]


def test_every_text_of_the_pages_can_be_translated(
    desk: SimpleNamespace, cast: dict[str, Staff], there: dict[str, Any], bracketed: set[str]
) -> None:
    client = Client()
    client.force_login(cast["admin"])
    now = datetime.now(UTC)
    known = reference.current()
    note = StaffUpdate(staff=desk.priya.id, message=compose("A note.", ""), tags=["cargo"], time_spent=5)
    tickets.add_private_note(there["number"], note, reference=known, now=now)
    done = StaffUpdate(staff=desk.priya.id, status=desk.waiting.id, assignee=desk.priya.id, priority=desk.high.id)
    tickets.add_staff_update(there["number"], done, reference=known, now=now)
    paths = [_address(route, there) for route in ROUTES if "logout" not in route]
    paths += [f"/inbox/?view={view}" for view in ("mine", "unassigned", "solved", "drafts", "search", "needs-reply")]
    paths += [
        "/inbox/?view=search&q=brake",
        "/inbox/?view=search&q=nonsense",
        "/inbox/suggest/?q=br",
        "/inbox/suggest/?q=due",
    ]
    paths += [f"/inbox/merge/?ticket={there['number']}&ticket={there['second']}", "/manage/keys/?new"]
    paths += [f"/inbox/ticket/{there['second']}/", f"/inbox/ticket/{there['merged']}/", "/manage/webhooks/new/"]
    strangers = Client()
    pages = [(path, client.get(path)) for path in paths] + [
        (f"{path} (stranger)", strangers.get(path)) for path in paths
    ]
    codes = [code.replace("_", " ") for code in catalog.PERMISSIONS]
    data = sorted({*_data(), *codes, *mail_templates.DEFAULTS}, key=len, reverse=True)
    found = {}
    for path, answer in pages:
        if not answer.streaming and answer["Content-Type"].startswith("text/html"):
            for item in _untranslated(answer.content.decode(), data):
                found.setdefault(item, path)
        read_to_end(answer)
    said = [f"{where}: {text!r} at {path}" for (where, text), path in sorted(found.items(), key=str)]
    assert not said, "\n".join(said)
    german = set(_known("de"))
    missing = {text for text in bracketed if text and text not in german}
    assert len(missing) < MISSING * len(bracketed), missing


def _known(language: str) -> Iterator[str]:
    """The texts that have a translation, of ours and of the packages'; run `make messages` after new ones."""
    for key in trans_real.translation(language)._catalog.keys():  # noqa: SIM118
        yield key[0] if isinstance(key, tuple) else key
