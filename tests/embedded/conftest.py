"""A lab that is up (PostgreSQL and SQL Server are enough), and millrace with the embedded engine as a user runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
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
FAILPOINT_BINARY = Path(os.environ.get("MILLRACE_FAILPOINT_BINARY", ROOT / "build/debug/bin/millrace"))
PATIENCE = 90.0


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
    if "MILLRACE_LAB_PG_HOST" not in values or "MILLRACE_LAB_SQLSERVER_HOST" not in values:
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
def admin(lab: LabFacts) -> Iterator[psycopg.Connection]:
    """As the source's superuser."""
    with psycopg.connect(
        host=lab["PG_HOST"], port=lab["PG_PORT"], dbname=lab["PG_DATABASE"], user=lab["PG_SUPERUSER"],
        password=lab["PG_SUPERUSER_PASSWORD"], autocommit=True,
    ) as connection:  # fmt: skip
        yield connection


@pytest.fixture
def target(lab: LabFacts) -> Iterator[Any]:
    """One a test: the server may have been killed by the test before."""
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


class Run:
    """A `millrace run` in the background; its events are read as they come."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[dict[str, Any]] = []
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            try:
                told = json.loads(line)
            except json.JSONDecodeError:
                told = {"type": "text", "text": line.rstrip()}
            with self._changed:
                self.lines.append(told)
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line.get("type") == "event" and line.get("kind") == kind]

    def wait_event(self, kind: str, patience: float = PATIENCE) -> dict[str, Any]:
        with self._changed:
            met = self._changed.wait_for(
                lambda: self.events(kind) or (self.process.poll() is not None and not self._reader.is_alive()), patience
            )
        found = self.events(kind)
        assert met and found, f"no event {kind}; last lines: {self.lines[-5:]}"
        return found[-1]

    def stop(self, how: int = signal.SIGINT) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(timeout=PATIENCE)
        self._reader.join()
        return code


class Millrace:
    """The program, as a user runs it. No terminal: it can ask nothing."""

    def __init__(self, lab: LabFacts, data_dir: Path) -> None:
        self.lab = lab
        self.runs: list[Run] = []
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MILLRACE_")},
            "MILLRACE_DATA_DIR": str(data_dir),
            "MILLRACE_SOURCE_PASSWORD": lab["PG_PASSWORD"],
            "MILLRACE_TARGET_PASSWORD": lab["SQLSERVER_PASSWORD"],
        }

    def call(self, *arguments: str, environment: dict[str, str] | None = None, patience: float = 300) -> Answer:
        done = subprocess.run(
            [str(BINARY), *arguments],
            env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=patience, check=False,
        )  # fmt: skip
        return Answer(done.returncode, done.stdout, done.stderr)

    def create(self, name: str, tables: str, schema: str, *more: str) -> dict[str, Any]:
        answer = self.call(
            "create", "--name", name, "--source", self.lab.source_url, "--tables", tables,
            "--target", self.lab.target_url(schema), "--engine", "embedded", "-o", "json", *more,
        )  # fmt: skip
        assert answer.code == 0, answer.out + answer.err
        return answer.json

    def start(self, name: str, *more: str, environment: dict[str, str] | None = None, binary: Path = BINARY) -> Run:
        process = subprocess.Popen(
            [str(binary), "run", name, "-o", "json", *more],
            env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.runs.append(Run(process))
        return self.runs[-1]

    def catch_up(self, name: str) -> Answer:
        answer = self.call("run", name, "--until-caught-up", "-o", "json")
        assert answer.code == 0, answer.out + answer.err
        return answer

    def delete(self, name: str) -> None:
        answer = self.call("delete", name, "--drop-tables", "-y", "-o", "json")
        assert answer.code == 0, answer.out + answer.err


@pytest.fixture(scope="module")
def millrace(lab: LabFacts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Millrace]:
    program = Millrace(lab, tmp_path_factory.mktemp("millrace"))
    yield program
    for run in program.runs:
        if run.process.poll() is None:
            run.stop(signal.SIGKILL)
    for pipeline in program.call("list", "-o", "json").json:
        program.call("delete", pipeline["name"], "--drop-tables", "--force", "-y")


def wait_until(condition: Callable[[], list[str] | bool], what: str, patience: float = PATIENCE) -> None:
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
        pause.wait(0.1)


def unequal(source: psycopg.Connection, target: Any, pairs: list[tuple[str, str]]) -> list[str]:
    """`pairs` of "schema.table" on both sides."""
    found: list[str] = []
    for left, right in pairs:
        a, b = left.split(".", 1), right.split(".", 1)
        found += differences(source, target, (a[0], a[1]), (b[0], b[1]))
    return found


def wait_equal(source: psycopg.Connection, target: Any, pairs: list[tuple[str, str]]) -> None:
    wait_until(lambda: unequal(source, target, pairs), "every table equal value by value")
