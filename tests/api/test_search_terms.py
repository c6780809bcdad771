"""The system terms of a search (tickets.md §3.1). Dates: test_search_dates.

`# [C] ours` marks what the contract leaves open.
"""

import pytest

from reynard.desk.actions import catalog, people
from reynard.desk.models import Contact, ContactGroup, GroupMembership, Role, Status
from reynard.desk.selectors import reference
from tests import factories
from tests.api.searching import cases, check, make, set_columns, start_numbers_at
from tests.factories import NOON


class TestStatusPriorityCategory:
    @pytest.fixture
    def tickets(self, desk):
        tickets = make(desk, "plain umlaut other closed")
        tickets["umlaut"].status = factories.make_status("Übergabe", order=4)
        tickets["umlaut"].priority = factories.make_priority("Größte", order=4)
        tickets["umlaut"].category = factories.make_category("Werkstatt Süd", "WS")
        set_columns(tickets["umlaut"], status=tickets["umlaut"].status, priority=tickets["umlaut"].priority)
        set_columns(tickets["umlaut"], category=tickets["umlaut"].category)
        set_columns(tickets["other"], category=desk.office, priority=desk.high)
        set_columns(tickets["closed"], status=desk.closed)
        return tickets

    @cases(
        {
            "status:NEW": "plain other",
            "status:new,CLOSED": "plain other closed",
            "status:Übergabe": "umlaut",
            'status:"ÜBERGABE"': "umlaut",
            "status:_pending": "",  # a word of the parameter, not the name of a status
            "priority:high": "other",
            "priority:GRÖßTE": "umlaut",
            "priority:normal": "plain closed",
            'category:"repair WORKSHOP"': "plain closed",
            'category:"Back office","werkstatt SÜD"': "umlaut other",
            "category:RW": "",
            "category:nonsense": "",
            "category:999999": "",
            "category:-1": "",
            "category:99999999999999999999999999": "",
        }
    )
    def test_by_name_in_any_letter_case(self, api, tickets, q, expected):
        check(api, tickets, q, expected)

    def test_a_category_by_id(self, api, desk, tickets):
        workshop, office = desk.workshop.id, desk.office.id
        check(api, tickets, f"category:{workshop}", "plain closed")
        check(api, tickets, f'category:"{workshop}",{office}', "plain closed other")
        check(api, tickets, f'category:{office},"Repair workshop"', "plain closed other")
        check(api, tickets, f"category:{office},999999", "other")

    def test_all_statuses_of_one_name(self, api, desk, tickets):
        set_columns(tickets["other"], status=factories.make_status("NEW", order=9))

        check(api, tickets, "status:New", "plain other")

    def test_the_new_name_of_a_status_counts_at_once(self, api, desk, tickets):
        check(api, tickets, "status:New", "plain other")
        Status.objects.filter(id=desk.new.id).update(name="Fresh")
        reference.changed()

        check(api, tickets, "status:New", "")
        check(api, tickets, "status:Fresh", "plain other")


class TestTags:
    @pytest.fixture
    def tickets(self, desk):
        tags = {"warranty": "warranty", "capital": "Warranty", "part": "warranty-void,x", "odd": "a_b,50%,größe"}
        tags |= {"likely": "axb,500", "several": "x,warranty,recall", "none": ""}
        return {
            name: factories.make_ticket(desk.lena, desk.workshop, tags=[tag for tag in text.split(",") if tag])
            for name, text in tags.items()
        }

    @cases(
        {
            "tag:warranty": "warranty several",
            "tag:Warranty": "capital",
            "tag:WARRANTY": "",
            "tags:warranty": "warranty several",
            "TAG:warranty": "warranty several",
            "tag:recall": "several",
            "tag:x": "part several",
            "tag:x tag:warranty": "several",
            "tags:x tag:recall": "several",
            "tag:x tag:nobody": "",
            "tag:nobody,Warranty": "capital",
            "tag:warranty-void": "part",
            "tag:warrant": "",
            "tag:void": "",
            "tag:warranty*": "",
            "tag:a_b": "odd",
            "tag:50%": "odd",
            "tag:%": "",
            "tag:_": "",
            "tag:größe": "odd",
            "tag:GRÖßE": "",
            'tag:"warranty,recall"': "",  # a quoted comma belongs to the value, and no tag has one
        }
    )
    def test_are_whole_and_case_sensitive(self, api, tickets, q, expected):
        check(api, tickets, q, expected)


