"""A lab that is up (its variables in the environment), a millrace of its own data directory, and both databases."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytds
import pytest

from lab.compare import differences

ROOT = Path(__file__).resolve().parent.parent.parent
BINARY = Path(os.environ.get("MILLRACE_BINARY", ROOT / "build/release/bin/millrace"))
_PATIENCE = 90.0


@dataclass(frozen=True)
class LabFacts:
    """What `./dev lab env` tells."""

    values: dict[str, str] = field(repr=False)

    def __getitem__(self, name: str) -> str:
        return self.values[f"MILLRACE_LAB_{name}"]

    @property
    def source_url(self) -> str:
        return f"postgres://{self['PG_USER']}@{self['PG_HOST']}:{self['PG_PORT']}/{self['PG_DATABASE']}"

    def target_url(self, schema: str) -> str:
        where = f"{self['SQLSERVER_HOST']}:{self['SQLSERVER_PORT']}/{self['SQLSERVER_DATABASE']}"
        return f"sqlserver://{self['SQLSERVER_USER']}@{where}?schema={schema}&trustServerCertificate=true"


@pytest.fixture(scope="session")
def lab() -> LabFacts:
    values = {name: value for name, value in os.environ.items() if name.startswith("MILLRACE_LAB_")}
    if "MILLRACE_LAB_CONNECT_URL" not in values or "MILLRACE_LAB_SQLSERVER_HOST" not in values:
        pytest.fail('no lab: run ./dev lab up, then eval "$(./dev lab env)"')
    if not BINARY.exists():
        pytest.fail("no binary: run ./dev build release")
    return LabFacts(values)


@pytest.fixture(scope="session")
def source(lab: LabFacts) -> Iterator[psycopg.Connection]:
    """As the user who owns the shop."""
    with psycopg.connect(
        host=lab["PG_HOST"], port=lab["PG_PORT"], dbname=lab["PG_DATABASE"], user=lab["PG_OWNER_USER"],
        password=lab["PG_OWNER_PASSWORD"], autocommit=True,
    ) as connection:  # fmt: skip
        yield connection


@pytest.fixture(scope="session")
def target(lab: LabFacts) -> Iterator[Any]:
    with pytds.connect(
        lab["SQLSERVER_HOST"], lab["SQLSERVER_DATABASE"], lab["SQLSERVER_USER"], lab["SQLSERVER_PASSWORD"],
        port=int(lab["SQLSERVER_PORT"]), autocommit=True,
    ) as connection:  # fmt: skip
        yield connection


@dataclass
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        return self.json["error"]


class Millrace:
    """The program, as a user runs it. No terminal: it can ask nothing."""

    def __init__(self, lab: LabFacts, data_dir: Path) -> None:
        self.lab = lab
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MILLRACE_")},
            "MILLRACE_DATA_DIR": str(data_dir),
            "MILLRACE_SOURCE_PASSWORD": lab["PG_PASSWORD"],
            "MILLRACE_TARGET_PASSWORD": lab["SQLSERVER_PASSWORD"],
            "MILLRACE_CONNECT_URL": lab["CONNECT_URL"],
            "MILLRACE_KAFKA_BOOTSTRAP": lab["KAFKA_BOOTSTRAP"],
        }

    def run(self, *arguments: str, environment: dict[str, str] | None = None) -> Answer:
        done = subprocess.run(
            [str(BINARY), *arguments],
            env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        return Answer(done.returncode, done.stdout, done.stderr)

    def about(self, verb: str, name: str, tables: str, schema: str, *more: str) -> list[str]:
        return [
            verb, "--engine", "kafka-connect", "--name", name, "--source", self.lab.source_url, "--tables", tables,
            "--target", self.lab.target_url(schema), "-o", "json", *more,
        ]  # fmt: skip

    def create(self, name: str, tables: str, schema: str, *more: str) -> dict[str, Any]:
        answer = self.run(*self.about("create", name, tables, schema, *more))
        assert answer.code == 0, answer.out + answer.err
        return answer.json

    def delete(self, name: str) -> dict[str, Any]:
        answer = self.run("delete", name, "--drop-tables", "--drop-topics", "-o", "json")
        assert answer.code == 0, answer.out + answer.err
        return answer.json

    def status(self, name: str) -> dict[str, Any]:
        return self.run("status", name, "-o", "json").json


@pytest.fixture(scope="module")
def millrace(lab: LabFacts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Millrace]:
    program = Millrace(lab, tmp_path_factory.mktemp("millrace"))
    yield program
    for pipeline in program.run("list", "-o", "json").json:
        program.run("delete", pipeline["name"], "--drop-tables", "--drop-topics", "--force")


def wait_until(condition: Callable[[], list[str] | bool], what: str, patience: float = _PATIENCE) -> None:
    """Until the condition holds (True, or an empty list of differences). Nothing here can be waited on but by asking."""
    deadline = time.monotonic() + patience
    pause = threading.Event()
    while True:
        found = condition()
        if found is True or found == []:
            return
        if time.monotonic() > deadline:
            detail = "\n".join(found) if isinstance(found, list) else ""
            pytest.fail(f"not within {patience:.0f} s: {what}\n{detail}")
        pause.wait(0.25)


def wait_equal(
    source: psycopg.Connection, target: Any, pairs: list[tuple[str, str]], leave_out: tuple[str, ...] = ()
) -> None:
    """`pairs` of "schema.table" on both sides."""

    def unequal() -> list[str]:
        found: list[str] = []
        for left, right in pairs:
            a, b = left.split(".", 1), right.split(".", 1)
            found += differences(source, target, (a[0], a[1]), (b[0], b[1]), leave_out)
        return found

    wait_until(unequal, "every table equal value by value")


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
