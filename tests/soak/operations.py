"""What a writer does in one transaction. Each function takes the open connection and its own dice, draws all that it
needs before it looks at an answer, and keeps the promises of tables.py."""

from __future__ import annotations

import random
from collections.abc import Callable

import psycopg

from tests.soak.dice import words
from tests.soak.tables import ACCOUNTS

Operation = Callable[[psycopg.Connection, random.Random], None]
BANKS = ["soak_left", "soak_right"]


class GiveUp(Exception):
    """The transaction rolls back: there was nothing to do, or it is meant to."""


def _pay(source: psycopg.Connection, table: str, amount: int, above: int, more: str = "", *values: object) -> None:
    done = source.execute(
        f"UPDATE {table} SET v = v + %s{more} WHERE id = (SELECT min(id) FROM {table} WHERE id > %s)",
        (amount, *values, above),
    )
    if done.rowcount != 1:
        raise GiveUp


def transfer(source: psycopg.Connection, chance: random.Random) -> None:
    left, right = chance.sample(BANKS, 2)
    amount = chance.randint(1, 50)
    places = chance.randint(-5, ACCOUNTS), chance.randint(-5, ACCOUNTS)
    _pay(source, left, -amount, places[0], ", note = %s", words(chance, 20))
    _pay(source, right, amount, places[1])


def transfer_with_document(source: psycopg.Connection, chance: random.Random) -> None:
    """Values that are kept out of line; an update that leaves them alone does not send them."""
    left, right = chance.sample(BANKS, 2)
    document = words(chance, chance.randint(3000, 9000)) if chance.random() < 0.8 else None
    _pay(source, left, -7, chance.randint(-5, ACCOUNTS), ", doc = %s", document)
    _pay(source, right, 7, chance.randint(-5, ACCOUNTS))


def swap_keys(source: psycopg.Connection, chance: random.Random) -> None:
    table = chance.choice(BANKS)
    a, b = chance.sample(range(1, ACCOUNTS + 1), 2)
    for old, new in ((a, -1), (b, a), (-1, b)):
        source.execute(f"UPDATE {table} SET id = %s WHERE id = %s", (new, old))


def chain_of_keys(source: psycopg.Connection, chance: random.Random) -> None:
    """3 -> 4, 2 -> 3, 1 -> 2, and sometimes the first key is taken again."""
    table = chance.choice(BANKS)
    first = chance.randint(1, ACCOUNTS - 5)
    taken = source.execute(f"DELETE FROM {table} WHERE id = %s RETURNING v, note, doc", (first + 4,)).fetchone()
    for old in range(first + 3, first - 1, -1):
        source.execute(f"UPDATE {table} SET id = %s, note = 'chained' WHERE id = %s", (old + 1, old))
    if taken:
        source.execute(f"INSERT INTO {table} VALUES (%s, %s, %s, %s)", (first, *taken))


def move_row(source: psycopg.Connection, chance: random.Random) -> None:
    left, right = chance.sample(BANKS, 2)
    row = source.execute(
        f"DELETE FROM {left} WHERE id = %s RETURNING v, note, doc", (chance.randint(1, 2 * ACCOUNTS),)
    ).fetchone()
    if row is None:
        raise GiveUp
    fresh = source.execute(f"SELECT max(id) + 1 FROM {right}").fetchone()
    assert fresh is not None
    source.execute(f"INSERT INTO {right} VALUES (%s, %s, %s, %s)", (fresh[0], *row))


def back_and_forth(source: psycopg.Connection, chance: random.Random) -> None:
    """One key is inserted, changed, deleted and inserted again, so that only its last state counts."""
    key = 500 + chance.randint(0, 5)
    steps = chance.choices(["insert", "update", "delete"], k=chance.randint(2, 9))
    for step in steps:
        if step == "insert":
            source.execute(
                "INSERT INTO soak_parts VALUES (%s, %s, %s) ON CONFLICT (id) DO UPDATE SET v = excluded.v",
                (key, chance.randint(1, 9), words(chance, 10)),
            )
        elif step == "update":
            source.execute("UPDATE soak_parts SET v = -v, t = NULL WHERE id = %s", (key,))
        else:
            source.execute("DELETE FROM soak_parts WHERE id = %s", (key,))


