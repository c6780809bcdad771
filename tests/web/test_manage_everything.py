"""What is set up once: saved through the actions of the desk, and refused as they refuse."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from reynard.desk.models import (
    Category,
    ContactGroup,
    CustomField,
    CustomFieldChoice,
    MailTemplate,
    Priority,
    Role,
    SlaPolicy,
    Staff,
    Status,
    WorkSchedule,
)
from reynard.desk.selectors import reference
from tests import factories

SignIn = Callable[..., Client]
NO_CHOICES = {"choices-TOTAL_FORMS": "0", "choices-INITIAL_FORMS": "0"}


def _add(client: Client, model: str, **form: Any) -> tuple[int, str]:
    answer = client.post(f"/manage/all/desk/{model}/add/", form)
    return answer.status_code, answer.content.decode()


def _change(client: Client, row: Any, **form: Any) -> tuple[int, str]:
    answer = client.post(f"/manage/all/desk/{row._meta.model_name}/{row.pk}/change/", form)
    return answer.status_code, answer.content.decode()


CATEGORY = {"name": "Rentals", "ticket_prefix": "RE", "public": "on", "plus_addressing": ""}


def test_a_category_is_added_and_known_at_once(priya: Client, desk: SimpleNamespace) -> None:
    before = reference.current().version
    assert _add(priya, "category", **CATEGORY, from_name="Rentals", from_address="rent@rollwerk.example")[0] == 302
    added = Category.objects.get(name="Rentals")
    assert (added.prefix, added.public, added.mail_from_address) == ("RE", True, "rent@rollwerk.example")
    assert reference.current().version != before
    assert added.id in reference.current().categories


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"ticket_prefix": "R3"}, "A prefix is one to eight letters"),
        ({"name": ""}, "This field is required."),
        ({"from_address": "nowhere"}, "Enter a valid email address: nowhere is none."),
    ],
)
def test_what_the_action_refuses_is_said_and_nothing_is_changed(
    priya: Client, desk: SimpleNamespace, form: dict[str, str], said: str
) -> None:
    before = reference.current().version
    status, page = _change(priya, desk.workshop, **{**CATEGORY, **form})
    assert status == 200
    assert said in page
    desk.workshop.refresh_from_db()
    assert desk.workshop.name == "Repair workshop"
    assert reference.current().version == before
    assert not LogEntry.objects.exists()


def test_a_change_is_logged_with_who_made_it(priya: Client, desk: SimpleNamespace) -> None:
    _change(priya, desk.workshop, **CATEGORY)
    entry = LogEntry.objects.get()
    assert entry.user == desk.priya
    assert "Name" in entry.get_change_message()
    history = priya.get(f"/manage/all/desk/category/{desk.workshop.id}/history/").content.decode()
    assert desk.priya.username in history


def test_there_is_always_one_status_for_new_tickets(priya: Client, desk: SimpleNamespace) -> None:
    form = {"name": "Arrived", "behavior": "pending", "color": "#00ff7f", "order": "0", "is_default": "on"}
    assert _add(priya, "status", **form)[0] == 302
    arrived = Status.objects.get(is_default=True)
    assert (arrived.name, arrived.color) == ("Arrived", "00FF7F")
    status, page = _change(priya, arrived, name="Arrived", color="#00ff7f", order="0")
    assert (status, "There must be a default." in page) == (200, True)
    form = {"name": "Shut", "behavior": "completed", "color": "#00ff7f", "order": "0", "is_default": "on"}
    assert "New tickets would be done" in _add(priya, "status", **form)[1]
    assert Status.objects.get(is_default=True) == arrived


def test_what_a_status_means_stays(priya: Client, desk: SimpleNamespace) -> None:
    _change(priya, desk.closed, name="Shut", behavior="pending", color="#00ff7f", order="3")
    desk.closed.refresh_from_db()
    assert (desk.closed.name, desk.closed.behavior) == ("Shut", "completed")


def test_priorities_hand_over_the_default(priya: Client, desk: SimpleNamespace) -> None:
    assert _change(priya, desk.high, name="High", order="2", is_default="on")[0] == 302
    assert [row.name for row in Priority.objects.filter(is_default=True)] == ["High"]


@pytest.mark.parametrize("model", ["category", "status", "priority", "staff", "customfield"])
def test_what_tickets_refer_to_cannot_be_deleted(priya: Client, desk: SimpleNamespace, model: str) -> None:
    rows = {"category": desk.workshop, "status": desk.new, "priority": desk.normal, "staff": desk.jonas}
    row = rows.get(model) or factories.make_field("Frame number", categories=[desk.workshop])
    address = f"/manage/all/desk/{model}/{row.pk}/delete/"
    assert priya.get(address).status_code == 403
    assert priya.post(address, {"post": "yes"}).status_code == 403
    assert type(row).objects.filter(pk=row.pk).exists()


# --- custom fields

FIELD = {"kind": "ticket", "name": "Service", "type": "choice", "order": "3"}


def _choices(*texts: str, ids: tuple[int, ...] = (), field: int | str = "") -> dict[str, str]:
    form = {"choices-TOTAL_FORMS": str(len(texts)), "choices-INITIAL_FORMS": str(len(ids))}
    for number, text in enumerate(texts):
        form |= {f"choices-{number}-text": text, f"choices-{number}-order": str(number) if text else ""}
        form |= {f"choices-{number}-id": str(ids[number]) if number < len(ids) else ""}
        form |= {f"choices-{number}-field": str(field)}
    return form


def test_a_field_is_added_with_its_choices_and_its_categories(priya: Client, desk: SimpleNamespace) -> None:
    status, page = _add(priya, "customfield", **FIELD, categories=[desk.workshop.id], **_choices("Repair", "Check", ""))
    assert status == 302, page
    field = next(iter(reference.current().ticket_fields.values()))
    assert [choice.text for choice in field.choices.values()] == ["Repair", "Check"]
    assert field.categories == {desk.workshop.id: 3}


def test_choices_are_renamed_moved_and_taken_away_without_touching_tickets(
    priya: Client, desk: SimpleNamespace
) -> None:
    field = factories.make_field("Service", "choice", categories=[desk.workshop], choices=("Repair", "Check", "Other"))
    repair, check, other = field.choices.order_by("order")
    form = _choices("Mending", "Check", "Other", ids=(repair.id, check.id, other.id), field=field.id)
    form |= {"choices-0-order": "9", "choices-2-DELETE": "on"}
    assert _change(priya, field, **FIELD, categories=[desk.workshop.id], **form)[0] == 302
    present = reference.current().ticket_fields[field.id].choices
    assert [(choice.id, choice.text) for choice in present.values()] == [(check.id, "Check"), (repair.id, "Mending")]


def test_only_fields_of_choices_have_choices(priya: Client, desk: SimpleNamespace) -> None:
    _status, page = _add(priya, "customfield", **{**FIELD, "type": "text"}, **_choices("Repair"))
    assert "Only fields of choices have choices." in page
    assert not CustomField.objects.exists()


def test_a_field_cannot_come_to_depend_on_itself(priya: Client, desk: SimpleNamespace) -> None:
    first = factories.make_field("First", "choice", categories=[desk.workshop], choices=("Yes",))
    second = factories.make_field(
        "Second", "choice", categories=[desk.workshop], choices=("Yes",), depends_on_choice=first.choices.get()
    )
    choice = CustomFieldChoice.objects.get(field=second)
    own = _choices("Yes", ids=(first.choices.get().id,), field=first.id)
    status, page = _change(priya, first, **FIELD, depends_on_choice=choice.id, **own)
    assert status == 200
    assert "would depend on itself" in page


def test_fields_of_contacts_have_choices_too(priya: Client, desk: SimpleNamespace) -> None:
    form = {**FIELD, "kind": "contact", "name": "Size", "categories": [desk.workshop.id]}
    assert _add(priya, "customfield", **form, **_choices("S", "M"))[0] == 302
    field = next(iter(reference.current().contact_fields.values()))
    assert [choice.text for choice in field.choices.values()] == ["S", "M"]
    assert field.categories == {}


# --- people

PERSON = {"first_name": "Emil", "last_name": "Lind", "email": "emil@rollwerk.example", "username": ""}


def test_staff_are_added_and_sign_in_with_the_password_they_were_given(
    priya: Client, desk: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    password = "seven wet bicycles"
    form = {**PERSON, "role": desk.priya.role_id, "categories": [desk.workshop.id], "password": password}
    assert _add(priya, "staff", **form)[0] == 302
    emil = Staff.objects.get(email="emil@rollwerk.example")
    assert reference.current().staff[emil.id].category_ids == (desk.workshop.id,)
    assert Client().post("/login/", {"login": emil.email, "password": password})["Location"] == "/inbox/"
    page = priya.get(f"/manage/all/desk/staff/{emil.id}/change/").content.decode()
    assert password not in page
    assert emil.password not in page
    assert password not in str(LogEntry.objects.values()) + caplog.text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"password": "short"}, "This password is too short"),
        ({"email": "JONAS@rollwerk.example"}, "Somebody else has this address or user name."),
        ({"username": "jonas@rollwerk.example"}, "Somebody else has this address or user name."),
        ({"role": "999"}, "Select a valid choice"),
    ],
)
def test_staff_that_cannot_be_are_refused(
    priya: Client, desk: SimpleNamespace, form: dict[str, str], said: str
) -> None:
    status, page = _add(priya, "staff", **{**PERSON, "role": desk.priya.role_id, **form})
    assert status == 200
    assert said in page
    assert Staff.objects.count() == 3


def _as_is(person: Staff) -> dict[str, Any]:
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "username": person.username,
        "role": person.role_id,
        "active": "on",
    }


def test_the_last_account_admin_stays_one(priya: Client, desk: SimpleNamespace) -> None:
    status, page = _change(priya, desk.priya, **_as_is(desk.priya))
    assert (status, "Nobody would be left to set up this desk." in page) == (200, True)
    assert _change(priya, desk.jonas, **_as_is(desk.jonas), is_account_admin="on")[0] == 302
    assert _change(priya, desk.priya, **_as_is(desk.priya))[0] == 302
    assert priya.get("/manage/all/desk/staff/").status_code == 403


def test_who_does_not_work_here_any_more_is_out_at_once(priya: Client, desk: SimpleNamespace, sign_in: SignIn) -> None:
    jonas = sign_in(desk.jonas)
    desk.jonas.refresh_from_db()
    form = _as_is(desk.jonas)
    del form["active"]
    assert _change(priya, desk.jonas, **form)[0] == 302
    assert jonas.get("/inbox/")["Location"].startswith("/login/")


def test_a_role_changes_what_its_people_may_and_goes_when_nobody_has_it(priya: Client, desk: SimpleNamespace) -> None:
    role = desk.priya.role
    assert _change(priya, role, name="Workshop", permissions=["web_reply", "manage_assets"])[0] == 302
    assert reference.current().staff[desk.jonas.id].permissions == ("web_reply", "manage_assets")
    priya.post(f"/manage/all/desk/role/{role.id}/delete/", {"post": "yes"})
    assert Role.objects.filter(id=role.id).exists()

    assert "is not one of the available choices" in _add(priya, "role", name="Fly", permissions=["fly"])[1]
    assert "There is one with this name already." in _add(priya, "role", name="Workshop")[1]
    assert _add(priya, "role", name="Guests")[0] == 302
    guests = Role.objects.get(name="Guests")
    assert priya.post(f"/manage/all/desk/role/{guests.id}/delete/", {"post": "yes"}).status_code == 302
    assert not Role.objects.filter(id=guests.id).exists()


def test_contact_groups_keep_their_domains_where_new_contacts_find_them(priya: Client, desk: SimpleNamespace) -> None:
    assert _add(priya, "contactgroup", name="Fleet", domains="@Fleet.example, couriers.example")[0] == 302
    group = ContactGroup.objects.get()
    assert factories.make_contact("Ida", "ida@fleet.example").groups.get() == group
    assert _change(priya, group, name="Fleet", domains="couriers.example")[0] == 302
    assert not factories.make_contact("Ole", "ole@fleet.example").groups.exists()
    assert "Another contact group has this name." in _add(priya, "contactgroup", name="Fleet")[1]


# --- promised times, words of mails

HOURS = {"name": "Office", "time_zone": "Europe/Berlin", "monday": "09:00-12:30, 13:00-17:00", "holidays": "2026-12-25"}
PROMISE = {"name": "First answer", "objective": "first_response", "within": "1h 30m", "target": "95"}


def test_working_hours_and_promises_are_set_up(priya: Client, desk: SimpleNamespace) -> None:
    assert _add(priya, "workschedule", **HOURS)[0] == 302
    schedule = WorkSchedule.objects.get()
    assert schedule.hours == {"monday": ["09:00-12:30", "13:00-17:00"]}
    form = {**PROMISE, "schedule": "Office", "active": "on", "categories": [desk.workshop.id], "condition": "tag:vip"}
    assert _add(priya, "slapolicy", **form)[0] == 302
    policy = next(iter(reference.current().sla_policies.values()))
    assert (policy.terms.seconds, policy.condition) == (5400, "tag:vip")
    page = priya.get(f"/manage/all/desk/slapolicy/{policy.id}/change/").content.decode()
    assert 'value="1h 30m"' in page


@pytest.mark.parametrize(
    ("model", "form", "said"),
    [
        ("workschedule", {**HOURS, "monday": "17:00-09:00"}, "ends before it begins"),
        ("workschedule", {**HOURS, "time_zone": "Berlin"}, "There is no time zone Berlin"),
        ("workschedule", {**HOURS, "holidays": "Christmas"}, "Christmas"),
        ("slapolicy", {**PROMISE, "schedule": "Office", "within": "soon"}, "like 4h, 30m or 1h 30m"),
        ("slapolicy", {**PROMISE, "schedule": "Office", "target": "120"}, "Give a percentage from 0 to 100."),
        ("slapolicy", {**PROMISE, "schedule": "Office", "objective": "status"}, "Which status is to be reached?"),
    ],
)
def test_promises_that_cannot_be_are_refused(
    priya: Client, desk: SimpleNamespace, model: str, form: dict[str, Any], said: str
) -> None:
    WorkSchedule.objects.create(name="Office", time_zone="UTC", hours={"monday": ["09:00-17:00"]})
    status, page = _add(priya, model, **{**form, "name": "Another"})
    assert status == 200
    assert said in page
    assert (WorkSchedule.objects.count(), SlaPolicy.objects.count()) == (1, 0)


def test_words_of_mails_are_checked_kept_and_given_back(priya: Client, desk: SimpleNamespace) -> None:
    page = priya.get("/manage/all/desk/mailtemplate/add/?kind=acknowledgement").content.decode()
    assert "We have received your request" in page
    bad = _add(priya, "mailtemplate", kind="acknowledgement", text="Subject: Hello\n\n{{nonsense}}")[1]
    assert "There is no field {{nonsense}}" in bad
    text = "Subject: Hello\r\n\r\nWe have {{ticket.id}}.\r\n"
    assert _add(priya, "mailtemplate", kind="acknowledgement", text=text)[0] == 302
    assert reference.current().mail_templates["acknowledgement"] == "Subject: Hello\n\nWe have {{ticket.id}}.\n"
    priya.post("/manage/all/desk/mailtemplate/acknowledgement/delete/", {"post": "yes"})
    assert not MailTemplate.objects.exists()
    assert "We have received" in reference.current().mail_templates["acknowledgement"]


def test_signing_in_and_out_is_done_at_one_place_only(priya: Client) -> None:
    for address in ("login", "logout", "password_change"):
        assert priya.get(f"/manage/all/{address}/").status_code == 404
    assert Client().get("/manage/all/desk/role/")["Location"] == "/login/?next=/manage/all/desk/role/"
