"""A stand-in of the suite's own, with its data in a directory that is thrown away."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from clients.client import Server


@dataclass
class Standin:
    directory: Path
    password: str = field(default_factory=lambda: "Sa-" + secrets.token_urlsafe(16), repr=False)
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

    def server(self) -> Server:
        return Server("127.0.0.1", self.port, "sa", self.password, "shopcopy")
