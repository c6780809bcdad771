"""Where quoted text begins, in plain text and in HTML."""

import nh3
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from reynard.desk.rules import display, html_lines
from reynard.desk.rules.messages import html_to_text, text_to_html
from reynard.desk.rules.quotes import split
from tests.mail.corpus import FOLDER

QUOTED = "> Does the rim fit?\n> Lena"


@pytest.mark.parametrize(
    "introduction",
    [
        "On Tue, 25 Nov 2025 at 11:00, Lena Ortiz <lena@example.org> wrote:",
        "On Tue, 25 Nov 2025 at 11:00, Lena Ortiz <\nlena@example.org> wrote:",
        "On 25 Nov 2025,\nat 11:00,\nLena Ortiz wrote:",
        "Am 25.11.25 um 11:00 schrieb Lena Ortiz:",
        "Am Di., 25. Nov. 2025 um 11:00 Uhr schrieb Lena Ortiz <lena@example.org>:",
        "Le mar. 25 nov. 2025 à 11:00, Lena Ortiz <lena@example.org> a écrit :",
        "El mar, 25 nov 2025 a las 11:00, Lena Ortiz (<lena@example.org>) escribió:",
        "Il giorno mar 25 nov 2025 alle ore 11:00 Lena Ortiz <lena@example.org> ha scritto:",
        "Em ter., 25 de nov. de 2025 às 11:00, Lena Ortiz <lena@example.org> escreveu:",
        "Op di 25 nov 2025 om 11:00 schreef Lena Ortiz <lena@example.org>:",
        "wt., 25 lis 2025 o 11:00 Lena Ortiz <lena@example.org> napisał(a):",
        "Den tis 25 nov. 2025 kl 11:00 skrev Lena Ortiz <lena@example.org>:",
        "ti 25. marrask. 2025 klo 11.00 Lena Ortiz (lena@example.org) kirjoitti:",
        "вт, 25 нояб. 2025 г. в 11:00, Lena Ortiz <lena@example.org>:",  # noqa: RUF001
        "25 Kas 2025 Sal, 11:00 tarihinde Lena Ortiz <lena@example.org> şunu yazdı:",  # noqa: RUF001
        "út 25. 11. 2025 v 11:00 odesílatel Lena Ortiz <lena@example.org> napsal:",
        "2025年11月25日(火) 11:00 Lena Ortiz <lena@example.org>:",
        "于2025年11月25日周二 11:00写道：",  # noqa: RUF001
        "2025년 11월 25일 (화) 오전 11:00, Lena Ortiz <lena@example.org>님이 작성:",
    ],
)
def test_a_line_that_says_who_wrote_when_begins_a_quotation(introduction: str):
    for quoted in (QUOTED, QUOTED.replace("> ", "")):
        text = f"Yes, it fits.\n\n{introduction}\n\n{quoted}\n"
        assert split(text) == ("Yes, it fits.\n\n", f"{introduction}\n\n{quoted}\n")


@pytest.mark.parametrize(
    "block",
    [
        "From: Lena Ortiz <lena@example.org>\nSent: Tuesday, 25 November 2025 11:00\nTo: Support\nSubject: The rim",
        "*From:* Lena Ortiz\n*Sent:* Tuesday\n*To:* Support\n*Subject:* The rim",
        "Von: Lena Ortiz\nGesendet: Dienstag, 25. November 2025 11:00\nAn: Support\nBetreff: Die Felge",
        "De : Lena Ortiz\nEnvoyé : mardi 25 novembre 2025 11:00\nÀ : Support\nObjet : La jante",
        "De: Lena Ortiz\nEnviado el: martes, 25 de noviembre de 2025 11:00\nPara: Soporte\nAsunto: La llanta",
        "Od: Lena Ortiz\nWysłano: wtorek\nDo: Support\nTemat: Felga",
        "От: Lena Ortiz\nОтправлено: 25 ноября 2025 г. 11:00\nКому: Support\nТема: Обод",  # noqa: RUF001
        "发件人: Lena Ortiz\n发送时间: 2025年11月25日 11:00\n收件人: Support\n主题: 轮圈",
        "________________________________\nFrom: Lena Ortiz\nSent: Tuesday\nTo: Support\nSubject: The rim",
        "-----Original Message-----",
        "-----Ursprüngliche Nachricht-----\nVon: Lena Ortiz\nAn: Support\nBetreff: Die Felge",
        "##- Please type your reply above this line -##",
    ],
)
def test_headers_of_an_earlier_mail_begin_a_quotation(block: str):
    text = f"Yes.\n\n{block}\n\nDoes the rim fit?\n"
    assert split(text) == ("Yes.\n\n", f"{block}\n\nDoes the rim fit?\n")


