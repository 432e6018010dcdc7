"""What lies below the statements: prepared statements, packets, attentions, locks between sessions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from clients.client import Client, Connection, Interrupted, Server, SqlError

TYPED = ["odbc", "odbc-encrypted", "mssql-jdbc", "python-tds"]
_SIZE = "SELECT net_packet_size FROM sys.dm_exec_connections WHERE session_id = @@SPID"


@pytest.fixture(params=TYPED)
def typed(request: pytest.FixtureRequest, clients: dict[str, Client]) -> Client:
    return clients[request.param]


@pytest.fixture
def by_name(clients: dict[str, Client], server: Server) -> Iterator[Any]:
    """python-tds calls procedures by their names; the drivers call the same ones by number."""
    with closing(clients["python-tds"].connect(server)) as connection:
        yield connection


@pytest.mark.parametrize("size", [512, 4096, 8192])
def test_packet_size_is_the_clients_choice(typed: Client, server: Server, size: int) -> None:
    with closing(typed.connect(server, size)) as connection:
        assert connection.rows(_SIZE) == [(size,)]
        # Longer than a packet in both directions.
        text = "Ж" * 20_000
        assert connection.rows("SELECT CAST(? AS nvarchar(max))", text) == [(text,)]
        assert connection.rows(f"SELECT N'{text}'") == [(text,)]


@pytest.mark.parametrize("name", ["odbc", "odbc-encrypted", "mssql-jdbc"])
def test_an_attention_ends_the_statement_and_not_the_session(
    name: str, clients: dict[str, Client], server: Server
) -> None:
    """python-tds can cancel only from the thread that waits, tsql not at all."""
    with closing(clients[name].connect(server)) as connection:
        before = connection.rows("SELECT @@SPID")
        with pytest.raises(Interrupted):
            connection.interrupted("WAITFOR DELAY '00:05:00'", 1)
        assert connection.rows("SELECT @@SPID") == before


def test_a_prepared_statement_is_executed_again_by_its_handle(typed: Client, server: Server) -> None:
    with closing(typed.connect(server)) as connection:
        connection.rows("DROP TABLE IF EXISTS dbo.p; CREATE TABLE dbo.p (id int NOT NULL PRIMARY KEY, t nvarchar(9))")
        for turn in range(3):
            connection.many("INSERT INTO dbo.p (id, t) VALUES (?, ?)", [(turn * 10 + i, f"r{i}") for i in range(5)])
        assert connection.rows("SELECT COUNT(*), MAX(id) FROM dbo.p WHERE t <> ?", "r0") == [(12, 24)]
        with pytest.raises(SqlError) as caught:
            connection.many("INSERT INTO dbo.p (id, t) VALUES (?, ?)", [(100, "a"), (0, "twice")])
        assert caught.value.number == 2627


def test_procedures_by_name(by_name: Any) -> None:
    _, [rows] = by_name.call("sp_executesql", "SELECT @a + 1 AS n, @t AS t", "@a int, @t nvarchar(10)", 41, "añ 😀")
    assert rows == [(42, "añ 😀")]
    by_name.rows("DROP TABLE IF EXISTS dbo.named; CREATE TABLE dbo.named (a int)")
    by_name.call("sp_rename", "dbo.named", "renamed_by_call")
    assert by_name.rows("SELECT COUNT(*) FROM dbo.renamed_by_call") == [(0,)]
    by_name.rows("DROP TABLE dbo.renamed_by_call")
    with pytest.raises(SqlError) as caught:
        by_name.call("no_such_procedure")
    assert caught.value.number == 2812


def test_handles_in_a_batch(connection: Connection) -> None:
    prepared = (
        "SET NOCOUNT ON; DECLARE @h int; EXEC sp_prepare @h OUTPUT, N'@a int, @b nvarchar(5)', N'SELECT @a * 2, @b'; "
    )
    found = connection.rows(prepared + "EXEC sp_execute @h, 21, N'x'; EXEC sp_unprepare @h")
    assert [tuple(map(str, row)) for row in found] == [("42", "x")]
    with pytest.raises(SqlError) as caught:
        connection.rows(prepared + "EXEC sp_unprepare @h; EXEC sp_execute @h, 21, N'x'")
    assert caught.value.number == 8179


def test_transactions_of_the_protocol(clients: dict[str, Client], server: Server) -> None:
    """Not BEGIN TRAN in a batch, but the driver's own transactions, which are requests of their own."""
    with closing(clients["odbc"].connect(server)) as one, closing(clients["odbc"].connect(server)) as other:
        one.rows("DROP TABLE IF EXISTS dbo.tm; CREATE TABLE dbo.tm (id int NOT NULL PRIMARY KEY)")
        raw = one.raw
        raw.autocommit = False
        one.rows("INSERT INTO dbo.tm VALUES (1)")
        raw.rollback()
        one.rows("INSERT INTO dbo.tm VALUES (2)")
        raw.commit()
        raw.autocommit = True
        assert other.rows("SELECT id FROM dbo.tm") == [(2,)]


def test_of_two_that_wait_for_each_other_one_is_told_1205(clients: dict[str, Client], server: Server) -> None:
    with closing(clients["odbc"].connect(server)) as one, closing(clients["odbc"].connect(server)) as other:
        one.rows(
            "DROP TABLE IF EXISTS dbo.lock; CREATE TABLE dbo.lock (id int NOT NULL PRIMARY KEY, v int); "
            "INSERT INTO dbo.lock VALUES (1, 0), (2, 0)"
        )
        numbers: list[int] = []

        def change(connection: Connection, id: int) -> None:
            try:
                connection.rows(f"UPDATE dbo.lock SET v = v + 1 WHERE id = {id}")
                connection.rows("COMMIT")
            except SqlError as error:
                numbers.append(error.number)
                connection.rows("IF @@TRANCOUNT > 0 ROLLBACK")

        for connection, id in ((one, 1), (other, 2)):
            connection.rows(f"BEGIN TRAN; UPDATE dbo.lock SET v = v + 1 WHERE id = {id}")
        waiting = threading.Thread(target=change, args=(other, 1))
        waiting.start()
        change(one, 2)
        waiting.join()
        assert numbers == [1205]
        assert one.rows("SELECT COUNT(*) FROM dbo.lock WHERE v = 1") == [(2,)]
