"""What the embedded engine sends while it loads, applies and verifies. Expectations are SQL Server's documentation's."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing

import pytest
from clients.client import Client, Connection, Server, SqlError

EMPTY = (
    "DROP TABLE IF EXISTS dbo.tgt; DROP TABLE IF EXISTS dbo.stg; "
    "CREATE TABLE dbo.tgt (id int NOT NULL PRIMARY KEY, a nvarchar(50) NULL, b decimal(18,4) NULL, m nvarchar(max) NULL); "
    "CREATE TABLE dbo.stg (op tinyint NOT NULL, mask varbinary(16) NULL, id int NULL, a nvarchar(50) NULL,"
    " b decimal(18,4) NULL, m nvarchar(max) NULL); CREATE CLUSTERED INDEX ix_stg ON dbo.stg (op, id)"
)


def _texts(rows: list[tuple[object, ...]]) -> list[tuple[str | None, ...]]:
    return [tuple(None if cell is None else str(cell) for cell in row) for row in rows]


def _one(connection: Connection, sql: str) -> str | None:
    return _texts(connection.rows(sql))[0][0]


def _hex(connection: Connection, expression: str) -> str | None:
    return _one(connection, f"SELECT CONVERT(varchar(400), {expression}, 2)")


def _fails(connection: Connection, sql: str) -> int:
    with pytest.raises(SqlError) as caught:
        connection.rows(sql)
    return caught.value.number


@pytest.fixture
def session(client: Client, connection: Connection) -> Connection:
    """A connection that keeps its session from one batch to the next."""
    if client.name == "tsql":
        pytest.skip("each batch of tsql is a session of its own")
    return connection


@pytest.fixture
def other(server: Server, clients: dict[str, Client]) -> Iterator[Connection]:
    with closing(clients["odbc"].connect(server)) as connection:
        yield connection


def test_stage_to_target(connection: Connection) -> None:
    connection.rows(EMPTY)
    connection.rows(
        "INSERT INTO dbo.stg VALUES (1, 0x01, 1, N'a', 1.5, N'kept'), (1, 0x00, 2, N'b', NULL, NULL), (3, NULL, 3, NULL, NULL, NULL);"
        "INSERT INTO dbo.tgt VALUES (1, N'old', 1, N'toast'), (2, N'old', 2, N'old'), (3, N'old', 3, N'old')"
    )
    connection.rows(
        "UPDATE s SET s.m = t.m FROM dbo.stg AS s INNER JOIN dbo.tgt AS t WITH (UPDLOCK, HOLDLOCK) ON t.id = s.id"
        " WHERE s.op = 1 AND CONVERT(tinyint, SUBSTRING(s.mask, 1, 1)) & 1 <> 0"
    )
    connection.rows(
        "DELETE t FROM dbo.tgt AS t INNER JOIN dbo.stg AS s ON s.id = t.id WHERE s.op = 3; "
        "UPDATE t SET t.a = s.a, t.b = s.b, t.m = s.m FROM dbo.tgt AS t WITH (ROWLOCK) INNER JOIN dbo.stg AS s"
        " ON s.id = t.id AND s.op = 1; "
        "INSERT INTO dbo.tgt WITH (TABLOCK) (id, a) SELECT s.id + 10, s.a FROM dbo.stg AS s WHERE s.op = 1"
    )
    found = connection.rows("SELECT id, a, CONVERT(varchar(20), b), m FROM dbo.tgt ORDER BY id")
    assert _texts(found) == [
        ("1", "a", "1.5000", "toast"), ("2", "b", None, None), ("11", "a", None, None), ("12", "b", None, None),
    ]  # fmt: skip


def test_keys_and_unique_values_change_places_in_one_statement(connection: Connection) -> None:
    """Uniqueness and foreign keys are looked at when the statement ends."""
    connection.rows(
        "DROP TABLE IF EXISTS dbo.swap_child; DROP TABLE IF EXISTS dbo.swap_row; DROP TABLE IF EXISTS dbo.swap_stage;"
        "CREATE TABLE dbo.swap_row (id int NOT NULL PRIMARY KEY, code nvarchar(20) NOT NULL);"
        "CREATE UNIQUE INDEX ux_swap ON dbo.swap_row (code);"
        "CREATE TABLE dbo.swap_child (id int PRIMARY KEY, parent int NOT NULL REFERENCES dbo.swap_row (id));"
        "CREATE TABLE dbo.swap_stage (op tinyint NOT NULL, o1 int, c1 int, c2 nvarchar(20))"
    )
    connection.rows(
        "INSERT INTO dbo.swap_row VALUES (1, N'a'), (2, N'b'), (3, N'c'); INSERT INTO dbo.swap_child VALUES (1, 1), (2, 2);"
        "INSERT INTO dbo.swap_stage VALUES (3, 1, 2, N'a'), (3, 2, 1, N'c'), (4, 3, 3, N'b')"
    )
    connection.rows(
        "UPDATE t SET t.id = s.c1, t.code = s.c2 FROM dbo.swap_row AS t INNER JOIN dbo.swap_stage AS s ON t.id = s.o1"
        " WHERE s.op IN (3, 4)"
    )
    found = connection.rows("SELECT id, code FROM dbo.swap_row ORDER BY id")
    assert _texts(found) == [("1", "c"), ("2", "a"), ("3", "b")]
    connection.rows("DROP TABLE dbo.swap_child; DROP TABLE dbo.swap_row; DROP TABLE dbo.swap_stage")


def test_rows_compared_with_null_equal_to_null(connection: Connection) -> None:
    connection.rows(EMPTY)
    connection.rows(
        "INSERT INTO dbo.tgt VALUES (1, NULL, 1, N'x'), (2, N'A', NULL, NULL), (3, N'b', 1, N'x');"
        "INSERT INTO dbo.stg VALUES (1, NULL, 1, NULL, 1, N'x '), (1, NULL, 2, N'a ', NULL, NULL), (1, NULL, 3, N'b', NULL, N'x')"
    )
    found = connection.rows(
        "SELECT t.id FROM dbo.tgt AS t INNER JOIN dbo.stg AS s ON t.id = s.id AND"
        " EXISTS (SELECT t.a, t.b, t.m INTERSECT SELECT s.a, s.b, s.m) ORDER BY t.id"
    )
    assert _texts(found) == [("1",), ("2",)]


def test_doubles_are_counted_and_go_one_by_one(connection: Connection) -> None:
    connection.rows("DROP TABLE IF EXISTS dbo.heap; CREATE TABLE dbo.heap (a int NULL, b nvarchar(10) NULL)")
    connection.rows("INSERT INTO dbo.heap VALUES (1, N'x'), (1, N'x'), (1, N'x'), (2, NULL), (2, NULL)")
    connection.rows("DELETE TOP (1) FROM dbo.heap WHERE a = 1 AND b = N'x'")
    connection.rows(
        "WITH d AS (SELECT h.a, ROW_NUMBER() OVER (PARTITION BY h.a, h.b ORDER BY (SELECT NULL)) AS rn FROM dbo.heap AS h)"
        " DELETE FROM d WHERE rn > 1 AND a = 2"
    )
    connection.rows("DECLARE @n bigint = 1; DELETE TOP (@n) FROM dbo.heap WHERE a = 1")
    assert _texts(connection.rows("SELECT a, b FROM dbo.heap ORDER BY a")) == [("1", "x"), ("2", None)]
    connection.rows(
        "WITH d AS (SELECT a, b, ROW_NUMBER() OVER (PARTITION BY a ORDER BY (SELECT NULL)) AS rn FROM dbo.heap)"
        " UPDATE d SET b = N'y' FROM d INNER JOIN (SELECT 2 AS a) AS k ON k.a = d.a WHERE d.rn = 1"
    )
    assert _texts(connection.rows("SELECT a, b FROM dbo.heap ORDER BY a")) == [("1", "x"), ("2", "y")]


def test_one_of_several_twins_goes_whatever_is_known_of_the_table(connection: Connection) -> None:
    """Statistics of an empty table lead to another plan than those of a full one, and to the same rows."""
    row = "EXISTS (SELECT t.a, CONVERT(varbinary(max), t.b) INTERSECT SELECT s.a, CONVERT(varbinary(max), s.b))"
    for known in ("dbo.twins", "dbo.picked"):
        connection.rows(
            "DROP TABLE IF EXISTS dbo.twins, dbo.picked; CREATE TABLE dbo.twins (a int NULL, b nvarchar(max) NULL);"
            "CREATE TABLE dbo.picked (seq bigint NOT NULL, a int NULL, b nvarchar(max) NULL)"
        )
        connection.rows(
            "INSERT INTO dbo.twins VALUES (0, N''); INSERT INTO dbo.picked VALUES (0, 0, N'');"
            "DELETE FROM dbo.twins; DELETE FROM dbo.picked"
        )
        connection.rows(f"UPDATE STATISTICS {known}")
        connection.rows("INSERT INTO dbo.twins VALUES (1, NULL), (1, NULL), (1, NULL), (1, NULL), (2, N'x'), (2, N'x')")
        connection.rows("INSERT INTO dbo.picked VALUES (7, 1, NULL), (8, 2, N'x')")
        connection.rows(f"DELETE TOP (1) t FROM dbo.twins AS t INNER JOIN dbo.picked AS s ON s.seq = 7 AND {row}")
        connection.rows(
            f"UPDATE TOP (1) t SET a = 3 FROM dbo.twins AS t INNER JOIN dbo.picked AS s ON s.seq = 8 AND {row}"
        )
        left = connection.rows("SELECT a, COUNT(*) FROM dbo.twins GROUP BY a ORDER BY a")
        assert _texts(left) == [("1", "3"), ("2", "1"), ("3", "1")]
    connection.rows("DROP TABLE dbo.twins, dbo.picked")


def test_bytes_of_values(connection: Connection) -> None:
    for expression, expected in (
        ("CONVERT(varbinary(max), N'aé😀')", "6100E9003DD800DE"),
        ("CONVERT(varbinary(8), CONVERT(float, 1.5))", "3FF8000000000000"),
        ("CONVERT(varbinary(4), CONVERT(real, 1.5))", "3FC00000"),
        ("CONVERT(varbinary(8), CONVERT(bigint, -2))", "FFFFFFFFFFFFFFFE"),
        ("CONVERT(varbinary(4), DATALENGTH(N'ab'))", "00000004"),
        ("0x01 + 0x0203 + CONVERT(varbinary(max), N'a')", "0102036100"),
        ("CONVERT(varbinary(16), CONVERT(uniqueidentifier, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'))",
         "99BCEEA00B9CF84EBB6D6BB9BD380A11"),
        ("ISNULL(CONVERT(varbinary(max), NULL), 0x00)", "00"),
        ("HASHBYTES('SHA2_256', CONVERT(varbinary(max), REPLICATE(CONVERT(nvarchar(max), N'x'), 9000)))",
         hashlib.sha256(("x" * 9000).encode("utf-16-le")).hexdigest().upper()),
        ("HASHBYTES('MD5', 0x01)", hashlib.md5(b"\1").hexdigest().upper()),
        ("HASHBYTES('SHA2_512', 0x01)", hashlib.sha512(b"\1").hexdigest().upper()),
    ):  # fmt: skip
        assert (expression, _hex(connection, expression)) == (expression, expected)


def test_texts_of_values(connection: Connection) -> None:
    moment = "2024-01-01T01:02:03.000001"
    for expression, expected in (
        ("CONVERT(nvarchar(60), CONVERT(decimal(38,10), -1.5))", "-1.5000000000"),
        (f"CONVERT(nvarchar(60), CONVERT(datetime2(6), '{moment}'), 121)", "2024-01-01 01:02:03.000001"),
        (f"CONVERT(nvarchar(60), CONVERT(datetime2(6), '{moment}'), 126)", moment),
        (f"CONVERT(nvarchar(60), CONVERT(datetimeoffset(6), '{moment}+00:00'), 121)", "2024-01-01 01:02:03.000001 +00:00"),
        ("CONVERT(nvarchar(60), CONVERT(date, '0001-01-01'), 23)", "0001-01-01"),
        ("CONVERT(nvarchar(60), CONVERT(time(6), '01:02:03.5'), 121)", "01:02:03.500000"),
        ("CONVERT(nvarchar(36), CONVERT(uniqueidentifier, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'))",
         "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"),
        ("CONVERT(nvarchar(5), CONVERT(bit, 1))", "1"),
        ("CONVERT(nvarchar(20), CONVERT(bigint, SUBSTRING(0x0000000000000102030405060708, 7, 8)))", "72623859790382856"),
        ("CONVERT(nvarchar(20), DATALENGTH(N'aé😀'))", "8"),
    ):  # fmt: skip
        assert (expression, _one(connection, f"SELECT {expression}")) == (expression, expected)


def test_application_locks(session: Connection, other: Connection) -> None:
    take = (
        "SET NOCOUNT ON; DECLARE @r int; EXEC @r = sp_getapplock @Resource = N'millrace:p', @LockMode = 'Exclusive',"
        " @LockOwner = '{}', @LockTimeout = {}; SELECT @r"
    )
    release = (
        "SET NOCOUNT ON; DECLARE @r int; EXEC @r = sp_releaseapplock @Resource = N'millrace:p', @LockOwner = 'Session';"
        " SELECT @r"
    )
    assert _one(session, take.format("Session", 0)) == "0"
    assert _one(other, take.format("Session", 0)) == "-1"
    assert _one(other, take.format("Session", 50)) == "-1"
    other.rows("BEGIN TRAN")
    assert _one(other, take.format("Transaction", 20)) == "-1"
    assert _one(other, "SELECT @@TRANCOUNT") == "1"
    assert _one(session, release) == "0"
    assert _one(other, take.format("Transaction", 20)) == "0"
    assert _one(session, take.format("Session", 0)) == "-1"
    other.rows("COMMIT")
    assert _one(session, take.format("Session", 0)) == "0"
    session.rows("EXEC sp_releaseapplock @Resource = N'millrace:p', @LockOwner = 'Session'")
    assert _fails(session, "EXEC sp_releaseapplock @Resource = N'millrace:p', @LockOwner = 'Session'") == 1223


def test_identity_values(session: Connection) -> None:
    session.rows(
        "DROP TABLE IF EXISTS dbo.idt; DROP TABLE IF EXISTS dbo.idt2; "
        "CREATE TABLE dbo.idt (id bigint IDENTITY(10,5) NOT NULL PRIMARY KEY, v int);"
        "CREATE TABLE dbo.idt2 (id int IDENTITY NOT NULL, v int)"
    )
    session.rows("INSERT INTO dbo.idt (v) VALUES (1)")
    assert _fails(session, "INSERT INTO dbo.idt VALUES (5, 1)") == 8101
    assert _fails(session, "INSERT INTO dbo.idt (id, v) VALUES (5, 1)") == 544
    session.rows("SET IDENTITY_INSERT dbo.idt ON")
    assert _fails(session, "SET IDENTITY_INSERT dbo.idt2 ON") == 8107
    session.rows("INSERT INTO dbo.idt (id, v) VALUES (5, 1)")
    session.rows("SET IDENTITY_INSERT dbo.idt OFF")
    session.rows("DBCC CHECKIDENT ('dbo.idt', RESEED, 100) WITH NO_INFOMSGS")
    session.rows("INSERT INTO dbo.idt (v) VALUES (2)")
    assert _texts(session.rows("SELECT id FROM dbo.idt ORDER BY id")) == [("5",), ("10",), ("105",)]
    session.rows("DBCC CHECKIDENT ('dbo.idt2', RESEED, 7) WITH NO_INFOMSGS")
    session.rows("INSERT INTO dbo.idt2 (v) VALUES (2)")
    assert _one(session, "SELECT MAX(id) FROM dbo.idt2") == "7"


def test_schemas_and_transfers(connection: Connection) -> None:
    connection.rows("IF SCHEMA_ID(N'staging') IS NULL EXEC (N'CREATE SCHEMA [staging]')")
    connection.rows(
        "DROP TABLE IF EXISTS dbo.moved; DROP TABLE IF EXISTS staging.moved; "
        "CREATE TABLE staging.moved (id int NOT NULL PRIMARY KEY); INSERT INTO staging.moved VALUES (1)"
    )
    connection.rows("ALTER SCHEMA dbo TRANSFER OBJECT::staging.moved")
    assert _texts(connection.rows("SELECT id FROM dbo.moved")) == [("1",)]
    assert _fails(connection, "SELECT id FROM staging.moved") == 208


def test_a_table_takes_anothers_place(session: Connection) -> None:
    """Load policy swap: with the key's name, and taken back whole."""
    session.rows(
        "DROP TABLE IF EXISTS dbo.swapped; DROP TABLE IF EXISTS dbo.beside;"
        "CREATE TABLE dbo.swapped (id int NOT NULL CONSTRAINT mine PRIMARY KEY, v int);"
        "CREATE TABLE dbo.beside (id int NOT NULL CONSTRAINT PK_beside PRIMARY KEY CLUSTERED, v int);"
        "INSERT INTO dbo.swapped VALUES (1, 1); INSERT INTO dbo.beside VALUES (1, 2)"
    )
    swap = (
        "IF EXISTS (SELECT name FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[swapped]') AND index_id > 0"
        " AND is_primary_key = 0) OR EXISTS (SELECT OBJECT_NAME(referencing_id) FROM sys.sql_expression_dependencies"
        " WHERE referenced_id = OBJECT_ID(N'[dbo].[swapped]') AND is_schema_bound_reference = 1)"
        " OR EXISTS (SELECT permission_name FROM sys.database_permissions WHERE class = 1"
        " AND major_id = OBJECT_ID(N'[dbo].[swapped]')) OR EXISTS (SELECT name FROM sys.tables WHERE object_id ="
        " OBJECT_ID(N'[dbo].[swapped]') AND (temporal_type <> 0 OR is_memory_optimized = 1)) THROW 51013, N'no', 1;\n"
        "DECLARE @key sysname = (SELECT name FROM sys.key_constraints WHERE parent_object_id ="
        " OBJECT_ID(N'[dbo].[swapped]') AND type = 'PK');\n"
        "DECLARE @made nvarchar(600) = (SELECT N'[dbo].' + QUOTENAME(name) FROM sys.key_constraints WHERE parent_object_id ="
        " OBJECT_ID(N'[dbo].[beside]') AND type = 'PK');\n"
        "DROP TABLE [dbo].[swapped];\nEXEC sp_rename N'[dbo].[beside]', N'swapped';\n"
        "IF @key IS NOT NULL AND @made IS NOT NULL EXEC sp_rename @made, @key, N'OBJECT';"
    )
    for end, value in (("ROLLBACK", "1"), ("COMMIT", "2")):
        session.rows("SET XACT_ABORT ON; BEGIN TRANSACTION")
        session.rows(swap)
        session.rows(f"{end} TRANSACTION")
        assert _one(session, "SELECT v FROM dbo.swapped") == value
        found = _one(session, "SELECT name FROM sys.key_constraints WHERE parent_object_id = OBJECT_ID(N'dbo.swapped')")
        assert found == "mine"
    session.rows("CREATE INDEX ix ON dbo.swapped (v)")
    assert _fails(session, swap) == 51013
    session.rows("DROP TABLE dbo.swapped")


