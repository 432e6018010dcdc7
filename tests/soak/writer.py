"""A writer: one transaction after the other. Which operations the n-th has depends on seed, writer and n alone."""

from __future__ import annotations

import threading
from collections.abc import Callable

import psycopg

from tests.shared.lab_facts import LabFacts
from tests.soak import operations as operations_module
from tests.soak.dice import dice
from tests.soak.operations import GiveUp, chosen

# Two writers met; the transaction is rolled back and the next one is drawn.
_MET = (
    psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected, psycopg.errors.UniqueViolation,
    psycopg.errors.LockNotAvailable, psycopg.errors.FeatureNotSupported, psycopg.errors.InFailedSqlTransaction,
    psycopg.errors.NotNullViolation,
)  # fmt: skip


class Writer(threading.Thread):
    def __init__(self, lab: LabFacts, seed: int, number: int, note: Callable[[str], None]) -> None:
        super().__init__(daemon=True, name=f"writer {number}")
        self._lab, self._seed, self._number, self._note = lab, seed, number, note
        self.ends = threading.Event()
        self.failure: BaseException | None = None
        self.drawn = 0
        self.truncates = False  # a table that is emptied again and again cannot be loaded under one snapshot
        self.committed = 0

    def run(self) -> None:
        try:
            while not self.ends.is_set():
                try:
                    self._work()
                except psycopg.OperationalError as lost:  # the source was killed or restarts
                    self._note(f"{self.name}: lost the source: {str(lost).strip().splitlines()[0]}")
                    self.ends.wait(0.2)
        except BaseException as failure:
            self.failure = failure

    def _work(self) -> None:
        with self._lab.source() as source:
            source.execute("SET lock_timeout = '5s'")
            mine = f"soak\\_{self._number}\\_%"
            for (name,) in source.execute("SELECT gid FROM pg_prepared_xacts WHERE gid LIKE %s", (mine,)).fetchall():
                source.execute(f"ROLLBACK PREPARED '{name}'")
            while not self.ends.is_set():
                self.drawn += 1
                self._one(source, self.drawn)
                self.ends.wait(0.004)

    def _one(self, source: psycopg.Connection, drawn: int) -> None:
        chance = dice(self._seed, self._number, drawn)
        operations = chosen(chance)
        what = "+".join(operation.__name__ for operation in operations)
        prepared = chance.random() < 0.05
        ends_well = chance.random() < 0.7
        try:
            # Beside other writers: what one has read, no other changes before it commits.
            source.execute("BEGIN ISOLATION LEVEL SERIALIZABLE")
            if operations_module.truncate in operations and not self.truncates:
                raise GiveUp
            for operation in operations:
                operation(source, chance)
            row = source.execute(
                "UPDATE soak_progress SET n = n + 1 WHERE writer = %s RETURNING n", (self._number,)
            ).fetchone()
            assert row is not None
            source.execute("INSERT INTO soak_log VALUES (%s, %s, %s)", (self._number, row[0], what))
            if prepared:
                name = f"soak_{self._number}_{drawn}"
                source.execute(f"PREPARE TRANSACTION '{name}'")
                source.execute(f"{'COMMIT' if ends_well else 'ROLLBACK'} PREPARED '{name}'")
                what += f" (prepared, {'committed' if ends_well else 'rolled back'})"
            else:
                source.execute("COMMIT")
            self.committed += 1
            self._note(f"{self.name}: {drawn} is {row[0]}: {what}")
        except (GiveUp, *_MET) as why:
            source.execute("ROLLBACK")
            self._note(f"{self.name}: {drawn} rolled back: {what} ({type(why).__name__})")

    def end(self) -> None:
        self.ends.set()
        self.join()
        if self.failure:
            raise AssertionError(f"{self.name} failed") from self.failure
