"""The way of a pipeline through the API: created by the client, run by the server, watched, paused, deleted."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.server.conftest import PASSWORD, Client, Server
from tests.server.http import send, signed_in
from tests.shared.lab_facts import LabFacts
from tests.shared.waiting import PATIENCE, wait_equal, wait_until

PAIRS = [("public.customers", "api.customers"), ("public.orders", "api.orders")]


def credentials(lab: LabFacts) -> dict[str, Any]:
    return {
        "source_host": lab["PG_HOST"], "source_port": int(lab["PG_PORT"]), "source_database": lab["PG_DATABASE"],
        "source_schema": "public", "source_user": lab["PG_USER"], "source_password": lab["PG_PASSWORD"],
        "source_tables": ["customers", "orders"],
        "target_host": lab["SQLSERVER_HOST"], "target_port": int(lab["SQLSERVER_PORT"]),
        "target_database": lab["SQLSERVER_DATABASE"], "target_schema": "api",
        "target_user": lab["SQLSERVER_USER"], "target_password": lab["SQLSERVER_PASSWORD"],
    }  # fmt: skip


def slot_is_there(source: psycopg.Connection, name: str) -> bool:
    return bool(source.execute("SELECT 1 FROM pg_replication_slots WHERE slot_name = %s", [name]).fetchall())


class Stream:
    """The events' stream, read line by line."""

    def __init__(self, url: str, last_id: str | None = None, headers: dict[str, str] | None = None) -> None:
        place = urlsplit(url)
        self.connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=PATIENCE)
        sent = (headers or signed_in(url, PASSWORD)) | ({"Last-Event-ID": last_id} if last_id else {})
        self.connection.request("GET", "/api/v1/events/stream", headers=sent)
        self.answer = self.connection.getresponse()
        assert self.answer.headers["Content-Type"] == "text/event-stream"

    def next(self) -> tuple[str, dict[str, Any]]:
        """The next event's kind and data."""
        kind = ""
        for raw in self.answer:
            line = raw.decode().rstrip()
            if line.startswith("event: "):
                kind = line[7:]
            elif kind and line.startswith("data: "):
                return kind, json.loads(line[6:])
        raise AssertionError("the stream ended")

    def wait(self, wanted: str) -> dict[str, Any]:
        while True:
            kind, data = self.next()
            if kind == wanted:
                return data


def test_create_run_watch_pause_delete(
    server: Server, client: Client, lab: LabFacts, source: psycopg.Connection, target: Any
) -> None:
    from create_cdc_pipeline import create_pipeline_from_credentials

    stream = Stream(server.url)
    options = {"name": "API_LINE", "target": {"trustServerCertificate": True}}
    result = create_pipeline_from_credentials(**credentials(lab), options=options, client=client)
    try:
        assert (result.pipeline_id, result.status) == ("API_LINE", "active")
        first = stream.wait("pipeline.created")
        assert first["actor"] == "admin" and first["pipeline"] == "API_LINE"
        stream.wait("stream.caught_up")
        wait_equal(source, target, PAIRS)
        status = client.status("API_LINE")
        assert status["state"] == "RUNNING" and status["slot"]["active"] is True
        assert int(status["applyLagBytes"]) >= 0 and status["appliedLsn"]
        assert {table["loadState"] for table in status["tables"]} == {"ready"}

        client.pause("API_LINE")
        wait_until(lambda: "ending" not in client.status("API_LINE")["reason"], "the run ends")
        assert client.status("API_LINE")["state"] == "PAUSED"
        client.resume("API_LINE")
        wait_until(lambda: client.status("API_LINE")["state"] == "RUNNING", "it runs again")

        client.add_tables("API_LINE", ["products"])
        wait_equal(source, target, [*PAIRS, ("public.products", "api.products")])

        metrics = send(server.url, "GET", "/metrics", headers=signed_in(server.url, PASSWORD)).text
        assert 'millrace_pipeline_running{tenant="default",pipeline="API_LINE"} 1' in metrics
        # What a view missed is told when it comes back.
        assert Stream(server.url, first["id"]).wait("pipeline.paused")["pipeline"] == "API_LINE"
        assert [event["kind"] for event in client.events("API_LINE")].count("pipeline.created") == 1
        assert Stream(server.url, "999999").wait("reset") == {}
    finally:
        client.delete("API_LINE", drop_tables=True)
    assert not slot_is_there(source, "api_line_slot")
    with pytest.raises(Exception, match=r"pipeline\.not_found"):
        client.pipeline("API_LINE")
    told = "\n".join(server.lines + server.errors + [str(event) for event in client.events()])
    for secret in (lab["PG_PASSWORD"], lab["SQLSERVER_PASSWORD"], PASSWORD):
        assert secret not in told


