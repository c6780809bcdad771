"""Free text in a search (tickets.md §3.3): what is looked at, what counts as a word, and that it stays true.

`# [C] ours` marks what the contract leaves open.
"""

# ruff: noqa: RUF001 (letters that look like others)

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reynard.desk import files
from reynard.desk.actions import catalog
from reynard.desk.models import Role
from reynard.desk.selectors import reference
from tests import factories
from tests.api.reading import staff_update
from tests.api.searching import check, delete, found, start_numbers_at

# --- where it looks


class TestWhereItLooks:
    @pytest.fixture
    def tickets(self, desk):
        """`full` has a word of its own in every place; `other` has none of them."""
        start_numbers_at(12)
        contact = factories.make_contact("Quirin Zobel", "mailword@nord.example")
        photo = files.keep(SimpleUploadedFile("frayed-photo.jpg", b"bytes", "image/jpeg"))
        full = factories.make_ticket(
            contact,
            desk.workshop,
            subject="Subjectword here",
            text="Openingword here.",
            tags=["tagword", "c++"],
            files=[photo],
        )
        staff_update(full, desk, text="Replyword here.")
        staff_update(full, desk, text="Noteword for staff.", note=True)
        return {"full": full, "other": factories.make_ticket(desk.lena, desk.workshop, subject="Bell", text="Silent.")}

    @pytest.mark.parametrize(
        "q",
        [
            "subjectword",
            "SUBJECTWORD",
            "SubjectWord",
            "openingword",
            "replyword",
            "noteword",
            "tagword",
            "TAGWORD",  # free text has no case, unlike the term `tag`
            "quirin",
            "zobel",
            '"Quirin Zobel"',
            "mailword@nord.example",
            "MAILWORD@nord.example",
            '"mailword@nord.example"',
            "RW00000012",
            "#RW00000012",
            "rw00000012",
            '"#rw00000012"',
        ],
    )
    def test_in_every_place_in_any_letter_case(self, api, tickets, q):
        check(api, tickets, q, "full")

    @pytest.mark.parametrize("q", ["frayed-photo.jpg", "frayed"])
    def test_in_names_of_attachments(self, api, tickets, q):
        """[C] ours: §3.3 does not list them."""
        check(api, tickets, q, "full")

    @pytest.mark.parametrize("q", ["subjectword nowhere", "nowhere", "RW00000099", "BO00000012"])
    def test_and_nowhere_else(self, api, tickets, q):
        check(api, tickets, q, "")

    def test_not_in_names_of_who_answers(self, api, tickets):
        check(api, tickets, "priya", "")

    @pytest.mark.parametrize(
        "q",
        [
            "subjectword replyword",
            "noteword openingword",
            "replyword noteword subjectword tagword zobel",
            "RW00000012 openingword",
            '"openingword here" "replyword here"',
            "subjectword  \t openingword",
        ],
    )
    def test_words_may_stand_in_different_places_of_one_ticket(self, api, tickets, q):
        check(api, tickets, q, "full")

    def test_words_of_different_tickets_do_not_add_up(self, api, tickets):
        check(api, tickets, "subjectword silent", "")
        check(api, tickets, "bell silent", "other")

    @pytest.mark.parametrize(
        "q",
        [
            '"here replyword"',
            '"openingword replyword"',
            '"openingword here replyword here"',
            '"subjectword here openingword"',
            '"tagword quirin"',
            '"here subjectword"',
        ],
    )
    def test_a_phrase_stays_within_one_text(self, api, tickets, q):
        check(api, tickets, q, "")

    def test_a_category_that_contacts_cannot_see_is_searched(self, api, desk, tickets):
        catalog.set_category_public(category_id=desk.workshop.id, public=False)

        check(api, tickets, "noteword", "full")


# --- words

