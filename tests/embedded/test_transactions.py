"""Transactions that do not come the usual way: in two phases, from a replication origin, with messages of others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from conftest import Millrace, unequal, wait_equal

NAME = "TRANSACTIONS"
PAIRS = [("public.tx_kept", "transactions.tx_kept"), ("public.tx_log", "transactions.tx_log")]


@pytest.fixture(autouse=True)
def pipeline(millrace: Millrace, admin: psycopg.Connection, source: psycopg.Connection) -> Iterator[None]:
    """tx_log has no key: a change that comes twice shows as a row too many."""
    source.execute("CREATE TABLE tx_kept (id int PRIMARY KEY, v text)")
    source.execute("CREATE TABLE tx_log (v text)")
    source.execute("ALTER TABLE tx_log REPLICA IDENTITY FULL")
    millrace.create(NAME, "tx_kept,tx_log", "transactions")
    millrace.catch_up(NAME)
    yield
    millrace.delete(NAME)
    source.execute("DROP TABLE tx_kept, tx_log")


def prepared(source: psycopg.Connection, name: str, number: int) -> None:
    source.execute(
        f"BEGIN; INSERT INTO tx_kept VALUES ({number}, '{name}'); INSERT INTO tx_log VALUES ('{name}');"
        f" PREPARE TRANSACTION '{name}'"
    )


def texts(target: Any) -> list[str]:
    with target.cursor() as cursor:
        cursor.execute("SELECT v FROM transactions.tx_log ORDER BY v")
        return [text for (text,) in cursor.fetchall()]


def test_a_prepared_transaction_counts_from_its_commit_on(
    millrace: Millrace, admin: psycopg.Connection, source: psycopg.Connection, target: Any
) -> None:
    if admin.execute("SHOW max_prepared_transactions").fetchone() == ("0",):
        pytest.skip("the server takes no prepared transactions")
    prepared(source, "tx_commits", 1)
    prepared(source, "tx_rolls_back", 2)
    prepared(source, "tx_commits_while_away", 3)
    source.execute("INSERT INTO tx_log VALUES ('between')")
    millrace.catch_up(NAME)
    assert texts(target) == ["between"], "nothing of what is only prepared, and nothing waits for it"
    run = millrace.start(NAME)
    run.wait_event("stream.started")
    source.execute("COMMIT PREPARED 'tx_commits'")
    source.execute("ROLLBACK PREPARED 'tx_rolls_back'")
    source.execute("INSERT INTO tx_log VALUES ('behind')")
    wait_equal(source, target, PAIRS)
    assert run.stop() == 130
    source.execute("COMMIT PREPARED 'tx_commits_while_away'")
    millrace.catch_up(NAME)
    assert texts(target) == ["behind", "between", "tx_commits", "tx_commits_while_away"]
    assert unequal(source, target, PAIRS) == []


def test_changes_of_a_replication_origin_are_carried_once(
    millrace: Millrace, admin: psycopg.Connection, source: psycopg.Connection, target: Any
) -> None:
    """What a subscription applied to the source is as good as what its users wrote."""
    admin.execute("SELECT pg_replication_origin_create('tx_origin')")
    try:
        admin.execute("SELECT pg_replication_origin_session_setup('tx_origin')")
        for number in range(3):
            with admin.transaction():
                admin.execute(f"SELECT pg_replication_origin_xact_setup('0/{number + 1}', now())")
                admin.execute(f"INSERT INTO tx_kept VALUES ({number}, 'from elsewhere')")
                admin.execute(f"INSERT INTO tx_log VALUES ('origin {number}')")
    finally:
        admin.execute("SELECT pg_replication_origin_session_reset()")
        admin.execute("SELECT pg_replication_origin_drop('tx_origin')")
    source.execute("INSERT INTO tx_log VALUES ('own')")
    millrace.catch_up(NAME)
    assert texts(target) == ["origin 0", "origin 1", "origin 2", "own"]
    assert unequal(source, target, PAIRS) == []


def test_messages_of_others_change_nothing(millrace: Millrace, source: psycopg.Connection, target: Any) -> None:
    with source.transaction():
        source.execute("INSERT INTO tx_log VALUES ('before')")
        # As Millrace's own in everything but what they say; one that is large; one outside the transaction.
        source.execute("SELECT pg_logical_emit_message(true, 'millrace.ddl', 'no JSON')")
        source.execute("SELECT pg_logical_emit_message(true, 'millrace.ddl', '{\"dropped\": true}')")
        source.execute("SELECT pg_logical_emit_message(true, 'others', repeat('x', 3000000))")
        source.execute("SELECT pg_logical_emit_message(false, 'others', 'at once')")
        source.execute("INSERT INTO tx_log VALUES ('behind')")
    with source.transaction() as rolled_back:
        source.execute("SELECT pg_logical_emit_message(true, 'others', 'never')")
        raise psycopg.Rollback(rolled_back)
    millrace.catch_up(NAME)
    assert texts(target) == ["before", "behind"]
    assert unequal(source, target, PAIRS) == []
