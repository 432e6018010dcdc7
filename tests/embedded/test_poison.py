"""Rows that SQL Server does not take: found among many, named, or put aside while all others are carried."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from conftest import Millrace, unequal, wait_until

from lab.compare import differences


def fetch(target: Any, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with target.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def run_sql(target: Any, sql: str) -> None:
    with target.cursor() as cursor:
        cursor.execute(sql)


def quarantined(target: Any, pipeline: str) -> list[tuple[Any, ...]]:
    return fetch(
        target,
        "SELECT source_table, op, key_text, row_json, reason, lsn, commit_time FROM millrace.quarantine"
        " WHERE pipeline = %s ORDER BY id",
        pipeline,
    )


@pytest.fixture
def table(source: psycopg.Connection) -> Iterator[str]:
    source.execute("DROP TABLE IF EXISTS poisoned")
    source.execute("CREATE TABLE poisoned (id int PRIMARY KEY, amount numeric(10,2), note varchar(40))")
    source.execute("INSERT INTO poisoned SELECT n, n, 'before ' || n FROM generate_series(1, 50) AS n")
    yield "poisoned"
    source.execute("DROP TABLE poisoned")


def created(millrace: Millrace, name: str, tables: str, *more: str) -> None:
    millrace.create(name, tables, name.lower(), *more)


def test_a_value_without_place_stops_the_stream_and_is_named(
    millrace: Millrace, source: psycopg.Connection, target: Any, table: str
) -> None:
    created(millrace, "POISON_STOP", table)
    millrace.catch_up("POISON_STOP")
    source.execute("INSERT INTO poisoned SELECT n, n, 'x' FROM generate_series(101, 200) AS n")
    source.execute("INSERT INTO poisoned VALUES (777, 'NaN', 'bad')")
    answer = millrace.call("run", "POISON_STOP", "--until-caught-up", "-o", "json")
    assert answer.code == 1
    told = answer.out + answer.err
    assert "public.poisoned: row id=777 (insert, LSN " in told
    assert "NaN" in told and "amount" in told
    assert quarantined(target, "POISON_STOP") == []
    # The stream's past can not be changed; a load of the row as it is now passes it by.
    source.execute("UPDATE poisoned SET amount = 7 WHERE id = 777")
    assert millrace.call("reload", "POISON_STOP", table, "-o", "json").code == 0
    millrace.catch_up("POISON_STOP")
    assert unequal(source, target, [("public.poisoned", "poison_stop.poisoned")]) == []
    millrace.delete("POISON_STOP")


def test_what_the_target_refuses_is_found_by_halving(
    millrace: Millrace, source: psycopg.Connection, target: Any, table: str
) -> None:
    created(millrace, "POISON_TARGET", table)
    millrace.catch_up("POISON_TARGET")
    run_sql(target, "ALTER TABLE poison_target.poisoned ADD CONSTRAINT only_small CHECK (amount < 1000)")
    source.execute(
        "INSERT INTO poisoned SELECT n, CASE n WHEN 431 THEN 1000 ELSE 1 END, 'x' FROM generate_series(101, 600) AS n"
    )
    answer = millrace.call("run", "POISON_TARGET", "--until-caught-up", "-o", "json")
    assert answer.code == 1
    told = answer.out + answer.err
    assert "row id=431 (insert, LSN " in told and "only_small" in told
    assert fetch(target, "SELECT COUNT(*) FROM poison_target.poisoned") == [(50,)]
    run_sql(target, "ALTER TABLE poison_target.poisoned DROP CONSTRAINT only_small")
    millrace.catch_up("POISON_TARGET")
    assert unequal(source, target, [("public.poisoned", "poison_target.poisoned")]) == []
    millrace.delete("POISON_TARGET")


def test_of_two_keys_that_sql_server_takes_for_equal_the_first_is_never_touched(
    millrace: Millrace, source: psycopg.Connection, target: Any
) -> None:
    source.execute("CREATE TABLE twin_bytes (k bytea PRIMARY KEY, n int)")
    source.execute("CREATE TABLE twin_words (k text PRIMARY KEY, n int)")
    try:
        created(millrace, "POISON_TWINS", "twin_bytes,twin_words", "--poison", "quarantine")
        millrace.catch_up("POISON_TWINS")
        source.execute("INSERT INTO twin_bytes VALUES ('\\x0100', 1); INSERT INTO twin_words VALUES ('a ', 1)")
        millrace.catch_up("POISON_TWINS")
        source.execute("INSERT INTO twin_bytes VALUES ('\\x01', 2); INSERT INTO twin_words VALUES ('a', 2)")
        millrace.catch_up("POISON_TWINS")
        assert len(quarantined(target, "POISON_TWINS")) == 2
        source.execute("UPDATE twin_bytes SET n = 3 WHERE n = 2; UPDATE twin_words SET n = 3 WHERE n = 2")
        millrace.catch_up("POISON_TWINS")
        source.execute("DELETE FROM twin_bytes WHERE n = 3; DELETE FROM twin_words WHERE n = 3")
        millrace.catch_up("POISON_TWINS")
        assert fetch(target, "SELECT k, n FROM poison_twins.twin_bytes") == [(b"\x01\x00", 1)]
        assert fetch(target, "SELECT k, n FROM poison_twins.twin_words") == [("a ", 1)]
        millrace.delete("POISON_TWINS")
    finally:
        source.execute("DROP TABLE twin_bytes, twin_words")


def test_quarantine_keeps_the_row_and_carries_the_others(
    millrace: Millrace, source: psycopg.Connection, target: Any, table: str
) -> None:
    created(millrace, "POISON_ASIDE", table, "--poison", "quarantine")
    millrace.catch_up("POISON_ASIDE")
    run_sql(target, "ALTER TABLE poison_aside.poisoned ADD CONSTRAINT only_few CHECK (amount < 1000)")
    run = millrace.start("POISON_ASIDE")
    run.wait_event("stream.started")
    with source.transaction():
        source.execute(
            "INSERT INTO poisoned SELECT n, CASE WHEN n IN (431, 432, 599) THEN 1000 ELSE 1 END, 'x'"
            " FROM generate_series(101, 600) AS n"
        )
        source.execute("INSERT INTO poisoned VALUES (777, 'NaN', 'no number')")
        source.execute("UPDATE poisoned SET amount = 5000 WHERE id = 7")
        source.execute("UPDATE poisoned SET note = 'changed' WHERE id = 8")
        source.execute("DELETE FROM poisoned WHERE id = 9")
    wait_until(lambda: len(quarantined(target, "POISON_ASIDE")) == 5, "five rows are put aside")
    rows = {row[2]: row for row in quarantined(target, "POISON_ASIDE")}
    assert set(rows) == {"id=431", "id=432", "id=599", "id=777", "id=7"}
    assert {row[0] for row in rows.values()} == {"public.poisoned"}
    assert {key: row[1] for key, row in rows.items()} == {
        "id=431": "insert", "id=432": "insert", "id=599": "insert", "id=777": "insert", "id=7": "update",
    }  # fmt: skip
    assert json.loads(rows["id=431"][3]) == {"id": "431", "amount": "1000.00", "note": "x"}
    assert json.loads(rows["id=777"][3])["note"] == "no number"
    assert "only_few" in rows["id=431"][4] and "NaN" in rows["id=777"][4]
    lsn = {row[5] for row in rows.values()}
    assert len(lsn) == 1 and lsn.pop() > 0
    assert all(row[6] is not None for row in rows.values())
    assert run.wait_event("row.quarantined")["table"] == "public.poisoned"
    # The others of the same transaction are there.
    assert fetch(target, "SELECT COUNT(*) FROM poison_aside.poisoned WHERE id > 100") == [(497,)]
    assert fetch(target, "SELECT note FROM poison_aside.poisoned WHERE id = 8") == [("changed",)]
    assert fetch(target, "SELECT id FROM poison_aside.poisoned WHERE id = 9") == []
    assert fetch(target, "SELECT amount FROM poison_aside.poisoned WHERE id = 7")[0][0] == 7

    # What comes later for a row that is not on the target is put aside too, and known by its key.
    source.execute("UPDATE poisoned SET amount = 2 WHERE id = 431")
    source.execute("UPDATE poisoned SET id = 6432, amount = 2 WHERE id = 432")
    source.execute("UPDATE poisoned SET note = 'again' WHERE id = 6432")
    source.execute("DELETE FROM poisoned WHERE id = 599")
    source.execute("UPDATE poisoned SET amount = 8 WHERE id = 7")
    source.execute("UPDATE poisoned SET note = 'last' WHERE id = 8")
    wait_until(
        lambda: fetch(target, "SELECT note FROM poison_aside.poisoned WHERE id = 8") == [("last",)], "the last change"
    )
    later = [row[1:3] for row in quarantined(target, "POISON_ASIDE")[5:]]
    assert set(later) == {("update", "id=431"), ("update", "id=6432"), ("delete", "id=599")}
    # A row whose old version is there is right again with its next whole change.
    assert fetch(target, "SELECT amount FROM poison_aside.poisoned WHERE id = 7")[0][0] == 8
    run.stop()

    # A load puts everything right, and the table's rows in quarantine are history no more.
    run_sql(target, "ALTER TABLE poison_aside.poisoned DROP CONSTRAINT only_few")
    source.execute("UPDATE poisoned SET amount = 1 WHERE id = 777")
    assert millrace.call("reload", "POISON_ASIDE", "poisoned", "-o", "json").code == 0
    millrace.catch_up("POISON_ASIDE")
    assert unequal(source, target, [("public.poisoned", "poison_aside.poisoned")]) == []
    assert quarantined(target, "POISON_ASIDE") == []
    millrace.delete("POISON_ASIDE")


def test_a_row_that_is_missing_for_another_reason_stops(
    millrace: Millrace, source: psycopg.Connection, target: Any, table: str
) -> None:
    created(millrace, "POISON_MISSING", table, "--poison", "quarantine")
    millrace.catch_up("POISON_MISSING")
    run_sql(target, "DELETE FROM poison_missing.poisoned WHERE id = 33")
    source.execute("UPDATE poisoned SET amount = amount + 1")
    answer = millrace.call("run", "POISON_MISSING", "--until-caught-up", "-o", "json")
    assert answer.code == 1
    told = answer.out + answer.err
    assert "target.row_missing" in told and "row id=33 (update, LSN " in told
    assert quarantined(target, "POISON_MISSING") == []
    millrace.delete("POISON_MISSING")


def test_large_values_that_were_not_sent_are_not_mixed_with_old_ones(
    millrace: Millrace, source: psycopg.Connection, target: Any
) -> None:
    """The update that was put aside wrote the large column; the next one leaves it out."""
    source.execute("DROP TABLE IF EXISTS toasted")
    source.execute("CREATE TABLE toasted (id int PRIMARY KEY, amount numeric(10,2), body text)")
    large = "(SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 1000))"
    source.execute(f"INSERT INTO toasted VALUES (1, 1, {large}), (2, 1, {large})")
    created(millrace, "POISON_TOAST", "toasted", "--poison", "quarantine")
    millrace.catch_up("POISON_TOAST")
    source.execute(f"UPDATE toasted SET amount = 'NaN', body = {large} WHERE id = 1")
    millrace.catch_up("POISON_TOAST")
    source.execute("UPDATE toasted SET amount = 3 WHERE id IN (1, 2)")
    millrace.catch_up("POISON_TOAST")
    assert [row[1:3] for row in quarantined(target, "POISON_TOAST")] == [("update", "id=1"), ("update", "id=1")]
    assert fetch(target, "SELECT id, amount FROM poison_toast.toasted ORDER BY id") == [(1, 1), (2, 3)]
    source.execute(f"UPDATE toasted SET amount = 4, body = {large} WHERE id = 1")
    millrace.catch_up("POISON_TOAST")
    assert unequal(source, target, [("public.toasted", "poison_toast.toasted")]) == []
    millrace.delete("POISON_TOAST")
    source.execute("DROP TABLE toasted")


def test_tables_whose_changes_keep_their_order(millrace: Millrace, source: psycopg.Connection, target: Any) -> None:
    """A foreign key on the target, and a table without key."""
    source.execute("DROP TABLE IF EXISTS poison_child, poison_parent, poison_log")
    source.execute("CREATE TABLE poison_parent (id int PRIMARY KEY, v numeric(6,1))")
    source.execute("CREATE TABLE poison_child (id int PRIMARY KEY, parent int NOT NULL)")
    source.execute("CREATE TABLE poison_log (v numeric(6,1), what text)")
    source.execute("ALTER TABLE poison_log REPLICA IDENTITY FULL")
    source.execute("INSERT INTO poison_parent SELECT n, n FROM generate_series(1, 9) AS n")
    created(millrace, "POISON_ORDER", "poison_parent,poison_child,poison_log", "--poison", "quarantine")
    millrace.catch_up("POISON_ORDER")
    run_sql(
        target,
        "ALTER TABLE poison_order.poison_child ADD CONSTRAINT to_parent FOREIGN KEY (parent)"
        " REFERENCES poison_order.poison_parent (id)",
    )
    with source.transaction():
        source.execute("INSERT INTO poison_parent VALUES (20, 'NaN'), (21, 21), (22, 22)")
        source.execute("INSERT INTO poison_child VALUES (1, 20), (2, 21), (3, 22)")
        source.execute("INSERT INTO poison_log VALUES ('NaN', 'bad'), (1, 'good'), (1, 'good'), (2, 'worse')")
        source.execute("UPDATE poison_parent SET id = 23 WHERE id = 9")
    millrace.catch_up("POISON_ORDER")
    aside = sorted((row[0], row[1], row[2]) for row in quarantined(target, "POISON_ORDER"))
    assert aside == [
        ("public.poison_child", "insert", "id=1"),
        ("public.poison_log", "insert", None),
        ("public.poison_parent", "insert", "id=20"),
    ]
    assert fetch(target, "SELECT COUNT(*) FROM poison_order.poison_log") == [(3,)]
    with source.transaction():
        source.execute("UPDATE poison_log SET v = 'NaN' WHERE what = 'worse'")
        source.execute("UPDATE poison_log SET what = 'still bad' WHERE what = 'bad'")
        source.execute("DELETE FROM poison_child WHERE id = 1")
        source.execute("DELETE FROM poison_parent WHERE id = 20")
    millrace.catch_up("POISON_ORDER")
    assert differences(source, target, ("public", "poison_child"), ("poison_order", "poison_child")) == []
    assert differences(source, target, ("public", "poison_parent"), ("poison_order", "poison_parent")) == []
    assert fetch(target, "SELECT what FROM poison_order.poison_log") == [("good",), ("good",)]
    source.execute("DELETE FROM poison_log WHERE what <> 'good'")
    millrace.catch_up("POISON_ORDER")
    assert differences(source, target, ("public", "poison_log"), ("poison_order", "poison_log")) == []
    millrace.delete("POISON_ORDER")
    source.execute("DROP TABLE poison_child, poison_parent, poison_log")


def test_a_load(millrace: Millrace, source: psycopg.Connection, target: Any, table: str) -> None:
    """Values without place, and values that the target's own constraint refuses."""
    for name, more in (("POISON_LOAD", ()), ("POISON_LOAD2", ("--poison", "quarantine"))):
        created(millrace, name, table, *more)
        run_sql(target, f"CREATE UNIQUE INDEX ux_note ON {name.lower()}.poisoned (note)")
    source.execute("INSERT INTO poisoned VALUES (60, 'NaN', 'no number'), (61, 1, 'twin'), (62, 1, 'twin')")
    answer = millrace.call("run", "POISON_LOAD", "--until-caught-up", "-o", "json")
    assert answer.code == 1
    assert "public.poisoned: row id=60 (load, LSN " in answer.out + answer.err
    source.execute("UPDATE poisoned SET amount = 1 WHERE id = 60")
    answer = millrace.call("run", "POISON_LOAD", "--until-caught-up", "-o", "json")
    assert answer.code == 1
    assert "public.poisoned: row id=62 (load, LSN " in answer.out + answer.err
    source.execute("UPDATE poisoned SET amount = 'NaN' WHERE id = 60")
    millrace.catch_up("POISON_LOAD2")
    assert sorted(row[1:3] for row in quarantined(target, "POISON_LOAD2")) == [("load", "id=60"), ("load", "id=62")]
    assert fetch(target, "SELECT COUNT(*) FROM poison_load2.poisoned") == [(51,)]
    state = fetch(target, "SELECT loaded_rows FROM millrace.table_state WHERE pipeline = 'POISON_LOAD2'")
    assert state == [(51,)]
    for name in ("POISON_LOAD", "POISON_LOAD2"):
        millrace.delete(name)


