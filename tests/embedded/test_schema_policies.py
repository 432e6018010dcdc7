"""What a policy of each kind does with a real change of a source table, while the pipeline streams."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from changed_tables import answers, created, followed, loaded_anew
from conftest import Millrace, unequal, wait_equal

# Kind -> the change, and columns of the copy after it under apply.
BEFORE = ["id int", "n int", "note nvarchar", "size int"]
CHANGES: dict[str, tuple[str, list[str]]] = {
    "add_column": ("ALTER TABLE {} ADD COLUMN extra int DEFAULT 5", [*BEFORE, "extra int"]),
    "drop_column": ("ALTER TABLE {} DROP COLUMN n", ["id int", "note nvarchar", "size int"]),
    "rename_column": ("ALTER TABLE {} RENAME COLUMN n TO m", ["id int", "m int", "note nvarchar", "size int"]),
    "change_type": (
        "ALTER TABLE {} ALTER COLUMN size TYPE bigint",
        ["id int", "n int", "note nvarchar", "size bigint"],
    ),
    "nullability": ("ALTER TABLE {} ALTER COLUMN size DROP NOT NULL", BEFORE),
    "change_key": ("ALTER TABLE {0} DROP CONSTRAINT {0}_pkey, ADD PRIMARY KEY (size)", BEFORE),
    "drop_table": ("DROP TABLE {}", BEFORE),
}


def columns(target: Any, schema: str, table: str) -> list[tuple[str, str]]:
    with target.cursor() as cursor:
        cursor.execute(
            "SELECT c.COLUMN_NAME, c.DATA_TYPE, c.IS_NULLABLE FROM INFORMATION_SCHEMA.COLUMNS AS c"
            " WHERE c.TABLE_SCHEMA = %s AND c.TABLE_NAME = %s ORDER BY c.ORDINAL_POSITION",
            (schema, table),
        )
        return [(f"{name} {kind}", nullable) for name, kind, nullable in cursor.fetchall()]


def key(target: Any, schema: str, table: str) -> list[str]:
    with target.cursor() as cursor:
        cursor.execute(
            "SELECT c.name FROM sys.indexes AS i JOIN sys.index_columns AS ic ON ic.object_id = i.object_id"
            " AND ic.index_id = i.index_id JOIN sys.columns AS c ON c.object_id = ic.object_id"
            " AND c.column_id = ic.column_id WHERE i.is_primary_key = 1 AND i.object_id = OBJECT_ID(%s)"
            " ORDER BY ic.key_ordinal",
            (f"{schema}.{table}",),
        )
        return [name for (name,) in cursor.fetchall()]


def make(admin: psycopg.Connection, kinds: list[str]) -> None:
    for kind in kinds:
        admin.execute(f"DROP TABLE IF EXISTS policy_{kind}")
        admin.execute(f"CREATE TABLE policy_{kind} (id int PRIMARY KEY, n int, note text, size int NOT NULL)")
        admin.execute(f"INSERT INTO policy_{kind} VALUES (1, 1, 'a', 1)")


def change(admin: psycopg.Connection, kind: str) -> None:
    with admin.transaction():
        admin.execute(CHANGES[kind][0].format(f"policy_{kind}"))
        if kind == "drop_table":
            return
        size = "NULL" if kind == "nullability" else "2"
        admin.execute(f"INSERT INTO policy_{kind} (id, note, size) VALUES (2, 'b', {size})")


def drop(admin: psycopg.Connection, kinds: list[str]) -> None:
    for kind in kinds:
        admin.execute(f"DROP TABLE IF EXISTS policy_{kind}")


def notes(target: Any, schema: str, kind: str) -> list[str]:
    with target.cursor() as cursor:
        cursor.execute(f"SELECT note FROM {schema}.policy_{kind} ORDER BY id")
        return [note for (note,) in cursor.fetchall()]


def told(target: Any, pipeline: str, kind: str) -> set[tuple[str, str]]:
    """Table and message of the events of a kind; none is there twice, each has an LSN."""
    with target.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, message, lsn FROM millrace.events WHERE pipeline = %s AND kind = %s", (pipeline, kind)
        )
        rows = list(cursor.fetchall())
    assert all(lsn is not None and lsn > 0 for _, _, lsn in rows), rows
    events = {(table, message) for table, message, _ in rows}
    assert len(events) == len(rows), rows
    return events


def test_apply(millrace: Millrace, admin: psycopg.Connection, target: Any) -> None:
    kinds = list(CHANGES)
    make(admin, kinds)
    created(millrace, "POLICY_APPLY", kinds, "apply")
    for kind in kinds:
        change(admin, kind)
    millrace.catch_up("POLICY_APPLY")
    for kind in kinds:
        now = columns(target, "policy_apply", f"policy_{kind}")
        assert [column for column, _ in now] == CHANGES[kind][1], kind
        assert dict(now).get("size int") in ({"nullability": "YES"}.get(kind, "NO"), None)
        assert notes(target, "policy_apply", kind) == (["a"] if kind == "drop_table" else ["a", "b"]), kind
    assert key(target, "policy_apply", "policy_change_key") == ["size"]
    assert told(target, "POLICY_APPLY", "schema.applied") == {
        ("public.policy_add_column", "column extra added: int, rows that are there got its default"),
        ("public.policy_drop_column", "column n dropped"),
        ("public.policy_rename_column", "column n renamed to m"),
        ("public.policy_change_type", "column size changed: bigint, was integer; on the target bigint, was int"),
        ("public.policy_nullability", "column size takes NULL"),
        ("public.policy_change_key", "key changed: size"),
        ("public.policy_drop_table", "table dropped; its copy stays as it is"),
    }
    assert not told(target, "POLICY_APPLY", "schema.ignored") | told(target, "POLICY_APPLY", "schema.stopped")
    millrace.delete("POLICY_APPLY")
    drop(admin, kinds)


def test_ignore(millrace: Millrace, admin: psycopg.Connection, target: Any) -> None:
    kinds = list(CHANGES)
    make(admin, kinds)
    created(millrace, "POLICY_IGNORE", kinds, "ignore,drop_table=apply")
    for kind in kinds:
        if kind != "nullability":  # a NULL would stop it, which is the policy's word
            change(admin, kind)
    admin.execute(CHANGES["nullability"][0].format("policy_nullability"))
    admin.execute("INSERT INTO policy_nullability VALUES (2, 2, 'b', 2)")
    millrace.catch_up("POLICY_IGNORE")
    for kind in kinds:
        now = columns(target, "policy_ignore", f"policy_{kind}")
        assert [column for column, _ in now] == BEFORE, kind
        assert dict(now)["size int"] == "NO", kind
        assert notes(target, "policy_ignore", kind) == (["a"] if kind == "drop_table" else ["a", "b"]), kind
    assert key(target, "policy_ignore", "policy_change_key") == ["id"]
    # Each change comes again with the words of the next runs, and is told once.
    for kind in kinds:
        if kind != "drop_table":
            admin.execute(f"INSERT INTO policy_{kind} (id, note, size) VALUES (3, 'c', 3)")
    millrace.catch_up("POLICY_IGNORE")
    assert told(target, "POLICY_IGNORE", "schema.ignored") == {
        ("public.policy_add_column", "column extra added: integer, left out"),
        ("public.policy_drop_column", "column n dropped; the target's stays and takes NULL"),
        ("public.policy_rename_column", "column n renamed to m; on the target it stays n"),
        ("public.policy_change_type", "column size changed: bigint, was integer; the target's int stays"),
        ("public.policy_nullability", "column size takes NULL; the target's does not"),
        ("public.policy_change_key", "key changed: size; the target's stays"),
    }
    dropped = {("public.policy_drop_table", "table dropped; its copy stays as it is")}
    assert told(target, "POLICY_IGNORE", "schema.applied") == dropped
    millrace.delete("POLICY_IGNORE")
    drop(admin, kinds)


@pytest.mark.parametrize("kind", list(CHANGES))
def test_pause_stops_in_front_of_that_kind_alone(
    millrace: Millrace, admin: psycopg.Connection, target: Any, kind: str
) -> None:
    other = "rename_column" if kind != "rename_column" else "add_column"
    make(admin, [kind, other])
    name = "POLICY_PAUSE"
    created(millrace, name, [kind, other], f"apply,{kind}=pause")
    change(admin, other)
    millrace.catch_up(name)
    change(admin, kind)
    answer = millrace.call("run", name, "--until-caught-up", "-o", "json")
    assert answer.code == 1
    assert "source.schema_changed" in answer.out + answer.err and f"policy_{kind}" in answer.out + answer.err
    ((table, message),) = told(target, name, "schema.stopped")
    assert table == f"public.policy_{kind}" and "pause" in message, message
    assert [column for column, _ in columns(target, "policy_pause", f"policy_{kind}")] == BEFORE
    assert notes(target, "policy_pause", kind) == ["a"]
    assert [column for column, _ in columns(target, "policy_pause", f"policy_{other}")] == CHANGES[other][1]
    assert notes(target, "policy_pause", other) == ["a", "b"]
    millrace.delete(name)
    drop(admin, [kind, other])


@pytest.mark.parametrize("captured", [True, False])
def test_a_rewrite_that_computes_values(
    millrace: Millrace, admin: psycopg.Connection, source: psycopg.Connection, target: Any, captured: bool
) -> None:
    """With event triggers and without: neither shows in the rows that come."""
    sql = admin if captured else source
    name, copy = ("REWRITES_TOLD", "rewrites_told") if captured else ("REWRITES_SEEN", "rewrites_seen")
    pairs = [("public.policy_rewrites", f"{copy}.policy_rewrites"), ("public.policy_quiet", f"{copy}.policy_quiet")]
    for table in ("policy_rewrites", "policy_quiet"):
        admin.execute(f"DROP TABLE IF EXISTS {table}")
        sql.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, n int, t text)")
        sql.execute(f"INSERT INTO {table} SELECT i, i, 'Row ' || i FROM generate_series(1, 50) AS i")
    followed(millrace, name, ["rewrites", "quiet"], captured)
    # What writes a file anew and leaves the values.
    sql.execute("VACUUM FULL policy_rewrites")
    sql.execute("INSERT INTO policy_rewrites VALUES (51, 51, 'after')")
    millrace.catch_up(name)
    assert loaded_anew(target, name) == []
    sql.execute("CLUSTER policy_rewrites USING policy_rewrites_pkey")
    sql.execute("ALTER TABLE policy_rewrites ALTER n TYPE bigint USING n::bigint")
    sql.execute("UPDATE policy_rewrites SET n = 8000000000 WHERE id = 2")
    millrace.catch_up(name)
    # Without triggers it cannot be told from one that computes.
    assert loaded_anew(target, name) == ([] if captured else ["public.policy_rewrites"])
    sql.execute("TRUNCATE policy_quiet")
    sql.execute("INSERT INTO policy_quiet VALUES (1, 1, 'New')")
    millrace.catch_up(name)
    assert unequal(admin, target, pairs) == []
    # What computes values: one table has rows behind it, the other none.
    for table in ("policy_rewrites", "policy_quiet"):
        sql.execute(f"ALTER TABLE {table} ALTER t TYPE text USING upper(t)")
        if table == "policy_rewrites":
            sql.execute(f"UPDATE {table} SET n = 0 WHERE id = 1")
        before = loaded_anew(target, name)
        millrace.catch_up(name)
        assert loaded_anew(target, name) == [*before, f"public.{table}"]
        assert unequal(admin, target, pairs) == []
    sql.execute("ALTER TABLE policy_rewrites ALTER n TYPE numeric(12, 2) USING n / 8.0")
    sql.execute("INSERT INTO policy_rewrites VALUES (52, 0.13, 'behind')")
    millrace.catch_up(name)
    assert unequal(admin, target, pairs) == []
    assert "n decimal" in [column for column, _ in columns(target, copy, "policy_rewrites")]
    millrace.delete(name)
    for table in ("policy_rewrites", "policy_quiet"):
        sql.execute(f"DROP TABLE {table}")


def test_a_table_is_loaded_anew_beside_the_others(
    millrace: Millrace, admin: psycopg.Connection, source: psycopg.Connection, target: Any
) -> None:
    """While rows come for both; each of the other's is there once."""
    kinds = ["anew", "others"]
    make(admin, kinds)
    admin.execute("ALTER TABLE policy_others DROP CONSTRAINT policy_others_pkey, REPLICA IDENTITY FULL")
    admin.execute("INSERT INTO policy_anew SELECT i, i, 'n', i FROM generate_series(2, 5000) AS i")
    created(millrace, "ANEW", kinds, "apply")
    run = millrace.start("ANEW")
    run.wait_event("stream.started")
    for step, using in enumerate(("size % 7", "size + 1000", "id * 2"), start=1):
        with admin.transaction():
            admin.execute(f"INSERT INTO policy_others VALUES ({step}, {step}, 'with it', 0)")
            admin.execute(f"ALTER TABLE policy_anew ALTER size TYPE {'int' if step % 2 else 'bigint'} USING {using}")
            admin.execute(f"INSERT INTO policy_anew VALUES ({-step}, 0, 'with it', 0)")
        admin.execute(f"UPDATE policy_anew SET n = n + 1 WHERE id % 3 = {step % 3}")
        admin.execute(f"INSERT INTO policy_others VALUES ({step}, {step}, 'behind', 0)")
    # A column that comes with values of its own.
    admin.execute("ALTER TABLE policy_anew ADD COLUMN u uuid NOT NULL DEFAULT gen_random_uuid()")
    admin.execute("UPDATE policy_anew SET n = 0 WHERE id < 10")
    wait_equal(admin, target, [(f"public.policy_{kind}", f"anew.policy_{kind}") for kind in kinds])
    assert run.stop() == 130
    assert run.events("failed") == [] and run.events("schema.stopped") == []
    assert set(loaded_anew(target, "ANEW")) == {"public.policy_anew"}
    millrace.delete("ANEW")
    drop(admin, kinds)


