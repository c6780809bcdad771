"""What a search costs beside the plain list, inside one process: `python -m bench.search` on a desk bench.data filled.

Takes the desk of the environment (REYNARD_DATA_DIR, DATABASE_URL). Each query is asked in turn with the plain list,
through the whole way of a request; the figures are milliseconds and the ratio of the medians.
"""

import argparse
import base64
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import django

SORTS = "updated updatea created last_modifieda ticketd due unresponded statusd prioritya categorya subjecta assigneed"


def queries(rare: str, common: str, shares: str) -> list[tuple[str, dict[str, Any]]]:
    """`(name, parameters)` of what is asked."""
    filters = {
        "status": 'status:"New"',
        "assignee": "assignee:any",
        "nobody": "assignee:none",
        "priority": 'priority:"High"',
        "tag": "tag:vip",
        "two tags": "tag:vip tag:refund",
        "created range": "created-on-or-after:2025/01/01",
        "modified range": "last-modified-on-or-after:2025/12/01",
        "closed range": "last-closed-on-or-after:2025/12/01",
        "contact": 'contact:"liam"',
    }
    asked = [(name, {"q": q}) for name, q in filters.items()]
    asked += [
        (f"{name}, {sort}", {"q": filters[name], "sort": sort}) for sort in SORTS.split() for name in ("tag", "nobody")
    ]
    texts = {"rare word": rare, "common word": common, "both words": f"{rare} {common}", "prefix": common[:3] + "*"}
    asked += [(f"{name} ({shares})", {"q": q, "sort": "updated"}) for name, q in texts.items()]
    asked += [(f"{name}, ranked", {"q": q}) for name, q in texts.items()]
    return asked


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    django.setup()
    from django.conf import settings
    from django.test import Client

    from reynard.desk.selectors import tickets

    tickets.REMEMBERED_SECONDS = 0  # every count is a fresh one; the worst case
    facts = json.loads((Path(settings.REYNARD_DATA_DIR) / "bench.json").read_text())
    credentials = base64.b64encode(f"{facts['api_key']}:{facts['auth_code']}".encode()).decode()
    client = Client(headers={"Authorization": f"Basic {credentials}"})

    def ask(parameters: dict[str, Any]) -> tuple[float, int]:
        started = time.perf_counter()
        answer = client.get("/api/1.1/json/tickets/", {"size": 50, **parameters})
        took = (time.perf_counter() - started) * 1000
        total = json.loads(answer.content)["page_info"]["last_index"] if answer.status_code == 200 else -1
        return took, total

    rare, common, shares = _words()
    print(f"rare word {rare!r}, common word {common!r}: {shares}", file=sys.stderr)
    print(f"{'':34}{'tickets':>9}{'median':>9}{'p95':>9}{'ratio':>8}")
    for name, parameters in queries(rare, common, "newest first"):
        plain, asked, total = [], [], 0
        for _ in range(rounds):
            plain.append(ask({})[0])
            took, total = ask(parameters)
            asked.append(took)
        median = statistics.median(asked)
        p95 = sorted(asked)[max(0, int(len(asked) * 0.95) - 1)]
        print(f"{name:34}{total:9}{median:9.1f}{p95:9.1f}{median / statistics.median(plain):8.1f}", flush=True)


def _words() -> tuple[str, str, str]:
    """A word in about one of 10,000 messages and one in about one of five, of this very desk."""
    from reynard.desk import db
    from reynard.desk.models import Update
    from reynard.desk.rules import words
    from reynard.desk.selectors import fulltext

    messages = Update.objects.exclude(message_type="-")
    total = messages.count()
    sample = list(messages.order_by("id").values_list("text", flat=True)[:3000])
    counts: dict[str, int] = {}
    for text in sample:
        for word in set(words.words(text)):
            counts[word] = counts.get(word, 0) + 1
    common = min(counts, key=lambda word: abs(counts[word] / len(sample) - 0.2))
    rarest = sorted(counts, key=counts.get)[:200]

    def share(word: str) -> float:
        match = fulltext.match(word, phrase=True)
        assert match is not None
        sql, values = fulltext.ticket_ids(match.ticket)
        return float(db.rows(f"SELECT count(*) FROM ({sql}) AS found", values)[0][0]) / total

    rare = min(rarest[:60], key=lambda word: abs(share(word) - 0.0001))
    return rare, common, f"{share(rare):.4%} and {share(common):.1%} of {total:,} messages"


if __name__ == "__main__":
    main()
