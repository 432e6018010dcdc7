"""A lab that is up, and `millrace serve` as a user starts it, spoken to over real HTTP."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.shared.lab_facts import LabFacts
from tests.shared.program import BINARY, ROOT, running_lab
from tests.shared.waiting import PATIENCE

sys.path.insert(0, str(ROOT / "clients/python"))
from millrace_client import Client

PASSWORD = "correct horse battery"


class Server:
    """One data directory; the process can be ended and started again."""

    def __init__(
        self, data_dir: Path, environment: dict[str, str] | None = None, port: int = 0, binary: Path = BINARY
    ) -> None:
        self.data_dir = data_dir
        self.port = port
        self.binary = binary
        self.environment = environment or {}
        self.lines: list[str] = []
        self.errors: list[str] = []
        self.url = ""
        self.process: subprocess.Popen[str] | None = None

    def start(self, *more: str) -> Server:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MILLRACE_")}
        environment |= {"MILLRACE_ADMIN_PASSWORD": PASSWORD, **self.environment}
        self.process = subprocess.Popen(
            [str(self.binary), "serve", "--data-dir", str(self.data_dir), "--port", str(self.port), *more],
            env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        listening = threading.Event()
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stdout, self.lines, listening), daemon=True),
            threading.Thread(target=self._read, args=(self.process.stderr, self.errors, None), daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        assert listening.wait(PATIENCE) and self.url, "\n".join(self.lines + self.errors)
        return self

    def _read(self, stream: Any, lines: list[str], listening: threading.Event | None) -> None:
        for line in stream:
            lines.append(line.rstrip())
            if listening is not None and (found := re.match(r"Listens on (\S+)", line)):
                self.url = found[1]
                listening.set()
        if listening is not None:
            listening.set()

    def end(self, how: int = signal.SIGTERM) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(timeout=PATIENCE)
        for reader in self._readers:
            reader.join()
        return code

    def client(self) -> Client:
        return Client(self.url, "admin", PASSWORD)


@pytest.fixture(scope="session")
def lab() -> LabFacts:
    return running_lab("postgres", "sqlserver")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    serving = Server(tmp_path_factory.mktemp("server") / "data").start()
    yield serving
    code = serving.end()
    assert code == 0, "\n".join(serving.errors[-20:])


@pytest.fixture(scope="module")
def client(server: Server) -> Client:
    return server.client()


@pytest.fixture(scope="session")
def source(lab: LabFacts) -> Iterator[psycopg.Connection]:
    with lab.source() as connection:
        yield connection


@pytest.fixture
def target(lab: LabFacts) -> Iterator[Any]:
    with lab.target() as connection:
        yield connection


@pytest.fixture
def walks() -> Iterator[None]:
    """For a test that asks for every route: the server takes 200 requests of an address at once, and 100 a second. The
    next test finds all of them again."""
    yield
    threading.Event().wait(2)
