"""The way of a request through this door, in the order of protocol.md P-16:

authentication → throttle → route, format → method → body → existence of the element → validation.

A view gets a `Call`, does the last three, and returns an `Answer` or lets a `DeskError` fly.
"""

import logging
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec
from django.conf import settings
from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFieldsSent
from django.core.files.uploadedfile import UploadedFile
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase

from reynard.api import answers, formats, multipart, shapes, throttle
from reynard.api.answers import Answer
from reynard.api.auth import authenticate
from reynard.api.formats import FormData, Unreadable
from reynard.api.parse import Fields
from reynard.desk import db, files
from reynard.desk.actions import idempotency
from reynard.desk.errors import WHOLE_REQUEST, DeskError, Invalid, NotAllowed, NotFound, NothingToUpdate, Problems
from reynard.desk.files import IncomingFile
from reynard.desk.selectors import access
from reynard.desk.selectors import reference as reference_data
from reynard.desk.selectors.reference import Key, Reference
from reynard.logs import current, route_of

_log = logging.getLogger(__name__)
_KEY_LIMIT = 255
_WRITING = {"POST", "PUT", "DELETE", "PATCH"}


class Call:
    """One request, as views see it: authenticated, or by a stranger (`key` is None) where an endpoint is public."""

    def __init__(
        self, request: HttpRequest, fmt: str, reference: Reference, key: Key | None, names: Mapping[str, str]
    ) -> None:
        self.request = request
        self.format = fmt
        self.reference = reference.seen_by(key)
        self.key = key
        self.names = names  # the wire's names of fields that the desk calls otherwise
        self.now = datetime.now(UTC)
        self.problems = Problems()
        self.write_problems: answers.ProblemWriter = answers.problem_list  # the shape of this operation's refusals
        self.dry_run: bool | None = False  # None: who knows, which `once` refuses
        self._body: Any = None

    @property
    def query(self) -> Any:
        return self.request.GET

    def flag(self, name: str) -> bool | None:
        """A yes or no of the address; None where neither was sent."""
        text = self.query.get(name, "").strip().lower()
        return True if text in {"true", "1", "yes", "on"} else False if text in {"false", "0", "no", "off"} else None

    def read_dry_run(self) -> None:
        """Whether a write is only to be rehearsed (observed.md §2)."""
        if self.request.method in _WRITING and "dry_run" in self.query:
            self.dry_run = Fields(self.query, self.problems).boolean("dry_run")
            if self.dry_run is None and "dry_run" not in self.problems:
                self.dry_run = False  # sent without a value

    def body(self) -> Any:
        """The request's data: a dict, a list, or FormData. Raises Invalid when it cannot be read (P-05)."""
        if self._body is None:
            try:
                self._body = self._read_body()
            except Unreadable as error:
                self.problems.add(WHOLE_REQUEST, str(error))
                raise Invalid(self.problems) from None
        return self._body

    def _read_body(self) -> Any:
        request = self.request
        try:
            if request.content_type == "multipart/form-data":
                return multipart.read(request)
            return formats.decode(request.META.get("CONTENT_TYPE", ""), request.body)
        except RequestDataTooBig:
            limit = settings.BODY_LIMIT_BYTES // settings.MIB
            raise Unreadable(
                f"The body is larger than {limit} MB. Send files as multipart/form-data, in parts named attachments."
            ) from None
        except UnreadablePostError:
            raise Unreadable("The body ended before it was complete.") from None

    def files(self) -> list[IncomingFile]:
        """The files of the request, kept; in multipart, in parts named `attachments` (protocol.md §4)."""
        uploads = self._uploads("attachments")
        if sum(upload.size or 0 for upload in uploads) > settings.ATTACHMENTS_LIMIT_BYTES:
            limit = settings.ATTACHMENTS_LIMIT_BYTES // settings.MIB
            self.problems.add("attachments", f"The files of one message may have {limit} MB together.")
            return []
        return [self.keep(upload) for upload in uploads]

    def keep(self, upload: UploadedFile) -> IncomingFile:
        """Store an upload and describe it; a dry run only describes it."""
        return files.keep(upload) if self.dry_run is False else files.describe(upload)

    def upload(self, name: str) -> UploadedFile:
        """The file of a request that consists of one. Raises Invalid when there is not exactly one, or a huge one."""
        uploads = self._uploads(name)
        self.problems.require(name, bool(uploads))
        if len(uploads) > 1:
            self.problems.add(name, f"Send one file, not {len(uploads)}.")
        elif uploads and (uploads[0].size or 0) > settings.ATTACHMENTS_LIMIT_BYTES:
            self.problems.add(name, f"The file may have {settings.ATTACHMENTS_LIMIT_BYTES // settings.MIB} MB.")
        self.problems.raise_if_any()
        return uploads[0]

    def _uploads(self, name: str) -> list[UploadedFile]:
        if not isinstance(self.body(), FormData) or self.request.content_type != "multipart/form-data":
            return []
        return self.request.FILES.getlist(name)

    def once(self, apply: Callable[[], Answer], incoming: list[IncomingFile] | None = None) -> Answer:
        """Apply a write and build its answer in one transaction; one that names itself, only once.

        A dry run does the same and undoes it, and has nothing to do with the names of writes.
        """
        name = self.request.META.get("HTTP_IDEMPOTENCY_KEY")
        if name is not None and (not 0 < len(name) <= _KEY_LIMIT or not name.isprintable()):
            self.problems.add(WHOLE_REQUEST, f"The Idempotency-Key must have 1 to {_KEY_LIMIT} printable characters.")
            raise Invalid(self.problems)
        if self.dry_run is None:
            raise Invalid(self.problems)
        if name is None or self.dry_run:
            with db.rehearsal() if self.dry_run else db.write():
                return apply()
        assert self.key is not None  # strangers only read
        with db.write():
            stored = idempotency.claim(
                api_key_id=self.key.id, key=name, request_sha256=self._digest(incoming or []), now=self.now
            )
            if stored:
                return Answer(encoded=stored.body, shape=shapes.BY_NAME[stored.shape], etag=stored.etag, replayed=True)
            answer = apply()
            idempotency.store(
                idempotency.StoredAnswer(answer.encoded, shapes.name_of(answer.shape), answer.etag),
                api_key_id=self.key.id,
                key=name,
            )
        return answer

    def unless_unchanged(self, act: Callable[[], Any]) -> Any:
        """What an action returns; with `noop=ok` also when there is nothing to update (observed.md §2)."""
        wanted = self.query.get("noop", "")
        if wanted == "":
            return act()
        if wanted != "ok":
            self.problems.add("noop", "Enter ok.")
            raise Invalid(self.problems)
        try:
            with transaction.atomic():
                return act()
        except NothingToUpdate as unchanged:
            return unchanged.present

    def _digest(self, incoming: list[IncomingFile]) -> str:
        """What makes two requests the same: method, address and content, not the boundary of a multipart body."""
        body = self.body()
        content = list(body.items_lists()) if isinstance(body, FormData) else body
        attached = [(file.filename, file.content_type, file.sha256) for file in incoming]
        route = self.request.path_info.partition(f"/{self.format}/")[2].rstrip("/")
        identity = [self.request.method, route, sorted(self.query.lists()), content, attached]
        return sha256(msgspec.json.encode(identity, order="deterministic")).hexdigest()

    def expected_versions(self, number: int) -> frozenset[int] | None:
        """The versions of a ticket that `If-Match` allows a write on; None for any."""
        header = self.request.META.get("HTTP_IF_MATCH")
        if header is None or header.strip() == "*":
            return None
        return frozenset(version for tag in header.split(",") if (version := _version_in(tag, number)) is not None)

    def has_current(self, etag: str) -> bool:
        """Whether `If-None-Match` says that the caller has this very answer."""
        header = self.request.META.get("HTTP_IF_NONE_MATCH")
        if not header:
            return False
        tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
        return "*" in tags or etag in tags

    @property
    def base_url(self) -> str:
        """Where contacts and clients reach the desk, without a trailing slash."""
        if settings.REYNARD_BASE_URL:
            return settings.REYNARD_BASE_URL
        meta = self.request.META
        key = (self.request.scheme, meta.get("HTTP_HOST"), meta["SERVER_NAME"], meta["SERVER_PORT"])
        if key not in _base_urls:
            if len(_base_urls) >= _BASE_URLS_KEPT:
                _base_urls.clear()
            _base_urls[key] = f"{self.request.scheme}://{self.request.get_host()}"
        return _base_urls[key]


