"""One service of the lab: a process of its own that is started, known to be ready, killed and ended."""

from __future__ import annotations

import signal
from abc import ABC, abstractmethod
from pathlib import Path

from lab import process
from lab.errors import LabError, tail
from lab.process import Deadline, ProcessId
from lab.state import LabState
from lab.tools import Tools

_PROBE_EVERY = 0.1


class Service(ABC):
    name: str
    gentle = signal.SIGTERM
    ready_seconds = 90.0

    def __init__(self, state: LabState, tools: Tools, wanted_port: int | None = None) -> None:
        self.state = state
        self.tools = tools
        self.wanted_port = wanted_port

    @property
    def log(self) -> Path:
        return self.state.logs / f"{self.name}.log"

    @property
    def port(self) -> int:
        port = self.state.known_port(self.name)
        if port is None:
            raise LabError(f"{self.name} was never started in this lab; run up first")
        return port

    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def running(self) -> ProcessId | None:
        known = self.state.process(self.name)
        return known if known is not None and known.alive() else None

    def up(self) -> bool:
        """Starts the service unless it runs, and returns when it can be used. False: it ran already."""
        known = self.running()
        if known is None:
            self.state.port(self.name, self.wanted_port)
            known = self._remember(self.launch())
            started = True
        else:
            started = False
        self._until_ready(known)
        self.furnish()
        return started

    def down(self) -> None:
        known = self.state.process(self.name)
        if known is not None:
            process.stop(known, self.gentle)
            self.state.set_process(self.name, None)

    def kill(self) -> None:
        """SIGKILL, as a crash would look. The lab still knows its port, so `up` brings it back to the same place."""
        known = self.state.process(self.name)
        if known is not None:
            process.kill(known)
            self.state.set_process(self.name, None)

    @abstractmethod
    def launch(self) -> int:
        """Starts the process and returns its pid."""

    @abstractmethod
    def ready(self) -> bool:
        """One quick look whether the service does its work."""

    def furnish(self) -> None:  # noqa: B027 - most services need nothing
        """Makes what has to be in the service; called at every `up`, so it leaves alone what is there."""

    def _spawn(self, command: list[str], env: dict[str, str], user: str | None = None, cwd: Path | None = None) -> int:
        return process.start(command, self.log, env, str(self.state.directory), user, cwd).pid

    def _remember(self, pid: int) -> ProcessId:
        known = process.identify(pid)
        if known is None:
            raise LabError(f"{self.name} ended at once; its log ends:\n{tail(self.log)}")
        self.state.set_process(self.name, known)
        return known

    def _until_ready(self, known: ProcessId) -> None:
        deadline = Deadline(self.ready_seconds)
        while not self.ready():
            if process.wait_exit(known, _PROBE_EVERY):
                raise LabError(f"{self.name} ended while it started; its log ends:\n{tail(self.log)}")
            if deadline.passed():
                raise LabError(
                    f"{self.name} was not ready after {self.ready_seconds:.0f} s; its log ends:\n{tail(self.log)}"
                )
