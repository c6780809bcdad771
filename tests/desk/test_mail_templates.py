"""The words around mails: what a template may say, and that what people write is never taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reynard.desk.actions import mail_templates as actions
from reynard.desk.errors import Invalid
from reynard.desk.models import MailTemplate, OutboxEntry
from reynard.desk.rules import mail_templates
from reynard.desk.rules.mail_templates import BadTemplate, Block, Link
from reynard.desk.selectors import reference


def render(template, **values):
    return mail_templates.render(template, {name.replace("__", "."): value for name, value in values.items()})


@pytest.mark.parametrize("kind", mail_templates.FIELDS)
def test_the_defaults_follow_the_rules(kind):
    mail_templates.check(kind, mail_templates.DEFAULTS[kind])


def test_there_is_one_for_each_kind_of_mail_about_a_ticket():
    about_tickets = set(OutboxEntry.Kind.values) - {"account", "warning"}
    assert set(mail_templates.FIELDS) == set(mail_templates.DEFAULTS) == about_tickets


def test_the_acknowledgement_carries_no_words_of_a_stranger():
    template = mail_templates.DEFAULTS["acknowledgement"]
    assert "subject}}" not in template
    assert "contact" not in template


def test_fields_are_put_in_as_text_and_as_html():
    mail = render(
        "Subject: On {{ticket.subject}}\n\nDear {{ contact.name }},\nsee {{ticket.url}}\n\n{{message}}\n",
        ticket__subject="Brake & <cable>",
        contact__name="Lena <b>",
        ticket__url=Link("https://desk.example.org/?a=1&b=2"),
        message=Block("Two\n\nparts", "<p>Two</p><p>parts</p>"),
    )

    assert mail.subject == "On Brake & <cable>"
    assert mail.text == "Dear Lena <b>,\nsee https://desk.example.org/?a=1&b=2\n\nTwo\n\nparts\n"
    assert mail.html == (
        "<p>Dear Lena &lt;b&gt;,<br>\n"
        'see <a href="https://desk.example.org/?a=1&amp;b=2">https://desk.example.org/?a=1&amp;b=2</a></p>\n'
        "<p>Two</p><p>parts</p>\n"
    )


def test_paragraphs_of_empty_fields_only_are_left_out():
    template = "Subject: x\n\nDue: {{due}}\n\n{{due}} {{name}}\n\nNo field.\n\n{{message}}"

    mail = render(template, due="", name="Lena", message=Block())

    assert mail.text == " Lena\n\nNo field.\n"
    assert mail.html == "<p> Lena</p>\n<p>No field.</p>\n"


@given(st.text())
def test_no_text_is_taken_for_a_template(text):
    sly = f"{{{{secret}}}}{text}{{{{message}}}}\r\n\r\nSubject: other\r\n\r\n"

    mail = render("Subject: {{name}}\n\n{{name}}\n\n{{message}}", name=sly, message=Block(sly, "safe"), secret="S3CRET")

    assert "S3CRET" not in mail.subject + mail.text + mail.html
    assert mail.text == f"{' '.join(sly.split())}\n\n{sly}\n"
    assert mail.html.count("<p>") == 1


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("", "The first line of a template must be the subject: `Subject: …`."),
        ("Hello", "The first line of a template must be the subject: `Subject: …`."),
        ("Subject:  \n\nHello", "The first line of a template must be the subject: `Subject: …`."),
        ("Subject: Hello\nText", "An empty line must follow the subject."),
        ("Subject: Hello\n\n \n", "The template has no text."),
        ("Subject: Hello", "The template has no text."),
        ("Subject: x\n\n{{ticket.id", "This names no field: {{ticket.id"),
        ("Subject: x\n\n{{}}", "This names no field: {{}}"),
        ("Subject: x\n\n{{ticket.id|upper}} and more", "This names no field: {{ticket.id|upper}} and more"),
        ("Subject: x\n\n{{Ticket.Id}}", "This names no field: {{Ticket.Id}}"),
        ("Subject: x\n\n{{ticket.__class__}}", "There is no field {{ticket.__class__}}"),
        ("Subject: {{{{ticket.id}}}}\n\nHello", "This names no field: {{{{ticket.id}}}}"),
        ("Subject: x\n\n{{#if a}}b{{/if}}", "This names no field: {{#if a}}b{{/if}}"),
        ("Subject: x\n\nSee {{message}}", "{{message}} has several lines and needs a paragraph of its own."),
        ("Subject: {{message}}\n\nx", "{{message}} has several lines and cannot stand in the subject."),
        ("Subject: x\n\nHello", "{{message}} is missing: nobody could read what was written."),
        ("Subject: x\n\n" + "x" * 20_000, "A template has at most 20000 characters."),
    ],
)
def test_a_template_that_cannot_be_used_is_refused(template, sentence):
    with pytest.raises(BadTemplate) as refused:
        mail_templates.check("message", template)
    assert str(refused.value).startswith(sentence)


def test_a_field_that_does_not_exist_is_named_with_those_that_do():
    with pytest.raises(BadTemplate) as refused:
        mail_templates.check("acknowledgement", "Subject: x\n\nHello {{contact.shoe_size}}")
    assert str(refused.value) == (
        "There is no field {{contact.shoe_size}} in a mail of this kind. There are: ticket.id, ticket.subject, "
        "category.name, contact.name."
    )


@pytest.mark.parametrize("kind", mail_templates.FIELDS)
def test_every_field_can_be_named(kind):
    fields = "\n\n".join(f"{{{{{name}}}}}" for name in mail_templates.FIELDS[kind])
    mail_templates.check(kind, f"Subject: x\n\n{fields}")


@given(st.text(alphabet=st.sampled_from("{} .a_\nticket\u2028\x0c")))
def test_whatever_is_let_through_can_be_rendered(text):
    template = f"Subject: x{text}"
    try:
        mail_templates.check("acknowledgement", template)
    except BadTemplate:
        return
    mail_templates.render(template, dict.fromkeys(mail_templates.FIELDS["acknowledgement"], "x"))


class TestSetting:
    def test_a_template_is_used_from_now_on_until_it_is_reset(self, db):
        actions.set_template("staff", "Subject: x\n\nNew: {{event}}")
        assert reference.current().mail_templates["staff"] == "Subject: x\n\nNew: {{event}}"

        actions.reset_template("staff")
        assert reference.current().mail_templates == mail_templates.DEFAULTS

    def test_a_bad_one_changes_nothing(self, db):
        with pytest.raises(Invalid, match="There is no field"):
            actions.set_template("staff", "Subject: x\n\n{{nope}}")
        assert not MailTemplate.objects.exists()