_BASE_URLS_KEPT = 100
_base_urls: dict[tuple[str | None, ...], str] = {}  # what `get_host` found out about a Host header before

View = Callable[..., Answer | HttpResponseBase]


def _version_in(tag: str, number: int) -> int | None:
    """The ticket's version in an entity tag of ours (api/tickets.etag)."""
    parts = tag.strip().removeprefix("W/").strip('"').split("-")
    if len(parts) < 2 or parts[0] != str(number) or not re.fullmatch(r"\d{1,18}", parts[1], re.ASCII):
        return None
    return int(parts[1])


def endpoint(
    *,
    names: Mapping[str, str] | None = None,
    public_reads: bool = False,
    minds_categories: bool = False,
    **views: View,
) -> Callable[..., HttpResponseBase]:
    """A Django view that serves one path: `endpoint(GET=list_tickets, POST=create_ticket)`.

    `names` are the wire's names of fields that the desk calls otherwise. With `public_reads`, strangers who send no
    credentials at all may read it (knowledge-base.md K-01); wrong ones are refused as everywhere. Keys that are limited
    to categories are refused unless the path `minds_categories` (selectors/access).
    """
    own_names = names or {}

    def serve(request: HttpRequest, fmt: str, **arguments: Any) -> HttpResponseBase:
        try:
            reference = reference_data.current()
        except DatabaseError:
            _log.exception("The database cannot be asked")
            return _finish(answers.text(503, "The desk cannot reach its database. Try again later.", fmt), None)
        authorization = request.META.get("HTTP_AUTHORIZATION", "")
        key = authenticate(authorization, reference)
        may_be_stranger = public_reads and request.method in {"GET", "HEAD"} and not authorization
        if key is None and not may_be_stranger:
            return _finish(_unauthorized("Authorization Required", fmt), None)
        current.key = key.id if key is not None else None
        if key is not None and key.disabled:
            return _finish(_unauthorized("This API key is disabled.", fmt), None)
        caller = throttle.stranger(request.META.get("REMOTE_ADDR", "")) if key is None else str(key.id)
        allowance = throttle.count(caller, writes=request.method in _WRITING)
        if allowance is not None and allowance.exceeded:
            return _finish(_throttled(allowance, fmt), allowance)
        method = "GET" if request.method == "HEAD" else request.method or ""
        try:
            access.demand_reach(key, writes=method != "GET", minds_categories=minds_categories)
        except NotAllowed as error:
            return _finish(answers.refuse(error, fmt, own_names, answers.problem_list), allowance)
        if method not in views:
            return _finish(_wrong_method(views, fmt), allowance)
        return _finish(_run(views[method], Call(request, fmt, reference, key, own_names), arguments), allowance)

    serve.views = views  # type: ignore[attr-defined]
    return serve


