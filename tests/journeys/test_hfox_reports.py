"""Reports of a demo desk: read and walked by hfox's own client (it has no command for them), and true at any moment."""

import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hfox.core.client import HappyFoxClient

from tests.api.report_figures import Desk
from tests.servers import RunningDesk, request

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def client(demo: RunningDesk) -> Iterator[HappyFoxClient]:
    client = HappyFoxClient(f"{demo.url}/api/1.1/json", demo.api_key, demo.auth_code)
    yield client
    client.close()


@pytest.fixture(scope="module")
def reports(client: HappyFoxClient) -> dict[str, int]:
    """The ids of the demo's reports by name."""
    return {row["name"]: row["id"] for row in client.get_all("reports/")}


def _everything(client: HappyFoxClient) -> Desk:
    """All that the figures are made of, as clients read it."""
    return Desk(client.get_all("tickets/", size=50), client.get("statuses/"), client.get("staff/"))


def test_it_walks_the_pages_of_every_view(client: HappyFoxClient, reports: dict[str, int]) -> None:
    figures = _everything(client)
    assert len(figures.histories) == 200
    path = f"report/{reports['All tickets']}"

    assert client.get(f"{path}/") == figures.summary(figures.histories)
    assert client.get_all(f"{path}/tabulardata/", size=50) == figures.tickets(figures.histories)
    assert client.get_all(f"{path}/tabularview/") == figures.tickets(figures.histories)
    for view, rows, expected in (
        ("staffperformance/", "staff_performance", figures.staff_performance),
        ("staffactivity/", "staff_activity", figures.staff_activity),
        ("customeractivity/", "customer_activity", figures.contact_activity),
    ):
        assert client.get_all(f"{path}/{view}", root_key=rows) == expected(figures.histories)
    assert client.get(f"{path}/responsestats/") == figures.response_stats(figures.histories)


def test_figures_stay_true_while_staff_work(demo: RunningDesk, client: HappyFoxClient, reports: dict[str, int]) -> None:
    staff = next(row["id"] for row in client.get("staff/") if row["is_account_admin"])
    numbers = [row["id"] for row in client.get_all("tickets/", size=50)][:40]
    path = f"report/{reports['All tickets']}"
    done = threading.Event()

    def work(worker: int) -> list[int]:
        texts = [{"staff": staff, "text": "Looking into it.", "time_spent": 5} for _ in range(10)]
        return [
            request(demo, "POST", f"ticket/{number}/staff_update/", body)[0]
            for number, body in zip(numbers[worker * 10 :], texts, strict=False)
        ]

    def read() -> Iterator[dict[str, Any]]:
        while not done.is_set():
            yield client.get(f"{path}/staffactivity/", params={"size": 50})["staff_activity"]

    with ThreadPoolExecutor(5) as pool:
        reading = pool.submit(lambda: list(read()))
        writing = [pool.submit(work, worker) for worker in range(4)]
        statuses = [status for worker in writing for status in worker.result()]
        done.set()
        answers = reading.result()

    assert statuses == [200] * 40
    mine = [next(row for row in rows if row["staff_id"] == staff) for rows in answers]
    for earlier, later in itertools.pairwise(mine):
        more = later["no_of_replies"] - earlier["no_of_replies"]
        assert later["time_spent"] - earlier["time_spent"] == 5 * more >= 0  # each reply with its time
    figures = _everything(client)
    assert client.get_all(f"{path}/staffactivity/", root_key="staff_activity") == figures.staff_activity(
        figures.histories
    )


_LOOK_TWICE = """
import threading
from reynard.desk import db
from reynard.desk.actions import reports
from reynard.desk.actions.reports import GivenReport
from reynard.desk.selectors import reference

def count():
    return db.rows("SELECT count(*) FROM desk_report")[0][0]

def write():
    from datetime import UTC, datetime
    reports.add_report(GivenReport(name="Another"), reference=reference.current(), now=datetime.now(UTC))

writer = threading.Thread(target=write)
with db.snapshot():
    before = count()
    writer.start()
    writer.join(20)
    print(writer.is_alive(), count() - before)
print(count() - before)
"""


def test_a_snapshot_stays_as_it_was_and_lets_others_write(demo: RunningDesk) -> None:
    answer = demo.run("shell", "-c", _LOOK_TWICE)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.splitlines()[-2:] == ["False 0", "1"]
