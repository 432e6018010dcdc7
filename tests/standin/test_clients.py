"""The stand-in as unmodified clients see it. Expected numbers and values are SQL Server's, by its documentation."""

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

import pyodbc
import pytds
import pytest
from conftest import Standin

Connect = Callable[..., AbstractContextManager[Any]]


def _odbc(server: Standin, encrypt: str, user: str = "sa", password: str = "", database: str = "shopcopy") -> Any:
    return pyodbc.connect(
        "DRIVER={ODBC Driver 18 for SQL Server};"
        f"SERVER=127.0.0.1,{server.port};DATABASE={database};UID={user};PWD={{{password or server.password}}};"
        f"Encrypt={encrypt};TrustServerCertificate=yes",
        autocommit=True, timeout=20,
    )  # fmt: skip


@pytest.fixture(params=["odbc", "odbc-encrypted", "pytds"])
def connect(request: pytest.FixtureRequest, standin: Standin) -> Connect:
    if request.param == "pytds":

        def open_pytds(user: str = "sa", password: str = "", database: str = "shopcopy") -> Any:
            return pytds.connect(
                "127.0.0.1", database, user, password or standin.password, port=standin.port, autocommit=True
            )

        return open_pytds
    encrypt = "yes" if request.param == "odbc-encrypted" else "no"
    return lambda **options: _odbc(standin, encrypt, **options)


def _number(error: Exception) -> int:
    """The server's error number: python-tds has it, ODBC's text ends with it."""
    number = getattr(error, "number", None)
    return number if number is not None else int(str(error).rsplit("(", 2)[1].split(")")[0])


def _fails(connection: Any, sql: str) -> int:
    with pytest.raises(Exception) as caught:
        connection.cursor().execute(sql)
    return _number(caught.value)


def _one(connection: Any, sql: str, *parameters: Any) -> Any:
    cursor = connection.cursor()
    if parameters and isinstance(connection, pyodbc.Connection):
        cursor.execute(sql.replace("%s", "?"), *parameters)
    elif parameters:
        cursor.execute(sql, parameters)
    else:
        cursor.execute(sql)
    row = cursor.fetchone()
    cursor.close()
    return row[0]


def test_refused_logins(connect: Connect) -> None:
    for options, number in (({"password": "wrong"}, 18456), ({"database": "nowhere"}, 4060)):
        with pytest.raises(Exception) as caught:
            connect(**options)
        # python-tds tries again after 4060 until its time is over, and keeps the server's words as the cause.
        text = f"{caught.value} {caught.value.__cause__}"
        assert ("Login failed for user" if number == 18456 else "Cannot open database") in text
        assert str(number) in text or getattr(caught.value, "number", number) == number


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ("bit", True),
        ("tinyint", 255),
        ("smallint", -32768),
        ("int", 2147483647),
        ("bigint", -9223372036854775808),
        ("decimal(38,10)", Decimal("9999999999999999999999999999.9999999999")),
        ("decimal(5,5)", Decimal("-0.00001")),
        ("float", 1.7976931348623157e308),
        ("real", 0.5),
        ("nvarchar(20)", "añ 日本 😀 𝄞"),
        ("nvarchar(max)", "ж" * 500_000),
        ("varbinary(max)", bytes(range(256)) * 400),
        ("date", datetime.date(9999, 12, 31)),
        ("datetime2(6)", datetime.datetime(1, 1, 1, 23, 59, 59, 999999)),
        ("time(6)", datetime.time(23, 59, 59, 999999)),
    ],
)  # fmt: skip
def test_values_come_back_as_they_went(connect: Connect, declared: str, value: Any) -> None:
    with connect() as connection:
        cursor = connection.cursor()
        cursor.execute(
            f"DROP TABLE IF EXISTS dbo.v; CREATE TABLE dbo.v (k int NOT NULL PRIMARY KEY, v {declared} NULL)"
        )
        mark = "?" if isinstance(connection, pyodbc.Connection) else "%s"
        sent = pytds.Binary(value) if isinstance(value, bytes) and mark == "%s" else value
        if isinstance(value, (datetime.datetime, datetime.time)) and mark == "?":
            sent = str(value)  # pyodbc's own binding cuts fractions of a second
        cursor.execute(f"INSERT INTO dbo.v VALUES ({mark}, {mark})", (1, sent))
        cursor.execute("INSERT INTO dbo.v VALUES (2, NULL)")
        cursor.close()
        assert _one(connection, "SELECT v FROM dbo.v WHERE k = 1") == value
        assert _one(connection, "SELECT v FROM dbo.v WHERE k = 2") is None


def test_uniqueidentifier_and_offset_keep_their_text(connect: Connect) -> None:
    text = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
    with connect() as connection:
        found = _one(connection, f"SELECT CAST('{text}' AS uniqueidentifier)")
        assert uuid.UUID(str(found)) == uuid.UUID(text)
        sql = "SELECT CAST(CAST('2020-02-29T23:59:59.123456+05:45' AS datetimeoffset(6)) AS nvarchar(40))"
        assert _one(connection, sql) == "2020-02-29 23:59:59.123456 +05:45"


