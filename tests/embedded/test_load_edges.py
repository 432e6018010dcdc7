"""What happens between a load's snapshot and its rows, and what killed processes leave behind."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from conftest import FAILPOINT_BINARY, Millrace, Run, unequal, wait_until

NAME = "EDGES"
PAIRS = [("public.edge", "edges.edge"), ("public.edge_other", "edges.edge_other")]


@pytest.fixture(autouse=True)
def pipeline(millrace: Millrace, source: psycopg.Connection) -> Iterator[None]:
    if not FAILPOINT_BINARY.exists():
        pytest.fail("no binary with failpoints: run ./dev build debug")
    source.execute("DROP TABLE IF EXISTS edge, edge_other")
    source.execute("CREATE TABLE edge (id int PRIMARY KEY, v int, t text)")
    source.execute("CREATE TABLE edge_other (id int PRIMARY KEY, t text)")
    source.execute("INSERT INTO edge SELECT n, n, 'row ' || n FROM generate_series(1, 2000) AS n")
    source.execute("INSERT INTO edge_other SELECT n, 'other' FROM generate_series(1, 100) AS n")
    yield
    for run in millrace.runs:
        if run.process.poll() is None:
            run.stop(signal.SIGKILL)
    millrace.call("delete", NAME, "--drop-tables", "--force", "-y")
    source.execute("DROP TABLE edge, edge_other")


def run_to(millrace: Millrace, point: str, *more: str) -> Run:
    return millrace.start(NAME, *more, environment={"MILLRACE_FAILPOINT": point}, binary=FAILPOINT_BINARY)


def is_stopped(run: Run) -> bool:
    return Path(f"/proc/{run.process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"


def stages(target: Any) -> set[str]:
    with target.cursor() as cursor:
        cursor.execute(
            "SELECT t.name FROM sys.tables AS t WHERE t.schema_id = SCHEMA_ID(N'millrace') AND t.name LIKE N'stage[_]%'"
        )
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE edge ALTER COLUMN t TYPE text USING upper(t)",
        "TRUNCATE edge; INSERT INTO edge SELECT n, n, 'anew' FROM generate_series(1500, 2500) AS n;"
        " UPDATE edge SET v = -v WHERE id > 2400",
        "VACUUM FULL edge",
    ],
)
def test_a_table_that_gets_a_new_file_behind_the_snapshot(
    millrace: Millrace, source: psycopg.Connection, target: Any, change: str
) -> None:
    """Under the snapshot its rows would not be seen, and the stream does not tell of them."""
    millrace.create(NAME, "edge,edge_other", "edges")
    run = run_to(millrace, "load_snapshot:1:stop", "--until-caught-up")
    wait_until(lambda: is_stopped(run), "the load has its snapshot")
    for statement in change.split(";"):
        source.execute(statement)
    os.kill(run.process.pid, signal.SIGCONT)
    assert run.process.wait(timeout=120) == 0, run.lines[-5:]
    assert any("rewritten or emptied" in event["message"] for event in run.events("retry")), run.lines
    assert unequal(source, target, PAIRS) == []


def test_a_type_that_changes_behind_the_snapshot(millrace: Millrace, source: psycopg.Connection, target: Any) -> None:
    millrace.create(NAME, "edge,edge_other", "edges")
    run = run_to(millrace, "load_snapshot:1:stop", "--until-caught-up")
    wait_until(lambda: is_stopped(run), "the load has its snapshot")
    source.execute("ALTER TABLE edge ALTER COLUMN v TYPE text USING 'v' || v")
    os.kill(run.process.pid, signal.SIGCONT)
    # The load is planned anew; the target table was made for the old type, and is empty.
    assert run.process.wait(timeout=120) == 0, run.lines[-5:]
    with target.cursor() as cursor:
        cursor.execute("SELECT DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = 'edges' AND TABLE_NAME = 'edge'"
                       " AND COLUMN_NAME = 'v'")  # fmt: skip
        assert cursor.fetchall() == [("nvarchar",)]
    assert unequal(source, target, PAIRS) == []


def test_types_that_become_others_in_front_of_the_load(
    millrace: Millrace, source: psycopg.Connection, target: Any
) -> None:
    """The empty copy follows, also where SQL Server converts from neither to the other."""
    millrace.create(NAME, "edge,edge_other", "edges")
    source.execute("ALTER TABLE edge ALTER v TYPE timestamp USING timestamp '2024-02-29' + v * interval '1 minute'")
    source.execute("ALTER TABLE edge ALTER t TYPE bytea USING convert_to(t, 'UTF8')")
    source.execute("ALTER TABLE edge_other ALTER t TYPE date USING date '2024-02-29' + id")
    run = run_to(millrace, "load_row:1000", "--until-caught-up")
    assert run.process.wait(timeout=120) == -signal.SIGKILL
    source.execute("ALTER TABLE edge ALTER v TYPE int USING 7, ALTER t TYPE uuid USING md5(t::text)::uuid")
    source.execute("ALTER TABLE edge_other ALTER t TYPE text USING 'was ' || t")
    run = run_to(millrace, "load_row:1000", "--until-caught-up")
    assert run.process.wait(timeout=120) == -signal.SIGKILL
    source.execute("ALTER TABLE edge_other ALTER t TYPE bytea USING convert_to(t, 'UTF8')")
    millrace.catch_up(NAME)
    assert unequal(source, target, PAIRS) == []


@pytest.mark.parametrize("point", ["load_snapshot", "load_row:50"])
def test_columns_that_come_and_go_in_front_of_a_load_leave_nothing(
    millrace: Millrace, source: psycopg.Connection, target: Any, point: str
) -> None:
    millrace.create(NAME, "edge,edge_other", "edges")
    for change in (
        "ALTER TABLE edge_other ADD COLUMN w int DEFAULT 5",
        "ALTER TABLE edge_other RENAME COLUMN w TO x",
        "ALTER TABLE edge_other RENAME COLUMN t TO u",
    ):
        source.execute(change)
        run = run_to(millrace, point, "--until-caught-up")
        assert run.process.wait(timeout=120) == -signal.SIGKILL
    source.execute("ALTER TABLE edge_other DROP COLUMN x")
    millrace.catch_up(NAME)
    assert unequal(source, target, PAIRS) == []
    with target.cursor() as cursor:
        cursor.execute("SELECT name FROM sys.columns WHERE object_id = OBJECT_ID(N'edges.edge_other') ORDER BY name")
        assert cursor.fetchall() == [("id",), ("u",)]


@pytest.mark.parametrize("point", ["load_snapshot", "load_row:50"])
def test_columns_that_become_longer_in_front_of_a_load(
    millrace: Millrace, source: psycopg.Connection, target: Any, point: str
) -> None:
    """By what the source declares now, however the target was made; what its rows decided then stays."""
    source.execute("ALTER TABLE edge ADD COLUMN n numeric(8,2) DEFAULT 12.34, ADD COLUMN m numeric DEFAULT 1.2345")
    source.execute("ALTER TABLE edge_other ALTER id TYPE varchar(5), ADD COLUMN p numeric(6,2)")
    millrace.create(NAME, "edge,edge_other", "edges")
    run = run_to(millrace, point, "--until-caught-up")
    assert run.process.wait(timeout=120) == -signal.SIGKILL
    source.execute("ALTER TABLE edge ALTER n TYPE numeric(12,2)")
    source.execute("UPDATE edge SET n = 1234567.89, m = 123456789.12 WHERE id % 7 = 1")
    source.execute("ALTER TABLE edge_other ALTER id TYPE varchar(20), ALTER p TYPE numeric")
    source.execute("UPDATE edge_other SET id = 'as long as this' , p = 12345678.901 WHERE id = '77'")
    millrace.catch_up(NAME)
    assert unequal(source, target, PAIRS) == []
    with target.cursor() as cursor:
        cursor.execute(
            "SELECT name, precision, scale FROM sys.columns WHERE object_id = OBJECT_ID(N'edges.edge') AND name IN "
            "(N'm', N'n') ORDER BY name"
        )
        assert cursor.fetchall() == [("m", 38, 4), ("n", 12, 2)]


def test_a_load_that_is_planned_anew_gives_way_to_who_took_over(
    millrace: Millrace, source: psycopg.Connection, target: Any
) -> None:
    """Two that take the pipeline from each other for ever would both get nowhere."""
    millrace.create(NAME, "edge,edge_other", "edges")
    asleep = run_to(millrace, "load_snapshot:1:stop")
    wait_until(lambda: is_stopped(asleep), "the load has its snapshot")
    source.execute("ALTER TABLE edge ALTER COLUMN v TYPE text USING 'v' || v")
    successor = millrace.start(NAME)
    successor.wait_event("load.finished")
    os.kill(asleep.process.pid, signal.SIGCONT)
    assert asleep.process.wait(timeout=60) == 1
    assert any("changed between the plan" in event["message"] for event in asleep.events("retry")), asleep.lines
    assert any("taken this pipeline over" in event["message"] for event in asleep.events("failed")), asleep.lines
    source.execute("INSERT INTO edge VALUES (3001, 'v', 'later')")
    wait_until(lambda: not unequal(source, target, PAIRS), "the one that leads goes on")
    assert not successor.events("retry"), successor.lines
    assert successor.stop() == 130


def test_what_a_killed_repair_leaves(millrace: Millrace, source: psycopg.Connection, target: Any) -> None:
    millrace.create(NAME, "edge,edge_other", "edges")
    millrace.catch_up(NAME)
    mine = stages(target)
    for again in (["run", NAME, "--until-caught-up"], ["verify", NAME, "--repair"]):
        with target.cursor() as cursor:
            cursor.execute("UPDATE edges.edge SET v = -1 WHERE id = 7")
        killed = subprocess.run(
            [str(FAILPOINT_BINARY), "verify", NAME, "--repair"],
            env={**millrace.environment, "MILLRACE_FAILPOINT": "repair_staged"},
            capture_output=True, timeout=120, check=False,
        )  # fmt: skip
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        left = stages(target) - mine
        assert len(left) == 1
        assert millrace.call(*again).code == 0
        assert not stages(target) & left, again
    assert unequal(source, target, PAIRS) == []


def test_what_a_process_leaves_that_is_killed_behind_a_schema_change(
    millrace: Millrace, source: psycopg.Connection, target: Any
) -> None:
    others = stages(target)
    millrace.create(NAME, "edge,edge_other", "edges")
    millrace.catch_up(NAME)
    source.execute("ALTER TABLE edge ADD COLUMN w int DEFAULT 5")
    source.execute("UPDATE edge SET w = 6 WHERE id = 1")
    run = run_to(millrace, "after_commit")
    assert run.process.wait(timeout=120) == -signal.SIGKILL
    old = {name for name in stages(target) - others if name.endswith("_1")}
    assert len(old) == 2, "the stage of the old shape is there no more: the failpoint was met too late"
    millrace.catch_up(NAME)
    left = stages(target) - others
    assert len(left) == 2
    assert len(left - old) == 1
    assert unequal(source, target, PAIRS) == []
    millrace.delete(NAME)
    assert not stages(target) & left


def test_a_load_that_was_asleep_when_another_took_over(
    millrace: Millrace, source: psycopg.Connection, target: Any
) -> None:
    """Its rows would be there twice: the table has no key that refuses them."""
    source.execute("ALTER TABLE edge DROP CONSTRAINT edge_pkey")
    source.execute("ALTER TABLE edge REPLICA IDENTITY FULL")
    millrace.create(NAME, "edge", "edges")
    asleep = run_to(millrace, "load_row:1000:stop")
    wait_until(lambda: is_stopped(asleep), "the load is under way")
    successor = millrace.start(NAME, "--until-caught-up")
    successor.wait_event("load.started")
    # As long as the other could still write nothing is loaded.
    with suppress(subprocess.TimeoutExpired):
        successor.process.wait(timeout=5)
    assert successor.process.poll() is None
    os.kill(asleep.process.pid, signal.SIGCONT)
    assert asleep.process.wait(timeout=60) == 1
    assert any("taken this pipeline over" in event["message"] for event in asleep.events("failed")), asleep.lines
    assert successor.process.wait(timeout=60) == 0
    assert unequal(source, target, PAIRS[:1]) == []


def test_memory_of_large_rows(millrace: Millrace, source: psycopg.Connection, target: Any) -> None:
    """Much more data than the process may take: each row is let go of when it is sent."""
    most_kib = 150 * 1024
    source.execute("INSERT INTO edge SELECT n, n, repeat('x', 10000000) FROM generate_series(10001, 10024) AS n")
    millrace.create(NAME, "edge", "edges")
    peak_kib = millrace.most_memory("run", NAME, "--until-caught-up", patience=120)
    with target.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM edges.edge WHERE DATALENGTH(t) = 20000000")
        assert cursor.fetchone()[0] == 24
    assert 10_000 < peak_kib < most_kib


@pytest.fixture
def little_wal(admin: psycopg.Connection) -> Iterator[None]:
    """The source keeps six segments of WAL for a slot, until its next checkpoint."""
    admin.execute("CHECKPOINT")
    admin.execute("ALTER SYSTEM SET max_slot_wal_keep_size = '96MB'")
    admin.execute("SELECT pg_reload_conf()")
    yield
    admin.execute("ALTER SYSTEM RESET max_slot_wal_keep_size")
    admin.execute("SELECT pg_reload_conf()")


def test_wal_that_a_load_keeps(
    millrace: Millrace, source: psycopg.Connection, admin: psycopg.Connection, little_wal: None
) -> None:
    """While it waits for its snapshot too: the warning tells how much is kept and how much is left."""
    source.execute("CREATE TABLE IF NOT EXISTS edge_held (n int)")
    millrace.create(NAME, "edge,edge_other", "edges")
    try:
        with source.transaction():
            source.execute("INSERT INTO edge_held VALUES (1)")
            run = millrace.start(NAME)
            run.wait_event("load.started")
            for _ in range(4):
                admin.execute("SELECT pg_logical_emit_message(false, 'edge', 'a segment is left')")
                admin.execute("SELECT pg_switch_wal()")
            warning = run.wait_event("slot.at_risk")
            assert not run.events("load.table_finished")
        assert warning["severity"] == "warning"
        assert "edges_slot keeps" in warning["message"]
        assert "MiB more and PostgreSQL gives it up" in warning["message"]
        run.wait_event("load.finished")
        run.stop()
    finally:
        source.execute("DROP TABLE edge_held")


def test_a_poison_row_amid_a_load(millrace: Millrace, source: psycopg.Connection, target: Any) -> None:
    """The error says all; when the row is corrected, only its table is loaded again."""
    source.execute("ALTER TABLE edge ADD COLUMN d date")
    millrace.create(NAME, "edge,edge_other", "edges")
    source.execute("UPDATE edge SET d = 'infinity' WHERE id = 1234")
    answer = millrace.call("run", NAME, "--until-caught-up", "-o", "json")
    assert answer.code == 1
    lines = answer.out.splitlines()
    failed = [line for line in lines if '"failed"' in line]
    for part in ("public.edge", "id=1234", "LSN 0/", "infinity", "column d"):
        assert any(part in line for line in failed), (part, lines)
    source.execute("UPDATE edge SET d = NULL WHERE id = 1234")
    with target.cursor() as cursor:
        cursor.execute("SELECT state, snapshot_lsn FROM millrace.table_state WHERE source_table = N'edge_other'")
        other = cursor.fetchone()
    run = millrace.start(NAME, "--until-caught-up")
    assert run.process.wait(timeout=120) == 0
    if other[0] == "ready":
        assert [event["table"] for event in run.events("load.table_finished")] == ["public.edge"]
    assert unequal(source, target, PAIRS) == []


def held(target: Any) -> list[tuple[Any, ...]]:
    with target.cursor() as cursor:
        cursor.execute("SELECT COUNT(*), MIN(v) FROM edges.edge")
        return list(cursor.fetchall())


def leftovers(target: Any) -> list[str]:
    with target.cursor() as cursor:
        cursor.execute("SELECT name FROM sys.tables WHERE name LIKE N'millrace[_]load[_]%'")
        return [name for (name,) in cursor.fetchall()]


def test_rows_stay_until_the_new_table_takes_the_place(
    millrace: Millrace, source: psycopg.Connection, target: Any
) -> None:
    """Killed at each edge of a load with policy swap, a reader finds the old rows or the new ones, whole."""
    millrace.create(NAME, "edge,edge_other", "edges", "--load-policy", "swap")
    millrace.catch_up(NAME)
    assert leftovers(target) == []
    with target.cursor() as cursor:
        cursor.execute("SELECT name FROM sys.key_constraints WHERE parent_object_id = OBJECT_ID(N'edges.edge')")
        key = cursor.fetchall()
        # What the load has to replace, and to keep to be read until then.
        cursor.execute("UPDATE edges.edge SET v = -7")
    old = [(2000, -7)]
    millrace.done("reload", NAME, "public.edge")
    for point in ("load_marked", "load_row:1000", "load_copied", "before_commit"):
        run = run_to(millrace, point, "--until-caught-up")
        assert run.process.wait(timeout=120) == -signal.SIGKILL, point
        assert held(target) == old, point
    source.execute("UPDATE edge SET v = 0 WHERE id = 1")
    millrace.catch_up(NAME)
    assert held(target) == [(2000, 0)]
    assert unequal(source, target, PAIRS) == []
    # All tables at once: no stream runs beside this load.
    with target.cursor() as cursor:
        cursor.execute("UPDATE edges.edge SET v = -7")
    for point in ("load_copied:2", "load_swapped:2", "load_ready:2"):
        for table in ("public.edge", "public.edge_other"):
            millrace.done("reload", NAME, table)
        run = run_to(millrace, point, "--until-caught-up")
        assert run.process.wait(timeout=120) == -signal.SIGKILL, point
        assert held(target) in (old, [(2000, 0)]), point
    millrace.catch_up(NAME)
    assert unequal(source, target, PAIRS) == []
    assert leftovers(target) == []
    with target.cursor() as cursor:
        cursor.execute("SELECT name FROM sys.key_constraints WHERE parent_object_id = OBJECT_ID(N'edges.edge')")
        assert cursor.fetchall() == key


def test_what_a_swap_would_lose_is_named(millrace: Millrace, source: psycopg.Connection, target: Any) -> None:
    millrace.create(NAME, "edge,edge_other", "edges", "--load-policy", "swap")
    with target.cursor() as cursor:
        # An empty table is loaded directly, whatever hangs on it.
        cursor.execute("CREATE INDEX ix_mine ON edges.edge (v)")
    run = run_to(millrace, "load_row:1000", "--until-caught-up")
    assert run.process.wait(timeout=120) == -signal.SIGKILL
    millrace.catch_up(NAME)
    assert unequal(source, target, PAIRS) == []
    millrace.done("reload", NAME, "public.edge")
    answer = millrace.call("run", NAME, "--until-caught-up", "-o", "json")
    assert answer.code == 2
    assert "index ix_mine" in answer.out + answer.err
    assert unequal(source, target, PAIRS) == []
    with target.cursor() as cursor:
        cursor.execute("DROP INDEX ix_mine ON edges.edge")
    # A type that needs a wider column, by the way: the new table has it.
    source.execute("ALTER TABLE edge ALTER COLUMN v TYPE numeric(20,4) USING v / 2.0")
    millrace.done("reload", NAME, "public.edge")
    millrace.catch_up(NAME)
    assert unequal(source, target, PAIRS) == []
    assert leftovers(target) == []
