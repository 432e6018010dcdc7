"""sp_rename."""

from __future__ import annotations

from typing import Any

from lab.sqlserver.engine.binding.names import split_name
from lab.sqlserver.engine.definitions.tables import rename
from lab.sqlserver.engine.executor import Executor
from lab.sqlserver.model import SqlError


async def rename_object(session: Any, old: str | None, new: str | None, kind: str | None) -> None:
    parts = split_name(old or "")
    if not parts or not new:
        raise SqlError(15223, "Error: The input parameter is not allowed to be null.", 11)
    executor = Executor(session)
    change = await executor._change()

    async def work() -> None:
        await rename(change, parts, new, (kind or "OBJECT").upper())

    try:
        await executor.atomically(work, "DDL", several=True)
    finally:
        session.catalog_changed()
