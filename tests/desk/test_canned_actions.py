"""Texts of canned actions: what people wrote comes into them as plain text."""

import html
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reynard.desk.actions import canned_actions
from reynard.desk.actions.canned_actions import GivenCannedAction
from reynard.desk.errors import Invalid, NotFound
from reynard.desk.models import CannedAction
from reynard.desk.rules import canned_actions as rules
from reynard.desk.rules.markdown import to_html
from reynard.desk.rules.placeholders import BadTemplate
from reynard.desk.selectors import canned_actions as found
from reynard.desk.selectors import reference
from tests import factories

_MARKDOWN = st.text(alphabet=st.sampled_from(list("ab1 _*`[](){}<>!#+-=.~|&;\\:/\"'\n\t")), max_size=40)


@given(_MARKDOWN | st.text(max_size=40))
def test_a_value_shows_exactly_as_it_is_wherever_it_stands(value: str) -> None:
    shown = " ".join(value.replace("\x00", "\ufffd").split())
    expected = f"<p>{html.escape(shown, quote=False).replace(chr(34), '&quot;')}</p>\n" if shown else ""
    assert to_html(rules.plain(value.replace("\x00", "\ufffd"))) == expected
    inside = to_html(f"Hello {rules.plain(value.replace(chr(0), chr(0xFFFD)))} there")
    assert inside == f"<p>Hello {html.escape(shown, quote=False).replace(chr(34), '&quot;')} there</p>\n" or not shown


@pytest.mark.parametrize("value", ["Lena Ortiz", "O'Brien-Smith", "snake_case_name", "50% & more!", "#4711", "3.5 bar"])
def test_ordinary_values_stay_as_people_write_them(value: str) -> None:
    assert rules.plain(value) == value


def test_what_people_write_is_never_taken_for_a_template(desk: SimpleNamespace) -> None:
    contact = factories.make_contact("{{staff.name}} {{ticket.id}}", "braces@example.org")
    ticket = factories.make_ticket(contact, desk.workshop, subject="[Win](http://evil.example) {{contact.name}}")
    action = CannedAction(text="Hello {{contact.first_name}}, {{ ticket.subject }} is {{ticket.id}}. {{staff.name}}")
    person = reference.current().staff[desk.priya.id]
    text = found.text_for(action, ticket, person, reference.current())
    subject = r"\[Win\](http://evil.example) {{contact.name}}"
    assert text == f"Hello {{{{staff.name}}}}, {subject} is #RW{ticket.id:08}. Priya Raman"


@pytest.mark.parametrize("text", ["{{contact.email}}", "{{contact.__class__}}", "{{ 1+1 }}", "{{", "{% load x %}{{x}}"])
def test_a_text_with_another_field_is_refused(text: str) -> None:
    with pytest.raises(BadTemplate):
        rules.check(text)


def _save(**given: object) -> CannedAction:
    return canned_actions.save(GivenCannedAction(**given), reference=reference.current())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "ready"}, "name"),
        ({"name": "Empty", "text": " "}, "text"),
        ({"text": "{{nobody.knows}}"}, "text"),
        ({"status": 999}, "status"),
        ({"priority": 999}, "priority"),
        ({"assigns": "all"}, "assigns"),
        ({"assigns": "person"}, "assignee"),
        ({"assigns": "me", "assignee": 1}, "assignee"),
        ({"assigns": "person", "assignee": 999}, "assignee"),
        ({"categories": [999]}, "categories"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(
    desk: SimpleNamespace, given: dict[str, object], field: str
) -> None:
    _save(name="ready", text="Ready.")
    with pytest.raises(Invalid) as refused:
        _save(**{"name": "Another", "text": "Text.", **given})
    assert [name for name, _ in refused.value.problems.items()] == [field]
    assert CannedAction.objects.count() == 1


def test_those_that_fit_a_ticket_are_found_the_most_used_first(desk: SimpleNamespace) -> None:
    everywhere = _save(name="Thanks", text="Thank you.")
    workshop = _save(name="Ready", text="Your bicycle is ready.", categories=[desk.workshop.id])
    both = _save(name="Both", text="x", categories=[desk.workshop.id, desk.office.id])
    _save(name="Office only", text="x", categories=[desk.office.id])
    canned_actions.count_use(workshop.id)
    assert found.fitting(desk.workshop.id, "", limit=9) == [workshop, both, everywhere]
    assert found.fitting(desk.workshop.id, "BICYCLE rea", limit=9) == [workshop]
    assert found.fitting(desk.workshop.id, "%", limit=9) == []
    assert found.fits(both.id, desk.office.id) == both
    assert found.fits(workshop.id, desk.office.id) is None


def test_who_is_limited_to_categories_changes_what_is_for_these_alone(desk: SimpleNamespace) -> None:
    limited = reference.current().limited_to(frozenset({desk.office.id}))
    everywhere = _save(name="Thanks", text="Thank you.")
    both = _save(name="Both", text="x", categories=[desk.workshop.id, desk.office.id])
    _save(name="Workshop only", text="x", categories=[desk.workshop.id])
    own = _save(name="Own", text="x", categories=[desk.office.id])
    assert found.everything(limited) == [both, own, everywhere]
    for action in (everywhere, both):
        with pytest.raises(NotFound):
            canned_actions.delete(action.id, reference=limited)
    for categories in ([], [desk.workshop.id]):
        with pytest.raises(Invalid):
            canned_actions.save(GivenCannedAction(name="New", text="x", categories=categories), reference=limited)
    canned_actions.delete(own.id, reference=limited)
    assert CannedAction.objects.count() == 3


@given(_MARKDOWN)
def test_a_value_on_a_line_of_its_own_makes_no_heading_or_list(value: str) -> None:
    shown = html.escape(" ".join(value.split()), quote=False).replace('"', "&quot;")
    assert to_html(f"Hello\n{rules.plain(value)}") == (f"<p>Hello\n{shown}</p>\n" if shown else "<p>Hello</p>\n")
