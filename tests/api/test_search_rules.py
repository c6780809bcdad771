"""The grammar and the rules of the search language (tickets.md §3), and how a search goes with other parameters."""

import pytest

from reynard.desk.actions import catalog
from tests import factories
from tests.api.searching import cases, check, delete, search, set_columns, start_numbers_at


class TestRules:
    @pytest.fixture
    def tickets(self, desk):
        """`both` is new and high, `new` and `high` are one of it, `plus` has names with a plus."""
        start_numbers_at(4127)
        progress = factories.make_status("In Progress", order=4)
        both, new, high, plus, working = (
            factories.make_ticket(desk.lena, desk.workshop, subject=subject, priority=priority.id, tags=tags)
            for subject, priority, tags in [
                ("Brake cable", desk.high, ["a", "c++"]),
                ("Cable and brake", desk.normal, ["a", "b"]),
                ("Brake cable", desk.high, ["b", "c"]),
                ("Saddle", desk.normal, ["c++"]),
                ("Saddle", desk.normal, ["a+b"]),
            ]
        )
        for ticket, status in ((high, desk.waiting), (plus, desk.closed), (working, progress)):
            set_columns(ticket, status=status)
        return {"both": both, "new": new, "high": high, "plus": plus, "working": working}

    @cases(
        {
            # rule 1: AND between terms, OR between values
            'status:"New" priority:"High"': "both",
            'status:"New","Waiting" priority:"High"': "both high",
            "tag:a tag:b": "new",
            "tag:a tag:a": "both new",
            "tag:a,b": "both new high",
            "status:New\tpriority:High": "both",
            "  status:New\n priority:High ": "both",
            'status:"New", "Waiting"': "both new high",
            "status:New, Waiting": "both new high",
            'status:New,"Waiting"': "both new high",
            'cable status:"New"': "both new",
            'status:"New" cable priority:"High"': "both",
            '"brake cable" status:"New"': "both",
            # rule 2: a literal plus separates when a new term follows
            "status:New+priority:High": "both",
            'status:"New"+priority:"High"+tag:"a"': "both",
            'tag:"a"+"brake cable"': "both",
            'tag:a+"brake cable"': "both",
            "cable+status:New": "both new",
            '"brake cable"+status:New': "both",
            "+status:New": "both new",
            "status:New +priority:High": "both",
            "status:New ++priority:High": "both",
            # elsewhere it is an ordinary character
            "tag:c++": "both plus",
            'tag:"c++"': "both plus",
            "tag:c+++status:New": "both",
            "tag:c++ status:New": "both",
            "tag:c++,b": "both new high plus",
            "tag:a+b": "working",
            'tag:"a+b"': "working",
            'tag:"a b"': "",
            # of names that do not exist with it, it is a blank
            'status:"In+Progress"': "working",
            "status:In+Progress": "working",
            'status:"in+progress","New"': "both new working",
            'category:"Repair+workshop"': "both new high plus working",
            # rule 3: a blank after the colon, before a quote
            'status: "New"': "both new",
            'status:\t"New" tag: "b"': "new",
            # quotes
            "status:“New”": "both new",
            'status:“New"': "both new",
            "status:”New“": "both new",
            "“brake cable”": "both high",
            "status: “New”,“Waiting”": "both new high",
            'status:"New': "both new",
            '"brake cable': "both high",
            "priority:High status:“New": "both",
            # rule 4: names of terms in any letter case
            "STATUS:New Priority:High": "both",
            # rule 7: impossible values
            "status:Nonsense": "",
            'status:"New","Nonsense"': "both new",
            'status:"Nonsense" tag:a': "",
            "priority:Nonsense": "",
            "status:NewX": "",
            "status:Ne": "",
        }
    )
    def test_of_the_grammar(self, api, tickets, q, expected):
        check(api, tickets, q, expected)

    def test_a_name_that_has_the_plus_wins_over_one_with_a_blank(self, api, desk, tickets):
        set_columns(tickets["plus"], status=factories.make_status("In+Progress", order=5))

        check(api, tickets, 'status:"In+Progress"', "plus")
        check(api, tickets, 'status:"In Progress"', "working")

    def test_priority_names_with_a_plus_read_as_a_blank(self, api, desk, tickets):
        set_columns(tickets["plus"], priority=factories.make_priority("Very high", order=5))

        check(api, tickets, 'priority:"very+high"', "plus")

    @pytest.mark.parametrize("q", ["", " ", '""', "“”"])
    def test_an_empty_search_lets_everything_through(self, api, tickets, q):
        """Rule 6."""
        check(api, tickets, q, "both new high plus working")
        assert len(search(api, q, status="_completed")) == 1

    def test_in_an_address_an_unescaped_plus_is_a_blank(self, api, tickets):
        def ask(q):
            return set(api.get(f"tickets/?minify_response=true&q={q}").json()["data"])

        both = {tickets["both"].id}
        assert ask("tag:%22a%22+priority:%22High%22") == both
        assert ask("tag:%22a%22%20priority:%22High%22") == both
        assert ask("tag:%22a%22%2Bpriority:%22High%22") == both
        assert ask("status:%22In+Progress%22") == {tickets["working"].id}
        assert ask("tag:%22c%2B%2B%22+status:New") == both

    @pytest.mark.parametrize("fmt", ["yaml", "xml"])
    def test_any_format_of_answers_is_searched(self, api, tickets, fmt):
        answer = api.get("tickets/", {"q": "tag:a tag:b", "fields": "id"}, format=fmt)

        assert answer.status_code == 200
        assert str(tickets["new"].id) in answer.content.decode()
        assert str(tickets["both"].id) not in answer.content.decode()

    def test_the_answer_is_a_page_of_whole_tickets(self, api, tickets):
        page = api.get("tickets/", {"q": "tag:a tag:b"}).json()

        assert page == {
            "page_info": {
                "count": 1,
                "start_index": 1,
                "end_index": 1,
                "last_index": 1,
                "page_count": 1,
                "next": None,
                "total": 1,
            },
            "data": [api.get(f"ticket/{tickets['new'].id}/").json()],
        }

    def test_nothing_found_is_an_empty_page(self, api, tickets):
        assert api.get("tickets/", {"q": "status:Nonsense"}).json() == {
            "page_info": {
                "count": 0,
                "start_index": 0,
                "end_index": 0,
                "last_index": 0,
                "page_count": 1,
                "next": None,
                "total": 0,
            },
            "data": [],
        }

    def test_parameters_and_terms_must_all_match(self, api, desk, tickets):
        new, waiting = str(desk.new.id), str(desk.waiting.id)
        check(api, tickets, "tag:b", "new", status=new)
        check(api, tickets, "tag:b", "new high", status=f"{new},{waiting}")
        check(api, tickets, "tag:c++", "plus", status="_completed")
        check(api, tickets, "tag:c++", "both", status="_pending")
        check(api, tickets, "brake", "new", status=new, priority="Normal")
        check(api, tickets, "brake", "", category=str(desk.office.id))
        check(api, tickets, "brake", "both new high", category=[str(desk.workshop.id), str(desk.office.id)])
        check(api, tickets, "status:New", "", status=waiting)
        check(api, tickets, "", "high", status=waiting, category=str(desk.workshop.id))

    def test_deleted_tickets_are_never_found(self, api, desk, tickets):
        delete(tickets["both"])

        check(api, tickets, "tag:a", "new")
        check(api, tickets, "status:New", "new")
        check(api, tickets, f"id:{tickets['both'].id}", "")
        check(api, tickets, '"brake cable"', "high")
        check(api, tickets, '""', "new high plus working")

    def test_private_tickets_and_hidden_categories_are_searched(self, api, desk, tickets):
        set_columns(tickets["both"], visible_only_staff=True)
        catalog.set_category_public(category_id=desk.workshop.id, public=False)

        check(api, tickets, '"brake cable"', "both high")