def test_errors_have_their_numbers(connect: Connect) -> None:
    with connect() as connection:
        cursor = connection.cursor()
        cursor.execute("DROP TABLE IF EXISTS dbo.child; DROP TABLE IF EXISTS dbo.parent")
        cursor.execute(
            "CREATE TABLE dbo.parent (id int NOT NULL PRIMARY KEY, u int NULL, n nvarchar(3) NULL, d decimal(4,2))"
        )
        cursor.execute("CREATE UNIQUE INDEX ux ON dbo.parent (u)")
        cursor.execute(
            "CREATE TABLE dbo.child (id int NOT NULL PRIMARY KEY, p int NOT NULL REFERENCES dbo.parent (id))"
        )
        cursor.execute("INSERT INTO dbo.parent VALUES (1, 1, N'abc', 1)")
        cursor.close()
        for sql, number in (
            ("SELECT * FORM dbo.parent", 102),
            ("SELECT nothing FROM dbo.parent", 207),
            ("SELECT * FROM dbo.nothing", 208),
            ("INSERT INTO dbo.child VALUES (1, NULL)", 515),
            ("INSERT INTO dbo.child VALUES (1, 99)", 547),
            ("INSERT INTO dbo.parent VALUES (1, 2, NULL, NULL)", 2627),
            ("INSERT INTO dbo.parent VALUES (2, 1, NULL, NULL)", 2601),
            ("CREATE TABLE dbo.parent (id int)", 2714),
            ("INSERT INTO dbo.parent VALUES (3, 3, N'abcd', NULL)", 2628),
            ("INSERT INTO dbo.parent VALUES (3, 3, NULL, 12345.6)", 8115),
            ("SELECT 1 / 0", 8134),
        ):
            assert (sql, _fails(connection, sql)) == (sql, number)


def test_merge_as_debezium_writes_it(connect: Connect) -> None:
    with connect() as connection:
        cursor = connection.cursor()
        cursor.execute(
            "DROP TABLE IF EXISTS dbo.m; CREATE TABLE dbo.m (id int NOT NULL PRIMARY KEY, v nvarchar(20) NULL)"
        )
        merge = (
            "MERGE INTO [dbo].[m] WITH (HOLDLOCK) AS TARGET USING (SELECT %s AS [id], %s AS [v]) AS INCOMING ON "
            "(TARGET.[id]=INCOMING.[id]) WHEN MATCHED THEN UPDATE SET TARGET.[v]=INCOMING.[v] WHEN NOT MATCHED THEN "
            "INSERT ([v],[id]) VALUES (INCOMING.[v],INCOMING.[id]);"
        )
        if isinstance(connection, pyodbc.Connection):
            merge = merge.replace("%s", "?")
        for key, value in ((1, "a"), (2, "b"), (1, "c 😀")):
            cursor.execute(merge, (key, value))
        cursor.execute("SELECT id, v FROM dbo.m ORDER BY id")
        assert [tuple(row) for row in cursor.fetchall()] == [(1, "c 😀"), (2, "b")]


def test_transactions_and_try_catch(connect: Connect) -> None:
    with connect() as connection:
        cursor = connection.cursor()
        cursor.execute("DROP TABLE IF EXISTS dbo.t; CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY)")
        cursor.execute(
            "BEGIN TRAN; INSERT INTO dbo.t VALUES (1); SAVE TRAN s; INSERT INTO dbo.t VALUES (2); ROLLBACK TRAN s; COMMIT"
        )
        cursor.execute("BEGIN TRAN; INSERT INTO dbo.t VALUES (3); ROLLBACK")
        cursor.execute("SELECT id FROM dbo.t")
        assert [row[0] for row in cursor.fetchall()] == [1]
        cursor.close()
        sql = "BEGIN TRY INSERT INTO dbo.t VALUES (1) END TRY BEGIN CATCH SELECT ERROR_NUMBER() END CATCH"
        assert _one(connection, "SET NOCOUNT ON; " + sql) == 2627
        assert _one(connection, "SELECT @@TRANCOUNT") == 0


def test_collations(connect: Connect) -> None:
    with connect() as connection:
        assert _one(connection, "SELECT CASE WHEN N'a' = N'A' THEN 1 ELSE 0 END") == 1
        binary = "COLLATE Latin1_General_100_BIN2"
        assert _one(connection, f"SELECT CASE WHEN N'a' {binary} = N'A' {binary} THEN 1 ELSE 0 END") == 0
        assert _one(connection, "SELECT LEN(N'😀')") == 2


def test_freetds_tsql(standin: Standin) -> None:
    """tsql reads its password from standard input when none is given."""
    script = "SELECT N'é' AS x, CAST(1.50 AS decimal(5,2)) AS d\ngo\nexit\n"
    done = subprocess.run(
        ["tsql", "-H", "127.0.0.1", "-p", str(standin.port), "-U", "sa", "-D", "shopcopy"],
        input=standin.password + "\n" + script, text=True, capture_output=True, timeout=60, check=False,
        env={**os.environ, "TDSVER": "7.4", "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert "é\t1.50" in done.stdout, done.stdout + done.stderr


def test_what_is_not_understood_is_refused_by_name(standin: Standin) -> None:
    with _odbc(standin, "no") as connection, pytest.raises(pyodbc.Error, match="does not support"):
        connection.execute("CREATE PROCEDURE dbo.p AS SELECT 1")


def test_committed_rows_survive_a_kill(standin: Standin) -> None:
    with _odbc(standin, "no") as connection:
        connection.execute("DROP TABLE IF EXISTS dbo.kept; CREATE TABLE dbo.kept (id int NOT NULL PRIMARY KEY)")
        connection.execute("INSERT INTO dbo.kept VALUES (42)")
    standin.stop(signal.SIGKILL)
    standin.start()
    with _odbc(standin, "no") as connection:
        assert connection.execute("SELECT id FROM dbo.kept").fetchall()[0][0] == 42
