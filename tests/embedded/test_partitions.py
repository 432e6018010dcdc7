"""Partitions that come and go while a pipeline carries their table."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from changed_tables import answers, created, followed, loaded_anew
from conftest import Millrace, unequal, wait_until


def test_a_partition_that_comes_with_rows(millrace: Millrace, admin: psycopg.Connection, target: Any) -> None:
    """An empty one goes on; rows that were there before the partition was the table's are in no stream."""
    for table in ("policy_parts", "policy_part_old", "policy_part_new"):
        admin.execute(f"DROP TABLE IF EXISTS {table}")
    admin.execute("CREATE TABLE policy_parts (id int PRIMARY KEY, t text) PARTITION BY RANGE (id)")
    for table in ("policy_part_old", "policy_part_new"):
        admin.execute(f"CREATE TABLE {table} (LIKE policy_parts INCLUDING ALL)")
    admin.execute("CREATE TABLE policy_part_1 PARTITION OF policy_parts FOR VALUES FROM (0) TO (10)")
    admin.execute("INSERT INTO policy_parts VALUES (1, 'a')")
    created(millrace, "PARTS_COME", ["parts"], "apply")
    pairs = [("public.policy_parts", "parts_come.policy_parts")]
    admin.execute("ALTER TABLE policy_parts ATTACH PARTITION policy_part_new FOR VALUES FROM (10) TO (20)")
    admin.execute("INSERT INTO policy_parts VALUES (11, 'b')")
    millrace.catch_up("PARTS_COME")
    assert unequal(admin, target, pairs) == []
    admin.execute("INSERT INTO policy_part_old VALUES (21, 'c')")
    admin.execute("ALTER TABLE policy_parts ATTACH PARTITION policy_part_old FOR VALUES FROM (20) TO (30)")
    admin.execute("INSERT INTO policy_parts VALUES (22, 'd')")
    millrace.catch_up("PARTS_COME")
    assert unequal(admin, target, pairs) == []
    assert loaded_anew(target, "PARTS_COME") == ["public.policy_parts"]
    millrace.delete("PARTS_COME")
    created(millrace, "PARTS_COME", ["parts"], "apply,new_table=pause")
    admin.execute("CREATE TABLE policy_part_late (LIKE policy_parts INCLUDING ALL)")
    admin.execute("INSERT INTO policy_part_late VALUES (31, 'e')")
    admin.execute("ALTER TABLE policy_parts ATTACH PARTITION policy_part_late FOR VALUES FROM (30) TO (40)")
    answers(millrace, "PARTS_COME", 1, "attached")
    millrace.done("reload", "PARTS_COME", "policy_parts")
    millrace.catch_up("PARTS_COME")
    assert unequal(admin, target, pairs) == []
    millrace.delete("PARTS_COME")
    admin.execute("DROP TABLE policy_parts")


def test_a_partition_that_comes_with_rows_without_triggers(
    millrace: Millrace, admin: psycopg.Connection, source: psycopg.Connection, target: Any
) -> None:
    """The catalog tells which was attached, and the age of its rows whether the stream has them."""
    for table in ("policy_parts", "policy_part_old", "policy_part_new"):
        admin.execute(f"DROP TABLE IF EXISTS {table}")
    source.execute("CREATE TABLE policy_parts (id int PRIMARY KEY, t text) PARTITION BY RANGE (id)")
    for table in ("policy_part_old", "policy_part_new"):
        source.execute(f"CREATE TABLE {table} (LIKE policy_parts INCLUDING ALL)")
    source.execute("CREATE TABLE policy_part_1 PARTITION OF policy_parts FOR VALUES FROM (0) TO (10)")
    source.execute("INSERT INTO policy_parts VALUES (1, 'a')")
    millrace.create("PARTS_SEEN", "policy_parts", "parts_seen")
    millrace.catch_up("PARTS_SEEN")
    pairs = [("public.policy_parts", "parts_seen.policy_parts")]
    # Empty when it came; its rows are in the stream. So are those of one that is made as a partition.
    source.execute("ALTER TABLE policy_parts ATTACH PARTITION policy_part_new FOR VALUES FROM (10) TO (20)")
    source.execute("INSERT INTO policy_parts VALUES (11, 'b')")
    source.execute("CREATE TABLE policy_part_2 PARTITION OF policy_parts FOR VALUES FROM (40) TO (50)")
    source.execute("INSERT INTO policy_parts VALUES (41, 'e')")
    millrace.catch_up("PARTS_SEEN")
    assert unequal(admin, target, pairs) == []
    # All in one transaction: rows from before its place in the table, and behind it.
    with source.transaction():
        source.execute("CREATE TABLE policy_part_3 PARTITION OF policy_parts FOR VALUES FROM (50) TO (60)")
        source.execute("INSERT INTO policy_parts VALUES (51, 'in the stream')")
        source.execute("CREATE TABLE policy_part_4 (id int PRIMARY KEY, t text)")
        source.execute("ALTER TABLE policy_parts ATTACH PARTITION policy_part_4 FOR VALUES FROM (60) TO (70)")
        source.execute("INSERT INTO policy_parts VALUES (61, 'in the stream')")
    millrace.catch_up("PARTS_SEEN")
    assert unequal(admin, target, pairs) == []
    with source.transaction():
        source.execute("CREATE TABLE policy_part_5 (id int PRIMARY KEY, t text)")
        source.execute("INSERT INTO policy_part_5 VALUES (71, 'in no stream')")
        source.execute("ALTER TABLE policy_parts ATTACH PARTITION policy_part_5 FOR VALUES FROM (70) TO (80)")
    assert "public.policy_part_5" in millrace.catch_up("PARTS_SEEN").out
    assert unequal(admin, target, pairs) == []
    # Filled before it came. Nothing is written to it afterwards.
    source.execute("INSERT INTO policy_part_old VALUES (21, 'c')")
    source.execute("ALTER TABLE policy_parts ATTACH PARTITION policy_part_old FOR VALUES FROM (20) TO (30)")
    assert "public.policy_part_old" in millrace.catch_up("PARTS_SEEN").out
    assert unequal(admin, target, pairs) == []
    # Detached, written to, and attached again.
    source.execute("ALTER TABLE policy_parts DETACH PARTITION policy_part_new")
    source.execute("UPDATE policy_part_new SET t = 'unseen'")
    source.execute("ALTER TABLE policy_parts ATTACH PARTITION policy_part_new FOR VALUES FROM (10) TO (20)")
    assert "public.policy_part_new" in millrace.catch_up("PARTS_SEEN").out
    assert unequal(admin, target, pairs) == []
    assert loaded_anew(target, "PARTS_SEEN") == ["public.policy_parts"] * 3
    millrace.delete("PARTS_SEEN")
    admin.execute("DROP TABLE policy_parts")