class TestAssignee:
    @pytest.fixture
    def tickets(self, desk):
        staff = {
            "priya": desk.priya,
            "jonas": desk.jonas,
            "user": factories.make_staff("Ada", username="jonas"),
            "last": factories.make_staff("Mia", last_name="Jonas"),
            "plus": factories.make_staff("a+b", last_name="Plus"),
            "accent": factories.make_staff("Žofie", last_name="Über Meer", username="zofie"),
            "gone": desk.gone,
            "nobody": None,
        }
        tickets = make(desk, " ".join(staff))
        for name, person in staff.items():
            set_columns(tickets[name], assignee=person)
        return tickets

    @cases(
        {
            "assignee:priya@rollwerk.example": "priya",
            "assignee:PRIYA@Rollwerk.example": "priya",
            "assignee:priya": "priya",
            'assignee:"Priya Raman"': "priya",
            'assignee:"priya raman"': "priya",
            "assignee:Pri": "",
            "assignee:rollwerk.example": "",
            "assignee:jonas": "jonas user last",
            "assignee:Beck": "jonas",
            'assignee:"Raman"': "priya user gone",
            'assignee:"Jonas Beck","Mia Jonas"': "jonas last",
            "assignee:ada": "user",
            "assignee:a+b@rollwerk.example": "plus",
            'assignee:"a+b@rollwerk.example"': "plus",
            "assignee:žofie": "accent",
            "assignee:ŽOFIE": "accent",
            'assignee:"über meer"': "accent",
            "assignee:gone": "gone",
            "assignee:none": "nobody",
            "assignee:--none": "nobody",
            'assignee:"none"': "nobody",
            "assignee:NONE": "nobody",
            "assignee:any": "priya jonas user last plus accent gone",
            "assignee:--any": "priya jonas user last plus accent gone",
            "assignee:none,priya": "priya nobody",
            "assignee:none assignee:any": "",
            "assignee:none,any": "priya jonas user last plus accent gone nobody",
            "assignee:nobody-here": "",
            "assignee:%": "",
        }
    )
    def test_by_address_user_name_and_names(self, api, tickets, q, expected):
        check(api, tickets, q, expected)

    def test_not_by_id(self, api, desk, tickets):
        check(api, tickets, f"assignee:{desk.priya.id}", "")


class TestGroup:
    @pytest.fixture
    def tickets(self, desk):
        groups = {name: ContactGroup.objects.create(name=name) for name in ("Fleet customers", "Fleet", "Zürich", "Q")}
        tickets = {}
        for name, of in {"one": ["Fleet customers"], "two": ["Fleet customers", "Zürich"], "short": ["Fleet"]}.items():
            contact = factories.make_contact(name, f"{name}@example.org")
            for group in of:
                GroupMembership.objects.create(contact=contact, group=groups[group])
            tickets |= make(desk, name, contact)
        return tickets | make(desk, "alone", factories.make_contact("Fleet customers", "fleet@example.org"))

    @cases(
        {
            'group:"Fleet customers"': "one two",
            'group:"FLEET Customers"': "one two",
            "group:Fleet": "short",
            "group:customers": "",
            'group:"zürich"': "two",
            "group:ZÜRICH": "two",
            'group:"Fleet","Zürich"': "two short",
            'group:"Fleet customers" group:"Zürich"': "two",
            "group:none": "alone",
            "group:--none": "alone",
            "group:any": "one two short",
            "group:--any": "one two short",
            "group:none,Fleet": "short alone",
            "group:Q": "",
            "group:nonsense": "",
            "group:%": "",
        }
    )
    def test_by_whole_name_of_any_group_of_the_contact(self, api, tickets, q, expected):
        check(api, tickets, q, expected)

    def test_follows_who_joins_and_leaves(self, api, tickets):
        contact = Contact.objects.get(name="short")
        GroupMembership.objects.filter(contact=contact).delete()
        check(api, tickets, "group:Fleet", "")
        check(api, tickets, "group:none", "short alone")


