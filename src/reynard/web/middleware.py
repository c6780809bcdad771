"""What pages need of Django around a request, and machines must not pay for.

Django's middleware is one list for all requests. The API has credentials, errors and headers of its own, so one
middleware, `Pages`, holds the list that Django's would be, and steps aside for the addresses of machines.
"""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.gzip import GZipMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxMiddleware
from whitenoise.middleware import WhiteNoiseMiddleware

MACHINES = ("/api/", "/attachments/", "/get_hdp_temporarily_attachment/", "/healthz", "/metrics")
TIME_ZONE_COOKIE = "time_zone"  # set by the script of the pages, e.g. "Europe/Berlin"
_TIME_ZONES = available_timezones()

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def is_page(request: HttpRequest) -> bool:
    return not request.path_info.startswith(MACHINES)


def _reader_time_zone(get_response: GetResponse) -> GetResponse:
    """Times are shown in the reader's zone, which the browser tells by a cookie; else in UTC."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        name = request.COOKIES.get(TIME_ZONE_COOKIE, "").replace("%2F", "/")
        with timezone.override(ZoneInfo(name) if name in _TIME_ZONES else None):
            response = get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return respond


def _reader_language(get_response: GetResponse) -> GetResponse:
    """The language of the reader's choice, else the first of their browser's that the pages have; the API has none."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        language = translation.get_language_from_request(request)
        with translation.override(language):
            response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language",))
        return response

    return respond


_AROUND_PAGES: tuple[Callable[[GetResponse], Any], ...] = (
    SecurityMiddleware,
    WhiteNoiseMiddleware,
    GZipMiddleware,
    CSPMiddleware,
    _reader_language,
    SessionMiddleware,
    CsrfViewMiddleware,
    AuthenticationMiddleware,
    MessageMiddleware,
    XFrameOptionsMiddleware,
    HtmxMiddleware,
    _reader_time_zone,
)


class Pages:
    """The middleware of the pages, from the outermost to the innermost."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.around: GetResponse = get_response
        self.before_view: list[Callable[..., Any]] = []
        for make in reversed(_AROUND_PAGES):
            one = make(self.around)
            self.around = convert_exception_to_response(one)  # type: ignore[assignment]
            if hasattr(one, "process_view"):
                self.before_view.insert(0, one.process_view)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.around(request) if is_page(request) else self.get_response(request)

    def process_view(self, request: HttpRequest, *call: Any) -> HttpResponseBase | None:
        if is_page(request):
            for check in self.before_view:
                if (refusal := check(request, *call)) is not None:
                    return refusal
        return None