def test_what_a_load_anew_would_take_away_stays(millrace: Millrace, admin: psycopg.Connection, target: Any) -> None:
    """Somebody's index on a copy that has to be made anew: that is somebody's to say."""
    make(admin, ["indexed"])
    created(millrace, "INDEXED", ["indexed"], "apply")
    with target.cursor() as cursor:
        cursor.execute("CREATE INDEX policy_own ON indexed.policy_indexed (n)")
        target.commit()
    # The copy's columns fit: its rows are written anew, and the index stays.
    admin.execute("ALTER TABLE policy_indexed ALTER note TYPE text USING upper(note)")
    admin.execute("INSERT INTO policy_indexed VALUES (2, 2, 'b', 2)")
    millrace.catch_up("INDEXED")
    pairs = [("public.policy_indexed", "indexed.policy_indexed")]
    assert unequal(admin, target, pairs) == []
    admin.execute("ALTER TABLE policy_indexed ALTER size TYPE text USING 'size ' || size")
    admin.execute("INSERT INTO policy_indexed VALUES (3, 3, 'c', 'size 3')")
    answers(millrace, "INDEXED", 1, "index policy_own")
    assert notes(target, "indexed", "indexed") == ["A", "b"]
    millrace.done("reload", "INDEXED", "policy_indexed")
    millrace.catch_up("INDEXED")
    assert unequal(admin, target, pairs) == []
    millrace.delete("INDEXED")
    drop(admin, ["indexed"])


