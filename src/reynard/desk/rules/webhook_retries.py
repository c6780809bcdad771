"""When a delivery is given up, and when its webhook is switched off (webhooks.md §3).

    any 2xx                     delivered
    410                         given up, and the webhook is switched off
    anything else, or nothing   again after each of the pauses of rules/deliveries, then given up

A webhook of which nothing was delivered for three days is switched off. What was given up can be sent by hand.
"""

from datetime import datetime, timedelta

from reynard.desk.rules.deliveries import PAUSES_SECONDS

GONE = 410
PATIENCE = timedelta(days=3)


def is_success(status: int | None) -> bool:
    """`status` is that of the answer, None when there was none."""
    return status is not None and 200 <= status <= 299


def is_last(attempts: int, status: int | None) -> bool:
    """Whether this failure, of attempt number `attempts`, is the delivery's last one."""
    return status == GONE or attempts > len(PAUSES_SECONDS)


def off_because(status: int | None, failing_since: datetime, now: datetime) -> str:
    """Why a webhook is switched off after a failure; "" while it is not."""
    if status == GONE:
        return "The receiver answered 410: it is gone."
    if now - failing_since >= PATIENCE:
        return f"Nothing was delivered for {PATIENCE.days} days."
    return ""
