"""The server under test (MILLRACE_SQLSERVER_URL's, else a stand-in of the suite's own) and the clients."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from clients.client import Client, Connection, Server
from clients.jdbc import Jdbc
from clients.odbc import Odbc
from clients.python_tds import Pytds
from clients.tsql import Tsql
from standin_server import Standin

URL = os.environ.get("MILLRACE_SQLSERVER_URL")
CLIENTS = ["odbc", "odbc-encrypted", "mssql-jdbc", "python-tds", "tsql"]
DATABASE = "millrace_conformance"


@pytest.fixture(scope="session")
def standin() -> Iterator[Standin]:
    if URL:
        pytest.skip("a real SQL Server is under test")
    with tempfile.TemporaryDirectory(prefix="millrace-standin.") as directory:
        # Its PostgreSQL runs as another user when the tests run as root.
        Path(directory).chmod(0o755)
        server = Standin(Path(directory))
        server.start()
        yield server
        server.stop()


@pytest.fixture(scope="session")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Client]]:
    jdbc = Jdbc(Path(os.environ["MILLRACE_DEPS"]), tmp_path_factory.mktemp("bridge"))
    made: list[Client] = [Odbc(False), Odbc(True), Pytds(), Tsql(), jdbc]
    yield {client.name: client for client in made}
    jdbc.end()


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest, clients: dict[str, Client]) -> Server:
    """A database of the suite's own on the server under test."""
    if URL:
        parts = urlsplit(URL)
        at = Server(
            parts.hostname or "", parts.port or 1433, unquote(parts.username or ""), unquote(parts.password or ""), "master"
        )  # fmt: skip
    else:
        at = replace(request.getfixturevalue("standin").server(), database="master")
    with closing(clients["odbc"].connect(at)) as connection:
        connection.rows(f"IF DB_ID(N'{DATABASE}') IS NULL CREATE DATABASE {DATABASE}")
    return replace(at, database=DATABASE)


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest, clients: dict[str, Client]) -> Client:
    return clients[request.param]


@pytest.fixture
def connection(client: Client, server: Server) -> Iterator[Connection]:
    with closing(client.connect(server)) as connection:
        yield connection