@pytest.mark.parametrize(
    "text",
    [
        "> Does it fit?\n\nYes.\n\n> When?\n\nTomorrow.",
        "On Tuesday, 25.11.2025, Lena wrote:\n> Does it fit?\n\nYes, it does.",
        "> Does it fit?\nYes.\n> When can I have the other wheel that you were going to look at?\nnow\n> Thanks",
        f"On Tue, 25 Nov 2025 at 11:00, Lena wrote:\n{QUOTED}",
        "See below.\n\n---------- Forwarded message ---------\nFrom: Shop\nDate: today\nSubject: Order\n\nTwo rims.",
        "See below.\n\n> Begin forwarded message:\n>\n> From: Shop\n> Two rims.",
        "As I wrote: the rim of 2024 is broken.",
        "Please answer these by 12:00:\n1. rim\n2. spokes",
        "From: the shop\nI would like two rims.",
        "The mail says sent from my phone.\n\nIt was not.",
        "On the one hand: yes.\n\nOn the other: no.",
        "",
        "\n\n",
    ],
)
def test_what_a_person_says_is_never_folded(text: str):
    assert split(text) == (text, "")


def test_a_signature_below_goes_with_the_quotation_and_one_above_stays():
    above, below = "Yes.\n\n-- \nPriya\n\n", f"On 25.11.2025 Lena wrote:\n{QUOTED}\n\n-- \nPriya\n"
    assert split(above + below) == (above, below)


def test_a_quoted_line_may_be_wrapped():
    quoted = "> When can I have the other wheel that you were going to look at this\nweek, please?\n> Thanks"
    assert split(f"Tomorrow.\n\nLena wrote:\n{quoted}") == ("Tomorrow.\n\n", f"Lena wrote:\n{quoted}")


def test_what_follows_the_line_of_a_phone_is_folded():
    assert split("Yes.\n\nSent from my iPhone\n\nDoes it fit?") == ("Yes.\n\nSent from my iPhone\n", "\nDoes it fit?")


# --- HTML, as the usual programs write it

_CLIENTS = {
    "Gmail": (
        '<div dir="ltr">Yes.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
        "On Tue, 25 Nov 2025 at 11:00, Lena &lt;<a>lena@example.org</a>&gt; wrote:"
        "<br></div><blockquote>Does the rim fit?</blockquote></div>"
    ),
    "Outlook": (
        '<div class="WordSection1"><p>Yes.</p><div><div style="border:none"><p>'
        "<b>Von:</b> Lena &lt;lena@example.org&gt;"
        "<br><b>Gesendet:</b> Dienstag<br><b>An:</b> Support<br><b>Betreff:</b> Die Felge</p></div></div>"
        "<p>Does the rim fit?</p></div>"
    ),
    "Outlook on the web": (
        '<div>Yes.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><font><b>From:</b> Lena<br>'
        "<b>Sent:</b> Tuesday<br><b>To:</b> Support<br><b>Subject:</b> The rim</font>"
        "<div>&nbsp;</div></div><div>Does the rim fit?</div>"
    ),
    "Outlook, in a table": (
        "<p>Yes.</p><table><tr><td><b>From:</b></td><td>Lena</td></tr><tr><td>Sent:</td><td>Tuesday</td></tr>"
        "<tr><td>Subject:</td><td>The rim</td></tr></table><p>Does the rim fit?</p>"
    ),
    "Yahoo": (
        '<div>Yes.</div><div><br></div><div class="yahoo_quoted"><div>'
        "On Tuesday, 25 November 2025 at 11:00:00 CET, Lena &lt;lena@example.org&gt; wrote: </div><div><br></div>"
        "<div>Does the rim fit?</div></div>"
    ),
    "Thunderbird": (
        '<p>Yes.</p><div class="moz-cite-prefix">Am 25.11.25 um 11:00 schrieb Lena:<br></div>'
        '<blockquote type="cite"><p>Does the rim fit?</p></blockquote><div class="moz-signature">-- <br>Priya</div>'
    ),
    "Apple Mail": (
        '<div>Yes.</div><div><br><blockquote type="cite"><div>'
        "Am 25.11.2025 um 11:00 schrieb Lena &lt;lena@example.org&gt;:</div><br>"
        "<div>Does the rim fit?</div></blockquote></div><br>"
    ),
    "plain text": text_to_html("Yes.\n\nOn Tue, 25 Nov 2025 at 11:00, Lena wrote:\n> Does the rim fit?"),
    "preformatted": "<pre>Yes.\n\nOn Tue, 25 Nov 2025 Lena wrote:\n&gt; Does the rim fit?</pre>",
}


@pytest.mark.parametrize("html", _CLIENTS.values(), ids=_CLIENTS)
def test_the_quotation_is_folded_with_the_line_that_introduces_it(html: str):
    shown = display.shown(html, str)
    assert html_to_text(shown.html).strip() == "Yes."
    assert "Lena" in shown.quoted
    assert "Does the rim fit?" in shown.quoted


@pytest.mark.parametrize(
    "html",
    [
        "<div>On Tue, 25 Nov 2025 Lena wrote:</div><blockquote>Does it fit?</blockquote><div>Yes.</div>",
        "<blockquote>Does it fit?</blockquote><div>Yes.</div><blockquote>When?</blockquote><div>Now.</div>",
        "<div>See below.</div><blockquote><div>Begin forwarded message:</div><div><b>From: </b>Shop</div></blockquote>",
        "<div>Only this.</div>",
        "",
    ],
)
def test_html_without_a_quotation_at_its_end_is_shown_whole(html: str):
    shown = display.shown(html, str)
    assert (shown.html, shown.quoted, shown.quoted_lines) == (html, "", 0)


