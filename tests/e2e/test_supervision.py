"""`millrace serve` looks after connectors on a real cluster: what has failed is told, restarted, and runs again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from conftest import LabFacts, connectors, wait_equal, wait_until

from tests.server.conftest import Client, Server

NAME = "E2E_WATCHED"
SCHEMA = "e2e_watched"
PAIRS = [("public.e2e_watched", f"{SCHEMA}.e2e_watched")]


@pytest.fixture
def table(source: psycopg.Connection) -> Iterator[None]:
    source.execute("DROP TABLE IF EXISTS e2e_watched")
    source.execute("CREATE TABLE e2e_watched (id int PRIMARY KEY, note text)")
    source.execute("INSERT INTO e2e_watched VALUES (1, 'there before')")
    yield
    source.execute("DROP TABLE e2e_watched")


@pytest.fixture
def client(lab: LabFacts, tmp_path: Path) -> Iterator[Client]:
    serving = Server(tmp_path / "data").start()
    try:
        yield serving.client()
    finally:
        code = serving.end()
    assert code == 0, "\n".join(serving.errors[-20:])


@pytest.fixture
def pipeline(table: None, client: Client, lab: LabFacts) -> Iterator[str]:
    client.create(
        {
            "name": NAME, "engine": "kafka-connect", "tables": ["e2e_watched"],
            "source": {
                "host": lab["PG_HOST"], "port": int(lab["PG_PORT"]), "database": lab["PG_DATABASE"],
                "user": lab["PG_USER"], "password": lab["PG_PASSWORD"],
            },
            "target": {
                "host": lab["SQLSERVER_HOST"], "port": int(lab["SQLSERVER_PORT"]), "database": lab["SQLSERVER_DATABASE"],
                "schema": SCHEMA, "user": lab["SQLSERVER_USER"], "password": lab["SQLSERVER_PASSWORD"],
                "trustServerCertificate": True,
            },
            "kafkaConnect": {"url": lab["CONNECT_URL"], "kafkaBootstrap": lab["KAFKA_BOOTSTRAP"]},
        }
    )  # fmt: skip
    yield NAME
    client.delete(NAME, drop_tables=True, drop_topics=True)
    assert not [name for name in connectors(lab) if name.startswith(NAME)]


def _tasks(client: Client) -> dict[str, list[str]]:
    return {
        connector["kind"]: [task["state"] for task in connector["tasks"]]
        for connector in client.status(NAME)["connectors"]
    }


def _restarts(client: Client) -> list[dict[str, Any]]:
    return [event for event in client.events(NAME) if event["kind"] == "connector.restarted"]


def test_a_failed_task_is_told_with_its_cause_and_restarted(
    pipeline: str, client: Client, source: psycopg.Connection, target: Any
) -> None:
    wait_until(lambda: client.status(NAME)["state"] == "RUNNING", "it runs")
    wait_equal(source, target, PAIRS)
    with target.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {SCHEMA}.e2e_watched DROP COLUMN note")
    source.execute("INSERT INTO e2e_watched VALUES (2, 'has no place')")

    wait_until(lambda: bool(_restarts(client)), "the sink's failure is told and it is restarted")
    told = _restarts(client)[0]
    assert f"{NAME}-sink failed (task 0: " in told["message"] and "restarted for the 1. time" in told["message"]
    assert "schema evolution is disabled" in told["cause"], "the exception at the trace's root"
    # Connect says RUNNING of the connector all the while: its task is what counts.
    wait_until(lambda: _tasks(client)["sink"] == ["FAILED"], "it failed again")
    assert client.status(NAME)["state"] != "RUNNING"

    with target.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {SCHEMA}.e2e_watched ADD note nvarchar(max)")
    wait_until(lambda: _tasks(client)["sink"] == ["RUNNING"], "a later restart brings it back")
    source.execute("INSERT INTO e2e_watched VALUES (3, 'came after')")
    source.execute("UPDATE e2e_watched SET note = 'it went with the column' WHERE id = 1")
    wait_until(lambda: client.status(NAME)["state"] == "RUNNING", "the pipeline runs again")
    wait_equal(source, target, PAIRS)
