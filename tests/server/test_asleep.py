"""Two servers on one store, one of which is stopped (SIGSTOP) and goes on later, as if nothing had been."""

from __future__ import annotations

import base64
import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from tests.server.conftest import Server
from tests.server.http import send
from tests.server.test_accounts import Api
from tests.server.test_tenants import spec
from tests.server.test_two_servers import TAKEOVER_S, store
from tests.shared.lab_facts import LabFacts
from tests.shared.waiting import wait_equal, wait_until

__all__ = ["store"]

PIPELINE = "SLEEPY_LINE"
PAIRS = [("public.sleepy_log", "sleepy.sleepy_log")]


def fence_of(target: Any) -> int:
    with target.cursor() as cursor:
        cursor.execute("SELECT fence FROM millrace.checkpoint WHERE pipeline = %s", (PIPELINE,))
        return cursor.fetchall()[0][0]


def told_as_running(api: Api) -> bool:
    """By the server's own numbers."""
    text = send(api.url, "GET", "/metrics", headers=api.headers).text
    return f'millrace_pipeline_running{{tenant="default",pipeline="{PIPELINE}"}} 1' in text


def test_a_server_that_slept_while_another_took_over_does_nothing_when_it_wakes(
    tmp_path: Path, store: str, lab: LabFacts, source: psycopg.Connection, target: Any
) -> None:
    keys = {
        "MILLRACE_SECRET_KEYS": "one:" + base64.b64encode(os.urandom(32)).decode(),
        "MILLRACE_SECRET_KEY_ID": "one",
        "MILLRACE_STORE": store,
        "MILLRACE_ALLOW_STORE_SERVER": "true",
    }
    source.execute("DROP TABLE IF EXISTS sleepy_log")
    # Without a key: a row that is applied twice stands there twice.
    source.execute("CREATE TABLE sleepy_log (n int NOT NULL)")
    source.execute("ALTER TABLE sleepy_log REPLICA IDENTITY FULL")
    written = 0

    def write(rows: int) -> None:
        nonlocal written
        for _ in range(rows):
            source.execute("INSERT INTO sleepy_log VALUES (%s)", (written,))
            written += 1

    servers = [Server(tmp_path / name, keys).start() for name in ("first", "second")]
    try:
        facts = spec(lab)
        wanted = {
            **facts,
            "name": PIPELINE,
            "tables": ["sleepy_log"],
            "target": {**facts["target"], "schema": "sleepy"},
        }
        status = f"/pipelines/{PIPELINE}/status"
        Api(servers[0]).done("POST", "/pipelines", wanted)
        write(20)
        wait_until(lambda: Api(servers[0]).done("GET", status)["state"] == "RUNNING", "it runs")
        wait_equal(source, target, PAIRS)

        runner = Api(servers[0]).done("GET", status)["process"]
        asleep, awake = servers if f"pid {servers[0].process.pid} " in runner else reversed(servers)
        api = Api(awake)

        def runs_awake() -> bool:
            told = api.done("GET", status)
            return told["state"] == "RUNNING" and f"pid {awake.process.pid} " in told["process"]

        asleep.process.send_signal(signal.SIGSTOP)
        since = time.monotonic()
        write(20)
        wait_until(runs_awake, "the other server runs it", TAKEOVER_S)
        assert time.monotonic() - since <= TAKEOVER_S
        wait_equal(source, target, PAIRS)
        fence = fence_of(target)

        # It believes that it leads, and holds connections to both databases and what it had read.
        woken_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        asleep.process.send_signal(signal.SIGCONT)
        write(20)
        woken = Api(asleep)
        # Its first look at the store is over when it has noticed that it leads no more.
        wait_until(lambda: not told_as_running(woken), "it tells of no run of its own")
        write(20)
        wait_equal(source, target, PAIRS)
        assert runs_awake()
        # What the other had read before it noticed may have come into the stage that both use. The one that leads sees
        # that by the count and begins once more, with the next fence; nobody else may have raised it.
        wait_until(lambda: told_as_running(api), "the one that leads runs")
        assert not told_as_running(woken)
        told = api.done("GET", f"/events?pipeline={PIPELINE}&kind=retry&pageSize=1000")["items"]
        disturbed = [event for event in told if event["code"] == "target.busy" and event["time"] >= woken_at]
        assert fence_of(target) == fence + len(disturbed), "taken over again: " + "\n".join(map(str, told))
        api.done("DELETE", f"/pipelines/{PIPELINE}?dropTables=true")
        assert [server.end() for server in servers] == [0, 0]
    finally:
        for server in servers:
            if server.process is not None and server.process.poll() is None:
                server.process.send_signal(signal.SIGCONT)
                server.end()
        source.execute("DROP TABLE sleepy_log")
