"""What reading mails costs: `python -m bench.mail_in`.

Mails of 20 KB one after another; then one of 25 MiB with its files written to the storage, and how much memory the
process took at its highest.
"""

import base64
import os
import resource
import sys
import tempfile
import time

import django

LIMIT_MIB = 150
MAILS = 2000
FILES, FILE_MIB = 5, 3.65  # 25 MiB as base64

HEAD = (
    b"Received: from mx.example.org by mx.rollwerk.example; Tue, 25 Nov 2025 10:00:02 +0000\r\n"
    b"Authentication-Results: mx.rollwerk.example; spf=pass; dkim=pass\r\n"
    b"From: Lena Ortiz <lena.ortiz@example.org>\r\nTo: support@rollwerk.example\r\n"
    b"Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n"
    b"Message-ID: <a@example.org>\r\nReferences: <b@rollwerk.example> <c@rollwerk.example>\r\n"
    b"Date: Tue, 25 Nov 2025 11:00:00 +0100\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
)


def small() -> bytes:
    text = "Die Bremse quietscht, und zwar übel.\r\n".encode() * 120
    html = b"<p>" + text.replace(b"\r\n", b"<br>\r\n") + b"</p>"
    return (
        HEAD
        + b'--b\r\nContent-Type: multipart/alternative; boundary="a"\r\n\r\n'
        + b"--a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text
        + b"--a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html + b"--a--\r\n"
        + _file(6 * 1024) + b"--b--\r\n"
    )  # fmt: skip


def large() -> bytes:
    return (
        HEAD
        + b"--b\r\n\r\nSee the files.\r\n"
        + b"".join(_file(int(FILE_MIB * 2**20)) for _ in range(FILES))
        + b"--b--\r\n"
    )


def _file(size: int) -> bytes:
    head = b"--b\r\nContent-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head + base64.encodebytes(os.urandom(size)).replace(b"\n", b"\r\n")


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """The large mail comes from a file, as it would from a mailbox: making it here would count as memory of reading."""
    if sys.argv[1:]:
        read_large(sys.argv[1])
        return
    from reynard.mail.parse import parse

    mail = small()
    started = time.perf_counter()
    for _ in range(MAILS):
        parse(mail)
    taken = time.perf_counter() - started
    print(f"{len(mail) / 1024:.0f} KB mails: {MAILS / taken:,.0f} a second, {taken / MAILS * 1000:.2f} ms each")
    with tempfile.TemporaryDirectory(prefix="reynard-bench-") as folder:
        path = os.path.join(folder, "large.eml")
        with open(path, "wb") as file:
            file.write(large())
        os.environ |= {"REYNARD_DATA_DIR": folder, "DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": "bench.settings"}
        sys.stdout.flush()
        status = os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-m", "bench.mail_in", path])
    sys.exit(status)


def read_large(path: str) -> None:
    django.setup()
    from reynard.mail.parse import parse

    before = peak_mib()
    with open(path, "rb") as file:
        raw = file.read()
    started = time.perf_counter()
    mail = parse(raw)
    with tempfile.TemporaryFile() as kept:
        for attachment in mail.attachments:
            for chunk in attachment.content.chunks():
                kept.write(chunk)
        size = kept.tell()
    taken = time.perf_counter() - started
    print(
        f"{len(raw) / 2**20:.1f} MiB mail, {size / 2**20:.1f} MiB of files: {taken:.2f} s; "
        f"memory {before:.0f} MiB before, {peak_mib():.0f} MiB at its highest (limit {LIMIT_MIB})"
    )
    sys.exit(peak_mib() > LIMIT_MIB)


if __name__ == "__main__":
    main()
