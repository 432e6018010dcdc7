"""The load: Millrace copies, Debezium streams from the slot that was made before it."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from conftest import BINARY, LabFacts, Millrace, leftovers, wait_equal

SCHEMA = "e2e_load"


@pytest.fixture
def tables(source: psycopg.Connection, target: Any) -> Iterator[str]:
    """Two tables on the source, and on the target the schema for those that the test makes itself."""
    source.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}")
    source.execute(f"CREATE TABLE {SCHEMA}.items (id int PRIMARY KEY, v int, note text)")
    source.execute(f"INSERT INTO {SCHEMA}.items SELECT n, 0, repeat('x', 200) FROM generate_series(1, 40000) AS n")
    source.execute(f"CREATE TABLE {SCHEMA}.emptied (id int PRIMARY KEY, v int)")
    source.execute(f"INSERT INTO {SCHEMA}.emptied SELECT n, 0 FROM generate_series(1, 500) AS n")
    source.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO PUBLIC; GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO PUBLIC")
    _execute(target, f"IF SCHEMA_ID('{SCHEMA}') IS NULL EXEC('CREATE SCHEMA {SCHEMA}')")
    yield f"{SCHEMA}.items,{SCHEMA}.emptied"
    source.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


@pytest.fixture
def pipeline(millrace: Millrace) -> Iterator[list[str]]:
    """Names put in here are removed afterwards."""
    names: list[str] = []
    yield names
    for name in names:
        millrace.delete(name)


def _execute(target: Any, *statements: str) -> None:
    with target.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _rows(target: Any, sql: str) -> list[tuple[Any, ...]]:
    with target.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def _writer(lab: LabFacts, stop: threading.Event) -> int:
    """Inserts, updates, deletes, moved keys and TRUNCATE, so that they fall before, between and behind slot and load."""
    with lab.source() as source:
        turn = 0
        while not stop.is_set():
            turn += 1
            with source.transaction():
                source.execute(f"UPDATE {SCHEMA}.items SET v = v + 1 WHERE id %% 5003 = %s", [turn])
                source.execute(f"DELETE FROM {SCHEMA}.items WHERE id = %s", [turn])
                source.execute(f"INSERT INTO {SCHEMA}.items VALUES (%s, %s, 'new')", [100_000 + turn, turn])
                source.execute(f"UPDATE {SCHEMA}.items SET id = id + 1000000 WHERE id = %s", [20_000 + turn])
            if turn % 20 == 0:
                with source.transaction():
                    source.execute(f"TRUNCATE {SCHEMA}.emptied")
                    source.execute(
                        f"INSERT INTO {SCHEMA}.emptied SELECT n, %s FROM generate_series(%s, %s + 20) AS n",
                        [turn, turn, turn],
                    )
            stop.wait(0.1)
    return turn


def test_changes_while_it_is_made_are_neither_lost_nor_left_over(
    tables: str, millrace: Millrace, lab: LabFacts, source: psycopg.Connection, target: Any, pipeline: list[str]
) -> None:
    stop = threading.Event()
    with ThreadPoolExecutor() as pool:
        writer = pool.submit(_writer, lab, stop)
        try:
            millrace.create("E2E_LOAD", tables, SCHEMA, "--truncate", "apply")
            pipeline.append("E2E_LOAD")
        finally:
            stop.set()
        assert writer.result() > 10, "the writer was busy all the while"
    wait_equal(source, target, [(f"{SCHEMA}.{name}", f"{SCHEMA}.{name}") for name in ("items", "emptied")])
    slots = source.execute("SELECT slot_name FROM pg_replication_slots WHERE slot_name LIKE 'e2e_load%'").fetchall()
    assert slots == [("e2e_load_slot",)], "the load's own slot is gone"


def test_rows_on_the_target_are_refused_or_removed_by_policy(
    tables: str, millrace: Millrace, lab: LabFacts, source: psycopg.Connection, target: Any, pipeline: list[str]
) -> None:
    _execute(
        target,
        f"CREATE TABLE {SCHEMA}.emptied (id int NOT NULL PRIMARY KEY, v int NULL)",
        f"INSERT INTO {SCHEMA}.emptied VALUES (-1, 7), (1, 7)",
    )
    try:
        answer = millrace.run(*millrace.about("create", "E2E_HELD", f"{SCHEMA}.emptied", SCHEMA))
        assert (answer.code, answer.error["code"]) == (2, "preflight.failed")
        assert any("--load-policy truncate" in note for note in answer.error["notes"])
        millrace.create("E2E_HELD", f"{SCHEMA}.emptied", SCHEMA, "--load-policy", "truncate")
        pipeline.append("E2E_HELD")
        wait_equal(source, target, [(f"{SCHEMA}.emptied", f"{SCHEMA}.emptied")])
        # What was there before the pipeline is not Millrace's to drop.
        millrace.delete(pipeline.pop())
        assert leftovers(lab, source, target, "E2E_HELD", SCHEMA) == ["table emptied"]
    finally:
        _execute(target, f"DROP TABLE IF EXISTS {SCHEMA}.emptied")


def test_a_row_that_the_target_refuses_takes_everything_back(
    tables: str, millrace: Millrace, lab: LabFacts, source: psycopg.Connection, target: Any
) -> None:
    """`items` is made by Millrace; `emptied` was there, so its table stays, without the rows of the load."""
    _execute(target, f"CREATE TABLE {SCHEMA}.emptied (id int NOT NULL PRIMARY KEY, v int NULL)")
    try:
        _execute(target, f"CREATE UNIQUE INDEX only_one ON {SCHEMA}.emptied (v)")
        answer = millrace.run(*millrace.about("create", "E2E_TORN", tables, SCHEMA))
        assert answer.code == 1, answer.out
        assert answer.error["code"] == "target.constraint_violation"
        assert f"{SCHEMA}.emptied: row id=" in answer.error["message"]
        notes = " ".join(answer.error["notes"])
        for what in (f"loaded rows of [{SCHEMA}].[emptied]", f"table [{SCHEMA}].[items]", "slot e2e_torn_slot"):
            assert f"removed {what}" in notes
        assert _rows(target, f"SELECT COUNT(*) FROM {SCHEMA}.emptied") == [(0,)]
        assert leftovers(lab, source, target, "E2E_TORN", SCHEMA) == ["table emptied"]
        assert millrace.run("list", "-o", "json").json == []
    finally:
        _execute(target, f"DROP TABLE IF EXISTS {SCHEMA}.emptied")


def test_a_table_that_is_altered_before_its_load_is_not_loaded_by_the_old_plan(
    tables: str, millrace: Millrace, lab: LabFacts, source: psycopg.Connection, target: Any
) -> None:
    """A slot waits for the transactions that are open when it is made; the table is altered meanwhile."""
    with lab.source() as holder, holder.transaction():
        holder.execute("SELECT pg_current_xact_id()")
        running = subprocess.Popen(
            [str(BINARY), *millrace.about("create", "E2E_ALTERED", tables, SCHEMA)],
            env=millrace.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert running.stderr is not None
        for line in running.stderr:
            if "created publication" in line:
                break
        source.execute(f"ALTER TABLE {SCHEMA}.items ADD COLUMN late int DEFAULT 5")
    out, err = running.communicate(timeout=120)
    assert running.returncode == 1, out + err
    assert '"source.plan_outdated"' in out
    assert leftovers(lab, source, target, "E2E_ALTERED", SCHEMA) == []


def test_debeziums_own_snapshot_stays_selectable(
    tables: str, millrace: Millrace, source: psycopg.Connection, target: Any, pipeline: list[str]
) -> None:
    millrace.create("E2E_OWN", f"{SCHEMA}.emptied", SCHEMA, "--snapshot", "debezium")
    pipeline.append("E2E_OWN")
    pairs = [(f"{SCHEMA}.emptied", f"{SCHEMA}.emptied")]
    wait_equal(source, target, pairs)
    assert millrace.run("restart", "E2E_OWN").code == 0
    source.execute(f"UPDATE {SCHEMA}.emptied SET v = 1")
    wait_equal(source, target, pairs)
