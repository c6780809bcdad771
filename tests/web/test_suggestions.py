"""What the search box offers while somebody types."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client

from reynard.desk.selectors import reference
from reynard.web import suggest
from tests import factories


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("sta", ["status:"]),
        ("brake pri", ["brake priority:"]),
        ("status:w", ["status:Waiting "]),
        ("status:Waiting assignee:no", ["status:Waiting assignee:none "]),
        ("assignee:pri", ['assignee:"Priya Raman" ']),
        ('assignee:"pri', ['assignee:"Priya Raman" ']),
        ("category:shop", ['category:"Repair workshop" ']),
        ("unresponded:", ["unresponded:true ", "unresponded:false "]),
        ("nonsense:x", []),
        ("", []),
    ],
)
def test_terms_and_values_are_completed(desk: SimpleNamespace, typed: str, offered: list[str]) -> None:
    assert [offer.query for offer in suggest.offers(typed, reference.current())] == offered


def test_tickets_that_match_are_offered_to_those_who_may_see_them(
    desk: SimpleNamespace, sign_in: Callable[..., Client]
) -> None:
    factories.make_ticket(desk.lena, desk.workshop, subject="Brake cable frayed")
    priya = sign_in(desk.priya).get("/inbox/suggest/", {"q": "brake"}).content.decode()
    assert "Brake cable frayed" in priya
    jonas = sign_in(desk.jonas).get("/inbox/suggest/", {"q": "brake"}).content.decode()
    assert "Brake cable frayed" not in jonas
    assert "Repair" not in sign_in(desk.jonas).get("/inbox/suggest/", {"q": "category:"}).content.decode()


@pytest.mark.parametrize("typed", ["<script>", '"', "x" * 600, "status:" * 60, "\x00"])
def test_anything_can_be_typed(desk: SimpleNamespace, sign_in: Callable[..., Client], typed: str) -> None:
    answer = sign_in(desk.priya).get("/inbox/suggest/", {"q": typed})
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode()
