"""GET users/ and user/<id or e-mail>/ (contacts.md §1 to §3)."""

from datetime import UTC, datetime, timedelta

import pytest

from reynard.desk.actions import people
from reynard.desk.models import Contact, ContactGroup, GroupMembership
from reynard.desk.selectors import reference
from tests import factories
from tests.factories import NOON

BARE = {
    "primary_phone": None,
    "phones": [],
    "contact_groups": [],
    "custom_fields": [],
    "tickets_count": 0,
    "pending_tickets_count": 0,
    "created_at": "2026-03-09 12:00:00",
    "updated_at": "2026-03-09 12:00:00",
    "is_login_enabled": True,
}


class TestOneContact:
    def test_with_nothing_but_a_name_and_an_address(self, api, desk):
        assert api.get(f"user/{desk.lena.id}/").json() == {
            **BARE,
            "id": desk.lena.id,
            "name": "Lena Ortiz",
            "email": "lena.ortiz@example.org",
        }

    def test_known_by_phone_only(self, api, desk):
        contact = factories.make_contact("Caller", None, is_login_enabled=False)
        people.add_phone(contact, "+49 (30) 555-0134", now=NOON, type="mo")

        read = api.get(f"user/{contact.id}/").json()

        phone = {"id": contact.phones.get().id, "type": "mo", "number": "+49 (30) 555-0134", "is_primary": True}
        assert read == {
            **BARE,
            "id": contact.id,
            "name": "Caller",
            "email": None,
            "primary_phone": phone,
            "phones": [phone],
            "is_login_enabled": False,
        }

    def test_with_everything(self, api, desk):
        line = factories.make_field("Line", "choice", choices=("Cargo", "City"), order=3)
        work = factories.make_field("Likes", "multiple_choice", choices=("Tune-up", "Truing"), order=2)
        since = factories.make_field("Since", "date", order=1, visible_to_staff_only=True)
        unset = factories.make_field("Notes", order=4)
        city = line.choices.get(text="City")
        liked = list(work.choices.order_by("order"))
        values = {str(line.id): city.id, str(work.id): [choice.id for choice in liked], str(since.id): "2026-02-14"}
        contact = factories.make_contact("Zoë", "zoe@x.example", custom_values=values)
        numbers = [("1", "mo"), ("2", "w"), ("3", "m")]
        for number, type_ in numbers:
            people.add_phone(contact, number, now=NOON + timedelta(hours=1), type=type_)
        contact.phones.filter(number="1").update(is_primary=False)
        contact.phones.filter(number="2").update(is_primary=True)
        groups = [ContactGroup.objects.create(name=name, description="", tagged_domains="") for name in ("B", "A")]
        for group in reversed(groups):
            GroupMembership.objects.create(contact=contact, group=group, access_all_tickets=group is groups[1])
        factories.make_ticket(contact, desk.workshop)

        read = api.get(f"user/{contact.id}/").json()

        phones = [
            {"id": phone.id, "type": phone.type, "number": phone.number, "is_primary": phone.number == "2"}
            for phone in contact.phones.order_by("id")
        ]
        fields = [
            (since, "date", "2026-02-14", None),
            (work, "multiple_choice", ["Tune-up", "Truing"], [choice.id for choice in liked]),
            (line, "choice", "City", city.id),
            (unset, "text", None, None),
        ]
        assert read == {
            "id": contact.id,
            "name": "Zoë",
            "email": "zoe@x.example",
            "primary_phone": phones[1],
            "phones": phones,
            "contact_groups": [
                {
                    "id": group.id,
                    "name": group.name,
                    "description": "",
                    "tagged_domains": "",
                    "access_all_tickets_in_group": group is groups[1],
                }
                for group in groups
            ],
            "custom_fields": [
                {
                    "id": field.id,
                    "name": field.name,
                    "type": type_,
                    "value": value,
                    "value_id": value_id,
                    "visible_to_staff_only": field is since,
                }
                for field, type_, value, value_id in fields
            ],
            "tickets_count": 1,
            "pending_tickets_count": 1,
            "created_at": "2026-03-09 12:00:00",
            "updated_at": "2026-03-09 13:00:00",
            "is_login_enabled": True,
        }

    @pytest.mark.parametrize(
        "spelling", ["lena.ortiz@example.org", "LENA.Ortiz@Example.ORG", "lena.ortiz%40example.org", "{id}", "000{id}"]
    )
    def test_is_found_by_id_and_by_address_in_any_letter_case(self, api, desk, spelling):
        assert api.get(f"user/{spelling.format(id=desk.lena.id)}/").json()["id"] == desk.lena.id

    def test_whose_address_has_a_plus_is_found(self, api, desk):
        contact = factories.make_contact("Plus", "plus+bikes@example.org")

        assert api.get("user/plus+bikes@example.org/").json()["id"] == contact.id


class TestTheList:
    def test_is_by_id_and_says_what_reading_each_says(self, api, desk):
        factories.make_ticket(desk.stranger, desk.workshop)
        third = factories.make_contact("Ada", "ada@example.org")

        page = api.get("users/").json()

        ids = [desk.lena.id, desk.stranger.id, third.id]
        assert page == {
            "page_info": {
                "count": 3,
                "start_index": 1,
                "end_index": 3,
                "last_index": 3,
                "page_count": 1,
                "next": None,
                "total": 3,
            },
            "data": [api.get(f"user/{id}/").json() for id in ids],
        }


