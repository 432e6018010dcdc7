"""Servers that go away and come back, slots that are gone, a source that is another one."""

from __future__ import annotations

import contextlib
import random
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bank
import psycopg
import pytds
import pytest
from conftest import LabFacts, Millrace, unequal, wait_equal, wait_until
from psycopg import sql

from lab.lab import Lab

SCHEMA = "emb_faults"
NAME = "EMB_FAULTS"
PAIRS = [(f"public.{table}", f"{SCHEMA}.{table}") for table in bank.TABLES]


@pytest.fixture
def name(millrace: Millrace, source: psycopg.Connection) -> Iterator[str]:
    with bank.pipeline(millrace, source, NAME, SCHEMA) as made:
        yield made


def test_walsender_is_ended_again_and_again(
    name: str, millrace: Millrace, source: psycopg.Connection, admin: psycopg.Connection, target: Any
) -> None:
    run = millrace.start(name)
    run.wait_event("stream.started")
    for seed in range(4):
        bank.work(source, seed=seed, transactions=15)
        admin.execute(
            "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active AND slot_name = %s",
            (f"{name.lower()}_slot",),
        )
    wait_equal(source, target, PAIRS)
    run.wait_event("retry")
    run.stop()


def test_target_is_killed_amid_batches(
    name: str, millrace: Millrace, source: psycopg.Connection, lab: LabFacts
) -> None:
    """kill -9 of the whole server; it comes back with what it had committed."""
    lab_itself = Lab()
    if lab_itself.sqlserver.external():
        pytest.skip("an external SQL Server is not ours to kill")
    run = millrace.start(name)
    run.wait_event("stream.started")
    for seed in range(2):
        bank.work(source, seed=10 + seed, transactions=20)
        lab_itself.kill("sqlserver")
        bank.work(source, seed=20 + seed, transactions=5)
        lab_itself.start("sqlserver")
    with lab.target() as target:
        wait_equal(source, target, PAIRS)
    run.stop()


def test_a_password_that_was_rotated_is_waited_for_and_picked_up(
    name: str, millrace: Millrace, source: psycopg.Connection, admin: psycopg.Connection, lab: LabFacts, target: Any
) -> None:
    role = sql.Identifier(lab["PG_USER"])
    rotate = sql.SQL("ALTER ROLE {} PASSWORD {}")
    run = millrace.start(name)
    run.wait_event("stream.started")
    try:
        admin.execute(rotate.format(role, "rotated"))
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (lab["PG_USER"],))
        wait_until(
            lambda: any("password authentication failed" in event["message"] for event in run.events("retry")),
            "the refused login is told, and the run goes on",
        )
        wrong = millrace.call("passwords", name, environment={"MILLRACE_SOURCE_PASSWORD": "neither"})
        assert wrong.code == 3 and "neither" not in wrong.out + wrong.err
        assert run.process.poll() is None
        answer = millrace.call("passwords", name, environment={"MILLRACE_SOURCE_PASSWORD": "rotated"})
        assert answer.code == 0, answer.err
        bank.work(source, seed=3, transactions=15)
        wait_equal(source, target, PAIRS)
    finally:
        admin.execute(rotate.format(role, lab["PG_PASSWORD"]))
    run.stop()
    assert millrace.call("passwords", name).code == 0, "the environment has the old one again"


def test_a_slot_that_is_gone_stops_with_its_own_error(name: str, millrace: Millrace, admin: psycopg.Connection) -> None:
    admin.execute("SELECT pg_drop_replication_slot(%s)", (f"{name.lower()}_slot",))
    answer = millrace.call("run", name, "--until-caught-up", "-o", "json")
    assert answer.code != 0
    assert "slot.missing" in answer.out + answer.err


