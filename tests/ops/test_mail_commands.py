"""`reynard template` and `reynard category`: how the desk writes mails."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from reynard.desk.rules import mail_templates
from reynard.desk.selectors import reference

TEMPLATE = "Subject: {{subject}}\n\n{{message}}\n\nYour Rollwerk\n"


def run(*arguments):
    output = StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue()


class TestTemplate:
    def test_a_template_is_shown_changed_and_reset(self, db, tmp_path):
        file = tmp_path / "reply.txt"
        file.write_text(TEMPLATE)

        assert run("template", "show", "message") == mail_templates.DEFAULTS["message"]
        run("template", "set", "message", str(file))
        assert run("template", "show", "message") == TEMPLATE
        assert "message          own" in run("template", "list")
        run("template", "reset", "message")
        assert run("template", "show", "message") == mail_templates.DEFAULTS["message"]
        assert "own" not in run("template", "list")

    def test_it_says_what_a_template_may_name(self, db):
        output = run("template", "show", "staff", "--fields")
        assert all(f"{{{{{name}}}}}" in output for name in mail_templates.FIELDS["staff"])

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"Subject: x\n\n{{message}} {{colour}}", r"There is no field \{\{colour\}\}.*There are: ticket.id, "),
            (b"\xff\xfe", "is no UTF-8 text"),
            (None, "cannot be read: No such file or directory"),
        ],
    )
    def test_what_cannot_be_used_is_refused(self, db, tmp_path, content, sentence):
        file = tmp_path / "reply.txt"
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(CommandError, match=sentence):
            run("template", "set", "message", str(file))
        assert reference.current().mail_templates == mail_templates.DEFAULTS

    def test_kinds_that_are_none_are_named(self, db):
        with pytest.raises(CommandError, match="invalid choice: 'letter'"):
            run("template", "show", "letter")


class TestCategory:
    def test_it_shows_where_mails_come_from(self, desk, settings):
        settings.REYNARD_MAIL_FROM = ""
        assert "not set up" in run("category", "list")
        settings.REYNARD_MAIL_FROM = "Rollwerk <support@rollwerk.example>"
        lines = run("category", "list").splitlines()
        assert lines[1].split("  ")[-1] == "support@rollwerk.example (with plus addressing)"
        assert len(lines) == 3

    def test_what_is_not_given_stays(self, desk):
        number = str(desk.workshop.id)
        run("category", "mail", number, "--from-name", "Werkstatt", "--from-address", "werkstatt@rollwerk.example")
        output = run("category", "mail", number, "--reply-address", "in@rollwerk.example", "--plus-addressing", "no")
        assert "Werkstatt <werkstatt@rollwerk.example>  in@rollwerk.example\n" in output

        output = run("category", "mail", number, "--reply-address", "", "--plus-addressing", "default")
        assert "Werkstatt <werkstatt@rollwerk.example>  werkstatt@rollwerk.example (with plus addressing)" in output

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (["--from-address", "nobody"], "Enter a valid email address: nobody is none"),
            (["--reply-address", "A <a@b.example>"], "a@b.example is"),
            (["--from-address", "jürgen@b.example"], "jürgen@b.example is none"),
            (["--from-name", "a\nBcc: b"], "A name is one line"),
            (["--from-name", "x" * 101], "at most 100 characters"),
        ],
    )
    def test_bad_values_change_nothing(self, desk, arguments, sentence):
        with pytest.raises(CommandError, match=sentence):
            run("category", "mail", str(desk.workshop.id), "--plus-addressing", "no", *arguments)
        desk.workshop.refresh_from_db()
        assert (desk.workshop.mail_from_address, desk.workshop.mail_plus_addressing) == ("", None)

    def test_an_unknown_category_is_named(self, desk):
        with pytest.raises(CommandError, match="No category has id 4711"):
            run("category", "mail", "4711", "--from-name", "x")