def test_a_change_on_what_was_changed_meanwhile_is_refused(client: Client, server: Server, lab: LabFacts) -> None:
    from create_cdc_pipeline import create_pipeline_from_credentials

    options = {"name": "API_ETAG", "target": {"trustServerCertificate": True}}
    facts = credentials(lab)
    create_pipeline_from_credentials(**facts, options=options, client=client)
    try:
        session = signed_in(server.url, PASSWORD)
        old = send(server.url, "GET", "/api/v1/pipelines/API_ETAG", headers=session).headers["etag"]
        client.pause("API_ETAG")
        refused = send(server.url, "DELETE", "/api/v1/pipelines/API_ETAG", headers={**session, "If-Match": old})
        assert (refused.status, refused.json["code"]) == (412, "object.changed")
        with pytest.raises(Exception, match=r"pipeline\.exists"):
            create_pipeline_from_credentials(**facts, options=options, client=client)
    finally:
        client.delete("API_ETAG", drop_tables=True)


def test_a_killed_server_goes_on_where_it_was(
    tmp_path: Path, lab: LabFacts, source: psycopg.Connection, target: Any
) -> None:
    from create_cdc_pipeline import create_pipeline_from_credentials

    server = Server(tmp_path / "data").start()
    options = {"name": "API_KILLED", "target": {"trustServerCertificate": True}}
    create_pipeline_from_credentials(**credentials(lab), options=options, client=server.client())
    try:
        wait_until(lambda: server.client().status("API_KILLED")["state"] == "RUNNING", "it runs")
        server.end(signal.SIGKILL)
        server.start()
        wait_until(lambda: server.client().status("API_KILLED")["state"] == "RUNNING", "it runs again")
        wait_equal(source, target, PAIRS)
    finally:
        server.client().delete("API_KILLED", drop_tables=True)
        assert server.end() == 0
    assert not slot_is_there(source, "api_killed_slot")


def test_a_create_that_was_killed_is_shown_and_can_be_deleted(
    tmp_path: Path, lab: LabFacts, source: psycopg.Connection
) -> None:
    from create_cdc_pipeline import create_pipeline_from_credentials

    server = Server(tmp_path / "data").start()
    watcher = server.client()
    options = {"name": "API_HALF", "target": {"trustServerCertificate": True}}

    def create() -> None:
        # The answer is cut off by the kill.
        with contextlib.suppress(OSError, http.client.HTTPException):
            create_pipeline_from_credentials(**credentials(lab), options=options, client=server.client())

    creating = threading.Thread(target=create)
    creating.start()
    wait_until(lambda: [item["name"] for item in watcher.pipelines()] == ["API_HALF"], "the create has begun")
    server.end(signal.SIGKILL)
    creating.join()
    server.start()
    try:
        assert server.client().pipeline("API_HALF")["state"] in ("creating", "active")
        server.client().delete("API_HALF", drop_tables=True)
        assert server.client().pipelines() == []
        assert not slot_is_there(source, "api_half_slot")
        publications = source.execute("SELECT 1 FROM pg_publication WHERE pubname = 'api_half_pub'").fetchall()
        assert publications == []
    finally:
        assert server.end() == 0
