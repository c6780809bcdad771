"""The address a server listens on: its options, whether it is free, and how it is written."""

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connections

from reynard import server, worker
from reynard.environment import LISTENING_ADDRESS

_MOST_WORKERS = 4  # unless told otherwise
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="listen on this address (127.0.0.1: this machine only)")
    parser.add_argument("--port", type=port, default=8000, help="listen on this port (8000)")
    parser.add_argument("--workers", type=_workers, default=_default_workers(), metavar="N", help="web processes")
    parser.add_argument("--no-worker", action="store_true", help="no worker beside them: `reynard worker` runs apart")


def require_free(options: dict[str, Any]) -> None:
    """Raises CommandError when somebody listens there already, before anything is changed for the server's sake."""
    host, port = options["host"], options["port"]
    try:
        server.free_address(host, port)
    except OSError as error:
        raise CommandError(f"Cannot listen on {host} port {port}: {error.strerror}.") from None


def address(options: dict[str, Any]) -> str:
    """Where people find this server, without a slash at the end."""
    host = _EVERYWHERE.get(options["host"], options["host"])
    if ":" in host:
        host = f"[{host}]"
    return settings.REYNARD_BASE_URL or f"http://{host}:{options['port']}"


def serve(options: dict[str, Any], *, on_ready: Callable[[], None]) -> None:
    """Serve until told to stop; leaves with the server's exit code when it is not 0."""
    connections.close_all()
    os.environ[LISTENING_ADDRESS] = address(options)
    code = server.serve(
        host=options["host"],
        port=options["port"],
        workers=options["workers"],
        worker=None if options["no_worker"] else worker.Supervisor(address(options)),
        on_ready=on_ready,
    )
    if code:
        sys.exit(code)


def _default_workers() -> int:
    return min(os.cpu_count() or 1, _MOST_WORKERS)


def port(text: str) -> int:
    return _number(text, 1, 65535)


def _workers(text: str) -> int:
    return _number(text, 1, 256)


def _number(text: str, least: int, most: int) -> int:
    if not text.isdecimal() or not least <= int(text) <= most:
        raise ArgumentTypeError(f"give a number from {least} to {most}, not {text!r}")
    return int(text)
