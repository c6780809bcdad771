"""What a large mailbox costs: each question about its mails is answered by an index, and none walks through it."""

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reynard.desk.actions import mailboxes, receiving
from reynard.desk.actions.receiving import Fetched
from reynard.desk.files import KeptMail
from reynard.desk.models import InboundMail, MailboxFolder
from reynard.desk.selectors import mail_claims, reference
from tests.factories import NOON
from tests.mail.arriving import make_mailbox

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by what is in the tables")


@pytest.fixture
def folder(desk: SimpleNamespace) -> MailboxFolder:
    make_mailbox(desk.workshop, imap_url="imap://support:secret@127.0.0.1:1/")
    return MailboxFolder.objects.select_related("mailbox").get()


def plans(run: Callable[[], object]) -> list[str]:
    """How mails were found by each statement."""
    with CaptureQueriesContext(connection) as captured:
        run()
    asked = [each["sql"] for each in captured if re.match(r"(SELECT|DELETE|UPDATE) .*desk_inboundmail", each["sql"])]
    assert asked
    found = []
    with connection.cursor() as cursor:
        for sql in asked:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            found += [row[3] for row in cursor.fetchall() if "desk_inboundmail" in row[3]]
    return found


def check(lines: list[str]) -> None:
    for line in lines:
        assert line.startswith("SEARCH"), line
        assert "inbound_mailbox " not in line, line  # all mails of a mailbox


def test_taking_mails_of_a_folder_does_not_walk_the_mailbox(folder: MailboxFolder) -> None:
    lease = mailboxes.lease(folder.mailbox_id, now=NOON + timedelta(days=9999))
    assert lease
    mails = [Fetched(uid, KeptMail(sha256=f"{uid:064}", size=1, full_size=1)) for uid in range(1, 51)]

    def take() -> None:
        receiving.receive_fetched(folder, mails, uidvalidity=1, last_uid=50, lease=lease, now=NOON)

    check(plans(take))
    assert InboundMail.objects.count() == 50


@pytest.mark.parametrize("answered", [["a@example.org"], [f"{n}@example.org" for n in range(20)]])
def test_what_a_mail_answers_is_found_without_walking_the_mailbox(folder: MailboxFolder, answered: list[str]) -> None:
    check(plans(lambda: mail_claims._by_reference(answered, reference.current())))


def test_a_mail_that_came_before_is_found_without_walking_the_mailbox(folder: MailboxFolder) -> None:
    mail = InboundMail(id=99, mailbox_id=folder.mailbox_id)
    check(plans(lambda: mail_claims.duplicate_of(mail, message_id="a@example.org", content_hash="x")))
    check(plans(lambda: mail_claims.copy_in_ticket(1, message_id="a@example.org", content_hash="x")))