class TestContact:
    @pytest.fixture
    def tickets(self, desk):
        lena, elodie, odd = (
            desk.lena,
            factories.make_contact("Élodie ÅSTRÖM", "elodie@nord.example"),
            factories.make_contact("Route66 100%", "a_b@odd.example"),
        )
        aino = factories.make_contact("Aino Laine", None)
        people.add_phone(aino, "+49 (30) 555-0134", now=NOON)
        people.add_phone(aino, "0170/6612345", now=NOON)
        everybody = {"lena": lena, "elodie": elodie, "odd": odd, "aino": aino, "sam": desk.stranger}
        tickets = {}
        for name, contact in everybody.items():
            tickets |= make(desk, name, contact)
        return tickets

    @cases(
        {
            "contact:lena": "lena",
            "contact:ORTIZ": "lena",
            "contact:rti": "lena",
            'contact:"Lena Ortiz"': "lena",
            'contact:"a Ort"': "lena",
            "contact:lena.ortiz@example.org": "lena",
            "contact:Example.ORG": "lena",
            "contact:@": "lena elodie odd sam",
            "contact:example": "lena elodie odd sam",
            "contact:nord,sam": "elodie sam",
            "contact:example contact:nord": "elodie",
            "contact:élodie": "elodie",
            "contact:ÉLODIE": "elodie",
            "contact:åström": "elodie",
            "contact:ÅSTR": "elodie",
            "contact:5550134": "aino",
            "contact:4930555": "aino",
            "contact:0170": "aino",
            'contact:"+49 30 555 0134"': "aino",
            'contact:"(30) 555-0134"': "aino",
            "contact:555-01": "aino",
            "contact:5550135": "",
            "contact:100%": "odd",
            "contact:%": "odd",
            "contact:a_b": "odd",
            "contact:_": "odd",
            "contact:route66": "odd",  # [C] ours: a keyword with letters is no phone number, whatever digits it has
            "contact:nobody-here": "",
        }
    )
    def test_contains_the_keyword_in_name_address_or_phone(self, api, tickets, q, expected):
        check(api, tickets, q, expected)

    def test_the_contact_of_the_ticket_counts_not_who_else_wrote(self, api, desk, tickets):
        number = tickets["lena"].id
        answer = api.post(f"ticket/{number}/user_reply/", {"user": desk.stranger.id, "text": "Me too."})
        assert answer.status_code == 200

        check(api, tickets, "contact:sam", "sam")


class TestId:
    @pytest.fixture
    def tickets(self, desk):
        start_numbers_at(4127)
        tickets = make(desk, "a b c")
        return tickets | {"d": factories.make_ticket(desk.lena, desk.workshop, subject="About 4127")}

    @cases(
        {
            "id:4127": "a",
            'id:"4127"': "a",
            "ID:4127": "a",
            "id:4127,4129": "a c",
            "id:4127,4127": "a",
            "id:4127 id:4128": "",
            "id:RW00004127": "a",
            "id:rw00004127": "a",
            "id:#RW00004127": "a",
            'id:"#RW00004128"': "b",
            "id:#4127": "a",
            "id:00004127": "a",
            "id:RW00004127,4129,#rw00004128": "a b c",
            "id:999999,4128": "b",
            "id:412": "",
            "id:0": "",
            "id:-4127": "",
            "id:4127.0": "",
            "id:abc": "",
            "id:RW": "",
            "id:4127x": "",
            "id:9223372036854775808": "",
            "id:" + "9" * 500: "",
            "id:٤١٢٧": "",
        }
    )
    def test_by_number_and_display_id(self, api, tickets, q, expected):
        check(api, tickets, q, expected)

    def test_the_display_id_from_before_a_move_stays_good(self, api, desk, tickets):
        """T-01."""
        Role.objects.update(permissions=list(catalog.PERMISSIONS))
        reference.changed()
        request = {"staff_id": desk.priya.id, "target_category_id": desk.office.id}
        assert api.post(f"ticket/{tickets['a'].id}/move/", request).status_code == 200

        for q in ("id:BO00004127", "id:RW00004127", "id:4127"):
            check(api, tickets, q, "a")

    def test_hundreds_of_numbers_are_not_too_many(self, api, tickets):
        numbers = ",".join(map(str, [*range(10**6, 10**6 + 400), tickets["b"].id]))

        check(api, tickets, f"id:{numbers}", "b")


class TestFlags:
    @pytest.fixture
    def tickets(self, desk):
        tickets = make(desk, "yes no")
        set_columns(tickets["yes"], sla_breaches=2, attachments_count=1, unresponded=True)
        set_columns(tickets["no"], sla_breaches=0, attachments_count=0, unresponded=False)
        return tickets

    @pytest.mark.parametrize("name", ["unresponded", "breached", "has_attachments"])
    def test_true_false_and_neither(self, api, tickets, name):
        check(api, tickets, f"{name}:true", "yes")
        check(api, tickets, f'{name}:"true"', "yes")
        check(api, tickets, f"{name}:false", "no")
        check(api, tickets, f"{name}:true,false", "yes no")
        check(api, tickets, f"{name}:true {name}:false", "")
        for value in ("maybe", "2", "truefalse", "“”x"):
            check(api, tickets, f"{name}:{value}", "")
        check(api, tickets, f"{name.upper()}:TRUE", "yes")  # [C] ours: the value in any letter case
