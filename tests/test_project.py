"""The project looks after itself: layers, documents, migrations."""

import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

from django.core.management import call_command

from reynard import urls

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def test_no_module_imports_what_its_layer_may_not():
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_every_model_change_has_its_migration(db):
    output = StringIO()
    call_command("makemigrations", "--check", "--dry-run", stdout=output)
    assert "No changes detected" in output.getvalue()


def test_every_setting_is_documented():
    source = (ROOT / "src/reynard/settings.py").read_text()
    read = set(re.findall(r'environment\.\w+\(\s*"(\w+)"', source)) | {"REYNARD_SECRET_KEY"}
    documented = set(re.findall(r"^\| `(\w+)` \|", (DOCS / "settings.md").read_text(), re.MULTILINE))
    assert read == documented


def test_the_coverage_table_says_what_the_routes_serve():
    rows = re.findall(r"^\| \d+ \| (\w+) \| `([^`]+)` \|.*\| (yes|not yet) \|$", _coverage(), re.MULTILINE)
    assert len(rows) == 65
    additions = re.findall(r"^\| (\w+) \| `([^`]+)` \|[^|]*\|$", _coverage(), re.MULTILINE)
    claimed = {(method, _pattern(path)) for method, path, served in rows if served == "yes"}
    claimed |= {(method, _pattern(path)) for method, path in additions}
    assert claimed == _served()


def test_every_other_route_is_documented():
    beside = [str(route.pattern) for route in urls.urlpatterns if not hasattr(route, "url_patterns")]
    for pattern in beside:
        word = re.match(r"\^([a-z]+(?:/[a-z]+(?:\\.json)?)?)", pattern)
        assert word is not None, pattern
        assert word[1].replace("\\", "") in _coverage(), pattern


def test_every_page_is_documented():
    described = (DOCS / "pages.md").read_text()
    for route in urls.pages:
        plain = re.sub(r"<\w+:(\w+)>", r"<\1>", str(route.pattern))
        assert f"`/{plain}`" in described, plain


def _coverage() -> str:
    return (DOCS / "api-coverage.md").read_text()


def _served() -> set[tuple[str, str]]:
    """`(method, path)` of every route of the API, with `<>` for each part of a path that varies."""
    found = set()
    for route in urls.api:
        path = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", lambda m: _part(m[1]), str(route.pattern))
        found |= {(method, path.strip("^$").removesuffix("/?")) for method in route.callback.views}
    return found


def _part(name: str) -> str:
    return "<email>" if name == "email" else "<id>"


def _pattern(path: str) -> str:
    return path.removesuffix("/")