def test_a_rewrite_is_seen_while_no_row_comes(millrace: Millrace, source: psycopg.Connection, target: Any) -> None:
    source.execute("DROP TABLE IF EXISTS policy_quiet")
    source.execute("CREATE TABLE policy_quiet (id int PRIMARY KEY, t text)")
    source.execute("INSERT INTO policy_quiet VALUES (1, 'a')")
    millrace.create("REWRITES_LIVE", "policy_quiet", "rewrites_live")
    run = millrace.start("REWRITES_LIVE")
    run.wait_event("stream.started")
    source.execute("ALTER TABLE policy_quiet ALTER t TYPE text USING upper(t)")
    assert "policy_quiet" in str(run.wait_event("schema.applied"))
    wait_equal(source, target, [("public.policy_quiet", "rewrites_live.policy_quiet")])
    assert run.stop() == 130
    # Only where it is ignored, or where somebody wants to say so first, such a change is left to them.
    millrace.delete("REWRITES_LIVE")
    millrace.create("REWRITES_LIVE", "policy_quiet", "rewrites_live", "--schema-policy", "change_type=pause")
    run = millrace.start("REWRITES_LIVE")
    run.wait_event("stream.started")
    source.execute("ALTER TABLE policy_quiet ALTER t TYPE text USING lower(t)")
    assert "policy_quiet" in str(run.wait_event("failed"))
    assert run.process.wait(timeout=60) == 1
    millrace.delete("REWRITES_LIVE")
    source.execute("DROP TABLE policy_quiet")


