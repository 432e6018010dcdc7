"""Two servers on one PostgreSQL store: both answer, one runs the pipelines, the other takes over."""

from __future__ import annotations

import base64
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.server.conftest import PASSWORD, Server
from tests.server.test_accounts import Api
from tests.server.test_connections import source_of
from tests.server.test_pipelines import PAIRS
from tests.server.test_tenants import spec
from tests.shared.lab_facts import LabFacts
from tests.shared.waiting import wait_equal, wait_until

PIPELINE = "SHARED_LINE"
TAKEOVER_S = 15


@pytest.fixture
def store(lab: LabFacts) -> Iterator[str]:
    schema = f"store_{os.getpid()}"
    place = f"{lab['PG_USER']}:{lab['PG_PASSWORD']}@{lab['PG_HOST']}:{lab['PG_PORT']}/{lab['PG_DATABASE']}"
    yield f"postgres://{place}?schema={schema}"
    with psycopg.connect(f"postgresql://{place}") as connection:
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


def test_another_server_takes_over_from_one_that_is_killed(
    tmp_path: Path, store: str, lab: LabFacts, source: psycopg.Connection, target: object
) -> None:
    keys = {
        "MILLRACE_SECRET_KEYS": "one:" + base64.b64encode(os.urandom(32)).decode(),
        "MILLRACE_SECRET_KEY_ID": "one",
        "MILLRACE_STORE": store,
        "MILLRACE_ALLOW_STORE_SERVER": "true",
    }
    first = Server(tmp_path / "first", keys).start()
    second = Server(tmp_path / "second", keys).start()
    try:
        api = Api(first)
        api.done("POST", "/pipelines", {**spec(lab), "name": PIPELINE})
        wait_until(lambda: api.done("GET", f"/pipelines/{PIPELINE}/status")["state"] == "RUNNING", "it runs")
        other = Api(second)
        assert [item["name"] for item in other.done("GET", "/pipelines")["items"]] == [PIPELINE]
        runner = other.done("GET", f"/pipelines/{PIPELINE}/status")["process"]
        killed, left = (first, second) if f"pid {first.process.pid} " in runner else (second, first)
        assert f"pid {killed.process.pid} " in runner

        source.execute("UPDATE customers SET name = name || '!' WHERE id = (SELECT min(id) FROM customers)")
        source.commit()
        killed.end(signal.SIGKILL)
        since = time.monotonic()
        api = Api(left, "admin", PASSWORD)

        def taken_over() -> bool:
            status = api.done("GET", f"/pipelines/{PIPELINE}/status")
            return status["state"] == "RUNNING" and f"pid {left.process.pid} " in status["process"]

        wait_until(taken_over, "the other server runs it", TAKEOVER_S)
        assert time.monotonic() - since <= TAKEOVER_S
        wait_equal(source, target, [(name, copy.replace("api.", "north.")) for name, copy in PAIRS])
        api.done("DELETE", f"/pipelines/{PIPELINE}?dropTables=true")
        assert left.end() == 0
    finally:
        for server in (first, second):
            if server.process is not None and server.process.poll() is None:
                server.end()


def test_the_stores_own_server_is_no_source_unless_whoever_runs_it_says_so(
    tmp_path: Path, store: str, lab: LabFacts
) -> None:
    test = {"side": "source", "connection": source_of(lab)}
    alias = {"side": "source", "connection": source_of(lab, host="localhost")}
    for said, ok in (({}, False), ({"MILLRACE_ALLOW_STORE_SERVER": "true"}, True)):
        server = Server(tmp_path / str(ok), {"MILLRACE_STORE": store, **said}).start()
        try:
            for body in (test, alias):
                answer = Api(server).call("POST", "/connections:test", body)
                assert answer.json.get("ok", False) is ok, answer.text
            plan = Api(server).call("POST", "/pipelines:plan", spec(lab))
            assert plan.json.get("code") == (None if ok else "address.refused"), plan.text
        finally:
            assert server.end() == 0