def partitions(source: psycopg.Connection, chance: random.Random) -> None:
    """An update that moves a row from partition to partition is a delete and an insert in the stream."""
    for _ in range(chance.randint(1, 4)):
        source.execute(
            "UPDATE soak_parts SET id = %s, v = v + 1 WHERE id = %s AND NOT EXISTS"
            " (SELECT 1 FROM soak_parts WHERE id = %s)",
            ((to := chance.randint(1, 300)), chance.randint(1, 300), to),
        )
    source.execute(
        "INSERT INTO soak_parts VALUES (%s, 0, %s) ON CONFLICT (id) DO NOTHING",
        (chance.randint(1, 300), words(chance, 8)),
    )
    source.execute("DELETE FROM soak_parts WHERE id = %s", (chance.randint(1, 300),))


def words_with_text_keys(source: psycopg.Connection, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 5)):
        old, new = f"w{chance.randint(1, 400)}", chance.choice("wW") + str(chance.randint(1, 400))
        source.execute(
            "UPDATE soak_words SET word = %s, weight = -weight WHERE word = %s AND NOT EXISTS"
            " (SELECT 1 FROM soak_words AS other WHERE other.word = %s)",
            (new, old, new),
        )
        source.execute(
            "INSERT INTO soak_words VALUES (%s, %s, %s, clock_timestamp(), %s)"
            " ON CONFLICT (word, part) DO UPDATE SET raw = excluded.raw, seen = NULL",
            (words(chance, 6), chance.randint(0, 3), chance.random(), chance.randbytes(chance.randint(0, 40))),
        )


def pile(source: psycopg.Connection, chance: random.Random) -> None:
    """Rows without key, many of them equal: one of them goes, or changes, and the others stay."""
    a, b = chance.randint(0, 9), chance.choice(["twin", "other", None])
    source.execute(
        "INSERT INTO soak_pile SELECT %s, %s, %s FROM generate_series(1, %s::int)",
        (a, b, chance.choice([None, 1.5, 2]), chance.randint(1, 4)),
    )
    one = "SELECT ctid FROM soak_pile WHERE a = %s LIMIT %s"
    source.execute(f"DELETE FROM soak_pile WHERE ctid IN ({one})", (chance.randint(0, 9), chance.randint(1, 3)))
    source.execute(
        f"UPDATE soak_pile SET c = coalesce(c, 0) + 1 WHERE ctid IN ({one})",
        (chance.randint(0, 9), chance.randint(1, 2)),
    )


def truncate(source: psycopg.Connection, chance: random.Random) -> None:
    members = chance.randint(0, 12)
    source.execute("TRUNCATE soak_scratch, soak_pile" if chance.random() < 0.2 else "TRUNCATE soak_scratch")
    now = source.execute(
        "UPDATE soak_generation SET generation = generation + 1, members = %s RETURNING generation", (members,)
    ).fetchone()
    assert now is not None
    source.execute("INSERT INTO soak_scratch SELECT n, %s FROM generate_series(1, %s::int) AS n", (now[0], members))
    if chance.random() < 0.2:  # twice in one transaction
        source.execute("TRUNCATE soak_scratch")
        source.execute(
            "INSERT INTO soak_scratch SELECT n + 5, %s FROM generate_series(1, %s::int) AS n", (now[0], members)
        )


