"""Whose mail joins which ticket: the table, row by row."""

import pytest

from reynard.desk.rules.mail_threading import Automation, Claim, Facts, Outcome, Standing, Way, decide
from reynard.desk.rules.mail_verdict import Result

PASS, FAIL, NONE = Result.PASS, Result.FAIL, Result.NONE
ADDRESS, REFERENCE, TOKEN = Way.REPLY_ADDRESS, Way.REFERENCE, Way.TOKEN
CONTACT, PARTICIPANT, COLLEAGUE, CONSULTED, STRANGER = Standing


def claim(way=ADDRESS, standing=CONTACT, ticket=7, **more):
    return Claim(way, ticket, f"#RW{ticket:08}", standing, **more)


def decided(*claims, **facts):
    facts.setdefault("verdict", NONE)
    return decide(Facts(author="lena.ortiz@example.org", claims=claims, **facts))


class TestContacts:
    @pytest.mark.parametrize(
        ("standing", "way", "verdict", "outcome"),
        [
            *((CONTACT, way, verdict, Outcome.CONTACT_REPLY) for way in Way for verdict in (PASS, NONE)),
            *((PARTICIPANT, way, verdict, Outcome.CONTACT_REPLY) for way in Way for verdict in (PASS, NONE)),
            *((CONSULTED, way, verdict, Outcome.CONSULTED_REPLY) for way in Way for verdict in (PASS, NONE)),
            *((COLLEAGUE, way, PASS, Outcome.CONTACT_REPLY) for way in Way),
            (COLLEAGUE, ADDRESS, NONE, Outcome.CONTACT_REPLY),
            (COLLEAGUE, REFERENCE, NONE, Outcome.CONTACT_REPLY),
            (COLLEAGUE, TOKEN, NONE, Outcome.NEW_TICKET),
            *((STRANGER, way, verdict, Outcome.NEW_TICKET) for way in Way for verdict in Result),
            *((standing, way, FAIL, Outcome.HELD) for way in Way for standing in Standing if standing is not STRANGER),
        ],
    )
    def test_join_what_they_are_on(self, standing, way, verdict, outcome):
        found = decided(claim(way, standing), verdict=verdict)
        joins = outcome in {Outcome.CONTACT_REPLY, Outcome.CONSULTED_REPLY}
        assert found.outcome is outcome
        assert (found.ticket, found.suggested) == ((7, None) if joins else (None, 7))

    @pytest.mark.parametrize("verdict", Result)
    def test_who_names_no_ticket_opens_one(self, verdict):
        assert decided(verdict=verdict).outcome is Outcome.NEW_TICKET

    def test_the_first_ticket_that_they_are_on_counts(self):
        found = decided(claim(ADDRESS, STRANGER, 1), claim(REFERENCE, CONTACT, 2), claim(TOKEN, CONTACT, 3))
        assert found.ticket == 2

    def test_write_no_notes(self):
        assert decided(claim(note=True), verdict=PASS).outcome is Outcome.HELD
        assert decided(claim(), to_note_address=True, verdict=PASS).outcome is Outcome.HELD

    @pytest.mark.parametrize(
        ("found", "reason"),
        [
            (decided(claim()), "It was sent to the reply address of ticket #RW00000007, by its contact."),
            (decided(claim(TOKEN, STRANGER)), "Its subject names ticket #RW00000007, by somebody who is not on it."),
            (decided(), "It names no ticket."),
            (
                decided(claim(REFERENCE), verdict=FAIL, verdict_reason="mx says: forged."),
                "It answers a mail of ticket #RW00000007, and is forged. mx says: forged.",
            ),
        ],
    )
    def test_the_reason_is_in_words(self, found, reason):
        assert found.reason == reason


class TestStaff:
    def test_reply_and_note(self):
        ours = {"is_staff": True, "verdict": PASS}
        assert decided(claim(standing=STRANGER, for_staff=True), **ours).outcome is Outcome.STAFF_REPLY
        assert decided(claim(standing=STRANGER, for_staff=True, note=True), **ours).outcome is Outcome.NOTE
        found = decided(claim(TOKEN, STRANGER, for_staff=True), to_note_address=True, **ours)
        assert found.outcome is Outcome.NOTE

    def test_are_contacts_of_their_own_tickets(self):
        found = decided(claim(for_staff=True), is_staff=True, verdict=PASS)
        assert found.outcome is Outcome.CONTACT_REPLY

    def test_do_not_reach_what_they_may_not_see(self):
        found = decided(claim(standing=STRANGER), is_staff=True, verdict=PASS)
        assert found.outcome is Outcome.HELD

    @pytest.mark.parametrize("verdict", [FAIL, NONE])
    @pytest.mark.parametrize("way", Way)
    @pytest.mark.parametrize("note", [True, False])
    def test_need_a_proof(self, verdict, way, note):
        found = decided(claim(way, STRANGER, for_staff=True, note=note), is_staff=True, verdict=verdict)
        assert (found.outcome, found.suggested) == (Outcome.HELD, 7)

    def test_without_a_proof_are_what_anybody_is(self):
        assert decided(is_staff=True).outcome is Outcome.NEW_TICKET
        assert decided(is_staff=True, verdict=FAIL).outcome is Outcome.HELD
        assert decided(claim(for_staff=True), is_staff=True).outcome is Outcome.CONTACT_REPLY
        assert decided(claim(for_staff=True), is_staff=True, to_note_address=True).outcome is Outcome.HELD

    def test_to_the_note_address_without_a_ticket(self):
        assert decided(is_staff=True, verdict=PASS, to_note_address=True).outcome is Outcome.HELD

    @pytest.mark.parametrize(
        ("automation", "outcome"),
        [(Automation.REPLY, Outcome.IGNORED), (Automation.LIKELY, Outcome.HELD), (Automation.OTHER, Outcome.HELD)],
    )
    def test_their_programs_do_not_speak_to_contacts(self, automation, outcome):
        staffs = claim(standing=STRANGER, for_staff=True)
        assert decided(staffs, is_staff=True, verdict=PASS, automation=automation).outcome is outcome


class TestPrograms:
    def test_automatic_replies_join_quietly_or_not_at_all(self):
        assert decided(claim(), automation=Automation.REPLY).outcome is Outcome.AUTOMATIC_REPLY
        assert decided(claim(standing=STRANGER), automation=Automation.REPLY).outcome is Outcome.IGNORED
        assert decided(automation=Automation.REPLY).outcome is Outcome.IGNORED

    @pytest.mark.parametrize("automation", [Automation.LIKELY, Automation.OTHER])
    def test_what_else_programs_write_is_read_by_people(self, automation):
        assert decided(automation=automation).outcome is Outcome.NEW_TICKET
        assert decided(claim(), automation=automation).outcome is Outcome.CONTACT_REPLY

    @pytest.mark.parametrize(
        ("fact", "outcome"),
        [
            ("duplicate", Outcome.DUPLICATE),
            ("bounce", Outcome.BOUNCE),
            ("foreign_bounce", Outcome.IGNORED),
            ("own_mail", Outcome.IGNORED),
            ("own_forward", Outcome.HELD),
            ("loop", Outcome.IGNORED),
            ("no_author", Outcome.HELD),
            ("own_author", Outcome.HELD),
            ("too_many", Outcome.HELD),
        ],
    )
    @pytest.mark.parametrize("is_staff", [True, False])
    def test_some_things_come_first(self, fact, outcome, is_staff):
        found = decided(claim(for_staff=True), is_staff=is_staff, verdict=PASS, **{fact: "Because."})
        assert (found.outcome, found.reason, found.ticket) == (outcome, "Because.", None)
