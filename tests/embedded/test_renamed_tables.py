"""Source tables that are renamed while the pipeline streams: each row stays with its own table's copy, whatever the
names are, with event triggers and without."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from conftest import FAILPOINT_BINARY, Millrace, unequal

TABLES = ("ren_a", "ren_b", "ren_c", "ren_way", "ren_a_old")


@pytest.fixture(autouse=True)
def tables(admin: psycopg.Connection, source: psycopg.Connection, captured: bool) -> Iterator[None]:
    """ren_a and ren_b, told apart by their rows: those of a are below 1000."""
    sql = admin if captured else source
    clean(admin)
    for table, first in (("ren_a", 1), ("ren_b", 1001)):
        sql.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, t text)")
        sql.execute(f"INSERT INTO {table} SELECT i, '{table}' FROM generate_series({first}, {first + 9}) AS i")
    yield
    clean(admin)


@pytest.fixture(params=[True, False], ids=["told", "seen"])
def captured(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def sql(admin: psycopg.Connection, source: psycopg.Connection, captured: bool) -> psycopg.Connection:
    return admin if captured else source


def clean(admin: psycopg.Connection) -> None:
    admin.execute("DROP SCHEMA IF EXISTS ren_other CASCADE")
    admin.execute(f"DROP TABLE IF EXISTS {', '.join(TABLES)}")
    admin.execute("DROP PUBLICATION IF EXISTS ren")


class Pipeline:
    def __init__(self, millrace: Millrace, captured: bool, tables: str, *more: str) -> None:
        self.millrace, self.name = millrace, "REN_TOLD" if captured else "REN_SEEN"
        self.schema = self.name.lower()
        lab = millrace.lab
        user = lab["PG_SUPERUSER"] if captured else lab["PG_USER"]
        url = f"postgres://{user}@{lab['PG_HOST']}:{lab['PG_PORT']}/{lab['PG_DATABASE']}"
        password = {"MILLRACE_SOURCE_PASSWORD": lab["PG_SUPERUSER_PASSWORD"]} if captured else {}
        answer = millrace.call(
            "create", "--name", self.name, "--source", url, "--tables", tables, "--target",
            lab.target_url(self.schema), *more, "-o", "json", environment=password,
        )  # fmt: skip
        assert answer.code == 0, answer.out + answer.err
        self.catch_up()

    def catch_up(self) -> None:
        self.millrace.catch_up(self.name)

    def stops(self) -> str:
        answer = self.millrace.call("run", self.name, "--until-caught-up", "-o", "json")
        assert answer.code == 1, answer.out + answer.err
        assert "source.schema_changed" in answer.out + answer.err, answer.out + answer.err
        return answer.out + answer.err

    def killed(self, point: str) -> None:
        run = self.millrace.start(
            self.name, "--until-caught-up", environment={"MILLRACE_FAILPOINT": point}, binary=FAILPOINT_BINARY
        )
        assert run.process.wait(timeout=120) == -signal.SIGKILL, run.lines[-5:]

    def names(self) -> dict[str, str]:
        """Source -> target, as the pipeline tells it."""
        tables = self.millrace.call("status", self.name, "-o", "json").json["tables"]
        return {table["source"]: table["target"].split(".")[-1] for table in tables}

    def events(self, target: Any, kind: str) -> list[tuple[str, str]]:
        with target.cursor() as cursor:
            cursor.execute(
                "SELECT table_name, message FROM millrace.events WHERE pipeline = %s AND kind = %s ORDER BY id",
                (self.name, kind),
            )
            return list(cursor.fetchall())

    def delete(self) -> None:
        self.millrace.delete(self.name)


def copies(target: Any, schema: str) -> set[str]:
    with target.cursor() as cursor:
        cursor.execute("SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = %s", (schema,))
        return {name for (name,) in cursor.fetchall()}


def stages(target: Any) -> int:
    with target.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM sys.tables WHERE name LIKE 'stage[_]%'")
        return int(cursor.fetchall()[0][0])


def test_a_table_is_followed_to_its_new_name(
    millrace: Millrace, admin: psycopg.Connection, sql: psycopg.Connection, target: Any, captured: bool
) -> None:
    pipeline = Pipeline(millrace, captured, "ren_a,ren_b")
    before = stages(target)
    with sql.transaction():
        sql.execute("UPDATE ren_a SET t = 'before' WHERE id = 1")
        sql.execute("ALTER TABLE ren_a RENAME TO ren_c")
        sql.execute("UPDATE ren_c SET t = 'behind' WHERE id = 2")
        sql.execute("INSERT INTO ren_b VALUES (1050, 'beside')")
    pipeline.catch_up()
    pairs = [("public.ren_c", f"{pipeline.schema}.ren_c"), ("public.ren_b", f"{pipeline.schema}.ren_b")]
    assert unequal(admin, target, pairs) == []
    assert copies(target, pipeline.schema) == {"ren_b", "ren_c"}
    assert pipeline.names() == {"public.ren_b": "ren_b", "public.ren_c": "ren_c"}
    assert pipeline.events(target, "schema.applied") == [
        (
            "public.ren_c",
            f"table renamed, it was public.ren_a; {pipeline.schema}.ren_a on the target is {pipeline.schema}.ren_c now",
        )
    ]
    # All that names the table knows the new one.
    sql.execute("ALTER TABLE ren_c ADD COLUMN n int DEFAULT 5")
    sql.execute("INSERT INTO ren_c VALUES (3000, 'new', 6)")
    pipeline.catch_up()
    assert unequal(admin, target, pairs) == []
    assert stages(target) == before
    millrace.done("verify", pipeline.name)
    millrace.done("reload", pipeline.name, "ren_c")
    sql.execute("DELETE FROM ren_c WHERE id = 3")
    pipeline.catch_up()
    assert unequal(admin, target, pairs) == []
    pipeline.delete()
    assert copies(target, pipeline.schema) == set(), "delete knows the copy by its new name"


def test_two_tables_exchange_names(
    millrace: Millrace, admin: psycopg.Connection, sql: psycopg.Connection, target: Any, captured: bool
) -> None:
    pipeline = Pipeline(millrace, captured, "ren_a,ren_b")
    for step in range(3):
        with sql.transaction():
            sql.execute(f"UPDATE ren_a SET t = 'before {step}'")
            sql.execute(f"UPDATE ren_b SET t = 'before too {step}' WHERE id % 2 = 0")
            sql.execute("ALTER TABLE ren_a RENAME TO ren_way")
            sql.execute("ALTER TABLE ren_b RENAME TO ren_a")
            sql.execute("ALTER TABLE ren_way RENAME TO ren_b")
            sql.execute(f"INSERT INTO ren_a VALUES ({5000 + step}, 'behind')")
            sql.execute("DELETE FROM ren_b WHERE id % 5 = 4")
        if step != 1:  # once, and then twice at one go
            pipeline.catch_up()
            pairs = [(f"public.{each}", f"{pipeline.schema}.{each}") for each in ("ren_a", "ren_b")]
            assert unequal(admin, target, pairs) == []
            assert copies(target, pipeline.schema) == {"ren_a", "ren_b"}
    assert pipeline.names() == {"public.ren_a": "ren_a", "public.ren_b": "ren_b"}
    pipeline.delete()


def test_another_table_takes_the_old_name(
    millrace: Millrace, admin: psycopg.Connection, sql: psycopg.Connection, target: Any, captured: bool
) -> None:
    """A deploy that fills a new table and puts it in the place of the old one."""
    sql.execute("DROP TABLE ren_b")
    admin.execute("CREATE PUBLICATION ren FOR ALL TABLES")
    pipeline = Pipeline(
        millrace, captured, "public.ren_a*", "--publication", "ren", "--publication-mode", "disabled"
    )  # fmt: skip
    with sql.transaction():
        sql.execute("CREATE TABLE ren_way (id int PRIMARY KEY, t text)")
        sql.execute("INSERT INTO ren_way VALUES (7001, 'new')")
        sql.execute("UPDATE ren_a SET t = 'old' WHERE id = 1")
        sql.execute("ALTER TABLE ren_a RENAME TO ren_a_old")
        sql.execute("ALTER TABLE ren_way RENAME TO ren_a")
        sql.execute("INSERT INTO ren_a VALUES (7002, 'newer')")
        sql.execute("INSERT INTO ren_a_old VALUES (500, 'late')")
    pipeline.catch_up()
    sql.execute("INSERT INTO ren_a VALUES (7003, 'newest')")
    pipeline.catch_up()
    pairs = [(f"public.{each}", f"{pipeline.schema}.{each}") for each in ("ren_a", "ren_a_old")]
    assert unequal(admin, target, pairs) == []
    pipeline.delete()


def test_ignore_leaves_the_copy_its_name(
    millrace: Millrace, admin: psycopg.Connection, sql: psycopg.Connection, target: Any, captured: bool
) -> None:
    pipeline = Pipeline(millrace, captured, "ren_a,ren_b", "--schema-policy", "apply,rename_table=ignore")
    sql.execute("ALTER TABLE ren_a RENAME TO ren_c")
    sql.execute("INSERT INTO ren_c VALUES (50, 'behind')")
    pipeline.catch_up()
    pairs = [("public.ren_c", f"{pipeline.schema}.ren_a"), ("public.ren_b", f"{pipeline.schema}.ren_b")]
    assert unequal(admin, target, pairs) == []
    assert pipeline.names() == {"public.ren_b": "ren_b", "public.ren_c": "ren_a"}
    assert [table for table, _ in pipeline.events(target, "schema.ignored")] == ["public.ren_c"]
    millrace.done("reload", pipeline.name, "ren_c")
    sql.execute("INSERT INTO ren_c VALUES (51, 'behind')")
    pipeline.catch_up()
    assert unequal(admin, target, pairs) == []
    assert copies(target, pipeline.schema) == {"ren_a", "ren_b"}
    pipeline.delete()


def test_a_chosen_name_stays(
    millrace: Millrace, admin: psycopg.Connection, sql: psycopg.Connection, target: Any, captured: bool
) -> None:
    name = "ren_told" if captured else "ren_seen"
    pipeline = Pipeline(millrace, captured, "ren_a", "--rename", f"public.ren_a={name}.mine")
    sql.execute("ALTER TABLE ren_a RENAME TO ren_c")
    sql.execute("INSERT INTO ren_c VALUES (50, 'behind')")
    pipeline.catch_up()
    assert unequal(admin, target, [("public.ren_c", f"{name}.mine")]) == []
    pipeline.delete()


def test_another_schema(
    millrace: Millrace, admin: psycopg.Connection, target: Any, sql: psycopg.Connection, captured: bool
) -> None:
    admin.execute("CREATE SCHEMA ren_other")
    admin.execute(f"GRANT ALL ON SCHEMA ren_other TO {millrace.lab['PG_OWNER_USER']}, {millrace.lab['PG_USER']}")
    pipeline = Pipeline(millrace, captured, "ren_a,ren_b")
    sql.execute("ALTER TABLE ren_a SET SCHEMA ren_other")
    sql.execute("INSERT INTO ren_other.ren_a VALUES (50, 'behind')")
    pipeline.catch_up()
    assert unequal(admin, target, [("ren_other.ren_a", f"{pipeline.schema}.ren_a")]) == []
    assert pipeline.names() == {"ren_other.ren_a": "ren_a", "public.ren_b": "ren_b"}
    pipeline.delete()


def test_pause_stops_until_the_old_name_is_back(
    millrace: Millrace, admin: psycopg.Connection, sql: psycopg.Connection, target: Any, captured: bool
) -> None:
    pipeline = Pipeline(millrace, captured, "ren_a,ren_b", "--schema-policy", "apply,rename_table=pause")
    sql.execute("ALTER TABLE ren_a RENAME TO ren_c")
    sql.execute("INSERT INTO ren_c VALUES (50, 'behind')")
    assert "public.ren_c" in pipeline.stops()
    ((table, message),) = pipeline.events(target, "schema.stopped")
    assert table == "public.ren_a" and "rename_table is pause" in message
    pipeline.delete()


def test_a_name_that_the_target_has_already(
    millrace: Millrace, admin: psycopg.Connection, sql: psycopg.Connection, target: Any, captured: bool
) -> None:
    pipeline = Pipeline(millrace, captured, "ren_a,ren_b")
    with target.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {pipeline.schema}.ren_c (x int)")
    sql.execute("ALTER TABLE ren_a RENAME TO ren_c")
    sql.execute("INSERT INTO ren_c VALUES (50, 'behind')")
    assert "a name that the target has already" in pipeline.stops()
    assert pipeline.names() == {"public.ren_a": "ren_a", "public.ren_b": "ren_b"}
    assert len(pipeline.events(target, "schema.stopped")) == 1
    with target.cursor() as cursor:
        cursor.execute(f"DROP TABLE {pipeline.schema}.ren_c")
    pipeline.catch_up()
    assert unequal(admin, target, [("public.ren_c", f"{pipeline.schema}.ren_c")]) == []
    pipeline.delete()


@pytest.mark.parametrize("point", ["stage_loaded", "before_commit", "after_commit", "rename_stored"])
def test_killed_while_names_are_exchanged(
    millrace: Millrace, admin: psycopg.Connection, sql: psycopg.Connection, target: Any, captured: bool, point: str
) -> None:
    if not FAILPOINT_BINARY.exists():
        pytest.fail("no binary with failpoints: run ./dev build debug")
    pipeline = Pipeline(millrace, captured, "ren_a,ren_b")
    with sql.transaction():
        sql.execute("UPDATE ren_a SET t = 'before'")
        sql.execute("ALTER TABLE ren_a RENAME TO ren_way")
        sql.execute("ALTER TABLE ren_b RENAME TO ren_a")
        sql.execute("ALTER TABLE ren_way RENAME TO ren_b")
        sql.execute("INSERT INTO ren_a VALUES (5000, 'behind')")
        sql.execute("UPDATE ren_b SET t = 'behind' WHERE id = 2")
    pipeline.killed(point)
    sql.execute("INSERT INTO ren_b VALUES (900, 'later')")
    pipeline.catch_up()
    pairs = [(f"public.{each}", f"{pipeline.schema}.{each}") for each in ("ren_a", "ren_b")]
    assert unequal(admin, target, pairs) == []
    millrace.done("verify", pipeline.name)
    assert pipeline.names() == {"public.ren_a": "ren_a", "public.ren_b": "ren_b"}
    pipeline.delete()