def test_a_default_of_a_domain_fills_old_rows(
    millrace: Millrace, admin: psycopg.Connection, source: psycopg.Connection, target: Any
) -> None:
    """The catalog keeps it with the domain, not with the column."""
    for sql, name, copy in ((admin, "DOMAINS_TOLD", "domains_told"), (source, "DOMAINS_SEEN", "domains_seen")):
        admin.execute("DROP TABLE IF EXISTS policy_domains")
        sql.execute("CREATE DOMAIN policy_five AS int DEFAULT 5")
        sql.execute("CREATE DOMAIN policy_dice AS float8 DEFAULT random()")
        sql.execute("CREATE TABLE policy_domains (id int PRIMARY KEY)")
        sql.execute("INSERT INTO policy_domains SELECT generate_series(1, 9)")
        followed(millrace, name, ["domains"], sql is admin)
        sql.execute("ALTER TABLE policy_domains ADD COLUMN five policy_five")
        sql.execute("INSERT INTO policy_domains VALUES (10, 6)")
        millrace.catch_up(name)
        assert unequal(admin, target, [("public.policy_domains", f"{copy}.policy_domains")]) == []
        sql.execute("ALTER TABLE policy_domains ADD COLUMN dice policy_dice")
        sql.execute("INSERT INTO policy_domains VALUES (11)")
        millrace.catch_up(name)
        assert loaded_anew(target, name) == ["public.policy_domains"]
        assert unequal(admin, target, [("public.policy_domains", f"{copy}.policy_domains")]) == []
        millrace.delete(name)
        sql.execute("DROP TABLE policy_domains")
        sql.execute("DROP DOMAIN policy_five, policy_dice")


