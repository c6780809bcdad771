"""`markdown` in messages: kept as written, and rendered to clean HTML (observed.md §2)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reynard.desk.models import MessageSource
from reynard.desk.rules.markdown import MARKDOWN_LIMIT
from tests import factories
from tests.api.writing import everything, shape_l

WRITTEN = "Cable **too long**:\n\n- shortened <b>it</b>\n- ~~oiled~~ tested"
RENDERED = (
    "<p>Cable <strong>too long</strong>:</p>\n<ul>\n<li>shortened &lt;b&gt;it&lt;/b&gt;</li>\n"
    "<li><s>oiled</s> tested</li>\n</ul>\n"
)


@pytest.fixture
def ticket(desk):
    return factories.make_ticket(desk.lena, desk.workshop)


@pytest.fixture
def send(api, desk, ticket):
    """Writes a message by one of the operations that take one, and returns the answer."""
    bodies = {
        "tickets": {"client": desk.lena.id, "subject": "Hub", "category": desk.workshop.id},
        "staff_update": {"staff": desk.priya.id},
        "staff_pvtnote": {"staff": desk.priya.id},
        "user_reply": {"user": desk.lena.id},
        "forward": {"staff_id": desk.priya.id, "to": "x@hubs.example", "subject": "Hub"},
    }

    def write(operation, values, **options):
        path = "tickets/" if operation == "tickets" else f"ticket/{ticket.id}/{operation}/"
        return api.post(path, bodies[operation] | values, **options)

    return write


OPERATIONS = ["tickets", "staff_update", "staff_pvtnote", "user_reply", "forward"]


@pytest.fixture
def written(api, send, ticket):
    """The message that a write leaves."""

    def read(operation, values):
        answer = send(operation, values)
        assert answer.status_code == 200, answer.content
        number = answer.json().get("id", ticket.id)
        return api.get(f"ticket/{number}/").json()["updates"][-1]["message"]

    return read


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_text_is_as_written_and_the_html_made_of_it(written, operation):
    message = written(operation, {"markdown": WRITTEN})
    assert (message["text"], message["html"]) == (WRITTEN + "\n\n", RENDERED)
    assert not MessageSource.objects.exists()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_it_wins_over_every_other_key_of_the_message(written, operation):
    others = {"text": "plain", "plaintext": "plain", "message": "plain", "html": "<p>html</p>"}
    message = written(operation, {"markdown": "*one*"} | others)
    assert (message["text"], message["html"]) == ("*one*\n\n", "<p><em>one</em></p>\n")


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("blank", ["", "  \n", None])
def test_a_blank_one_counts_as_not_sent(written, operation, blank):
    message = written(operation, {"markdown": blank, "html": "<p>html</p>"})
    assert (message["text"], message["html"]) == ("html\n\n", "<p>html</p>")


def test_other_messages_stay_literal(written):
    assert written("staff_update", {"plaintext": "**a**"})["html"] == "<p>**a**</p>"


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>\n"),
        ("[a](<javascript:alert(1)>)", "<p>[a](&lt;javascript:alert(1)&gt;)</p>\n"),
        ("[a](data:text/html,x)", "<p>[a](data:text/html,x)</p>\n"),
        ("![a](attachment:1)", '<p><img alt="a"></p>\n'),
        (
            "<https://x.example/>",
            '<p><a href="https://x.example/" rel="noopener noreferrer">https://x.example/</a></p>\n',
        ),
        ("a|b\n-|-\n1|2", None),
        ("[a]: https://x.example", "<p>[a]: https://x.example</p>"),  # says nothing as Markdown
    ],
)
def test_nothing_dangerous_comes_of_it(written, markdown, html):
    found = written("staff_update", {"markdown": markdown})["html"]
    if html is None:
        assert "<table>" in found
        assert "<td>2</td>" in found
    else:
        assert found == html


def test_images_that_were_uploaded_before_become_attachments(api, written):
    png = SimpleUploadedFile("rim.png", b"\x89PNG\r\n\x1a\nx", "image/png")
    url = api.post("ticket-inline-attachment", {"file": png}, content_type="multipart").json()["url"]
    message = written("staff_update", {"markdown": f"Look: ![Rim]({url})"})
    [attachment] = message["attachments"]
    assert attachment["filename"] == "rim.png"
    assert f"/attachments/{attachment['id']}/inline/" in message["html"]
    assert 'alt="Rim"' in message["html"]


TOO_LONG = f"Ensure this value has at most {MARKDOWN_LIMIT} characters (it has {MARKDOWN_LIMIT + 1})."


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        (["a"], "Enter a text."),
        ("a\x00", "Null characters are not allowed."),
        ("a" * (MARKDOWN_LIMIT + 1), TOO_LONG),
        ("> " * 30 + "a", "Lists and quotes are nested too deeply."),
    ],
)
def test_what_cannot_be_rendered_changes_nothing(send, operation, markdown, text):
    before = everything()
    answer = send(operation, {"markdown": markdown, "text": "plain"})
    assert (answer.status_code, answer.json()) == (400, shape_l({"markdown": text}))
    assert everything() == before
