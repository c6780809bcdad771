"""What each view of a report costs, inside one process: `python -m bench.reports` on a desk bench.data filled.

Takes the desk of the environment (REYNARD_DATA_DIR, DATABASE_URL). Each view is asked for reports on all tickets and on
parts of them, through the whole way of a request; the figures are milliseconds.
"""

import argparse
import base64
import json
import os
import statistics
import time
from pathlib import Path
from typing import Any

import django

VIEWS = "tabulardata responsestats staffperformance staffactivity customeractivity slaentries".split()
SORTS = ("duedate", "ticket", "status", "created", "assigned")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.reports", description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    django.setup()
    from django.conf import settings
    from django.test import Client

    from bench.life import END

    facts = json.loads((Path(settings.REYNARD_DATA_DIR) / "bench.json").read_text())
    credentials = base64.b64encode(f"{facts['api_key']}:{facts['auth_code']}".encode()).decode()
    client = Client(headers={"Authorization": f"Basic {credentials}"})
    reports = saved()
    year = {"period_start": f"{END.year - 1}-01-01", "period_end": f"{END.year}-01-31"}
    print(f"{'report':24}{'view':42}{'median':>9}{'slowest':>9}")
    for report, query in asked(year):
        views: list[tuple[str, dict[str, Any]]] = [(f"{view}/", query) for view in VIEWS]
        views += [("", {})] if not query else []
        if report == "all" and not query:
            views += [("tabulardata/", {"sort_key": key, "sort_dir": "d", "page": "1000"}) for key in SORTS]
            views += [("customeractivity/", {"sort_dir": "d", "page": "1000"})]
        for view, parameters in views:
            took = []
            for _ in range(rounds):
                started = time.perf_counter()
                answer = client.get(f"/api/1.1/json/report/{reports[report]}/{view}", parameters)
                took.append((time.perf_counter() - started) * 1000)
                assert answer.status_code == 200, answer.content
            shown = view + " ".join(f"{value}" for name, value in parameters.items() if name not in year)
            print(f"{report:24}{shown:42}{statistics.median(took):9.0f}{max(took):9.0f}", flush=True)


def asked(year: dict[str, str]) -> list[tuple[str, dict[str, str]]]:
    """`(report, run-time filters)`."""
    on_all = [("all", {"period_type": code, **year}) for code in ("cr", "as", "str", "cur", "prs", "srp", "cl")]
    return [("all", {}), ("most", {}), ("one tag", {}), ("one group", {}), ("words", {}), *on_all]


def saved() -> dict[str, int]:
    """The reports by name; made when they are not there yet."""
    from datetime import UTC, datetime

    from reynard.desk.actions import reports
    from reynard.desk.models import Report
    from reynard.desk.selectors import reference

    queries = {
        "all": "",
        "most": 'status:"New","Open","Waiting","Solved","Closed"',
        "one tag": "tag:vip",
        "one group": 'group:"Group 1"',
        "words": "brake",
    }
    for name, query in queries.items():
        if not Report.objects.filter(name=name).exists():
            given = reports.GivenReport(name=name, query=query)
            reports.add_report(given, reference=reference.current(), now=datetime.now(UTC))
    return dict(Report.objects.values_list("name", "id"))


if __name__ == "__main__":
    main()
