"""Changes the columns of soak_shape, alone, several at once, and in transactions with rows around. It is the only one
who does, so what the table looks like follows from the seed."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from tests.shared.lab_facts import LabFacts
from tests.soak.dice import dice

# A type, a value of it, and the types that it can be widened to.
_TYPES = {
    "smallint": ("7", ["integer", "bigint"]),
    "integer": ("70000", ["bigint"]),
    "bigint": ("7000000000", []),
    "numeric(8,2)": ("12.34", ["numeric(12,2)"]),
    "numeric(12,2)": ("1234567.89", []),
    "varchar(20)": ("'short é😀'", ["varchar(60)", "text"]),
    "varchar(60)": ("'somewhat longer, \\ and ''quoted'''", ["text"]),
    "text": ("'text é😀'", []),
    "real": ("0.5", ["double precision"]),
    "double precision": ("0.1", []),
    "boolean": ("true", []),
    "date": ("'2024-02-29'", []),
    "timestamptz": ("'2024-02-29 12:34:56.789012+03'", []),
    "timestamp(3)": ("'2024-02-29 12:34:56.789'", ["timestamp(6)"]),
    "timestamp(6)": ("'2024-02-29 12:34:56.789012'", []),
    "bytea": ("'\\x00ff10'", []),
    "uuid": ("'6f1e1b1e-0000-4000-8000-00000000abcd'", []),
    "jsonb": ("""'{"a": [1, null]}'""", []),
}
_MOST = 8


@dataclass
class Column:
    name: str
    type: str
    not_null: bool = False


class Shaper(threading.Thread):
    def __init__(self, lab: LabFacts, seed: int, note: Callable[[str], None], pause: float) -> None:
        super().__init__(daemon=True, name="shaper")
        self._lab, self._seed, self._note, self.pause = lab, seed, note, pause
        self.columns: list[Column] = []
        self.ends = threading.Event()
        self.failure: BaseException | None = None
        self.done = 0
        self._made = 0

    def run(self) -> None:
        number = 0
        try:
            while not self.ends.wait(self.pause):
                self._one(dice(self._seed, "shape", number), number)
                number += 1
        except BaseException as failure:
            self.failure = failure

    def end(self) -> None:
        self.ends.set()
        self.join()
        if self.failure:
            raise AssertionError(f"{self.name} failed") from self.failure
        # A column that was added last shows on the target with the next row (docs/reference/schema_changes.md).
        with self._lab.source() as source:
            source.execute("UPDATE soak_shape SET v = v WHERE id = (SELECT min(id) FROM soak_shape)")

    def _one(self, chance: random.Random, number: int) -> None:
        columns = [Column(column.name, column.type, column.not_null) for column in self.columns]
        made = self._made
        statements: list[str] = []
        for _ in range(1 if chance.random() < 0.6 else chance.randint(2, 4)):
            if chance.random() < 0.5:
                statements.append(self._rows(chance, columns))
            statements.append(self._change(chance, columns))
            if chance.random() < 0.5:
                statements.append(self._rows(chance, columns))
        rolled_back = chance.random() < 0.1
        while not self.ends.is_set():
            try:
                with self._lab.source() as source:
                    source.execute("SET lock_timeout = '2s'")
                    source.execute("BEGIN")
                    for statement in statements:
                        source.execute(statement)
                    source.execute(f"COMMENT ON TABLE soak_shape IS '{number}'")
                    source.execute("ROLLBACK" if rolled_back else "COMMIT")
                break
            except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
                continue
            except psycopg.OperationalError:  # the source is away; what it committed is asked when it is back
                if self._came_through(number):
                    break
        else:
            return
        self._note(f"shaper: {number}{' rolled back' if rolled_back else ''}: {'; '.join(statements)}")
        if rolled_back:
            self._made = made
            return
        self.columns = columns
        self.done += 1

    def _came_through(self, number: int) -> bool:
        """Whether a change whose answer was lost is done: its transaction wrote its number into the table's comment."""
        self.ends.wait(0.5)
        try:
            with self._lab.source() as source:
                row = source.execute("SELECT obj_description('soak_shape'::regclass)").fetchone()
        except psycopg.OperationalError:
            return False
        return row is not None and row[0] == str(number)

    def _rows(self, chance: random.Random, columns: list[Column]) -> str:
        key = chance.randint(300, 340)
        if chance.random() < 0.3:
            return f"DELETE FROM soak_shape WHERE id = {key}"
        if columns and chance.random() < 0.5:
            column = chance.choice(columns)
            return f"UPDATE soak_shape SET {column.name} = {_TYPES[column.type][0]} WHERE id % 7 = {key % 7}"
        names = ", ".join(["id", "v", *(column.name for column in columns)])
        values = ", ".join([str(key), "1", *(_TYPES[column.type][0] for column in columns)])
        return f"INSERT INTO soak_shape ({names}) VALUES ({values}) ON CONFLICT (id) DO UPDATE SET v = -soak_shape.v"

    def _change(self, chance: random.Random, columns: list[Column]) -> str:
        """The statement; `columns` is what the table has behind it."""
        kinds = ["add", "add", "default", "default"] if len(columns) < _MOST else []
        if columns:
            kinds += ["drop", "rename", "null", "widen", "widen", "two", "compute"]
        if len(columns) > 1:
            kinds.append("exchange")
        kind = chance.choice(kinds)
        alter = "ALTER TABLE soak_shape "
        if kind in ("add", "default"):
            self._made += 1
            column = Column(f"c{self._made}", chance.choice(list(_TYPES)))
            columns.append(column)
            add = f"{alter}ADD COLUMN {column.name} {column.type}"
            if kind == "add":
                return add
            column.not_null = chance.random() < 0.5
            return f"{add} {'NOT NULL ' if column.not_null else ''}DEFAULT {_TYPES[column.type][0]}"
        column = chance.choice(columns)
        if kind == "drop":
            columns.remove(column)
            return f"{alter}DROP COLUMN {column.name}"
        if kind == "rename":
            self._made += 1
            old, column.name = column.name, f"r{self._made}"
            return f"{alter}RENAME COLUMN {old} TO {column.name}"
        if kind == "exchange":
            other = chance.choice([each for each in columns if each is not column])
            column.name, other.name = other.name, column.name
            return (
                f"{alter}RENAME COLUMN {other.name} TO soak_third;"
                f" {alter}RENAME COLUMN {column.name} TO {other.name}; {alter}RENAME COLUMN soak_third TO {column.name}"
            )
        if kind == "compute":  # rows get values that no stream tells
            column.type = chance.choice(list(_TYPES))
            value = _TYPES[column.type][0]
            some = value if column.not_null else f"CASE WHEN id % 3 < 2 THEN {value}::{column.type} END"
            default = f", ALTER COLUMN {column.name} SET DEFAULT {value}" if column.not_null else ""
            return (
                f"{alter}ALTER COLUMN {column.name} DROP DEFAULT, ALTER COLUMN {column.name} TYPE {column.type}"
                f" USING {some}{default}"
            )
        if kind == "null":
            column.not_null = not column.not_null
            if not column.not_null:
                return f"{alter}ALTER COLUMN {column.name} DROP NOT NULL, ALTER COLUMN {column.name} DROP DEFAULT"
            value = _TYPES[column.type][0]
            return (
                f"{alter}ALTER COLUMN {column.name} SET DEFAULT {value}; UPDATE soak_shape SET {column.name} = {value}"
                f" WHERE {column.name} IS NULL; {alter}ALTER COLUMN {column.name} SET NOT NULL"
            )
        if kind == "widen" and (wider := _TYPES[column.type][1]):
            column.type = chance.choice(wider)
            return f"{alter}ALTER COLUMN {column.name} TYPE {column.type}"
        self._made += 1
        fresh = Column(f"t{self._made}", chance.choice(list(_TYPES)))
        columns.remove(column)
        columns.append(fresh)
        return f"{alter}DROP COLUMN {column.name}, ADD COLUMN {fresh.name} {fresh.type} DEFAULT {_TYPES[fresh.type][0]}"
