"""200 clients at once: every one is answered, and afterwards the server holds no more than before.
MILLRACE_TEST_CLIENT_SECONDS=60 makes it a minute."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.crowd import ASKS, CLIENTS, FOLLOWERS, PAUSE
from bench.http_load import load
from tests.server.conftest import PASSWORD, Server
from tests.server.http import signed_in
from tests.shared.waiting import wait_until

# Of the store's connections, which are opened when they are needed, and stay.
POOL = 24
SECONDS = float(os.environ.get("MILLRACE_TEST_CLIENT_SECONDS", "10"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data").start()
    yield server
    assert server.end() == 0


def resident_kb(server: Server) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    return int(next(line for line in status if line.startswith("VmRSS")).split()[1])


def descriptors(server: Server) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


def test_200_clients_are_answered_and_leave_nothing(server: Server) -> None:
    headers = signed_in(server.url, PASSWORD)

    def crowd(seconds: float) -> int:
        seen = 0

        def look() -> None:
            nonlocal seen
            seen = max(seen, descriptors(server))

        told = load(
            server.url,
            headers,
            ASKS,
            clients=CLIENTS,
            followers=FOLLOWERS,
            seconds=seconds,
            pause=PAUSE,
            meanwhile=look,
        )
        assert told.errors == {}
        assert told.requests > CLIENTS * seconds / 2, told.requests
        assert seen >= CLIENTS, "they were not there at the same time"
        return told.requests

    most = descriptors(server) + POOL
    crowd(3)  # pools, caches and prepared statements are made once
    wait_until(lambda: descriptors(server) <= most, "their connections are closed")
    memory = resident_kb(server)
    requests = crowd(SECONDS)
    wait_until(lambda: descriptors(server) <= most, "no descriptor is left")
    # Less than a request could leave behind: what stays is what the allocator has not given back.
    assert resident_kb(server) - memory < 2 * requests + 8 * 1024, (memory, resident_kb(server), requests)
