"""What people see when a page cannot be shown."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def forgery_suspected(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without this session's mark: mostly one that stood open since before signing in or out."""
    return render(request, "web/error.html", {"kind": "forgery"}, status=403)


def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "web/error.html", {"kind": "not_allowed"}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "web/error.html", {"kind": "not_found"}, status=404)


def broken(request: HttpRequest) -> HttpResponse:
    return render(request, "web/error.html", {"kind": "broken"}, status=500)
