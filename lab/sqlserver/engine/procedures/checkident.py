"""DBCC CHECKIDENT."""

from __future__ import annotations

from typing import Any

from lab.sqlserver.engine.binding.names import split_name
from lab.sqlserver.engine.definitions.base import Change
from lab.sqlserver.engine.syntax.base import unsupported
from lab.sqlserver.engine.syntax.nodes import Name
from lab.sqlserver.model import Message, SqlError


async def check_identity(change: Change, args: list[str], line: int) -> list[Message]:
    name = Name(tuple(split_name(args[0]) if args else ("",)))
    table = change.find(name)
    if table is None:
        raise SqlError(
            2501, f'Cannot find a table or object with the name "{name}". Check the system catalog.', 16, 45, line
        )
    change.require_alter(table)
    column = table.identity
    if column is None:
        raise SqlError(7997, f"'{table.name}' does not contain an identity column.", 16, 1, line)
    action = args[1].upper() if len(args) > 1 else "RESEED"
    if action not in ("RESEED", "NORESEED"):
        raise unsupported(f"DBCC CHECKIDENT with {args[1]}", line)
    sequence = f"{table.physical}_id"
    before = await change.connection.fetchrow(f"SELECT last_value, is_called FROM {sequence}")
    function = "max" if column.step > 0 else "min"
    highest: Any = await change.connection.fetchval(f"SELECT {function}({column.physical}) FROM {table.physical}")
    current = str(before["last_value"]) if before["is_called"] else "NULL"
    if action == "RESEED" and len(args) > 2:
        # Where no row was ever inserted the next one gets the seed itself.
        await change.connection.execute(f"SELECT setval('{sequence}', $1, $2)", int(args[2]), before["is_called"])
        text = f"Checking identity information: current identity value '{current}'."
        return [Message(7998, text, 10)]
    if action == "RESEED" and highest is not None and (not before["is_called"] or highest > before["last_value"]):
        await change.connection.execute(f"SELECT setval('{sequence}', $1)", int(highest))
    shown = "NULL" if highest is None else highest
    text = f"Checking identity information: current identity value '{current}', current column value '{shown}'."
    return [Message(7998, text, 10)]
