"""What only the stand-in must do: it refuses what it does not understand, and outlives a kill."""

from __future__ import annotations

import signal
from contextlib import closing

import pytest
from clients.client import Client, Server, SqlError
from standin_server import Standin


def test_what_is_not_understood_is_refused_by_name(
    standin: Standin, server: Server, clients: dict[str, Client]
) -> None:
    with closing(clients["odbc"].connect(server)) as connection:
        for sql in ("CREATE PROCEDURE dbo.p AS SELECT 1", "SELECT GEOGRAPHY::Point(1, 2, 4326)"):
            with pytest.raises(SqlError, match="does not support"):
                connection.rows(sql)


def test_committed_rows_survive_a_kill(standin: Standin, clients: dict[str, Client]) -> None:
    with closing(clients["odbc"].connect(standin.server())) as connection:
        connection.rows("DROP TABLE IF EXISTS dbo.kept; CREATE TABLE dbo.kept (id int NOT NULL PRIMARY KEY)")
        connection.rows("INSERT INTO dbo.kept VALUES (42)")
    port = standin.port
    standin.stop(signal.SIGKILL)
    standin.start()
    with closing(clients["odbc"].connect(standin.server())) as connection:
        assert connection.rows("SELECT id FROM dbo.kept") == [(42,)]
    assert port > 0