_TAGS = """
    <p> </p> <div> </div> <blockquote> </blockquote> <br> <hr> <b> </b> <ul> <li> </li> </ul> <pre> </pre>
    <table> <tr> <td> </td> </tr> </table>
""".split()
_WORDS = [
    "&gt;",
    "&lt;",
    "&amp;",
    "Yes.",
    "wrote:",
    "From:",
    "Sent:",
    "To:",
    "--",
    " ",
    "\n",
    "On 25 Nov 2025, Lena wrote:",
]
_HTML = st.lists(st.sampled_from([*_TAGS, *_WORDS, '<img src="https://x.example/a>b.png">']), max_size=60).map("".join)
_LINES = st.lists(
    st.sampled_from(
        [*QUOTED.split("\n"), "", "Yes.", "Lena wrote:", "On 1.1.2025 x@y.example wrote:", "--", "From: a", "To: b"]
    )
)


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.filter_too_much])
@given(_HTML)
def test_html_taken_apart_is_whole_on_both_sides_and_loses_nothing(written: str):
    html = nh3.clean(written)
    assume(nh3.clean(html) == html)  # not so for lists and tables that are wildly mixed up
    words = "".join(html_to_text(html).replace("*", "").split())
    for line in html_lines.lines(html):
        before, behind = html_lines.divided(html, line.start)
        assert (nh3.clean(before), nh3.clean(behind)) == (before, behind)
        assert "".join((html_to_text(before) + html_to_text(behind)).replace("*", "").split()) == words


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [*QUOTED.split("\n"), "", "Yes.", "Lena wrote:", "On 1.1.2025 x@y.example wrote:", "--", "From: a", "To: b"]
        )
    )
)
def test_both_parts_are_the_text(lines: list[str]):
    text = "\n".join(lines)
    visible, quoted = split(text)
    assert visible + quoted == text
    assert bool(visible.strip()) or not quoted


# --- texts that others collected, in many languages: the line, from 1, in which the quotation begins; 0: there is none

_FIRST_QUOTED = {
    0: """
        correct_sig email_1 email_2 email_21 email_5 email_blackberry email_emoji email_iphone
        email_multi_word_sent_from_my_mobile_device email_not_a_signature email_not_a_signature_2
        email_sent_from_my_not_signature email_tricky_11_double_signature email_tricky_13_timestamp_variations
        email_tricky_16_unicode_signatures email_tricky_17_forward_header email_tricky_18_inline_reply
        email_tricky_19_quote_without_header email_tricky_1_on_false_positive email_tricky_2_url_with_wrote
        email_tricky_3_code_block email_tricky_4_from_in_body email_tricky_6_regards_in_sentence
        email_tricky_7_multiple_dashes email_tricky_8_sent_from_in_content email_with_date_headers
        email_with_from_headers email_with_regards sig_no_empty_line
    """,
    3: """
        email_20 email_4 email_custom_quote_header email_thread email_tricky_9_nested_quotes email_unquoted_reply
    """,
    4: """
        email_2_1 email_sent_from email_zoho
    """,
    5: """
        email_19 email_6 email_customer_quote_header_2 email_customer_quote_header_3 email_tricky_20_html_entities
    """,
    6: """
        email_msn email_tricky_12_no_space_after_header
    """,
    7: """
        email_10 email_11 email_12 email_13 email_14 email_16 email_17 email_18 email_22 email_23 email_24 email_25
        email_26 email_3 email_7 email_8 email_9 email_danish_dash_separator email_finnish email_fr_multiline
        email_french_2 email_french_dash_separator email_german email_german_2 email_german_outlook
        email_gmail_split_line_from email_italian email_norwegian_gmail email_one_is_not_on email_original_message
        email_original_message_2 email_outlook_split_line_from email_portuguese email_russian
        email_tricky_10_special_chars_in_name email_tricky_14_long_quote_header
        email_tricky_15_original_message_variations email_tricky_5_mixed_languages
    """,
    8: """
        email_15 email_en_multiline_2 email_german_3 email_ios_outlook email_ios_outlook_fr
    """,
    12: """
        email_bullets
    """,
    13: """
        email_reply_header
    """,
}
_NOT_REACHED = {"email_7"}  # a quoted line that was wrapped after the end of a sentence: it could be an answer
_TEXTS = FOLDER / "crisp-reply-parser/test/fixtures"


@pytest.mark.skipif(not _TEXTS.is_dir(), reason=f"there is no folder {_TEXTS}")
@pytest.mark.parametrize(
    ("name", "line"), [(name, line) for line, names in _FIRST_QUOTED.items() for name in names.split()]
)
def test_collected_texts(name: str, line: int):
    text = (_TEXTS / f"{name}.txt").read_text()
    visible, quoted = split(text)
    assert visible + quoted == text
    found = visible.count("\n") + 1 if quoted else 0
    assert found == line or (name in _NOT_REACHED and found == 0)
