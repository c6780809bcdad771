"""What is too much to be read with every request of a session: a row of its own, named in the session.

Only who holds the session can name it; it ends with the sessions of that age.
"""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.http import HttpRequest

_CONTENT = "content"


def put(request: HttpRequest, name: str, content: Any) -> None:
    """Keep something (of what JSON has) under a name, instead of what was there."""
    drawer = _store(request.session.get(name))
    drawer[_CONTENT] = content
    drawer.save()
    if request.session.get(name) != drawer.session_key:
        request.session[name] = drawer.session_key


def get(request: HttpRequest, name: str) -> Any:
    """What is kept under a name; None when nothing is."""
    key = request.session.get(name)
    return _store(key).get(_CONTENT) if isinstance(key, str) else None


def remove(request: HttpRequest, name: str) -> None:
    if key := request.session.pop(name, None):
        _store(key).delete(key)


def _store(key: str | None) -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore(key)
