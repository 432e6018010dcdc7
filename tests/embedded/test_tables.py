"""Tables that ask for care: every type, odd names, text keys, no key, foreign keys and unique indexes on the target."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from conftest import Millrace, unequal, wait_equal, wait_until

from lab.compare import columns_of
from lab.kept_tables import kept


@pytest.fixture
def odd_tables(source: psycopg.Connection) -> Iterator[list[str]]:
    tables = ["translations", "Mixed Case", "stock_movements", "page_views"]
    with kept(source, *tables):
        yield tables


def test_every_type_loaded_and_streamed(millrace: Millrace, source: psycopg.Connection, target: Any) -> None:
    """The same values by both ways: half of the rows are there before the load, the others come by the stream."""
    source.execute("DROP TABLE IF EXISTS types_streamed")
    source.execute("CREATE TABLE types_streamed (LIKE all_types INCLUDING INDEXES)")
    source.execute("ALTER TABLE types_streamed DROP COLUMN c_generated")
    names = ", ".join(name for name, _ in columns_of(source, ("public", "all_types")))
    copy = f"INSERT INTO types_streamed ({names}) SELECT {names} FROM all_types"
    source.execute(f"{copy} WHERE id % 2 = 0")
    millrace.create("EMB_TYPES", "types_streamed,all_types", "emb_types")
    millrace.catch_up("EMB_TYPES")
    source.execute(f"{copy} WHERE id % 2 <> 0")
    source.execute("UPDATE types_streamed SET id = id + 1000 WHERE id = 2")
    source.execute("UPDATE types_streamed SET id = id - 1000 WHERE id = 1002")
    millrace.catch_up("EMB_TYPES")
    with target.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM emb_types.all_types ORDER BY id")
        loaded = cursor.fetchall()
        cursor.execute(f"SELECT {names} FROM emb_types.types_streamed ORDER BY id")
        streamed = cursor.fetchall()
    assert len(loaded) >= 3
    differing = [
        (name, left, right)
        for row, other in zip(loaded, streamed, strict=True)
        for name, left, right in zip(names.split(", "), row, other, strict=True)
        if left != right
    ]
    assert differing == []
    millrace.delete("EMB_TYPES")
    source.execute("DROP TABLE types_streamed")


def test_odd_names_text_keys_and_no_key(
    odd_tables: list[str], millrace: Millrace, source: psycopg.Connection, target: Any
) -> None:
    source.execute("ALTER TABLE page_views REPLICA IDENTITY FULL")
    millrace.create("EMB_ODD", ",".join(f'"{table}"' for table in odd_tables), "emb_odd")
    run = millrace.start("EMB_ODD")
    run.wait_event("stream.started")
    source.execute("DELETE FROM translations WHERE phrase IN ('a', '😀')")
    source.execute("INSERT INTO translations VALUES ('fresh', 'new'), ('B', 'upper')")
    source.execute("UPDATE translations SET phrase = 'a', meaning = 'moved' WHERE phrase = 'A'")
    source.execute("UPDATE translations SET phrase = 'A' WHERE phrase = 'a'")
    source.execute("""UPDATE "Mixed Case" SET "select" = 'x' || "Id", "a]b" = NULL WHERE "Id" = 1""")
    source.execute("""INSERT INTO "Mixed Case" ("Id", "quote""inside") VALUES (77, '"')""")
    # Twins: one of several equal rows goes, the others stay.
    source.execute("INSERT INTO stock_movements SELECT 5, 5, 'twin' FROM generate_series(1, 4)")
    source.execute("INSERT INTO stock_movements SELECT 6, 6, NULL FROM generate_series(1, 3)")
    source.execute(
        "DELETE FROM stock_movements WHERE ctid IN (SELECT ctid FROM stock_movements WHERE reason = 'twin' LIMIT 2)"
    )
    source.execute(
        "UPDATE stock_movements SET amount = 7 WHERE ctid IN"
        " (SELECT ctid FROM stock_movements WHERE product_id = 6 AND reason IS NULL AND amount = 6 LIMIT 1)"
    )
    source.execute("INSERT INTO page_views SELECT * FROM page_views LIMIT 5")
    pairs = [
        ("public.translations", "emb_odd.translations"), ("public.Mixed Case", "emb_odd.Mixed Case"),
        ("public.stock_movements", "emb_odd.stock_movements"), ("public.page_views", "emb_odd.page_views"),
    ]  # fmt: skip
    wait_equal(source, target, pairs)
    run.stop()
    millrace.delete("EMB_ODD")


def test_foreign_keys_and_unique_indexes_on_the_target(
    millrace: Millrace, source: psycopg.Connection, target: Any
) -> None:
    """The target's own constraints hold at every statement: changes come in the source's order there."""
    source.execute("DROP TABLE IF EXISTS fk_child, fk_parent")
    source.execute("CREATE TABLE fk_parent (id int PRIMARY KEY, code text NOT NULL UNIQUE, v int)")
    source.execute("CREATE TABLE fk_child (id int PRIMARY KEY, parent int NOT NULL REFERENCES fk_parent, v int)")
    source.execute("INSERT INTO fk_parent SELECT n, 'c' || n, n FROM generate_series(1, 20) AS n")
    millrace.create("EMB_FK", "fk_parent,fk_child", "emb_fk", "--column-type", "public.fk_parent.code=nvarchar(100)")
    millrace.catch_up("EMB_FK")
    with target.cursor() as cursor:
        cursor.execute("CREATE UNIQUE INDEX ux_code ON emb_fk.fk_parent (code)")
        cursor.execute(
            "ALTER TABLE emb_fk.fk_child ADD CONSTRAINT fk_child_parent FOREIGN KEY (parent) REFERENCES emb_fk.fk_parent (id)"
        )
    run = millrace.start("EMB_FK")
    run.wait_event("stream.started")
    with source.transaction():
        source.execute("INSERT INTO fk_parent VALUES (100, 'c100', 0)")
        source.execute("INSERT INTO fk_child VALUES (1, 100, 0), (2, 100, 0), (3, 1, 0)")
        source.execute("UPDATE fk_parent SET v = v + 1")
        source.execute("UPDATE fk_parent SET v = v + 1 WHERE id < 5")
    with source.transaction():
        # A value of the unique column goes from row to row.
        source.execute("UPDATE fk_parent SET code = 'free' WHERE id = 1")
        source.execute("UPDATE fk_parent SET code = 'c1' WHERE id = 2")
        source.execute("UPDATE fk_parent SET code = 'c2' WHERE id = 1")
    with source.transaction():
        source.execute("DELETE FROM fk_child WHERE parent = 100")
        source.execute("DELETE FROM fk_parent WHERE id = 100")
        source.execute("INSERT INTO fk_parent VALUES (100, 'c100', 1)")
        source.execute("INSERT INTO fk_child VALUES (1, 100, 1)")
        source.execute("UPDATE fk_child SET id = 9 WHERE id = 1")
    wait_equal(source, target, [("public.fk_parent", "emb_fk.fk_parent"), ("public.fk_child", "emb_fk.fk_child")])
    run.stop()
    millrace.delete("EMB_FK")
    source.execute("DROP TABLE fk_child, fk_parent")


def test_keys_and_unique_values_change_places(millrace: Millrace, source: psycopg.Connection, target: Any) -> None:
    """Constraints that the source looks at when a transaction ends hold at every statement on the target: with a key
    alone, with a further unique index, and with foreign keys, whose tables are applied in the source's order."""
    source.execute("DROP TABLE IF EXISTS swap_child, swap_parent, swap_plain, swap_unique")
    for name in ("swap_plain", "swap_unique", "swap_parent"):
        source.execute(
            f"CREATE TABLE {name} (id int, code text NOT NULL, v int, big text, PRIMARY KEY (id) DEFERRABLE,"
            " UNIQUE (code) DEFERRABLE)"
        )
        source.execute(f"ALTER TABLE {name} REPLICA IDENTITY FULL, ALTER big SET STORAGE EXTERNAL")
        source.execute(f"INSERT INTO {name} SELECT n, 'c' || n, n, repeat('x', 9000) FROM generate_series(1, 20) AS n")
    # No foreign key on the source: deferrable keys can't be referenced. The target has one.
    source.execute("CREATE TABLE swap_child (id int PRIMARY KEY, parent int NOT NULL)")
    source.execute("INSERT INTO swap_child VALUES (1, 1), (2, 2), (3, 3)")
    tables = ("swap_plain", "swap_unique", "swap_parent", "swap_child")
    pairs = [(f"public.{each}", f"emb_swap.{each}") for each in tables]
    types = [f"--column-type=public.{each}.code=nvarchar(100)" for each in tables[:3]]
    millrace.create("EMB_SWAP", ",".join(tables), "emb_swap", *types)
    millrace.catch_up("EMB_SWAP")
    with target.cursor() as cursor:
        for each in ("swap_unique", "swap_parent"):
            cursor.execute(f"CREATE UNIQUE INDEX ux_{each} ON emb_swap.{each} (code)")
        cursor.execute(
            "ALTER TABLE emb_swap.swap_child ADD CONSTRAINT fk_swap FOREIGN KEY (parent)"
            " REFERENCES emb_swap.swap_parent (id)"
        )
    run = millrace.start("EMB_SWAP")
    run.wait_event("stream.started")
    for each in ("swap_plain", "swap_unique", "swap_parent"):
        changes = [
            ["UPDATE {} SET id = 3 - id WHERE id IN (1, 2)"],
            ["UPDATE {} SET id = CASE id WHEN 1 THEN 2 WHEN 2 THEN 3 ELSE 1 END WHERE id IN (1, 2, 3)"],
            ["SET CONSTRAINTS ALL DEFERRED", "UPDATE {} SET id = 5 WHERE id = 4", "UPDATE {} SET id = 4 WHERE code = 'c5'"],
            ["UPDATE {} SET id = id + 1 WHERE id BETWEEN 6 AND 20"],
            ["UPDATE {} SET code = CASE code WHEN 'c1' THEN 'c2' ELSE 'c1' END WHERE code IN ('c1', 'c2')"],
            ["SET CONSTRAINTS ALL DEFERRED", "INSERT INTO {} VALUES (30, 'c4', 0, 'b')",
             "UPDATE {} SET code = 'free' WHERE code = 'c4' AND id < 30"],
            ["SET CONSTRAINTS ALL DEFERRED", "INSERT INTO {} VALUES (8, 'new', 0, 'b')",
             "UPDATE {} SET id = 31, v = -1 WHERE id = 8 AND code <> 'new'", "DELETE FROM {} WHERE id = 9",
             "UPDATE {} SET id = 9 WHERE id = 31"],
        ]  # fmt: skip
        for statements in changes:
            with source.transaction():
                for statement in statements:
                    source.execute(statement.format(each))
                source.execute("UPDATE swap_child SET parent = 1 + parent % 3")
    wait_equal(source, target, pairs)
    assert run.stop() == 130
    assert not run.events("failed") and not run.events("retry"), run.lines
    # In a transaction that comes in pieces, and while the program is away.
    with source.transaction():
        source.execute(
            "INSERT INTO swap_parent SELECT n, 'g' || n, n, repeat('y', 300) FROM generate_series(1000, 60000) AS n"
        )
        source.execute("UPDATE swap_parent SET id = 3 - id WHERE id IN (1, 2)")
    millrace.catch_up("EMB_SWAP")
    assert unequal(source, target, pairs) == []
    millrace.delete("EMB_SWAP")
    source.execute("DROP TABLE swap_child, swap_parent, swap_plain, swap_unique")


