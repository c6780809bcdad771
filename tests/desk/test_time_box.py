"""A search that takes too long ends with a sentence, and the connection goes on being good for others."""

import pytest

from reynard.desk import db
from reynard.desk.errors import SearchTooSlow
from reynard.desk.selectors import tickets

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


def test_what_takes_longer_is_ended(desk):
    with pytest.raises(SearchTooSlow), db.time_box(0.05):
        db.rows("SELECT pg_sleep(5)" if db.is_postgres() else ENDLESS)
    assert db.rows("SELECT 1") == [(1,)]


def test_what_is_quick_is_not(desk):
    with db.time_box(5):
        assert db.rows("SELECT 1") == [(1,)]


def test_the_client_is_told(api, monkeypatch):
    def too_slow(*arguments):
        raise SearchTooSlow

    monkeypatch.setattr(tickets, "_searched", too_slow)

    answer = api.get("tickets/", {"q": "brake"})

    assert answer.status_code == 503
    assert answer.json() == {
        "error": "This search takes too long. Make it narrower, for example by a status or a date."
    }