TEXTS = {
    "cable": "The brake cable is down to three strands.",
    "apart": "The cable of this brake is new.",
    "brakes": "Both brakes squeal in the rain.",
    "bremse": "Die Bremse quietscht.",
    "bremsen": "Beide Bremsen quietschen bei Regen.",
    "umlaut": "Ich brauche die Übergröße für die Straße.",
    "flat": "Ich brauche die Ubergrosse fur die Strasse.",
    "french": "A naïve question about the café rack of Ångström.",
    "plain": "A naive question about the cafe rack of Angstrom.",
    "decomposed": "A re\u0301sume\u0301 was attached.",
    "japanese": "自転車のブレーキが鳴ります。",
    "chinese": "我的自行车刹车线断了，请帮忙。",
    "korean": "자전거브레이크가고장났어요",
    "cyrillic": "Тормоз Скрипит",
    "greek": "Το φρένο είναι σπασμένο ΦΡΈΝΟ",
    "link": "It says so on http://rollwerk.example/faq?id=7 already.",
    "address": "Write to carla.diaz+shop@example.net instead.",
    "quote": "It doesn't shift and I don't ride.",
    "plus": "The firmware is written in C++ and C#.",
    "hyphen": "This is a follow-up of my e-mail.",
    "number": "Order 4711-B costs 1,299.50 €.",
    "snake": "Error code_42 in /var/log/bike.log",
    "emoji": "Great service 🚲 thanks",
}


@pytest.fixture
def texts(desk):
    """One ticket for each of `TEXTS`, in its message, by the same name."""
    return {
        name: factories.make_ticket(desk.lena, desk.workshop, subject="Ticket", text=text)
        for name, text in TEXTS.items()
    }


WORDS = {
    "several words": [
        ("brake strands", "cable"),
        ("STRANDS brake", "cable"),
        ("cable brake new", "apart"),
        ("strands rain", ""),
    ],
    "phrases": [
        ('"brake cable"', "cable"),
        ('"BRAKE Cable"', "cable"),
        ('"cable brake"', ""),
        ('"cable of this brake"', "apart"),
        ('"brake cable is down" three', "cable"),
        ('"brake  cable"', "cable"),
        ('"three strands."', "cable"),
        ("“brake cable”", "cable"),
        ('"brake cable', "cable"),
        ('"of the brake"', ""),
    ],
    "beginnings": [
        ("strand*", "cable"),
        ("STRAN*", "cable"),
        ("brak*", "cable apart brakes"),
        ("rai*", "brakes"),
        ("squ*", "brakes"),
        ("brake* strand*", "cable"),
        ("quietsch*", "bremse bremsen"),
        ("xyz*", ""),
    ],
    "English endings": [
        ("brake", "cable apart brakes"),
        ("brakes", "cable apart brakes"),
        ("cables", "cable apart"),
        ("strand", "cable"),
        ("break", ""),
    ],
    "German endings": [
        ("bremse", "bremse bremsen"),
        ("bremsen", "bremse bremsen"),
        ("BREMSEN", "bremse bremsen"),
        ("quietschen bremse regen", "bremsen"),
    ],
    "accents": [
        ("Übergröße", "umlaut flat"),
        ("ÜBERGRÖSSE", "umlaut flat"),
        ("übergröße", "umlaut flat"),
        ("ubergrosse", "umlaut flat"),
        ("strasse", "umlaut flat"),
        ("straße", "umlaut flat"),
        ("STRASSE", "umlaut flat"),
        ("STRAẞE", "umlaut flat"),
        ("naive", "french plain"),
        ("naïve", "french plain"),
        ("NAÏVE", "french plain"),
        ("nai\u0308ve", "french plain"),
        ("café", "french plain"),
        ("cafe", "french plain"),
        ('"café rack"', "french plain"),
        ('"cafe rack"', "french plain"),
        ("angstrom", "french plain"),
        ("ångström", "french plain"),
        ("résumé", "decomposed"),
        ("resume", "decomposed"),
    ],
    "other alphabets": [
        ("тормоз", "cyrillic"),
        ("СКРИПИТ ТОРМОЗ", "cyrillic"),
        ("φρένο", "greek"),
        ("ΦΡΕΝΟ", "greek"),
    ],
    "scripts without blanks": [
        ("ブレーキ", "japanese"),
        ("自転車", "japanese"),
        ("鳴ります", "japanese"),
        ("ブレーメン", ""),
        ("自転車 鳴ります", "japanese"),
        ('"自転車のブレーキ"', "japanese"),
        ("车自", ""),
        ("刹车", "chinese"),
        ("自行车", "chinese"),
        ("断了", "chinese"),
        ("刹车线断了", "chinese"),
        ("自行车 断了", "chinese"),
        ("请帮忙", "chinese"),
        ("브레이크", "korean"),
        ("고장", "korean"),
        ("자전거 고장", "korean"),
        ("고장났다", ""),
    ],
    "words with punctuation": [
        ("http://rollwerk.example/faq", "link"),
        ("http://rollwerk.example/faq?id=7", "link"),
        ("HTTP://Rollwerk.example/FAQ", "link"),
        ("http://rollwerk.example/shop", ""),
        ("rollwerk.example", "link"),
        ("faq", "link"),
        ("carla.diaz+shop@example.net", "address"),
        ("carla.diaz", "address"),
        ("carla", "address"),
        ("don't", "quote"),
        ("DON'T", "quote"),
        ("doesn't don't", "quote"),
        ("c++", "plus"),
        ("C++", "plus"),
        ('"C++"', "plus"),
        ("firmware c++", "plus"),
        ("c#", "plus"),
        ("follow-up", "hyphen"),
        ("Follow-Up", "hyphen"),
        ('"follow-up of my e-mail"', "hyphen"),
        ("e-mail", "hyphen"),
        ("4711-B", "number"),
        ("4711", "number"),
        ("1,299.50", "number"),
        ("code_42", "snake"),
        ("/var/log/bike.log", "snake"),
        ("bike.log", "snake"),
        ("strands.", "cable"),
        ("(strands)", "cable"),
        ("strands, three", "cable"),
        ("service thanks", "emoji"),
    ],
}