def test_what_xact_abort_does(session: Connection) -> None:
    session.rows("DROP TABLE IF EXISTS dbo.x; CREATE TABLE dbo.x (id int NOT NULL PRIMARY KEY)")
    assert (
        _fails(session, "SET XACT_ABORT OFF; BEGIN TRAN; INSERT INTO dbo.x VALUES (1); INSERT INTO dbo.x VALUES (1)")
        == 2627
    )
    session.rows("COMMIT")
    assert _one(session, "SELECT COUNT(*) FROM dbo.x") == "1"
    assert (
        _fails(
            session,
            "SET XACT_ABORT ON; BEGIN TRAN; INSERT INTO dbo.x VALUES (2); INSERT INTO dbo.x VALUES (1); COMMIT",
        )
        == 2627
    )
    assert _one(session, "SELECT @@TRANCOUNT") == "0"
    assert _one(session, "SELECT COUNT(*) FROM dbo.x") == "1"
    sql = (
        "SET NOCOUNT ON; SET XACT_ABORT ON; BEGIN TRY BEGIN TRAN; INSERT INTO dbo.x VALUES (1) END TRY "
        "BEGIN CATCH SELECT XACT_STATE(); ROLLBACK END CATCH"
    )
    assert _one(session, sql) == "-1"
    sql = (
        "SET XACT_ABORT ON; BEGIN TRY BEGIN TRAN; INSERT INTO dbo.x VALUES (1) END TRY "
        "BEGIN CATCH INSERT INTO dbo.x VALUES (9) END CATCH"
    )
    assert _fails(session, sql) == 3930
    session.rows("IF @@TRANCOUNT > 0 ROLLBACK")
    assert (
        _fails(session, "SET XACT_ABORT ON; BEGIN TRAN; INSERT INTO dbo.x VALUES (3); THROW 51000, N'fenced off', 1")
        == 51000
    )
    assert _one(session, "SELECT @@TRANCOUNT") == "0"
    assert _one(session, "SELECT COUNT(*) FROM dbo.x") == "1"


