"""The tables of a run, and what holds of them after every transaction of the source.

- money: the sum of soak_left and soak_right never changes
- order: each writer numbers its transactions; soak_log (no key) has every number once, soak_progress the last
- truncates: every row of soak_scratch has the generation that soak_generation tells, and there are as many as it tells
"""

from __future__ import annotations

from typing import Any

import psycopg

ACCOUNTS = 40
MONEY = 2 * ACCOUNTS * 1000
WRITERS = 3
TABLES = (
    "soak_left", "soak_right", "soak_log", "soak_progress", "soak_pile", "soak_scratch", "soak_generation", "soak_words",
    "soak_parts", "soak_shape",
)  # fmt: skip

_MAKE = f"""
CREATE TABLE soak_left (id int PRIMARY KEY, v int NOT NULL, note text, doc text);
CREATE TABLE soak_right (LIKE soak_left INCLUDING ALL);
ALTER TABLE soak_left ALTER COLUMN doc SET STORAGE EXTERNAL;
ALTER TABLE soak_right ALTER COLUMN doc SET STORAGE EXTERNAL;
INSERT INTO soak_left SELECT n, 1000, 'start', repeat('L' || n, 1500) FROM generate_series(1, {ACCOUNTS}) AS n;
INSERT INTO soak_right SELECT n, 1000, 'start', repeat('R' || n, 1500) FROM generate_series(1, {ACCOUNTS}) AS n;
CREATE TABLE soak_log (writer int NOT NULL, n int NOT NULL, what text);
ALTER TABLE soak_log REPLICA IDENTITY FULL;
CREATE TABLE soak_progress (writer int PRIMARY KEY, n int NOT NULL);
INSERT INTO soak_progress SELECT n, 0 FROM generate_series(0, {WRITERS - 1}) AS n;
CREATE TABLE soak_pile (a int, b text, c numeric(12,3));
ALTER TABLE soak_pile REPLICA IDENTITY FULL;
INSERT INTO soak_pile SELECT n % 10, 'twin', NULL FROM generate_series(1, 100) AS n;
CREATE TABLE soak_scratch (id int PRIMARY KEY, generation int NOT NULL);
CREATE TABLE soak_generation (id int PRIMARY KEY, generation int NOT NULL, members int NOT NULL);
INSERT INTO soak_generation VALUES (1, 0, 0);
CREATE TABLE soak_words (word text NOT NULL, part int NOT NULL, weight double precision, seen timestamptz, raw bytea,
                         PRIMARY KEY (word, part));
INSERT INTO soak_words SELECT 'w' || n, n % 3, n / 7.0, now(), sha256(n::text::bytea) FROM generate_series(1, 3000) AS n;
CREATE TABLE soak_parts (id int PRIMARY KEY, v int, t text) PARTITION BY RANGE (id);
CREATE TABLE soak_parts_a PARTITION OF soak_parts FOR VALUES FROM (MINVALUE) TO (100);
CREATE TABLE soak_parts_b PARTITION OF soak_parts FOR VALUES FROM (100) TO (200);
CREATE TABLE soak_parts_c PARTITION OF soak_parts DEFAULT;
INSERT INTO soak_parts SELECT n, n, 'p' || n FROM generate_series(1, 300, 5) AS n;
CREATE TABLE soak_shape (id int PRIMARY KEY, v int);
INSERT INTO soak_shape SELECT n, n FROM generate_series(1, 50) AS n;
"""


def make(source: psycopg.Connection) -> None:
    drop(source)
    source.execute(_MAKE)


def drop(source: psycopg.Connection) -> None:
    for (name,) in source.execute("SELECT gid FROM pg_prepared_xacts WHERE gid LIKE 'soak%'").fetchall():
        source.execute(f"ROLLBACK PREPARED '{name}'")
    source.execute("DROP TABLE IF EXISTS " + ", ".join(TABLES))


def broken(target: Any, schema: str) -> list[str]:
    """Which promises a reader of the target finds broken, at one moment: the locks of one statement last to its end."""

    def of(table: str) -> str:
        return f"{schema}.{table} WITH (TABLOCK, HOLDLOCK)"

    with target.cursor() as cursor:
        cursor.execute(
            f"SELECT (SELECT SUM(CONVERT(bigint, v)) FROM {of('soak_left')}),"
            f" (SELECT SUM(CONVERT(bigint, v)) FROM {of('soak_right')}),"
            f" (SELECT MAX(members) FROM {of('soak_generation')}), (SELECT MAX(generation) FROM {of('soak_generation')}),"
            f" (SELECT COUNT(*) FROM {of('soak_scratch')}), (SELECT MIN(generation) FROM {of('soak_scratch')}),"
            f" (SELECT MAX(generation) FROM {of('soak_scratch')})"
        )
        left, right, members, generation, there, lowest, highest = cursor.fetchall()[0]
        cursor.execute(
            "SELECT p.writer, p.n, l.there, l.numbers, l.last"
            f" FROM {of('soak_progress')} AS p LEFT JOIN (SELECT writer, COUNT(*) AS there, COUNT(DISTINCT n) AS numbers,"
            f" MAX(n) AS last FROM {of('soak_log')} GROUP BY writer) AS l ON l.writer = p.writer"
        )
        progress = cursor.fetchall()
    found = []
    if left is None or right is None or left + right != MONEY:
        found.append(f"the money is {left} + {right}, not {MONEY}")
    if there != members or {lowest, highest} - {generation, None}:
        found.append(
            f"soak_scratch has {there} rows of generations {lowest}..{highest}, not {members} of generation {generation}"
        )
    for writer, n, rows, numbers, last in progress:
        if n != (last or 0) or n != (rows or 0) or n != (numbers or 0):
            found.append(
                f"writer {writer} is at {n}, its log has {rows or 0} rows with {numbers or 0} numbers up to {last or 0}"
            )
    return found
