"""A lab that is up (its variables in the environment), a millrace of its own data directory, and both databases."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.shared.lab_facts import LabFacts
from tests.shared.program import BINARY, ROOT, Answer, Program, running_lab
from tests.shared.waiting import wait_equal, wait_until

__all__ = ["BINARY", "ROOT", "Answer", "LabFacts", "Millrace", "connectors", "leftovers", "wait_equal", "wait_until"]


@pytest.fixture(scope="session")
def lab() -> LabFacts:
    return running_lab("connect", "sqlserver")


@pytest.fixture(scope="session")
def source(lab: LabFacts) -> Iterator[psycopg.Connection]:
    """As the user who owns the shop."""
    with lab.source() as connection:
        yield connection


@pytest.fixture(scope="session")
def target(lab: LabFacts) -> Iterator[Any]:
    with lab.target() as connection:
        yield connection


class Millrace(Program):
    """With the engine kafka-connect."""

    def __init__(self, lab: LabFacts, data_dir: Path) -> None:
        super().__init__(lab, data_dir)
        self.environment |= {
            "MILLRACE_CONNECT_URL": lab["CONNECT_URL"],
            "MILLRACE_KAFKA_BOOTSTRAP": lab["KAFKA_BOOTSTRAP"],
        }

    def run(self, *arguments: str, environment: dict[str, str] | None = None) -> Answer:
        return self.call(*arguments, environment=environment)

    def about(self, verb: str, name: str, tables: str, schema: str, *more: str) -> list[str]:
        return [
            verb, "--engine", "kafka-connect", "--name", name, "--source", self.lab.source_url, "--tables", tables,
            "--target", self.lab.target_url(schema), "-o", "json", *more,
        ]  # fmt: skip

    def create(self, name: str, tables: str, schema: str, *more: str) -> dict[str, Any]:
        return self.done(*self.about("create", name, tables, schema, *more)).json

    def delete(self, name: str) -> dict[str, Any]:
        return self.done("delete", name, "--drop-tables", "--drop-topics", "-o", "json").json

    def status(self, name: str) -> dict[str, Any]:
        return self.run("status", name, "-o", "json").json


@pytest.fixture(scope="module")
def millrace(lab: LabFacts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Millrace]:
    program = Millrace(lab, tmp_path_factory.mktemp("millrace"))
    yield program
    for pipeline in program.run("list", "-o", "json").json:
        program.run("delete", pipeline["name"], "--drop-tables", "--drop-topics", "--force")


def connectors(lab: LabFacts) -> list[str]:
    with urllib.request.urlopen(f"{lab['CONNECT_URL']}/connectors", timeout=30) as answer:
        return json.load(answer)


def leftovers(lab: LabFacts, source: psycopg.Connection, target: Any, name: str, schema: str) -> list[str]:
    """What of a pipeline is still anywhere."""
    low = name.lower()
    found = [f"slot {row[0]}" for row in source.execute("SELECT slot_name FROM pg_replication_slots") if low in row[0]]
    found += [f"publication {row[0]}" for row in source.execute("SELECT pubname FROM pg_publication") if low in row[0]]
    found += [f"connector {item}" for item in connectors(lab) if item.startswith(name + "-")]
    with target.cursor() as cursor:
        cursor.execute("SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = %s", (schema,))
        found += [f"table {row[0]}" for row in cursor.fetchall()]
    return found
