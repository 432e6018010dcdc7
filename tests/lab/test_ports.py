from __future__ import annotations

import socket

from lab import ports


def test_a_port_somebody_listens_on_is_not_free_and_accepts():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not ports.is_free(port)
        assert ports.accepts(port)
    assert not ports.accepts(port)


def test_pick_leaves_out_what_is_taken():
    chosen: set[int] = set()
    for _ in range(50):
        port = ports.pick(chosen)
        assert port not in chosen
        assert ports.is_free(port)
        chosen.add(port)


def test_pick_skips_ports_in_use(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        used = server.getsockname()[1]
        monkeypatch.setattr(ports, "_FIRST", used)
        monkeypatch.setattr(ports, "_LAST", used + 3)
        monkeypatch.setattr(ports, "is_free", lambda port: port == used + 2)
        assert ports.pick(set()) == used + 2
