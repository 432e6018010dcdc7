"""A source whose transactions can be told apart on the target: money moves between two tables, so that their sum never
changes, and each transaction leaves one row in a log without key, where a loss or a repetition shows."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from conftest import Millrace

TABLES = ("bank_left", "bank_right", "bank_log")
ACCOUNTS = 40
MONEY = 2 * ACCOUNTS * 1000


def make(source: psycopg.Connection) -> None:
    drop(source)
    for table in TABLES[:2]:
        source.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, v int NOT NULL, note text)")
        source.execute(f"INSERT INTO {table} SELECT n, 1000, 'start' FROM generate_series(1, {ACCOUNTS}) AS n")
    source.execute("CREATE TABLE bank_log (transaction_number int NOT NULL, seed int NOT NULL)")
    source.execute("ALTER TABLE bank_log REPLICA IDENTITY FULL")


def drop(source: psycopg.Connection) -> None:
    source.execute("DROP TABLE IF EXISTS " + ", ".join(TABLES))


def work(source: psycopg.Connection, seed: int, transactions: int) -> None:
    """Transfers, changed and swapped keys, rows that come and go, rolled back parts: the sum stays."""
    chance = random.Random(seed)
    for number in range(transactions):
        with source.transaction():
            # Beside other writers: what one has read, no other changes before it commits.
            source.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
            _one(source, chance)
            source.execute("INSERT INTO bank_log VALUES (%s, %s)", (number, seed))


def _one(source: psycopg.Connection, chance: random.Random) -> None:
    left, right = chance.sample(TABLES[:2], 2)
    amount = chance.randint(1, 50)
    gave = source.execute(
        f"UPDATE {left} SET v = v - %s, note = %s WHERE id = (SELECT min(id) FROM {left} WHERE id > %s)",
        (amount, f"gave {amount}", chance.randint(-5, ACCOUNTS // 2)),
    )
    took = source.execute(
        f"UPDATE {right} SET v = v + %s WHERE id = (SELECT min(id) FROM {right} WHERE id > %s)",
        (amount, chance.randint(-5, ACCOUNTS // 2)),
    )
    if (gave.rowcount, took.rowcount) != (1, 1):
        raise psycopg.Rollback
    what = chance.random()
    if what < 0.15:  # a key swap through a key that nobody has
        a, b = chance.sample(range(1, ACCOUNTS + 1), 2)
        for old, new in ((a, -1), (b, a), (-1, b)):
            source.execute(f"UPDATE {left} SET id = %s WHERE id = %s", (new, old))
    elif what < 0.3:  # a row goes and comes back elsewhere
        row = source.execute(f"DELETE FROM {left} WHERE id = %s RETURNING v", (chance.randint(1, ACCOUNTS),)).fetchone()
        if row is not None:
            fresh = source.execute(f"SELECT max(id) + 1 FROM {right}").fetchone()
            source.execute(f"INSERT INTO {right} VALUES (%s, %s, %s)", (fresh[0], row[0], "moved"))
    elif what < 0.4:  # what is rolled back never was
        try:
            with source.transaction():
                source.execute(f"UPDATE {right} SET v = v + 1000000")
                raise psycopg.Rollback
        except psycopg.Rollback:
            pass


def sum_of(target: Any, schema: str) -> int | None:
    """The money on the target, as a reader sees it at one moment."""
    parts = " UNION ALL ".join(f"SELECT v FROM {schema}.{table} WITH (TABLOCK, HOLDLOCK)" for table in TABLES[:2])
    with target.cursor() as cursor:
        cursor.execute(f"SELECT SUM(CONVERT(bigint, v)) FROM ({parts}) AS money")
        return cursor.fetchall()[0][0]


@contextmanager
def pipeline(millrace: Millrace, source: psycopg.Connection, name: str, schema: str) -> Iterator[str]:
    """Its pipeline, loaded and caught up; gone afterwards, with all that was started for it."""
    make(source)
    millrace.create(name, ",".join(TABLES), schema)
    millrace.catch_up(name)
    yield name
    for run in millrace.runs:
        if run.process.poll() is None:
            run.stop(signal.SIGKILL)
    millrace.call("delete", name, "--drop-tables", "-y", "--force")
    drop(source)
