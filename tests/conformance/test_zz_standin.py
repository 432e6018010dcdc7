"""What only the stand-in must do: it refuses what it does not understand, and outlives a kill."""

from __future__ import annotations

import os
import signal
from contextlib import closing

import pytest
from clients.client import Client, Server, SqlError
from standin_server import Standin

UNSUPPORTED = [
    ("CREATE PROCEDURE dbo.p AS SELECT 1", "PROCEDURE"),
    ("SELECT geography::Point(1, 2, 4326)", "::"),
    ("SELECT NO_SUCH_FUNCTION(1)", "NO_SUCH_FUNCTION"),
    ("CREATE TABLE dbo.y (v sql_variant)", "sql_variant"),
    ("SELECT * FROM OPENJSON(N'[]')", "OPENJSON"),
    ("EXEC no_such_procedure", "no_such_procedure"),
    ("SELECT 1 FOR XML AUTO", "XML"),
    ("BACKUP DATABASE master TO DISK = 'x'", "BACKUP"),
    (
        "MERGE dbo.x AS a USING dbo.x AS b ON a.id = b.id WHEN NOT MATCHED BY SOURCE THEN DELETE;",
        "NOT MATCHED BY SOURCE",
    ),
    ("SELECT * FROM sys.no_such_view", "no_such_view"),
]


def test_what_is_not_understood_is_refused_by_name(
    standin: Standin, server: Server, clients: dict[str, Client]
) -> None:
    with closing(clients["odbc"].connect(server)) as connection:
        connection.rows("DROP TABLE IF EXISTS dbo.x; CREATE TABLE dbo.x (id int NOT NULL PRIMARY KEY)")
        for sql, word in UNSUPPORTED:
            with pytest.raises(SqlError) as caught:
                connection.rows(sql)
            assert word.lower() in str(caught.value).lower(), sql
        assert connection.rows("SELECT 1") == [(1,)]


def test_committed_rows_survive_a_kill(standin: Standin, clients: dict[str, Client]) -> None:
    with closing(clients["odbc"].connect(standin.server())) as connection:
        connection.rows("DROP TABLE IF EXISTS dbo.kept; CREATE TABLE dbo.kept (id int NOT NULL PRIMARY KEY)")
        connection.rows("INSERT INTO dbo.kept VALUES (42)")
    # Everything at once: the server and the PostgreSQL that keeps its data.
    postmaster = next(standin.directory.glob("**/postmaster.pid"))
    standin.stop(signal.SIGKILL)
    os.kill(int(postmaster.read_text().split()[0]), signal.SIGKILL)
    standin.start()
    with closing(clients["odbc"].connect(standin.server())) as connection:
        assert connection.rows("SELECT id FROM dbo.kept") == [(42,)]
