"""The pages in the language of who reads them."""

import gettext
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from reynard import web
from tests import factories

SignIn = Callable[..., Client]
GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
LOCALE = Path(web.__file__).parents[1] / "locale"


@pytest.mark.parametrize(
    ("asked", "language", "said"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "de", "Anmelden"),
        ("en-GB", "en", "Sign in"),
        ("xx", "en", "Sign in"),
        ("", "en", "Sign in"),
        ("de;q=../../x", "en", "Sign in"),
    ],
)
def test_the_language_of_the_browser_is_spoken(db: None, asked: str, language: str, said: str) -> None:
    answer = Client().get("/login/", headers={"Accept-Language": asked})
    page = answer.content.decode()
    assert f'<html lang="{language}"' in page
    assert f"<h1>{said}</h1>" in page
    assert answer["Content-Language"] == language
    assert "Accept-Language" in answer["Vary"]


def test_the_language_of_ones_choice_goes_first_and_is_kept(desk: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(desk.priya)
    assert '<option value="en" lang="en" selected>English' in client.get("/account/").content.decode()
    client.post("/account/", {"language": "de"})
    page = client.get("/inbox/", headers={"Accept-Language": "en"}).content.decode()
    assert '<html lang="de"' in page
    assert "Nicht zugewiesen" in page
    client.post("/account/", {"language": "nonsense"})
    assert '<html lang="de"' in client.get("/account/").content.decode()


def test_programs_are_answered_in_english_whatever_was_asked_before(desk: SimpleNamespace, api: Any) -> None:
    client = api.client
    assert '<html lang="de"' in client.get("/login/", headers=GERMAN).content.decode()
    answer = api.post("tickets/", {"subject": "Bell", "email": "nonsense"}, accept_language="de")
    assert answer.status_code == 400
    assert "This field is required." in answer.content.decode()
    assert "Content-Language" not in answer.headers


def test_refusals_are_in_the_readers_language_too(desk: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(desk.jonas)
    for path, said in (("/inbox/ticket/999/", "Diese Seite gibt es nicht"), ("/manage/keys/", "nicht einrichten")):
        assert said in client.get(path, headers=GERMAN).content.decode()
    forged = Client(enforce_csrf_checks=True).post("/login/", {"login": "a@b.example"}, headers=GERMAN)
    assert "Dieses Formular ist zu alt" in forged.content.decode()


def test_moments_are_written_as_the_language_does(desk: SimpleNamespace, sign_in: SignIn) -> None:
    ticket = factories.make_ticket(desk.lena, desk.workshop)
    page = sign_in(desk.priya).get(f"/inbox/ticket/{ticket.id}/", headers=GERMAN).content.decode()
    assert "Montag, 9. März 2026, 12:00:00" in page


def test_the_set_up_names_its_things_in_the_readers_language(desk: SimpleNamespace, sign_in: SignIn) -> None:
    page = sign_in(desk.priya).get("/manage/all/desk/staff/", headers=GERMAN).content.decode()
    assert "Person hinzufügen" in page
    assert "Verwaltet das Konto" in page


# --- the catalogues


def _read(path: Path) -> dict[str, list[str]]:
    """The texts of a catalogue as it is edited, with their translations."""
    found: dict[str, list[str]] = {}
    for part in path.read_text().split("\n\n"):
        texts = re.findall(r'^(msg\w+)(?:\[\d\])? ("(?:[^"\\]|\\.)*")$', part, re.MULTILINE)
        plain = [(kind, text[1:-1].replace("\\n", "\n").replace('\\"', '"')) for kind, text in texts]
        names = [text for kind, text in plain if kind in {"msgid", "msgid_plural"}]
        if names and names[0]:
            found["\n".join(names)] = [text for kind, text in plain if kind == "msgstr"]
    return found


_FIELDS = re.compile(r"%\(\w+\)[sd]|\{\w+\}|</?\w+>")
CATALOGUES = sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parts[-3])
def test_translations_name_what_the_texts_name(catalogue: Path) -> None:
    known = _read(catalogue)
    assert len(known) > 900
    for names, translations in known.items():
        for translation in filter(None, translations):
            several = names.split("\n")
            wanted = {tuple(sorted(_FIELDS.findall(name))) for name in ([names] if len(translations) == 1 else several)}
            assert tuple(sorted(_FIELDS.findall(translation))) in wanted, names


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parts[-3])
def test_what_is_served_is_what_was_written(catalogue: Path) -> None:
    with catalogue.with_suffix(".mo").open("rb") as compiled:
        served = gettext.GNUTranslations(compiled)
    for names, translations in _read(catalogue).items():
        if len(translations) == 1 and translations[0] and "\n" not in names and names not in {"j M", "M Y"}:
            assert served.gettext(names) in {translations[0], names}, names


def test_every_language_that_is_offered_has_a_catalogue() -> None:
    offered = {code for code, _name in settings.LANGUAGES} - {settings.LANGUAGE_CODE}
    assert offered == {path.parts[-3] for path in CATALOGUES}
