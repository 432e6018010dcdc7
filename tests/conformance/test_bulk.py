"""Bulk copy by Microsoft's ODBC driver (client "odbc-bcp"). Expectations are the documentation's of INSERT BULK and bcp."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal

import pytest
from clients import odbc_bcp as b
from clients.client import Client, Connection, Server, SqlError

T1 = [b.INT4, b.NVARCHAR]


@pytest.fixture(params=["plain", "encrypted"])
def bulk(request: pytest.FixtureRequest, server: Server) -> Iterator[b.BcpConnection]:
    with closing(b.BcpConnection(server, request.param == "encrypted")) as connection:
        yield connection


@pytest.fixture
def plain(server: Server, clients: dict[str, Client]) -> Iterator[Connection]:
    with closing(clients["odbc"].connect(server)) as connection:
        yield connection


def _table(plain: Connection, columns: str, name: str = "dbo.bulk") -> None:
    plain.rows(f"DROP TABLE IF EXISTS {name}; CREATE TABLE {name} ({columns})")


def test_every_target_type(bulk: b.BcpConnection, plain: Connection) -> None:
    _table(
        plain,
        "i2 smallint, i4 int, i8 bigint, b bit, r real, f float, d decimal(38,10), n nvarchar(20), nc nchar(4), m nvarchar(max),"
        " v varbinary(20), vm varbinary(max), day date, clock time(6), t datetime2(6), o datetimeoffset(6), u uniqueidentifier",
    )
    types = [b.INT2, b.INT4, b.INT8, b.BIT, b.FLT4, b.FLT8, b.NUMERIC, b.NVARCHAR, b.NVARCHAR, b.NVARCHAR, b.BINARY, b.BINARY,
             b.DATE, b.TIME, b.DATETIME2, b.DATETIMEOFFSET, b.UNIQUEID]  # fmt: skip
    number = "-1234567890123456789012345678.0000000001"
    identity = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")
    full = (
        -32768, 2147483647, -(1 << 63), 1, 1.5, 5e-324, b.numeric(number, 38, 10), "é😀 x ", "ab", "m" * 9000 + "😀",
        b"\0\xff", bytes(range(256)) * 300, b.date(1, 1, 1), b.time2(23, 59, 59, 999999000),
        b.timestamp((9999, 12, 31, 23, 59, 59), 999999000), b.timestamp_offset((2024, 2, 29, 12, 0, 0), 1000, 0, 0),
        identity.bytes_le,
    )  # fmt: skip
    empty = (None,) * len(types)
    short = (0, 0, 0, 0, -0.0, -0.0, b.numeric("0", 38, 10), "", "", "", b"", b"", *full[12:])
    assert bulk.load("dbo.bulk", types, [full, empty, short], "TABLOCK") == 3
    rows = plain.rows("SELECT * FROM dbo.bulk")
    found = next(row for row in rows if row[0] == -32768)
    assert found[:6] == (-32768, 2147483647, -(1 << 63), True, 1.5, 5e-324)
    assert found[6:12] == (Decimal(number), "é😀 x ", "ab  ", "m" * 9000 + "😀", b"\0\xff", bytes(range(256)) * 300)
    assert found[12:15] == (
        datetime.date(1, 1, 1),
        datetime.time(23, 59, 59, 999999),
        datetime.datetime(9999, 12, 31, 23, 59, 59, 999999),
    )
    assert uuid.UUID(str(found[16])) == identity
    assert plain.rows("SELECT CONVERT(nvarchar(40), o) FROM dbo.bulk WHERE i2 = -32768") == [
        ("2024-02-29 12:00:00.000001 +00:00",)
    ]
    assert [tuple(row) for row in rows if row[0] is None] == [empty]
    zero = next(row for row in rows if row[0] == 0)
    assert (zero[6], zero[7], zero[8], zero[9], zero[10], zero[11]) == (Decimal(0), "", "    ", "", b"", b"")


def test_batches_commit_by_themselves(bulk: b.BcpConnection, plain: Connection) -> None:
    _table(plain, "id int NOT NULL PRIMARY KEY, n nvarchar(20) NULL")
    rows = [(i, f"row {i}") for i in range(2500)]
    assert bulk.load("dbo.bulk", T1, rows, batch=1000) == 2500
    assert plain.rows("SELECT COUNT(*), MIN(n), MAX(id) FROM dbo.bulk") == [(2500, "row 0", 2499)]


def test_a_batch_that_fails_leaves_nothing_and_the_others_stay(bulk: b.BcpConnection, plain: Connection) -> None:
    _table(plain, "id int NOT NULL PRIMARY KEY, n nvarchar(20) NULL")
    load = bulk.start("dbo.bulk", T1)
    for i in (1, 2):
        load.send((i, "first"))
    assert load.batch() == 2
    with pytest.raises(SqlError) as caught:
        for i in (3, 4, 2):
            load.send((i, "second"))
        load.batch()
    assert caught.value.number == 2627
    assert plain.rows("SELECT COUNT(*) FROM dbo.bulk") == [(2,)]
    bulk.execute("DELETE FROM dbo.bulk")
    assert bulk.load("dbo.bulk", T1, [(5, None)]) == 1


def test_null_where_none_may_be(bulk: b.BcpConnection, plain: Connection) -> None:
    _table(plain, "id int NOT NULL, n nvarchar(20) NOT NULL")
    with pytest.raises(SqlError) as caught:
        bulk.load("dbo.bulk", T1, [(1, "a"), (2, None)])
    assert caught.value.number == 515
    assert plain.rows("SELECT COUNT(*) FROM dbo.bulk") == [(0,)]


def test_inside_a_transaction(bulk: b.BcpConnection, plain: Connection) -> None:
    _table(plain, "id int NOT NULL PRIMARY KEY, n nvarchar(20) NULL")
    for commit in (False, True):
        bulk.autocommit(False)
        assert bulk.load("dbo.bulk", T1, [(1, "a"), (2, "b")]) == 2
        bulk.execute("UPDATE dbo.bulk SET n = N'x' WHERE id = 1")
        bulk.end(commit)
        bulk.autocommit(True)
        assert plain.rows("SELECT COUNT(*) FROM dbo.bulk") == [(2 if commit else 0,)]
    bulk.execute("BEGIN TRAN")
    assert bulk.load("dbo.bulk", T1, [(3, "a")]) == 1
    bulk.execute("ROLLBACK")
    assert plain.rows("SELECT id, n FROM dbo.bulk ORDER BY id") == [(1, "x"), (2, "b")]


def test_constraints_are_skipped_unless_asked_for(bulk: b.BcpConnection, plain: Connection) -> None:
    plain.rows("DROP TABLE IF EXISTS dbo.bulk; DROP TABLE IF EXISTS dbo.bulk_parent")
    plain.rows("CREATE TABLE dbo.bulk_parent (id int NOT NULL PRIMARY KEY)")
    _table(plain, "id int NOT NULL CHECK (id > 0), p int NULL REFERENCES dbo.bulk_parent (id)")
    assert bulk.load("dbo.bulk", [b.INT4, b.INT4], [(-1, 77)]) == 1
    for row in ((-2, None), (1, 78)):
        with pytest.raises(SqlError) as caught:
            bulk.load("dbo.bulk", [b.INT4, b.INT4], [row], "CHECK_CONSTRAINTS")
        assert caught.value.number == 547
    with pytest.raises(SqlError):
        plain.rows("INSERT INTO dbo.bulk VALUES (-3, NULL)")
    assert plain.rows("SELECT id, p FROM dbo.bulk") == [(-1, 77)]
    plain.rows("DROP TABLE dbo.bulk; DROP TABLE dbo.bulk_parent")


def test_defaults_and_identity(bulk: b.BcpConnection, plain: Connection) -> None:
    _table(plain, "id int IDENTITY(1,1) NOT NULL PRIMARY KEY, n nvarchar(20) NULL DEFAULT N'made'")
    assert bulk.load("dbo.bulk", T1, [(50, None), (60, "b")]) == 2
    assert plain.rows("SELECT id, n FROM dbo.bulk ORDER BY id") == [(1, "made"), (2, "b")]
    assert bulk.load("dbo.bulk", T1, [(50, None), (60, "c")], keep_nulls=True, keep_identity=True) == 2
    assert plain.rows("SELECT id, n FROM dbo.bulk WHERE id > 2 ORDER BY id") == [(50, None), (60, "c")]
    plain.rows("INSERT INTO dbo.bulk (n) VALUES (N'next')")
    assert plain.rows("SELECT MAX(id) FROM dbo.bulk") == [(61,)]


def test_temporary_tables_are_not_for_the_driver(bulk: b.BcpConnection) -> None:
    bulk.execute("CREATE TABLE #b (id int NULL, n nvarchar(20) NULL)")
    with pytest.raises(SqlError):
        bulk.load("#b", T1, [(1, "a")])


def test_schemas_and_odd_names(bulk: b.BcpConnection, plain: Connection) -> None:
    plain.rows("IF SCHEMA_ID(N'other') IS NULL EXEC (N'CREATE SCHEMA other')")
    _table(plain, '[a]]b c] int NULL, [ü"] nvarchar(20) NULL', "other.[odd ]] name]")
    assert bulk.load("[other].[odd ]] name]", T1, [(1, "x")]) == 1
    assert plain.rows('SELECT [a]]b c], "ü""" FROM other.[odd ]] name]') == [(1, "x")]


def test_what_was_not_finished_is_not_there(server: Server, plain: Connection) -> None:
    _table(plain, "id int NOT NULL PRIMARY KEY, n nvarchar(20) NULL")
    with closing(b.BcpConnection(server)) as gone:
        load = gone.start("dbo.bulk", T1)
        for i in range(20_000):
            load.send((i, "given up"))
    # Its locks go with the session: this waits for them.
    plain.rows("DELETE FROM dbo.bulk WHERE id < 0")
    assert plain.rows("SELECT COUNT(*) FROM dbo.bulk") == [(0,)]


def test_two_load_the_same_heap_at_once(server: Server, plain: Connection) -> None:
    _table(plain, "id int NOT NULL, n nvarchar(20) NULL")
    with closing(b.BcpConnection(server)) as one, closing(b.BcpConnection(server)) as two:
        first, second = one.start("dbo.bulk", T1, "TABLOCK"), two.start("dbo.bulk", T1, "TABLOCK")
        for i in range(2000):
            first.send((i, "one"))
            second.send((i, "two"))
        assert (first.done(), second.done()) == (2000, 2000)
    assert plain.rows("SELECT n, COUNT(*) FROM dbo.bulk GROUP BY n ORDER BY n") == [("one", 2000), ("two", 2000)]
