"""Rows larger than the memory that the process may take, loaded and streamed."""

from __future__ import annotations

import hashlib
import json
import signal
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from conftest import Millrace

NAME = "LONG_VALUES"
MOST_KIB = 150 * 1024
# Characters of one, two, three and four bytes, so that pieces end in the middle of some; no two places look the same.
MAKE_TEXT = "SELECT string_agg(n || 'aé€🚀', '') FROM generate_series({first}, {first} + {count} - 1) AS n"
COUNT = 2_000_000  # of text some 34 MB, and more than half of that of bytes and JSON


@pytest.fixture(autouse=True)
def tables(millrace: Millrace, source: psycopg.Connection) -> Iterator[None]:
    source.execute("DROP TABLE IF EXISTS long_value")
    source.execute("CREATE TABLE long_value (id int PRIMARY KEY, t text, n int, b bytea, j json, small text)")
    yield
    for run in millrace.runs:
        if run.process.poll() is None:
            run.stop(signal.SIGKILL)
    millrace.call("delete", NAME, "--drop-tables", "--force", "-y")
    source.execute("DROP TABLE long_value")


def write(source: psycopg.Connection, key: int, first: int) -> None:
    source.execute(
        "WITH made AS MATERIALIZED (" + MAKE_TEXT.format(first=first, count=COUNT) + ")"
        f" INSERT INTO long_value SELECT {key}, string_agg, {key}, convert_to(reverse(left(string_agg, 10000000)), 'UTF8'),"
        " ('{\"all\": \"' || left(string_agg, 3000000) || '\"}')::json, 'few' FROM made"
    )


def digests(source: psycopg.Connection) -> dict[int, tuple[Any, ...]]:
    """Of the values' bytes as SQL Server has them."""
    found = {}
    with source.cursor(binary=True) as cursor:
        for key, text, number, data, document, small in cursor.execute(
            "SELECT id, t, n, b, j::text, small FROM long_value ORDER BY id"
        ):
            found[key] = (_digest_text(text), number, _digest(data), _digest_text(document), small)
    return found


def digests_of_copy(target: Any) -> dict[int, tuple[Any, ...]]:
    found = {}
    with target.cursor() as cursor:
        cursor.execute("SELECT id FROM long.long_value ORDER BY id")
        for (key,) in cursor.fetchall():
            row: list[Any] = []
            for column in ("t", "n", "b", "j", "small"):
                cursor.execute(f"SELECT {column} FROM long.long_value WHERE id = {key}")
                row.append(cursor.fetchone()[0])
            text, number, data, document, small = row
            found[key] = (_digest_text(text), number, _digest(data), _digest_text(document), small)
    return found


def _digest(data: bytes | None) -> str | None:
    return None if data is None else hashlib.sha256(data).hexdigest()


def _digest_text(text: str | None) -> str | None:
    return None if text is None else _digest(text.encode())


def catch_up(millrace: Millrace) -> None:
    """Runs until all is applied, in little memory."""
    assert 10_000 < millrace.most_memory("run", NAME, "--until-caught-up") < MOST_KIB


def test_a_load_takes_them_piece_by_piece(millrace: Millrace, source: psycopg.Connection, target: Any) -> None:
    source.execute(
        "INSERT INTO long_value VALUES (1, 'short', 1, 'short', '{}', 'few'), (4, NULL, 4, NULL, NULL, NULL)"
    )
    write(source, 2, 0)
    write(source, 3, COUNT)
    source.execute("UPDATE long_value SET b = NULL WHERE id = 3")
    millrace.create(NAME, "long_value", "long")
    catch_up(millrace)
    assert digests_of_copy(target) == digests(source)

    assert 10_000 < millrace.most_memory("verify", NAME) < MOST_KIB
    with target.cursor() as cursor:
        # One character among millions.
        cursor.execute("UPDATE long.long_value SET t = STUFF(t, 9000000, 1, N'#') WHERE id = 2")
    found = millrace.call("verify", NAME, "-o", "json")
    assert (found.code, found.json["equal"]) == (1, False), found.err
    assert millrace.call("verify", NAME, "--repair", "-o", "json").json["equal"] is True
    assert digests_of_copy(target) == digests(source)


@pytest.mark.parametrize("identity", ["DEFAULT", "FULL"])
def test_a_stream_takes_them_piece_by_piece(
    millrace: Millrace, source: psycopg.Connection, target: Any, identity: str
) -> None:
    source.execute(f"ALTER TABLE long_value REPLICA IDENTITY {identity}")
    if identity == "FULL":
        # Arrays have no binary form that is read here: then the stream sends text.
        source.execute("ALTER TABLE long_value ADD COLUMN a text[]")
    source.execute("INSERT INTO long_value VALUES (1, 'short', 1, 'short', '{}', 'few')")
    millrace.create(NAME, "long_value", "long")
    millrace.catch_up(NAME)
    write(source, 2, 0)
    write(source, 3, COUNT)
    with source.transaction():
        source.execute("UPDATE long_value SET n = -n, small = 'others' WHERE id > 1")
        source.execute("UPDATE long_value SET t = (SELECT t || 'longer' FROM long_value WHERE id = 2) WHERE id = 1")
        source.execute("UPDATE long_value SET id = 30 WHERE id = 3")
        source.execute("INSERT INTO long_value VALUES (4, 'short', 1, 'short', '{}', 'few')")
        if identity == "FULL":
            source.execute("UPDATE long_value SET a = string_to_array(left(t, 8000000), '🚀') WHERE id = 2")
    catch_up(millrace)
    assert digests_of_copy(target) == digests(source)
    if identity == "FULL":
        (words,) = source.execute("SELECT a FROM long_value WHERE id = 2").fetchone() or ((),)
        with target.cursor() as cursor:
            cursor.execute("SELECT a FROM long.long_value WHERE id = 2")
            assert json.loads(cursor.fetchone()[0]) == words