def test_events_are_kept_on_the_target(millrace: Millrace, source: psycopg.Connection, target: Any, table: str) -> None:
    created(millrace, "POISON_EVENTS", table)
    millrace.catch_up("POISON_EVENTS")
    source.execute("INSERT INTO poisoned VALUES (777, 'NaN', 'bad')")
    assert millrace.call("run", "POISON_EVENTS", "--until-caught-up").code == 1
    kinds = fetch(
        target,
        "SELECT kind, severity, table_name, message FROM millrace.events WHERE pipeline = %s ORDER BY id",
        "POISON_EVENTS",
    )
    names = [row[0] for row in kinds]
    assert names.index("load.started") < names.index("load.table_finished") < names.index("stream.started")
    failed = [row for row in kinds if row[0] == "failed"]
    assert len(failed) == 1 and failed[0][1:3] == ("error", "public.poisoned") and "id=777" in failed[0][3]
    millrace.delete("POISON_EVENTS")
    assert fetch(target, "SELECT COUNT(*) FROM sys.tables WHERE name = 'events'") == [(0,)] or (
        fetch(target, "SELECT COUNT(*) FROM millrace.events WHERE pipeline = 'POISON_EVENTS'") == [(0,)]
    )


def test_in_a_transaction_that_is_larger_than_memory(
    millrace: Millrace, source: psycopg.Connection, target: Any
) -> None:
    """It is applied in pieces: what went before the poison row was done without care, and is done again."""
    source.execute("DROP TABLE IF EXISTS poison_giant")
    source.execute("CREATE TABLE poison_giant (id int PRIMARY KEY, amount numeric(10,2), note text)")
    created(millrace, "POISON_GIANT", "poison_giant", "--poison", "quarantine")
    millrace.catch_up("POISON_GIANT")
    source.execute(
        "INSERT INTO poison_giant SELECT n, CASE n WHEN 120000 THEN numeric 'NaN' ELSE 1 END, repeat('x', 300)"
        " FROM generate_series(1, 150000) AS n"
    )
    millrace.catch_up("POISON_GIANT")
    source.execute("UPDATE poison_giant SET amount = 2 WHERE id IN (1, 120000)")
    millrace.catch_up("POISON_GIANT")
    aside = [row[1:3] for row in quarantined(target, "POISON_GIANT")]
    assert aside == [("insert", "id=120000"), ("update", "id=120000")]
    assert fetch(target, "SELECT COUNT(*), SUM(amount) FROM poison_giant.poison_giant") == [(149_999, 150_000)]
    millrace.delete("POISON_GIANT")
    source.execute("DROP TABLE poison_giant")