@pytest.mark.parametrize("captured", [True, False])
def test_a_table_that_comes_is_carried(
    millrace: Millrace, admin: psycopg.Connection, source: psycopg.Connection, target: Any, captured: bool
) -> None:
    """Told by the event trigger at once, without it with the first row."""
    lab = millrace.lab
    sql = admin if captured else source
    name, copy = ("CAME_TOLD", "came_told") if captured else ("CAME_SEEN", "came_seen")
    for table in ("came_a", "came_b", "came_c", "came_pause", "other_came"):
        admin.execute(f"DROP TABLE IF EXISTS {table}")
    admin.execute("DROP PUBLICATION IF EXISTS came")
    admin.execute("CREATE PUBLICATION came FOR ALL TABLES")
    for table in ("came_a", "came_b"):
        sql.execute(f"CREATE TABLE {table} (id int PRIMARY KEY, t text)")
    user = lab["PG_SUPERUSER"] if captured else lab["PG_USER"]
    url = f"postgres://{user}@{lab['PG_HOST']}:{lab['PG_PORT']}/{lab['PG_DATABASE']}"
    password = {"MILLRACE_SOURCE_PASSWORD": lab["PG_SUPERUSER_PASSWORD"]} if captured else {}
    answer = millrace.call(
        "create", "--name", name, "--source", url, "--tables", "public.came_*", "--target", lab.target_url(copy),
        "--publication", "came", "--publication-mode", "disabled", "-o", "json", environment=password,
    )  # fmt: skip
    assert answer.code == 0, answer.out + answer.err
    millrace.catch_up(name)
    millrace.done("remove-tables", name, "public.came_b")
    run = millrace.start(name)
    run.wait_event("stream.started")
    with sql.transaction():
        sql.execute("CREATE TABLE came_c (id int PRIMARY KEY, t text)")
        sql.execute("INSERT INTO came_c VALUES (1, 'with it')")
        sql.execute("INSERT INTO came_a VALUES (1, 'beside')")
    sql.execute("CREATE TABLE other_came (id int PRIMARY KEY)")
    sql.execute("INSERT INTO other_came VALUES (1)")
    sql.execute("INSERT INTO came_b VALUES (1, 'was taken out')")
    assert "came_c" in str(run.wait_event("table.added"))
    sql.execute("INSERT INTO came_c VALUES (2, 'behind')")
    pairs = [(f"public.{each}", f"{copy}.{each}") for each in ("came_a", "came_c")]
    wait_equal(admin, target, pairs)
    assert run.stop() == 130
    assert len(run.events("table.added")) == 1, run.events("table.added")
    assert [(event["table"], event["message"]) for event in run.events("schema.applied")] == [
        ("public.came_c", "table made on the source; it is loaded and carried")
    ]
    tables = {table["source"] for table in millrace.call("status", name, "-o", "json").json["tables"]}
    assert tables == {"public.came_a", "public.came_c"}
    millrace.delete(name)
    for table in ("came_a", "came_b", "came_c", "other_came"):
        sql.execute(f"DROP TABLE {table}")
    admin.execute("DROP PUBLICATION came")


