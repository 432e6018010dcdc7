"""The listener: a port, the clients on it, and a clean end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path

from lab.sqlserver.config import EngineConfig
from lab.sqlserver.engine import create_engine
from lab.sqlserver.model import Engine
from lab.sqlserver.tds.certificate import ensure_certificate, tls_context
from lab.sqlserver.tds.channel import Channel
from lab.sqlserver.tds.connection import Connection, TlsContexts


class Server:
    def __init__(self, engine: Engine, contexts: TlsContexts, encryption: str) -> None:
        self._engine = engine
        self._contexts = contexts
        self._encryption = encryption
        self._clients: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        self._listener = await asyncio.start_server(self._accept, host, port)
        return self._listener.sockets[0].getsockname()[1]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._clients.add(task)
        try:
            await Connection(Channel(reader, writer), self._engine, self._contexts, self._encryption).run()
        except asyncio.CancelledError:
            writer.close()
        finally:
            self._clients.discard(task)

    async def stop(self) -> None:
        self._listener.close()
        for client in list(self._clients):
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)


def write_ready_file(path: Path, facts: dict) -> None:
    """Appears whole or not at all: who waits for it never reads half of it."""
    partial = path.with_suffix(path.suffix + ".partial")
    partial.write_text(json.dumps(facts), encoding="utf-8")
    partial.replace(path)


async def serve(config: EngineConfig, host: str, port: int, ready_file: Path | None, encryption: str) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    config.data_dir.mkdir(parents=True, exist_ok=True)
    certificate, key = ensure_certificate(config.data_dir)
    contexts = TlsContexts(tls_context(certificate, key, strict=False), tls_context(certificate, key, strict=True))
    engine = await create_engine(config)
    server = Server(engine, contexts, encryption)
    try:
        bound = await server.start(host, port)
        if ready_file is not None:
            write_ready_file(
                ready_file, {"host": host, "port": bound, "pid": os.getpid(), "certificate": str(certificate)}
            )
        await stop.wait()
        await server.stop()
    finally:
        await engine.close()