CROSSED = {
    "around a change of another table": [
        "UPDATE cross_parent SET code = 'c2' WHERE id = 1",
        "UPDATE cross_child SET parent = 2 WHERE id = 1",
        "UPDATE cross_parent SET code = 'c1' WHERE id = 2",
    ],
    "of two tables, each around the other": [
        "UPDATE cross_parent SET code = 'c1' WHERE id = 1",
        "UPDATE cross_child SET tag = 't2' WHERE id = 1",
        "UPDATE cross_parent SET code = 'c2' WHERE id = 2",
        "UPDATE cross_child SET tag = 't1', parent = 1 WHERE id = 2",
    ],
    "a child goes to a new row that has the value of another": [
        "INSERT INTO cross_parent VALUES (10, 'c3')",
        "UPDATE cross_child SET parent = 10 WHERE id = 3",
        "UPDATE cross_parent SET code = 'free' WHERE id = 3",
    ],
    "children leave a row that is deleted": [
        "UPDATE cross_parent SET code = 'c8' WHERE id = 7",
        "UPDATE cross_child SET parent = 1 WHERE id = 4",
        "UPDATE cross_parent SET code = 'c7' WHERE id = 8",
        "DELETE FROM cross_parent WHERE id = 4",
    ],
    "and its value goes to a new row": [
        "UPDATE cross_parent SET code = 'c7' WHERE id = 7",
        "UPDATE cross_child SET parent = 1 WHERE id = 5",
        "UPDATE cross_parent SET code = 'c8' WHERE id = 8",
        "INSERT INTO cross_parent VALUES (11, 'c5')",
        "DELETE FROM cross_parent WHERE id = 5",
    ],
    "a row is deleted and comes again beside it": [
        "UPDATE cross_parent SET code = 'c8' WHERE id = 7",
        "DELETE FROM cross_child WHERE id = 2",
        "UPDATE cross_parent SET code = 'c7' WHERE id = 8",
        "INSERT INTO cross_child VALUES (2, 7, 'again')",
    ],
}


