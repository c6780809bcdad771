"""Small files that hang on the demo's messages: the same ones at every load."""

import functools
import math
import random
import struct
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile

from reynard.desk import files
from reynard.desk.files import IncomingFile

_WIDTH, _HEIGHT = 160, 120  # pixels
_CENTRE = (_WIDTH / 2, _HEIGHT / 2)
_BACKGROUNDS = ((232, 226, 214), (206, 218, 224), (224, 214, 222), (214, 224, 206))


def make(kind: str, *, rng: random.Random, slots: dict[str, str]) -> IncomingFile:
    """A file of a kind that stories name: photo, list, log or invoice."""
    name, content_type, content = _MAKERS[kind](rng, slots)
    return files.keep(SimpleUploadedFile(name, content, content_type))


def _photo(rng: random.Random, slots: dict[str, str]) -> tuple[str, str, bytes]:
    name = f"IMG_{rng.randint(1200, 9800)}.png"
    return name, "image/png", _wheel(rng.randrange(len(_BACKGROUNDS)))


def _list(rng: random.Random, slots: dict[str, str]) -> tuple[str, str, bytes]:
    rows = ["bike;rider;kilometres;remark"]
    for bike in range(1, 12):
        remark = "mudguard rattles" if bike == 4 else "accident" if bike == 7 else ""
        rows.append(f"{bike};Rider {bike:02};{1800 + 137 * bike};{remark}")
    return "bikes.csv", "text/csv", "\r\n".join(rows).encode() + b"\r\n"


def _log(rng: random.Random, slots: dict[str, str]) -> tuple[str, str, bytes]:
    lines = ["BATTERY TEST", f"Bicycle {slots['bike']}", "Cycles 412", "Capacity 61 %", ""]
    lines += [f"{minute:3} min   {41.2 - minute * 0.031:5.2f} V   -6.0 A" for minute in range(0, 130, 10)]
    lines.append("END: cell group 7 is 0.11 V below the mean")
    return "battery-test.txt", "text/plain", "\n".join(lines).encode() + b"\n"


def _invoice(rng: random.Random, slots: dict[str, str]) -> tuple[str, str, bytes]:
    frame = f"WBK{rng.randint(10**6, 10**7)}"
    text = f"ROLLWERK\nInvoice {slots['invoice']} (copy)\n{slots['bike']}\nFrame number {frame}\n"
    return f"invoice-{slots['invoice']}.txt", "text/plain", text.encode()


_MAKERS = {"photo": _photo, "list": _list, "log": _log, "invoice": _invoice}


@functools.cache
def _wheel(number: int) -> bytes:
    """A PNG of a wheel in front of one of the backgrounds."""
    background = _BACKGROUNDS[number]
    spokes = 8 + 4 * number
    lines = (b"\x00" + b"".join(_pixel(x, y, spokes, background) for x in range(_WIDTH)) for y in range(_HEIGHT))
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(lines), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _pixel(x: int, y: int, spokes: int, background: tuple[int, int, int]) -> bytes:
    across, down = x - _CENTRE[0], y - _CENTRE[1]
    radius = math.hypot(across, down)
    turn = (math.atan2(down, across) / math.tau * spokes) % 1
    if 46 <= radius <= 53 or radius <= 5:
        return bytes((38, 40, 44))
    if 5 < radius < 46 and min(turn, 1 - turn) * math.tau / spokes * radius < 0.7:
        return bytes((128, 132, 138))
    return bytes(background)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
