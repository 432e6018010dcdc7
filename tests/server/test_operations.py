"""Create as long work that one can follow, and once however often it is asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.server.conftest import PASSWORD, Server
from tests.server.http import Answer, send, signed_in
from tests.server.test_connections import source_of, target_of
from tests.shared.lab_facts import LabFacts
from tests.shared.waiting import wait_until

ASYNC = {"Prefer": "respond-async"}


class Creator:
    def __init__(self, server: Server, lab: LabFacts) -> None:
        self.url = server.url
        self.session = signed_in(server.url, PASSWORD)
        self.source = source_of(lab)
        self.target = target_of(lab, schema="operations")

    def create(self, name: str, headers: dict[str, str], tables: tuple[str, ...] = ("customers",)) -> Answer:
        spec = {"name": name, "source": self.source, "target": self.target, "tables": list(tables)}
        return send(self.url, "POST", "/api/v1/pipelines", spec, {**self.session, **headers})

    def get(self, path: str) -> Any:
        answer = send(self.url, "GET", f"/api/v1/{path}", headers=self.session)
        assert answer.status == 200, answer.text
        return answer.json

    def ended(self, answer: Answer) -> dict[str, Any]:
        assert answer.status == 202, answer.text
        assert answer.headers["location"] == f"/api/v1/operations/{answer.json['id']}"
        path = f"operations/{answer.json['id']}"
        wait_until(lambda: self.get(path)["state"] != "running", "the operation has ended")
        return self.get(path)

    def delete(self, name: str) -> None:
        removed = send(self.url, "DELETE", f"/api/v1/pipelines/{name}?dropTables=true", headers=self.session)
        assert removed.status == 200, removed.text


@pytest.fixture
def creator(server: Server, lab: LabFacts) -> Creator:
    return Creator(server, lab)


@contextmanager
def slots_wait(lab: LabFacts) -> Iterator[psycopg.Connection]:
    """PostgreSQL makes a slot only when every transaction that was open has ended."""
    with lab.source("PG_SUPERUSER") as connection:
        connection.autocommit = False
        connection.execute("SELECT pg_current_xact_id()")
        yield connection


def slot_is_being_made(lab: LabFacts) -> bool:
    """Asked by a superuser, who sees what others do, outside of a transaction, where it would stay as it was."""
    waiting = (
        "SELECT 1 FROM pg_stat_activity "
        "WHERE query LIKE '%pg_create_logical%' AND state = 'active' AND pid <> pg_backend_pid()"
    )
    with lab.source("PG_SUPERUSER") as watcher:
        return bool(watcher.execute(waiting).fetchall())


def test_a_create_that_is_followed_and_repeated(creator: Creator) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    first = creator.create("OP_FOLLOWED", {**ASYNC, **key})
    try:
        done = creator.ended(first)
        assert first.headers["preference-applied"] == "respond-async"
        assert (done["state"], done["kind"], done["target"]) == ("succeeded", "pipeline.create", "OP_FOLLOWED"), done
        assert done["result"]["pipelineId"] == "OP_FOLLOWED" and done["problem"] is None
        assert "created slot op_followed_slot" in [line["message"] for line in done["progress"]]
        assert creator.get("operations?target=OP_FOLLOWED")["items"][0]["id"] == done["id"]
        kinds = [event["kind"] for event in creator.get("events?pipeline=OP_FOLLOWED")["items"]]
        assert {"operation.started", "operation.progress", "operation.succeeded", "pipeline.created"} <= set(kinds)

        again = creator.create("OP_FOLLOWED", {**ASYNC, **key})
        assert (again.status, again.json["id"]) == (202, done["id"])
        assert again.headers["location"] == first.headers["location"]
        other = creator.create("OP_FOLLOWED", {**ASYNC, **key}, ("orders",))
        assert (other.status, other.json["code"]) == (422, "idempotency.mismatch")
        taken = creator.create("OP_FOLLOWED", ASYNC)
        assert (taken.status, taken.json["code"]) == (409, "pipeline.exists")
    finally:
        creator.delete("OP_FOLLOWED")


def test_a_delete_that_is_followed(creator: Creator) -> None:
    assert creator.create("OP_DELETED", {}).status == 201
    place = "/api/v1/pipelines/OP_DELETED"
    old = send(creator.url, "DELETE", place, headers={**creator.session, **ASYNC, "If-Match": '"0"'})
    assert (old.status, old.json["code"]) == (412, "object.changed"), "it is looked at before it begins"
    answer = send(creator.url, "DELETE", f"{place}?dropTables=true", headers={**creator.session, **ASYNC})
    assert answer.headers["preference-applied"] == "respond-async"
    done = creator.ended(answer)
    assert (done["state"], done["kind"], done["target"]) == ("succeeded", "pipeline.delete", "OP_DELETED"), done
    assert "slot op_deleted_slot" in done["result"]["removed"]
    assert any("slot op_deleted_slot" in line["message"] for line in done["progress"]), done["progress"]
    assert send(creator.url, "GET", place, headers=creator.session).status == 404
    kinds = [event["kind"] for event in creator.get("events?pipeline=OP_DELETED")["items"]]
    assert {"operation.succeeded", "pipeline.deleted"} <= set(kinds)


def test_a_create_that_fails_says_why_and_frees_its_key(creator: Creator) -> None:
    failed = creator.ended(creator.create("OP_FAILS", ASYNC, ("no_such_table",)))
    assert (failed["state"], failed["problem"]["code"], failed["result"]) == ("failed", "table.not_found", None)
    key = {"Idempotency-Key": str(uuid4())}
    assert creator.create("OP_FAILS", key, ("no_such_table",)).json["code"] == "table.not_found"
    made = creator.create("OP_FAILS", key)
    creator.delete("OP_FAILS")
    assert made.status == 201, made.text


def test_while_it_is_being_worked_on(creator: Creator, lab: LabFacts) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    answers: list[Answer] = []
    with slots_wait(lab) as open_transaction:
        working = threading.Thread(target=lambda: answers.append(creator.create("OP_ONCE", key)))
        working.start()
        wait_until(lambda: slot_is_being_made(lab), "the create waits")
        meanwhile = creator.create("OP_ONCE", key)
        assert (meanwhile.status, meanwhile.json["code"]) == (409, "idempotency.in_flight")
        open_transaction.rollback()
        working.join()
    try:
        assert answers[0].status == 201, answers[0].text
        assert creator.create("OP_ONCE", key).text == answers[0].text
    finally:
        creator.delete("OP_ONCE")


def test_one_that_is_cancelled_takes_back_what_it_made(
    creator: Creator, lab: LabFacts, source: psycopg.Connection
) -> None:
    with slots_wait(lab) as open_transaction:
        begun = creator.create("OP_CANCELLED", ASYNC)
        wait_until(lambda: slot_is_being_made(lab), "the create waits")
        cancel = f"/api/v1/operations/{begun.json['id']}/cancel"
        asked = send(creator.url, "POST", cancel, headers=creator.session)
        assert asked.status == 202 and asked.json["cancelRequested"] is True, asked.text
        open_transaction.rollback()
    assert creator.ended(begun)["state"] == "cancelled"
    assert send(creator.url, "POST", cancel, headers=creator.session).status == 409
    assert creator.get("pipelines?search=OP_CANCELLED")["items"] == []
    made = "SELECT slot_name FROM pg_replication_slots WHERE slot_name = 'op_cancelled_slot'"
    assert source.execute(made).fetchall() == []