@pytest.mark.parametrize("captured", [True, False])
def test_a_table_that_is_left_alone_is_told_once(
    millrace: Millrace, admin: psycopg.Connection, source: psycopg.Connection, target: Any, captured: bool
) -> None:
    """Without event triggers each connection tells its relation anew."""
    lab = millrace.lab
    sql = admin if captured else source
    name, copy = ("LEFT_TOLD", "left_told") if captured else ("LEFT_SEEN", "left_seen")
    admin.execute("DROP TABLE IF EXISTS left_a, left_b, other_left")
    admin.execute("DROP PUBLICATION IF EXISTS left_alone")
    admin.execute("CREATE PUBLICATION left_alone FOR ALL TABLES")
    sql.execute("CREATE TABLE left_a (id int PRIMARY KEY)")
    user = lab["PG_SUPERUSER"] if captured else lab["PG_USER"]
    url = f"postgres://{user}@{lab['PG_HOST']}:{lab['PG_PORT']}/{lab['PG_DATABASE']}"
    password = {"MILLRACE_SOURCE_PASSWORD": lab["PG_SUPERUSER_PASSWORD"]} if captured else {}
    answer = millrace.call(
        "create", "--name", name, "--source", url, "--tables", "public.left_*", "--target", lab.target_url(copy),
        "--publication", "left_alone", "--publication-mode", "disabled", "--schema-policy", "apply,new_table=ignore",
        "-o", "json", environment=password,
    )  # fmt: skip
    assert answer.code == 0, answer.out + answer.err
    millrace.catch_up(name)
    for table in ("left_b", "other_left"):
        sql.execute(f"CREATE TABLE {table} (id int PRIMARY KEY)")
    for row in (1, 2):
        for table in ("left_a", "left_b", "other_left"):
            sql.execute(f"INSERT INTO {table} VALUES ({row})")
        millrace.catch_up(name)
        assert told(target, name, "schema.ignored") == {
            ("public.left_b", "table made on the source; the policy of new_table leaves it alone")
        }
    assert unequal(admin, target, [("public.left_a", f"{copy}.left_a")]) == []
    millrace.delete(name)
    sql.execute("DROP TABLE left_a, left_b, other_left")
    admin.execute("DROP PUBLICATION left_alone")


def test_a_change_that_the_target_refuses_is_told(millrace: Millrace, admin: psycopg.Connection, target: Any) -> None:
    make(admin, ["drop_column"])
    created(millrace, "POLICY_REFUSED", ["drop_column"], "apply")
    with target.cursor() as cursor:
        cursor.execute("CREATE INDEX policy_refused_n ON policy_refused.policy_drop_column (n)")
        target.commit()
    change(admin, "drop_column")
    answers(millrace, "POLICY_REFUSED", 1, "policy_refused_n")
    ((table, message),) = told(target, "POLICY_REFUSED", "schema.stopped")
    assert table == "public.policy_drop_column"
    assert message.startswith("column n dropped; SQL Server refuses it: "), message
    with target.cursor() as cursor:
        cursor.execute("DROP INDEX policy_refused_n ON policy_refused.policy_drop_column")
        target.commit()
    millrace.catch_up("POLICY_REFUSED")
    assert told(target, "POLICY_REFUSED", "schema.applied") == {("public.policy_drop_column", "column n dropped")}
    millrace.delete("POLICY_REFUSED")
    drop(admin, ["drop_column"])
