"""`millrace verify`: nothing to tell of equal copies, also under load; every planted difference found, named, repaired."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from conftest import Answer, Millrace, unequal, wait_equal

from lab.workload import change

NAME = "VERIFY"
SCHEMA = "verify"
TABLES = ("customers", "products", "orders", "order_items", "all_types", "stock_movements", "translations")
# Python's own equality is not the values' for every type: test_tables.py compares those of all_types.
PAIRS = [(f"public.{table}", f"{SCHEMA}.{table}") for table in TABLES if table != "all_types"]


@pytest.fixture(scope="module", autouse=True)
def pipeline(millrace: Millrace) -> Iterator[dict[str, Any]]:
    created = millrace.create(NAME, ",".join(TABLES), SCHEMA)
    millrace.catch_up(NAME)
    yield created


def verify(millrace: Millrace, *more: str) -> Answer:
    return millrace.call("verify", NAME, "-o", "json", *more)


def verdict(answer: Answer, table: str) -> dict[str, Any]:
    assert answer.code in (0, 1), answer.out + answer.err
    return next(found for found in answer.json["tables"] if found["table"] == f"public.{table}")


def counts(found: dict[str, Any]) -> tuple[int, int, int]:
    return found["missing"], found["extra"], found["different"]


def run(target: Any, sql: str) -> None:
    with target.cursor() as cursor:
        cursor.execute(sql)
        assert cursor.rowcount == 1, sql


def some_customer(source: psycopg.Connection) -> int:
    """One that is there, whatever other tests of this lab did."""
    found = source.execute("SELECT min(id) FROM customers").fetchone()
    assert found is not None
    return int(found[0])


def find_and_repair(millrace: Millrace, table: str, expected: tuple[int, int, int]) -> list[dict[str, Any]]:
    """What is told of the table's rows; afterwards it is equal."""
    answer = verify(millrace, "--tables", table)
    found = verdict(answer, table)
    assert (answer.code, answer.json["equal"], counts(found)) == (1, False, expected), answer.out
    repaired = verify(millrace, "--tables", table, "--repair")
    assert (repaired.code, repaired.json["equal"]) == (0, True), repaired.out + repaired.err
    again = verdict(repaired, table)
    assert (again["repaired"], counts(again)) == (sum(expected), (0, 0, 0))
    assert sorted(map(str, again["repaired_rows"])) == sorted(map(str, found["rows"]))
    assert verify(millrace, "--tables", table).code == 0
    return found["rows"]


def test_equal_after_load(millrace: Millrace, source: psycopg.Connection) -> None:
    answer = verify(millrace)
    assert answer.code == 0, answer.out + answer.err
    assert answer.json["equal"] is True
    for table in TABLES:
        found = verdict(answer, table)
        rows = source.execute(f"SELECT count(*) FROM {table}").fetchone()
        assert rows is not None
        assert (found["source_rows"], found["target_rows"]) == (rows[0], rows[0])
        assert (found["result"], counts(found), found["rows"]) == ("equal", (0, 0, 0), [])


def test_one_changed_character(millrace: Millrace, source: psycopg.Connection, target: Any) -> None:
    customer = some_customer(source)
    run(target, f"UPDATE {SCHEMA}.customers SET name = name + N' ' WHERE id = {customer}")
    name = source.execute("SELECT name FROM customers WHERE id = %s", (customer,)).fetchone()
    assert name is not None
    rows = find_and_repair(millrace, "customers", (0, 0, 1))
    assert rows[0]["fault"] == "different"
    assert rows[0]["key"] == {"id": str(customer)}
    assert rows[0]["columns"] == [{"column": "name", "source": name[0], "target": name[0] + " "}]


def test_a_missing_and_an_extra_row(millrace: Millrace, target: Any) -> None:
    run(target, f"DELETE FROM {SCHEMA}.translations WHERE phrase = N'ß'")
    run(target, f"INSERT INTO {SCHEMA}.translations (phrase, meaning) VALUES (N'😀😀', N'twice')")
    rows = find_and_repair(millrace, "translations", (1, 1, 0))
    assert {(row["fault"], row["key"]["phrase"]) for row in rows} == {("missing", "ß"), ("extra", "😀😀")}


def test_null_is_not_empty(millrace: Millrace, source: psycopg.Connection, target: Any) -> None:
    source.execute(
        "INSERT INTO translations (phrase, meaning) VALUES ('a', NULL), ('A', '')"
        " ON CONFLICT (phrase) DO UPDATE SET meaning = EXCLUDED.meaning"
    )
    # Nobody runs the pipeline: verify catches up by itself.
    assert verify(millrace, "--tables", "translations").code == 0
    run(target, f"UPDATE {SCHEMA}.translations SET meaning = N'' WHERE phrase = N'a'")
    run(target, f"UPDATE {SCHEMA}.translations SET meaning = NULL WHERE phrase = N'A'")
    rows = find_and_repair(millrace, "translations", (0, 0, 2))
    told = {row["key"]["phrase"]: (row["columns"][0]["source"], row["columns"][0]["target"]) for row in rows}
    assert told == {"a": (None, ""), "A": ("", None)}


