"""Merging tickets by hand: from the list, from a ticket, and back."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client

from reynard.desk.models import Role, Ticket, Update
from tests import factories

SignIn = Callable[..., Client]


@pytest.fixture
def two(desk: SimpleNamespace) -> list[Ticket]:
    return [factories.make_ticket(desk.lena, desk.workshop, subject=subject) for subject in ("Brakes", "Hub gear")]


def _merged_to(*tickets: Ticket) -> list[int | None]:
    return [Ticket.objects.values_list("merged_to_id", flat=True).get(id=ticket.id) for ticket in tickets]


def test_selected_tickets_are_merged_and_that_is_undone(two: list[Ticket], priya: Client) -> None:
    stays, goes = two
    assert 'value="merge:"' in priya.get("/inbox/").content.decode()
    form = {"do": "merge:", "ticket": [stays.id, goes.id], "back": "/inbox/?view=mine"}
    page = priya.post("/inbox/bulk/", form, follow=True).content.decode()
    for said in ("Which ticket stays?", "Brakes", "Hub gear", "/inbox/?view=mine", "You can undo this."):
        assert said in page
    assert _merged_to(*two) == [None, None]
    answer = priya.post("/inbox/merge/", {"ticket": [stays.id, goes.id], "into": stays.id})
    assert answer["Location"] == f"/inbox/ticket/{stays.id}/"
    assert _merged_to(*two) == [None, stays.id]
    page = priya.get(answer["Location"]).content.decode()
    assert f"1 ticket is merged into #{stays.id}." in page
    assert f'merged <a href="/inbox/ticket/{goes.id}/">#{goes.id}</a> into this' in page
    assert "Merged into this ticket:" in page
    page = priya.get(f"/inbox/ticket/{goes.id}/").content.decode()
    assert "This ticket was merged into" in page
    assert "Undo merge" in page
    priya.post("/inbox/undo/")
    assert _merged_to(*two) == [None, None]
    assert (
        f'took this ticket out of <a href="/inbox/ticket/{stays.id}/">'
        in priya.get(f"/inbox/ticket/{goes.id}/").content.decode()
    )


def test_one_ticket_goes_into_another_by_its_number(desk: SimpleNamespace, two: list[Ticket], priya: Client) -> None:
    address = f"/inbox/merge/?ticket={two[1].id}"
    assert "data-merge" in priya.get(f"/inbox/ticket/{two[1].id}/").content.decode()
    page = priya.get(address).content.decode()
    assert "goes into another ticket" in page
    assert "Brakes" in page  # another ticket of the contact
    priya.post("/inbox/merge/", {"ticket": two[1].id, "other": f"#RW{two[0].id:08d}"})
    assert _merged_to(*two) == [None, two[0].id]
    priya.post(f"/inbox/ticket/{two[1].id}/unmerge/")
    assert _merged_to(*two) == [None, None]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({}, "Say which ticket stays"),
        ({"other": "the first"}, "Say which ticket stays"),
        ({"other": "999999"}, "There is no ticket #999999."),
    ],
)
def test_an_answer_that_makes_no_sense_is_asked_again(
    two: list[Ticket], priya: Client, answer: dict[str, str], sentence: str
) -> None:
    shown = priya.post("/inbox/merge/", {"ticket": two[0].id, **answer})
    assert shown.status_code == 400
    page = shown.content.decode()
    assert sentence in page
    assert f'value="{answer.get("other", "")}"' in page
    assert _merged_to(*two) == [None, None]


def test_an_agent_of_another_category_sees_and_merges_nothing(
    desk: SimpleNamespace, two: list[Ticket], sign_in: SignIn
) -> None:
    role = Role.objects.create(name="Merger", permissions=["merge_tickets"])
    own = factories.make_ticket(desk.lena, desk.workshop, subject="Secret")
    Ticket.objects.filter(id=own.id).update(category_id=desk.office.id)
    ken = sign_in(factories.make_staff("Ken", desk.office, role=role))
    assert ken.get(f"/inbox/merge/?ticket={two[0].id}").status_code == 404
    page = ken.get(f"/inbox/merge/?ticket={own.id}&ticket={two[0].id}").content.decode()
    assert "Secret" in page
    assert "Brakes" not in page
    assert "Hub gear" not in page
    before = Update.objects.count()
    assert ken.post("/inbox/merge/", {"ticket": two[0].id, "into": own.id}).status_code == 404
    assert ken.post("/inbox/merge/", {"ticket": own.id, "other": two[0].id}).status_code == 400
    assert ken.post(f"/inbox/ticket/{two[0].id}/unmerge/").status_code == 404
    assert Update.objects.count() == before


def test_where_a_ticket_went_is_a_number_to_those_who_may_not_see_it(
    desk: SimpleNamespace, two: list[Ticket], priya: Client, sign_in: SignIn
) -> None:
    Ticket.objects.filter(id=two[1].id).update(category_id=desk.office.id)
    priya.post("/inbox/merge/", {"ticket": two[1].id, "other": two[0].id})
    page = sign_in(desk.jonas).get(f"/inbox/ticket/{two[1].id}/").content.decode()
    assert f"This ticket was merged into #{two[0].id}." in page
    assert "Brakes" not in page


def test_deleting_names_no_tickets_of_other_categories(
    desk: SimpleNamespace, two: list[Ticket], sign_in: SignIn
) -> None:
    page = sign_in(desk.jonas).post("/inbox/bulk/", {"do": "delete:", "ticket": two[0].id}).content.decode()
    assert "Brakes" not in page


def test_merging_without_the_permission_is_refused_in_words(
    desk: SimpleNamespace, two: list[Ticket], sign_in: SignIn
) -> None:
    ken = sign_in(factories.make_staff("Ken", desk.workshop))
    shown = ken.post("/inbox/merge/", {"ticket": two[0].id, "other": two[1].id})
    assert shown.status_code == 400
    assert "has no merge_tickets" in shown.content.decode()
    assert _merged_to(*two) == [None, None]