@pytest.mark.parametrize(
    ("q", "expected"),
    [pytest.param(q, names, id=f"{kind}-{q}") for kind, table in WORDS.items() for q, names in table],
)
def test_words(api, texts, q, expected):
    check(api, texts, q, expected)


@pytest.mark.parametrize("q", ["uebergroße", "uebergroesse", "uebergrosse"])
def test_umlauts_may_be_written_with_an_e(api, desk, q):
    """[C] ours: German keyboards abroad."""
    made = {
        name: factories.make_ticket(desk.lena, desk.workshop, text=f"Die {name} fehlt.")
        for name in ("Übergröße", "Uebergroesse", "Überholung")
    }

    check(api, made, q, "Übergröße Uebergroesse")
    check(api, made, "Übergröße", "Übergröße Uebergroesse")


@pytest.mark.parametrize("q", ["***", "+", "-", "...", "?!", '"..."', '"+"', "()", "🙈", "· ·", "*", "#"])
def test_punctuation_alone_finds_all_or_nothing(api, texts, q):
    """[C] ours to choose; but it never fails, and it is the same with another term."""
    everything, alone = set(texts), found(api, texts, q)

    assert alone in (set(), everything)
    assert found(api, texts, f"{q} strands") == alone & {"cable"}


def test_the_words_of_operators_are_words(api, desk, texts):
    words = {name: f"Xyz {name} xyz" for name in ("and", "or", "not", "near")}
    made = {
        name: factories.make_ticket(desk.lena, desk.workshop, subject=text, text=text) for name, text in words.items()
    }

    for name in made:
        check(api, made, f"xyz {name.upper()}", name)
        check(api, made, f'"xyz {name}"', name)
    check(api, texts, "strands OR regen", "")
    check(api, texts, "strands -brake", "cable")  # a sign in front of a word says nothing
    check(api, texts, "strands NOT brake", "")
    check(api, texts, "NEAR(strands brake)", "")


# --- kept up to date


