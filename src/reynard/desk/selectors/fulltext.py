"""The full-text indexes: FTS5 on SQLite, tsvector and GIN on PostgreSQL, asked and filled in the same words.

Both get words that rules/words has made, so they agree on what a word is. `desk_ticketsearch` has a row for each
piece of a ticket: its subject with the tags (ordinal 0), and each message (1, 2, ...) with the names of its files. A
message of more words than one row takes has several rows. `desk_contactsearch` has a row for each contact.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from reynard.desk import db
from reynard.desk.rules import words
from reynard.desk.rules.words import Words

PIECES = 26  # bits of a piece's number below the ticket's: 20 for the ordinal, 6 for the chunk
_CHUNK = 6
_MASK = (1 << PIECES) - 1
_BATCH = 100  # rows of one statement
_HEAD_WEIGHT = 4  # of a match in the subject or the tags, against one in a message

Sql = tuple[str, tuple[Any, ...]]


class Piece(NamedTuple):
    id: int
    text: Words


class ContactEntry(NamedTuple):
    id: int
    words: list[str]
    grams: list[str]


class Match(NamedTuple):
    """What a text asks of an index, in the language of this database."""

    ticket: str
    contact: str


def pieces(ticket_id: int, ordinal: int, chunks: Sequence[Words]) -> list[Piece]:
    first = ticket_id << PIECES | ordinal << _CHUNK
    return [Piece(first + number, chunk) for number, chunk in enumerate(chunks)]


# --- filling


def add(found: Sequence[Piece]) -> None:
    postgres = db.is_postgres()
    for batch in _batches(found):
        if postgres:
            rows = [value for piece in batch for value in (piece.id, _vector(piece.text.words, piece.text.variants))]
            db.execute(
                f"INSERT INTO desk_ticketsearch (id, words) VALUES {_marks(batch, '(%s, %s::tsvector)')} "
                "ON CONFLICT (id) DO UPDATE SET words = excluded.words",
                rows,
            )
        else:
            rows = [value for piece in batch for value in _columns(piece)]
            marks = _marks(batch, "(%s, %s, %s)")
            db.execute(f"INSERT INTO desk_ticketsearch (rowid, words, variants) VALUES {marks}", rows)


def remove(found: Sequence[Piece]) -> None:
    """Take out what was added; SQLite must be told the very same words, because it does not keep them."""
    postgres = db.is_postgres()
    for batch in _batches(found):
        if postgres:
            ids = [piece.id for piece in batch]
            db.execute(f"DELETE FROM desk_ticketsearch WHERE id IN ({db.places(ids)})", ids)
        else:
            rows = [value for piece in batch for value in _columns(piece)]
            marks = _marks(batch, "('delete', %s, %s, %s)")
            db.execute(
                f"INSERT INTO desk_ticketsearch (desk_ticketsearch, rowid, words, variants) VALUES {marks}",
                rows,
            )


def put_contacts(entries: Sequence[ContactEntry]) -> None:
    """Contacts as they are now, whether they were there or not."""
    postgres = db.is_postgres()
    for batch in _batches(entries):
        if postgres:
            rows = [value for one in batch for value in (one.id, _vector(one.words), _vector(one.grams))]
            db.execute(
                "INSERT INTO desk_contactsearch (id, words, grams) VALUES "
                f"{_marks(batch, '(%s, %s::tsvector, %s::tsvector)')} "
                "ON CONFLICT (id) DO UPDATE SET words = excluded.words, grams = excluded.grams",
                rows,
            )
        else:
            rows = [value for one in batch for value in (one.id, " ".join(one.words), " ".join(one.grams))]
            marks = _marks(batch, "(%s, %s, %s)")
            db.execute(f"INSERT OR REPLACE INTO desk_contactsearch (rowid, words, grams) VALUES {marks}", rows)


def forget_tickets() -> None:
    """Empty the index of tickets, to be filled anew."""
    if db.is_postgres():
        db.execute("TRUNCATE desk_ticketsearch")
    else:
        db.execute("INSERT INTO desk_ticketsearch (desk_ticketsearch) VALUES ('delete-all')")


def _batches(found: Sequence[Any]) -> list[Sequence[Any]]:
    return [found[start : start + _BATCH] for start in range(0, len(found), _BATCH)]


def _marks(batch: Sequence[Any], one: str) -> str:
    return ", ".join([one] * len(batch))


def _columns(piece: Piece) -> tuple[int, str, str]:
    return piece.id, " ".join(piece.text.words), " ".join(piece.text.variants)


def _vector(in_order: Sequence[str], variants: Sequence[str] = ()) -> str:
    """The text of a tsvector; words are letters, digits, `+` and `#`, so quotes are all they need."""
    places: dict[str, list[str]] = {}
    for position, word in enumerate(in_order, 1):
        places.setdefault(word, []).append(str(position))
    with_places = [f"'{word}':{','.join(positions[:255])}" for word, positions in places.items()]
    return " ".join(with_places + [f"'{variant}'" for variant in variants if variant not in places])


# --- asking


def match(text: str, *, phrase: bool) -> Match | None:
    """What to ask for a word (with its endings, or all that begin with it for `brak*`) or a phrase.

    A word that is several, like an address, is a phrase. None for a text without words.
    """
    found = words.words(text)
    if not found:
        return None
    prefix = not phrase and text.endswith("*")
    if not phrase and not prefix and len(found) == 1:
        return _any_of([found[0], *words.variants(found[0])])
    if db.is_postgres():
        asked = " <-> ".join(f"'{word}'" for word in found) + (":*" if prefix else "")
    else:
        asked = f'words : "{" ".join(found)}"' + (" *" if prefix else "")
    return Match(asked, asked)


def _any_of(alternatives: Sequence[str]) -> Match:
    """One of several words, in the text or among the variants."""
    if db.is_postgres():
        asked = " | ".join(f"'{word}'" for word in alternatives)
        return Match(asked, asked)
    asked = " OR ".join(f'"{word}"' for word in alternatives)
    return Match(asked, f"words : ({asked})")


def containing(part: str) -> str | None:
    """What to ask for contacts with this part in a name, an address or a number; None for an empty part."""
    folded = words.fold(part)
    if not folded:
        return None
    if len(folded) < 3:
        prefix = words.gram_prefix(part)
        return f"'{prefix}':*" if db.is_postgres() else f'grams : "{prefix}" *'
    grams = words.part_grams(part)
    return " <-> ".join(f"'{gram}'" for gram in grams) if db.is_postgres() else f'grams : "{" ".join(grams)}"'


def ticket_ids(asked: str) -> Sql:
    """The numbers of the tickets with a piece that matches; a ticket may come several times."""
    if db.is_postgres():
        return f"SELECT id >> {PIECES} AS id FROM desk_ticketsearch WHERE words @@ %s::tsquery", (asked,)
    return f"SELECT rowid >> {PIECES} AS id FROM desk_ticketsearch WHERE desk_ticketsearch MATCH %s", (asked,)


def is_ticket(asked: str) -> Sql:
    """A condition on a row of desk_ticket: one of its pieces matches."""
    pieces_of = f"BETWEEN (desk_ticket.id << {PIECES}) AND ((desk_ticket.id << {PIECES}) + {_MASK})"
    if db.is_postgres():
        piece = f"SELECT 1 FROM desk_ticketsearch s WHERE s.id {pieces_of} AND s.words @@ %s::tsquery"
    else:
        piece = f"SELECT 1 FROM desk_ticketsearch WHERE desk_ticketsearch MATCH %s AND rowid {pieces_of}"
    return f"EXISTS ({piece})", (asked,)


def contact_ids(asked: str, column: str = "words") -> Sql:
    """The ids of the contacts that match; `column` is `words`, or `grams` for parts."""
    if db.is_postgres():
        return f"SELECT id FROM desk_contactsearch WHERE {column} @@ %s::tsquery", (asked,)
    return "SELECT rowid AS id FROM desk_contactsearch WHERE desk_contactsearch MATCH %s", (asked,)


def is_contact(asked: str, column: str = "words") -> Sql:
    """A condition on a row of desk_ticket: its contact matches."""
    key = "id" if db.is_postgres() else "rowid"
    sql, values = contact_ids(asked, column)
    return f"EXISTS ({sql} AND {key} = desk_ticket.contact_id)", values


def scores(asked: str, limit: int) -> dict[int, float]:
    """How well tickets match, the larger the better; nothing where more than `limit` pieces match."""
    if db.is_postgres():
        sql = "SELECT id, ts_rank(words, %s::tsquery, 1) FROM desk_ticketsearch WHERE words @@ %s::tsquery LIMIT %s"
        rows = db.rows(sql, (asked, asked, limit + 1))
    else:
        sql = "SELECT rowid, -bm25(desk_ticketsearch) FROM desk_ticketsearch WHERE desk_ticketsearch MATCH %s LIMIT %s"
        rows = db.rows(sql, (asked, limit + 1))
    if len(rows) > limit:
        return {}
    best: dict[int, float] = {}
    for piece, score in rows:
        ticket_id, head = piece >> PIECES, (piece & _MASK) >> _CHUNK == 0
        weighted = score * _HEAD_WEIGHT if head else score
        if weighted > best.get(ticket_id, float("-inf")):
            best[ticket_id] = weighted
    return best
