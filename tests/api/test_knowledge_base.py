"""GET kb/… (knowledge-base.md): what may be read, by whom, and in which words."""

import re
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reynard.api import throttle
from reynard.desk import files
from reynard.desk.actions import knowledge_base
from reynard.desk.errors import Invalid
from reynard.desk.models import Article, ArticleAttachment
from tests import factories
from tests.api.test_routing import CONTENT_TYPES, error_in
from tests.factories import NOON

BASE = "http://testserver"
LISTS = ["kb/articles/", "kb/sections/"]


@pytest.fixture(autouse=True)
def kb(desk):
    factories.fill_knowledge_base(desk)
    return desk


class Stranger:
    """Reads without credentials, as HelpStack does."""

    def get(self, path, *, format="json", address="203.0.113.7", **headers):
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return Client(REMOTE_ADDR=address).get(f"/api/1.1/{format}/{path}", headers=named)


@pytest.fixture
def stranger():
    return Stranger()


def titles(articles):
    return [article["title"] for article in articles]


class TestAnArticle:
    def test_is_whole(self, api, kb):
        article = api.get(f"kb/article/{kb.brakes.id}").json()

        [file] = article.pop("attachments")
        assert file == {
            "id": ArticleAttachment.objects.get().id,
            "filename": "pads.pdf",
            "url": file["url"],
            "size": 3,
            "content_type": "application/pdf",
            "expires_at": file["expires_at"],
        }
        ends = int(re.search(r"/(\d+)-[\w-]+/$", file["url"])[1])
        assert file["expires_at"] == f"{datetime.fromtimestamp(ends, UTC):%Y-%m-%d %H:%M:%S}"
        assert article == {
            "id": kb.brakes.id,
            "title": "Checking brake pads",
            "contents": f'<p>Look for the <b>wear line</b>.<img src="{BASE}/kb/pads.png"></p>',
            "slug": "checking-brake-pads",
            "full_url": f"{BASE}/kb/article/{kb.brakes.id}-checking-brake-pads/",
            "section_id": kb.maintenance.id,
            "section_name": "Maintenance",
            "tags": ["brakes", "safety"],
            "language": {"id": kb.english.id, "name": "English", "enabled": True, "visible": True},
            "views": 0,
            "last_updated_at": "2026-03-09 12:00:00",
            "related_articles": [
                {
                    "id": kb.prices.id,
                    "title": "Our prices",
                    "full_url": f"{BASE}/kb/article/{kb.prices.id}-our-prices/",
                },
                {
                    "id": kb.chain.id,
                    "title": "Oiling the chain",
                    "full_url": f"{BASE}/kb/article/{kb.chain.id}-oiling-the-chain/",
                },
            ],
        }

    def test_names_only_related_articles_that_its_reader_may_read(self, stranger, kb):
        assert titles(stranger.get(f"kb/article/{kb.brakes.id}").json()["related_articles"]) == ["Oiling the chain"]

    def test_is_a_fragment_of_clean_html_with_addresses_that_are_found_from_anywhere(self, api, kb, settings):
        settings.REYNARD_BASE_URL = "https://rollwerk.example/help"
        article = factories.make_article(
            kb,
            "Images",
            '<p onclick="x()">A<script>x()</script></p>'
            '<img alt="a > b" src="/kb/1.png?a=1&b=2"><img src="kb/2.png"><img src="//cdn.example/3.png">'
            '<img src="https://cdn.example/4.png"><img src="data:image/png;base64,AAAA"><a href="/kb/article/1">x</a>'
            '<a href="#top">y</a><a href="mailto:a@b.example">z</a>',
        )

        contents = api.get(f"kb/article/{article.id}").json()["contents"]

        assert "script" not in contents
        assert "onclick" not in contents
        for address in (
            'src="https://rollwerk.example/help/kb/1.png?a=1&amp;b=2"',
            'src="https://rollwerk.example/help/kb/2.png"',
            'src="https://cdn.example/3.png"',
            'src="https://cdn.example/4.png"',
            'href="https://rollwerk.example/help/kb/article/1"',
            'href="#top"',
            'href="mailto:a@b.example"',
        ):
            assert address in contents
        assert "data:" not in contents

    def test_counts_no_views_when_it_is_read_here(self, api, kb):
        Article.objects.filter(id=kb.chain.id).update(views=12)

        assert [api.get(f"kb/article/{kb.chain.id}").json()["views"] for _ in range(2)] == [12, 12]

    def test_that_is_internal_or_not_there_is_404(self, api, kb):
        for id in (kb.manual.id, 999, 0, "9" * 18):
            answer = api.get(f"kb/article/{id}")
            assert (answer.status_code, answer.json()) == (404, {"error": "Cannot find the requested object"})


