"""`/metrics`: what the desk has done and what waits, for Prometheus, and not for everybody."""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from reynard import metrics
from reynard.desk.actions import deliveries, mailboxes
from reynard.desk.models import Mailbox
from tests import factories
from tests.desk.outbox import make_entry, make_mail
from tests.mail.arriving import arrive, mail, make_mailbox

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Counts of this test alone."""
    settings.REYNARD_DATA_DIR = tmp_path
    monkeypatch.setattr(metrics, "_own", metrics._Own())
    return tmp_path / "metrics"


def read(**more: Any) -> dict[str, float]:
    answer = Client().get("/metrics", **more)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.content.decode().splitlines()
    for line in lines:
        assert re.fullmatch(r'# (HELP|TYPE) \w+ .+|\w+\{(\w+="[^"\\]*",?)+\} [0-9.e-]+', line), line
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}


def test_requests_are_counted_by_how_long_they_take(desk: SimpleNamespace) -> None:
    Client().get("/api/1.1/json/tickets/")
    Client().get("/login/")
    Client().post("/login/")
    metrics.request("/api/1.1/json/tickets/", "POST", 200, 0.3)
    metrics.request("/api/1.1/json/tickets/", "POST", 200, 30.0)
    found = read()
    assert found['reynard_request_seconds_count{door="api",method="read",status="4xx"}'] == 1
    assert found['reynard_request_seconds_count{door="page",method="read",status="2xx"}'] == 1
    assert found['reynard_request_seconds_count{door="page",method="write",status="2xx"}'] == 1
    writes = 'door="api",method="write",status="2xx"'
    assert found[f"reynard_request_seconds_sum{{{writes}}}"] == pytest.approx(30.3)
    steps = {
        end: found[f'reynard_request_seconds_bucket{{{writes},le="{end}"}}'] for end in ("0.25", "0.5", "10.0", "+Inf")
    }
    assert steps == {"0.25": 0, "0.5": 1, "10.0": 1, "+Inf": 2}


def test_deliveries_and_what_waits_are_counted(desk: SimpleNamespace) -> None:
    ticket, now = factories.make_ticket(desk.lena, desk.workshop), datetime.now(UTC)
    times = {"created_at": now - timedelta(hours=2), "next_try_at": now, "expires_at": now + timedelta(days=1)}
    sent, failed, dead = (make_mail(ticket, "ann@example.org", leased_by="me", attempts=1, **times) for _ in range(3))
    make_entry(ticket, **times)
    deliveries.done(sent, now=now)
    deliveries.put_off(failed, "450 Later", now=now)
    deliveries.give_up(dead, "550 No", now=now)
    found = read()
    outcomes = [found[f'reynard_deliveries_total{{channel="mail",outcome="{each}"}}'] for each in metrics.OUTCOMES]
    assert outcomes == [1, 1, 1]
    assert found['reynard_outbox_waiting{channel="mail"}'] == found['reynard_outbox_waiting{channel="webhook"}'] == 1
    assert found['reynard_outbox_given_up{channel="mail"}'] == 1
    assert found['reynard_outbox_oldest_seconds{channel="mail"}'] == pytest.approx(7200, abs=60)


def test_mails_that_arrive_and_mailboxes_are_counted(desk: SimpleNamespace) -> None:
    make_mailbox(desk.workshop, imap_url="imap://support:secret@127.0.0.1:1/")
    box = Mailbox.objects.get()
    arrive(mail())
    Mailbox.objects.update(last_success_at=datetime.now(UTC) - timedelta(minutes=20))
    lease = mailboxes.lease(box.id, now=datetime.now(UTC))
    assert lease
    mailboxes.failed(box.id, lease, "It is down.", now=datetime.now(UTC))
    found = read()
    assert found['reynard_mails_received_total{source="pipe"}'] == 1
    assert found['reynard_mailbox_lag_seconds{mailbox="support"}'] == pytest.approx(1200, abs=60)
    assert found['reynard_mailbox_failing{mailbox="support"}'] == 1
    assert found['reynard_mailbox_mails{mailbox="support",state="held"}'] == 0


_COUNT = """
import os, signal, sys
from django.conf import settings
settings.configure(REYNARD_METRICS=True, REYNARD_DATA_DIR=sys.argv[1])
from reynard import metrics
metrics.count("mail", "sent", int(sys.argv[2]))
print("counted", flush=True)
input()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_all_processes_count_the_living_and_the_killed(desk: SimpleNamespace, folder: Path) -> None:
    def sent() -> float:
        return read()['reynard_deliveries_total{channel="mail",outcome="sent"}']

    command = [sys.executable, "-c", _COUNT, str(folder.parent)]
    processes = [
        subprocess.Popen([*command, number], stdin=subprocess.PIPE, stdout=subprocess.PIPE) for number in ("3", "4")
    ]
    try:
        for process in processes:
            assert process.stdout
            assert process.stdout.readline() == b"counted\n"
        metrics.count("mail", "sent")
        assert sent() == 8
        processes[0].communicate(b"\n", timeout=30)
        assert sent() == 8
        processes[1].communicate(b"\n", timeout=30)
        assert [sent(), sent()] == [8, 8]
        assert len(list(folder.glob("*-*"))) == 1  # ours
    finally:
        for process in processes:
            process.kill()


def test_a_disk_that_is_full_keeps_nobody_from_anything(desk: SimpleNamespace, monkeypatch: Any) -> None:
    def full(*arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    assert Client().get("/healthz").status_code == 200
    assert read()['reynard_deliveries_total{channel="mail",outcome="sent"}'] == 0


class TestAccess:
    def status(self, **more: Any) -> int:
        return int(Client().get("/metrics", **more).status_code)

    @pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1"])
    def test_without_a_token_this_machine_may_read(self, desk: SimpleNamespace, address: str) -> None:
        assert self.status(REMOTE_ADDR=address) == 200

    @pytest.mark.parametrize("address", ["192.0.2.7", "10.0.0.1", "2001:db8::1", ""])
    def test_without_a_token_nobody_else_may(self, desk: SimpleNamespace, address: str) -> None:
        assert self.status(REMOTE_ADDR=address) == 403

    @pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"])
    def test_what_a_proxy_passes_on_comes_from_elsewhere(self, desk: SimpleNamespace, header: str) -> None:
        assert self.status(headers={header: "127.0.0.1"}) == 403

    def test_with_a_token_it_alone_counts(self, desk: SimpleNamespace, settings: Any) -> None:
        settings.REYNARD_METRICS_TOKEN = "geheim"
        assert self.status() == 403
        assert self.status(headers={"Authorization": "Bearer gehéim"}) == 403
        assert self.status(headers={"Authorization": "Bearer geheim"}, REMOTE_ADDR="192.0.2.7") == 200
