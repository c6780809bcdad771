"""What stands in mails between the words of a template."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reynard.desk.rules import mail_bodies, mail_html
from reynard.desk.rules.history import Change, Changes, DateChange, FieldChange, SubjectChange
from reynard.desk.rules.inline_images import KEPT
from reynard.desk.rules.mail_bodies import File, Quote, QuoteLimits
from reynard.desk.rules.messages import compose

NOON = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
LIMITS = QuoteLimits(messages=2, message_characters=100, characters=150)


def quote(text="It is broken.", html="", author="Lena Ortiz", **values):
    return Quote(author=author, moment=NOON, text=text, html=html, **values)


def history(*quotes, **options):
    return mail_bodies.history(quotes, lambda html: f"CLEAN({html})", LIMITS, **options)


class TestHistory:
    def test_it_quotes_under_a_line_that_says_who_and_when(self):
        block = history(quote("It is\n\nbroken.", "<p>It is</p>"), quote("Psst", author="Priya", private=True))

        assert block.text == (
            "On Mon, 9 Mar 2026 at 12:00 UTC, Lena Ortiz wrote:\n> It is\n>\n> broken.\n\n"
            "On Mon, 9 Mar 2026 at 12:00 UTC, Priya noted:\n> Psst"
        )
        assert "CLEAN(<p>It is</p>)</blockquote>" in block.html
        assert "<p>Psst</p></blockquote>" in block.html

    def test_nothing_to_quote_is_nothing(self):
        assert history() == mail_bodies.Block()

    def test_a_long_message_is_cut(self):
        block = history(quote("x" * 500, "<b>long</b>"))

        assert block.text.endswith("> " + "x" * 100 + "\n> […]")
        assert "long" not in block.html

    def test_only_so_many_are_quoted(self):
        block = history(quote("1"), quote("2"), quote("3"))

        assert block.text.endswith("> 2\n\n[…]")
        assert "3" not in block.html.partition("> 2")[2]

    def test_only_so_much_is_quoted(self):
        assert history(quote("x" * 90), quote("y" * 90)).text.endswith("\n\n[…]")
        assert "yyy" not in history(quote("x" * 90), quote("y" * 90)).html

    def test_markup_counts_too(self):
        block = history(quote("x"), quote("y", "<b>" + "y" * 700))
        assert block.text.endswith("> x\n\n[…]")
        assert "yyy" not in block.html

    def test_the_mark_of_what_is_left_out_stands_where_it_would_have_been(self):
        assert history(quote("3"), quote("2"), quote("1"), oldest_first=True).text.startswith("[…]\n\nOn")

    def test_names_cannot_pretend_to_be_lines(self):
        block = history(quote(author="Lena\n> forged\r\n<b>"))

        assert block.text.split("\n")[0].endswith("Lena > forged <b> wrote:")
        assert "&lt;b&gt;" in block.html

    def test_what_a_message_quoted_itself_is_not_quoted_again(self):
        block = history(quote("New.\n\nOn Monday, Priya wrote:\n> Old.\n>> Older.\n", "<p>New.</p><p>Old.</p>"))

        assert block.text.endswith("wrote:\n> New.")
        assert "Old" not in block.html

    @pytest.mark.parametrize("text", ["> all of it", "A\n> b\nC", "", "Look:", ">"])
    def test_but_nothing_else_is_lost(self, text):
        assert mail_bodies.without_quotes(text) == text

    @given(st.text())
    def test_every_line_is_marked(self, text):
        block = history(quote(text))

        assert all(line.startswith(">") for line in block.text.split("\n")[1:])


class TestExcerpt:
    def test_a_short_message_is_whole(self):
        block = mail_bodies.excerpt("Hi.", "<p>Hi.</p>")
        assert (block.text, block.html) == ("Hi.", '<div dir="auto"><p>Hi.</p></div>')

    def test_a_long_one_is_cut(self):
        block = mail_bodies.excerpt("x" * 30, "<p>long</p>", 20)
        assert block.text == "x" * 20 + "\n[…]"
        assert "long" not in block.html

    def test_no_message_is_nothing(self):
        assert mail_bodies.excerpt("", "") == mail_bodies.Block()


def test_a_message_with_an_author_says_so():
    block = mail_bodies.message("Hi.", "<p>Hi.</p>", author="Lena <b>\r\n")
    assert block.text == "Lena <b> wrote:\n\nHi."
    assert block.html.startswith("<p>Lena &lt;b&gt; wrote:</p>")


def test_files_are_named_with_their_sizes_and_links():
    block = mail_bodies.files([File("a<b>.pdf", 1), File("b\n.zip", 26_214_400, "https://x.example/?a&b")], "Files:")

    assert block.text == "Files:\n* a<b>.pdf (1 KB)\n* b .zip (25.0 MB)\n  https://x.example/?a&b"
    assert '<li>a&lt;b&gt;.pdf (1 KB)</li>\n<li><a href="https://x.example/?a&amp;b">b .zip (25.0 MB)</a>' in block.html
    assert mail_bodies.files([], "Files:") == mail_bodies.Block()


def test_what_changed_has_a_line_each():
    changed = Changes(
        subject=SubjectChange("Brake", "Brakes"),
        status=Change(1, 2, "New", "Waiting"),
        assignee=Change(7, None, "Priya Raman", None),
        due_date=DateChange(None, "2026-03-20"),
        custom_fields=[FieldChange(8, "Frame\nsize", "", "<54>")],
        tags_added=["a", "b"],
        tags_removed=["c"],
    )

    block = mail_bodies.changes(changed, 15)

    assert block.text.split("\n") == [
        "Subject: Brake → Brakes",
        "Status: New → Waiting",
        "Assigned to: Priya Raman → none",
        "Due: 2026-03-20",
        "Frame size: <54>",
        "Tags added: a, b",
        "Tags removed: c",
        "Time spent: 15 minutes",
    ]
    assert "Frame size: &lt;54&gt;<br>" in block.html
    assert mail_bodies.changes(Changes(), None) == mail_bodies.Block()


class TestHtml:
    def test_images_of_the_mail_are_shown_and_others_are_named(self):
        shown = [KEPT.format(id=640) + ' alt="Rim">', KEPT.format(id=641) + ' alt="a&gt;b">', KEPT.format(id=7) + ">"]
        html = f"<p>{''.join(shown)}</p>"

        assert mail_html.images_in(html) == [640, 641, 7]
        assert mail_html.for_mail(html, {640: "abc@x.example"}) == (
            '<p><img src="cid:abc@x.example" alt="Rim">[a&gt;b][image]</p>'
        )

    def test_nothing_is_fetched_from_elsewhere_unless_wanted(self):
        html = compose("", '<p>A<img src="https://t.example/p.gif" alt="P"><a href="https://x.example">x</a></p>').html

        assert mail_html.for_mail(html, {}) == '<p>A[P]<a href="https://x.example" rel="noopener noreferrer">x</a></p>'
        assert 'src="https://t.example/p.gif"' in mail_html.for_mail(html, {}, remote_images=True)

    @pytest.mark.parametrize(
        "html",
        [
            "<script>alert(1)</script>",
            '<img src=x onerror="alert(1)">',
            '<a href="javascript:alert(1)">x</a>',
            '<a href="data:text/html,x">x</a>',
            '<a href="/inbox/">x</a>',
            '<img src="cid:abc@x.example">',
            '<img src="file:///etc/passwd">',
            '<iframe src="https://x.example"></iframe>',
            '<form action="https://x.example"><input></form>',
            '<p style="position:fixed">x</p>',
            '<svg><use href="https://x.example#a"></use></svg>',
        ],
    )
    @pytest.mark.parametrize("remote_images", [False, True])
    def test_it_is_cleaned_again(self, html, remote_images):
        clean = mail_html.for_mail(f"x{html}", {}, remote_images=remote_images)

        for word in ("script", "onerror", "data:", "/inbox", "cid:", "file:", "iframe", "form", "style", "svg"):
            assert word not in clean

    def test_control_characters_are_left_out(self):
        assert mail_html.for_mail("a\x00\x08\x0bb\x85", {}) == "ab"
        assert mail_bodies.clean_text("a\x00\x08\x0bb\x85\r\nc\rd\te") == "ab\nc\nd\te"
