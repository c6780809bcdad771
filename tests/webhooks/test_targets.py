"""Addresses of receivers: how they are written, and which machines they may stand for."""

import pytest

from reynard.desk.rules import webhook_targets
from reynard.desk.rules.webhook_targets import BadTarget


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        (" https://Hooks.Example.org ", "https://hooks.example.org/"),
        ("https://hooks.example.org:8443/a?b=c#part", "https://hooks.example.org:8443/a?b=c"),
        ("https://bücher.example/é?q=ü", "https://xn--bcher-kva.example/%C3%A9?q=%C3%BC"),
        ("https://hooks.example.org/a b%20c", "https://hooks.example.org/a%20b%20c"),
        ("http://[::1]:9000", "http://[::1]:9000/"),
        ("https://hooks.example.org/\u2028x", "https://hooks.example.org/%E2%80%A8x"),
    ],
)
def test_an_address_is_stored_in_ascii(given, stored):
    assert webhook_targets.url(given) == stored


@pytest.mark.parametrize(
    "given",
    [
        "",
        "hooks.example.org",
        "ftp://hooks.example.org/",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://user:secret@hooks.example.org/",
        "https://hooks.example.org:port/",
        "https://hooks.example.org:99999/",
        "https://[::1/",
        "https://a b/",
        "https://..example.org/",
        "https://hooks.example.org/" + "x" * 2000,
    ],
)
def test_what_is_no_address_of_a_receiver_is_refused(given):
    with pytest.raises(BadTarget):
        webhook_targets.url(given)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_public_addresses_are_not_internal(address):
    assert not webhook_targets.is_internal(address)


@pytest.mark.parametrize(
    "address",
    ["fe80::1%eth0", "::127.0.0.1", "64:ff9b:1::1", "2001:0:7f00:1::1", "::", "fec0::1", "192.0.2.1", "ff02::1"],
)
def test_all_others_are(address):
    assert webhook_targets.is_internal(address)


def test_internal_receivers_may_be_allowed():
    webhook_targets.check("http", ["127.0.0.1", "10.0.0.1"], internal_allowed=True)
    with pytest.raises(BadTarget, match="REYNARD_WEBHOOK_ALLOW_INTERNAL"):
        webhook_targets.check("http", ["127.0.0.1"], internal_allowed=False)


def test_public_receivers_need_https():
    webhook_targets.check("https", ["93.184.216.34"], internal_allowed=False)
    with pytest.raises(BadTarget, match="use https"):
        webhook_targets.check("http", ["93.184.216.34", "127.0.0.1"], internal_allowed=True)