class TestLists:
    def test_external_articles_come_by_id_and_internal_ones_apart(self, api, kb):
        articles = api.get("kb/articles/").json()

        assert titles(articles) == ["Our prices", "Oiling the chain", "Checking brake pads"]
        assert titles(api.get("kb/internal-articles/").json()) == ["Torque table"]
        assert articles[1] == api.get(f"kb/article/{kb.chain.id}").json()

    def test_sections_come_flat_with_their_external_articles(self, api, kb):
        maintenance, leasing = api.get("kb/sections/").json()

        assert titles(maintenance.pop("articles")) == ["Our prices", "Checking brake pads"]
        assert [row["name"] for row in maintenance.pop("categories")] == ["Repair workshop", "Back office"]
        assert maintenance == {
            "id": kb.maintenance.id,
            "name": "Maintenance",
            "description": "",
            "parent_section_id": None,
            "parent_section_name": None,
        }
        assert titles(leasing.pop("articles")) == ["Oiling the chain"]
        assert leasing == {
            "id": kb.leasing.id,
            "name": "Leasing",
            "description": "For fleets.",
            "parent_section_id": kb.maintenance.id,
            "parent_section_name": "Maintenance",
            "categories": [],
        }

    def test_one_section_is_as_in_the_list_with_and_without_a_slash(self, api, kb):
        listed = api.get("kb/sections/").json()[1]

        for path in (f"kb/section/{kb.leasing.id}", f"kb/section/{kb.leasing.id}/"):
            assert api.get(path).json() == listed
        assert api.get("kb/section/999").status_code == 404

    def test_a_section_without_articles_has_an_empty_list(self, api, kb, stranger):
        empty = knowledge_base.add_section(name="Empty")

        assert api.get(f"kb/section/{empty.id}").json()["articles"] == []
        assert stranger.get(f"kb/section/{empty.id}").json()["articles"] == []

    @pytest.mark.parametrize("path", [*LISTS, "kb/internal-articles/"])
    def test_they_may_be_empty(self, api, path):
        Article.objects.all().delete()

        answer = api.get(path)

        assert answer.status_code == 200
        assert [article for row in answer.json() for article in row.get("articles", [row])] == []

    @pytest.mark.parametrize("format", CONTENT_TYPES)
    def test_they_come_in_every_format(self, api, kb, format):
        for path in [*LISTS, f"kb/article/{kb.brakes.id}"]:
            answer = api.get(path, format=format)
            assert answer["Content-Type"] == CONTENT_TYPES[format]
            assert b"Checking brake pads" in answer.content


