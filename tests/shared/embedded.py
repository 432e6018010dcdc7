"""The program with the embedded engine, its runs in the background among it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

from tests.shared.lab_facts import LabFacts
from tests.shared.program import BINARY, Answer, Program
from tests.shared.waiting import PATIENCE


class Run:
    """A `millrace run` in the background; its events are read as they come."""

    def __init__(self, process: subprocess.Popen[str], record: IO[str] | None = None) -> None:
        self.process = process
        self._record = record
        self.lines: list[dict[str, Any]] = []
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if self._record:
                self._record.write(line)
                self._record.flush()
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
        """What was told until now; all of it when the process has ended."""
        if self.process.poll() is not None:
            self._reader.join()
        return self._told(kind)

    def _told(self, kind: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line.get("type") == "event" and line.get("kind") == kind]

    def wait_event(self, kind: str, patience: float = PATIENCE) -> dict[str, Any]:
        with self._changed:
            met = self._changed.wait_for(
                lambda: self._told(kind) or (self.process.poll() is not None and not self._reader.is_alive()), patience
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


class Millrace(Program):
    def __init__(self, lab: LabFacts, data_dir: Path, binary: Path = BINARY) -> None:
        super().__init__(lab, data_dir, binary)
        self.runs: list[Run] = []
        self.records: Path | None = None  # where each run's events are kept, by its process id

    def create(self, name: str, tables: str, schema: str, *more: str) -> dict[str, Any]:
        return self.done(
            "create", "--name", name, "--source", self.lab.source_url, "--tables", tables,
            "--target", self.lab.target_url(schema), "--engine", "embedded", "-o", "json", *more,
        ).json  # fmt: skip

    def start(
        self, name: str, *more: str, environment: dict[str, str] | None = None, binary: Path | None = None,
        errors: IO[str] | None = None,
    ) -> Run:  # fmt: skip
        """`errors`: where what it writes to standard error goes, ours if nothing is said."""
        process = subprocess.Popen(
            [str(binary or self.binary), "run", name, "-o", "json", *more],
            env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True,
        )  # fmt: skip
        record = (self.records / f"told-{process.pid}.out").open("w") if self.records else None
        self.runs.append(Run(process, record))
        return self.runs[-1]

    def catch_up(self, name: str) -> Answer:
        return self.done("run", name, "--until-caught-up", "-o", "json")

    def most_memory(self, *arguments: str, patience: float = 300) -> int:
        """Of a command that is to end well: the most it took, in KiB."""
        # Linux counts the memory of the process that a child was forked from as the child's: so a small one forks it.
        watch = (
            "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:], stdout=sys.stderr);"
            " print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        )
        ran = subprocess.run(
            [sys.executable, "-c", watch, str(self.binary), *arguments, "-o", "json"],
            env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=patience, check=True,
        )  # fmt: skip
        code, peak = map(int, ran.stdout.split())
        assert code == 0, ran.stderr
        return peak

    def delete(self, name: str) -> None:
        self.done("delete", name, "--drop-tables", "-y", "-o", "json")

    def clear(self) -> None:
        """Ends what runs and deletes what is there."""
        for run in self.runs:
            if run.process.poll() is None:
                run.stop(signal.SIGKILL)
        for pipeline in self.call("list", "-o", "json").json:
            self.call("delete", pipeline["name"], "--drop-tables", "--force", "-y")
