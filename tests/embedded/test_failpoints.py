"""The process is killed at each failpoint, started again, and ends equal, with every source transaction there once."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from typing import Any

import bank
import psycopg
import pytest
from conftest import FAILPOINT_BINARY, ROOT, Millrace, unequal

SCHEMA = "emb_bank"
PAIRS = [(f"public.{table}", f"{SCHEMA}.{table}") for table in bank.TABLES]
KNOWN = re.findall(r'^MILLRACE_FAILPOINT\(\w+, "(\w+)"', (ROOT / "src/support/failpoints.def").read_text(), re.M)
LOAD = ("load_marked:2", "load_row:30", "load_copied", "load_ready:2")
STREAM = (
    "stage_row:5", "stage_loaded:2", "before_commit", "before_commit:3", "after_commit", "after_commit:2", "after_confirm",
)  # fmt: skip
GIANT = ("apply_open", "before_commit")
# By test_load_edges.py and test_renamed_tables.py.
TESTED_ELSEWHERE = {"load_snapshot", "load_swapped", "repair_staged", "rename_stored"}
# By tests/server/test_killed.py and test_saved_connections.py.
OF_THE_SERVER = {name for name in KNOWN if name.startswith(("create_", "delete_", "connection_"))}
# By unit_access, which has the store and the key ring to itself.
OF_THE_STORE = {"migrate_step", "migrate_noted", "rotate_key_made", "rotate_portion", "ring_written"}


def test_every_failpoint_is_tried() -> None:
    tried = {name.split(":")[0] for name in (*LOAD, *STREAM, *GIANT)}
    assert tried | TESTED_ELSEWHERE | OF_THE_SERVER | OF_THE_STORE == set(KNOWN)


@pytest.fixture
def name(millrace: Millrace, source: psycopg.Connection) -> Iterator[str]:
    if not FAILPOINT_BINARY.exists():
        pytest.fail("no binary with failpoints: run ./dev build debug")
    bank.make(source)
    millrace.create("EMB_BANK", ",".join(bank.TABLES), SCHEMA)
    yield "EMB_BANK"
    for run in millrace.runs:
        if run.process.poll() is None:
            run.stop(signal.SIGKILL)
    millrace.delete("EMB_BANK")
    bank.drop(source)


def _killed(millrace: Millrace, name: str, point: str) -> None:
    run = millrace.start(name, environment={"MILLRACE_FAILPOINT": point}, binary=FAILPOINT_BINARY)
    assert run.process.wait(timeout=120) == -signal.SIGKILL, run.lines[-5:]


@pytest.mark.parametrize("point", LOAD)
def test_killed_while_loading(
    name: str, point: str, millrace: Millrace, source: psycopg.Connection, target: Any
) -> None:
    _killed(millrace, name, point)
    bank.work(source, seed=1, transactions=20)
    millrace.catch_up(name)
    assert unequal(source, target, PAIRS) == []


@pytest.mark.parametrize("point", STREAM)
def test_killed_while_streaming(
    name: str, point: str, millrace: Millrace, source: psycopg.Connection, target: Any
) -> None:
    millrace.catch_up(name)
    run = millrace.start(name, environment={"MILLRACE_FAILPOINT": point}, binary=FAILPOINT_BINARY)
    run.wait_event("stream.started")
    for seed in range(50):
        bank.work(source, seed=seed, transactions=5)
        if run.process.poll() is not None:
            break
    assert run.process.wait(timeout=60) == -signal.SIGKILL, run.lines[-5:]
    assert bank.sum_of(target, SCHEMA) == bank.MONEY
    millrace.catch_up(name)
    assert unequal(source, target, PAIRS) == []


@pytest.mark.parametrize("point", GIANT)
def test_killed_amid_a_giant_transaction(
    name: str, point: str, millrace: Millrace, source: psycopg.Connection, target: Any
) -> None:
    millrace.catch_up(name)
    with source.transaction():
        source.execute("INSERT INTO bank_left SELECT n, 0, repeat('x', 200) FROM generate_series(1000, 120000) AS n")
        source.execute("INSERT INTO bank_right SELECT n, 0, 'y' FROM generate_series(1000, 2000) AS n")
    _killed(millrace, name, point)
    with target.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {SCHEMA}.bank_left")
        assert cursor.fetchall() == [(bank.ACCOUNTS,)]
    millrace.catch_up(name)
    assert unequal(source, target, PAIRS) == []