def test_unique_values_change_places_around_another_table(
    millrace: Millrace, source: psycopg.Connection, target: Any
) -> None:
    """No order of single changes suits SQL Server then, nor one table's at a time; what none suits is named."""
    source.execute("DROP TABLE IF EXISTS cross_child, cross_parent")
    source.execute("CREATE TABLE cross_parent (id int PRIMARY KEY, code text NOT NULL UNIQUE DEFERRABLE)")
    source.execute(
        "CREATE TABLE cross_child (id int PRIMARY KEY, parent int NOT NULL REFERENCES cross_parent,"
        " tag text NOT NULL UNIQUE DEFERRABLE)"
    )
    source.execute("INSERT INTO cross_parent SELECT n, 'c' || n FROM generate_series(1, 9) AS n")
    source.execute("INSERT INTO cross_child SELECT n, n, 't' || n FROM generate_series(1, 6) AS n")
    pairs = [(f"public.{each}", f"emb_cross.{each}") for each in ("cross_parent", "cross_child")]
    millrace.create(
        "EMB_CROSS", "cross_parent,cross_child", "emb_cross", "--column-type=public.cross_parent.code=nvarchar(100)",
        "--column-type=public.cross_child.tag=nvarchar(100)",
    )  # fmt: skip
    millrace.catch_up("EMB_CROSS")
    with target.cursor() as cursor:
        cursor.execute("CREATE UNIQUE INDEX ux_code ON emb_cross.cross_parent (code)")
        cursor.execute("CREATE UNIQUE INDEX ux_tag ON emb_cross.cross_child (tag)")
        cursor.execute(
            "ALTER TABLE emb_cross.cross_child ADD CONSTRAINT fk_cross FOREIGN KEY (parent)"
            " REFERENCES emb_cross.cross_parent (id)"
        )
    run = millrace.start("EMB_CROSS")
    run.wait_event("stream.started")
    for statements in CROSSED.values():
        with source.transaction():
            source.execute("SET CONSTRAINTS ALL DEFERRED")
            for statement in statements:
                source.execute(statement)
        wait_equal(source, target, pairs)
    assert run.stop() == 130
    assert not run.events("failed") and not run.events("retry"), run.lines
    # The row that comes needs the value of the one that goes, which can go once the child has left it for the one that
    # comes.
    with source.transaction():
        source.execute("SET CONSTRAINTS ALL DEFERRED")
        source.execute("INSERT INTO cross_parent VALUES (12, 'c6')")
        source.execute("UPDATE cross_child SET parent = 12 WHERE id = 6")
        source.execute("DELETE FROM cross_parent WHERE id = 6")
    answer = millrace.call("run", "EMB_CROSS", "--until-caught-up", "-o", "json")
    assert answer.code == 1
    assert "public.cross_parent: row id=12 (insert, LSN " in answer.out + answer.err
    with target.cursor() as cursor:
        cursor.execute("DROP INDEX ux_code ON emb_cross.cross_parent")
    millrace.catch_up("EMB_CROSS")
    assert unequal(source, target, pairs) == []
    millrace.delete("EMB_CROSS")
    source.execute("DROP TABLE cross_child, cross_parent")


