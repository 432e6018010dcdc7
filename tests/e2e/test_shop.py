"""The main job: the shop's four tables, loaded, streamed, paused, broken, watched and removed. The tests of this file
share one pipeline and run in their order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from conftest import LabFacts, Millrace, connectors, leftovers, wait_equal, wait_until

from lab.lab import Lab
from lab.workload import change

NAME = "E2E_SHOP"
SCHEMA = "e2e_shop"
TABLES = ("customers", "products", "orders", "order_items")
PAIRS = [(f"public.{table}", f"{SCHEMA}.{table}") for table in TABLES]


@pytest.fixture(scope="module")
def pipeline(millrace: Millrace) -> Iterator[dict[str, Any]]:
    yield millrace.create(NAME, ",".join(TABLES), SCHEMA)


def test_create_answers_what_was_made(pipeline: dict[str, Any], lab: LabFacts) -> None:
    assert pipeline["pipeline_id"] == NAME
    assert pipeline["debezium_connector_name"] == f"{NAME}-source"
    assert pipeline["sink_connector_name"] == f"{NAME}-sink"
    assert pipeline["kafka_topics"] == [f"{NAME}.public.{table}" for table in TABLES]
    assert pipeline["status"] == "active"
    assert {f"{NAME}-source", f"{NAME}-sink"} <= set(connectors(lab))


def test_load(pipeline: dict[str, Any], source: psycopg.Connection, target: Any) -> None:
    wait_equal(source, target, PAIRS)


def test_stream_of_a_busy_shop(pipeline: dict[str, Any], source: psycopg.Connection, target: Any) -> None:
    done = change(source, rate=100, transactions=300, seed=7)
    assert done["transactions"] == 300
    wait_equal(source, target, PAIRS)


def test_changes_one_by_one(pipeline: dict[str, Any], source: psycopg.Connection, target: Any) -> None:
    with source.transaction():
        source.execute("DELETE FROM customers WHERE id >= 900000")  # of an earlier run in the same lab
        source.execute(
            "INSERT INTO customers (id, name, email, country, credit, preferences, active, created_at) VALUES"
            " (900001, 'Ærø 😀 𝄞 日本', 'x@example.com', 'DK', 1234567890.12, '{\"a\": [1, 2.50, null]}', true, now()),"
            " (900002, 'עברית', 'y@example.com', 'IL', 0.01, '{}', false, '2020-02-29 23:59:59.999999+14')"
        )
    wait_equal(source, target, PAIRS[:1])
    with source.transaction():
        source.execute("UPDATE customers SET id = 900003 WHERE id = 900001")
        source.execute("DELETE FROM customers WHERE id = 900002")
    wait_equal(source, target, PAIRS[:1])
    with target.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {SCHEMA}.customers WHERE id BETWEEN 900001 AND 900003")
        assert cursor.fetchall() == [(900003,)]


def test_large_text_unchanged_by_an_update(pipeline: dict[str, Any], source: psycopg.Connection, target: Any) -> None:
    """The stream does not carry a large value that an UPDATE leaves alone; it must still be there afterwards."""
    # Random digits: what compresses well is not stored apart.
    source.execute(
        "UPDATE products SET description = (SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 2000))"
        " WHERE id = 1"
    )
    wait_equal(source, target, PAIRS[1:2])
    source.execute("UPDATE products SET price = price + 1 WHERE id = 1")
    wait_equal(source, target, PAIRS[1:2])
    with target.cursor() as cursor:
        cursor.execute(f"SELECT LEN(description) FROM {SCHEMA}.products WHERE id = 1")
        assert cursor.fetchall() == [(64000,)]


def test_status_tells_states_lag_and_rows(
    pipeline: dict[str, Any], millrace: Millrace, source: psycopg.Connection
) -> None:
    wait_until(lambda: millrace.status(NAME)["sink_lag_messages"] == 0, "no lag")
    status = millrace.status(NAME)
    assert status["state"] == "RUNNING", status
    assert [c["state"] for c in status["connectors"]] == ["RUNNING", "RUNNING"]
    assert all(task["state"] == "RUNNING" for c in status["connectors"] for task in c["tasks"])
    assert status["slot"]["active"] is True
    assert status["slot"]["wal_status"] == "reserved"
    count = source.execute("SELECT count(*) FROM orders").fetchone()
    orders = next(table for table in status["tables"] if table["source"] == "public.orders")
    assert count is not None and orders["rows"] == count[0]
    assert orders["last_change_ms"] > 0


def test_pause_holds_changes_back_and_resume_brings_them(
    pipeline: dict[str, Any], millrace: Millrace, source: psycopg.Connection, target: Any
) -> None:
    assert millrace.run("pause", NAME).code == 0
    assert millrace.status(NAME)["state"] == "PAUSED"
    with target.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {SCHEMA}.orders")
        before = cursor.fetchall()
        change(source, rate=500, transactions=100, seed=11)
        cursor.execute(f"SELECT COUNT(*) FROM {SCHEMA}.orders")
        assert cursor.fetchall() == before
    assert millrace.run("resume", NAME).code == 0
    assert millrace.status(NAME)["state"] == "RUNNING"
    wait_equal(source, target, PAIRS)


def test_a_killed_connect_worker_loses_nothing(
    pipeline: dict[str, Any], millrace: Millrace, source: psycopg.Connection, target: Any
) -> None:
    servers = Lab()
    change(source, rate=500, transactions=50, seed=13)
    servers.kill_connect()
    answer = millrace.run("status", NAME, "-o", "json")
    assert answer.code == 1
    assert answer.json["state"] in ("UNKNOWN", "FAILED", "DEGRADED")
    change(source, rate=500, transactions=50, seed=17)
    servers.start_connect()
    wait_equal(source, target, PAIRS)
    wait_until(lambda: millrace.status(NAME)["state"] == "RUNNING", "running again")


def test_restart_deploys_a_connector_that_is_gone(
    pipeline: dict[str, Any], millrace: Millrace, lab: LabFacts, source: psycopg.Connection, target: Any
) -> None:
    import urllib.request

    gone = urllib.request.Request(f"{lab['CONNECT_URL']}/connectors/{NAME}-sink", method="DELETE")
    urllib.request.urlopen(gone, timeout=60).close()
    wait_until(lambda: f"{NAME}-sink" not in connectors(lab), "the sink is gone")
    # A worker that has just begun is given some time before its silence counts.
    wait_until(lambda: millrace.status(NAME)["state"] == "FAILED", "the missing sink is told")
    assert "not deployed" in millrace.status(NAME)["reason"]
    answer = millrace.run("restart", NAME)
    assert answer.code == 0, answer.err
    change(source, rate=500, transactions=20, seed=19)
    wait_equal(source, target, PAIRS)


def test_a_second_pipeline_of_the_same_name_is_refused(pipeline: dict[str, Any], millrace: Millrace) -> None:
    answer = millrace.run(*millrace.about("create", NAME, "orders", SCHEMA))
    assert answer.code == 2
    assert answer.error["code"] == "pipeline.exists"


def test_delete_leaves_nothing(
    pipeline: dict[str, Any], millrace: Millrace, lab: LabFacts, source: psycopg.Connection, target: Any
) -> None:
    deleted = millrace.delete(NAME)
    low = NAME.lower()
    for what in (f"slot {low}_slot", f"publication {low}_pub", f"connector {NAME}-source", f"connector {NAME}-sink"):
        assert what in deleted["removed"]
    assert leftovers(lab, source, target, NAME, SCHEMA) == []
    assert millrace.run("list", "-o", "json").json == []
