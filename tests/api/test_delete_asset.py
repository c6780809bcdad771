"""DELETE asset/<id>/ (assets.md §3, A-03)."""

import pytest

from reynard.desk.models import Asset, AssetContact, AssetType, Contact
from tests import factories
from tests.api.assets import MAY_NOT, give, make_fleet
from tests.api.writing import NOT_A_CHOICE, REQUIRED, everything, shape_l


@pytest.fixture
def fleet(desk):
    return make_fleet(desk)


@pytest.fixture
def asset(desk, fleet):
    return factories.make_asset(fleet.bikes, desk.priya, contact_ids=[desk.lena.id])


def test_it_is_gone_with_its_links_and_the_answer_says_so(api, desk, fleet, asset):
    other = factories.make_asset(fleet.bikes, desk.priya, "CB-005")

    answer = api.delete(f"asset/{asset.id}/?deleted_by={desk.jonas.id}")

    assert (answer.status_code, answer.json()) == (200, {"message": "Asset deleted", "id": asset.id})
    assert api.get(f"asset/{asset.id}/").status_code == 404
    assert [row["id"] for row in api.get("assets/").json()["data"]] == [other.id]
    assert api.get("assets/").json()["page_info"]["last_index"] == 1
    assert (AssetContact.objects.count(), Contact.objects.count()) == (0, 2)


@pytest.mark.parametrize(
    ("format", "words"),
    [("yaml", b"message: Asset deleted\nid: "), ("xml", b"<message>Asset deleted</message><id>")],
)
def test_the_answer_comes_in_every_format(api, desk, asset, format, words):
    answer = api.delete(f"asset/{asset.id}/?deleted_by={desk.jonas.id}", format=format)

    assert (answer.status_code, words in answer.content) == (200, True)


def test_a_second_time_it_is_404(api, desk, asset):
    statuses = [api.delete(f"asset/{asset.id}/?deleted_by={desk.jonas.id}").status_code for _ in range(3)]

    assert statuses == [200, 404, 404]
    assert AssetType.objects.order_by("id").first().assets_count == 0


def test_its_display_id_is_free_again(api, desk, fleet, asset):
    api.delete(f"asset/{asset.id}/?deleted_by={desk.jonas.id}")

    assert factories.make_asset(fleet.tools, desk.priya, asset.display_id)


def test_who_deletes_stands_in_the_address(api, desk, asset):
    before = everything()
    headers = {"Authorization": api.authorization}

    answers = [
        api.delete(f"asset/{asset.id}/"),
        api.delete(f"asset/{asset.id}/?deleted_by="),
        api.client.delete(
            f"/api/1.1/json/asset/{asset.id}/",
            {"deleted_by": desk.jonas.id},
            content_type="application/json",
            headers=headers,
        ),
    ]

    for answer in answers:
        assert (answer.status_code, answer.json()) == (400, shape_l({"deleted_by": REQUIRED}))
    assert everything() == before


@pytest.mark.parametrize("id", ["999", "0", "x", "1%00", "-1", "9" * 30])
def test_it_must_be_somebody_who_is_there(api, asset, id):
    answer = api.delete(f"asset/{asset.id}/?deleted_by={id}")

    assert (answer.status_code, answer.json()) == (400, shape_l({"deleted_by": NOT_A_CHOICE}))
    assert Asset.objects.count() == 1


def test_and_who_may_manage_assets(api, desk, asset):
    give(desk.jonas, "manage_contacts")

    refused = [api.delete(f"asset/{asset.id}/?deleted_by={person.id}") for person in (desk.jonas, desk.gone)]

    assert [answer.json() for answer in refused] == [
        shape_l({"deleted_by": MAY_NOT}),
        shape_l({"deleted_by": NOT_A_CHOICE}),
    ]
    assert api.delete(f"asset/{asset.id}/?deleted_by={desk.priya.id}").status_code == 200, "account admins may"


def test_a_repeated_request_gets_the_first_answer(api, desk, asset):
    path = f"asset/{asset.id}/?deleted_by={desk.jonas.id}"

    first, again = (api.delete(path, Idempotency_Key="k") for _ in range(2))

    assert (again.status_code, again.content, again["Idempotency-Replayed"]) == (200, first.content, "true")
    assert api.delete(f"asset/{asset.id}/?deleted_by={desk.priya.id}", Idempotency_Key="k").status_code == 409
