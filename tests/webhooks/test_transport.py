"""Requests to receivers nobody has to trust, against real servers (webhooks.md §3)."""

import contextlib
import socket
import ssl
import threading
from urllib.parse import urlsplit

import pytest
import trustme

from reynard.webhooks import transport
from tests.webhooks.receivers import receiving, reply


def post(url, *, internal_allowed=True, resolver=transport.system_resolver, seconds=5.0, body=b"{}"):
    return transport.post(
        url, body, {"X-Test": "yes"}, internal_allowed=internal_allowed, resolver=resolver, seconds=seconds
    )


def named(url, name):
    parts = urlsplit(url)
    return parts._replace(netloc=f"{name}:{parts.port}").geturl()


def resolving_to(*addresses):
    """A resolver that gives another address each time, the last one from then on."""
    left = list(addresses)
    asked = []

    def resolve(host, port):
        asked.append(host)
        return [left.pop(0) if len(left) > 1 else left[0]]

    resolve.asked = asked
    return resolve


class TestAnAnswer:
    def test_is_given_back_with_its_headers_and_body(self):
        with receiving() as receiver:
            receiver.answer = lambda handler, got: reply(handler, 202, b"thanks", **{"X-Id": "7"})
            answer = post(f"{receiver.url}?a=1", body=b'{"id":1}')

        assert (answer.status, answer.body, answer.error) == (202, b"thanks", "")
        assert answer.headers["X-Id"] == "7"
        [got] = receiver.received
        assert (got.path, got.body, got.headers["x-test"]) == ("/hook?a=1", b'{"id":1}', "yes")
        assert got.headers["host"] == urlsplit(receiver.url).netloc

    def test_of_50_mb_is_read_to_its_limit_only(self):
        sent = []

        def pour(handler, got):
            handler.send_response(200)
            handler.send_header("Content-Length", str(50 * 2**20))
            handler.end_headers()
            with contextlib.suppress(OSError):
                for _ in range(50):
                    handler.wfile.write(b"x" * 2**20)
                    sent.append(2**20)

        with receiving() as receiver:
            receiver.answer = pour
            answer = post(receiver.url)

        assert answer.status == 200
        assert len(answer.body) == transport.ANSWER_LIMIT_BYTES
        assert sum(sent) < 50 * 2**20

    def test_that_is_a_redirect_is_not_followed(self):
        with receiving() as receiver:
            receiver.answer = lambda handler, got: reply(handler, 302, Location="http://169.254.169.254/latest/")
            answer = post(receiver.url)

        assert answer.status == 302
        assert len(receiver.received) == 1

    def test_that_never_comes_ends_with_the_time(self):
        with receiving() as receiver:
            receiver.answer = lambda handler, got: receiver.closing.wait(30)
            answer = post(receiver.url, seconds=0.2)

        assert answer.status is None
        assert "within" in answer.error

    def test_whose_headers_come_byte_by_byte_ends_with_the_time(self):
        def drip(handler, got):
            with contextlib.suppress(OSError):
                while not receiver.closing.wait(0.02):
                    handler.wfile.write(b"H")

        with receiving() as receiver:
            receiver.answer = drip
            answer = post(receiver.url, seconds=0.3)

        assert answer.status is None

    def test_whose_body_comes_byte_by_byte_counts_by_its_status(self):
        def drip(handler, got):
            handler.send_response(200)
            handler.end_headers()
            with contextlib.suppress(OSError):
                while not receiver.closing.wait(0.02):
                    handler.wfile.write(b".")

        with receiving() as receiver:
            receiver.answer = drip
            answer = post(receiver.url, seconds=0.3)

        assert answer.status == 200
        assert answer.body.startswith(b".")

    def test_that_is_no_http_is_an_error(self):
        def babble(handler, got):
            handler.wfile.write(b"220 mail.example.org ESMTP\r\n\r\n")

        with receiving() as receiver:
            receiver.answer = babble
            answer = post(receiver.url)

        assert answer.status is None
        assert answer.error

    def test_does_not_come_from_a_port_nobody_listens_on(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]

        answer = post(f"http://127.0.0.1:{port}/")

        assert answer.status is None
        assert "refused" in answer.error

    def test_is_heard_from_a_receiver_that_does_not_read_the_body(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            answer = post(f"http://127.0.0.1:{server.getsockname()[1]}/", body=b"x" * 2**24, seconds=0.3)

        assert answer.status is None
        assert "within" in answer.error


class TestATarget:
    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1",
            "localhost",
            "2130706433",  # 127.0.0.1 as one number
            "0x7f.1",
            "0177.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.9",
            "192.168.1.1",
            "100.64.0.1",  # shared by a provider's customers
            "169.254.169.254",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[fe80::1]",
            "[fd00::1]",
            "[64:ff9b::7f00:1]",  # 127.0.0.1 through NAT64
            "[2002:7f00:1::]",  # 127.0.0.1 through 6to4
            "224.0.0.1",
            "255.255.255.255",
        ],
    )
    def test_that_is_internal_is_not_spoken_to(self, host):
        answer = post(f"https://{host}/", internal_allowed=False)

        assert answer.status is None
        assert "internal address" in answer.error or "cannot be resolved" in answer.error

    def test_that_resolves_to_an_internal_address_is_not_spoken_to(self):
        with receiving() as receiver:
            answer = post(
                named(receiver.url, "hooks.example.org"), internal_allowed=False, resolver=resolving_to("127.0.0.1")
            )

        assert receiver.received == []
        assert "127.0.0.1 is an internal address" in answer.error

    def test_that_resolves_to_one_internal_address_among_others_is_not_spoken_to(self):
        answer = post(
            "https://hooks.example.org/", internal_allowed=False, resolver=lambda *_: ["93.184.216.34", "10.0.0.1"]
        )

        assert "10.0.0.1 is an internal address" in answer.error

    def test_is_resolved_once_and_connected_to_by_the_address_that_was_checked(self):
        resolver = resolving_to("203.0.114.1", "127.0.0.1")  # public at first, loopback the second time
        with receiving() as receiver:
            answer = post(
                named(receiver.url, "hooks.example.org").replace("http:", "https:"),
                internal_allowed=False,
                resolver=resolver,
                seconds=0.3,
            )

        assert answer.status is None
        assert resolver.asked == ["hooks.example.org"]
        assert receiver.received == []

    def test_outside_is_not_spoken_to_without_encryption(self):
        answer = post("http://hooks.example.org/", resolver=resolving_to("93.184.216.34"))

        assert "use https" in answer.error

    def test_that_has_several_addresses_is_tried_at_each(self):
        with receiving() as receiver:
            url = named(receiver.url, "hooks.example.org")
            answer = post(url, resolver=lambda *_: ["127.0.0.9", "127.0.0.1"])

        assert answer.status == 200

    def test_whose_name_nobody_knows_is_an_error(self):
        def unknown(host, port):
            raise socket.gaierror(-2, "Name or service not known")

        answer = post("https://hooks.example.org/", resolver=unknown)

        assert answer.error == (
            "No answer: the name hooks.example.org cannot be resolved: [Errno -2] Name or service not known."
        )

    def test_whose_name_is_resolved_too_slowly_is_given_up(self):
        never = threading.Event()

        answer = post("https://hooks.example.org/", resolver=lambda *_: never.wait(30) or [], seconds=0.2)

        never.set()
        assert "within" in answer.error

    def test_may_have_an_ipv6_address(self):
        if not socket.has_ipv6:
            pytest.skip("this machine has no IPv6")
        try:
            with receiving(host="::1") as receiver:
                assert post(receiver.url).status == 200
        except OSError:
            pytest.skip("this machine has no IPv6 loopback")


