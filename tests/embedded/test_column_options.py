"""Options of single columns: another name on the target, and what becomes of values that SQL Server cannot hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
from conftest import Millrace, Run, wait_until

NAME, RELOADED, STOPPED = "EMB_COLUMNS", "EMB_COLUMNS_RELOADED", "EMB_COLUMNS_STOPPED"
TABLE = "public.col_orders"
OPTIONS = [
    f"--rename-column={TABLE}.id=Order No",
    f"--rename-column={TABLE}.note=re]mark",
    # Two that exchange their names.
    f"--rename-column={TABLE}.a=b",
    f"--rename-column={TABLE}.b=a",
    f"--column-policy={TABLE}.gone=null",
    f"--column-policy={TABLE}.near=clamp",
    f"--column-policy={TABLE}.words=text",
]
NEAREST = 1.7976931348623157e308


def rows(target: Any) -> list[tuple[Any, ...]]:
    with target.cursor() as cursor:
        cursor.execute(
            "SELECT [Order No], [re]]mark], b, a, gone, near, words FROM emb_columns.col_orders ORDER BY [Order No]"
        )
        return [tuple(row) for row in cursor.fetchall()]


def names(target: Any, schema: str = "emb_columns") -> list[str]:
    with target.cursor() as cursor:
        cursor.execute(
            f"SELECT name FROM sys.columns WHERE object_id = OBJECT_ID(N'{schema}.col_orders') ORDER BY column_id"
        )
        return [row[0] for row in cursor.fetchall()]


def verified(millrace: Millrace) -> None:
    millrace.done("verify", NAME)


def settle(run: Run, target: Any, expected: list[tuple[Any, ...]]) -> None:
    """Until the target has these rows; a run that has failed meanwhile says why."""

    wait_until(lambda: rows(target) == expected or ended(run), "the copy is up to date")
    assert rows(target) == expected, run.lines


def ended(run: Run) -> bool:
    return run.process.poll() is not None


def test_columns_have_names_and_policies_of_their_own(
    millrace: Millrace, source: psycopg.Connection, target: Any
) -> None:
    source.execute(f"DROP TABLE IF EXISTS {TABLE}")
    source.execute(
        f"CREATE TABLE {TABLE} (id int PRIMARY KEY, note text, a int, b int, gone float8, near float8, words float8)"
    )
    source.execute(f"INSERT INTO {TABLE} VALUES (1, 'loaded', 10, 20, 'NaN', 'Infinity', 'NaN')")
    plan = millrace.call("plan", "--name", NAME, *sides(millrace), "--tables", TABLE, "-o", "json", *OPTIONS).json
    planned = {column["name"]: column for column in plan["tables"][0]["columns"]}
    assert planned["id"]["target_name"] == "Order No" and planned["near"]["policy"] == "clamp"
    assert planned["words"]["target_type"].startswith("nvarchar") and planned["note"]["policy"] is None
    millrace.create(NAME, TABLE, "emb_columns", *OPTIONS)
    run = millrace.start(NAME)
    loaded = (1, "loaded", 10, 20, None, NEAREST, "NaN")
    settle(run, target, [loaded])

    source.execute(f"INSERT INTO {TABLE} VALUES (2, 'streamed', 11, 21, '-Infinity', '-Infinity', 'Infinity')")
    streamed = (2, "streamed", 11, 21, None, -NEAREST, "Infinity")
    settle(run, target, [loaded, streamed])
    # Keys change and change places, and a row goes.
    with source.transaction():
        source.execute(f"UPDATE {TABLE} SET id = 7 WHERE id = 1")
        source.execute(f"UPDATE {TABLE} SET id = 1 WHERE id = 2")
        source.execute(f"UPDATE {TABLE} SET id = 2, a = 12, near = 0.5 WHERE id = 7")
        source.execute(f"INSERT INTO {TABLE} VALUES (3, 'brief', 0, 0, 0, 0, 0)")
        source.execute(f"DELETE FROM {TABLE} WHERE id = 3")
    first, second = (1, *streamed[1:]), (2, "loaded", 12, 20, None, 0.5, "NaN")
    settle(run, target, [first, second])

    # A renamed column keeps the name that was chosen for it, one that was not takes the new one.
    source.execute(f"ALTER TABLE {TABLE} RENAME note TO remark")
    source.execute(f"ALTER TABLE {TABLE} RENAME gone TO lost")
    source.execute(f"ALTER TABLE {TABLE} ADD extra int DEFAULT 5")
    source.execute(f"INSERT INTO {TABLE} (id, remark, lost) VALUES (4, 'after', 'NaN')")
    wait_until(lambda: "extra" in names(target) or ended(run), "the changes are followed")
    assert names(target) == ["Order No", "re]mark", "b", "a", "lost", "near", "words", "extra"]

    def last() -> bool:
        with target.cursor() as cursor:
            cursor.execute("SELECT [re]]mark], lost, extra FROM emb_columns.col_orders WHERE [Order No] = 4")
            return [tuple(row) for row in cursor.fetchall()] == [("after", None, 5)]

    wait_until(last, "the policy stays with its column")
    verified(millrace)
    assert run.stop() == 130
    assert run.events("failed") == [] and run.events("retry") == []
    with target.cursor() as cursor:
        cursor.execute("UPDATE emb_columns.col_orders SET [re]]mark] = N'other' WHERE [Order No] = 2")
    found = millrace.call("verify", NAME, "-o", "json")
    assert found.code != 0 and '"remark"' in found.out and '"id"' in found.out
    millrace.call("verify", NAME, "--repair")
    verified(millrace)
    millrace.delete(NAME)
    source.execute(f"DROP TABLE {TABLE}")


def test_a_reload_takes_new_options(
    millrace: Millrace, source: psycopg.Connection, target: Any, tmp_path: Path
) -> None:
    source.execute(f"DROP TABLE IF EXISTS {TABLE}")
    source.execute(f"CREATE TABLE {TABLE} (id int PRIMARY KEY, note text, v float8)")
    source.execute(f"INSERT INTO {TABLE} VALUES (1, 'x', 1)")
    millrace.create(RELOADED, TABLE, "emb_columns_2", "--load-policy", "truncate")
    millrace.catch_up(RELOADED)
    document = millrace.call("get", RELOADED, "-o", "json").json
    document["mapping"] = {"tables": {TABLE: {"column_names": {"note": "remark"}, "column_policies": {"v": "null"}}}}
    file = tmp_path / "options.json"
    file.write_text(json.dumps(document))
    told = millrace.call("apply", "-f", str(file), "--yes")
    assert told.code == 0, told
    assert names(target, "emb_columns_2") == ["id", "note", "v"]
    millrace.done("reload", RELOADED, TABLE)
    source.execute(f"INSERT INTO {TABLE} VALUES (2, 'y', 'NaN')")
    millrace.catch_up(RELOADED)
    assert names(target, "emb_columns_2") == ["id", "remark", "v"]
    with target.cursor() as cursor:
        cursor.execute("SELECT id, remark, v FROM emb_columns_2.col_orders ORDER BY id")
        assert [tuple(row) for row in cursor.fetchall()] == [(1, "x", 1.0), (2, "y", None)]
    millrace.delete(RELOADED)
    source.execute(f"DROP TABLE {TABLE}")


def test_an_option_whose_column_is_gone_before_the_load_stops_it(
    millrace: Millrace, source: psycopg.Connection, target: Any, tmp_path: Path
) -> None:
    source.execute(f"DROP TABLE IF EXISTS {TABLE}")
    source.execute(f"CREATE TABLE {TABLE} (id int PRIMARY KEY, secret text)")
    source.execute(f"INSERT INTO {TABLE} VALUES (1, 'hidden')")
    millrace.create(STOPPED, TABLE, "emb_columns_3", f"--exclude-column={TABLE}.secret")
    source.execute(f"ALTER TABLE {TABLE} RENAME secret TO still_secret")
    refused = millrace.call("run", STOPPED, "--until-caught-up", "-o", "json")
    assert refused.code != 0 and "exclude_columns names a column that the table does not have" in refused.out
    assert names(target, "emb_columns_3") == ["id"]
    document = millrace.call("get", STOPPED, "-o", "json").json
    document["mapping"] = {"tables": {TABLE: {"exclude_columns": ["still_secret"]}}}
    file = tmp_path / "options.json"
    file.write_text(json.dumps(document))
    millrace.done("apply", "-f", str(file), "--yes")
    millrace.catch_up(STOPPED)
    assert names(target, "emb_columns_3") == ["id"]
    millrace.delete(STOPPED)
    source.execute(f"DROP TABLE {TABLE}")


def test_names_that_cannot_be_are_refused(millrace: Millrace, source: psycopg.Connection) -> None:
    source.execute(f"DROP TABLE IF EXISTS {TABLE}")
    source.execute(f"CREATE TABLE {TABLE} (id int PRIMARY KEY, note text)")

    def refused(*options: str) -> str:
        answer = millrace.call("plan", "--name", NAME, *sides(millrace), "--tables", TABLE, *options)
        assert answer.code != 0
        return answer.out + answer.err

    assert "two columns would have this name" in refused(f"--rename-column={TABLE}.note=id")
    assert "only in case" in refused(f"--rename-column={TABLE}.note=ID")
    assert "1 to 128" in refused(f"--rename-column={TABLE}.note=" + "n" * 129)
    assert "does not have" in refused(f"--rename-column={TABLE}.none=x")
    assert "fail, null, clamp, text" in refused(f"--column-policy={TABLE}.note=maybe")
    source.execute(f"DROP TABLE {TABLE}")


def sides(millrace: Millrace) -> list[str]:
    return ["--source", millrace.lab.source_url, "--target", millrace.lab.target_url("emb_columns")]
