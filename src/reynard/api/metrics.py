"""How the desk is and what it has done, for Prometheus."""

import hmac
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from reynard import metrics
from reynard.desk.selectors import mailboxes, outbox
from reynard.metrics import SECONDS, Requests

_LOOPBACK = ("127.", "::1", "::ffff:127.")
_OF_A_PROXY = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via")


def read_metrics(request: HttpRequest) -> HttpResponse:
    """For whoever has the token of the settings; without one, for this machine alone."""
    if not _may_read(request):
        return HttpResponse("Only with the token of REYNARD_METRICS_TOKEN.\n", status=403, content_type="text/plain")
    lines = _lines(datetime.now(UTC))
    return HttpResponse("".join(f"{line}\n" for line in lines), content_type="text/plain; version=0.0.4; charset=utf-8")


def _may_read(request: HttpRequest) -> bool:
    if settings.REYNARD_METRICS_TOKEN:
        wanted = f"Bearer {settings.REYNARD_METRICS_TOKEN}"
        return hmac.compare_digest(request.headers.get("Authorization", "").encode(), wanted.encode())
    here = request.META.get("REMOTE_ADDR", "").startswith(_LOOPBACK)
    return here and not any(name in request.headers for name in _OF_A_PROXY)


def _lines(now: datetime) -> Iterator[str]:
    counts = metrics.read()
    yield from _histogram(counts.requests)
    sent = {event: number for event, number in counts.events.items() if event[0] != "received"}
    yield from _metric(
        "reynard_deliveries_total",
        "counter",
        "Tries to deliver: sent, failed and tried again later, given up.",
        ((f'channel="{channel}",outcome="{outcome}"', number) for (channel, outcome), number in sent.items()),
    )
    came = {source: number for (what, source), number in counts.events.items() if what == "received"}
    yield from _metric(
        "reynard_mails_received_total",
        "counter",
        "Mails that were stored.",
        ((f'source="{source}"', number) for source, number in came.items()),
    )
    yield from _backlogs(now)
    yield from _mailboxes(now)


def _backlogs(now: datetime) -> Iterator[str]:
    logs = {f'channel="{channel}"': log for channel, log in outbox.backlogs().items()}
    age = {label: (now - log.oldest).total_seconds() if log.oldest else 0 for label, log in logs.items()}
    for name, text, values in (
        ("waiting", "What waits to leave, or is being sent.", {label: log.waiting for label, log in logs.items()}),
        ("oldest_seconds", "How long the oldest of it waits.", age),
        ("given_up", "What was given up and is still remembered.", {label: log.dead for label, log in logs.items()}),
    ):
        yield from _metric(f"reynard_outbox_{name}", "gauge", text, values.items())


def _mailboxes(now: datetime) -> Iterator[str]:
    boxes = {f'mailbox="{box.name}"': box for box in mailboxes.states(now=now)}
    fetched = {label: box for label, box in boxes.items() if box.lag_seconds is not None}
    yield from _metric(
        "reynard_mailbox_lag_seconds",
        "gauge",
        "How long ago a mailbox was last read to its end.",
        ((label, box.lag_seconds or 0) for label, box in fetched.items()),
    )
    yield from _metric(
        "reynard_mailbox_failing",
        "gauge",
        "1 while a mailbox cannot be read.",
        ((label, int(box.failing_since is not None)) for label, box in fetched.items()),
    )
    yield from _metric(
        "reynard_mailbox_mails",
        "gauge",
        "Mails that are stored and not understood yet, held for a person, or could not be understood.",
        (
            (f'{label},state="{state}"', getattr(box, state))
            for label, box in boxes.items()
            for state in ("waiting", "held", "failed")
        ),
    )


def _histogram(requests: Iterable[Requests]) -> Iterator[str]:
    name = "reynard_request_seconds"
    yield f"# HELP {name} How long answering took, without the way there and back."
    yield f"# TYPE {name} histogram"
    for kind in requests:
        total = sum(kind.steps)
        if not total:
            continue
        labels = f'door="{kind.door}",method="{kind.method}",status="{kind.status}"'
        upto = 0
        for end, number in zip((*map(str, SECONDS), "+Inf"), kind.steps, strict=True):
            upto += number
            yield f'{name}_bucket{{{labels},le="{end}"}} {upto}'
        yield f"{name}_sum{{{labels}}} {kind.seconds}"
        yield f"{name}_count{{{labels}}} {total}"


def _metric(name: str, type: str, text: str, values: Iterable[tuple[str, float]]) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} {type}"
    for labels, value in values:
        yield f"{name}{{{labels}}} {value}"
