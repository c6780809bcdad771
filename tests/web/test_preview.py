"""What is being written, as its reader will see it."""

from types import SimpleNamespace

import pytest
from django.test import Client


def test_markdown_is_shown_as_it_will_be_sent(priya: Client) -> None:
    answer = priya.post("/inbox/preview/", {"text": "Please **push** it.\n\n> is it safe?"})
    html = answer.content.decode()
    assert "<strong>push</strong>" in html
    assert "is it safe?" in html.split("<blockquote>", 1)[1]


@pytest.mark.parametrize("text", ["", "  \n "])
def test_nothing_is_shown_of_nothing(priya: Client, text: str) -> None:
    answer = priya.post("/inbox/preview/", {"text": text})
    assert (answer.status_code, answer.content) == (200, b"")


def test_nothing_in_it_can_run_or_load_from_elsewhere(priya: Client) -> None:
    text = (
        "<script>evil()</script> <img src=x onerror=evil()>\n\n[here](javascript:evil())\n\n"
        "![](https://track.example/p.gif) ![](data:image/svg+xml,x)"
    )
    html = priya.post("/inbox/preview/", {"text": text}).content.decode()
    for bad in ("<script", "<img", 'href="javascript', "track.example"):
        assert bad not in html, bad


def test_what_cannot_be_sent_is_explained(priya: Client) -> None:
    answer = priya.post("/inbox/preview/", {"text": ">" * 200 + " deep"})
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("text/plain")
    assert answer.content == b"Lists and quotes are nested too deeply."


def test_strangers_get_none(desk: SimpleNamespace) -> None:
    assert Client().post("/inbox/preview/", {"text": "x"}).status_code == 302
