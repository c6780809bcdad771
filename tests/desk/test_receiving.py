"""Mail is stored before it is understood: bytes and row, once, or nothing."""

import errno
import hashlib

import pytest
from django.core.files.storage import default_storage

from reynard.desk import files
from reynard.desk.actions import mailboxes, receiving
from reynard.desk.actions.mailboxes import MailboxSettings
from reynard.desk.actions.receiving import Envelope, Fetched
from reynard.desk.models import InboundMail, Mailbox
from tests.factories import NOON

MAIL = b"From: lena.ortiz@example.org\r\nSubject: Brakes\r\n\r\nThey squeak.\r\n"
PIPE = InboundMail.Source.PIPE


@pytest.fixture
def inbox(desk):
    wanted = MailboxSettings(address="support@rollwerk.example", category_id=desk.workshop.id)
    mailboxes.create("support", wanted, now=NOON)
    return receiving.find("support")


def receive(inbox, mail=MAIL, **more):
    return receiving.receive(inbox, receiving.keep([mail]), source=PIPE, now=NOON, **more)


def stored(sha256):
    with files.open_bytes(sha256) as file:
        return file.read()


class TestFromAMailServer:
    def test_the_bytes_are_kept_as_they_came(self, inbox):
        envelope = Envelope("lena.ortiz@example.org", ["support+7@rollwerk.example"])
        mail = InboundMail.objects.get(id=receive(inbox, envelope=envelope))

        assert stored(mail.sha256) == MAIL
        assert (mail.mailbox_id, mail.source, mail.state) == (inbox.id, "pipe", "new")
        assert (mail.size, mail.full_size, mail.received_at) == (len(MAIL), len(MAIL), NOON)
        assert (mail.envelope_from, mail.envelope_to) == ("lena.ortiz@example.org", ["support+7@rollwerk.example"])

    def test_an_envelope_in_no_charset_is_no_reason_to_send_it_back(self, inbox):
        envelope = Envelope("j\udcfcrgen@example.org\0", ["\udcff@rollwerk.example"])
        mail = InboundMail.objects.get(id=receive(inbox, envelope=envelope))
        assert (mail.envelope_from, mail.envelope_to) == ("j\\udcfcrgen@example.org", ["\\udcff@rollwerk.example"])

    def test_the_same_bytes_again_are_a_duplicate(self, inbox):
        receive(inbox)
        again = InboundMail.objects.get(id=receive(inbox))
        assert (again.state, again.reason) == ("duplicate", receiving.SAME_BYTES)

    def test_another_mailbox_has_a_copy_of_its_own(self, inbox, desk):
        receive(inbox)
        wanted = MailboxSettings(address="office@rollwerk.example", category_id=desk.office.id)
        mailboxes.create("office", wanted, now=NOON)
        copy = InboundMail.objects.get(id=receive(receiving.find("office")))
        assert copy.state == "new"

    def test_of_a_mail_that_is_too_large_the_beginning_is_kept(self, inbox, settings):
        settings.MAIL_LIMIT_BYTES, settings.MAIL_BEGINNING_BYTES = 1000, 100
        whole = MAIL + b"x" * 940
        kept = receiving.keep([whole[n : n + 64] for n in range(0, len(whole), 64)])
        assert (kept.size, kept.full_size) == (100, len(whole))
        assert stored(kept.sha256) == whole[:100]
        assert kept.sha256 == hashlib.sha256(whole[:100]).hexdigest()

        beginning = receiving.keep([whole[:300]], full_size=5000)
        assert (beginning.sha256, beginning.size, beginning.full_size) == (kept.sha256, 100, 5000)

    def test_a_full_disk_leaves_no_row(self, inbox, monkeypatch):
        def full(name, content):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(default_storage._wrapped, "save", full)
        with pytest.raises(OSError, match="No space left"):
            receive(inbox, b"a mail for which there is no room")
        assert not InboundMail.objects.exists()

    @pytest.mark.parametrize("name", ["office", "closed"])
    def test_mailboxes_that_take_nothing_are_told_apart(self, inbox, desk, name):
        wanted = MailboxSettings(address="closed@rollwerk.example", category_id=desk.office.id)
        mailboxes.create("closed", wanted, now=NOON)
        mailboxes.set_active("closed", active=False, now=NOON)
        with pytest.raises(receiving.NotReceiving, match=f"There is no mailbox {name}|{name} is disabled"):
            receiving.find(name)