def test_truncate_between_changes(millrace: Millrace, source: psycopg.Connection, target: Any) -> None:
    source.execute("DROP TABLE IF EXISTS emptied")
    source.execute("CREATE TABLE emptied (id int PRIMARY KEY, v text)")
    source.execute("INSERT INTO emptied SELECT n, 'before' FROM generate_series(1, 100) AS n")
    millrace.create("EMB_TRUNCATE", "emptied", "emb_truncate")
    millrace.catch_up("EMB_TRUNCATE")
    with source.transaction():
        source.execute("INSERT INTO emptied VALUES (1001, 'goes')")
        source.execute("TRUNCATE emptied")
        source.execute("INSERT INTO emptied VALUES (1, 'stays'), (2, 'stays')")
    source.execute("UPDATE emptied SET v = 'changed' WHERE id = 2")
    millrace.catch_up("EMB_TRUNCATE")
    assert unequal(source, target, [("public.emptied", "emb_truncate.emptied")]) == []
    millrace.delete("EMB_TRUNCATE")
    source.execute("DROP TABLE emptied")


def test_a_transaction_larger_than_memory_for_it(millrace: Millrace, source: psycopg.Connection, target: Any) -> None:
    """It is streamed before its end, spilled, applied in pieces, and seen at once: a rolled back part never."""
    source.execute("DROP TABLE IF EXISTS giant")
    source.execute("CREATE TABLE giant (id int PRIMARY KEY, v text)")
    millrace.create("EMB_GIANT", "giant", "emb_giant")
    run = millrace.start("EMB_GIANT")
    run.wait_event("stream.started")
    with source.transaction():
        source.execute("INSERT INTO giant SELECT n, repeat('x', 300) FROM generate_series(1, 300000) AS n")
        try:
            with source.transaction():
                source.execute("UPDATE giant SET v = 'never' WHERE id <= 100000")
                raise psycopg.Rollback
        except psycopg.Rollback:
            pass
        source.execute("UPDATE giant SET v = 'kept' WHERE id % 10 = 0")
        source.execute("DELETE FROM giant WHERE id % 7 = 0")
    counts = set()

    def complete() -> bool:
        with target.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM emb_giant.giant")
            counts.add(cursor.fetchall()[0][0])
        return max(counts) > 0

    wait_until(complete, "the transaction is seen")
    expected = source.execute("SELECT count(*) FROM giant").fetchone()[0]
    assert counts <= {0, expected}
    assert unequal(source, target, [("public.giant", "emb_giant.giant")]) == []
    run.stop()
    millrace.delete("EMB_GIANT")
    source.execute("DROP TABLE giant")
