"""Reads the engine's own tables into a Snapshot."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from lab.sqlserver.config import DEFAULT_COLLATION
from lab.sqlserver.engine.types import CHARACTER
from lab.sqlserver.model import SqlType

from .model import ColumnInfo, ForeignKeyInfo, IndexInfo, ObjectInfo, Principal, Snapshot, TableInfo


def _column(row: Any) -> ColumnInfo:
    collation = (row["collation_name"] or DEFAULT_COLLATION) if row["type_name"] in CHARACTER else None
    kind = SqlType(row["type_name"], row["length"], row["prec"], row["scale"], collation)
    return ColumnInfo(
        row["column_id"], row["name"], kind, row["nullable"], row["is_identity"], row["default_text"], row["computed"],
        row["seed"] or 1, row["step"] or 1, row["default_object_id"],
    )  # fmt: skip


async def load_snapshot(connection: Any, database: str, version: int, session_id: int) -> Snapshot:
    """`session_id` selects whose #temp tables are seen."""
    objects = await connection.fetch(
        "SELECT * FROM mssql.objects WHERE owner_session IS NULL OR owner_session = $1 ORDER BY object_id", session_id
    )
    columns: dict[int, list[ColumnInfo]] = defaultdict(list)
    for row in await connection.fetch("SELECT * FROM mssql.columns ORDER BY object_id, column_id"):
        columns[row["object_id"]].append(_column(row))
    indexes = await _indexes(connection)
    schemas = {
        row["name"].lower(): (row["schema_id"], row["name"])
        for row in await connection.fetch("SELECT schema_id, name FROM mssql.schemas")
    }
    names = {number: name for number, name in schemas.values()}
    snapshot = Snapshot(
        database, version, schemas, {}, {}, {}, await _principals(connection), await _roles(connection),
        await _permissions(connection), await _foreign_keys(connection),
    )  # fmt: skip
    for row in objects:
        temporary = row["owner_session"] is not None
        key = (row["schema_id"], row["name"].lower())
        if not temporary:
            snapshot.objects[key] = ObjectInfo(
                row["object_id"], row["schema_id"], row["name"], row["type"], row["parent_object_id"]
            )
        if row["type"] not in ("U", "V"):
            continue
        table = TableInfo(
            row["object_id"], row["schema_id"], names[row["schema_id"]], row["name"], row["type"],
            tuple(columns[row["object_id"]]), row["definition"] or "", temporary, tuple(indexes[row["object_id"]]),
        )  # fmt: skip
        snapshot.by_object_id[table.object_id] = table
        if temporary:
            snapshot.temporary[row["name"].lower()] = table
        else:
            snapshot.tables[key] = table
    return snapshot


async def _indexes(connection: Any) -> dict[int, list[IndexInfo]]:
    found: dict[int, list[IndexInfo]] = defaultdict(list)
    rows = await connection.fetch(
        "SELECT i.*, array_agg(c.column_id ORDER BY c.key_ordinal) FILTER (WHERE NOT c.is_included) AS keys,"
        " array_agg(c.column_id) AS members"
        " FROM mssql.indexes i JOIN mssql.index_columns c USING (object_id, index_id)"
        " GROUP BY i.object_id, i.index_id ORDER BY i.object_id, i.index_id"
    )
    for row in rows:
        found[row["object_id"]].append(
            IndexInfo(
                row["index_id"],
                row["name"],
                row["is_unique"],
                row["is_primary_key"],
                row["is_unique_constraint"],
                tuple(row["keys"] or ()),
                row["constraint_id"],
                tuple(row["members"]),
            )  # fmt: skip
        )
    return found


async def _principals(connection: Any) -> dict[str, Principal]:
    rows = await connection.fetch("SELECT principal_id, name, kind, login, default_schema FROM mssql.principals")
    return {row["name"].lower(): Principal(*row.values()) for row in rows}


async def _roles(connection: Any) -> frozenset[tuple[str, str]]:
    rows = await connection.fetch("SELECT role, member FROM mssql.role_members")
    return frozenset((row["role"].lower(), row["member"].lower()) for row in rows)


async def _permissions(connection: Any) -> dict[tuple[str, str, int, str], str]:
    rows = await connection.fetch("SELECT principal, class, major_id, permission, state FROM mssql.permissions")
    return {(r["principal"].lower(), r["class"], r["major_id"], r["permission"]): r["state"] for r in rows}


async def _foreign_keys(connection: Any) -> tuple[ForeignKeyInfo, ...]:
    rows = await connection.fetch(
        "SELECT f.object_id, o.name, f.parent_object_id, f.referenced_object_id, f.columns, f.referenced_columns"
        " FROM mssql.foreign_keys f JOIN mssql.objects o USING (object_id)"
    )
    return tuple(ForeignKeyInfo(*row.values()) for row in rows)
