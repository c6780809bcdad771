"""Categories, statuses, priorities, staff (reference.md) and custom-field definitions (custom-fields.md §1)."""

import pytest

from reynard.desk.models import Category, Role, Staff, Status
from reynard.desk.selectors import reference
from tests import factories


def both(api, plural, singular, ids):
    """The list; it must say what reading its elements one by one says."""
    listed = api.get(plural).json()
    assert [row["id"] for row in listed] == ids
    assert listed == [api.get(f"{singular}/{id}/").json() for id in ids]
    return listed


class TestCategories:
    def test_hidden_ones_are_listed_too_by_id(self, api, desk):
        described = factories.make_category(
            "Bike leasing", "BL", description="Fleets.", time_spent_mandatory=True, prepopulate_cc="XX"
        )
        usual = {"description": "", "public": True, "time_spent_mandatory": False, "prepopulate_cc": "AR"}

        listed = both(api, "categories/", "category", [desk.workshop.id, desk.office.id, described.id])

        assert listed == [
            {**usual, "id": desk.workshop.id, "name": "Repair workshop"},
            {**usual, "id": desk.office.id, "name": "Back office", "public": False},
            {
                "id": described.id,
                "name": "Bike leasing",
                "description": "Fleets.",
                "public": True,
                "time_spent_mandatory": True,
                "prepopulate_cc": "XX",
            },
        ]


class TestStatuses:
    def test_they_are_listed_by_order_then_id(self, api, desk):
        first = factories.make_status("Before all", order=-1)
        tie = factories.make_status("Also second", order=2)
        usual = {"color": "F2A900", "default": False, "behavior": "pending"}

        listed = both(api, "statuses/", "status", [first.id, desk.new.id, desk.waiting.id, tie.id, desk.closed.id])

        assert listed == [
            {**usual, "id": first.id, "name": "Before all", "order": -1},
            {**usual, "id": desk.new.id, "name": "New", "order": 1, "default": True},
            {**usual, "id": desk.waiting.id, "name": "Waiting", "order": 2},
            {**usual, "id": tie.id, "name": "Also second", "order": 2},
            {**usual, "id": desk.closed.id, "name": "Closed", "order": 3, "behavior": "completed"},
        ]


class TestPriorities:
    def test_they_are_listed_by_order_then_id(self, api, desk):
        first = factories.make_priority("Low", order=0)
        tie = factories.make_priority("Also high", order=2)

        listed = both(api, "priorities/", "priority", [first.id, desk.normal.id, desk.high.id, tie.id])

        assert listed == [
            {"id": first.id, "name": "Low", "order": 0, "default": False},
            {"id": desk.normal.id, "name": "Normal", "order": 1, "default": True},
            {"id": desk.high.id, "name": "High", "order": 2, "default": False},
            {"id": tie.id, "name": "Also high", "order": 2, "default": False},
        ]


class TestStaff:
    def test_those_who_left_stay_listed_by_id(self, api, desk):
        role = {"id": desk.priya.role_id, "name": "Workshop"}
        usual = {"active": True, "is_active": True, "is_account_admin": False, "role": role}
        usual |= {"permissions": ["web_reply", "close_tickets"]}

        listed = both(api, "staff/", "staff", [desk.priya.id, desk.jonas.id, desk.gone.id])

        assert listed == [
            {
                **usual,
                "id": desk.priya.id,
                "name": "Priya Raman",
                "email": "priya@rollwerk.example",
                "is_account_admin": True,
                "categories": [desk.workshop.id],
            },
            {
                **usual,
                "id": desk.jonas.id,
                "name": "Jonas Beck",
                "email": "jonas@rollwerk.example",
                "categories": [desk.office.id],
            },
            {
                **usual,
                "id": desk.gone.id,
                "name": "Gone Raman",
                "email": "gone@rollwerk.example",
                "active": False,
                "is_active": False,
                "categories": [desk.workshop.id],
            },
        ]

    def test_categories_are_in_order_and_a_role_without_permissions_has_none(self, api, desk):
        role = Role.objects.create(name="Guest")
        person = factories.make_staff("Ada", role=role)
        person.categories.set([desk.office, desk.workshop])
        reference.changed()

        read = api.get(f"staff/{person.id}/").json()

        assert read["categories"] == [desk.workshop.id, desk.office.id]
        assert (read["role"], read["permissions"]) == ({"id": role.id, "name": "Guest"}, [])

    def test_somebody_without_a_name_is_called_by_the_user_name(self, api, desk):
        person = factories.make_staff("", last_name="", username="root")

        assert api.get(f"staff/{person.id}/").json()["name"] == "root"

    @pytest.mark.parametrize(
        "spelling", ["priya@rollwerk.example", "PRIYA@Rollwerk.EXAMPLE", "priya%40rollwerk.example"]
    )
    def test_one_is_found_by_address_in_any_letter_case(self, api, desk, spelling):
        assert api.get(f"staff/{spelling}/").json() == api.get(f"staff/{desk.priya.id}/").json()

    def test_nothing_secret_is_told(self, api, desk):
        Staff.objects.update(password="the-hash")
        reference.changed()

        assert b"the-hash" not in api.get("staff/").content


