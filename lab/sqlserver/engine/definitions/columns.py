"""Columns: their catalog rows, their PostgreSQL form, defaults and checks."""

from __future__ import annotations

from lab.sqlserver.engine.binding.ex import Scope, Source, SourceColumn
from lab.sqlserver.engine.catalog.model import ColumnInfo, TableInfo
from lab.sqlserver.engine.syntax import statements as s
from lab.sqlserver.engine.syntax.base import unsupported
from lab.sqlserver.engine.types import CHARACTER, INTEGERS, canonical_collation, pg_collation, resolve, storage
from lab.sqlserver.model import SqlError, SqlType

from .base import Change, system_name


def column_info(number: int, given: s.ColumnDef, key_columns: set[str]) -> ColumnInfo:
    if given.computed is not None:
        raise unsupported("computed columns", given.line)
    assert given.type is not None
    kind = resolve(given.type)
    if kind.name in CHARACTER:
        kind = SqlType(kind.name, kind.length, collation=canonical_collation(given.collation or "database_default"))
    in_key = given.name.lower() in key_columns
    if in_key and given.nullable is True:
        raise SqlError(8111, "Cannot define PRIMARY KEY constraint on nullable column in table.")
    nullable = not in_key and given.identity is None and given.nullable is not False
    if given.identity is not None and kind.name not in (*INTEGERS, "decimal", "numeric"):
        raise SqlError(
            2749, f"Identity column '{given.name}' must be of data type int, bigint, smallint, tinyint, or decimal or "
            "numeric with a scale of 0, unencrypted, and constrained to be nonnullable.", 16, 2,
        )  # fmt: skip
    seed, step = given.identity or (1, 1)
    return ColumnInfo(number, given.name, kind, nullable, given.identity is not None, seed=seed, step=step)


def column_sql(info: ColumnInfo) -> str:
    collation = f" COLLATE {pg_collation(info.type.collation)}" if info.type.name in CHARACTER else ""
    return f"{info.physical} {storage(info.type)}{collation}{'' if info.nullable else ' NOT NULL'}"


async def add_column_row(change: Change, table_id: int, info: ColumnInfo) -> None:
    kind = info.type
    await change.connection.execute(
        "INSERT INTO mssql.columns (object_id, column_id, name, type_name, length, prec, scale, collation_name, nullable,"
        " is_identity, seed, step) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        table_id, info.column_id, info.name, kind.name, kind.length, kind.precision, kind.scale, kind.collation,
        info.nullable, info.identity, info.seed if info.identity else None, info.step if info.identity else None,
    )  # fmt: skip


async def add_identity(change: Change, table: TableInfo, info: ColumnInfo) -> None:
    sequence = f"{table.physical}_id"
    temporary = "TEMP " if table.temporary else ""
    low = " MINVALUE -9223372036854775808" if info.step > 0 else " MAXVALUE 9223372036854775807"
    await change.run(
        f"CREATE {temporary}SEQUENCE {sequence}{low} START {info.seed} INCREMENT {info.step}"
        f" OWNED BY {table.physical}.{info.physical}"
    )
    await change.run(f"ALTER TABLE {table.physical} ALTER {info.physical} SET DEFAULT nextval('{sequence}')")


async def add_default(
    change: Change, table: TableInfo, info: ColumnInfo, value: s.Node, text: str, name: str | None
) -> None:
    binder = change.binder()
    sql = binder.assign(binder.value(value, Scope()), table, info)
    made = name or system_name("DF", table.name, table.object_id ^ info.column_id, info.name)
    number = await change.add_object(
        table.schema_id,
        made,
        "D",
        table.object_id,
        f"({text})",
        name is None,
        change.session_id if table.temporary else None,
    )
    await change.run(f"ALTER TABLE {table.physical} ALTER {info.physical} SET DEFAULT {sql}")
    await change.connection.execute(
        "UPDATE mssql.columns SET default_text = $3, default_object_id = $4 WHERE object_id = $1 AND column_id = $2",
        table.object_id, info.column_id, f"({text})", number,
    )  # fmt: skip


async def add_check(change: Change, table: TableInfo, constraint: s.TableConstraint) -> None:
    columns = [SourceColumn(c.name, c.physical, c.type, c.nullable) for c in table.columns]
    scope = Scope([Source("", (table.schema.lower(), table.name.lower()), columns)])
    assert constraint.check is not None
    sql = change.binder().predicate(constraint.check, scope)
    name = constraint.name or system_name("CK", table.name, table.object_id)
    number = await change.add_object(
        table.schema_id, name, "C", table.object_id, constraint.text, constraint.name is None,
        change.session_id if table.temporary else None,
    )  # fmt: skip
    later = " NOT VALID" if constraint.with_nocheck else ""
    await change.run(f"ALTER TABLE {table.physical} ADD CONSTRAINT x{number} CHECK ({sql}){later}")