class TestEncryption:
    @pytest.fixture
    def authority(self, monkeypatch):
        """A certificate authority this process trusts."""
        authority = trustme.CA()
        trusted = ssl.create_default_context()
        authority.configure_trust(trusted)
        monkeypatch.setattr(transport, "_tls", lambda: trusted)
        return authority

    def server_context(self, authority, *names):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*names).configure_cert(context)
        return context

    def test_checks_the_certificate_by_the_name_and_tells_the_server_that_name(self, authority):
        asked = []
        context = self.server_context(authority, "hooks.example.org")
        context.sni_callback = lambda own, name, ssl_context: asked.append(name)
        with receiving(tls=context) as receiver:
            url = named(receiver.url, "hooks.example.org")
            answer = post(url, resolver=resolving_to("127.0.0.1"))

        assert (answer.status, answer.error) == (200, "")
        assert asked == ["hooks.example.org"]
        assert receiver.received[0].headers["host"] == urlsplit(url).netloc

    def test_refuses_a_certificate_of_another_name(self, authority):
        with receiving(tls=self.server_context(authority, "other.example.org")) as receiver:
            answer = post(named(receiver.url, "hooks.example.org"), resolver=resolving_to("127.0.0.1"))

        assert receiver.received == []
        assert "certificate is not accepted: Hostname mismatch" in answer.error

    def test_refuses_a_certificate_of_an_unknown_authority(self, authority):
        with receiving(tls=self.server_context(trustme.CA(), "hooks.example.org")) as receiver:
            answer = post(named(receiver.url, "hooks.example.org"), resolver=resolving_to("127.0.0.1"))

        assert receiver.received == []
        assert "certificate is not accepted" in answer.error

    def test_ends_with_the_time_when_the_other_side_never_shakes_hands(self, authority):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            answer = post(f"https://127.0.0.1:{silent.getsockname()[1]}/", seconds=0.2)

        assert answer.status is None