def grow(source: psycopg.Connection, chance: random.Random) -> None:
    """soak_scratch changes without a TRUNCATE, its keys among it."""
    source.execute("UPDATE soak_scratch SET id = id + 100 WHERE id < 100 AND id %% 2 = %s", (chance.randint(0, 1),))
    added = chance.randint(0, 3)
    source.execute(
        "INSERT INTO soak_scratch SELECT (SELECT coalesce(max(id), 0) FROM soak_scratch) + n, generation"
        " FROM soak_generation, generate_series(1, %s::int) AS n",
        (added,),
    )
    source.execute("UPDATE soak_generation SET members = members + %s", (added,))


def savepoints(source: psycopg.Connection, chance: random.Random) -> None:
    """Parts that are rolled back, some of them within parts that stay and the other way round."""

    def part(depth: int) -> None:
        transfer(source, chance)
        for _ in range(chance.randint(0, 2) if depth < 3 else 0):
            fails = chance.random() < 0.4
            try:
                with source.transaction():
                    part(depth + 1)
                    if fails:
                        source.execute("UPDATE soak_right SET v = v + 1000000")
                        raise GiveUp
            except GiveUp:
                pass

    part(0)


def rolled_back(source: psycopg.Connection, chance: random.Random) -> None:
    source.execute("UPDATE soak_left SET v = v + 1000000")
    source.execute("TRUNCATE soak_words")
    raise GiveUp


def large(source: psycopg.Connection, chance: random.Random) -> None:
    """Comes as a streamed transaction, part of it aborted."""
    rows, first = chance.randint(300, 3000), chance.randint(10_000, 90_000)
    insert = (
        "INSERT INTO soak_words SELECT 'big' || n, 9, n, now(), NULL FROM generate_series(%s::int, %s::int) AS n"
        " ON CONFLICT (word, part) DO UPDATE SET weight = soak_words.weight + 1"
    )
    source.execute(insert, (first, first + rows))
    try:
        with source.transaction():
            source.execute("UPDATE soak_words SET weight = 0, raw = '\\x00' WHERE part = 9")
            source.execute(insert, (first + rows, first + 2 * rows))
            if chance.random() < 0.5:
                raise GiveUp
    except GiveUp:
        pass
    transfer(source, chance)
    source.execute("DELETE FROM soak_words WHERE part = 9 AND weight < %s", (first + rows // 2,))


def shape(source: psycopg.Connection, chance: random.Random) -> None:
    """Rows of the table whose columns change."""
    source.execute(
        "INSERT INTO soak_shape (id, v) VALUES (%s, 1) ON CONFLICT (id) DO UPDATE SET v = soak_shape.v + 1",
        (chance.randint(1, 200),),
    )
    source.execute("UPDATE soak_shape SET v = v + 1 WHERE id BETWEEN %s AND %s", (a := chance.randint(1, 200), a + 9))
    source.execute("DELETE FROM soak_shape WHERE id = %s", (chance.randint(1, 200),))
    if chance.random() < 0.2:
        source.execute("UPDATE soak_shape SET id = id + 1000 WHERE id = %s", (chance.randint(1, 200),))
        source.execute("DELETE FROM soak_shape WHERE id > 1100")


def message(source: psycopg.Connection, chance: random.Random) -> None:
    """Somebody else's logical messages, in the transaction and beside it."""
    source.execute("SELECT pg_logical_emit_message(%s, 'soak', %s)", (chance.random() < 0.5, words(chance, 50)))
    transfer(source, chance)


WEIGHTS: dict[Operation, int] = {
    transfer: 20, transfer_with_document: 8, swap_keys: 8, chain_of_keys: 6, move_row: 8, back_and_forth: 8, partitions: 8,
    words_with_text_keys: 8, pile: 8, truncate: 4, grow: 5, savepoints: 8, rolled_back: 2, large: 2, shape: 10, message: 2,
}  # fmt: skip


def chosen(chance: random.Random) -> list[Operation]:
    """Mostly one, sometimes several in one transaction."""
    count = 1 if chance.random() < 0.7 else chance.randint(2, 4)
    return chance.choices(list(WEIGHTS), list(WEIGHTS.values()), k=count)
