"""A server goes away while the process stands at one of its edges: test_failpoints.py from the servers' side."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import bank
import psycopg
import pytest
from conftest import FAILPOINT_BINARY, LabFacts, Millrace, Run, unequal, wait_equal, wait_until

from lab.lab import Lab

SCHEMA = "emb_edges"
NAME = "EMB_SERVERS"
PAIRS = [(f"public.{table}", f"{SCHEMA}.{table}") for table in bank.TABLES]


@pytest.fixture
def name(millrace: Millrace, source: psycopg.Connection) -> Iterator[str]:
    if not FAILPOINT_BINARY.exists():
        pytest.fail("no binary with failpoints: run ./dev build debug")
    with bank.pipeline(millrace, source, NAME, SCHEMA) as made:
        yield made


def stopped_at(millrace: Millrace, point: str) -> Run:
    """A run that stands still at the failpoint, and has been let go of by nobody."""
    run = millrace.start(NAME, environment={"MILLRACE_FAILPOINT": f"{point}:1:stop"}, binary=FAILPOINT_BINARY)

    def stands() -> bool:
        assert run.process.poll() is None, run.lines[-5:]
        return Path(f"/proc/{run.process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"

    wait_until(stands, f"it stands at {point}")
    return run


@pytest.mark.parametrize("point", ["apply_open", "before_commit"])
def test_the_target_is_killed_amid_a_batch(
    name: str, point: str, millrace: Millrace, source: psycopg.Connection, lab: LabFacts
) -> None:
    servers = Lab()
    if servers.sqlserver.external():
        pytest.skip("an external SQL Server is not ours to kill")
    bank.work(source, seed=1, transactions=10)
    if point == "apply_open":
        # Only a transaction that does not fit one batch is applied in pieces.
        source.execute("INSERT INTO bank_left SELECT n, 0, repeat('x', 200) FROM generate_series(1000, 120000) AS n")
    run = stopped_at(millrace, point)
    servers.kill("sqlserver")
    servers.start("sqlserver")
    os.kill(run.process.pid, signal.SIGCONT)
    with lab.target() as target:
        wait_equal(source, target, PAIRS)
        run.wait_event("retry")
        bank.work(source, seed=2, transactions=5)
        wait_equal(source, target, PAIRS)
    run.stop()


@pytest.mark.parametrize("point", ["stage_loaded", "after_commit"])
def test_the_walsender_is_ended_amid_a_batch(
    name: str, point: str, millrace: Millrace, source: psycopg.Connection, admin: psycopg.Connection, lab: LabFacts
) -> None:
    """What was sent and not confirmed is sent again, and is there once."""
    bank.work(source, seed=3, transactions=10)
    run = stopped_at(millrace, point)
    ended = admin.execute(
        "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active AND slot_name = %s",
        (f"{name.lower()}_slot",),
    ).fetchall()
    assert ended == [(True,)]
    bank.work(source, seed=4, transactions=10)
    os.kill(run.process.pid, signal.SIGCONT)
    with lab.target() as target:
        wait_equal(source, target, PAIRS)
    run.wait_event("retry")
    run.stop()
    millrace.catch_up(name)
    with lab.target() as target:
        assert unequal(source, target, PAIRS) == []