def test_every_column_of_every_type(millrace: Millrace, target: Any) -> None:
    with target.cursor() as cursor:
        cursor.execute(
            "SELECT c.name FROM sys.columns AS c WHERE c.object_id = OBJECT_ID(N'verify.all_types')"
            " AND c.name <> N'id' AND c.is_nullable = 1"
        )
        columns = {name for (name,) in cursor.fetchall()}
        cursor.execute(f"SELECT MAX(id) FROM {SCHEMA}.all_types")
        whole = cursor.fetchone()[0]
        assert len(columns) > 40
        changed = set()
        for column in sorted(columns):
            cursor.execute(
                f"UPDATE {SCHEMA}.all_types SET [{column}] = NULL WHERE id = {whole} AND [{column}] IS NOT NULL"
            )
            if cursor.rowcount == 1:
                changed.add(column)
    assert changed
    rows = find_and_repair(millrace, "all_types", (0, 0, 1))
    assert {column["column"] for column in rows[0]["columns"]} == changed


def test_copies_in_a_table_without_key(millrace: Millrace, target: Any) -> None:
    with target.cursor() as cursor:
        cursor.execute(
            f"SELECT TOP (1) product_id, amount FROM {SCHEMA}.stock_movements WHERE reason IS NULL ORDER BY product_id"
        )
        product, amount = cursor.fetchone()
    row = f"({product}, {amount}, NULL)"
    run(target, f"INSERT INTO {SCHEMA}.stock_movements (product_id, amount, reason) VALUES {row}")
    run(target, f"INSERT INTO {SCHEMA}.stock_movements (product_id, amount, reason) VALUES {row}")
    run(target, f"DELETE TOP (1) FROM {SCHEMA}.stock_movements WHERE reason = N'Inventur'")
    rows = find_and_repair(millrace, "stock_movements", (1, 2, 0))
    assert {(found["fault"], found["copies"]) for found in rows} == {("missing", 1), ("extra", 2)}
    extra = next(found for found in rows if found["fault"] == "extra")
    assert extra["key"] == {"product_id": str(product), "amount": str(amount), "reason": None}


KEYED = "verify_keys"
KEYS: dict[str, list[str]] = {
    "int8": ["-9223372036854775808", "0", "42"],
    "numeric(38,10)": ["-1.5000000000", "12345678901234567890.0000000001", "0"],
    "text": ["it''s", "a\\\nb", "A", "a", "😀 ö", "]]--", ""],
    "varchar(20)": ["x\ty", "'';", "%_["],
    "char(5)": ["ab", "c"],
    "uuid": ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "00000000-0000-0000-0000-000000000001"],
    "date": ["0001-01-01", "2024-02-29", "9999-12-31"],
    "time": ["00:00:00", "23:59:59.999999"],
    "timestamp": ["0001-01-01 00:00:00", "2024-02-29 12:00:00.000001"],
    "timestamptz": ["2024-02-29 12:00:00.000001+02", "1999-12-31 23:59:59+00"],
    "bytea": ["\\x00ff27", "\\x"],
    "boolean": ["true", "false"],
    "float8": ["0.1", "1e300"],
    "interval": ["1 mon 2 days 03:00:00", "00:00:01"],
}


@pytest.mark.parametrize("type_name", KEYS)
def test_rows_are_found_again_by_keys_of_every_type(
    millrace: Millrace, source: psycopg.Connection, target: Any, type_name: str
) -> None:
    """Of each two rows one is lost, one is changed and one more has another key's place: all in both parts of the key."""
    values = ", ".join(f"({part}, '{value}'::{type_name}, 'v')" for value in KEYS[type_name] for part in (1, 2, 3))
    source.execute(f"DROP TABLE IF EXISTS {KEYED}")
    source.execute(f"CREATE TABLE {KEYED} (part int, k {type_name}, v text, PRIMARY KEY (k, part))")
    source.execute(f"INSERT INTO {KEYED} VALUES {values}")
    try:
        millrace.create("VERIFY_KEYS", KEYED, KEYED)
        millrace.catch_up("VERIFY_KEYS")
        with target.cursor() as cursor:
            cursor.execute(f"DELETE FROM {KEYED}.{KEYED} WHERE part = 1")
            cursor.execute(f"UPDATE {KEYED}.{KEYED} SET v = N'w' WHERE part = 2")
            cursor.execute(f"UPDATE {KEYED}.{KEYED} SET part = 4 WHERE part = 3")
        answer = millrace.call("verify", "VERIFY_KEYS", "-o", "json")
        each = len(KEYS[type_name])
        assert counts(verdict(answer, KEYED)) == (2 * each, each, each), answer.out
        repaired = millrace.call("verify", "VERIFY_KEYS", "-o", "json", "--repair")
        assert (repaired.code, verdict(repaired, KEYED)["repaired"]) == (0, 4 * each), repaired.out + repaired.err
    finally:
        millrace.call("delete", "VERIFY_KEYS", "--drop-tables", "-y")
        source.execute(f"DROP TABLE {KEYED}")


