"""Chance lets unique values change places around changes of other tables, under foreign keys on both sides."""

from __future__ import annotations

import random
import signal
from typing import Any

import psycopg
import pytest
from conftest import Millrace, unequal, wait_equal

NAME, SCHEMA = "EMB_CROSSED", "emb_crossed"
PAIRS = [(f"public.{table}", f"{SCHEMA}.{table}") for table in ("crossed_owner", "crossed_thing")]


def make(source: psycopg.Connection) -> None:
    source.execute("DROP TABLE IF EXISTS crossed_thing, crossed_owner")
    source.execute("CREATE TABLE crossed_owner (id int PRIMARY KEY, code varchar(40) NOT NULL UNIQUE DEFERRABLE)")
    source.execute(
        "CREATE TABLE crossed_thing (id int PRIMARY KEY, owner int NOT NULL REFERENCES crossed_owner,"
        " tag varchar(40) NOT NULL UNIQUE DEFERRABLE, note text)"
    )
    source.execute("INSERT INTO crossed_owner SELECT n, 'c' || n FROM generate_series(1, 20) AS n")
    source.execute("INSERT INTO crossed_thing SELECT n, 1 + n % 20, 't' || n FROM generate_series(1, 60) AS n")


class Writer:
    """Each transaction leaves an order of SQL Server's statements in which it can be applied: what owners that come take
    from those that go, and who goes to them, are not drawn for the same one."""

    def __init__(self, source: psycopg.Connection, seed: int) -> None:
        self._source = source
        self._chance = random.Random(seed)
        self._fresh = 1000

    def transaction(self) -> None:
        with self._source.transaction():
            self._source.execute("SET CONSTRAINTS ALL DEFERRED")
            goes, stays, *others = self._some("crossed_owner", 7, "code")
            turning = [stays, *others][: self._chance.choice([0, 2, 2, 3, 5])]
            things = self._some("crossed_thing", self._chance.choice([0, 2, 2, 3, 5]), "tag")
            statements = self._turn("crossed_owner", "code", turning) + self._turn("crossed_thing", "tag", things)
            statements += self._owner_goes(goes, stays) if self._chance.random() < 0.5 else self._owner_comes()
            statements += self._things(stays)
            # Those of one row keep their order: each is a list of its own.
            self._chance.shuffle(statements)
            for each in statements:
                for statement, *values in each:
                    self._source.execute(statement, values)

    def _number(self) -> int:
        self._fresh += 1
        return self._fresh

    def _some(self, table: str, count: int, column: str = "") -> list[Any]:
        rows = self._source.execute(f"SELECT id {column and ', ' + column} FROM {table} ORDER BY id").fetchall()
        return self._chance.sample(rows, min(count, len(rows)))

    @staticmethod
    def _turn(table: str, column: str, rows: list[Any]) -> list[list[tuple[Any, ...]]]:
        """The values of some rows go round."""
        values = [value for _, value in rows[1:] + rows[:1]]
        update = f"UPDATE {table} SET {column} = %s WHERE id = %s"
        return [[(update, value, key)] for (key, _), value in zip(rows, values, strict=True)]

    def _owner_goes(self, goes: Any, stays: Any) -> list[list[tuple[Any, ...]]]:
        """Its things go to one that stays; its code, sometimes, to one that comes."""
        key = self._number()
        return [
            [
                ("UPDATE crossed_thing SET owner = %s WHERE owner = %s", stays[0], goes[0]),
                ("INSERT INTO crossed_owner VALUES (%s, %s)", key, self._chance.choice([goes[1], f"c{key}"])),
                ("DELETE FROM crossed_owner WHERE id = %s", goes[0]),
            ]
        ]

    def _owner_comes(self) -> list[list[tuple[Any, ...]]]:
        key = self._number()
        things = self._some("crossed_thing", 3)
        return [
            [
                ("INSERT INTO crossed_owner VALUES (%s, %s)", key, f"c{key}"),
                *(("UPDATE crossed_thing SET owner = %s WHERE id = %s", key, thing[0]) for thing in things),
            ]
        ]

    def _things(self, owner: Any) -> list[list[tuple[Any, ...]]]:
        goes = self._some("crossed_thing", self._chance.choice([0, 1, 2]))
        work: list[list[tuple[Any, ...]]] = [[("DELETE FROM crossed_thing WHERE id = %s", key[0])] for key in goes]
        for _ in range(self._chance.choice([0, 1, 2])):
            key = self._number()
            work.append([("INSERT INTO crossed_thing VALUES (%s, %s, %s)", key, owner[0], f"t{key}")])
        some = "UPDATE crossed_thing SET note = %s WHERE id %% 7 = %s"
        return [*work, [(some, str(self._number()), self._chance.randint(0, 6))]]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_values_change_places_by_chance(seed: int, millrace: Millrace, source: psycopg.Connection, target: Any) -> None:
    make(source)
    millrace.create(NAME, "crossed_owner,crossed_thing", SCHEMA)
    millrace.catch_up(NAME)
    with target.cursor() as cursor:
        cursor.execute(f"CREATE UNIQUE INDEX ux_code ON {SCHEMA}.crossed_owner (code)")
        cursor.execute(f"CREATE UNIQUE INDEX ux_tag ON {SCHEMA}.crossed_thing (tag)")
        cursor.execute(
            f"ALTER TABLE {SCHEMA}.crossed_thing ADD CONSTRAINT fk_crossed FOREIGN KEY (owner)"
            f" REFERENCES {SCHEMA}.crossed_owner (id)"
        )
    writer = Writer(source, seed)
    run = millrace.start(NAME)
    run.wait_event("stream.started")
    for _ in range(25):
        writer.transaction()
    wait_equal(source, target, PAIRS)
    # Many at once, behind a kill.
    run.stop(signal.SIGKILL)
    for _ in range(60):
        writer.transaction()
    again = millrace.start(NAME)
    wait_equal(source, target, PAIRS)
    assert again.stop() == 130
    assert not run.events("failed") and not again.events("failed"), again.lines
    assert not again.events("retry"), again.lines
    assert unequal(source, target, PAIRS) == []
    millrace.delete(NAME)
    source.execute("DROP TABLE crossed_thing, crossed_owner")