def test_definitions_around_a_load(connection: Connection) -> None:
    connection.rows(
        "DROP TABLE IF EXISTS dbo.def; CREATE TABLE dbo.def (id int NOT NULL, n nvarchar(20) NULL,"
        " CONSTRAINT pk_def PRIMARY KEY CLUSTERED (id)) WITH (DATA_COMPRESSION = NONE); INSERT INTO dbo.def VALUES (1, N'a')"
    )
    connection.rows("ALTER TABLE dbo.def SET (LOCK_ESCALATION = DISABLE); ALTER INDEX ALL ON dbo.def REBUILD")
    connection.rows("UPDATE STATISTICS dbo.def WITH FULLSCAN")
    connection.rows("ALTER TABLE dbo.def ADD x int NULL CONSTRAINT df_x DEFAULT (5) WITH VALUES, y int NULL DEFAULT 6")
    assert _texts(connection.rows("SELECT x, y FROM dbo.def")) == [("5", None)]
    assert _fails(connection, "ALTER TABLE dbo.def DROP COLUMN x") == 5074
    connection.rows("ALTER TABLE dbo.def DROP CONSTRAINT df_x, COLUMN x")
    assert _fails(connection, "ALTER TABLE dbo.def ADD COLUMN z int NULL") == 156
    connection.rows(
        "ALTER TABLE dbo.def DROP CONSTRAINT pk_def; ALTER TABLE dbo.def ADD CONSTRAINT pk_def2 PRIMARY KEY (id)"
    )
    connection.rows(
        "BEGIN TRAN; UPDATE dbo.def SET n = N'b'; COMMIT TRANSACTION WITH (DELAYED_DURABILITY = ON); EXEC sys.sp_flush_log"
    )
    assert _texts(connection.rows("SELECT n FROM dbo.def")) == [("b",)]
