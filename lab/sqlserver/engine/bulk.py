"""INSERT BULK: what it announces, and the rows that follow."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from lab.sqlserver.model import BulkTarget, Event, RowCount, SqlError

from .catalog.model import ColumnInfo, Snapshot, TableInfo
from .syntax import nodes as n
from .syntax import statements as s

_STAGE = "bulk_stage"


@dataclass
class Announced:
    """One load whose rows have yet to come."""

    statement: s.InsertBulk
    table: TableInfo
    columns: list[ColumnInfo]
    target: BulkTarget


class BulkMixin:
    """Bulk load as documented: all rows of a batch or none; without CHECK_CONSTRAINTS neither CHECK nor FOREIGN KEY
    constraints are looked at, and they are not trusted after it; without KEEP_NULLS a NULL takes the column's default."""

    session: Any
    atomically: Any
    counted: Any
    report: Any

    async def announce_bulk(self, statement: s.InsertBulk) -> AsyncIterator[Event]:
        session = self.session
        binder = session.binder(await session.snapshot())
        table = binder.change_target(n.TableRef(statement.target), "INSERT")
        columns = []
        for given in statement.columns:
            column = table.column(given.name)
            if column is None:
                raise SqlError(207, f"Invalid column name '{given.name}'.", 16, 1, statement.line)
            # An identity column in the list keeps the client's values: Microsoft's driver turns nothing on before it.
            columns.append(column)
        place = f"{session.database}.{table.schema}.{table.name}"
        target = BulkTarget(place, [(column.name, column.type) for column in columns])
        session.bulk = Announced(statement, table, columns, target)
        yield RowCount(None, "BULK")

    async def load_bulk(self, announced: Announced, rows: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        statement = announced.statement
        work = _Load(self.session.connection, announced, rows, await self.session.snapshot())
        try:
            count = await self.atomically(work.run, "INSERT", several=await work.needs_several())
        except SqlError as error:
            async for event in self.report(error, statement):
                yield event
            return
        self.session.last_error = 0
        async for event in self.counted(count, "BULK"):
            yield event


class _Load:
    def __init__(self, connection: Any, announced: Announced, rows: AsyncIterator[bytes], snapshot: Snapshot) -> None:
        table = announced.table.object_id
        self._constrained = any(key.parent == table for key in snapshot.foreign_keys) or any(
            item.kind == "C" and item.parent == table for item in snapshot.objects.values()
        )
        self._connection, self._announced, self._rows = connection, announced, rows
        self._checks: list[tuple[str, str]] = []
        self._references = False
        options = announced.statement.options
        self._defaults = "KEEP_NULLS" not in options and any(c.default_text is not None for c in announced.columns)

    async def needs_several(self) -> bool:
        """More than one statement for PostgreSQL: constraints to set aside, or a stage for the defaults."""
        if self._constrained and "CHECK_CONSTRAINTS" not in self._announced.statement.options:
            found = await self._connection.fetch(
                "SELECT conname, contype = 'f' AS reference, pg_get_constraintdef(oid) AS text FROM pg_constraint"
                " WHERE conrelid = to_regclass($1) AND contype IN ('c', 'f')",
                self._announced.table.physical,
            )
            # Those named z.. are the limits of index keys, not the user's.
            user = [row for row in found if not row["conname"].startswith("z")]
            self._checks = [(row["conname"], row["text"]) for row in user if not row["reference"]]
            self._references = any(row["reference"] for row in found)
        return bool(self._checks or self._references or self._defaults or self._announced.table.identity)

    async def run(self) -> int:
        connection, table = self._connection, self._announced.table.physical
        for name, _ in self._checks:
            await connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        if self._references:
            await connection.execute("SET LOCAL session_replication_role = replica")
        count = await (self._through_stage() if self._defaults else self._copy(table))
        if self._references:
            await connection.execute("SET LOCAL session_replication_role = origin")
        for name, text in self._checks:
            later = "" if text.endswith(" NOT VALID") else " NOT VALID"
            await connection.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {text}{later}")
        await self._raise_identity()
        return count

    async def _copy(self, table: str) -> int:
        schema, name = table.split(".") if "." in table else ("pg_temp", table)
        status = await self._connection.copy_to_table(
            name, schema_name=schema, columns=[c.physical for c in self._announced.columns], source=self._rows, format="binary"
        )  # fmt: skip
        return int(status.rsplit(" ", 1)[-1])

    async def _through_stage(self) -> int:
        announced, connection = self._announced, self._connection
        table, names = announced.table.physical, [c.physical for c in announced.columns]
        await connection.execute(
            f"CREATE TEMP TABLE {_STAGE} ON COMMIT DROP AS SELECT {', '.join(names)} FROM {table} WITH NO DATA"
        )
        count = await self._copy(_STAGE)
        found = await connection.fetch(
            "SELECT a.attname, pg_get_expr(d.adbin, d.adrelid) AS text FROM pg_attrdef d JOIN pg_attribute a"
            " ON a.attrelid = d.adrelid AND a.attnum = d.adnum WHERE d.adrelid = to_regclass($1)",
            table,
        )
        defaults = {row["attname"]: row["text"] for row in found}
        values = [f"coalesce({name}, {defaults[name]})" if name in defaults else name for name in names]
        await connection.execute(f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM {_STAGE}")
        await connection.execute(f"DROP TABLE {_STAGE}")
        return count

    async def _raise_identity(self) -> None:
        table, identity = self._announced.table, self._announced.table.identity
        if identity is None or identity not in self._announced.columns:
            return
        await self._connection.execute(
            f"SELECT setval('{table.physical}_id', m) FROM (SELECT max({identity.physical})::bigint m FROM {table.physical}) q"
            f" WHERE m >= (SELECT last_value FROM {table.physical}_id)"
        )
