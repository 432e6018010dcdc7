"""The program as a user runs it, without a terminal: it can ask nothing."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.shared.lab_facts import LabFacts

ROOT = Path(__file__).resolve().parent.parent.parent
BINARY = Path(os.environ.get("MILLRACE_BINARY", ROOT / "build/release/bin/millrace"))
FAILPOINT_BINARY = Path(os.environ.get("MILLRACE_FAILPOINT_BINARY", ROOT / "build/debug/bin/millrace"))


def running_lab(*services: str) -> LabFacts:
    """Fails the suite when one of `services` is not up, or there is no program to test."""
    facts = LabFacts.of_environment()
    if facts.missing(*services):
        pytest.fail('no lab: run ./dev lab up, then eval "$(./dev lab env)"')
    if not BINARY.exists():
        pytest.fail("no binary: run ./dev build release")
    return facts


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


class Program:
    """Nothing of the environment's MILLRACE_* reaches it but what is said here."""

    def __init__(self, lab: LabFacts, data_dir: Path, binary: Path = BINARY) -> None:
        self.lab = lab
        self.binary = binary
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MILLRACE_")},
            "MILLRACE_DATA_DIR": str(data_dir),
            # Whoever runs the tests may have signed in to a server.
            "MILLRACE_CONTEXT": "local",
            "MILLRACE_SOURCE_PASSWORD": lab["PG_PASSWORD"],
            "MILLRACE_TARGET_PASSWORD": lab["SQLSERVER_PASSWORD"],
        }

    def call(self, *arguments: str, environment: dict[str, str] | None = None, patience: float = 300) -> Answer:
        done = subprocess.run(
            [str(self.binary), *arguments],
            env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=patience, check=False,
        )  # fmt: skip
        return Answer(done.returncode, done.stdout, done.stderr)

    def done(self, *arguments: str) -> Answer:
        """A call that has to succeed."""
        answer = self.call(*arguments)
        assert answer.code == 0, answer.out + answer.err
        return answer
