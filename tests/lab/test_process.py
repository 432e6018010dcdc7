from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lab import process
from lab.process import ProcessId

# Prints once its handlers are set, then waits for signals.
_STUBBORN = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True)\nwhile True: signal.pause()"
)
_PARENT = """
import signal, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
print(child.pid, flush=True)
signal.pause()
"""
# Its first thread leaves without the others, as a JVM's may on SIGKILL.
_HEADLESS = """
import ctypes, signal, threading
threading.Thread(target=signal.pause).start()
print("up", flush=True)
ctypes.CDLL(None).pthread_exit(None)
"""


@pytest.fixture
def started(tmp_path):
    """Starts python programs under the lab's own `start`; whatever is left at the end is ended."""
    running: list[ProcessId] = []

    def start(program: str, tag: str = "test") -> tuple[ProcessId, str]:
        log = tmp_path / f"{len(running)}.log"
        child = process.start([sys.executable, "-c", program], log, dict(os.environ), tag)
        known = process.identify(child.pid)
        assert known is not None
        running.append(known)
        return known, _first_line(log, known)

    yield start
    for known in running:
        process.kill(known)


def _first_line(log, known: ProcessId) -> str:
    deadline = process.Deadline(20)
    while not (text := log.read_text()).endswith("\n"):
        assert not process.wait_exit(known, 0.02), f"ended: {text}"
        assert not deadline.passed()
    return text.strip()


def test_a_pid_with_another_start_time_is_another_process():
    mine = process.identify(os.getpid())
    assert mine is not None
    assert mine.alive()
    assert not ProcessId(mine.pid, mine.start_time + 1).alive()


def test_signals_never_reach_a_process_that_took_over_the_pid(started):
    known, _ = started("import signal; print('up', flush=True); signal.pause()")
    stranger = ProcessId(known.pid, known.start_time + 1)
    assert process.stop(stranger, timeout=0.1)
    process.kill(stranger)
    assert known.alive()


def test_a_process_that_ended_but_was_not_collected_counts_as_dead():
    child = subprocess.Popen([sys.executable, "-c", ""])
    known = process.identify(child.pid)
    assert known is not None
    assert process.wait_exit(known, 20)
    assert not known.alive()
    assert process.identify(child.pid) is None
    child.wait()


def test_a_process_whose_first_thread_ended_still_lives(started):
    known, _ = started(_HEADLESS)
    assert _state(known) == "Z"
    assert known.alive()
    assert not process.wait_exit(known, 0.05)
    process.kill(known)
    assert not known.alive()


def _state(known: ProcessId) -> str:
    deadline = process.Deadline(10)
    while (state := Path(f"/proc/{known.pid}/stat").read_text().rpartition(")")[2].split()[0]) != "Z":
        assert not process.wait_exit(known, 0.02)
        assert not deadline.passed()
    return state


def test_wait_exit_is_bounded(started):
    known, _ = started("import signal; print('up', flush=True); signal.pause()")
    assert not process.wait_exit(known, 0.05)


def test_stop_ends_children_too(started):
    known, line = started(_PARENT)
    child = process.identify(int(line))
    assert child is not None
    assert child in process.descendants(known.pid)
    assert process.stop(known, timeout=10)
    assert not known.alive()
    assert not child.alive()


def test_stop_kills_what_does_not_listen_and_says_so(started):
    known, _ = started(_STUBBORN)
    assert not process.stop(known, signal.SIGTERM, timeout=0.2)
    assert not known.alive()


def test_tagged_finds_its_own_and_no_other(started, tmp_path):
    known, _ = started("import signal; print('up', flush=True); signal.pause()", tag=str(tmp_path))
    assert process.tagged(str(tmp_path)) == [known]
    assert process.tagged(str(tmp_path) + "-other") == []


def test_memory_is_measured(started):
    known, _ = started("import signal; block = bytearray(b'x') * (40 << 20); print('up', flush=True); signal.pause()")
    assert 40 <= process.memory_mb(known) < 120
