"""`reynard backup` and `restore`: what is refused, what an interruption leaves, what an old backup becomes.

That a restored desk is the one that was backed up is tests/journeys/test_backup.py.
"""

import gzip
import hashlib
import io
import os
import shutil
import signal
import stat
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from reynard.ops.backup import archive
from tests.servers import RunningDesk, new_database

pytestmark = pytest.mark.server

LARGE_BYTES = 48 * 1024 * 1024  # enough for a signal to come in time


@contextmanager
def empty_desk(folder: Path) -> Iterator[RunningDesk]:
    """A data folder and a database with nothing in them."""
    folder.mkdir()
    with new_database() as database:
        yield RunningDesk(folder, database)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A demo desk that is not served."""
    with empty_desk(tmp_path_factory.mktemp("backup") / "var") as demo:
        done = demo.run("demo", "--no-serve")
        assert done.returncode == 0, done.stderr
        yield demo


@pytest.fixture(scope="module")
def backup(desk: RunningDesk, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("backups") / "desk.tar.gz"
    done = desk.run("backup", str(path))
    assert (done.returncode, done.stderr) == (0, "")
    return path


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[RunningDesk]:
    with empty_desk(tmp_path / "elsewhere") as other:
        yield other


def refusal(desk: RunningDesk, *arguments: str, code: int = 1) -> str:
    done = desk.run(*arguments)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class TestTheArchive:
    def test_is_for_its_owner_alone_and_can_be_checked_with_ordinary_tools(self, backup: Path, tmp_path: Path) -> None:
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600
        subprocess.run(["tar", "xzf", str(backup), "-C", str(tmp_path)], check=True)
        done = subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tmp_path, capture_output=True)
        assert done.returncode == 0, done.stdout
        listed = {line.split("  ")[1] for line in (tmp_path / "SHA256SUMS").read_text().splitlines()}
        assert listed == {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} - {
            "SHA256SUMS"
        }

    def test_that_lost_its_end_is_refused_wherever_it_was_cut(self, backup: Path, tmp_path: Path) -> None:
        whole = backup.read_bytes()
        for cut in {0, 1, 100, *range(1000, len(whole), len(whole) // 12), len(whole) - 1}:
            with pytest.raises(archive.Damaged):
                unpack(whole[:cut], tmp_path)

    def test_whose_content_was_changed_anywhere_is_refused(self, backup: Path, tmp_path: Path) -> None:
        whole = backup.read_bytes()
        refused = 0
        for place in range(2000, len(whole), len(whole) // 25):
            changed = whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :]
            try:
                unpack(changed, tmp_path)
            except archive.Damaged:
                refused += 1
            else:  # gzip has a few bits that mean nothing
                assert gzip.decompress(changed) == gzip.decompress(whole)
        assert refused > 20

    @pytest.mark.parametrize("name", ["../evil", "/etc/evil", "files/../evil", "database/../evil", "other"])
    def test_with_a_name_that_no_backup_has_is_refused(self, name: str, tmp_path: Path) -> None:
        stream = io.BytesIO()
        writer = archive.Writer(stream, io.BytesIO())
        writer.describe(archive.Description(1, "0", "2026-01-01", "sqlite", []))
        writer.add_bytes(name, b"evil")
        writer.end()
        with pytest.raises(archive.Damaged, match="no backup has"):
            unpack(stream.getvalue(), tmp_path)

    def test_with_a_link_is_refused(self, tmp_path: Path) -> None:
        stream = io.BytesIO()
        writer = archive.Writer(stream, io.BytesIO())
        writer.describe(archive.Description(1, "0", "2026-01-01", "sqlite", []))
        link = tarfile.TarInfo("secret_key")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        writer._tar.addfile(link)
        writer.end()
        with pytest.raises(archive.Damaged, match="no backup has"):
            unpack(stream.getvalue(), tmp_path)


def unpack(content: bytes, folder: Path) -> None:
    path, target = folder / "some.tar.gz", folder / "unpacked"
    path.write_bytes(content)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    with archive.reading(path) as reader:
        reader.description()
        reader.unpack(target)


def described(backup: Path, path: Path, change: Callable[[dict[str, object]], None]) -> Path:
    """The same archive with another description, and the sums that go with it."""
    with tarfile.open(backup) as source, path.open("wb") as stream, io.BytesIO() as sums:
        writer = archive.Writer(stream, sums)
        for member in source:
            file = source.extractfile(member)
            assert file is not None
            if member.name == archive.DESCRIPTION:
                description = msgspec.json.decode(file.read())
                change(description)
                writer.add_bytes(member.name, msgspec.json.encode(description))
            elif member.name != archive.SUMS:
                writer.add(member.name, file, member.size)
        writer.end()
    return path


class TestRestoring:
    def test_a_desk_is_replaced_only_when_told_so(self, desk: RunningDesk, backup: Path) -> None:
        assert "There is a desk already" in refusal(desk, "restore", str(backup))

    def test_a_damaged_archive_changes_nothing(self, backup: Path, elsewhere: RunningDesk, tmp_path: Path) -> None:
        cut = tmp_path / "cut.tar.gz"
        cut.write_bytes(backup.read_bytes()[:-3000])
        elsewhere.run("outbox", "list")  # makes the folder's own key
        before = content(elsewhere.folder)
        assert "no complete backup, and nothing was changed" in refusal(elsewhere, "restore", "--force", str(cut))
        cut.write_bytes(b"something else altogether")
        assert "no complete backup" in refusal(elsewhere, "restore", str(cut))
        assert "No such file" in refusal(elsewhere, "restore", str(tmp_path / "none"))
        assert content(elsewhere.folder) == before

    def test_what_this_version_does_not_know_is_refused(
        self, backup: Path, elsewhere: RunningDesk, tmp_path: Path
    ) -> None:
        def from_the_future(description: dict[str, object]) -> None:
            description["made_by"] = "9.9.0"
            description["migrations"] = ["desk.0001_first", "desk.9999_future"]

        newer = described(backup, tmp_path / "newer.tar.gz", from_the_future)
        text = refusal(elsewhere, "restore", str(newer))
        assert "newer version, 9.9.0" in text
        assert "desk.9999_future" in text
        newer = described(backup, tmp_path / "newer.tar.gz", lambda description: description.update(format=2))
        assert "format 2" in refusal(elsewhere, "restore", str(newer))
        assert not (elsewhere.folder / "restoring").exists()
        assert not (elsewhere.folder / "files").exists()

    def test_another_kind_of_database_is_refused(self, backup: Path, elsewhere: RunningDesk, tmp_path: Path) -> None:
        other = "sqlite" if "DATABASE_URL" in elsewhere.environment else "postgresql"
        strange = described(backup, tmp_path / "s.tar.gz", lambda description: description.update(database=other))
        assert "restored on the same kind of database" in refusal(elsewhere, "restore", str(strange))

    def test_another_secret_key_in_the_environment_is_refused(self, backup: Path, elsewhere: RunningDesk) -> None:
        elsewhere.environment["REYNARD_SECRET_KEY"] = "k" * 40
        assert "REYNARD_SECRET_KEY is set" in refusal(elsewhere, "restore", str(backup))

    def test_a_backup_of_an_older_version_is_brought_up_to_date(self, elsewhere: RunningDesk, tmp_path: Path) -> None:
        with empty_desk(tmp_path / "old") as old:
            assert old.run("migrate", "desk", "0017").returncode == 0
            done = old.run("backup", str(tmp_path / "old.tar.gz"))
            assert done.returncode == 0, done.stderr
        done = elsewhere.run("restore", str(tmp_path / "old.tar.gz"))
        assert done.returncode == 0, done.stderr
        assert "up to date now" in done.stdout
        assert elsewhere.run("outbox", "list").returncode == 0


def test_there_must_be_a_desk_and_a_place_for_the_backup(elsewhere: RunningDesk, tmp_path: Path) -> None:
    assert "There is no desk here" in refusal(elsewhere, "backup", str(tmp_path / "x"))
    assert not (tmp_path / "x").exists()


def test_a_backup_needs_a_place(desk: RunningDesk, tmp_path: Path) -> None:
    assert "There is no folder" in refusal(desk, "backup", str(tmp_path / "none" / "x.tar.gz"))
    assert "is a folder" in refusal(desk, "backup", str(tmp_path))


class TestWithALargeFile:
    """One of the desk's files becomes large, and so not what its name says."""

    @pytest.fixture
    def large(self, desk: RunningDesk) -> Iterator[Path]:
        path = next(path for path in (desk.folder / "files").glob("*/*/*") if path.is_file())
        kept = path.read_bytes()
        path.write_bytes(os.urandom(LARGE_BYTES))
        yield path
        path.write_bytes(kept)

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
    def test_an_interrupted_backup_leaves_the_last_one(
        self, desk: RunningDesk, large: Path, tmp_path: Path, number: signal.Signals
    ) -> None:
        target = tmp_path / "desk.tar.gz"
        target.write_bytes(b"the last one")
        interrupt(
            desk, "backup", str(target), number=number, when=lambda: list(tmp_path.glob(".desk.tar.gz.*/archive"))
        )
        assert target.read_bytes() == b"the last one"
        left = [path.name for path in tmp_path.iterdir() if path != target]
        assert left == [] if number != signal.SIGKILL else left[0].endswith(".unfinished")

    def test_files_that_were_lost_or_changed_are_named_and_the_rest_can_be_restored(
        self, desk: RunningDesk, large: Path, elsewhere: RunningDesk, tmp_path: Path
    ) -> None:
        lost = next(path for path in (desk.folder / "files").glob("*/*/*") if path != large)
        kept = lost.read_bytes()
        lost.unlink()
        try:
            done = desk.run("backup", str(tmp_path / "x.tar.gz"))
        finally:
            lost.write_bytes(kept)
        assert done.returncode == 0
        assert f"Lost by the data folder before, and not in the backup: 1 file ({lost.name})" in done.stderr
        assert f"Damaged in the data folder before, and in the backup as they are: 1 file ({large.name})" in done.stderr

        archive_path = str(tmp_path / "x.tar.gz")
        interrupt(
            elsewhere,
            "restore",
            archive_path,
            number=signal.SIGKILL,
            when=lambda: list(elsewhere.folder.glob("restoring/files/*/*/*")),
        )
        done = elsewhere.run("restore", archive_path)
        assert done.returncode == 0, done.stderr
        assert not (elsewhere.folder / "restoring").exists()
        restored = elsewhere.folder / "files" / large.relative_to(desk.folder / "files")
        assert hashlib.sha256(restored.read_bytes()).digest() == hashlib.sha256(large.read_bytes()).digest()


def interrupt(desk: RunningDesk, *arguments: str, number: signal.Signals, when: Callable[[], object]) -> None:
    """Start a command, and end it in the middle."""
    command = [sys.executable, "-m", "reynard", *arguments]
    heard = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # noqa: E731  # background jobs may ignore it
    with subprocess.Popen(command, env=desk.environment, stdout=subprocess.DEVNULL, preexec_fn=heard) as process:
        while not when():
            assert process.poll() is None
            time.sleep(0.002)
        process.send_signal(number)
    assert process.returncode != 0


def test_the_database_from_before_a_restore_is_kept(backup: Path, elsewhere: RunningDesk) -> None:
    if "DATABASE_URL" in elsewhere.environment:
        pytest.skip("on PostgreSQL there is none")
    for _ in range(2):
        done = elsewhere.run("restore", "--force", str(backup))
        assert done.returncode == 0, done.stderr
    (kept,) = (elsewhere.folder / "backups").glob("desk-before-restore-*.sqlite3")
    with gzip.open(backup) as packed, tarfile.open(fileobj=packed) as tar:
        original = tar.extractfile("database/desk.sqlite3")
        assert original is not None
        assert len(kept.read_bytes()) == len(original.read())
