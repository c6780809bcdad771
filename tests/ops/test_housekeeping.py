"""What the worker tidies away, and what it leaves alone."""

import os
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from reynard.desk import files
from reynard.desk.actions import idempotency, inline_uploads, unused_files
from reynard.desk.models import ApiKey, IdempotencyKey
from reynard.ops import housekeeping
from tests import factories
from tests.conftest import Api
from tests.factories import NOON

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def test_expired_answers_are_forgotten_a_part_at_a_time(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "_BATCH", 2)
    key = ApiKey.objects.get()
    for name, moment in (("a", NOON - 2 * DAY), ("b", NOON - 2 * DAY), ("c", NOON - 2 * DAY), ("new", NOON)):
        IdempotencyKey.objects.create(api_key=key, key=name, request_sha256="0" * 64, created_at=moment)
    assert housekeeping.forget_answers(NOON) is True
    assert housekeeping.forget_answers(NOON) is False
    assert [row.key for row in IdempotencyKey.objects.all()] == ["new"]


def test_sessions_that_have_ended_are_forgotten_a_part_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "_SESSIONS", 2)
    for name, ends in (("a", NOON - DAY), ("b", NOON - DAY), ("c", NOON - DAY), ("new", NOON + DAY)):
        Session.objects.create(session_key=name, session_data="", expire_date=ends)
    assert housekeeping.forget_sessions(NOON) is True
    assert housekeeping.forget_sessions(NOON) is False
    assert [row.session_key for row in Session.objects.all()] == ["new"]


def test_bodies_of_requests_that_were_cut_off_are_removed(settings: Any, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    for name, age in (("old", 1.1 * DAY), ("new", 0.9 * DAY)):
        touch(tmp_path / name, NOON - age)
    housekeeping.forget_uploads(NOON)
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


class TestUnusedFiles:
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path, settings: Any) -> Path:
        """A folder of files of its own."""
        place = settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path, "base_url": None}}
        settings.STORAGES = settings.STORAGES | {"default": place}
        return tmp_path

    def keep(self, content: bytes = b"squeak", *, at: datetime = NOON) -> files.IncomingFile:
        kept = files.keep(SimpleUploadedFile("brake.txt", content, "text/plain"))
        touch(place(kept), at)
        return kept

    def test_are_set_aside_after_a_day_and_removed_a_month_later(self, folder: Path) -> None:
        kept = self.keep()
        tidy(kept, NOON + 0.9 * DAY)
        assert place(kept).exists()
        tidy(kept, NOON + 1.1 * DAY)
        assert not place(kept).exists()
        aside = folder / "unused" / place(kept).relative_to(folder)
        assert aside.read_bytes() == b"squeak"
        touch(aside, NOON + 1.1 * DAY)
        tidy(kept, NOON + 31 * DAY)
        assert aside.exists()
        tidy(kept, NOON + 32 * DAY)
        assert not aside.exists()

    def test_those_of_messages_and_of_waiting_images_stay(self, desk: SimpleNamespace) -> None:
        attached, image = self.keep(b"attached"), self.keep(b"image")
        factories.make_ticket(desk.lena, desk.workshop, files=[attached])
        inline_uploads.add(image, now=NOON)
        for kept in (attached, image):
            tidy(kept, NOON + 9 * DAY)
            assert place(kept).exists()

    def test_the_same_content_kept_again_starts_anew(self) -> None:
        kept = self.keep()
        again = files.keep(SimpleUploadedFile("bell.txt", b"squeak", "text/plain"))
        assert again.sha256 == kept.sha256
        assert unused_files.remove_from(kept.sha256[:2], now=datetime.now(NOON.tzinfo) + 0.9 * DAY) == 0
        assert place(kept).exists()

    def test_one_that_somebody_counts_on_at_that_moment_is_put_back(
        self, desk: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kept = self.keep()
        rename, raced = os.rename, []

        def keep_first(source: Any, target: Any) -> None:
            if not raced:
                raced.append(files.keep(SimpleUploadedFile("bell.txt", b"squeak", "text/plain")))
            rename(source, target)

        monkeypatch.setattr(os, "rename", keep_first)
        tidy(kept, NOON + 2 * DAY)
        assert raced
        assert place(kept).read_bytes() == b"squeak"

    def test_what_is_referred_to_after_all_is_found_and_comes_back(self, desk: SimpleNamespace) -> None:
        kept = self.keep()
        tidy(kept, NOON + 2 * DAY)
        assert not place(kept).exists()
        with files.open_bytes(kept.sha256) as stored:
            assert stored.read() == b"squeak"
        assert place(kept).exists()

    def test_every_folder_has_its_turn(self, monkeypatch: pytest.MonkeyPatch) -> None:
        seen: list[str] = []
        monkeypatch.setattr(unused_files, "remove_from", lambda prefix, now: seen.append(prefix) or 0)
        for hour in range(32):
            unused_files.remove(now=NOON + timedelta(hours=hour))
        assert sorted(seen) == [f"{n:02x}" for n in range(256)]


def tidy(kept: files.IncomingFile, now: datetime) -> None:
    unused_files.remove_from(kept.sha256[:2], now=now)


def place(kept: files.IncomingFile) -> Path:
    return Path(default_storage.path(f"{kept.sha256[:2]}/{kept.sha256[2:4]}/{kept.sha256}"))


def touch(path: Path, moment: datetime) -> None:
    path.touch()
    os.utime(path, (moment.timestamp(), moment.timestamp()))
