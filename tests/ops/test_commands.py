"""The operator's command."""

import base64
import io
import json
import os
import re
import socket
import sqlite3
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

import reynard
from reynard.desk import db as desk_db
from reynard.desk.actions import catalog, people
from reynard.desk.models import ApiKey, CustomField, Report, Role, Staff, Ticket
from reynard.ops import database, demo, listening
from tests.conftest import Api
from tests.factories import NOON

READY_SECONDS = 60  # to load a desk and start two processes on a busy machine
DEMO_SIZE = 200


def reynard_command(folder: Path, *arguments: str, given: str = "", **environment: str) -> Any:
    """Run `reynard` as a person does, on SQLite in a folder of its own."""
    return subprocess.run(
        [sys.executable, "-m", "reynard", *arguments],
        env=_environment(folder) | environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=READY_SECONDS,
    )


def _environment(folder: Path) -> dict[str, str]:
    ours = ("REYNARD_", "DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"REYNARD_DATA_DIR": str(folder), "REYNARD_SQLITE_SYNCHRONOUS": "NORMAL"}


def call(*arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def read(url: str, credentials: dict[str, str] | None = None) -> Any:
    request = urllib.request.Request(url)
    if credentials:
        pair = f"{credentials['api_key']}:{credentials['auth_code']}"
        request.add_header("Authorization", "Basic " + base64.b64encode(pair.encode()).decode())
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read().decode()


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[SimpleNamespace]:
    """A server that answers."""
    port = free_port()
    command = [sys.executable, "-m", "reynard", *arguments, "--port", str(port), "--workers", "1"]
    process = subprocess.Popen(
        command, env=_environment(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                assert read(f"{url}/healthz") == "ok\n"
                break
            except OSError:
                assert process.poll() is None, process.communicate()
                assert time.monotonic() < deadline, "it does not answer"
                time.sleep(0.1)
        yield SimpleNamespace(url=url, port=port)
    finally:
        process.terminate()
        process.communicate(timeout=READY_SECONDS)


class TestOverview:
    @pytest.mark.parametrize("arguments", [(), ("--help",), ("help",), ("-h",)])
    def test_it_names_our_commands_and_touches_nothing(self, tmp_path: Path, arguments: tuple[str, ...]) -> None:
        answer = reynard_command(tmp_path / "data", *arguments)
        assert answer.returncode == 0
        assert re.findall(r"^  reynard (\w+)", answer.stdout, re.MULTILINE) == [
            "demo",
            "serve",
            "worker",
            "outbox",
            "migrate",
            "backup",
            "restore",
            "apikey",
            "staff",
            "category",
            "sla",
            "mailbox",
            "receive_mail",
            "listen_mail",
            "template",
            "webhook",
            "report",
            "reindex",
        ]
        assert not (tmp_path / "data").exists()

    def test_it_prints_the_version(self, tmp_path: Path) -> None:
        assert reynard_command(tmp_path, "--version").stdout == f"{reynard.__version__}\n"

    def test_it_shows_the_other_commands_when_asked(self, tmp_path: Path) -> None:
        assert "makemigrations" in reynard_command(tmp_path, "help", "--all").stdout

    def test_a_bad_setting_is_one_sentence(self, tmp_path: Path) -> None:
        answer = reynard_command(tmp_path, "serve", REYNARD_THROTTLE_READS_PER_MINUTE="many")
        assert (answer.returncode, answer.stdout) == (2, "")
        assert answer.stderr == "reynard: REYNARD_THROTTLE_READS_PER_MINUTE must be a whole number, not 'many'.\n"

    def test_the_desk_does_not_start_with_an_address_it_cannot_write_from(self, tmp_path: Path) -> None:
        answer = reynard_command(tmp_path, "serve", REYNARD_MAIL_FROM="support")
        assert answer.returncode == 2
        assert answer.stderr == (
            "reynard: REYNARD_MAIL_FROM must look like support@example.org or Support <support@example.org>, "
            "not 'support'.\n"
        )

    @pytest.mark.parametrize("arguments", [("apikey", "list"), ("apikey", "create", "x", "--json")])
    def test_a_database_without_tables_is_one_sentence(self, tmp_path: Path, arguments: tuple[str, ...]) -> None:
        answer = reynard_command(tmp_path, *arguments)
        assert (answer.returncode, answer.stdout) == (1, "")
        assert answer.stderr == "reynard: The database is not up to date. Run `reynard migrate` first.\n"

    @pytest.mark.parametrize("port", ["0", "65536", "http"])
    def test_a_port_is_a_number(self, tmp_path: Path, port: str) -> None:
        answer = reynard_command(tmp_path, "serve", "--port", port)
        assert answer.returncode == 2
        assert "from 1 to 65535" in answer.stderr


class TestApiKeys:
    def test_a_new_key_opens_the_api(self, desk: SimpleNamespace) -> None:
        fresh = json.loads(call("apikey", "create", "Slack bot", "--json"))
        assert list(fresh) == ["name", "api_key", "auth_code"]
        assert fresh["name"] == "Slack bot"
        assert Api(fresh["api_key"], fresh["auth_code"]).get("staff/").status_code == 200

    def test_people_are_told_that_the_code_is_shown_once(self, desk: SimpleNamespace) -> None:
        text = call("apikey", "create", "Slack bot", "--staff", "PRIYA@rollwerk.example")
        key = ApiKey.objects.get()
        assert key.staff == desk.priya
        assert f"API key    {key.key}\n" in text
        assert "shown this once" in text

    def test_keys_of_nobody_are_refused(self, desk: SimpleNamespace) -> None:
        with pytest.raises(CommandError, match=r"No member of staff has the address who@else\.example\."):
            call("apikey", "create", "x", "--staff", "who@else.example")
        with pytest.raises(CommandError, match="at most 100 characters"):
            call("apikey", "create", "n" * 101)
        assert not ApiKey.objects.exists()

    def test_the_list_has_no_secrets(self, desk: SimpleNamespace) -> None:
        assert call("apikey", "list") == "There are no API keys. Make one with `reynard apikey create NAME`.\n"
        old = people.create_api_key(name="Old shop", now=NOON)
        new = people.create_api_key(name="Slack", now=NOON.replace(hour=13))
        people.revoke_api_key(key=old.api_key, now=NOON.replace(hour=14))

        assert call("apikey", "list").splitlines() == [
            f"NAME      {'KEY':32}  CREATED (UTC)     STATE                      MAY",
            f"Old shop  {old.api_key}  2026-03-09 12:00  revoked 2026-03-09 14:00   read and write",
            f"Slack     {new.api_key}  2026-03-09 13:00  in use                     read and write",
        ]

    def test_the_list_says_what_each_may(self, desk: SimpleNamespace) -> None:
        ids = ["--category", str(desk.office.id), "--category", str(desk.workshop.id)]
        call("apikey", "create", "Everything", "--read-only", "--staff", desk.priya.email, *ids)
        call("apikey", "create", "Gone", "--staff", desk.gone.email)
        people.disable_api_key(key=ApiKey.objects.get(name="Gone").key, now=NOON)

        first, second = (re.split(r"  +", line)[3:] for line in call("apikey", "list").splitlines()[1:])
        categories = f"in categories {desk.workshop.id}, {desk.office.id}"
        assert first == ["in use", f"read only, {categories}, as priya@rollwerk.example"]
        assert second == ["disabled 2026-03-09 12:00", "read and write, as gone@rollwerk.example (not active)"]

    def test_a_key_may_be_made_for_less(self, desk: SimpleNamespace) -> None:
        options = ("--read-only", "--category", str(desk.workshop.id))
        fresh = json.loads(call("apikey", "create", "Dashboard", *options, "--json"))
        api = Api(fresh["api_key"], fresh["auth_code"])
        assert [row["id"] for row in api.get("categories/").json()] == [desk.workshop.id]
        assert api.post("tickets/", {}).json() == {"error": "This API key may only read."}

    def test_a_key_of_an_unknown_category_is_refused(self, desk: SimpleNamespace) -> None:
        with pytest.raises(CommandError, match=r"^No category has id 4711\.$"):
            call("apikey", "create", "x", "--category", str(desk.workshop.id), "--category", "4711")
        with pytest.raises(CommandError, match="invalid int value: 'office'"):
            call("apikey", "create", "x", "--category", "office")
        assert not ApiKey.objects.exists()

    def test_a_key_can_be_disabled_for_a_while_also_by_its_name(self, api: Api) -> None:
        assert call("apikey", "disable", "tests") == "The key of tests is refused from now on.\n"
        assert api.get("staff/").json() == {"error": "This API key is disabled."}
        assert call("apikey", "enable", ApiKey.objects.get().key) == "The key of tests is accepted from now on.\n"
        assert api.get("staff/").status_code == 200

    def test_a_name_of_several_keys_names_none(self, api: Api) -> None:
        other = people.create_api_key(name="tests", now=NOON)
        with pytest.raises(CommandError, match=rf"Several keys have the name tests: .* or {other.api_key}\.$"):
            call("apikey", "disable", "tests")
        assert api.get("staff/").status_code == 200

    def test_a_revoked_key_stays_revoked(self, api: Api) -> None:
        call("apikey", "revoke", "tests")
        with pytest.raises(CommandError, match="was revoked, which is for good"):
            call("apikey", "enable", "tests")
        assert api.get("staff/").status_code == 401

    def test_a_revoked_key_opens_nothing(self, api: Api) -> None:
        assert api.get("staff/").status_code == 200
        assert call("apikey", "revoke", ApiKey.objects.get().key) == "The key of tests is refused from now on.\n"
        assert api.get("staff/").status_code == 401

    def test_an_unknown_key_cannot_be_revoked(self, desk: SimpleNamespace) -> None:
        with pytest.raises(CommandError, match=r"There is no API key abc\."):
            call("apikey", "revoke", "abc")


class TestReports:
    def test_a_saved_report_is_read_over_the_api(self, api: Api) -> None:
        id = json.loads(call("report", "create", "Brakes", "--query", "brake", "--period", "pm", "--json"))["id"]
        assert api.get("reports/").json()["rows"] == [{"id": id, "name": "Brakes", "description": ""}]
        assert api.get(f"report/{id}/").json()["ticket_count"] == 0

    def test_people_are_told_where_to_read_it(self, desk: SimpleNamespace) -> None:
        text = call("report", "create", "All", "--description", "Since the beginning.")
        report = Report.objects.get()
        assert text == f"Report {report.id} is saved. It is read at /api/1.1/json/report/{report.id}/.\n"
        assert (report.description, report.period_range) == ("Since the beginning.", "")

    def test_everything_that_is_wrong_is_named_by_its_option(self, desk: SimpleNamespace) -> None:
        with pytest.raises(CommandError) as error:
            call("report", "create", " ", "--query", "status:Nwe", "--period", "sr", "--start", "2026-02-30")
        assert str(error.value) == (
            "--start: Enter a valid date. --end: This field is required. "
            "--query: No ticket can ever match this search. Check the names in it. NAME: This field is required."
        )
        assert not Report.objects.exists()

    def test_the_list_shows_searches_and_periods(self, desk: SimpleNamespace) -> None:
        assert call("report", "list") == "There are no reports. Make one with `reynard report create NAME --query Q`.\n"
        call("report", "create", "All")
        call("report", "create", "March", "--query", "brake", "--start", "2026-03-01", "--end", "2026-03-31",
             "--period-type", "cl")  # fmt: skip
        first, second = Report.objects.order_by("id")
        assert call("report", "list").splitlines() == [
            f"   ID  NAME   {'PERIOD (UTC)':28}  QUERY",
            f"{first.id:>5}  All    all time",
            f"{second.id:>5}  March  {'cl sr 2026-03-01 2026-03-31':28}  brake",
        ]


@pytest.mark.django_db
class TestStaff:
    NAMES = ("--first-name", "Ada", "--last-name", "Kovacs")

    def test_the_first_one_becomes_administrator(self) -> None:
        text = call("staff", "create", "ada@rollwerk.example", *self.NAMES, "--admin")

        ada = Staff.objects.get()
        assert (ada.name, ada.is_account_admin, ada.role.name) == ("Ada Kovacs", True, "Administrator")
        assert ada.role.permissions == list(catalog.PERMISSIONS)
        assert text.startswith("Ada Kovacs <ada@rollwerk.example> works at the desk now, as Administrator.\n")
        password = re.search(r"^Password: (\S{16})$", text, re.MULTILINE)
        assert password
        assert ada.check_password(password[1])

    def test_the_second_one_shares_the_role(self) -> None:
        call("staff", "create", "ada@rollwerk.example", *self.NAMES)
        call("staff", "create", "bo@rollwerk.example", *self.NAMES)
        assert Role.objects.count() == 1

    def test_administrators_work_in_every_category(self, desk: SimpleNamespace) -> None:
        call("staff", "create", "ada@rollwerk.example", *self.NAMES)
        call("staff", "create", "bo@rollwerk.example", *self.NAMES, "--role", "workshop")
        assert Staff.objects.get(email="ada@rollwerk.example").categories.count() == 2
        assert Staff.objects.get(email="bo@rollwerk.example").categories.count() == 0

    def test_the_password_comes_from_standard_input(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO("over the hills\n"))
        text = call("staff", "create", "ada@rollwerk.example", *self.NAMES, "--password-stdin")
        assert Staff.objects.get().check_password("over the hills")
        assert "assword" not in text

    def test_a_weak_password_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO("secret\n"))
        with pytest.raises(CommandError, match="too short"):
            call("staff", "create", "ada@rollwerk.example", *self.NAMES, "--password-stdin")
        assert not Staff.objects.exists()

    def test_an_address_is_taken_once_whatever_its_letters(self, desk: SimpleNamespace) -> None:
        with pytest.raises(CommandError, match=r"the address Priya@rollwerk\.example already\."):
            call("staff", "create", "Priya@rollwerk.example", *self.NAMES)
        assert not Role.objects.filter(name="Administrator").exists()

    @pytest.mark.parametrize("email", ["ada", "", f"{'a' * 60}@{'b' * 60}.{'c' * 60}.example"])
    def test_an_address_that_is_none_is_refused(self, email: str) -> None:
        with pytest.raises(CommandError):
            call("staff", "create", email, *self.NAMES)

    def test_an_unknown_role_is_answered_with_the_known_ones(self, desk: SimpleNamespace) -> None:
        with pytest.raises(CommandError, match=r"There is no role Boss\. The roles of this desk are: Workshop\."):
            call("staff", "create", "ada@rollwerk.example", *self.NAMES, "--role", "Boss")


@pytest.mark.django_db
class TestDemo:
    @pytest.fixture(autouse=True)
    def folder(self, settings: Any, tmp_path: Path) -> Path:
        settings.REYNARD_DATA_DIR = tmp_path
        return tmp_path

    def test_it_is_loaded_once_and_explained_every_time(self, folder: Path) -> None:
        first = call("demo", "--no-serve")
        given = json.loads((folder / "demo.json").read_text())
        second = call("demo", "--no-serve", "--port", "8123")

        assert Ticket.objects.count() == DEMO_SIZE
        assert ApiKey.objects.count() == 1
        assert list(given) == ["url", "api_key", "auth_code", "staff"]
        assert list(given["staff"][0]) == ["email", "password", "name", "role"]
        assert json.loads((folder / "demo.json").read_text()) == given | {"url": "http://127.0.0.1:8123"}
        assert first.replace(":8000", ":8123") == second
        assert stat.S_IMODE((folder / "demo.json").stat().st_mode) == 0o600
        assert [path.name for path in folder.iterdir()] == ["demo.json"]

    def test_what_it_prints_works(self, folder: Path) -> None:
        text = call("demo", "--no-serve")
        given = json.loads((folder / "demo.json").read_text())

        credentials = f"{given['api_key']}:{given['auth_code']}"
        assert f"  curl -u '{credentials}' 'http://127.0.0.1:8000/api/1.1/json/tickets/?size=10'\n" in text
        assert Api(given["api_key"], given["auth_code"]).get("tickets/").json()["page_info"]["last_index"] == DEMO_SIZE
        for login in given["staff"]:
            person = Staff.objects.get(email=login["email"], active=True)
            assert person.check_password(login["password"])
            assert (person.name, person.role.name) == (login["name"], login["role"])
            assert re.search(rf"^  {login['email']} +{login['password']} +{login['role']}$", text, re.MULTILINE)

    def test_it_leaves_another_desk_alone(self, desk: SimpleNamespace, folder: Path) -> None:
        with pytest.raises(CommandError, match=r"This database holds a desk that is not the demo\."):
            call("demo", "--no-serve")
        assert Ticket.objects.count() == 0
        assert list(folder.iterdir()) == []

    def test_it_leaves_another_desk_alone_when_an_old_handout_lies_there(
        self, desk: SimpleNamespace, folder: Path
    ) -> None:
        demo.handout.write(demo.handout.make(url="http://old", api_key="old", auth_code="x"), folder)
        with pytest.raises(CommandError, match="not the demo"):
            call("demo", "--no-serve")

    def test_a_handout_without_a_desk_is_replaced(self, folder: Path) -> None:
        demo.handout.write(demo.handout.make(url="http://old", api_key="old", auth_code="x"), folder)
        call("demo", "--no-serve")
        assert json.loads((folder / "demo.json").read_text())["api_key"] == ApiKey.objects.get().key

    def test_a_damaged_handout_is_named(self, folder: Path) -> None:
        (folder / "demo.json").write_text("{")
        with pytest.raises(CommandError, match=r"demo\.json is damaged"):
            call("demo", "--no-serve")

    def test_a_taken_port_stops_it_before_it_loads(self, folder: Path) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as other:
            port = other.getsockname()[1]
            with pytest.raises(CommandError, match=f"Cannot listen on 127.0.0.1 port {port}: Address already in use"):
                call("demo", "--port", str(port))
        assert Ticket.objects.count() == 0

    def test_it_warns_when_others_can_reach_it(self) -> None:
        assert "among friends" not in call("demo", "--no-serve")
        assert "among friends" in call("demo", "--no-serve", "--host", "0.0.0.0")

    @pytest.mark.parametrize(
        ("host", "base", "address"),
        [
            ("127.0.0.1", "", "http://127.0.0.1:80"),
            ("0.0.0.0", "", "http://127.0.0.1:80"),
            ("::", "", "http://[::1]:80"),
            ("desk.local", "", "http://desk.local:80"),
            ("127.0.0.1", "https://desk.example/help", "https://desk.example/help"),
        ],
    )
    def test_its_address_is_one_people_can_open(self, settings: Any, host: str, base: str, address: str) -> None:
        settings.REYNARD_BASE_URL = base
        assert listening.address({"host": host, "port": 80}) == address


@pytest.mark.django_db
class TestServe:
    @pytest.fixture
    def served(self, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
        """Arguments of the servers that were started, instead of starting them."""
        started: list[dict[str, Any]] = []
        monkeypatch.setattr(listening, "serve", lambda options, on_ready: (started.append(options), on_ready()))
        return started

    def test_it_says_where_it_listens(self, served: list[dict[str, Any]]) -> None:
        port = free_port()
        assert call("serve", "--port", str(port), "--workers", "3") == f"Reynard listens on http://127.0.0.1:{port}\n"
        assert served[0]["workers"] == 3

    def test_it_takes_a_worker_per_processor_but_few(self, served: list[dict[str, Any]]) -> None:
        call("serve", "--port", str(free_port()))
        assert served[0]["workers"] == min(os.cpu_count() or 1, 4)

    def test_postgresql_wants_a_person_to_migrate(
        self, monkeypatch: pytest.MonkeyPatch, served: list[dict[str, Any]]
    ) -> None:
        monkeypatch.setattr(database, "pending_migrations", lambda: ["0009_more"])
        monkeypatch.setattr(desk_db, "is_postgres", lambda: True)
        with pytest.raises(CommandError, match="Run `reynard migrate`, then start again"):
            call("serve", "--port", str(free_port()))
        assert served == []

    def test_a_taken_port_stops_it(self, served: list[dict[str, Any]]) -> None:
        refused = pytest.raises(CommandError, match="Address already in use")
        with closing(socket.create_server(("127.0.0.1", 0))) as other, refused:
            call("serve", "--port", str(other.getsockname()[1]))
        assert served == []


@pytest.mark.server
def test_a_served_demo_answers_with_what_it_handed_out(tmp_path: Path) -> None:
    with serving(tmp_path, "demo") as server:
        given = json.loads((tmp_path / "demo.json").read_text())
        assert given["url"] == server.url
        assert json.loads(read(f"{server.url}/api/1.1/json/tickets/", given))["page_info"]["last_index"] == DEMO_SIZE

        created = reynard_command(tmp_path, "apikey", "create", "While it runs", "--json")
        assert (created.returncode, created.stderr) == (0, "")
        assert read(f"{server.url}/api/1.1/json/staff/", json.loads(created.stdout))

        second = reynard_command(tmp_path / "other", "demo", "--port", str(server.port))
        assert (second.returncode, second.stdout) == (1, "")
        assert second.stderr == f"reynard: Cannot listen on 127.0.0.1 port {server.port}: Address already in use.\n"
        assert not (tmp_path / "other" / "desk.sqlite3").exists()


@pytest.mark.server
def test_serve_migrates_an_old_sqlite_database_after_a_backup(tmp_path: Path) -> None:
    assert reynard_command(tmp_path, "migrate", "auth").returncode == 0
    with serving(tmp_path, "serve"):
        pass
    (backup,) = (tmp_path / "backups").iterdir()
    assert re.fullmatch(r"desk-before-\d{4}_\w+-\d{8}T\d{6}Z\.sqlite3", backup.name)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with closing(sqlite3.connect(backup)) as copy:
        tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
    assert "auth_permission" in tables
    assert "desk_ticket" not in tables


@pytest.mark.server
def test_serve_makes_a_new_database_without_a_backup(tmp_path: Path) -> None:
    with serving(tmp_path, "serve"):
        pass
    assert not (tmp_path / "backups").exists()


def test_a_port_may_be_taken_again_at_once() -> None:
    """After a restart old connections linger; that does not count as taken."""
    port = free_port()
    for _ in range(2):
        listening.require_free({"host": "127.0.0.1", "port": port})


def test_a_new_field_has_its_choices_and_places(desk: SimpleNamespace) -> None:
    ours = catalog.add_custom_field(
        kind=CustomField.Kind.TICKET,
        name="Frame",
        type=CustomField.Type.CHOICE,
        choices=("Steel", "Carbon"),
        categories=[desk.workshop],
        order=4,
    )
    assert [choice.text for choice in ours.choices.order_by("order")] == ["Steel", "Carbon"]
    assert [(place.category, place.order) for place in ours.in_categories.all()] == [(desk.workshop, 4)]