@pytest.fixture
def cast(desk):
    """Contacts by a letter, added on the 1st to 5th of March; `desk`'s own two are gone."""
    Contact.objects.all().delete()
    day = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    rows = {
        "a": ("Lena Ortiz", "lena.ortiz@example.org", "+49 30 555-0134"),
        "b": ("Jörg ÖZTÜRK", "joerg@fleet.example", "030 / 99 77"),
        "c": ("Sam O'Hara", "sam+bikes@example.org", None),
        "d": ("100% Bikes_Co \\ GmbH", None, "555 0100"),
        "e": ("Ortiz, Pedro", "pedro@lena.example", None),
    }
    cast = {}
    for offset, (letter, (name, email, phone)) in enumerate(rows.items()):
        contact = factories.make_contact(name, email, now=day + timedelta(days=offset))
        if phone:
            people.add_phone(contact, phone, now=day + timedelta(days=offset))
        cast[contact.id] = letter
    return cast


SEARCHES = [
    ("", "abcde"),
    ('""', "abcde"),
    ("name:lena", "a"),
    ("name:ORTIZ", "ae"),
    ("NAME:ortiz", "ae"),
    ('name:"Lena Ortiz"', "a"),
    ("name:“Lena Ortiz”", "a"),
    ('name:"Lena Ortiz', "a"),
    ("name:lena name:ortiz", "a"),
    ("name:lena email:pedro", ""),
    ("name:öztürk", "b"),
    ("name:JÖRG", "b"),
    ("name:o'hara", "c"),
    ("name:100%", "d"),
    ("name:%", "d"),
    ("name:_", "d"),
    ("name:\\", "d"),
    ("name:.", ""),
    ("name:*", ""),
    ("email:EXAMPLE.ORG", "ac"),
    ("email:lena", "ae"),
    ("email:sam+bikes@example.org", "c"),
    ("phone:5550134", "a"),
    ("phone:+49305550134", "a"),
    ('phone:"+49 30 555-01 34"', "a"),
    ("phone:555", "ad"),
    ("phone:9977", "b"),
    ("phone:none", ""),
    ("phone:+", ""),
    ("created_since:2026-03-04", "de"),
    ("created_since:2026/03/04", "de"),
    ("created_since:2026/3/4", "de"),
    ("created_since:2026-03-04T09:30:00", "de"),
    ("created_since:2026-03-04T09:30:01", "e"),
    ('created_since:"2026/03/04T09:30:01"', "e"),
    ("updated_since:2026-03-05", "e"),
    ("updated_since:2026-03-06", ""),
    ("created_since:yesterday", ""),
    ("created_since:2026-02-30", ""),
    ("created_since:9999-12-31T25:00:00", ""),
    ("created_since:0000-01-01", ""),
    ("created_since:0001-01-01", "abcde"),
    ("lena", "ae"),
    ("lena ortiz", "ae"),
    ('"lena ortiz"', "a"),
    ("5550134", "a"),
    ("+49", "a"),
    ("555-0134", "a"),
    ("lena0", ""),
    ("bikes2go", ""),
    ("unknown:lena", ""),
    ("http://lena.example", ""),
    ("name:", ""),
    ("email:lena+name:ortiz", "ae"),
    ('name:"Lena Ortiz"+phone:555', "a"),
    ("lena+ortiz", ""),
    ('"x+name:lena"', ""),
    ("\x00lena\x00", "ae"),
    ('name: "Lena Ortiz"', "a"),
    ("+name:lena+email:pedro+", ""),
    ("+name:pedro+email:lena", "e"),
    ("email:sam+bikes@example.org+name:sam", "c"),
    ("phone:49305550134", "a"),
    ('"100%"', "d"),
    ("Ortiz, Pedro", "e"),
    ('"Ortiz, Pedro"', "e"),
    ("company:lena name:ortiz", ""),
    ("created_since:2026-03-02 created_since:2026-03-04 lena", "e"),
    ("created_since:2026-03-04T09:30", ""),
]


@pytest.mark.parametrize(("query", "found"), SEARCHES)
def test_a_search_finds(api, cast, query, found):
    page = api.get("users/", {"q": query}).json()

    assert "".join(cast[row["id"]] for row in page["data"]) == found
    assert page["page_info"]["last_index"] == len(found)


def test_pages_of_a_search_are_walked_like_any_list(api, cast):
    for n in range(25):
        factories.make_contact(f"Walker {n}", f"walker{n}@example.org")

    pages = [api.get("users/", {"q": "name:walker", "page": page}).json() for page in (1, 2, 3, 4)]

    assert [page["page_info"]["count"] for page in pages] == [10, 10, 5, 0]
    assert [row["name"] for page in pages for row in page["data"]] == [f"Walker {n}" for n in range(25)]


def test_a_search_of_more_terms_than_anybody_types_is_refused(api, desk):
    assert api.get("users/", {"q": "lena " * 50}).json()["page_info"]["count"] == 1

    answer = api.get("users/", {"q": "lena " * 51})

    assert answer.status_code == 400
    assert answer.json() == {"error": [{"field": "q", "errors": ["Search for at most 50 terms at once."]}]}


@pytest.mark.parametrize("term", ["", "name:", "email:", "phone:"])
def test_a_very_long_term_finds_nothing(api, desk, term):
    for character in "a1é":
        assert api.get("users/", {"q": term + character * 60_000}).json()["data"] == []


def test_a_contact_in_a_renamed_group_shows_its_new_name(api, desk):
    group = ContactGroup.objects.create(name="Fleet")
    GroupMembership.objects.create(contact=desk.lena, group=group)
    api.get("users/")
    ContactGroup.objects.filter(id=group.id).update(name="Fleets")
    reference.changed()

    assert api.get("users/").json()["data"][0]["contact_groups"][0]["name"] == "Fleets"
