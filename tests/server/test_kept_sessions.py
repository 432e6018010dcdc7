"""Answers of `status` share sessions with source and target for a while."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import psycopg
import pytest

from tests.server.conftest import Client
from tests.server.test_pipelines import credentials
from tests.shared.lab_facts import LabFacts
from tests.shared.waiting import wait_until

NAME = "KEPT_SESSIONS"


class Relay:
    """A port of this machine by which a server is reached: it counts the connections, and can cut them."""

    def __init__(self, host: str, port: int) -> None:
        self.made = 0
        self._server = (host, port)
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        with self._lock:
            for one in self._open:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
            self._open.clear()

    def end(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._server)
                with self._lock:
                    self.made += 1
                    self._open += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    @staticmethod
    def _carry(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        with suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def relay(lab: LabFacts) -> Iterator[Relay]:
    relay = Relay(lab["SQLSERVER_HOST"], int(lab["SQLSERVER_PORT"]))
    yield relay
    relay.end()


@pytest.fixture
def root(lab: LabFacts) -> Iterator[psycopg.Connection]:
    with lab.source("PG_SUPERUSER") as connection:
        yield connection


def test_answers_share_sessions_and_one_that_was_ended_is_replaced(
    client: Client, lab: LabFacts, root: psycopg.Connection, relay: Relay
) -> None:
    from create_cdc_pipeline import create_pipeline_from_credentials

    def status() -> dict[str, Any]:
        told = client.status(NAME)
        assert told["warnings"] == [] and told["state"] == "PAUSED"
        assert told["slot"]["walStatus"] == "reserved" and told["appliedLsn"]
        assert all(table["rows"] is not None for table in told["tables"])
        return told

    def on_source() -> set[int]:
        asked = "SELECT pid FROM pg_stat_activity WHERE application_name = 'millrace' AND usename = %s"
        return {row[0] for row in root.execute(asked, [lab["PG_USER"]])}

    facts = {**credentials(lab), "target_host": "127.0.0.1", "target_port": relay.port, "target_schema": "kept"}
    options = {"name": NAME, "target": {"trustServerCertificate": True}}
    create_pipeline_from_credentials(**facts, options=options, client=client)
    try:
        client.pause(NAME)
        wait_until(lambda: "ending" not in client.status(NAME)["reason"], "the run ends")
        # What watches over slots has a connection too, now and then.
        wait_until(lambda: bool(status()) and len(on_source()) == 1, "the answers have one session with the source")
        kept, made = on_source(), relay.made
        for _ in range(5):
            status()
        assert relay.made == made
        wait_until(lambda: on_source() == kept, "no other session was left")

        root.execute("SELECT pg_terminate_backend(%s)", [*kept])
        wait_until(lambda: not on_source() & kept, "the session with the source is ended")
        relay.cut()
        status()
        wait_until(lambda: len(on_source()) == 1, "a fresh one is kept in its place")
        assert relay.made == made + 1
    finally:
        client.delete(NAME, drop_tables=True)
