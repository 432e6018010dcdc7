from __future__ import annotations

import socket
import stat
import threading
from collections.abc import Iterator

import pytest

from lab.process import ProcessId
from lab.state import LabState


@pytest.fixture
def state(tmp_path) -> Iterator[LabState]:
    state = LabState(tmp_path / "lab")
    state.create()
    yield state
    state.purge()  # its data may lie outside of tmp_path, where PostgreSQL's user can reach it


def test_a_port_stays_the_same_for_the_next_command(state):
    port = state.port("kafka")
    assert LabState(state.directory).port("kafka") == port
    assert LabState(state.directory).known_port("kafka") == port


def test_a_port_that_was_taken_meanwhile_is_replaced(state):
    port = state.port("kafka")
    with socket.create_server(("127.0.0.1", port)):
        assert state.port("kafka") != port


def test_a_port_that_was_asked_for_is_used_and_remembered(state):
    state.port("kafka")
    assert state.port("kafka", 23456) == 23456
    assert state.known_port("kafka") == 23456


def test_passwords_are_made_once_per_lab_and_readable_by_the_owner_only(state, tmp_path):
    password = state.password("sqlserver")
    assert LabState(state.directory).password("sqlserver") == password
    assert stat.S_IMODE((state.secrets / "passwords.json").stat().st_mode) == 0o600
    other = LabState(tmp_path / "other")
    other.create()
    assert other.password("sqlserver") != password


def test_threads_of_one_command_lose_nothing_of_each_other(state):
    names = [f"service{number}" for number in range(24)]
    barrier = threading.Barrier(len(names))

    def remember(name: str) -> None:
        barrier.wait()
        state.port(name)
        state.set_process(name, ProcessId(len(name), 1))

    threads = [threading.Thread(target=remember, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({state.known_port(name) for name in names}) == len(names)
    assert all(state.process(name) == ProcessId(len(name), 1) for name in names)


def test_a_process_can_be_forgotten(state):
    state.set_process("kafka", ProcessId(12, 34))
    assert state.process("kafka") == ProcessId(12, 34)
    state.set_process("kafka", None)
    assert state.process("kafka") is None


def test_two_commands_on_one_lab_take_turns(state):
    order: list[str] = []
    inside = threading.Event()

    def second() -> None:
        inside.wait()
        with LabState(state.directory).lock():
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with state.lock():
        inside.set()
        thread.join(0.2)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_purge_leaves_nothing_that_a_new_lab_would_find(state):
    password, _ = state.password("sqlserver"), state.port("kafka")
    state.data("kafka").joinpath("segment").touch()
    state.purge()
    assert not state.exists()
    state.create()
    assert state.known_port("kafka") is None
    assert not any(state.data("kafka").iterdir())
    assert state.password("sqlserver") != password
