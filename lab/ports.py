"""Free TCP ports on the loopback address."""

from __future__ import annotations

import random
import socket

# Below Linux's range for outgoing connections, so that no client takes a chosen port before its service binds it.
_FIRST, _LAST = 20000, 32000


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def accepts(port: int, host: str = "127.0.0.1", timeout: float = 1.0) -> bool:
    try:
        socket.create_connection((host, port), timeout=timeout).close()
    except OSError:
        return False
    return True


def pick(taken: set[int]) -> int:
    source = random.SystemRandom()
    while True:
        port = source.randrange(_FIRST, _LAST)
        if port not in taken and is_free(port):
            return port
