"""Custom fields in a search (tickets.md §3.2): every type, of tickets and of contacts."""

import pytest

from reynard.desk.selectors import reference
from tests import factories
from tests.api.searching import cases, check


class TestCustomFields:
    @pytest.fixture
    def tickets(self, desk):
        """`one` and `two` have values of each type, `none` has none."""
        choices = ("Cargo", "City", "Zürich, blue")
        fields = {
            "frame": factories.make_field("Frame size", categories=[desk.workshop]),
            "colour": factories.make_field("Colour", categories=[desk.workshop]),
            "price": factories.make_field("Price", "number", categories=[desk.workshop]),
            "line": factories.make_field("Product line", "choice", choices=choices, categories=[desk.workshop]),
            "jobs": factories.make_field(
                "Services", "multiple_choice", choices=("Tune-up", "Wheel truing", "Wash"), categories=[desk.workshop]
            ),
            "bought": factories.make_field("Purchase date", "date", categories=[desk.workshop]),
            "status": factories.make_field("Status", categories=[desk.workshop]),
            "priority": factories.make_field("priority", categories=[desk.workshop]),
        }

        def ticket(contact, **values):
            custom = {fields[name].id: value for name, value in values.items()}
            return factories.make_ticket(contact, desk.workshop, subject="Bicycle", text="Look.", custom_values=custom)

        one = ticket(
            self._contacts(desk),
            frame="54",
            colour="Größe",
            price=300,
            line="Cargo",
            jobs=["Tune-up", "Wash"],
            bought="2026-02-14",
            status="New",
            priority="Low",
        )
        two = ticket(
            desk.stranger,
            frame="54 cm",
            colour="red",
            price=2.5,
            line="Zürich, blue",
            jobs=["Wheel truing"],
            bought="2026-02-15",
            status="Sent",
        )
        return {"one": one, "two": two, "none": ticket(desk.stranger)}

    @staticmethod
    def _contacts(desk):
        """A contact with a value of each type, unlike `sam`, whom the others belong to."""
        member = factories.make_field("Member number")
        age = factories.make_field("Age", "number")
        country = factories.make_field("Country", "choice", choices=("Finland", "Germany"))
        likes = factories.make_field("Likes", "multiple_choice", choices=("Mud", "Rain"))
        born = factories.make_field("Born", "date")
        colour = factories.make_field("Colour")
        germany = country.choices.get(text="Germany").id
        rain = likes.choices.get(text="Rain").id
        values = {born: "1990-12-31", age: 35, member: "M-7", country: germany, likes: [rain], colour: "green"}
        stored = {str(field.id): value for field, value in values.items()}
        return factories.make_contact("Aino", "aino@example.org", custom_values=stored)

    @cases(
        {
            # text: the whole value, in any letter case
            '"Frame size":"54"': "one",
            '"frame SIZE":54': "one",
            '"Frame size":"54 CM"': "two",
            '"Frame size":"5"': "",
            '"Frame size":"54","54 cm"': "one two",
            '"Frame size": "54"': "one",
            "“Frame size”:“54”": "one",
            '"Frame size":"54" "Frame size":"54 cm"': "",
            '"Frame+size":"54"': "",
            "Colour:größe": "one",
            "colour:GRÖßE": "one",
            '"Colour":"red"': "two",
            'Colour:"%"': "",
            # number: numeric equality
            "Price:300": "one",
            'Price:"300.0"': "one",
            'Price:"300.00"': "one",
            "price:2.5": "two",
            "price:2.50": "two",
            "Price:30": "",
            "Price:300,2.5": "one two",
            "Price:nonsense": "",
            "Price:1e999999": "",
            "Price:NaN": "",
            "Price:Infinity": "",
            # dropdown: the label
            '"Product line":"Cargo"': "one",
            '"Product line":cargo': "one",
            '"Product line":"zürich, BLUE"': "two",
            '"Product line":"Cargo","Zürich, blue"': "one two",
            '"Product line":City': "",
            '"Product line":Car': "",
            '"Product line":Tram': "",
            # multiple choice: any of them (T-13)
            "Services:Tune-up": "one",
            'Services:"tune-up","wheel truing"': "one two",
            "Services:Wash Services:Tune-up": "one",
            'Services:Wash Services:"Wheel truing"': "",
            "Services:nonsense": "",
            # date: the same day
            '"Purchase date":"02/14/2026"': "one",
            '"Purchase date":02/14/2026': "one",
            '"Purchase date":"2026-02-14"': "one",
            '"Purchase date":"2026/02/14"': "one",
            '"Purchase date":"02/14/2026","2026-02-15"': "one two",
            '"Purchase date":"02/16/2026"': "",
            '"Purchase date":"02/30/2026"': "",
            '"Purchase date":"tomorrow"': "",
            # of the contact
            '"Member number":"m-7"': "one",
            "Age:35": "one",
            "Age:35.0": "one",
            "Country:GERMANY": "one",
            "Country:Finland": "",
            'Likes:"Rain","Mud"': "one",
            "Born:12/31/1990": "one",
            "Born:1990-12-31": "one",
            # two fields of one name: any of them
            "Colour:green": "one",
            "Colour:green,red": "one two",
            "Colour:green Colour:größe": "one",
            # names: quoted always a custom field, unquoted a system term first
            '"Status":"Sent"': "two",
            '"status":"new"': "one",
            "Status:New": "one two none",
            "Status:Sent": "",
            '"Priority":"low"': "one",
            "priority:low": "",
            '"tag":"x"': "",
            '"id":"1"': "",
            '"No such field":"54"': "",
            '"No such field":"54" Colour:red': "",
            '"":"54"': "",
        }
    )
    def test_by_name_and_value(self, api, tickets, q, expected):
        check(api, tickets, q, expected)

    def test_an_unquoted_name_that_is_none_is_free_text(self, api, desk, tickets):
        """T-09."""
        free = factories.make_ticket(desk.lena, desk.workshop, text="The box says gear:low on it.")
        tickets["free"] = free

        check(api, tickets, "gear:low", "free")
        check(api, tickets, "gear:low Colour:red", "")
        factories.make_field("Gear", categories=[desk.workshop])
        check(api, tickets, "gear:low", "")

    def test_a_value_set_later_is_found_and_the_old_one_is_not(self, api, desk, tickets):
        field = desk.workshop.custom_fields.get(field__name="Frame size").field
        request = {"staff": desk.priya.id, f"t-cf-{field.id}": "60"}
        assert api.post(f"ticket/{tickets['one'].id}/staff_update/", request).status_code == 200

        check(api, tickets, '"Frame size":"60"', "one")
        check(api, tickets, '"Frame size":"54"', "")

    def test_a_renamed_choice_is_found_by_its_new_label(self, api, desk, tickets):
        line = desk.workshop.custom_fields.get(field__name="Product line").field
        line.choices.filter(text="Cargo").update(text="Cargo bikes")
        reference.changed()

        check(api, tickets, '"Product line":"Cargo bikes"', "one")
        check(api, tickets, '"Product line":"Cargo"', "")
