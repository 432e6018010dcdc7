"""The source's tables and what happens to them."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from bench.sizes import HUGE_BYTES, HUGE_ROWS
from lab.lab import Lab
from lab.postgres import DATABASE, OWNER, SUPERUSER

PUBLICATION = "bench_pub"
BASE_ROWS = 10_000  # of a streamed table, for its updates
PGBENCH = ("pgbench_accounts", "pgbench_branches", "pgbench_tellers", "pgbench_history")

# Sixteen columns: the shape by which replication tools compare themselves (PeerDB's "firenibble"), about 300 bytes.
_WIDE = """(
    f0 bigint PRIMARY KEY, f1 bigint NOT NULL, f2 bigint, f3 integer, f4 double precision, f5 double precision,
    f6 double precision, f7 double precision, f8 varchar, f9 varchar, f10 varchar, f11 varchar, f12 date, f13 date,
    f14 varchar, f15 varchar)"""
_WIDE_ROW = """
    {n}, {n} * 7, {n} * 1000003, ({n} % 10007)::integer, {n} / 7.0::double precision, sqrt({n}), {n} * 0.5, -{n} * 1e-3,
    md5(({n})::text), md5(({n} + 1)::text), md5(({n} + 2)::text), md5(({n} + 3)::text),
    DATE '2020-01-01' + ({n} % 2000)::integer, DATE '2021-01-01' + ({n} % 300)::integer,
    md5(({n} + 4)::text), md5(({n} + 5)::text)"""

# pgbench's built-in transaction, over the accounts that are there.
_TPCB = """
\\set aid random(1, {accounts})
\\set bid random(1, {scale})
\\set tid random(1, 10 * {scale})
\\set delta random(-5000, 5000)
BEGIN;
UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :aid;
SELECT abalance FROM pgbench_accounts WHERE aid = :aid;
UPDATE pgbench_tellers SET tbalance = tbalance + :delta WHERE tid = :tid;
UPDATE pgbench_branches SET bbalance = bbalance + :delta WHERE bid = :bid;
INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (:tid, :bid, :aid, :delta, CURRENT_TIMESTAMP);
END;
"""

# Half of the transactions insert, half of them update rows that were there before.
_MIX = """
DO $$
DECLARE
    made bigint := (SELECT max(f0) FROM {table});
    at bigint := 0;
BEGIN
    FOR number IN 1..{transactions} LOOP
        IF number % 2 = 1 THEN
            INSERT INTO {table} SELECT {row} FROM generate_series(made + 1, made + {rows}) AS n;
            made := made + {rows};
        ELSE
            UPDATE {table} SET f1 = f1 + 1, f5 = f5 / 2, f8 = md5(f8) WHERE f0 > at AND f0 <= at + {rows};
            at := (at + {rows}) % {base};
        END IF;
        COMMIT;
    END LOOP;