def test_the_quarantine_is_listed_retried_and_discarded(
    millrace: Millrace, source: psycopg.Connection, target: Any, table: str
) -> None:
    name, copy = "POISON_VERBS", "poison_verbs.poisoned"
    created(millrace, name, table, "--poison", "quarantine")
    millrace.catch_up(name)
    run_sql(target, f"ALTER TABLE {copy} ADD CONSTRAINT only_little CHECK (amount < 1000)")
    run = millrace.start(name)
    run.wait_event("stream.started")
    with source.transaction():
        source.execute(
            "INSERT INTO poisoned VALUES (101, 1001, 'a'), (102, 1002, 'b'), (103, 'NaN', 'c'), (104, 4, 'd')"
        )
        source.execute("INSERT INTO poisoned VALUES (105, 1005, 'to be deleted')")
        source.execute("UPDATE poisoned SET amount = 1007, note = 'e' WHERE id = 7")
    wait_until(lambda: len(quarantined(target, name)) == 5, "five rows are put aside")

    listed = millrace.call("quarantine", "list", name, "-o", "json").json["rows"]
    assert {row["key"] for row in listed} == {"id=7", "id=101", "id=102", "id=103", "id=105"}
    ids = {row["key"]: str(row["id"]) for row in listed}
    shown = millrace.call("quarantine", "show", name, "--id", ids["id=102"], "-o", "json").json["rows"]
    assert len(shown) == 1 and shown[0]["row"] == {"id": "102", "amount": "1002.00", "note": "b"}
    assert "only_little" in shown[0]["reason"] and shown[0]["op"] == "insert"
    text = millrace.call("quarantine", "list", name)
    assert text.code == 0 and "id=103" in text.out and "NaN" in text.out
    assert millrace.call("quarantine", "list", name, "-o", "yaml").out.startswith("pipeline: ")
    # Nothing is done by a slip.
    assert millrace.call("quarantine", "retry", name).code == 2
    assert millrace.call("quarantine", "list", name, "--tables", "nothere").code == 2

    # Still refused: all stays, and each says why.
    answer = millrace.call("quarantine", "retry", name, "--id", f"{ids['id=101']},{ids['id=103']}", "-o", "json")
    assert answer.code == 1 and answer.json["settled"] == 0 and answer.json["left"] == 2
    reasons = {row["key"]: row["reason"] for row in answer.json["rows"]}
    assert "only_little" in reasons["id=101"] and "NaN" in reasons["id=103"]
    assert len(quarantined(target, name)) == 5

    # One is corrected on the source, one is gone from it, the rest is let in by the target.
    run_sql(target, f"ALTER TABLE {copy} DROP CONSTRAINT only_little")
    source.execute("DELETE FROM poisoned WHERE id = 105")
    wait_until(lambda: len(quarantined(target, name)) == 6, "the deletion is put aside too")
    answer = millrace.call("quarantine", "retry", name, "--tables", "poisoned", "-o", "json")
    assert answer.code == 1, answer.out + answer.err
    assert {row["key"]: row["result"] for row in answer.json["rows"]} == {
        "id=7": "written", "id=101": "written", "id=102": "written", "id=103": "refused", "id=105": "gone",
    }  # fmt: skip
    assert [row[2] for row in quarantined(target, name)] == ["id=103"]
    assert fetch(target, f"SELECT id, amount, note FROM {copy} WHERE id IN (7, 101, 102) ORDER BY id") == [
        (7, 1007, "e"), (101, 1001, "a"), (102, 1002, "b"),
    ]  # fmt: skip

    # Discarded: not listed, but a later change of a row that is not there does not stop the pipeline.
    answer = millrace.call("quarantine", "discard", name, "--all", "-o", "json")
    assert answer.json["discarded"] == 1
    assert millrace.call("quarantine", "list", name, "-o", "json").json["rows"] == []
    assert len(millrace.call("quarantine", "list", name, "--discarded", "-o", "json").json["rows"]) == 1
    source.execute("UPDATE poisoned SET note = 'later' WHERE id IN (103, 104)")
    wait_until(lambda: fetch(target, f"SELECT note FROM {copy} WHERE id = 104") == [("later",)], "the last change")
    assert [row["key"] for row in millrace.call("quarantine", "list", name, "-o", "json").json["rows"]] == ["id=103"]

    # What was settled is forgotten by the process that runs: a row that is missing now has another reason.
    source.execute("UPDATE poisoned SET amount = 3 WHERE id = 103")
    answer = millrace.call("quarantine", "retry", name, "--all", "--discarded", "-o", "json")
    assert answer.code == 0, answer.out + answer.err
    assert unequal(source, target, [("public.poisoned", copy)]) == []
    kinds = [row[0] for row in fetch(target, "SELECT kind FROM millrace.events WHERE pipeline = %s", name)]
    assert kinds.count("quarantine.settled") == 2 and kinds.count("quarantine.discarded") == 1
    run_sql(target, f"DELETE FROM {copy} WHERE id = 101")
    source.execute("UPDATE poisoned SET note = 'missing' WHERE id = 101")
    assert run.wait_event("failed")["table"] == "public.poisoned"
    run.stop()
    # Nobody runs it: a retry looks whether there is anything to do before it asks for more.
    assert millrace.call("quarantine", "retry", name, "--all", "-o", "json").json["rows"] == []
    millrace.delete(name)


