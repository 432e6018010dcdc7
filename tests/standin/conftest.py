"""A stand-in of the tests' own, with its data in a directory that is thrown away."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest


@dataclass
class Standin:
    directory: Path
    password: str = field(repr=False)
    process: subprocess.Popen[bytes] | None = None
    port: int = 0

    def start(self) -> None:
        ready = self.directory / "ready.json"
        ready.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lab.sqlserver", "--data-dir", str(self.directory / "data"), "--port", "0",
             "--ready-file", str(ready), "--database", "shopcopy"],
            env={**os.environ, "MILLRACE_STANDIN_SA_PASSWORD": self.password},
        )  # fmt: skip
        deadline, pause = time.monotonic() + 60, threading.Event()
        while not ready.exists():
            assert self.process.poll() is None, "the stand-in ended"
            assert time.monotonic() < deadline, "the stand-in did not become ready"
            pause.wait(0.1)
        self.port = json.loads(ready.read_text())["port"]

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=60)


@pytest.fixture(scope="session")
def standin() -> Iterator[Standin]:
    with tempfile.TemporaryDirectory(prefix="millrace-standin.") as directory:
        # Its PostgreSQL runs as another user when the tests run as root.
        Path(directory).chmod(0o755)
        server = Standin(Path(directory), "Sa-" + secrets.token_urlsafe(16))
        server.start()
        yield server
        server.stop()
