"""What the definition statements share: names, ids, object rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lab.sqlserver.engine.binding.rights import Binder
from lab.sqlserver.engine.catalog.access import Access
from lab.sqlserver.engine.catalog.model import Snapshot, TableInfo
from lab.sqlserver.engine.syntax.nodes import Name
from lab.sqlserver.model import Message, SqlError


@dataclass
class Change:
    """One definition statement at work, inside a PostgreSQL transaction."""

    connection: Any
    snapshot: Snapshot
    binder: Callable[[], Binder]
    access: Access
    session_id: int
    default_schema: str
    warnings: list[Message] = field(default_factory=list)  # for the client, when the statement is done

    def schema_id(self, name: Name) -> int:
        wanted = name.parts[-2] if len(name.parts) > 1 and name.parts[-2] else self.default_schema
        entry = self.snapshot.schemas.get(wanted.lower())
        if entry is None or wanted.lower() in ("sys", "information_schema"):
            raise SqlError(
                2760,
                f'The specified schema name "{wanted}" either does not exist or you do not have permission to use it.',
            )
        return entry[0]

    def find(self, name: Name) -> TableInfo | None:
        last = name.last.lower()
        if last[:1] in "#@":
            return self.snapshot.temporary.get(last)
        schema = name.parts[-2] if len(name.parts) > 1 and name.parts[-2] else self.default_schema
        entry = self.snapshot.schemas.get(schema.lower())
        return self.snapshot.tables.get((entry[0], last)) if entry else None

    def require_alter(self, table: TableInfo) -> None:
        if table.temporary or self.access.object(table.schema_id, table.object_id, "ALTER"):
            return
        raise SqlError(
            1088, f'Cannot find the object "{table.schema}.{table.name}" because it does not exist or you do not have '
            "permissions.", 16, 13,
        )  # fmt: skip

    async def new_id(self) -> int:
        return await self.connection.fetchval("SELECT nextval('mssql.object_ids')::int")

    async def add_object(
        self,
        schema_id: int,
        name: str,
        kind: str,
        parent: int = 0,
        definition: str | None = None,
        system_named: bool = False,
        owner: int | None = None,
    ) -> int:
        number = await self.new_id()
        # Another session may make one of that name at this moment: its end is waited for.
        made = await self.connection.fetchval(
            "INSERT INTO mssql.objects (object_id, schema_id, name, type, parent_object_id, definition, owner_session,"
            " system_named) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
            " ON CONFLICT (schema_id, lower(name), coalesce(owner_session, 0)) DO NOTHING RETURNING object_id",
            number, schema_id, name, kind, parent, definition, owner, system_named,
        )  # fmt: skip
        if made is None:
            raise SqlError(2714, f"There is already an object named '{name}' in the database.", 16, 6)
        return number

    async def run(self, sql: str) -> None:
        await self.connection.execute(sql)


def system_name(prefix: str, table: str, number: int, column: str = "") -> str:
    """Like SQL Server's own: PK__orders__3BD0198E35BCFE0A."""
    middle = f"{table[:9]}__{column[:5]}" if column else table[:8]
    return f"{prefix}__{middle}__{number:08X}"
