"""An agent of one category never sees another's tickets: whatever happens there, no page of theirs says anything else.

Two ways to see it. A word that stands everywhere in the other category appears nowhere. And what is answered is the
same, sign by sign, as if there were no such tickets; one that is named by its number is as one that does not exist.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from reynard.desk import files
from reynard.desk.actions import canned_actions, catalog, mailboxes, merging, people, tickets
from reynard.desk.actions import views as view_actions
from reynard.desk.actions.canned_actions import GivenCannedAction
from reynard.desk.actions.mailboxes import MailboxSettings
from reynard.desk.actions.tickets import StaffUpdate
from reynard.desk.actions.views import GivenView
from reynard.desk.models import ApiKey, Attachment, Draft, OutboxEntry, SavedView, Subscription, Ticket, Update
from reynard.desk.rules.messages import compose
from reynard.desk.selectors import reference
from reynard.web import presence
from tests import factories
from tests.mail import arriving
from tests.mail.arriving import HOST, SUPPORT

SignIn = Callable[..., Client]
WORD = "zyxomma"  # stands everywhere in the other category
NOBODYS = 999_999  # the number of no ticket


@pytest.fixture
def anna(desk: SimpleNamespace) -> Any:
    """An agent of the workshop, who may do everything there. Kim is one of another category."""
    desk.leasing = factories.make_category("Leasing", "LE")
    desk.leasing_field = factories.make_field("Contract", categories=[desk.leasing])
    desk.kim = factories.make_staff("Kim", desk.leasing)
    role = catalog.add_role(name="Agents", permissions=sorted(set(catalog.PERMISSIONS) - {"all_tickets"}))
    return factories.make_staff("Anna", desk.workshop, role=role)


@pytest.fixture
def own(desk: SimpleNamespace, anna: Any) -> SimpleNamespace:
    """Tickets of the workshop, and shared views that match those of both categories."""
    now = datetime.now(UTC)
    field = factories.make_field("Frame number", categories=[desk.workshop])
    first = factories.make_ticket(desk.lena, desk.workshop, now=now, custom_values={field.id: "RW-1"})
    second = factories.make_ticket(desk.lena, desk.workshop, now=now)
    merged = factories.make_ticket(desk.lena, desk.workshop, now=now)
    known = reference.current()
    merging.merge(second.id, [merged.id], staff=desk.priya.id, reference=known, now=now)
    for name, query in (("All new", "status:New"), ("Squeaks", "squeak"), ("Late ones", "breached:true")):
        given = GivenView(name=name, query=query, shared=True)
        view_actions.save(given, person=known.staff[desk.priya.id], reference=known, now=now)
    wanted = MailboxSettings(address=SUPPORT, category_id=desk.workshop.id, trusted_hosts=[HOST])
    mailboxes.create("support", wanted, now=factories.NOON)
    factories.make_webhook(categories=[desk.workshop.id])
    return SimpleNamespace(first=first, second=second, merged=merged)


def happen_elsewhere(desk: SimpleNamespace) -> SimpleNamespace:
    """Everything that can happen in a category that is not theirs, to the contact of their own tickets, too."""
    now = datetime.now(UTC)
    kim, leasing = desk.kim, desk.leasing
    ticket, other, merged = (
        factories.make_ticket(
            contact,
            leasing,
            subject=f"Squeaking {WORD}",
            text=f"It squeaks, {WORD}.",
            now=now - timedelta(hours=3),
            tags=[WORD, "cargo"],
            custom_values={desk.leasing_field.id: WORD},
        )
        for contact in (desk.lena, desk.stranger, desk.lena)
    )
    known = reference.current()
    reply = StaffUpdate(staff=kim.id, message=compose(f"Oil it, {WORD}.", ""), update_customer=True)
    tickets.add_staff_update(ticket.id, reply, reference=known, now=now)
    note = StaffUpdate(staff=kim.id, message=compose(f"A note, {WORD}.", ""))
    tickets.add_private_note(ticket.id, note, reference=known, now=now)
    update = Update.objects.filter(ticket=ticket).latest("id")
    name, kept = f"{WORD}.png", files.keep_pieces([WORD.encode()], f"{WORD}.png", "image/png")
    file = Attachment.objects.create(update=update, filename=name, content_type="image/png", size=7, sha256=kept.sha256)
    merging.merge(ticket.id, [merged.id], staff=desk.priya.id, reference=known, now=now)
    Draft.objects.create(ticket_id=ticket.id, staff_id=kim.id, kind="reply", text=WORD, updated_at=now)
    presence.show(ticket.id, kim.id, "reply")
    box = MailboxSettings(address=f"{WORD}@rollwerk.example", category_id=leasing.id, trusted_hosts=[HOST])
    mailbox = mailboxes.create("leasing", box, now=factories.NOON)
    raw = arriving.mail(to=arriving.reply_to(other.id), text=WORD, Subject=WORD, **arriving.verdict("fail"))
    mail = arriving.arrive(raw, "leasing")
    hook = factories.make_webhook(f"https://hooks.example.org/{WORD}", name=WORD, categories=[leasing.id])
    people.create_api_key(name=WORD, now=now, categories=[leasing.id])
    given = GivenCannedAction(name=WORD, text=f"Hello, {WORD}.", categories=[leasing.id])
    return SimpleNamespace(
        ticket=ticket,
        other=other,
        merged=merged,
        update=update,
        file=file,
        mailbox=mailbox,
        mail=mail,
        hook=hook,
        action=canned_actions.save(given, reference=known),
        view=SavedView.objects.create(owner_id=kim.id, name=WORD, query=WORD, position=1),
        key=ApiKey.objects.get(name=WORD),
    )


VIEWS = (
    "needs-reply mine unassigned waiting drafts all solved search view-{view_0} view-{view_1} view-{view_2}"
).split()
SEARCHES = (
    WORD,
    "squeak",
    f"tag:{WORD}",
    "tag:cargo",
    "contact:lena",
    "status:New",
    "unresponded:true",
    "breached:true",
    "has_attachments:true",
    'category:"Leasing"',
    "id:{ticket}",
    "{ticket}",
    "#LE{ticket}",
    f'"Frame number":{WORD}',
    f'"Contract":{WORD}',
)
PAGES = (
    *(f"/inbox/?view={view}" for view in VIEWS),
    *(f"/inbox/?view=all&sort={sort}" for sort in ("updated", "created", "createa", "due", "priorityd")),
    *(f"/inbox/suggest/?q={typed}" for typed in (WORD, WORD[:4], "squ", "category:", "tag:", "tag:z", "assignee:")),
    "/inbox/new/",
    "/inbox/new/?category={leasing}",
    f"/inbox/contacts/?email={WORD}",
    "/inbox/contacts/?email=lena",
    "/inbox/views/",
    "/inbox/elsewhere/?ticket={own}&ticket={ticket}",
    "/inbox/merge/?ticket={own}",
    "/inbox/merge/?ticket={own}&ticket={ticket}&ticket={other}",
    "/inbox/ticket/{own}/",
    "/inbox/ticket/{own}/?view=all",
    "/inbox/ticket/{own}/?view=view-{view_1}",
    "/inbox/ticket/{second}/",
    "/inbox/ticket/{merged_own}/",
    "/inbox/ticket/{own}/news/?after=0",
    "/inbox/ticket/{own}/canned/",
    f"/inbox/ticket/{{own}}/canned/?q={WORD}",
    "/inbox/ticket/{own}/forward/",
    "/manage/keys/",
    "/manage/canned/",
    "/manage/canned/new/",
    "/manage/webhooks/",
    "/manage/webhooks/new/",
    "/manage/mailboxes/",
    "/manage/mailboxes/new/",
    "/manage/held/",
    "/account/",
)
SEARCH_PAGES = (
    *(f"/inbox/?view=search&q={query}" for query in SEARCHES),
    *(f"/inbox/ticket/{{own}}/?view=search&q={query}" for query in SEARCHES),
)


def _plain(page: str) -> str:
    """A page without what is another one at each request: marks against forgery, and moments."""
    page = re.sub(r'(csrfmiddlewaretoken" value=|X-CSRFToken.{1,12}?)"?[\w-]+', "", page)
    page = re.sub(r'name="once" value="[^"]*"', "", page)
    page = re.sub(r'data-tag="[^"]*"', "", page)  # another one whenever anything happens anywhere; it says no more
    page = re.sub(r"<time[^>]*>[^<]*</time>", "", page)
    return re.sub(r"(, )?(Today, )?\b\d\d:\d\d\b|\b\d+ min\b|\bnow\b", "", page)


def _names(desk: SimpleNamespace, own: SimpleNamespace, other: SimpleNamespace | None = None) -> dict[str, Any]:
    return {
        "own": own.first.id,
        "second": own.second.id,
        "merged_own": own.merged.id,
        "leasing": desk.leasing.id,
        "ticket": other.ticket.id if other else NOBODYS,
        "other": other.other.id if other else NOBODYS + 1,
        **{f"view_{n}": view.id for n, view in enumerate(SavedView.objects.filter(owner=None).order_by("id"))},
    }


def _read(client: Client, pages: tuple[str, ...], names: dict[str, Any]) -> dict[str, str]:
    """Each page as text, also as the fragments that scripts ask for, with its status."""
    found = {}
    for page in pages:
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.get(page.format(**names), headers=headers)
            found[f"{page} {headers}"] = f"{answer.status_code} {answer.content.decode()}"
    return found


def test_nothing_of_another_category_is_on_any_page(
    desk: SimpleNamespace, own: SimpleNamespace, anna: Any, sign_in: SignIn
) -> None:
    client = sign_in(anna)
    names = _names(desk, own)
    before = {page: _plain(text) for page, text in _read(client, PAGES, names).items()}
    happen_elsewhere(desk)
    after = _read(client, PAGES, names)
    for page, text in after.items():
        assert _plain(text) == before[page], page
        assert WORD in page or WORD not in text, page


def test_no_search_finds_what_is_in_another_category(
    desk: SimpleNamespace, own: SimpleNamespace, anna: Any, sign_in: SignIn
) -> None:
    client = sign_in(anna)
    other = happen_elsewhere(desk)
    names = _names(desk, own, other)
    for page, text in _read(client, SEARCH_PAGES, names).items():
        assert f"Squeaking {WORD}" not in text, page
        assert f"{WORD}." not in text, page
        for ticket in (other.ticket, other.other, other.merged):
            assert f"/inbox/ticket/{ticket.id}/" not in text, page
    for query in SEARCHES:
        context = client.get("/inbox/", {"view": "search", "q": query.format(**names)}).context
        theirs = {ticket.id for ticket in (own.first, own.second, own.merged)}
        shown = {item["row"].id for band in context["bands"] for item in band.rows}
        assert shown <= theirs, query
        assert context["total"] == len(shown), query


# What is sent with the number of a ticket: `{n}` in the address or the form.
SENT = {
    "/inbox/ticket/{n}/send/": {"mode": "reply", "reply": "Hello"},
    "/inbox/ticket/{n}/send/ ": {"mode": "note", "note": "Hello"},
    "/inbox/ticket/{n}/draft/": {"kind": "reply", "text": "Hello"},
    "/inbox/ticket/{n}/withdraw/": {"update": "{update}"},
    "/inbox/ticket/{n}/send-now/": {"update": "{update}"},
    "/inbox/ticket/{n}/canned/": {"q": ""},
    "/inbox/ticket/{n}/change/": {"category": "{workshop}"},
    "/inbox/ticket/{n}/forward/": {"to": "anna@rollwerk.example", "subject": "Look", "all_messages": "on"},
    "/inbox/ticket/{n}/subscribe/": {"to": "yes"},
    "/inbox/ticket/{n}/unmerge/": {},
    "/inbox/bulk/": {"do": "status:{closed}", "ticket": "{n}"},
    "/inbox/bulk/ ": {"do": "delete", "ticket": "{n}"},
    "/inbox/bulk/  ": {"do": "delete", "sure": "yes", "ticket": "{n}"},
    "/inbox/bulk/   ": {"do": "category:{workshop}", "ticket": "{n}"},
    "/inbox/bulk/    ": {"do": "add_tags", "tags": "x", "ticket": "{n}"},
    "/inbox/merge/": {"ticket": ["{own}", "{n}"], "into": "{own}"},
    "/inbox/merge/ ": {"ticket": ["{own}", "{n}"], "into": "{n}"},
    "/inbox/merge/  ": {"ticket": "{own}", "other": "{n}"},
}
READ = (
    "/inbox/ticket/{n}/",
    "/inbox/ticket/{n}/?view=all&images=1",
    "/inbox/ticket/{n}/news/?after=0",
    "/inbox/ticket/{n}/canned/?q=",
    "/inbox/ticket/{n}/forward/",
    "/inbox/merge/?ticket={n}",
    "/inbox/merge/?ticket={own}&ticket={n}",
)


def test_a_ticket_of_another_category_is_answered_as_one_that_does_not_exist(
    desk: SimpleNamespace, own: SimpleNamespace, anna: Any, sign_in: SignIn
) -> None:
    client = sign_in(anna)
    other = happen_elsewhere(desk)
    names = _names(desk, own, other) | {
        "update": other.update.id,
        "workshop": desk.workshop.id,
        "closed": desk.closed.id,
    }

    def answer(address: str, form: dict[str, Any] | None, number: int) -> str:
        def fill(value: Any) -> Any:
            return [fill(one) for one in value] if isinstance(value, list) else value.format(n=number, **names)

        path = fill(address.strip())
        said = client.get(path) if form is None else client.post(path, {k: fill(v) for k, v in form.items()})
        shown = client.get("/inbox/views/").content.decode()  # with the messages about it
        whole = f"{said.status_code} {said.headers.get('Location')} {said.content.decode()} {shown}"
        return _plain(whole).replace(str(NOBODYS), str(other.ticket.id))

    before = list(Ticket.objects.order_by("id").values())
    for address in READ:
        assert answer(address, None, other.ticket.id) == answer(address, None, NOBODYS), address
    for address, form in SENT.items():
        assert answer(address, form, other.ticket.id) == answer(address, form, NOBODYS), address
    assert list(Ticket.objects.order_by("id").values()) == before
    assert not Draft.objects.filter(staff=anna).exists()


def test_what_belongs_to_another_category_does_not_exist_by_its_number(
    desk: SimpleNamespace, own: SimpleNamespace, anna: Any, sign_in: SignIn
) -> None:
    client = sign_in(anna)
    other = happen_elsewhere(desk)
    delivery = OutboxEntry.objects.filter(webhook=other.hook).first()
    hook = f"/manage/webhooks/{other.hook.id}/"
    for path in (
        f"/inbox/file/{other.file.id}/",
        f"/inbox/file/{other.file.id}/?download",
        f"/inbox/?view=view-{other.view.id}",
        f"/inbox/?view=category-{desk.leasing.id}",
        f"/manage/canned/{other.action.id}/",
        f"/manage/keys/{other.key.id}/revoke/",
        f"/manage/mailboxes/{other.mailbox.id}/",
        f"/manage/held/{other.mail.id}/",
        f"/manage/held/{other.mail.id}/raw/",
        hook,
        f"{hook}deliveries/",
        f"{hook}deliveries/{delivery.id if delivery else 1}/",
    ):
        assert client.get(path).status_code == 404, path
    for path in (
        f"/inbox/views/{other.view.id}/delete/",
        f"/manage/canned/{other.action.id}/delete/",
        f"/manage/keys/{other.key.id}/disable/",
        f"/manage/mailboxes/{other.mailbox.id}/switch/",
        f"/manage/held/{other.mail.id}/decide/",
        f"{hook}switch/",
        f"{hook}delete/",
    ):
        assert client.post(path, {"do": "leave", "to": "off"}).status_code == 404, path


def test_what_belongs_to_another_category_cannot_be_drawn_into_ones_own_tickets(
    desk: SimpleNamespace, own: SimpleNamespace, anna: Any, sign_in: SignIn
) -> None:
    client = sign_in(anna)
    other = happen_elsewhere(desk)
    path = f"/inbox/ticket/{own.first.id}/"
    form = {"to": "anna@rollwerk.example", "subject": "Look", "attachment": str(other.file.id)}
    assert client.post(f"{path}forward/", form).status_code == 400
    assert client.post(f"{path}canned/", {"canned": other.action.id}).status_code == 404
    answer = client.post(f"{path}send/", {"mode": "reply", "reply": "Hello", "reply_canned": other.action.id})
    assert answer.status_code == 400
    assert WORD not in answer.content.decode()
    for update in (other.update.id, Update.objects.filter(ticket=other.ticket).earliest("id").id):
        for do in ("withdraw", "send-now"):
            assert client.post(f"{path}{do}/", {"update": update}).status_code == 404
    page = client.get(f"{path}news/?after=0").content.decode() + client.get(f"{path}?before=999999").content.decode()
    assert WORD not in page


def test_undo_does_not_reach_tickets_that_went_out_of_sight(
    desk: SimpleNamespace, own: SimpleNamespace, anna: Any, sign_in: SignIn
) -> None:
    client = sign_in(anna)
    client.post("/inbox/bulk/", {"do": f"priority:{desk.high.id}", "ticket": own.first.id})
    Ticket.objects.filter(id=own.first.id).update(category=desk.leasing, subject=f"Squeaking {WORD}")
    page = client.post("/inbox/undo/", follow=True).content.decode()
    own.first.refresh_from_db()
    assert own.first.priority_id == desk.high.id
    assert WORD not in page


def test_mails_to_staff_do_not_tell_of_tickets_they_may_not_see(desk: SimpleNamespace, anna: Any) -> None:
    """Also not those who subscribed, or were given the ticket, when they could see it."""
    now = datetime.now(UTC)
    ticket = factories.make_ticket(desk.lena, desk.leasing, now=now)
    Subscription.objects.create(ticket=ticket, staff=anna)
    Subscription.objects.create(ticket=ticket, staff=desk.kim)
    known = reference.current()
    Ticket.objects.filter(id=ticket.id).update(assignee=anna)
    OutboxEntry.objects.all().delete()
    reply = tickets.ContactReply(contact=desk.lena.id, message=compose("Hello?", ""))
    tickets.add_contact_reply(ticket.id, reply, reference=known, now=now)
    told = [address for entry in OutboxEntry.objects.all() for some in entry.recipients.values() for address in some]
    assert desk.kim.email in told
    assert anna.email not in told