END $$"""


class Source:
    """PostgreSQL as the owner of the tables, and as the superuser who handles slots."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self.owner = lab.postgres.connect(OWNER, autocommit=True)
        self.admin = lab.postgres.connect(SUPERUSER, autocommit=True)
        # For making data only; what measures latency has a connection of its own.
        self.owner.execute("SET synchronous_commit = off")
        self.owner.execute("SET client_min_messages = warning")

    def close(self) -> None:
        self.owner.close()
        self.admin.close()

    def version(self) -> str:
        return self.owner.execute("SHOW server_version").fetchone()[0]

    def setting(self, name: str) -> str:
        return self.owner.execute(f"SHOW {name}").fetchone()[0]

    def schema(self, name: str) -> None:
        self.owner.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
        self.owner.execute(f"CREATE SCHEMA {name}")

    def wide_table(self, table: str, rows: int) -> None:
        self.owner.execute(f"CREATE TABLE {table} {_WIDE}")
        self.owner.execute(
            f"INSERT INTO {table} SELECT {_WIDE_ROW.format(n='n')} FROM generate_series(1::bigint, {rows}) AS n"
        )
        self.owner.execute(f"VACUUM (ANALYZE) {table}")

    def pgbench_tables(self, schema: str, scale: int) -> None:
        self._pgbench(schema, "-i", "-I", "dtGvp", "-s", str(scale), "--quiet")
        # It has no key. Rows are only added to it, but Millrace asks for what updates would need.
        self.owner.execute(f"ALTER TABLE {schema}.pgbench_history REPLICA IDENTITY FULL")

    def fewer_accounts(self, schema: str, rows: int) -> None:
        """pgbench's smallest set has 100,000, which a slow mover takes long for."""
        self.owner.execute(f"DELETE FROM {schema}.pgbench_accounts WHERE aid > {rows}")

    def key_for_history(self, schema: str) -> None:
        """The Kafka path refuses tables without a key."""
        self.owner.execute(f"ALTER TABLE {schema}.pgbench_history ADD COLUMN hid bigserial PRIMARY KEY")
        self.owner.execute(f"ALTER TABLE {schema}.pgbench_history REPLICA IDENTITY DEFAULT")

    def huge_rows(self, table: str) -> None:
        """Not compressed, so that each travels whole."""
        self.owner.execute(f"CREATE TABLE {table} (id bigint PRIMARY KEY, document text)")
        self.owner.execute(f"ALTER TABLE {table} ALTER document SET STORAGE EXTERNAL")
        for number in range(1, HUGE_ROWS + 1):
            self.owner.execute(f"INSERT INTO {table} VALUES ({number}, repeat('row of ten MB ', {HUGE_BYTES // 14}))")

    def narrow_table(self, table: str) -> None:
        self.owner.execute(
            f"CREATE TABLE {table} (id bigint PRIMARY KEY, a integer, b bigint, at timestamptz, note text)"
        )

    def giant_transaction(self, table: str, rows: int) -> None:
        self.owner.execute(
            f"INSERT INTO {table} SELECT n, n % 1000, n * 7, now(), 'row ' || n FROM generate_series(1, {rows}) AS n"
        )

    def mix(self, table: str, rows: int, changes: int) -> int:
        """Transactions of `rows` rows, INSERT and UPDATE in turns. Returns how many changes there are."""
        transactions = max(1, changes // rows)
        sql = _MIX.format(
            table=table, row=_WIDE_ROW.format(n="n"), rows=rows, transactions=transactions, base=BASE_ROWS
        )
        self.owner.execute(sql)
        return transactions * rows

    def tpcb(self, schema: str, transactions: int) -> int:
        """pgbench's own transaction: three updates and one insert. Two clients."""
        script = _TPCB.format(
            accounts=self.greatest(f"{schema}.pgbench_accounts", "aid"),
            scale=self.count(f"{schema}.pgbench_tellers") // 10,
        )
        with tempfile.NamedTemporaryFile("w", suffix=".pgbench") as file:
            file.write(script)
            file.flush()
            self._pgbench(schema, "-n", "-c", "2", "-j", "1", "-t", str(transactions // 2), "-f", file.name)
        return transactions // 2 * 2 * 4

    def greatest(self, table: str, column: str) -> int:
        return self.owner.execute(f"SELECT max({column}) FROM {table}").fetchone()[0]

    def count(self, table: str) -> int:
        return self.owner.execute(f"SELECT count(*) FROM {table}").fetchone()[0]

    def publish(self, *tables: str) -> None:
        self.owner.execute(f"DROP PUBLICATION IF EXISTS {PUBLICATION}")
        self.owner.execute(f"CREATE PUBLICATION {PUBLICATION} FOR TABLE {', '.join(tables)}")

    @contextmanager
    def recorded(self, change: Callable[[], int]) -> Iterator[Recording]:
        """Changes that can be streamed again and again: a slot that stands before them."""
        self.admin.execute("SELECT pg_create_logical_replication_slot('bench_base', 'pgoutput')")
        try:
            changes = change()
            until = self.admin.execute("SELECT pg_current_wal_insert_lsn()::text").fetchone()[0]
            # A mark behind them, on disk: readers know by it that no more comes.
            self.admin.execute("SELECT pg_logical_emit_message(false, 'bench', 'end'), txid_current()")
            yield Recording(self, changes, until)
        finally:
            self.admin.execute("SELECT pg_drop_replication_slot('bench_base')")

    def _pgbench(self, schema: str, *arguments: str) -> None:
        environment = {
            **os.environ,
            "PGHOST": "127.0.0.1", "PGPORT": str(self._lab.postgres.port), "PGDATABASE": DATABASE,
            "PGUSER": OWNER, "PGPASSWORD": self._lab.postgres.password(OWNER),
            "PGOPTIONS": f"-c search_path={schema} -c synchronous_commit=off -c client_min_messages=warning",
        }  # fmt: skip
        done = subprocess.run(["pgbench", *arguments], env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"pgbench {' '.join(arguments)}: {done.stderr.strip()}")


class Recording:
    def __init__(self, source: Source, changes: int, until: str) -> None:
        self._admin: psycopg.Connection = source.admin
        self.changes = changes
        self.until = until

    @contextmanager
    def slot(self) -> Iterator[str]:
        """A copy of the slot, whose reader may move it."""
        self._admin.execute("SELECT pg_copy_logical_replication_slot('bench_base', 'bench_run')")
        try:
            yield "bench_run"
        finally:
            # The reader has ended; its walsender may need a moment.
            self._admin.execute(
                "DO $$ BEGIN WHILE EXISTS (SELECT 1 FROM pg_replication_slots WHERE slot_name = 'bench_run' AND active)"
                " LOOP PERFORM pg_sleep(0.01); END LOOP; END $$"
            )
            self._admin.execute("SELECT pg_drop_replication_slot('bench_run')")
