"""The program on the machine of somebody who has no data directory, only a server."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path
from typing import Any

from tests.server.conftest import PASSWORD, Server
from tests.shared.lab_facts import LabFacts
from tests.shared.program import BINARY, Answer, Program
from tests.shared.waiting import PATIENCE


class Cli(Program):
    def __init__(self, lab: LabFacts, home: Path) -> None:
        super().__init__(lab, home / "alone")
        del self.environment["MILLRACE_CONTEXT"]
        self.environment["XDG_CONFIG_HOME"] = str(home / "config")
        self.config = home / "config/millrace/config.yaml"
        self.alone = home / "alone"

    def login(self, server: Server, *more: str, password: str = PASSWORD) -> Answer:
        return self.call("login", server.url, *more, "-o", "json", environment={"MILLRACE_PASSWORD": password})

    def signed_in(self, server: Server) -> Cli:
        answer = self.login(server)
        assert answer.code == 0, answer.out + answer.err
        return self

    def as_json(self, *arguments: str) -> Any:
        return self.done(*arguments, "-o", "json").json

    def create(self, name: str, *more: str, tables: str = "customers") -> Answer:
        return self.call(
            "create", "--name", name, "--source", self.lab.source_url, "--tables", tables,
            "--target", self.lab.target_url(name.lower()), *more,
        )  # fmt: skip

    def on_terminal(self, answers: list[str], *arguments: str) -> tuple[int, str, str]:
        """Answers each question as it is asked; what was shown there comes back, and standard output."""
        here, there = pty.openpty()
        running = subprocess.Popen(
            [str(BINARY), *arguments],
            env=self.environment,
            stdin=there,
            stdout=subprocess.PIPE,
            stderr=there,
            text=True,
        )
        os.close(there)
        shown = seen = b""
        for answer in answers:
            while not seen.rstrip(b" ").endswith(b":"):
                seen += os.read(here, 1024)
            os.write(here, (answer + "\n").encode())
            shown, seen = shown + seen, b""
        out, _ = running.communicate(timeout=PATIENCE)
        os.close(here)
        return running.returncode, shown.decode(), out