def test_retry_finds_rows_by_keys_of_many_types(millrace: Millrace, source: psycopg.Connection, target: Any) -> None:
    """Also when nobody runs the pipeline: the retry catches up first."""
    name = "POISON_KEYS"
    source.execute("DROP TABLE IF EXISTS poison_keys, poison_bytes")
    source.execute(
        "CREATE TABLE poison_keys (part varchar(20), at timestamptz, u uuid, d date, flag boolean, n numeric(8,3),"
        " c char(5), amount numeric(10,2), PRIMARY KEY (part, at, u, d, flag, n, c))"
    )
    source.execute("CREATE TABLE poison_bytes (id bytea PRIMARY KEY, amount numeric(10,2))")
    created(millrace, name, "poison_keys,poison_bytes", "--poison", "quarantine")
    millrace.catch_up(name)
    source.execute(
        "INSERT INTO poison_keys VALUES"
        " ('ä, b=1', '2026-01-02 03:04:05.678901+02', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '2026-02-03', true,"
        "  1.25, 'x', 'NaN'),"
        " (E'it''s \\\\ 100%', '1999-12-31 23:59:59Z', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12', '0099-02-03', false,"
        "  -7, 'yy', 'NaN'),"
        " ('x, at=y, at=z', '1999-12-31 23:59:59Z', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12', '0099-02-03', false,"
        "  -7, 'yy', 'NaN')"
    )
    source.execute("INSERT INTO poison_bytes VALUES ('\\x00ff10', 'NaN'), ('\\x', 'NaN')")
    millrace.catch_up(name)
    assert len(quarantined(target, name)) == 5
    source.execute("UPDATE poison_keys SET amount = 1")
    source.execute("UPDATE poison_bytes SET amount = 2")
    answer = millrace.call("quarantine", "retry", name, "--all", "-o", "json")
    results = [row["result"] for row in answer.json["rows"]]
    # A key whose text can be read in two ways is left to `verify --repair`.
    assert sorted(results) == ["not found", "written", "written", "written", "written"], answer.out
    assert answer.code == 1
    assert fetch(target, "SELECT COUNT(*) FROM poison_keys.poison_keys") == [(2,)]
    assert differences(source, target, ("public", "poison_bytes"), ("poison_keys", "poison_bytes")) == []
    assert millrace.call("verify", name, "--repair", "-o", "json").code == 0
    assert differences(source, target, ("public", "poison_keys"), ("poison_keys", "poison_keys")) == []
    millrace.delete(name)
    source.execute("DROP TABLE poison_keys, poison_bytes")
