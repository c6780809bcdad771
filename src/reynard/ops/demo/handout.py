"""`demo.json`: what a visitor or a script needs to use the demo desk, kept beside its data."""

import os
from pathlib import Path

import msgspec

from reynard.ops.demo.cast import LOGINS


class StaffLogin(msgspec.Struct, frozen=True):
    email: str
    password: str
    name: str
    role: str


class Handout(msgspec.Struct, frozen=True):
    url: str
    api_key: str
    auth_code: str
    staff: list[StaffLogin]


def make(*, url: str, api_key: str, auth_code: str) -> Handout:
    staff = [StaffLogin(login.email, login.password, login.name, login.role) for login in LOGINS]
    return Handout(url=url, api_key=api_key, auth_code=auth_code, staff=staff)


def read(folder: Path) -> Handout | None:
    """None when there is no such file. Raises msgspec.DecodeError when it is damaged."""
    try:
        return msgspec.json.decode((folder / "demo.json").read_bytes(), type=Handout)
    except FileNotFoundError:
        return None


def write(handout: Handout, folder: Path) -> None:
    """Replace the file: whoever reads it sees the old one or the new one, whole. Only its owner may."""
    fresh = folder / f".demo.json.{os.getpid()}"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(handout)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, folder / "demo.json")
