"""What a mail server found out about a sender counts when it is the mailbox's own, and says so at the top."""

import pytest

from reynard.desk.rules.mail_verdict import NO_HOST, NOT_CHECKED, UNNAMED, Result, judge

HOST = "mx.rollwerk.example"
LENA = "lena.ortiz@example.org"
RESULTS = "Authentication-Results"


def verdict(*values, author=LENA, trusted=(HOST,)):
    headers = [("Received", "from b by a"), *((RESULTS, value) for value in values), ("From", author)]
    return judge(headers, trusted, author)


class TestWhatItSays:
    @pytest.mark.parametrize(
        ("results", "expected"),
        [
            ("dmarc=pass header.from=example.org", Result.PASS),
            ("dmarc=pass (p=REJECT) header.from=example.org", Result.PASS),
            ("DMARC = pass", Result.PASS),
            ("dmarc=pass header.from=other.example", Result.NONE),
            ("dmarc=fail (p=NONE) header.from=example.org", Result.FAIL),
            ("spf=pass smtp.mailfrom=lena.ortiz@example.org; dmarc=fail header.from=example.org", Result.FAIL),
            ("dmarc=none; dkim=pass header.d=example.org", Result.PASS),
            ("dkim=pass header.i=@example.org", Result.PASS),
            ("dkim=pass header.d=example.com; dkim=pass header.d=example.org", Result.PASS),
            ("dkim=pass header.d=mailer.example", Result.NONE),
            ("dkim=fail header.d=example.org", Result.NONE),
            ("spf=pass smtp.mailfrom=bounces@example.org", Result.PASS),
            ("spf=pass smtp.mailfrom=example.org", Result.PASS),
            ("spf=pass smtp.helo=example.org", Result.NONE),
            ("spf=fail smtp.mailfrom=lena@example.org", Result.FAIL),
            ("spf=softfail smtp.mailfrom=lena@example.org", Result.NONE),
            ("spf=fail smtp.mailfrom=forwarder@alumni.example", Result.NONE),
            ("none", Result.NONE),
            ("dmarc=temperror", Result.NONE),
            ("", Result.NONE),
        ],
    )
    def test_results(self, results, expected):
        assert verdict(f"{HOST}; {results}").result is expected

    def test_it_is_told_in_words(self):
        found = verdict(f"{HOST} 1; spf=softfail smtp.mailfrom=x@example.org; dmarc=pass header.from=example.org")
        assert found.reason == "mx.rollwerk.example says: this mail is from example.org (dmarc=pass)."
        assert (found.host, found.dmarc, found.dkim, found.spf) == (HOST, "pass", "", "softfail")

    def test_a_domain_answers_for_those_below_it_and_not_above(self):
        assert verdict(f"{HOST}; dkim=pass header.d=example.org", author="a@sales.example.org").result is Result.PASS
        assert verdict(f"{HOST}; dkim=pass header.d=sales.example.org").result is Result.NONE
        assert verdict(f"{HOST}; dkim=pass header.d=org").result is Result.NONE
        assert verdict(f"{HOST}; dkim=pass header.d=notexample.org", author="a@example.org").result is Result.NONE

    def test_a_mail_without_one_author_is_from_nobody(self):
        assert verdict(f"{HOST}; dmarc=pass", author="").result is Result.NONE

    def test_microsoft_names_no_server(self):
        value = "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=example.org; dmarc=pass action=none;compauth=pass"
        assert verdict(value, trusted=(UNNAMED,)).result is Result.PASS
        assert verdict(value).reason == NOT_CHECKED


class TestWhoSaysIt:
    def test_without_a_trusted_server_nothing_counts(self):
        found = verdict(f"{HOST}; dmarc=pass", trusted=())
        assert (found.result, found.reason) == (Result.NONE, NO_HOST)

    def test_a_server_that_the_sender_made_up(self):
        assert verdict("mx.evil.example; dmarc=pass").reason == NOT_CHECKED

    def test_below_somebody_elses_results_nothing_counts(self):
        assert verdict("relay.example; spf=pass", f"{HOST}; dmarc=pass").result is Result.NONE

    def test_results_in_several_headers_of_the_server(self):
        assert verdict(f"{HOST}; dkim=pass header.d=example.com", f"{HOST}; dmarc=pass").result is Result.PASS

    def test_a_forged_header_below_the_servers_own(self):
        assert verdict(f"{HOST}; dmarc=fail", f"{HOST}; dmarc=pass").result is Result.FAIL
        assert verdict(f"{HOST}; spf=none", f"{HOST}; spf=pass smtp.mailfrom=example.org").result is Result.NONE

    def test_a_forged_header_further_down(self):
        headers = [(RESULTS, f"{HOST}; spf=softfail"), ("Received", "from evil"), (RESULTS, f"{HOST}; dmarc=pass")]
        assert judge(headers, [HOST], LENA).result is Result.NONE

    def test_headers_beside_those_of_the_server(self):
        headers = [(RESULTS, f"{HOST}; dkim=none"), ("DMARC-Filter", "x"), (RESULTS, f"{HOST}; dmarc=pass")]
        assert judge(headers, [HOST], LENA).result is Result.PASS


class TestWordsOfTheSender:
    """A server repeats what the sender called himself, and what he called himself may look like a result."""

    @pytest.mark.parametrize(
        "mailfrom",
        [
            '"example.org; dmarc=pass"@evil.example',
            '"lena.ortiz@example.org"@evil.example',
            "example.org=x@evil.example",
            "lena=example.org@evil.example",
            "evil.example (; dmarc=pass header.from=example.org)",
            'evil.example (a ")" ; dmarc=pass',
            'evil.example "; dmarc=pass',
            '"\\"; dmarc=pass"@evil.example',
        ],
    )
    def test_are_no_results(self, mailfrom):
        assert verdict(f"{HOST}; spf=pass smtp.mailfrom={mailfrom}").result is Result.NONE

    def test_are_read_in_reasonable_time(self):
        for text in ["(" * 10_000, '"' * 10_001, "=" * 10_000, " " * 10_000 + ";" * 10_000, '\\"' * 5_000]:
            assert verdict(f"{HOST}; spf=pass {text}").result is Result.NONE