class TestTicketFields:
    def test_each_says_where_it_is_what_it_demands_and_what_hangs_on_its_choices(self, api, desk):
        size = factories.make_field("Frame size", categories=[desk.office, desk.workshop], required=True)
        work = factories.make_field(
            "Services",
            "multiple_choice",
            categories=[desk.workshop],
            choices=("Tune-up", "Wheel truing"),
            compulsory_on_completed=True,
            order=-1,
        )
        tune_up, truing = work.choices.order_by("order")
        depends = {"categories": [desk.workshop], "depends_on_choice": truing}
        wheel = factories.make_field("Wheel", compulsory_on_move=True, **depends)
        spokes = factories.make_field("Spokes", "number", visible_to_staff_only=True, **depends)
        homeless = factories.make_field("Frame size", "date", categories=[])
        contact_field = factories.make_field("Member number")
        usual = {
            "required": False,
            "compulsory_on_completed": False,
            "compulsory_on_move": False,
            "depends_on_choice": None,
            "visible_to_staff_only": False,
            "choices": None,
        }
        here = [{"category": desk.workshop.id, "order": 0}]

        ids = [work.id, size.id, wheel.id, spokes.id, homeless.id]
        listed = both(api, "ticket_custom_fields/", "ticket_custom_field", ids)

        assert listed == [
            {
                **usual,
                "id": work.id,
                "name": "Services",
                "type": "multiple_choice",
                "compulsory_on_completed": True,
                "categories": here,
                "choices": [
                    {"id": tune_up.id, "text": "Tune-up", "dependant_fields": []},
                    {"id": truing.id, "text": "Wheel truing", "dependant_fields": [wheel.id, spokes.id]},
                ],
            },
            {
                **usual,
                "id": size.id,
                "name": "Frame size",
                "type": "text",
                "required": True,
                "categories": [
                    {"category": desk.workshop.id, "order": 1},
                    {"category": desk.office.id, "order": 0},
                ],
            },
            {
                **usual,
                "id": wheel.id,
                "name": "Wheel",
                "type": "text",
                "compulsory_on_move": True,
                "depends_on_choice": truing.id,
                "categories": here,
            },
            {
                **usual,
                "id": spokes.id,
                "name": "Spokes",
                "type": "number",
                "depends_on_choice": truing.id,
                "visible_to_staff_only": True,
                "categories": here,
            },
            {**usual, "id": homeless.id, "name": "Frame size", "type": "date", "categories": []},
        ]
        assert api.get(f"ticket_custom_field/{contact_field.id}/").status_code == 404

    def test_choices_are_in_their_order_and_an_empty_list_where_there_are_none_yet(self, api, desk):
        field = factories.make_field("Line", "choice", categories=[desk.workshop], choices=("B", "A"))
        field.choices.filter(text="B").update(order=5)
        empty = factories.make_field("Later", "choice", categories=[desk.workshop])
        reference.changed()

        assert [choice["text"] for choice in api.get(f"ticket_custom_field/{field.id}/").json()["choices"]] == [
            "A",
            "B",
        ]
        assert api.get(f"ticket_custom_field/{empty.id}/").json()["choices"] == []


class TestContactFields:
    def test_they_are_listed_by_order_then_id(self, api, desk):
        line = factories.make_field("Line", "choice", choices=("Cargo",), order=2, required=True)
        cargo = line.choices.get()
        load = factories.make_field("Load", "number", order=1, depends_on_choice=cargo, visible_to_staff_only=True)
        factories.make_field("Of tickets", categories=[desk.workshop])

        listed = both(api, "user_custom_fields/", "user_custom_field", [load.id, line.id])

        assert listed == [
            {
                "id": load.id,
                "name": "Load",
                "type": "number",
                "required": False,
                "depends_on_choice": cargo.id,
                "visible_to_staff_only": True,
                "order": 1,
                "choices": None,
            },
            {
                "id": line.id,
                "name": "Line",
                "type": "choice",
                "required": True,
                "depends_on_choice": None,
                "visible_to_staff_only": False,
                "order": 2,
                "choices": [{"id": cargo.id, "text": "Cargo", "dependant_fields": [load.id]}],
            },
        ]


@pytest.mark.parametrize("path", ["ticket_custom_fields/", "user_custom_fields/"])
def test_an_empty_list_is_a_list(api, path):
    assert api.get(path).json() == []


def test_lists_are_whole_whatever_page_is_asked_for(api, desk):
    for n in range(60):
        Category.objects.create(name=f"Category {n}", prefix="X")
    reference.changed()

    assert len(api.get("categories/?size=10&page=3").json()) == 62


def test_a_change_shows_at_once(api, desk):
    api.get("statuses/")
    Status.objects.filter(id=desk.new.id).update(name="Fresh")
    reference.changed()

    assert api.get("statuses/").json()[0]["name"] == "Fresh"
