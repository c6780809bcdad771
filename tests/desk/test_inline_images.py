"""Images in the HTML of a message (rules/inline_images): what is found, what is kept, and that nobody can forge it."""

from hypothesis import given
from hypothesis import strategies as st

from reynard.desk.rules.inline_images import KEPT_START, keep, uploads_in
from reynard.desk.rules.messages import compose

URL = "https://desk.example/get_hdp_temporarily_attachment/{}/"

pieces = st.sampled_from(
    [
        '<img src="attachment:5"',
        "<img src='attachment:5'",
        'src="attachment:5"',
        "<img ",
        "<a title='",
        '<b title="',
        "&lt;",
        "&quot;",
        "&#60;img src=&#34;attachment:5&#34;",
        "<!--",
        "-->",
        "<svg>",
        "<math>",
        "<style>",
        "</style>",
        "<textarea>",
        "<noscript>",
        "<template>",
        "<title>",
        "<plaintext>",
        "<table>",
        "<p>",
        "\n",
        ">",
        "'",
        '"',
        "x",
        f'<img alt="<b>" src="{URL.format(7)}">',
    ]
)


def clean(html):
    message = compose("", html)
    return message.html if message else ""


@given(st.lists(pieces, max_size=30).map("".join))
def test_cleaned_html_never_has_the_kept_form(html):
    assert KEPT_START not in clean(html)


@given(st.lists(pieces, max_size=30).map("".join))
def test_only_images_of_known_uploads_change(html):
    before = clean(html)
    assert keep(before, {}) == before
    shown = before.count(f'src="{URL.format(7)}"') if 7 in uploads_in(before) else 0
    kept = keep(before, {7: 640})
    assert (KEPT_START in kept) == (7 in uploads_in(before))
    assert kept.count(f'{KEPT_START}640"') <= shown
    assert 7 not in uploads_in(kept)


def test_uploads_are_found_once_in_their_order():
    html = clean("".join(f'<img src="{URL.format(id)}">' for id in (9, 7, 9)))
    assert uploads_in(html) == [9, 7]


def test_all_else_stays_to_the_letter():
    html = clean(f'<p>ä &amp; &lt;\n<b>x</b>\n<img alt="a&quot;b" src="{URL.format(7)}" width="3">\n<i>y</i>&nbsp;</p>')
    tag = f'<img alt="a&quot;b" src="{URL.format(7)}" width="3">'
    assert keep(html, {7: 640}) == html.replace(tag, '<img src="attachment:640" alt="a&quot;b" width="3">')
    assert tag in html