def _run(view: View, call: Call, arguments: dict[str, Any]) -> HttpResponseBase:
    response = _answer(view, call, arguments)
    if call.dry_run:
        response.headers["X-Dry-Run"] = "true"
    return response


def _answer(view: View, call: Call, arguments: dict[str, Any]) -> HttpResponseBase:
    try:
        call.read_dry_run()
        base_url = call.base_url  # may be refused, so it comes before anything is done
        answer = view(call, **arguments)
        if isinstance(answer, HttpResponseBase):
            return answer
        return answers.respond(answer, call.format, base_url)
    except DeskError as error:
        return answers.refuse(error, call.format, call.names, call.write_problems)
    except DisallowedHost:
        return answers.text(400, "The Host header names no host.", call.format)
    except TooManyFieldsSent:
        return answers.text(400, "The address has too many parameters.", call.format)
    except Exception:
        _log.exception("%s %s failed", call.request.method, route_of(call.request))
        return answers.text(500, "Something went wrong here; nothing was changed.", call.format)


def _finish(response: HttpResponseBase, allowance: throttle.Allowance | None) -> HttpResponseBase:
    headers = response.headers
    headers.setdefault("Cache-Control", "no-store")  # unless a view let others keep it
    headers["Vary"] = "Authorization"
    if allowance is not None:
        headers["X-RateLimit-Limit"] = str(allowance.limit)
        headers["X-RateLimit-Remaining"] = str(max(0, allowance.remaining))
        headers["X-RateLimit-Reset"] = str(allowance.reset)
    return response


def _unauthorized(sentence: str, fmt: str) -> HttpResponse:
    response = answers.text(401, sentence, fmt)
    response.headers["WWW-Authenticate"] = 'Basic realm="API"'
    return response


def _throttled(allowance: throttle.Allowance, fmt: str) -> HttpResponse:
    seconds = "1 second" if allowance.reset == 1 else f"{allowance.reset} seconds"
    response = answers.text(429, f"Throttled, wait {seconds}.", fmt)
    response.headers["Retry-After"] = str(allowance.reset)
    return response


def _wrong_method(views: Mapping[str, View], fmt: str) -> HttpResponse:
    allowed = [*views, "HEAD"] if "GET" in views else list(views)
    response = answers.text(405, f"This address allows {', '.join(allowed)} only.", fmt)
    response.headers["Allow"] = ", ".join(allowed)
    return response


def unknown(request: HttpRequest, path: str = "") -> HttpResponseBase:
    """Any other address below /api/: 404 in the asked format, 401 first for strangers (protocol.md §7, §11)."""
    segments = path.split("/")
    asked = segments[1] if len(segments) > 1 and segments[1] in formats.CONTENT_TYPES else "json"

    def no_such_address(call: Call) -> Answer:
        raise NotFound

    method = request.method or "GET"
    views: dict[str, Any] = {"GET": no_such_address, method: no_such_address}
    return endpoint(minds_categories=True, **views)(request, asked)
