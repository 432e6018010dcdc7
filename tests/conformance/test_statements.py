"""Statements, errors and transactions, the same through every client. Expectations are SQL Server's documentation's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from clients.client import Client, Connection, Server, SqlError


def _fails(connection: Connection, sql: str) -> int:
    with pytest.raises(SqlError) as caught:
        connection.rows(sql)
    return caught.value.number


def _texts(rows: list[tuple[object, ...]]) -> list[tuple[str | None, ...]]:
    return [tuple(None if cell is None else str(cell) for cell in row) for row in rows]


@pytest.mark.parametrize(
    ("change", "number"), [({"password": "wrong"}, 18456), ({"database": "nowhere"}, 4060)], ids=["login", "database"]
)
def test_refused_logins(client: Client, server: Server, change: dict[str, str], number: int) -> None:
    with pytest.raises(SqlError) as caught:
        client.connect(replace(server, **change))
    assert caught.value.number == number, str(caught.value)
    assert ("Login failed for user" if number == 18456 else "Cannot open database") in str(caught.value)


PARENT = (
    "DROP TABLE IF EXISTS dbo.child; DROP TABLE IF EXISTS dbo.parent; "
    "CREATE TABLE dbo.parent (id int NOT NULL PRIMARY KEY, u int NULL, n nvarchar(3) NULL, d decimal(4,2)); "
    "CREATE UNIQUE INDEX ux ON dbo.parent (u); "
    "CREATE TABLE dbo.child (id int NOT NULL PRIMARY KEY, p int NOT NULL REFERENCES dbo.parent (id)); "
    "INSERT INTO dbo.parent VALUES (1, 1, N'abc', 1)"
)


def test_errors_have_their_numbers(connection: Connection) -> None:
    connection.rows(PARENT)
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
        ("DROP TABLE dbo.nothing", 3701),
    ):
        assert (sql, _fails(connection, sql)) == (sql, number)
    assert _texts(connection.rows("SELECT COUNT(*) FROM dbo.parent")) == [("1",)]


def test_merge_as_debezium_writes_it(connection: Connection) -> None:
    connection.rows("DROP TABLE IF EXISTS dbo.m; CREATE TABLE dbo.m (id int NOT NULL PRIMARY KEY, v nvarchar(20) NULL)")
    merge = (
        "MERGE INTO [dbo].[m] WITH (HOLDLOCK) AS TARGET USING (SELECT ? AS [id], ? AS [v]) AS INCOMING ON "
        "(TARGET.[id]=INCOMING.[id]) WHEN MATCHED THEN UPDATE SET TARGET.[v]=INCOMING.[v] WHEN NOT MATCHED THEN "
        "INSERT ([v],[id]) VALUES (INCOMING.[v],INCOMING.[id]);"
    )
    connection.many(merge, [(1, "a"), (2, "b"), (1, "c 😀")])
    assert _texts(connection.rows("SELECT id, v FROM dbo.m ORDER BY id")) == [("1", "c 😀"), ("2", "b")]


def test_transactions_and_savepoints(connection: Connection) -> None:
    connection.rows("DROP TABLE IF EXISTS dbo.t; CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY)")
    connection.rows(
        "BEGIN TRAN; INSERT INTO dbo.t VALUES (1); SAVE TRAN s; INSERT INTO dbo.t VALUES (2); ROLLBACK TRAN s; COMMIT"
    )
    connection.rows("BEGIN TRAN; INSERT INTO dbo.t VALUES (3); ROLLBACK")
    assert _texts(connection.rows("SELECT id FROM dbo.t")) == [("1",)]


def test_try_catch_tells_the_number(connection: Connection) -> None:
    connection.rows("DROP TABLE IF EXISTS dbo.t; CREATE TABLE dbo.t (id int PRIMARY KEY); INSERT INTO dbo.t VALUES (1)")
    sql = "SET NOCOUNT ON; BEGIN TRY INSERT INTO dbo.t VALUES (1) END TRY BEGIN CATCH SELECT ERROR_NUMBER() END CATCH"
    assert _texts(connection.rows(sql)) == [("2627",)]
    assert _texts(connection.rows("SELECT @@TRANCOUNT")) == [("0",)]


def test_variables_and_branches(connection: Connection) -> None:
    sql = (
        "SET NOCOUNT ON; DECLARE @n int = 3, @t nvarchar(20); SET @t = N'ab' + N'c'; "
        "IF @n > 2 SELECT @n * 2, @t ELSE SELECT 0, N''"
    )
    assert _texts(connection.rows(sql)) == [("6", "abc")]


def test_updates_and_deletes_through_joins(connection: Connection) -> None:
    connection.rows(
        "DROP TABLE IF EXISTS dbo.j; DROP TABLE IF EXISTS dbo.s; "
        "CREATE TABLE dbo.j (id int NOT NULL PRIMARY KEY, v int NULL); CREATE TABLE dbo.s (id int, v int); "
        "INSERT INTO dbo.j VALUES (1, 1), (2, 2), (3, 3); INSERT INTO dbo.s VALUES (1, 10), (3, NULL)"
    )
    connection.rows("UPDATE t SET t.v = s.v FROM dbo.j AS t INNER JOIN dbo.s AS s ON s.id = t.id WHERE s.v IS NOT NULL")
    connection.rows("DELETE t FROM dbo.j AS t INNER JOIN dbo.s AS s ON s.id = t.id WHERE s.v IS NULL")
    assert _texts(connection.rows("SELECT id, v FROM dbo.j ORDER BY id")) == [("1", "10"), ("2", "2")]
    connection.rows("TRUNCATE TABLE dbo.j")
    assert _texts(connection.rows("SELECT COUNT(*) FROM dbo.j")) == [("0",)]


def test_tables_change_and_are_renamed(connection: Connection) -> None:
    connection.rows(
        "DROP TABLE IF EXISTS dbo.after_rename; DROP TABLE IF EXISTS dbo.a; "
        "CREATE TABLE dbo.a (id int NOT NULL PRIMARY KEY, v int NULL); INSERT INTO dbo.a VALUES (1, 7)"
    )
    connection.rows("ALTER TABLE dbo.a ADD w nvarchar(10) NULL")
    connection.rows("ALTER TABLE dbo.a ALTER COLUMN v bigint NULL")
    connection.rows("EXEC sp_rename N'dbo.a.w', N'x', N'COLUMN'")
    connection.rows("EXEC sp_rename N'dbo.a', N'after_rename'")
    assert _texts(connection.rows("SELECT id, v, x FROM dbo.after_rename")) == [("1", "7", None)]
    assert _texts(connection.rows("SELECT CASE WHEN OBJECT_ID(N'dbo.a', N'U') IS NULL THEN 1 ELSE 0 END")) == [("1",)]
    connection.rows("ALTER TABLE dbo.after_rename DROP COLUMN x")
    found = connection.rows(
        "SELECT c.name, TYPE_NAME(c.user_type_id) FROM sys.columns AS c "
        "WHERE c.object_id = OBJECT_ID(N'dbo.after_rename') ORDER BY c.column_id"
    )
    assert _texts(found) == [("id", "int"), ("v", "bigint")]


def test_information_schema(connection: Connection) -> None:
    connection.rows("DROP TABLE IF EXISTS dbo.i; CREATE TABLE dbo.i (id int NOT NULL PRIMARY KEY, n nvarchar(7) NULL)")
    found = connection.rows(
        "SELECT COLUMN_NAME, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, IS_NULLABLE FROM INFORMATION_SCHEMA.COLUMNS "
        "WHERE TABLE_SCHEMA = N'dbo' AND TABLE_NAME = N'i' ORDER BY ORDINAL_POSITION"
    )
    assert _texts(found) == [("id", "int", None, "NO"), ("n", "nvarchar", "7", "YES")]


def test_schemas_are_apart(connection: Connection) -> None:
    connection.rows("IF SCHEMA_ID(N'other') IS NULL EXEC (N'CREATE SCHEMA other')")
    connection.rows(
        "DROP TABLE IF EXISTS other.same; DROP TABLE IF EXISTS dbo.same; "
        "CREATE TABLE other.same (v int); CREATE TABLE dbo.same (v int); INSERT INTO other.same VALUES (5)"
    )
    assert _texts(connection.rows("SELECT v FROM dbo.same")) == []
    assert _texts(connection.rows("SELECT v FROM other.same")) == [("5",)]


def test_collations(connection: Connection) -> None:
    binary = "COLLATE Latin1_General_100_BIN2"
    for sql, expected in (
        ("SELECT CASE WHEN N'a' = N'A' THEN 1 ELSE 0 END", "1"),
        (f"SELECT CASE WHEN N'a' {binary} = N'A' {binary} THEN 1 ELSE 0 END", "0"),
        ("SELECT CASE WHEN N'a' = N'a  ' THEN 1 ELSE 0 END", "1"),
        ("SELECT LEN(N'😀')", "2"),
        ("SELECT DATALENGTH(N'😀')", "4"),
    ):
        assert (sql, _texts(connection.rows(sql))) == (sql, [(expected,)])
    connection.rows(
        "DROP TABLE IF EXISTS dbo.ci; CREATE TABLE dbo.ci (k nvarchar(10) NOT NULL PRIMARY KEY); "
        f"DROP TABLE IF EXISTS dbo.cs; CREATE TABLE dbo.cs (k nvarchar(10) {binary} NOT NULL PRIMARY KEY)"
    )
    connection.rows("INSERT INTO dbo.cs VALUES (N'a'), (N'A')")
    assert _fails(connection, "INSERT INTO dbo.ci VALUES (N'a'), (N'A')") == 2627
    assert _fails(connection, "INSERT INTO dbo.cs VALUES (N'a  ')") == 2627


def test_databases_are_apart(connection: Connection) -> None:
    connection.rows("IF DB_ID(N'millrace_conformance_2') IS NULL CREATE DATABASE millrace_conformance_2")
    connection.rows("DROP TABLE IF EXISTS dbo.here; CREATE TABLE dbo.here (v int); INSERT INTO dbo.here VALUES (1)")
    connection.rows("USE millrace_conformance_2; DROP TABLE IF EXISTS dbo.here; CREATE TABLE dbo.here (v int)")
    # tsql begins each batch in its own database again; for the others USE lasts.
    assert _texts(connection.rows("USE millrace_conformance_2; SELECT DB_NAME(), COUNT(*) FROM dbo.here")) == [
        ("millrace_conformance_2", "0")
    ]
    assert _texts(connection.rows("USE millrace_conformance; SELECT DB_NAME(), COUNT(*) FROM dbo.here")) == [
        ("millrace_conformance", "1")
    ]


def test_catalogs_that_millrace_reads(connection: Connection) -> None:
    connection.rows(
        "DROP TABLE IF EXISTS dbo.cat; CREATE TABLE dbo.cat (a int NOT NULL, "
        "b nvarchar(10) COLLATE Latin1_General_100_BIN2 NOT NULL, c decimal(12,3) NULL, d datetime2(3) NULL, "
        "CONSTRAINT pk_cat PRIMARY KEY (b, a))"
    )
    columns = connection.rows(
        "SELECT c.name, t.name, c.max_length, c.precision, c.scale, c.is_nullable, c.collation_name FROM sys.columns AS c "
        "JOIN sys.types AS t ON t.user_type_id = c.user_type_id WHERE c.object_id = OBJECT_ID(N'dbo.cat') AND c.name <> N'a' "
        "ORDER BY c.column_id"
    )
    assert [tuple("1" if cell == "True" else "0" if cell == "False" else cell for cell in row) for row in _texts(columns)] == [
        ("b", "nvarchar", "20", "0", "0", "0", "Latin1_General_100_BIN2"),
        ("c", "decimal", "9", "12", "3", "1", None),
        ("d", "datetime2", "7", "23", "3", "1", None),
    ]  # fmt: skip
    keys = connection.rows(
        "SELECT i.name, c.name FROM sys.indexes AS i JOIN sys.index_columns AS k ON k.object_id = i.object_id AND "
        "k.index_id = i.index_id JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id "
        "WHERE i.is_primary_key = 1 AND i.object_id = OBJECT_ID(N'dbo.cat') ORDER BY k.key_ordinal"
    )
    assert _texts(keys) == [("pk_cat", "b"), ("pk_cat", "a")]
    tables = connection.rows(
        "SELECT s.name, t.name FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id WHERE t.name = N'cat'"
    )
    assert _texts(tables) == [("dbo", "cat")]


def test_rows_of_many_tables_are_estimated_at_once(connection: Connection) -> None:
    """A table that is not there, a view and an index beside the key add no row."""
    connection.rows(
        "DROP VIEW IF EXISTS dbo.seen; DROP TABLE IF EXISTS dbo.[it's one], dbo.heap; CREATE TABLE dbo.heap (n int); "
        "CREATE TABLE dbo.[it's one] (id int NOT NULL PRIMARY KEY, n int); CREATE INDEX more ON dbo.[it's one] (n); "
        "INSERT INTO dbo.[it's one] VALUES (1, 1), (2, 1), (3, 2)"
    )
    connection.rows("CREATE VIEW dbo.seen AS SELECT n FROM dbo.heap")
    places = ", ".join(
        f"({place}, OBJECT_ID(N'[dbo].[{name}]', N'U'))"
        for place, name in enumerate(("it''s one", "absent", "heap", "seen"))
    )
    rows = connection.rows(
        f"SELECT w.place, SUM(p.rows) FROM (VALUES {places}) AS w (place, id) JOIN sys.partitions AS p ON p.object_id = w.id"
        " WHERE p.index_id IN (0, 1) GROUP BY w.place"
    )
    assert sorted(_texts(rows)) == [("0", "3"), ("2", "0")]


def test_merge_that_also_deletes(connection: Connection) -> None:
    connection.rows(
        "DROP TABLE IF EXISTS dbo.mt; DROP TABLE IF EXISTS dbo.ms; "
        "CREATE TABLE dbo.mt (id int NOT NULL PRIMARY KEY, v int NULL); CREATE TABLE dbo.ms (id int, v int, gone bit); "
        "INSERT INTO dbo.mt VALUES (1, 1), (2, 2), (4, 4); INSERT INTO dbo.ms VALUES (1, 10, 0), (2, 2, 1), (3, 30, 0)"
    )
    connection.rows(
        "MERGE dbo.mt WITH (HOLDLOCK) AS t USING dbo.ms AS s ON t.id = s.id WHEN MATCHED AND s.gone = 1 THEN DELETE "
        "WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED BY TARGET THEN INSERT (id, v) VALUES (s.id, s.v);"
    )
    assert _texts(connection.rows("SELECT id, v FROM dbo.mt ORDER BY id")) == [("1", "10"), ("3", "30"), ("4", "4")]


def test_an_error_inside_try_can_be_thrown_again(connection: Connection) -> None:
    connection.rows("DROP TABLE IF EXISTS dbo.t; CREATE TABLE dbo.t (id int PRIMARY KEY); INSERT INTO dbo.t VALUES (1)")
    sql = "BEGIN TRY BEGIN TRAN; INSERT INTO dbo.t VALUES (2); INSERT INTO dbo.t VALUES (1); COMMIT END TRY BEGIN CATCH IF @@TRANCOUNT > 0 ROLLBACK; THROW; END CATCH"
    assert _fails(connection, sql) == 2627
    assert _texts(connection.rows("SELECT id FROM dbo.t")) == [("1",)]
