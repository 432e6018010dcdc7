"""The server is killed in the middle of a create and of a delete: what was begun is shown, can be ended, and leaves
nothing behind."""

from __future__ import annotations

import contextlib
import http.client
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.server.conftest import Server
from tests.server.test_accounts import Api
from tests.server.test_pipelines import slot_is_there
from tests.server.test_tenants import spec
from tests.shared.lab_facts import LabFacts
from tests.shared.program import FAILPOINT_BINARY, ROOT
from tests.shared.waiting import PATIENCE, wait_until

NAME = "KILLED_LINE"
SCHEMA = "killed"
POINTS = re.findall(
    r'^MILLRACE_FAILPOINT\(\w+, "((?:create|delete)_\w+)"', (ROOT / "src/support/failpoints.def").read_text(), re.M
)


@pytest.fixture(autouse=True)
def failpoints() -> None:
    if not FAILPOINT_BINARY.exists():
        pytest.fail("no binary with failpoints: run ./dev build debug")


@pytest.fixture
def keyless(source: psycopg.Connection) -> Iterator[None]:
    """A table whose REPLICA IDENTITY the pipeline changes, and has to change back."""
    source.execute("DROP TABLE IF EXISTS killed_toasty")
    source.execute("CREATE TABLE killed_toasty (id int PRIMARY KEY, v text)")
    yield
    source.execute("DROP TABLE killed_toasty")


def wanted(lab: LabFacts) -> dict[str, Any]:
    facts = spec(lab)
    return {
        **facts, "name": NAME, "toast": "full", "tables": ["customers", "killed_toasty"], "target": {**facts["target"], "schema": SCHEMA},
    }  # fmt: skip


def killed_by(api: Api, server: Server, method: str, path: str, body: Any = None) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException):
        answer = api.call(method, path, body)
        raise AssertionError(f"it was answered {answer.status}: {answer.text}")
    assert server.process is not None
    assert server.process.wait(timeout=PATIENCE) == -signal.SIGKILL


def left_behind(source: psycopg.Connection, target: Any) -> list[str]:
    """What is on either server and should not be."""
    found = []
    if slot_is_there(source, f"{NAME.lower()}_slot"):
        found.append("slot")
    if source.execute("SELECT 1 FROM pg_publication WHERE pubname = %s", [f"{NAME.lower()}_pub"]).fetchall():
        found.append("publication")
    if source.execute("SELECT relreplident FROM pg_class WHERE relname = 'killed_toasty'").fetchone() != ("d",):
        found.append("REPLICA IDENTITY")
    with target.cursor() as cursor:
        cursor.execute(f"SELECT name FROM sys.tables WHERE schema_id = SCHEMA_ID(N'{SCHEMA}')")
        found += [f"table {name}" for (name,) in cursor.fetchall()]
        cursor.execute("SELECT name FROM sys.tables WHERE schema_id = SCHEMA_ID(N'millrace')")
        for table in {name for (name,) in cursor.fetchall()} & {"checkpoint", "table_state", "quarantine"}:
            cursor.execute(f"SELECT COUNT(*) FROM millrace.{table} WHERE pipeline = %s", (NAME,))
            if cursor.fetchall() != [(0,)]:
                found.append(f"rows of millrace.{table}")
    return found


def test_a_create_or_delete_that_was_killed_leaves_nothing_once_it_is_deleted(
    tmp_path: Path, lab: LabFacts, keyless: None, source: psycopg.Connection, target: Any
) -> None:
    """One data directory, killed at every point in turn; the next server finds what the one before left."""
    assert len(POINTS) > 5
    place = f"/pipelines/{NAME}"
    after = Server(tmp_path / "data")
    for point in POINTS:
        environment = {"MILLRACE_FAILPOINT": f"{point}:2" if point == "create_table" else point}
        server = Server(tmp_path / "data", environment, binary=FAILPOINT_BINARY).start()
        api = Api(server)
        if point.startswith("create_"):
            killed_by(api, server, "POST", "/pipelines", wanted(lab))
        else:
            api.done("POST", "/pipelines", wanted(lab))
            killed_by(api, server, "DELETE", f"{place}?dropTables=true")

        api = Api(after.start())
        assert [item["name"] for item in api.done("GET", "/pipelines")["items"]] == [NAME], point
        assert api.done("GET", place)["state"] == ("creating" if point.startswith("create_") else "deleting"), point
        assert left_behind(source, target) or point in ("create_reserved", "delete_all"), point
        refused = api.call("POST", "/pipelines", wanted(lab))
        assert (refused.status, refused.json["code"]) == (409, "pipeline.exists"), point
        api.done("DELETE", f"{place}?dropTables=true")
        assert api.done("GET", "/pipelines")["items"] == [], point
        assert left_behind(source, target) == [], point
        if point != POINTS[-1]:
            assert after.end() == 0
    api.done("POST", "/pipelines", wanted(lab))
    wait_until(lambda: api.done("GET", f"{place}/status")["state"] == "RUNNING", "it can be made and run after all")
    api.done("DELETE", f"{place}?dropTables=true")
    assert left_behind(source, target) == []
    assert after.end() == 0
