"""Killed amid a migration of the store, and amid a rotation of keys beside a running server: the next goes on."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest

from tests.server.conftest import Server
from tests.server.test_accounts import Api
from tests.server.test_tenants import spec
from tests.shared.lab_facts import LabFacts
from tests.shared.program import FAILPOINT_BINARY, Program
from tests.shared.waiting import PATIENCE, wait_until

NAME = "ROTATED_LINE"


@pytest.fixture(autouse=True)
def failpoints() -> None:
    if not FAILPOINT_BINARY.exists():
        pytest.fail("no binary with failpoints: run ./dev build debug")


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_server_that_was_killed_amid_a_migration_starts_again(tmp_path: Path, lab: LabFacts, kind: str) -> None:
    """Its first start: each step is done or not begun."""
    schema = f"store_killed_{os.getpid()}"
    place = f"{lab['PG_USER']}:{lab['PG_PASSWORD']}@{lab['PG_HOST']}:{lab['PG_PORT']}/{lab['PG_DATABASE']}"
    store = {"MILLRACE_STORE": f"postgres://{place}?schema={schema}"} if kind == "postgres" else {}
    try:
        for point in ("migrate_step:2", "migrate_noted:1", "migrate_step:3"):
            environment = {**os.environ, **store, "MILLRACE_FAILPOINT": point}
            killed = subprocess.run(
                [str(FAILPOINT_BINARY), "serve", "--data-dir", str(tmp_path / "data"), "--port", "0"],
                env=environment, capture_output=True, timeout=PATIENCE, check=False,
            )  # fmt: skip
            assert killed.returncode == -signal.SIGKILL, (point, killed.stderr)
        server = Server(tmp_path / "data", store).start()
        assert Api(server).done("GET", "/pipelines")["items"] == []
        assert server.end() == 0
    finally:
        if kind == "postgres":
            with psycopg.connect(f"postgresql://{place}") as connection:
                connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


def test_a_rotation_that_was_killed_beside_a_server_is_ended_by_the_next(tmp_path: Path, lab: LabFacts) -> None:
    server = Server(tmp_path / "data").start()
    program = Program(lab, tmp_path / "data")
    status = f"/pipelines/{NAME}/status"
    Api(server).done("POST", "/pipelines", {**spec(lab), "name": NAME})
    try:
        for point in ("ring_written", "rotate_key_made", "rotate_portion"):
            killed = subprocess.run(
                [str(FAILPOINT_BINARY), "rotate-key"], env={**program.environment, "MILLRACE_FAILPOINT": point},
                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False,
            )  # fmt: skip
            assert killed.returncode == -signal.SIGKILL, (point, killed.stderr)
            assert Api(server).done("GET", status)["state"], point
            assert server.end() == 0
            server.start()
            wait_until(lambda: Api(server).done("GET", status)["state"] == "RUNNING", f"it runs after {point}")
        program.done("rotate-key", "--remove-unused")
        assert server.end() == 0
        server.start()
        wait_until(lambda: Api(server).done("GET", status)["state"] == "RUNNING", "it runs under the new key alone")
    finally:
        Api(server).call("DELETE", f"/pipelines/{NAME}?dropTables=true")
        assert server.end() == 0
