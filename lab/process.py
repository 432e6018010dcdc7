"""Detached processes: started in a session of their own, known again by pid and start time, ended without a trace."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Every process of a lab carries its lab's directory in this variable, so that none can be lost.
TAG = "MILLRACE_LAB_TAG"


@dataclass(frozen=True)
class ProcessId:
    """A pid alone can be given to another process; with the start time (clock ticks since boot) it cannot."""

    pid: int
    start_time: int

    def alive(self) -> bool:
        return _start_time(self.pid) == self.start_time


def identify(pid: int) -> ProcessId | None:
    started = _start_time(pid)
    return None if started is None else ProcessId(pid, started)


def _stat_fields(pid: int) -> list[str] | None:
    """The fields of /proc/<pid>/stat after the command's name, which may itself hold spaces and parentheses."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (OSError, UnicodeDecodeError):
        return None


def _start_time(pid: int) -> int | None:
    fields = _stat_fields(pid)
    if fields is None or _ended(fields):
        return None
    return int(fields[19])


def _ended(fields: list[str]) -> bool:
    """A zombie has ended, unless only its first thread has: the others still hold its ports and files."""
    threads = int(fields[17])
    return fields[0] in ("Z", "X") and threads <= 1


def start(
    command: Sequence[str],
    log: Path,
    env: Mapping[str, str],
    tag: str,
    user: str | None = None,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Starts `command` detached, its output appended to `log`. `user` needs root."""
    identity = {"user": user, "group": user, "extra_groups": []} if user else {}
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**env, TAG: tag},
            cwd=cwd or "/",
            start_new_session=True,
            **identity,
        )


def wait_exit(process: ProcessId, timeout: float) -> bool:
    """True when the process has ended within `timeout` seconds."""
    try:
        fd = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return True
    try:
        if not process.alive():
            return True
        poller = select.poll()
        poller.register(fd, select.POLLIN)
        return bool(poller.poll(max(0, int(timeout * 1000)))) or not process.alive()
    finally:
        os.close(fd)


def stop(process: ProcessId, gentle: signal.Signals = signal.SIGTERM, timeout: float = 20.0) -> bool:
    """Ends the process and all it started. False when it had to be killed."""
    if not process.alive():
        return True
    family = [process, *descendants(process.pid)]
    _signal(process, gentle)
    ended = wait_exit(process, timeout)
    for member in family:
        _signal(member, signal.SIGKILL)
    for member in family:
        wait_exit(member, 5.0)
    _reap(process.pid)
    return ended


def kill(process: ProcessId) -> None:
    """SIGKILL, as a crash would look. What it started ends by itself, as PostgreSQL's processes do when their parent is
    gone; until then it holds the shared memory that a new server wants, so it is waited for."""
    family = [process, *descendants(process.pid)]
    _signal(process, signal.SIGKILL)
    for member in family:
        if not wait_exit(member, 5.0):
            _signal(member, signal.SIGKILL)
            wait_exit(member, 5.0)
    _reap(process.pid)


def _signal(process: ProcessId, number: signal.Signals) -> None:
    if process.alive():
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)


def _reap(pid: int) -> None:
    """Collects a child of ours; someone else's child is not ours to wait for."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def descendants(pid: int) -> list[ProcessId]:
    children: dict[int, list[int]] = {}
    for other in _all_pids():
        fields = _stat_fields(other)
        if fields is not None:
            children.setdefault(int(fields[1]), []).append(other)
    found: list[ProcessId] = []
    unvisited = list(children.get(pid, []))
    while unvisited:
        child = unvisited.pop()
        unvisited.extend(children.get(child, []))
        known = identify(child)
        if known is not None:
            found.append(known)
    return found


def memory_mb(process: ProcessId) -> int:
    """What the process and all it started hold in memory, pages they share counted once."""
    total_kb = 0
    for member in [process, *descendants(process.pid)]:
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{member.pid}/smaps_rollup").read_text().splitlines()
            total_kb += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total_kb // 1024


def tagged(tag: str) -> list[ProcessId]:
    """Every living process that carries `tag` and that we may look at."""
    wanted = f"{TAG}={tag}".encode()
    found: list[ProcessId] = []
    for pid in _all_pids():
        try:
            variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            continue
        known = identify(pid) if wanted in variables else None
        if known is not None:
            found.append(known)
    return found


def _all_pids() -> Iterator[int]:
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


class Deadline:
    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        return max(0.0, self._end - time.monotonic())

    def passed(self) -> bool:
        return self.left() == 0.0