@pytest.mark.parametrize("captured", [True, False])
def test_partitions_that_go(
    millrace: Millrace, admin: psycopg.Connection, source: psycopg.Connection, target: Any, captured: bool
) -> None:
    """Detached, dropped, or truncated alone: the stream does not tell, so an event does, and verify takes them away."""
    name, sql = ("PARTS_GO", admin) if captured else ("PARTS_GO_SEEN", source)
    copy = f"{name.lower()}.policy_going"
    for table in ("policy_going", "policy_going_0"):
        admin.execute(f"DROP TABLE IF EXISTS {table}")
    sql.execute("CREATE TABLE policy_going (id int PRIMARY KEY, t text) PARTITION BY RANGE (id)")
    for start in (0, 10, 20, 30):
        sql.execute(
            f"CREATE TABLE policy_going_{start} PARTITION OF policy_going FOR VALUES FROM ({start}) TO ({start + 10})"
        )
    sql.execute("INSERT INTO policy_going SELECT i, 'r' FROM generate_series(0, 39) AS i")
    followed(millrace, name, ["going"], captured)

    def told_of() -> list[str]:
        with target.cursor() as cursor:
            cursor.execute(
                "SELECT message FROM millrace.events WHERE pipeline = %s AND kind = 'table.partition_gone' ORDER BY id",
                (name,),
            )
            return [message for (message,) in cursor.fetchall()]

    running = millrace.start(name)
    running.wait_event("stream.started")
    assert told_of() == []
    with sql.transaction():
        sql.execute("ALTER TABLE policy_going DETACH PARTITION policy_going_0")
        sql.execute("DROP TABLE policy_going_10")
    # It looks every 20 s.
    gone = str(running.wait_event("table.partition_gone"))
    assert "policy_going_0" in gone and "policy_going_10" in gone and "--repair" in gone

    def row_is_there() -> bool:
        with target.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {copy} WHERE id = 25 AND t = N'new'")
            return bool(cursor.fetchall())

    # What was seen is kept in front of it.
    sql.execute("UPDATE policy_going SET t = 'new' WHERE id = 25")
    wait_until(row_is_there, "the new row")
    assert running.stop() == 130
    sql.execute("TRUNCATE policy_going_20")
    millrace.catch_up(name)
    millrace.catch_up(name)
    messages = told_of()
    assert len(messages) == 2, "\n".join(messages)
    assert "Written anew: public.policy_going_20" in messages[1]
    repaired = millrace.call("verify", name, "--repair", "-o", "json")
    assert repaired.code == 0, repaired.out + repaired.err
    assert unequal(admin, target, [("public.policy_going", copy)]) == []
    # The table's own TRUNCATE is in the stream, and no matter of partitions.
    sql.execute("TRUNCATE policy_going")
    millrace.catch_up(name)
    assert unequal(admin, target, [("public.policy_going", copy)]) == []
    assert len(told_of()) == 2
    millrace.delete(name)
    admin.execute("DROP TABLE policy_going, policy_going_0")
