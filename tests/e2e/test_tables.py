"""Types, names, keys, policies and the ways of unwrapping, each through a pipeline of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from conftest import Millrace, wait_equal

from lab.kept_tables import kept


@pytest.fixture
def pipeline(millrace: Millrace) -> Iterator[list[str]]:
    """Names put in here are removed afterwards."""
    names: list[str] = []
    yield names
    for name in names:
        millrace.delete(name)


def _texts(target: Any, table: str) -> list[dict[str, Any]]:
    """Every row as SQL Server holds it, without the column that the test changes."""
    with target.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")
        names = [column[0] for column in cursor.description]
        return [
            {name: value for name, value in zip(names, row, strict=True) if name != "c_serial"}
            for row in cursor.fetchall()
        ]


def _not_carried(millrace: Millrace, tables: str) -> list[str]:
    plan = millrace.run(*millrace.about("plan", "E2E_PLAN", tables, "e2e_plan")).json
    return [f["object"] for f in plan["findings"] if f["id"] == "column.not_carried"]


def test_every_type_that_the_engine_carries(
    millrace: Millrace, source: psycopg.Connection, target: Any, pipeline: list[str]
) -> None:
    # Two values that Debezium and the JDBC driver change, so that this engine refuses or does not tell them:
    # an instant before the Gregorian calendar, and the sign of zero (docs/reference/types.md).
    source.execute("UPDATE all_types SET c_timestamptz = '1582-10-15 00:00:00+00' WHERE c_timestamptz < '1582-10-15'")
    source.execute("UPDATE all_types SET c_real = 0, c_double = 0 WHERE c_real = 0")
    columns = _not_carried(millrace, "all_types")
    # What is refused is refused by name: nothing is dropped or written nearly right.
    assert "public.all_types.c_int_array" in columns and "public.all_types.c_timetz" in columns
    options = [word for column in columns for word in ("--exclude-column", column)]
    millrace.create("E2E_TYPES", "all_types", "e2e_types", *options)
    pipeline.append("E2E_TYPES")
    left_out = tuple(column.rsplit(".", 1)[1] for column in columns)
    pairs = [("public.all_types", "e2e_types.all_types")]
    wait_equal(source, target, pairs, left_out)
    loaded = _texts(target, "e2e_types.all_types")
    with source.transaction():
        # The load is Millrace's, the stream Debezium's and the sink's: a value must not change its form between them.
        source.execute("UPDATE all_types SET c_serial = c_serial + 1000")
    wait_equal(source, target, pairs, left_out)
    streamed = _texts(target, "e2e_types.all_types")
    changed = [
        (name, value, after[name])
        for before, after in zip(loaded, streamed, strict=True)
        for name, value in before.items()
        if after[name] != value
    ]
    assert changed == []


def test_values_without_a_place_are_refused_beforehand(millrace: Millrace) -> None:
    answer = millrace.run(*millrace.about("create", "E2E_SPECIAL", "unrepresentable", "e2e_special"))
    assert (answer.code, answer.error["code"]) == (2, "preflight.failed")
    notes = " ".join(answer.error["notes"])
    for column in ("c_real", "c_double", "c_date", "c_timestamp", "c_timestamptz", "c_time"):
        assert f"public.unrepresentable.{column}:" in notes


@pytest.fixture
def odd_tables(source: psycopg.Connection) -> Iterator[None]:
    with kept(source, "translations", "Mixed Case"):
        yield


@pytest.mark.usefixtures("odd_tables")
def test_text_keys_mixed_case_and_renames(
    millrace: Millrace, source: psycopg.Connection, target: Any, pipeline: list[str]
) -> None:
    millrace.create(
        "E2E_NAMES",
        'translations,"Mixed Case"',
        "e2e_names",
        "--rename",
        "public.translations=e2e_names2.words",
        "--exclude-column",
        "public.Mixed Case.a]b",
    )
    pipeline.append("E2E_NAMES")
    pairs = [("public.translations", "e2e_names2.words"), ("public.Mixed Case", "e2e_names.Mixed Case")]
    wait_equal(source, target, pairs, ("a]b",))
    with source.transaction():
        source.execute("INSERT INTO translations VALUES ('B', 'upper'), ('b', 'lower'), ('🫖', 'teapot')")
        source.execute("UPDATE translations SET phrase = 'Ä' WHERE phrase = 'ä'")
        source.execute("DELETE FROM translations WHERE phrase = 'A'")
        source.execute("""UPDATE "Mixed Case" SET "quote""inside" = 'ç' WHERE "Id" = 2""")
    wait_equal(source, target, pairs, ("a]b",))


@pytest.mark.parametrize("unwrap", ["extract_after", "extract_new_record_state"])
def test_both_unwrapping_chains(
    unwrap: str, millrace: Millrace, source: psycopg.Connection, target: Any, pipeline: list[str]
) -> None:
    name, schema = f"E2E_{unwrap.upper()}", f"e2e_{unwrap}"
    source.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    source.execute(f"CREATE SCHEMA {schema}")
    try:
        source.execute(
            f"CREATE TABLE {schema}.notes (id int PRIMARY KEY, body text, at timestamptz, price numeric(10,3))"
        )
        source.execute(
            f"INSERT INTO {schema}.notes SELECT n, 'note ' || n, now(), n / 8.0 FROM generate_series(1, 50) n"
        )
        source.execute(f"GRANT USAGE ON SCHEMA {schema} TO PUBLIC; GRANT SELECT ON {schema}.notes TO PUBLIC")
        millrace.create(name, f"{schema}.notes", schema, "--unwrap", unwrap)
        pipeline.append(name)
        pairs = [(f"{schema}.notes", f"{schema}.notes")]
        wait_equal(source, target, pairs)
        with source.transaction():
            source.execute(f"UPDATE {schema}.notes SET body = 'zweite 🫖' WHERE id % 2 = 0")
            source.execute(f"DELETE FROM {schema}.notes WHERE id % 5 = 0")
            source.execute(f"UPDATE {schema}.notes SET id = 1000 + id WHERE id < 4")
            source.execute(f"INSERT INTO {schema}.notes VALUES (777, NULL, NULL, NULL)")
        wait_equal(source, target, pairs)
    finally:
        source.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


def test_truncate_by_policy(millrace: Millrace, source: psycopg.Connection, target: Any, pipeline: list[str]) -> None:
    schema = "e2e_truncate"
    source.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}")
    try:
        for table in ("kept", "emptied"):
            source.execute(f"CREATE TABLE {schema}.{table} (id int PRIMARY KEY)")
            source.execute(f"INSERT INTO {schema}.{table} SELECT generate_series(1, 10)")
        source.execute(
            f"GRANT USAGE ON SCHEMA {schema} TO PUBLIC; GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO PUBLIC"
        )
        millrace.create("E2E_KEPT", f"{schema}.kept", schema)
        pipeline.append("E2E_KEPT")
        millrace.create("E2E_EMPTIED", f"{schema}.emptied", schema, "--truncate", "apply")
        pipeline.append("E2E_EMPTIED")
        pairs = [(f"{schema}.{table}", f"{schema}.{table}") for table in ("kept", "emptied")]
        wait_equal(source, target, pairs)
        source.execute(f"TRUNCATE {schema}.kept, {schema}.emptied")
        source.execute(f"INSERT INTO {schema}.kept VALUES (11); INSERT INTO {schema}.emptied VALUES (11)")
        wait_equal(source, target, pairs[1:])
        source.execute(f"INSERT INTO {schema}.kept SELECT generate_series(1, 10)")
        wait_equal(source, target, pairs[:1])
    finally:
        source.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


def test_no_data_streams_only_what_comes(
    millrace: Millrace, source: psycopg.Connection, target: Any, pipeline: list[str]
) -> None:
    schema = "e2e_no_data"
    source.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}")
    try:
        source.execute(f"CREATE TABLE {schema}.t (id int PRIMARY KEY, v text)")
        source.execute(f"INSERT INTO {schema}.t VALUES (1, 'before')")
        source.execute(f"GRANT USAGE ON SCHEMA {schema} TO PUBLIC; GRANT SELECT ON {schema}.t TO PUBLIC")
        millrace.create("E2E_NO_DATA", f"{schema}.t", schema, "--snapshot", "no_data")
        pipeline.append("E2E_NO_DATA")
        source.execute(f"INSERT INTO {schema}.t VALUES (2, 'after')")
        source.execute(f"DELETE FROM {schema}.t WHERE id = 1")
        wait_equal(source, target, [(f"{schema}.t", f"{schema}.t")])
    finally:
        source.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
