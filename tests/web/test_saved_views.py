"""Saved views: their names, their order, and who may change which."""

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client

from reynard.desk.models import SavedView
from tests import factories

SignIn = Callable[..., Client]


@pytest.fixture
def views(desk: SimpleNamespace, sign_in: SignIn) -> SimpleNamespace:
    """Two shared views and two of Jonas's own, who may not share."""
    priya, jonas = sign_in(desk.priya), sign_in(desk.jonas)
    for name in ("Recall", "Fleet"):
        priya.post("/inbox/views/", {"name": name, "q": f"tag:{name}", "shared": "on"})
    for name in ("Brakes", "Chains"):
        jonas.post("/inbox/views/", {"name": name, "q": f"tag:{name}"})
    ids = dict(SavedView.objects.values_list("name", "id"))
    return SimpleNamespace(priya=priya, jonas=jonas, **ids)


def _in_rail(client: Client) -> list[str]:
    page = client.get("/inbox/").content.decode()
    rail = page[page.index('<div id="rail-views"') : page.index("rail-foot")]
    return re.findall(r'view=view-\d+"[^>]*>.*?<span class="truncate">([^<]*)<', rail)


def test_shared_views_stand_first_and_each_kind_in_its_order(views: SimpleNamespace) -> None:
    assert _in_rail(views.jonas) == ["Recall", "Fleet", "Brakes", "Chains"]
    assert _in_rail(views.priya) == ["Recall", "Fleet"]


def test_views_are_moved_among_their_kind_and_not_beyond_the_ends(views: SimpleNamespace) -> None:
    assert views.jonas.post(f"/inbox/views/{views.Chains}/", {"move": "up"})["Location"] == "/inbox/views/#theirs"
    assert _in_rail(views.jonas) == ["Recall", "Fleet", "Chains", "Brakes"]
    views.jonas.post(f"/inbox/views/{views.Chains}/", {"move": "up"})
    assert _in_rail(views.jonas) == ["Recall", "Fleet", "Chains", "Brakes"]
    views.priya.post(f"/inbox/views/{views.Recall}/", {"move": "down"})
    assert _in_rail(views.jonas) == ["Fleet", "Recall", "Chains", "Brakes"]


def test_a_view_is_renamed_unless_the_name_is_taken(views: SimpleNamespace) -> None:
    views.jonas.post(f"/inbox/views/{views.Brakes}/", {"name": "  Discs  and pads "})
    assert _in_rail(views.jonas) == ["Recall", "Fleet", "Discs and pads", "Chains"]
    answer = views.jonas.post(f"/inbox/views/{views.Brakes}/", {"name": "Chains"}, follow=True)
    assert "There is a view Chains already." in answer.content.decode()
    answer = views.jonas.post(f"/inbox/views/{views.Brakes}/", {"name": "x" * 61}, follow=True)
    assert "A name may have 60 characters." in answer.content.decode()
    assert _in_rail(views.jonas) == ["Recall", "Fleet", "Discs and pads", "Chains"]


@pytest.mark.parametrize("change", [{"name": "Mine now"}, {"move": "up"}])
def test_nobody_changes_views_of_others(views: SimpleNamespace, change: dict[str, str]) -> None:
    assert views.priya.post(f"/inbox/views/{views.Brakes}/", change).status_code == 404
    assert views.jonas.post(f"/inbox/views/{views.Fleet}/", change).status_code == 404
    assert views.jonas.post("/inbox/views/9999/", change).status_code == 404
    assert _in_rail(views.jonas) == ["Recall", "Fleet", "Brakes", "Chains"]


def test_the_page_of_views_offers_to_change_ones_own_only(views: SimpleNamespace) -> None:
    page = views.jonas.get("/inbox/views/").content.decode()
    assert f'action="/inbox/views/{views.Brakes}/"' in page
    assert f'action="/inbox/views/{views.Fleet}/"' not in page
    assert f'action="/inbox/views/{views.Fleet}/"' in views.priya.get("/inbox/views/").content.decode()


def test_counts_in_the_rail_follow_what_happens(desk: SimpleNamespace, views: SimpleNamespace) -> None:
    factories.make_ticket(desk.lena, desk.workshop, tags=["Fleet"])
    known = {"HX-Request": "true"}
    page = views.priya.get("/inbox/", headers=known).content.decode()
    assert 'Fleet</span><span class="n">1</span>' in page
    assert 'Fleet</span><span class="n">' not in views.jonas.get("/inbox/", headers=known).content.decode()