class TestStaysTrue:
    @pytest.fixture
    def tickets(self, desk):
        Role.objects.update(permissions=list(catalog.PERMISSIONS))
        reference.changed()
        start_numbers_at(12)
        changed = factories.make_ticket(desk.stranger, desk.workshop, subject="Saddle", tags=["oldtag", "kept"])
        return {"changed": changed, "other": factories.make_ticket(desk.lena, desk.workshop, subject="Saddle")}

    @pytest.fixture
    def send(self, api, tickets):
        def to_ticket(operation, body):
            answer = api.post(f"ticket/{tickets['changed'].id}/{operation}/", body)
            assert answer.status_code == 200, answer.content

        return to_ticket

    @pytest.mark.parametrize("operation", ["staff_update", "staff_pvtnote", "user_reply"])
    def test_a_new_message_is_found_at_once(self, api, desk, tickets, send, operation):
        check(api, tickets, "gooseneck", "")

        who = {"user": desk.stranger.id} if operation == "user_reply" else {"staff": desk.priya.id}
        send(operation, {"text": "The gooseneck is loose.", **who})

        check(api, tickets, "gooseneck", "changed")
        check(api, tickets, "gooseneck saddle", "changed")
        check(api, tickets, '"gooseneck is loose"', "changed")
        check(api, tickets, "saddle", "changed other")

    def test_a_message_that_came_as_html_is_found_by_what_it_shows(self, api, desk, tickets, send):
        send(
            "user_reply", {"user": desk.stranger.id, "html": "<p>The goose<b>neck</b> is <i class='zap'>loose</i></p>"}
        )

        check(api, tickets, "gooseneck", "changed")
        check(api, tickets, "zap", "")

    def test_a_refused_reply_is_not(self, api, desk, tickets):
        body = {"staff": 999_999, "text": "The gooseneck is loose."}
        assert api.post(f"ticket/{tickets['changed'].id}/staff_update/", body).status_code == 400

        check(api, tickets, "gooseneck", "")

    def test_a_new_ticket_is_found_at_once(self, api, desk, tickets):
        body = {"name": "New Person", "email": "newcomer@example.org", "subject": "Gooseneck", "text": "It is loose."}
        answer = api.post("tickets/", {**body, "category": desk.workshop.id, "tags": "fresh"})
        tickets["new"] = type(tickets["other"]).objects.get(id=answer.json()["id"])

        for q in ("gooseneck", "newcomer@example.org", "fresh", "tag:fresh", "RW00000014"):
            check(api, tickets, q, "new")

    def test_a_tag_added_with_a_reply_is_found(self, api, desk, tickets, send):
        send("staff_update", {"staff": desk.priya.id, "tags": "newtag"})

        for q in ("tag:newtag", "newtag", "tag:oldtag", "oldtag"):
            check(api, tickets, q, "changed")

    def test_tags_added_and_removed(self, api, desk, tickets, send):
        send("update_tags", {"staff_id": desk.priya.id, "add": "newtag", "remove": "oldtag"})

        for q in ("tag:newtag", "newtag", "tag:kept", "kept"):
            check(api, tickets, q, "changed")
        for q in ("tag:oldtag", "oldtag"):
            check(api, tickets, q, "")

    def test_a_moved_ticket_is_found_by_its_new_display_id(self, api, desk, tickets, send):
        send("move", {"staff_id": desk.priya.id, "target_category_id": desk.office.id})

        for q in ("BO00000012", "#BO00000012", "id:BO00000012", 'category:"Back office"'):
            check(api, tickets, q, "changed")

    def test_a_renamed_contact_is_found_by_the_new_name_only(self, api, desk, tickets):
        assert api.post(f"user/{desk.stranger.id}/", {"name": "Kim Newname"}).status_code == 200

        for q in ("newname", '"Kim Newname"', "contact:newname", "contact:sam@elsewhere.example"):
            check(api, tickets, q, "changed")
        for q in ("stranger", "contact:stranger"):
            check(api, tickets, q, "")

    def test_a_contact_with_another_address_is_found_by_it(self, api, desk, tickets):
        assert api.post(f"user/{desk.stranger.id}/", {"email": "kim@moved.example"}).status_code == 200

        for q in ("kim@moved.example", "contact:moved.example"):
            check(api, tickets, q, "changed")
        for q in ("sam@elsewhere.example", "contact:elsewhere"):
            check(api, tickets, q, "")

    def test_a_deleted_ticket_is_not_found(self, api, tickets):
        delete(tickets["changed"])

        check(api, tickets, "saddle", "other")
        for q in ("stranger", "oldtag", "RW00000012", "contact:stranger"):
            check(api, tickets, q, "")


@pytest.mark.parametrize("word", ["brake", "brake*", '"brake cable"', "自転車"])
def test_very_large_messages_are_searched(api, desk, word):
    made = {
        "start": factories.make_ticket(
            desk.lena, desk.workshop, subject="A", text="brake cable 自転車 " + "x y " * 100_000
        ),
        "other": factories.make_ticket(desk.lena, desk.workshop, subject="B", text="x y " * 100_000),
    }

    check(api, made, word, "start")
