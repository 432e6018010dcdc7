"""What the server tells of a pipeline while it moves: numbers, history, events. One pipeline for all of it."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import json
import re
import socketserver
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests.server.conftest import PASSWORD, Client, Server
from tests.server.http import send, signed_in
from tests.server.test_pipelines import credentials
from tests.shared.lab_facts import LabFacts
from tests.shared.program import ROOT
from tests.shared.waiting import PATIENCE, wait_until

NAME = "LIVE_LINE"
PLACE = f"/api/v1/pipelines/{NAME}"


class Listener:
    """The events' stream, read by a thread of its own."""

    def __init__(self, url: str, last_id: str = "") -> None:
        place = urlsplit(url)
        self.connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=PATIENCE)
        headers = signed_in(url, PASSWORD) | ({"Last-Event-ID": last_id} if last_id else {})
        self.connection.request("GET", "/api/v1/events/stream", headers=headers)
        self.answer = self.connection.getresponse()
        self.heard: list[tuple[str, dict[str, Any]]] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        kind = ""
        with contextlib.suppress(OSError, ValueError, AttributeError, http.client.HTTPException):
            for raw in self.answer:
                line = raw.decode().rstrip()
                if line.startswith("event: "):
                    kind = line[7:]
                elif line.startswith("data: "):
                    self.heard.append((kind, json.loads(line[6:])))

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [data for heard, data in self.heard if heard == kind and data.get("pipeline") == NAME]

    def wait(self, kind: str, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        wait_until(lambda: any(fits(data) for data in self.of(kind)), f"{kind} on the stream")
        return next(data for data in self.of(kind) if fits(data))

    def close(self) -> None:
        self.connection.close()


@pytest.fixture(scope="module")
def shop(server: Server, client: Client, lab: LabFacts, source: psycopg.Connection) -> Iterator[Listener]:
    from create_cdc_pipeline import create_pipeline_from_credentials

    source.execute("CREATE TABLE live_notes (id bigint PRIMARY KEY, body text)")
    source.execute("INSERT INTO live_notes SELECT n, 'note ' || n FROM generate_series(1, 2000) n")
    source.execute("ANALYZE live_notes")
    listener = Listener(server.url)
    facts = {**credentials(lab), "source_tables": ["live_notes"]}
    options = {
        "name": NAME,
        "target": {"trustServerCertificate": True},
        "embedded": {"poison": "quarantine"},
    }
    create_pipeline_from_credentials(**facts, options=options, client=client)
    try:
        yield listener
    finally:
        listener.close()
        client.delete(NAME, drop_tables=True)
        source.execute("DROP TABLE live_notes")


def of_table(progress: dict[str, Any]) -> dict[str, Any]:
    return next((table for table in progress["tables"] if table["table"] == "public.live_notes"), {})


def ask(server: Server, path: str, method: str = "GET", body: Any = None) -> Any:
    answer = send(server.url, method, path, body, signed_in(server.url, PASSWORD))
    assert answer.status < 300, answer.text
    return answer.json if answer.text else None


def test_numbers_go_by_stream_status_and_list(shop: Listener, server: Server, source: psycopg.Connection) -> None:
    loaded = shop.wait("progress", lambda told: of_table(told).get("state") == "ready" and told["health"] == "running")
    assert of_table(loaded)["rows"] == "2000"

    with source.transaction():
        source.execute("INSERT INTO live_notes VALUES (3001, 'new'), (3002, 'new')")
        source.execute("UPDATE live_notes SET body = 'changed' WHERE id <= 3")
        source.execute("DELETE FROM live_notes WHERE id = 9")
    moved = shop.wait("progress", lambda told: of_table(told).get("deletes") == "1")
    counts = {kind: of_table(moved)[kind] for kind in ("inserts", "updates", "deletes", "truncates")}
    assert counts == {"inserts": "2", "updates": "3", "deletes": "1", "truncates": "0"}
    assert of_table(moved)["lastChangeAt"] and moved["stream"]["changes"] == "6"
    assert 0 < moved["stream"]["latencyMs"]["p50"] <= moved["stream"]["latencyMs"]["p99"]
    shop.wait("progress", lambda told: told["slot"] is not None and told["slot"]["name"] == "live_line_slot")
    # At most one a second: a view that is slow is not flooded.
    times = [datetime.fromisoformat(told["time"]) for told in shop.of("progress")]
    assert len(times) <= (times[-1] - times[0]).total_seconds() + 2

    status = ask(server, f"{PLACE}/status")
    assert status["live"]["health"] == "running" and status["live"]["stream"]["caughtUp"] is True
    assert status["slot"]["risk"] == "ok" and int(status["live"]["slot"]["retainedBytes"]) >= 0
    progress = ask(server, f"{PLACE}/progress")
    assert of_table(progress)["inserts"] == "2"
    line = next(item for item in ask(server, "/api/v1/pipelines")["items"] if item["name"] == NAME)["live"]
    assert (line["health"], line["tablesReady"], line["tablesTotal"], line["slotRisk"]) == ("running", 1, 1, "ok")

    text = send(server.url, "GET", "/metrics", headers=signed_in(server.url, PASSWORD)).text
    here = f'tenant="default",pipeline="{NAME}"'
    assert f"millrace_pipeline_commit_latency_seconds_count{{{here}}} 1" in text
    assert f'millrace_pipeline_health{{{here},health="running"}} 1' in text


def test_every_metric_is_described_and_the_dashboard_uses_no_other(server: Server, shop: Listener) -> None:
    text = send(server.url, "GET", "/metrics", headers=signed_in(server.url, PASSWORD)).text
    exported = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    described = set(re.findall(r"^\| `(millrace_\w+)`", (ROOT / "docs/reference/metrics.md").read_text(), re.MULTILINE))
    assert set(exported) == described
    parts = {
        name + end for name, kind in exported.items() if kind == "histogram" for end in ("_bucket", "_sum", "_count")
    }
    for file in ("grafana/millrace.json", "prometheus/millrace.rules.yml"):
        used = set(re.findall(r"\bmillrace_\w+", (ROOT / "packaging" / file).read_text()))
        assert used and used <= set(exported) | parts, (file, used - set(exported) - parts)


def test_the_history_has_a_place_for_every_step(shop: Listener, server: Server) -> None:
    def sampled() -> bool:
        history = ask(server, f"{PLACE}/metrics?range=1h")
        return any(value is not None for value in history["series"]["lagBytes"])

    wait_until(sampled, "a sample is written")
    history = ask(server, f"{PLACE}/metrics?range=1h")
    assert history["stepS"] == 10 and len(history["times"]) == 360
    assert {len(values) for values in history["series"].values()} == {360}
    # Before the pipeline was there is a gap, and it is told as one.
    assert history["series"]["lagBytes"][0] is None
    assert len(ask(server, f"{PLACE}/metrics?range=7d")["times"]) == 1008
    refused = send(server.url, "GET", f"{PLACE}/metrics?range=2h", headers=signed_in(server.url, PASSWORD))
    assert (refused.status, refused.json["code"]) == (400, "usage.invalid")


def test_events_are_kept_and_found(shop: Listener, server: Server) -> None:
    every = ask(server, f"/api/v1/events?pipeline={NAME}&pageSize=1000")["items"]
    kinds = {event["kind"] for event in every}
    assert {"pipeline.created", "pipeline.health", "load.finished", "stream.started"} <= kinds, kinds
    created = next(event for event in every if event["kind"] == "pipeline.created")
    assert created["actor"] == "admin" and created["severity"] == "info"

    pages: list[dict[str, Any]] = []
    token = ""
    while True:
        page = ask(server, f"/api/v1/events?pipeline={NAME}&pageSize=2&pageToken={quote(token)}")
        assert len(page["items"]) <= 2
        pages += page["items"]
        if not (token := page["nextPageToken"]):
            break
    assert [event["id"] for event in pages][: len(every)] == [event["id"] for event in every][: len(pages)]
    family = ask(server, f"/api/v1/events?pipeline={NAME}&kind=load")["items"]
    assert {event["kind"] for event in family} >= {"load.started", "load.finished"}
    assert all(event["kind"].startswith("load.") for event in family)
    assert ask(server, f"/api/v1/events?pipeline={NAME}&to={quote(created['time'])}")["items"] == []
    for wrong in ("severity=loud", "from=yesterday", "pageToken=x", "pageSize=0"):
        answer = send(server.url, "GET", f"/api/v1/events?{wrong}", headers=signed_in(server.url, PASSWORD))
        assert answer.status == 400, wrong


def test_what_no_pipeline_owns_is_found_and_removed(server: Server, shop: Listener, lab: LabFacts) -> None:
    with lab.source("PG_SUPERUSER") as root:
        for slot in ("p_left_to_behind_slot", "somebodys_slot"):
            root.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", [slot])
        root.execute("CREATE PUBLICATION p_left_to_behind_pub FOR TABLE live_notes")
        owner = Identifier(lab["PG_USER"])
        root.execute(SQL("ALTER PUBLICATION p_left_to_behind_pub OWNER TO {}").format(owner))
        try:
            found = ask(server, "/api/v1/orphans")
            assert found["warnings"] == []
            mine = {item["name"]: item for item in found["items"] if item["name"].startswith("p_left")}
            assert {item["kind"] for item in mine.values()} == {"slot", "publication"}
            names = {item["name"] for item in found["items"]}
            assert not names & {"somebodys_slot", "live_line_slot", "live_line_pub"}
            for item in mine.values():
                assert ask(server, f"/api/v1/orphans/{item['id']}", "DELETE")["removed"]
            again = send(
                server.url, "DELETE", f"/api/v1/orphans/{mine['p_left_to_behind_slot']['id']}",
                headers=signed_in(server.url, PASSWORD),
            )  # fmt: skip
            assert again.status == 404
            left = root.execute("SELECT slot_name FROM pg_replication_slots").fetchall()
            assert ("p_left_to_behind_slot",) not in left and ("live_line_slot",) in left
        finally:
            root.execute(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = ANY(%s)",
                [["p_left_to_behind_slot", "somebodys_slot"]],
            )
            root.execute("DROP PUBLICATION IF EXISTS p_left_to_behind_pub")


def follow(server: Server, operation: dict[str, Any]) -> dict[str, Any]:
    place = f"/api/v1/operations/{operation['id']}"
    wait_until(lambda: ask(server, place)["state"] != "running", "the operation ends")
    return ask(server, place)


def test_a_comparison_names_what_differs_and_repairs_it(server: Server, shop: Listener, target: Any) -> None:
    with target.cursor() as cursor:
        cursor.execute("UPDATE api.live_notes SET body = 'broken' WHERE id = 5")
        cursor.execute("DELETE FROM api.live_notes WHERE id = 6")
    found = follow(server, ask(server, f"{PLACE}/verify", "POST", {"tables": ["live_notes"], "maxReport": 10}))
    assert (found["kind"], found["target"], found["state"]) == ("pipeline.verify", NAME, "succeeded")
    assert found["result"]["equal"] is False
    (table,) = found["result"]["tables"]
    assert (table["result"], table["missing"], table["different"], table["extra"]) == ("different", "1", "1", "0")
    rows = {row["key"][0]["value"]: row for row in table["rows"]}
    assert rows["5"]["columns"] == [{"column": "body", "source": "note 5", "target": "broken"}]
    assert rows["6"]["fault"] == "missing" and rows["6"]["key"] == [{"column": "id", "value": "6"}]
    told = ask(server, f"/api/v1/events?pipeline={NAME}&kind=verify")["items"]
    assert told[0]["kind"] == "verify.mismatch" and told[0]["actor"] == "admin" and "live_notes" in told[0]["message"]

    mended = follow(server, ask(server, f"{PLACE}/verify", "POST", {"repair": True}))
    assert mended["result"]["equal"] is True and mended["result"]["tables"][0]["repaired"] == "2"
    for wrong in ({"table": ["x"]}, {"maxReport": 5000}, {"tables": "x"}, {"repair": 1}):
        answer = send(server.url, "POST", f"{PLACE}/verify", wrong, signed_in(server.url, PASSWORD))
        assert answer.status == 400, wrong


def test_rows_in_quarantine_are_listed_retried_and_discarded(
    server: Server, shop: Listener, source: psycopg.Connection, target: Any
) -> None:
    with target.cursor() as cursor:
        cursor.execute("ALTER TABLE api.live_notes ADD CONSTRAINT no_poison CHECK (body NOT LIKE 'poison%')")
    source.execute("INSERT INTO live_notes VALUES (4001, 'poison a'), (4002, 'poison b'), (4003, 'poison c')")
    wait_until(lambda: len(ask(server, f"{PLACE}/quarantine")["items"]) == 3, "three rows are put aside")
    first = ask(server, f"{PLACE}/quarantine?pageSize=2&table=live_notes")
    rest = ask(server, f"{PLACE}/quarantine?pageSize=2&pageToken={quote(first['nextPageToken'])}")
    assert (len(first["items"]), len(rest["items"]), rest["nextPageToken"]) == (2, 1, "")
    row = ask(server, f"{PLACE}/quarantine/{first['items'][0]['id']}")
    assert row["row"]["body"] == "poison a" and row["op"] == "insert" and "no_poison" in row["reason"]

    discarded = ask(server, f"{PLACE}/quarantine/discard", "POST", {"ids": [rest["items"][0]["id"]]})
    assert discarded == {"discarded": "1"}
    with target.cursor() as cursor:
        cursor.execute("ALTER TABLE api.live_notes DROP CONSTRAINT no_poison")
    retried = follow(server, ask(server, f"{PLACE}/quarantine/retry", "POST", {}))
    assert (retried["state"], retried["result"]["settled"], retried["result"]["left"]) == ("succeeded", "2", "0")
    assert ask(server, f"{PLACE}/quarantine")["items"] == []
    assert len(ask(server, f"{PLACE}/quarantine?discarded=true")["items"]) == 1
    headers = signed_in(server.url, PASSWORD)
    assert send(server.url, "GET", f"{PLACE}/quarantine/999999", headers=headers).status == 404
    assert send(server.url, "POST", f"{PLACE}/quarantine/discard", {}, headers).status == 400


class Hook(BaseHTTPRequestHandler):
    """A webhook's other end: refuses the first request, takes the others."""

    taken: list[tuple[dict[str, str], bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.taken.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(503 if len(self.taken) == 1 else 204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Mailbox(socketserver.StreamRequestHandler):
    """A mail server, as far as one mail needs it."""

    mails: list[tuple[list[str], str]]

    def handle(self) -> None:
        self.wfile.write(b"220 mail.example ESMTP\r\n")
        envelope: list[str] = []
        while line := self.rfile.readline().decode().rstrip():
            if line.startswith(("EHLO", "HELO")):
                self.wfile.write(b"250 mail.example\r\n")
            elif line.startswith("DATA"):
                self.wfile.write(b"354 go on\r\n")
                text = ""
                while (part := self.rfile.readline().decode()) != ".\r\n":
                    text += part
                self.mails.append((envelope, text))
                self.wfile.write(b"250 taken\r\n")
            elif line.startswith("QUIT"):
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                envelope.append(line)
                self.wfile.write(b"250 fine\r\n")


@contextlib.contextmanager
def listening(server: socketserver.TCPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def test_alerts_reach_people(server: Server, shop: Listener, client: Client, lab: LabFacts) -> None:
    Hook.taken, Mailbox.mails = [], []
    with (
        listening(HTTPServer(("127.0.0.1", 0), Hook)) as hook_port,
        listening(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox)) as mail_port,
    ):
        url = f"http://127.0.0.1:{hook_port}/here"
        hook = ask(server, "/api/v1/alerts/channels", "POST", {"name": "h", "kind": "webhook", "webhook": {"url": url}})
        email = {
            "host": "127.0.0.1",
            "port": mail_port,
            "security": "none",
            "from": "m@a.example",
            "to": ["b@a.example"],
        }
        ask(server, "/api/v1/alerts/channels", "POST", {"name": "m", "kind": "email", "email": email})
        shown = ask(server, f"/api/v1/alerts/channels/{hook['id']}")
        assert shown["webhook"] == {"url": url, "secretSet": True} and "secret" not in shown
        assert {rule["rule"] for rule in ask(server, "/api/v1/alerts/rules")["items"]} >= {"lag", "failure"}

        # A pipeline whose slot is gone needs a person.
        client.pause(NAME)
        wait_until(lambda: "ending" not in client.status(NAME)["reason"], "the run ends")
        with lab.source("PG_SUPERUSER") as root:
            wait_until(
                lambda: (
                    root.execute(
                        "SELECT active FROM pg_replication_slots WHERE slot_name = 'live_line_slot'"
                    ).fetchone()
                    == (False,)
                ),
                "nobody reads the slot",
            )
            root.execute("SELECT pg_drop_replication_slot('live_line_slot')")
        client.resume(NAME)
        failed = shop.wait("progress", lambda told: told["health"] == "failed")
        assert failed["lastError"]["code"] == "slot.missing" and failed["lastError"]["needsPerson"] is True

        newest = ask(server, f"/api/v1/events?pipeline={NAME}&pageSize=10")["items"]
        since = [event["kind"] for event in newest[: [event["kind"] for event in newest].index("pipeline.resumed")]]
        assert [kind for kind in since if "fail" in kind or kind == "pipeline.health"] == ["run.failed"], newest

        # The first attempt is refused, so the same alert comes once more.
        def repeated() -> list[bytes]:
            first = Hook.taken[0][0]["x-millrace-delivery"] if Hook.taken else ""
            return [body for headers, body in Hook.taken if headers["x-millrace-delivery"] == first]

        wait_until(lambda: len(repeated()) >= 2 and len(Mailbox.mails) >= 1, "the alert arrives, after a refusal too")
        assert repeated()[0] == repeated()[1]
        for headers, body in Hook.taken:
            signed = headers["x-millrace-timestamp"].encode() + b"." + body
            wanted = "sha256=" + hmac.new(hook["secret"].encode(), signed, hashlib.sha256).hexdigest()
            assert headers["x-millrace-signature"] == wanted
        told = [json.loads(body) for _, body in Hook.taken]
        assert ("failure", NAME) in {(alert["rule"], alert["pipeline"]) for alert in told}, told
        envelope, mail = Mailbox.mails[0]
        assert envelope[:2] == ["MAIL FROM:<m@a.example>", "RCPT TO:<b@a.example>"]
        assert f"[Millrace] error: {NAME}" in mail

        tested = ask(server, f"/api/v1/alerts/channels/{hook['id']}/test", "POST")
        assert tested["delivered"] is True and tested["message"] == "HTTP 204"
        for wrong in ("http://169.254.169.254/latest", "http://metadata", "ftp://a.example/", "http://u:p@a.example/"):
            body = {"name": wrong, "kind": "webhook", "webhook": {"url": wrong}}
            answer = send(server.url, "POST", "/api/v1/alerts/channels", body, signed_in(server.url, PASSWORD))
            if answer.status == 201:
                refused = ask(server, f"/api/v1/alerts/channels/{answer.json['id']}/test", "POST")
                assert refused["delivered"] is False, wrong
                ask(server, f"/api/v1/alerts/channels/{answer.json['id']}", "DELETE")
            else:
                assert answer.status == 400, answer.text
        ask(server, f"/api/v1/alerts/channels/{hook['id']}", "DELETE")
        assert [item["name"] for item in ask(server, "/api/v1/alerts/channels")["items"]] == ["m"]


def test_the_end_of_an_alert_is_told_by_the_server_that_sees_it(
    tmp_path: Path, lab: LabFacts, source: psycopg.Connection, target: Any
) -> None:
    """It began in one process and is over in the next."""
    name = "ALERTED_LINE"
    events = f"/api/v1/events?pipeline={name}"
    source.execute("CREATE TABLE alerted (id int PRIMARY KEY, body text)")
    server = Server(tmp_path / "data").start()
    facts = credentials(lab)
    Hook.taken = [({}, b"{}")]  # none is refused
    try:
        from create_cdc_pipeline import create_pipeline_from_credentials

        with listening(HTTPServer(("127.0.0.1", 0), Hook)) as port:
            hook = {"name": "h", "kind": "webhook", "webhook": {"url": f"http://127.0.0.1:{port}/"}}
            ask(server, "/api/v1/alerts/channels", "POST", hook)
            create_pipeline_from_credentials(
                **{**facts, "source_tables": ["alerted"], "target_schema": "alerted"},
                options={"name": name, "target": {"trustServerCertificate": True}}, client=server.client(),
            )  # fmt: skip
            # A bulk load asks no constraint.
            wait_until(lambda: bool(ask(server, f"{events}&kind=stream.caught_up")["items"]), "it streams")
            with target.cursor() as cursor:
                cursor.execute("ALTER TABLE alerted.alerted ADD CONSTRAINT no_poison CHECK (body <> 'poison')")
            source.execute("INSERT INTO alerted VALUES (1, 'poison')")
            wait_until(
                lambda: bool(ask(server, f"{events}&kind=run.failed&severity=error")["items"]), "it needs a person"
            )
            assert server.end() == 0

            with target.cursor() as cursor:
                cursor.execute("ALTER TABLE alerted.alerted DROP CONSTRAINT no_poison")
            assert not any(json.loads(body).get("kind") == "pipeline.recovered" for _, body in Hook.taken)
            server.start()
            # The new process runs it as it is, and it goes on by itself.
            wait_until(lambda: bool(ask(server, f"{events}&kind=pipeline.recovered")["items"]), "the end is an event")
            wait_until(
                lambda: any(json.loads(body).get("kind") == "pipeline.recovered" for _, body in Hook.taken),
                "the end is told",
            )
        server.client().delete(name, drop_tables=True)
    finally:
        source.execute("DROP TABLE alerted")
        assert server.end() == 0


def test_events_outlive_the_server(tmp_path: Path) -> None:
    server = Server(tmp_path / "data").start()
    headers = signed_in(server.url, PASSWORD)
    before = send(server.url, "GET", "/api/v1/events", headers=headers).json["items"]
    assert [event["kind"] for event in before] == ["session.signed_in"]
    assert server.end() == 0
    server.start()
    try:
        after = ask(server, "/api/v1/events?kind=session")["items"]
        assert before[0] in after
        # What came while a view was away is replayed to it, across the restart too.
        listener = Listener(server.url, before[0]["id"])
        wait_until(lambda: any(kind == "session.signed_in" for kind, _ in listener.heard), "the replay")
        assert all(kind != "reset" for kind, _ in listener.heard)
        listener.close()
    finally:
        assert server.end() == 0