def test_a_partitioned_table(millrace: Millrace, source: psycopg.Connection, target: Any) -> None:
    """Its rows are in its leaves: what differs is sought there again before it is told or repaired."""
    source.execute("DROP TABLE IF EXISTS verify_parts")
    source.execute("CREATE TABLE verify_parts (id int PRIMARY KEY, t text) PARTITION BY RANGE (id)")
    for start in (0, 100):
        source.execute(
            f"CREATE TABLE verify_parts_{start} PARTITION OF verify_parts FOR VALUES FROM ({start}) TO ({start + 100})"
        )
    source.execute("INSERT INTO verify_parts SELECT i, 'row ' || i FROM generate_series(0, 199) AS i")
    millrace.create("VERIFY_PARTS", "verify_parts", "verify_parts")
    millrace.catch_up("VERIFY_PARTS")
    run(target, "UPDATE verify_parts.verify_parts SET t = N'row 7!' WHERE id = 7")
    run(target, "DELETE FROM verify_parts.verify_parts WHERE id = 150")
    run(target, "INSERT INTO verify_parts.verify_parts VALUES (500, N'extra')")
    answer = millrace.call("verify", "VERIFY_PARTS", "-o", "json")
    found = verdict(answer, "verify_parts")
    assert (answer.code, counts(found)) == (1, (1, 1, 1)), answer.out
    repaired = millrace.call("verify", "VERIFY_PARTS", "--repair", "-o", "json")
    assert (repaired.code, repaired.json["equal"]) == (0, True), repaired.out
    assert unequal(source, target, [("public.verify_parts", "verify_parts.verify_parts")]) == []
    # A partition that goes takes its rows with it; verify finds them in the copy.
    source.execute("DROP TABLE verify_parts_100")
    gone = millrace.call("verify", "VERIFY_PARTS", "-o", "json")
    assert (gone.code, counts(verdict(gone, "verify_parts"))) == (1, (0, 100, 0)), gone.out
    assert millrace.call("verify", "VERIFY_PARTS", "--repair").code == 0
    assert unequal(source, target, [("public.verify_parts", "verify_parts.verify_parts")]) == []
    millrace.delete("VERIFY_PARTS")
    source.execute("DROP TABLE verify_parts")


def test_all_are_counted_and_some_are_named(millrace: Millrace, target: Any) -> None:
    with target.cursor() as cursor:
        cursor.execute(f"UPDATE {SCHEMA}.products SET price = price + 1")
        products = cursor.rowcount
    answer = verify(millrace, "--tables", "products", "--max-report", "3")
    found = verdict(answer, "products")
    assert (found["different"], len(found["rows"])) == (products, 3)
    assert verify(millrace, "--tables", "products", "--repair").code == 0


def test_for_people(millrace: Millrace, source: psycopg.Connection, target: Any) -> None:
    customer = some_customer(source)
    run(target, f"UPDATE {SCHEMA}.customers SET country = N'XX' WHERE id = {customer}")
    answer = millrace.call("verify", NAME, "--tables", "public.customers")
    assert answer.code == 1
    assert f"different id='{customer}'" in answer.out
    assert "'XX' on the target" in answer.out
    assert millrace.call("verify", NAME, "--tables", "customers", "--repair").code == 0


def test_unknown_table(millrace: Millrace) -> None:
    answer = verify(millrace, "--tables", "custmers")
    assert (answer.code, answer.json["error"]["code"]) == (2, "table.not_found")


def test_a_paused_pipeline(millrace: Millrace, source: psycopg.Connection) -> None:
    """What the copy does not hold yet cannot be waited for."""
    assert millrace.call("pause", NAME).code == 0
    source.execute("UPDATE customers SET country = country WHERE id = %s", (some_customer(source),))
    answer = verify(millrace, "--tables", "customers")
    assert (answer.code, answer.json["error"]["code"]) == (2, "pipeline.state")
    assert millrace.call("resume", NAME).code == 0


def test_under_load(millrace: Millrace, source: psycopg.Connection, target: Any) -> None:
    running = millrace.start(NAME)
    running.wait_event("stream.started")
    failure: list[BaseException] = []

    def write() -> None:
        try:
            change(source, rate=100, transactions=1500, seed=5)
        except BaseException as error:
            failure.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    looks = 0
    while writer.is_alive() or looks == 0:
        answer = verify(millrace)
        assert answer.code == 0, answer.out + answer.err
        looks += 1
        # A planted difference is found among all that changes, and its repair is none of the stream's business.
        run(target, f"UPDATE {SCHEMA}.translations SET meaning = N'planted' WHERE phrase = N'ss'")
        found = verdict(verify(millrace, "--repair"), "translations")
        assert (found["repaired"], counts(found)) == (1, (0, 0, 0))
    writer.join()
    assert not failure
    assert running.process.poll() is None
    wait_equal(source, target, PAIRS)
    assert running.stop() == 130
    assert verify(millrace).code == 0
    assert unequal(source, target, PAIRS) == []