def test_a_slot_that_was_made_anew_stops_with_its_own_error(
    name: str, millrace: Millrace, source: psycopg.Connection, admin: psycopg.Connection
) -> None:
    slot = f"{name.lower()}_slot"
    admin.execute("SELECT pg_drop_replication_slot(%s)", (slot,))
    bank.work(source, seed=5, transactions=5)
    admin.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", (slot,))
    answer = millrace.call("run", name, "--until-caught-up", "-o", "json")
    assert answer.code != 0
    assert "slot.unfit" in answer.out + answer.err


def test_an_idle_source_lets_its_slot_move(name: str, millrace: Millrace, source: psycopg.Connection) -> None:
    """Other tables write; WAL must not pile up behind the quiet ones."""
    run = millrace.start(name)
    run.wait_event("stream.started")
    source.execute("CREATE TABLE IF NOT EXISTS elsewhere (v text)")
    source.execute("INSERT INTO elsewhere SELECT repeat('x', 1000) FROM generate_series(1, 2000)")
    position = source.execute("SELECT pg_current_wal_lsn()").fetchone()[0]

    def moved() -> bool:
        row = source.execute(
            "SELECT confirmed_flush_lsn >= %s::pg_lsn FROM pg_replication_slots WHERE slot_name = %s",
            (position, f"{name.lower()}_slot"),
        ).fetchone()
        return bool(row and row[0])

    wait_until(moved, "the slot passes what other tables wrote")
    run.stop()
    source.execute("DROP TABLE elsewhere")


def test_a_name_that_another_installation_has_is_refused_and_stays_whole(
    name: str, millrace: Millrace, lab: LabFacts, tmp_path: Path
) -> None:
    answer = Millrace(lab, tmp_path).call(
        "create", "--name", name, "--source", lab.source_url, "--tables", "bank_left", "--engine", "embedded",
        "--target", lab.target_url(f"{SCHEMA}_other"), "--slot", "other_slot", "--publication", "other_pub", "-o", "json",
    )  # fmt: skip
    assert answer.code != 0 and "pipeline.exists" in answer.out + answer.err
    millrace.catch_up(name)


def test_random_kills_under_concurrent_writers(
    name: str, millrace: Millrace, source: psycopg.Connection, target: Any, lab: LabFacts
) -> None:
    """A reader of the target never sees part of a transaction, whatever happens to the process."""
    seed = 20261125
    chance = random.Random(seed)
    ended = threading.Event()
    broken: list[Any] = []
    seen = [0]

    def read() -> None:
        with pytds.connect(
            lab["SQLSERVER_HOST"], lab["SQLSERVER_DATABASE"], lab["SQLSERVER_USER"], lab["SQLSERVER_PASSWORD"],
            port=int(lab["SQLSERVER_PORT"]), autocommit=True,
        ) as reader:  # fmt: skip
            while not ended.wait(0.02):
                money = bank.sum_of(reader, SCHEMA)
                seen[0] += 1
                if money != bank.MONEY:
                    broken.append(money)

    def write(number: int) -> None:
        with psycopg.connect(
            host=lab["PG_HOST"], port=lab["PG_PORT"], dbname=lab["PG_DATABASE"], user=lab["PG_OWNER_USER"],
            password=lab["PG_OWNER_PASSWORD"], autocommit=True,
        ) as writer:  # fmt: skip
            done = 0
            while not ended.is_set():
                with contextlib.suppress(
                    psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected, psycopg.errors.UniqueViolation
                ):
                    bank.work(writer, seed=seed + number * 1000 + done, transactions=10)
                done += 1

    threads = [threading.Thread(target=read), *(threading.Thread(target=write, args=(n,)) for n in range(2))]
    for thread in threads:
        thread.start()
    try:
        for _ in range(6):
            run = millrace.start(name)
            run.wait_event("stream.started")
            run.process.wait(timeout=0) if run.process.poll() is not None else ended.wait(chance.uniform(0.3, 2.0))
            run.stop(signal.SIGKILL)
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    millrace.catch_up(name)
    assert seen[0] > 0 and broken == [], f"seed {seed}"
    assert unequal(source, target, PAIRS) == [], f"seed {seed}"
