"""Custom fields, and the contact, of a ticket that is read (tickets.md §1.1, custom-fields.md §2)."""

import pytest

from reynard.desk.actions import people
from reynard.desk.models import ContactGroup, GroupMembership
from reynard.desk.selectors import reference
from tests import factories
from tests.api.reading import LATER


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop, text="Down to three strands.")


class TestCustomFields:
    def test_every_field_of_the_category_is_there_in_the_order_of_the_category_set_or_not(self, api, desk):
        unset = factories.make_field("Colour", categories=[desk.workshop])
        make = {"categories": [desk.workshop]}
        size = factories.make_field("Frame size", compulsory_on_completed=True, **make)
        price = factories.make_field("Price", "number", visible_to_staff_only=True, **make)
        line = factories.make_field("Line", "choice", choices=("Cargo", "City"), **make)
        work = factories.make_field("Work", "multiple_choice", choices=("Tune-up", "Truing", "Cleaning"), **make)
        bought = factories.make_field("Bought", "date", **make)
        for position, field in enumerate((bought, work, line, price, size, unset)):
            field.in_categories.update(order=position)
        factories.make_field("Elsewhere", categories=[desk.office])
        reference.changed()
        labels = {choice.text: choice.id for field in (line, work) for choice in field.choices.all()}
        values = {
            size.id: "54 cm",
            price.id: "12.50",
            line.id: "City",
            work.id: ["Truing", "Tune-up"],
            bought.id: "14/02/2026",
        }
        ticket = factories.make_ticket(desk.lena, desk.workshop, custom_values=values)

        read = api.get(f"ticket/{ticket.id}/").json()["custom_fields"]

        chosen = [labels["Tune-up"], labels["Truing"]]
        expected = [
            (bought, "date", "2026-02-14", None),
            (work, "multiple_choice", ["Tune-up", "Truing"], chosen),
            (line, "choice", "City", labels["City"]),
            (price, "number", 12.5, None),
            (size, "text", "54 cm", None),
            (unset, "text", None, None),
        ]
        assert read == [
            {
                "id": field.id,
                "name": field.name,
                "type": type_,
                "value": value,
                "value_id": value_id,
                "visible_to_staff_only": field is price,
                "compulsory_on_complete": field is size,
            }
            for field, type_, value, value_id in expected
        ]

    def test_the_contact_comes_whole(self, api, desk, ticket):
        member = factories.make_field("Member number", "number", order=2)
        city = factories.make_field("City", order=1)
        group = ContactGroup.objects.create(name="Fleet customers", description="Firms", tagged_domains="fleet.example")
        GroupMembership.objects.create(contact=desk.lena, group=group, access_all_tickets=True)
        people.add_phone(desk.lena, "+49 30 123", now=LATER, type="w")
        values = {str(member.id): 300}
        people.set_contact_values(people.lock_contact(desk.lena.id), values, reference=reference.current(), now=LATER)

        contact = api.get(f"ticket/{ticket.id}/").json()["user"]

        [phone] = contact["phones"]
        assert phone == {"id": phone["id"], "type": "w", "number": "+49 30 123", "is_primary": True}
        field = {"visible_to_staff_only": False, "value_id": None}
        assert contact == {
            "id": desk.lena.id,
            "name": "Lena Ortiz",
            "email": "lena.ortiz@example.org",
            "primary_phone": phone,
            "phones": [phone],
            "contact_groups": [
                {
                    "id": group.id,
                    "name": "Fleet customers",
                    "description": "Firms",
                    "tagged_domains": "fleet.example",
                    "access_all_tickets_in_group": True,
                }
            ],
            "custom_fields": [
                {"id": city.id, "name": "City", "type": "text", "value": None, **field},
                {"id": member.id, "name": "Member number", "type": "number", "value": 300, **field},
            ],
            "tickets_count": 1,
            "pending_tickets_count": 1,
            "created_at": "2026-03-09 12:00:00",
            "updated_at": "2026-03-09 12:39:38",
            "is_login_enabled": True,
        }
