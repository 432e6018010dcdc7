"""The shop's four tables through the embedded engine: loaded, streamed, stopped, killed, taken over, deleted. The tests
of this file share one pipeline and run in their order."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from conftest import Millrace, Run, unequal, wait_equal

from lab.workload import change

NAME = "EMB_SHOP"
SCHEMA = "emb_shop"
TABLES = ("customers", "products", "orders", "order_items")
PAIRS = [(f"public.{table}", f"{SCHEMA}.{table}") for table in TABLES]


@pytest.fixture(scope="module")
def pipeline(millrace: Millrace) -> Iterator[dict[str, Any]]:
    yield millrace.create(NAME, ",".join(TABLES), SCHEMA)


@pytest.fixture
def running(millrace: Millrace, pipeline: dict[str, Any]) -> Iterator[Run]:
    run = millrace.start(NAME)
    yield run
    if run.process.poll() is None:
        run.stop()


def test_load_and_end_when_caught_up(
    pipeline: dict[str, Any], millrace: Millrace, source: psycopg.Connection, target: Any
) -> None:
    millrace.catch_up(NAME)
    assert unequal(source, target, PAIRS) == []


def test_stream_of_a_busy_shop(running: Run, source: psycopg.Connection, target: Any) -> None:
    running.wait_event("stream.started")
    done = change(source, rate=200, transactions=400, seed=11)
    assert done["transactions"] == 400
    wait_equal(source, target, PAIRS)


def test_changes_of_keys_swaps_and_chains(running: Run, source: psycopg.Connection, target: Any) -> None:
    running.wait_event("stream.started")
    source.execute("DELETE FROM customers WHERE email LIKE '%@k.example'")  # of an earlier run in the same lab
    source.execute(
        "INSERT INTO customers (id, name, email, country, created_at) SELECT n, 'N' || n, n || '@k.example', 'DE', now()"
        " FROM generate_series(800001, 800010) AS n"
    )
    with source.transaction():
        source.execute("UPDATE customers SET id = -1 WHERE id = 800001")
        source.execute("UPDATE customers SET id = 800001 WHERE id = 800002")
        source.execute("UPDATE customers SET id = 800002 WHERE id = -1")
    with source.transaction():
        source.execute("UPDATE customers SET id = 800021 WHERE id = 800003")
        source.execute("UPDATE customers SET id = 800003 WHERE id = 800004")
        source.execute("UPDATE customers SET id = 800004, name = 'moved' WHERE id = 800005")
        source.execute("DELETE FROM customers WHERE id = 800006")
        source.execute("UPDATE customers SET id = 800006 WHERE id = 800007")
    wait_equal(source, target, PAIRS[:1])


def test_large_text_that_updates_leave_alone(running: Run, source: psycopg.Connection, target: Any) -> None:
    running.wait_event("stream.started")
    source.execute("DELETE FROM products WHERE id >= 700003")  # of an earlier run in the same lab
    # Random digits: what compresses well is not stored apart, and would be sent.
    source.execute(
        "UPDATE products SET description = (SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 2000))"
        " WHERE id IN (1, 2, 3)"
    )
    wait_equal(source, target, PAIRS[1:2])
    source.execute("UPDATE products SET price = price + 1 WHERE id IN (1, 2)")
    with source.transaction():
        source.execute(
            "INSERT INTO products (id, sku, name, price, description) SELECT 700003, 'moved', name, price,"
            " description FROM products WHERE id = 1"
        )
        source.execute("UPDATE products SET id = id + 1, price = price + 1 WHERE id = 700003")
    wait_equal(source, target, PAIRS)


def test_interrupted_it_goes_on_later(
    millrace: Millrace, pipeline: dict[str, Any], source: psycopg.Connection, target: Any
) -> None:
    run = millrace.start(NAME)
    run.wait_event("stream.started")
    assert run.stop(signal.SIGINT) in (0, 130)
    change(source, rate=1000, transactions=50, seed=3)
    millrace.catch_up(NAME)
    assert unequal(source, target, PAIRS) == []


def test_killed_it_goes_on_later(
    millrace: Millrace, pipeline: dict[str, Any], source: psycopg.Connection, target: Any
) -> None:
    for seed in range(3):
        run = millrace.start(NAME)
        run.wait_event("stream.started")
        change(source, rate=1000, transactions=60, seed=seed)
        run.stop(signal.SIGKILL)
    millrace.catch_up(NAME)
    assert unequal(source, target, PAIRS) == []


def test_a_second_process_takes_over(
    millrace: Millrace, pipeline: dict[str, Any], source: psycopg.Connection, target: Any
) -> None:
    first = millrace.start(NAME)
    first.wait_event("stream.started")
    second = millrace.start(NAME)
    source.execute("UPDATE products SET price = price + 1 WHERE id = 5")
    assert first.process.wait(timeout=60) == 1
    assert "taken" in str(first.lines)
    second.wait_event("stream.started")
    source.execute("UPDATE products SET price = price + 1 WHERE id = 5")
    wait_equal(source, target, PAIRS)
    second.stop()


def test_delete_leaves_nothing(
    millrace: Millrace, pipeline: dict[str, Any], source: psycopg.Connection, target: Any
) -> None:
    millrace.delete(NAME)
    low = NAME.lower()
    assert [row for row in source.execute("SELECT slot_name FROM pg_replication_slots") if low in row[0]] == []
    assert [row for row in source.execute("SELECT pubname FROM pg_publication") if low in row[0]] == []
    with target.cursor() as cursor:
        cursor.execute("SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = %s", (SCHEMA,))
        assert cursor.fetchall() == []
        # Other pipelines may share the database; of this one nothing is left.
        cursor.execute("SELECT OBJECT_ID(N'millrace.checkpoint', N'U')")
        if cursor.fetchall()[0][0] is not None:
            for table in ("checkpoint", "table_state", "events", "quarantine"):
                cursor.execute(f"SELECT COUNT(*) FROM millrace.{table} WHERE pipeline = %s", (NAME,))
                assert (table, cursor.fetchall()) == (table, [(0,)])