@pytest.fixture
def folder(inbox):
    mailboxes.edit("support", MailboxSettings(imap_url="imaps://support:secret@imap.example/INBOX"), now=NOON)
    Mailbox.objects.update(lease="ours")
    return Mailbox.objects.get().folders.get()


def fetched(uid, mail=None):
    return Fetched(uid, receiving.keep([mail if mail is not None else MAIL + f"{uid}".encode()]))


def take(folder, *mails, uidvalidity=1, last_uid=None, lease="ours"):
    return receiving.receive_fetched(folder, mails, uidvalidity=uidvalidity, last_uid=last_uid, lease=lease, now=NOON)


class TestFromAFolder:
    def test_the_checkpoint_moves_with_the_rows(self, folder):
        assert take(folder, fetched(3), fetched(5), last_uid=5) == 2
        folder.refresh_from_db()
        assert (folder.uidvalidity, folder.last_uid) == (1, 5)
        assert list(InboundMail.objects.order_by("uid").values_list("uid", "source")) == [(3, "imap"), (5, "imap")]

    def test_what_was_read_before_is_not_taken_again(self, folder):
        take(folder, fetched(3), last_uid=3)
        assert take(folder, fetched(3), fetched(4), last_uid=4) == 1
        assert InboundMail.objects.count() == 2

    def test_who_lost_the_lease_writes_nothing(self, folder):
        with pytest.raises(receiving.LeaseLost):
            take(folder, fetched(3), last_uid=3, lease="somebody else's")
        folder.refresh_from_db()
        assert (folder.last_uid, InboundMail.objects.count()) == (0, 0)

    def test_a_copy_in_the_same_folder_is_a_duplicate(self, folder):
        assert take(folder, fetched(3, MAIL), fetched(4, MAIL), last_uid=4) == 1
        assert list(InboundMail.objects.order_by("uid").values_list("state", flat=True)) == ["new", "duplicate"]

    def test_a_server_that_gives_a_number_twice_loses_no_mail(self, folder):
        take(folder, fetched(3, MAIL), last_uid=3)
        assert take(folder, fetched(3, b"another"), last_uid=3) == 1
        assert list(InboundMail.objects.order_by("id").values_list("uid", "state")) == [(None, "new"), (3, "new")]

    def test_a_mail_that_is_not_handed_out_is_there_when_it_is(self, folder):
        assert take(folder, receiving.unreadable(3, 900, "It breaks off."), last_uid=3) == 0
        row = InboundMail.objects.get()
        assert (row.state, row.sha256, row.full_size, row.last_error) == ("failed", "", 900, "It breaks off.")
        assert take(folder, receiving.unreadable(3, 900, "It breaks off."), last_uid=3) == 0
        assert take(folder, fetched(3, b"")) == 1
        assert take(folder, fetched(3, b"")) == 0
        assert InboundMail.objects.get().state == "new"

    def test_after_a_change_of_uidvalidity_mails_are_known_by_their_bytes(self, folder):
        take(folder, fetched(3, MAIL), fetched(4, MAIL), fetched(9, b"gone"), last_uid=9)
        assert take(folder, fetched(1, MAIL), fetched(2, MAIL), fetched(3, b"new"), uidvalidity=2, last_uid=3) == 1

        places = InboundMail.objects.order_by("uidvalidity", "uid").values_list("uidvalidity", "uid", "state")
        assert list(places) == [(1, 9, "new"), (2, 1, "new"), (2, 2, "duplicate"), (2, 3, "new")]
        assert take(folder, fetched(4, MAIL), uidvalidity=2, last_uid=4) == 0
        assert InboundMail.objects.filter(state="duplicate").count() == 2