class TestStrangers:
    def test_read_what_needs_no_login(self, stranger, kb):
        assert titles(stranger.get("kb/articles/").json()) == ["Oiling the chain", "Checking brake pads"]
        maintenance, _leasing = stranger.get("kb/sections/").json()
        assert titles(maintenance["articles"]) == ["Checking brake pads"]
        assert titles(stranger.get(f"kb/section/{kb.maintenance.id}/").json()["articles"]) == ["Checking brake pads"]
        assert stranger.get(f"kb/article/{kb.brakes.id}").status_code == 200

    def test_do_not_see_what_needs_one(self, stranger, kb):
        for article in (kb.prices, kb.manual):
            answer = stranger.get(f"kb/article/{article.id}")
            assert (answer.status_code, answer["Cache-Control"]) == (404, "no-store")

    def test_learn_of_public_categories_only(self, stranger):
        assert [row["name"] for row in stranger.get("kb/sections/").json()[0]["categories"]] == ["Repair workshop"]

    def test_with_wrong_credentials_are_refused(self, stranger, kb):
        for authorization in ("Basic eDp5", "Bearer x", "nonsense", "Basic"):
            for path in [*LISTS, f"kb/article/{kb.brakes.id}", f"kb/section/{kb.leasing.id}"]:
                answer = stranger.get(path, Authorization=authorization)
                assert (answer.status_code, answer["Cache-Control"]) == (401, "no-store")
                assert answer["WWW-Authenticate"] == 'Basic realm="API"'

    def test_reach_nothing_else(self, kb):
        client = Client()
        for path in ("kb/internal-articles/", "tickets/", "assets/", "kb/nonsense/", "kb/", "categories/"):
            assert client.get(f"/api/1.1/json/{path}").status_code == 401, path
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
            for path in LISTS:
                assert client.generic(method, f"/api/1.1/json/{path}").status_code == 401, (method, path)
        assert client.get("/api/1.1/csv/kb/articles/").status_code == 401

    @pytest.mark.parametrize("format", CONTENT_TYPES)
    def test_are_counted_by_their_address(self, stranger, api, settings, monkeypatch, format):
        monkeypatch.setattr(throttle, "_local", {})
        settings.REYNARD_THROTTLE_READS_PER_MINUTE = 2

        answers = [stranger.get("kb/sections/", format=format) for _ in range(3)]

        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert [answer["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
        assert error_in(answers[2], format).startswith("Throttled, wait ")
        assert (answers[2]["Cache-Control"], answers[2]["Retry-After"] > "0") == ("no-store", True)
        assert stranger.get("kb/sections/", address="203.0.113.8").status_code == 200
        assert api.get("kb/sections/").status_code == 200

    def test_of_one_ipv6_network_are_one(self, stranger, settings, monkeypatch):
        monkeypatch.setattr(throttle, "_local", {})
        settings.REYNARD_THROTTLE_READS_PER_MINUTE = 1
        read = ["2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:2::1", "::ffff:203.0.113.9", "203.0.113.9", ""]

        answers = [stranger.get("kb/sections/", address=address).status_code for address in read]

        assert answers == [200, 429, 200, 200, 429, 200]


class TestKeeping:
    @pytest.mark.parametrize("path", LISTS)
    def test_what_strangers_read_anybody_may_keep_for_a_minute(self, stranger, path):
        first = stranger.get(path)
        again = stranger.get(path, If_None_Match=f'W/{first["ETag"]}, "x"')

        for answer in (first, again):
            assert (answer["Cache-Control"], answer["Vary"]) == ("public, max-age=60", "Authorization")
            assert answer["ETag"] == first["ETag"]
        assert (again.status_code, again.content) == (304, b"")

    @pytest.mark.parametrize("path", [*LISTS, "kb/internal-articles/"])
    def test_what_others_read_is_not_to_be_kept_but_can_be_confirmed(self, api, stranger, path):
        first = api.get(path)

        again = api.get(path, If_None_Match=first["ETag"])

        assert [answer.status_code for answer in (first, again)] == [200, 304]
        assert {answer["Cache-Control"] for answer in (first, again)} == {"no-store"}

    def test_what_one_may_read_is_no_answer_to_another(self, api, stranger):
        assert stranger.get("kb/articles/", If_None_Match=api.get("kb/articles/")["ETag"]).status_code == 200

    def test_every_change_makes_it_another(self, stranger, kb):
        tags = [stranger.get("kb/sections/")["ETag"]]
        factories.make_article(kb, "Inner tubes")
        tags.append(stranger.get("kb/sections/")["ETag"])
        factories.make_category("Rental")  # may stand in sections
        tags.append(stranger.get("kb/sections/")["ETag"])
        knowledge_base.add_section(name="Rental")
        tags.append(stranger.get("kb/sections/")["ETag"])

        assert len(set(tags)) == 4

    def test_an_element_that_is_not_there_is_404_whatever_its_reader_has(self, stranger):
        assert stranger.get("kb/article/999", If_None_Match="*").status_code == 404


class TestFilesOfArticles:
    @pytest.fixture
    def address(self, api, kb):
        kept = files.keep(SimpleUploadedFile("pads.pdf", b"%PDF-1.7", "application/pdf"))
        article = factories.make_article(kb, "Pads", files=[kept])
        return api.get(f"kb/article/{article.id}").json()["attachments"][0]["url"]

    def test_are_downloaded_by_a_signed_address_without_credentials(self, address):
        answer = Client().get(address.removeprefix(BASE))

        assert answer.status_code == 200
        assert b"".join(answer.streaming_content) == b"%PDF-1.7"
        assert answer["Content-Disposition"].startswith('attachment; filename="pads.pdf"')
        assert answer["X-Content-Type-Options"] == "nosniff"

    def test_by_no_other(self, api, kb, address):
        path = address.removeprefix(BASE)

        assert Client().get(path[:-2] + ("A/" if path[-2] != "A" else "B/")).status_code == 403
        assert Client().get(path.replace("/attachments/kb/", "/attachments/")).status_code == 403
        assert Client().post(path).status_code == 405
        ArticleAttachment.objects.all().delete()
        assert Client().get(path).status_code == 404

    def test_have_an_address_that_ends(self, address, monkeypatch):
        monkeypatch.setattr("reynard.api.wire.time.time", lambda: 10**11)

        assert Client().get(address.removeprefix(BASE)).status_code == 403

    def test_make_the_answer_another_before_their_address_ends(self, stranger, monkeypatch, settings):
        tag = stranger.get("kb/articles/")["ETag"]
        later = NOON.timestamp() + 10**9
        monkeypatch.setattr("reynard.api.kb.time.time", lambda: later)

        assert stranger.get("kb/articles/", If_None_Match=tag).status_code == 200


class TestAdding:
    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"title": " "}, "title"),
            ({"title": "x" * 256}, "title"),
            ({"contents": "<script>x</script>"}, "contents"),
            ({"contents": "<div>" * 2000}, "contents"),
        ],
    )
    def test_an_article_needs_a_title_and_contents(self, kb, values, field):
        with pytest.raises(Invalid) as refused:
            factories.make_article(kb, values.get("title", "Pads"), values.get("contents", "<p>x</p>"))
        assert field in refused.value.problems

    def test_a_title_without_latin_letters_has_a_slug_too(self, api, kb):
        article = factories.make_article(kb, "ブレーキ")

        found = api.get(f"kb/article/{article.id}").json()
        assert (found["slug"], found["full_url"]) == ("article", f"{BASE}/kb/article/{article.id}-article/")
