"""The words around mails, as an operator wants them (rules/mail_templates has the language and the defaults)."""

from reynard.desk import db
from reynard.desk.errors import Problems
from reynard.desk.models import MailTemplate
from reynard.desk.rules import mail_templates
from reynard.desk.rules.placeholders import BadTemplate
from reynard.desk.selectors import reference


def set_template(kind: str, text: str) -> None:
    """Use this template for mails of a kind from now on. Raises Invalid."""
    problems = Problems()
    try:
        mail_templates.check(kind, text)
    except BadTemplate as error:
        problems.add("template", str(error))
    problems.raise_if_any()
    with db.write():
        MailTemplate.objects.update_or_create(kind=kind, defaults={"text": text})
        reference.changed()


def reset_template(kind: str) -> None:
    """Use the default again."""
    with db.write():
        MailTemplate.objects.filter(kind=kind).delete()
        reference.changed()
