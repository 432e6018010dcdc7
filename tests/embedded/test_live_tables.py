"""Tables that are added to a pipeline that runs, or loaded anew, do not hold the others up: their load runs beside the
stream, and what changes in them meanwhile is applied behind it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from conftest import LabFacts, Millrace, Run, unequal, wait_equal, wait_until

ROWS = 150_000


def connect(lab: LabFacts) -> psycopg.Connection:
    return psycopg.connect(
        host=lab["PG_HOST"], port=lab["PG_PORT"], dbname=lab["PG_DATABASE"], user=lab["PG_OWNER_USER"],
        password=lab["PG_OWNER_PASSWORD"], autocommit=True,
    )  # fmt: skip


def pairs(name: str, *tables: str) -> list[tuple[str, str]]:
    """The target schema is the pipeline's name in small letters."""
    return [(f"public.{each}", f"{name.lower()}.{each}") for each in tables or ("live_old", "live_new", "live_log")]


def fetch(target: Any, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with target.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def state(target: Any, pipeline: str, table: str) -> tuple[str, int | None] | None:
    rows = fetch(
        target,
        "SELECT state, snapshot_lsn FROM millrace.table_state WHERE pipeline = %s AND source_table = %s",
        pipeline,
        table,
    )
    return rows[0] if rows else None


def is_copying(target: Any, pipeline: str, table: str) -> bool:
    now = state(target, pipeline, table)
    return now is not None and now[0] == "copying" and now[1] is not None


class Writers(threading.Thread):
    """Changes every table, as fast as the source takes it, until it is stopped."""

    def __init__(self, lab: LabFacts) -> None:
        super().__init__(daemon=True)
        self.connection = connect(lab)
        self.ends = threading.Event()
        self.rounds = 0

    def run(self) -> None:
        with self.connection as source:
            while not self.ends.is_set():
                n = self.rounds
                with source.transaction():
                    source.execute("UPDATE live_old SET v = %s WHERE id = %s", (n, n % 1000 + 1))
                    source.execute("UPDATE live_new SET v = v + 1 WHERE id BETWEEN %s AND %s + 4", (n % 5000, n % 5000))
                    source.execute("INSERT INTO live_new VALUES (%s, 0, 'late')", (1_000_000 + n,))
                    source.execute("INSERT INTO live_log VALUES (%s, 'one of a kind')", (n,))
                    if n % 3 == 0:
                        source.execute("DELETE FROM live_new WHERE id = %s", (10_000 + n,))
                        source.execute("UPDATE live_new SET id = -id WHERE id = %s", (50_000 + n,))
                self.rounds += 1
                # So that the tests' machine has time for the others.
                self.ends.wait(0.01)

    def stop(self) -> None:
        self.ends.set()
        self.join()


@contextmanager
def writing(lab: LabFacts) -> Iterator[Writers]:
    writers = Writers(lab)
    writers.start()
    try:
        yield writers
    finally:
        writers.stop()


@pytest.fixture(autouse=True)
def tables(source: psycopg.Connection) -> Iterator[None]:
    source.execute("DROP TABLE IF EXISTS live_old, live_new, live_log, live_held")
    source.execute("CREATE TABLE live_held (n int)")
    source.execute("CREATE TABLE live_old (id int PRIMARY KEY, v int)")
    source.execute("CREATE TABLE live_new (id int PRIMARY KEY, v int, t text)")
    source.execute("CREATE TABLE live_log (n int, t text)")
    source.execute("ALTER TABLE live_log REPLICA IDENTITY FULL")
    source.execute("INSERT INTO live_old SELECT n, 0 FROM generate_series(1, 1000) AS n")
    source.execute(f"INSERT INTO live_new SELECT n, 0, repeat(md5(n::text), 4) FROM generate_series(1, {ROWS}) AS n")
    source.execute("INSERT INTO live_log SELECT -n, 'before' FROM generate_series(1, 1000) AS n")
    yield
    source.execute("DROP TABLE live_old, live_new, live_log, live_held")


def started(millrace: Millrace, name: str, tables: str) -> Run:
    millrace.create(name, tables, name.lower(), "--load-workers", "2")
    millrace.catch_up(name)
    run = millrace.start(name)
    run.wait_event("stream.started")
    return run


def test_the_stream_goes_on_while_a_load_waits(
    millrace: Millrace, lab: LabFacts, source: psycopg.Connection, target: Any
) -> None:
    run = started(millrace, "LIVE_WAIT", "live_old")
    # A snapshot can not be made while this transaction is open.
    with connect(lab) as other, other.transaction():
        other.execute("INSERT INTO live_held VALUES (1)")
        assert millrace.call("add-tables", "LIVE_WAIT", "live_new,live_log", "-o", "json").code == 0
        run.wait_event("load.started")
        source.execute("UPDATE live_old SET v = 77 WHERE id = 7")
        source.execute("UPDATE live_new SET v = 77 WHERE id = 7")
        wait_equal(source, target, pairs("LIVE_WAIT", "live_old"))
        assert state(target, "LIVE_WAIT", "live_new")[0] == "pending"
        assert fetch(target, "SELECT COUNT(*) FROM live_wait.live_new") == [(0,)]
    run.wait_event("load.finished")
    wait_equal(source, target, pairs("LIVE_WAIT"))
    source.execute("UPDATE live_new SET v = 78 WHERE id = 7")
    source.execute("ALTER TABLE live_new ADD COLUMN extra int DEFAULT 5")
    source.execute("UPDATE live_new SET extra = 6 WHERE id = 8")
    source.execute("UPDATE live_old SET v = 78 WHERE id = 7")
    wait_equal(source, target, pairs("LIVE_WAIT"))
    run.stop()
    millrace.delete("LIVE_WAIT")


def test_add_tables_under_load(millrace: Millrace, lab: LabFacts, source: psycopg.Connection, target: Any) -> None:
    run = started(millrace, "LIVE_ADD", "live_old")
    with writing(lab):
        assert millrace.call("add-tables", "LIVE_ADD", "live_new,live_log", "-o", "json").code == 0
        wait_until(lambda: is_copying(target, "LIVE_ADD", "live_new"), "the new table is being copied")
        # Behind the snapshot and before the end of the load.
        source.execute("UPDATE live_new SET v = v + 1000 WHERE id <= 500")
        source.execute("UPDATE live_old SET v = -5 WHERE id = 1000")
        during = is_copying(target, "LIVE_ADD", "live_new")
        run.wait_event("load.finished")
    assert during, "the load was over before the changes: too few rows for this machine"
    wait_equal(source, target, pairs("LIVE_ADD"))
    # Not a row too many or too few: rows of the log have no key that would hide it.
    run.stop()
    millrace.catch_up("LIVE_ADD")
    assert unequal(source, target, pairs("LIVE_ADD")) == []
    millrace.delete("LIVE_ADD")


def test_reload_under_load(millrace: Millrace, lab: LabFacts, source: psycopg.Connection, target: Any) -> None:
    run = started(millrace, "LIVE_RELOAD", "live_old,live_new,live_log")
    with target.cursor() as cursor:
        cursor.execute("UPDATE live_reload.live_new SET t = 'not the source''s' WHERE id < 100")
    with writing(lab):
        assert millrace.call("reload", "LIVE_RELOAD", "live_new", "-o", "json").code == 0
        wait_until(lambda: is_copying(target, "LIVE_RELOAD", "live_new"), "the table is being copied again")
        source.execute("UPDATE live_old SET v = -5 WHERE id = 1000")
        wait_until(
            lambda: fetch(target, "SELECT v FROM live_reload.live_old WHERE id = 1000") == [(-5,)],
            "another table's change is seen",
        )
        source.execute("TRUNCATE live_log")
        run.wait_event("load.finished")
    wait_equal(source, target, pairs("LIVE_RELOAD"))
    run.stop()
    millrace.delete("LIVE_RELOAD")


def test_killed_amid_loads(millrace: Millrace, lab: LabFacts, source: psycopg.Connection, target: Any) -> None:
    def is_loaded() -> bool:
        now = state(target, "LIVE_KILL", "live_new")
        return now is not None and now[0] == "ready"

    run = started(millrace, "LIVE_KILL", "live_old")
    with writing(lab) as writers:
        assert millrace.call("add-tables", "LIVE_KILL", "live_new,live_log", "-o", "json").code == 0
        killed = 0
        for _ in range(3):
            wait_until(lambda: is_copying(target, "LIVE_KILL", "live_new") or is_loaded(), "the new table is copied")
            before = writers.rounds
            wait_until(lambda: writers.rounds > before + 2 or is_loaded(), "it changes meanwhile")  # noqa: B023
            # On a busy machine the load may be faster than the writers.
            if is_loaded():
                break
            run.stop(signal.SIGKILL)
            killed += 1
            run = millrace.start("LIVE_KILL")
            run.wait_event("stream.started")
        assert killed > 0
        wait_until(is_loaded, "the new table is loaded")
    wait_equal(source, target, pairs("LIVE_KILL"))
    run.stop()
    millrace.delete("LIVE_KILL")
