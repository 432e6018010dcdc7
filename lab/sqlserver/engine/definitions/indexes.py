"""Indexes, primary and unique keys, foreign keys."""

from __future__ import annotations

from dataclasses import dataclass

from lab.sqlserver.engine.binding.ex import Scope, Source, SourceColumn
from lab.sqlserver.engine.catalog.model import ColumnInfo, TableInfo
from lab.sqlserver.engine.syntax import statements as s
from lab.sqlserver.engine.syntax.base import unsupported
from lab.sqlserver.engine.types import BINARY, CHARACTER, max_length
from lab.sqlserver.model import MAX, Message, SqlError

from .base import Change, system_name

_VARYING = {"nvarchar": "2 * mssql.u16len({})", "sysname": "2 * mssql.u16len({})", "varchar": "octet_length({})",
            "varbinary": "octet_length({})"}  # fmt: skip


@dataclass
class IndexSpec:
    name: str
    columns: list[tuple[ColumnInfo, bool]]
    included: list[ColumnInfo]
    unique: bool
    clustered: bool
    primary_key: bool = False
    unique_constraint: bool = False
    constraint_id: int = 0
    where: s.Node | None = None
    where_text: str | None = None


def key_columns(table: TableInfo, given: list[s.KeyColumn]) -> list[tuple[ColumnInfo, bool]]:
    found = []
    for column in given:
        info = table.column(column.name)
        if info is None:
            raise SqlError(1911, f"Column name '{column.name}' does not exist in the target table or view.")
        if info.type.length == MAX:
            raise SqlError(
                1919, f"Column '{info.name}' in table '{table.name}' is of a type that is invalid for use as a key column "
                "in an index.",
            )  # fmt: skip
        found.append((info, column.descending))
    return found


def key_expression(info: ColumnInfo) -> str:
    """What uniqueness means in SQL Server: blanks (zero bytes) at the end do not count, and an instant is one in every offset."""
    if info.type.name in CHARACTER:
        return f"rtrim({info.physical})"
    if info.type.name in BINARY:
        return f"rtrim({info.physical}, '\\x00'::bytea)"
    if info.type.name == "datetimeoffset":
        return f"div({info.physical}, 10000)"
    return info.physical


async def add_index(change: Change, table: TableInfo, spec: IndexSpec) -> None:
    taken = [index.name.lower() for index in table.indexes if index.name]
    if spec.name.lower() in taken:
        raise SqlError(
            1913, f"The operation failed because an index or statistics with name '{spec.name}' already exists on table "
            f"'{table.schema}.{table.name}'.",
        )  # fmt: skip
    number = await change.connection.fetchval(
        "SELECT coalesce(max(index_id), 1) + 1 FROM mssql.indexes WHERE object_id = $1", table.object_id
    )
    if spec.clustered:
        if await change.connection.fetchval(
            "SELECT 1 FROM mssql.indexes WHERE object_id = $1 AND is_clustered", table.object_id
        ):
            raise SqlError(1902, f"Cannot create more than one clustered index on table '{table.name}'.")
        number = 1
    await change.connection.execute(
        "INSERT INTO mssql.indexes (object_id, index_id, name, is_clustered, is_unique, is_primary_key,"
        " is_unique_constraint, constraint_id, filter) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        table.object_id, number, spec.name, spec.clustered, spec.unique, spec.primary_key, spec.unique_constraint,
        spec.constraint_id, spec.where_text,
    )  # fmt: skip
    at = 0
    for info, descending in spec.columns:
        at += 1
        await _add_member(change, table, number, at, info, at, descending, False)
    for info in spec.included:
        at += 1
        await _add_member(change, table, number, at, info, 0, False, True)
    limit = await _check_key_size(change, table, spec, number)
    await change.run(_index_sql(change, table, spec, f"k{table.object_id}_{number}"))
    if limit:
        await change.run(limit)


async def _check_key_size(change: Change, table: TableInfo, spec: IndexSpec, number: int) -> str:
    """A key that is too long in every row is refused; one that may become too long is warned of, and then each row is
    looked at: the statement that does it, a constraint named z<table>_<index>."""
    kind, limit = ("clustered", 900) if spec.clustered else ("nonclustered", 1700)
    kinds = [info.type for info, _ in spec.columns]
    most = sum(max_length(of) for of in kinds)
    least = sum(max_length(of) for of in kinds if of.name not in _VARYING)
    if most <= limit:
        return ""
    if least > limit:
        raise SqlError(1944, f"Index '{spec.name}' was not created. This index has a key length of at least {least} bytes. The "
                       f"maximum key length is {limit} bytes.")  # fmt: skip
    change.warnings.append(Message(
        1945, f"Warning! The maximum key length for a {kind} index is {limit} bytes. The index '{spec.name}' has maximum length "
        f"of {most} bytes. For some combination of large values, the insert/update operation will fail.", 10,
    ))  # fmt: skip
    sizes = [_VARYING[i.type.name].format(i.physical) for i, _ in spec.columns if i.type.name in _VARYING]
    tests = " + ".join(f"coalesce({size}, 0)" for size in sizes)
    return (
        f"ALTER TABLE {table.physical} ADD CONSTRAINT z{table.object_id}_{number} CHECK ({least} + {tests} <= {limit})"
    )


async def _add_member(
    change: Change, table: TableInfo, index: int, at: int, info: ColumnInfo, ordinal: int, descending: bool, included: bool
) -> None:  # fmt: skip
    await change.connection.execute(
        "INSERT INTO mssql.index_columns VALUES ($1, $2, $3, $4, $5, $6, $7)",
        table.object_id, index, at, info.column_id, ordinal, descending, included,
    )  # fmt: skip


def _index_sql(change: Change, table: TableInfo, spec: IndexSpec, name: str) -> str:
    plain = all(key_expression(info) == info.physical for info, _ in spec.columns)
    if plain and (spec.primary_key or spec.unique_constraint) and not any(info.nullable for info, _ in spec.columns):
        # A constraint of its own, so that foreign keys can point at it.
        listed = ", ".join(info.physical for info, _ in spec.columns)
        return f"ALTER TABLE {table.physical} ADD CONSTRAINT {name} UNIQUE ({listed})"
    listed = ", ".join(f"({key_expression(info)}){' DESC' if descending else ''}" for info, descending in spec.columns)
    where = ""
    if spec.where is not None:
        columns = [SourceColumn(c.name, c.physical, c.type, c.nullable) for c in table.columns]
        where = f" WHERE {change.binder().predicate(spec.where, Scope([Source('', (table.name.lower(),), columns)]))}"
    # One NULL counts as a value for SQL Server's unique indexes.
    distinct = " NULLS NOT DISTINCT" if spec.unique else ""
    return f"CREATE {'UNIQUE ' if spec.unique else ''}INDEX {name} ON {table.physical} ({listed}){distinct}{where}"


async def add_key(change: Change, table: TableInfo, constraint: s.TableConstraint) -> None:
    primary = constraint.kind == "PK"
    if primary and any(index.primary_key for index in table.indexes):
        raise SqlError(1779, f"Table '{table.name}' already has a primary key defined on it.")
    columns = key_columns(table, constraint.columns)
    if primary and any(info.nullable for info, _ in columns):
        raise SqlError(8111, f"Cannot define PRIMARY KEY constraint on nullable column in table '{table.name}'.")
    name = constraint.name or system_name(constraint.kind, table.name, table.object_id ^ columns[0][0].column_id)
    owner = change.session_id if table.temporary else None
    number = await change.add_object(
        table.schema_id, name, constraint.kind, table.object_id, None, constraint.name is None, owner
    )
    clustered = constraint.clustered
    if clustered is None:
        has_clustered = await change.connection.fetchval(
            "SELECT 1 FROM mssql.indexes WHERE object_id = $1 AND is_clustered", table.object_id
        )
        clustered = primary and not has_clustered
    await add_index(change, table, IndexSpec(name, columns, [], True, bool(clustered), primary, not primary, number))


async def create_index(change: Change, statement: s.CreateIndex) -> None:
    table = change.find(statement.table)
    if table is None:
        raise SqlError(
            1088, f'Cannot find the object "{statement.table}" because it does not exist or you do not have permissions.',
            16, 12,
        )  # fmt: skip
    change.require_alter(table)
    included = [table.column(name) for name in statement.include]
    if None in included:
        raise SqlError(1911, "A column of INCLUDE does not exist in the target table or view.")
    spec = IndexSpec(
        statement.name, key_columns(table, statement.columns), [c for c in included if c is not None],
        statement.unique, statement.clustered, where=statement.where, where_text=statement.where_text or None,
    )  # fmt: skip
    await add_index(change, table, spec)


async def drop_index(change: Change, table: TableInfo, name: str, if_exists: bool) -> None:
    index = next((i for i in table.indexes if i.name and i.name.lower() == name.lower()), None)
    if index is None:
        if if_exists:
            return
        raise SqlError(
            3701, f"Cannot drop the index '{table.name}.{name}', because it does not exist or you do not have permission.",
            11, 7,
        )  # fmt: skip
    if index.primary_key or index.unique_constraint:
        raise SqlError(
            3723, f"An explicit DROP INDEX is not allowed on index '{table.name}.{name}'. It is being used for "
            f"{'PRIMARY' if index.primary_key else 'UNIQUE'} KEY constraint enforcement.", 16, 4,
        )  # fmt: skip
    await forget_index(change, table, index.index_id)


async def forget_index(change: Change, table: TableInfo, index_id: int) -> None:
    name = f"k{table.object_id}_{index_id}"
    for relation in ("indexes", "index_columns"):
        await change.connection.execute(
            f"DELETE FROM mssql.{relation} WHERE object_id = $1 AND index_id = $2", table.object_id, index_id
        )
    await change.run(f"ALTER TABLE {table.physical} DROP CONSTRAINT IF EXISTS z{name[1:]}")
    constraint = await change.connection.fetchval("SELECT 1 FROM pg_constraint WHERE conname = $1", name)
    if constraint:
        await change.run(f"ALTER TABLE {table.physical} DROP CONSTRAINT {name}")
    else:
        await change.run(f"DROP INDEX {'pg_temp' if table.temporary else 'data'}.{name}")


async def add_foreign_key(change: Change, table: TableInfo, constraint: s.TableConstraint) -> None:
    reference = constraint.reference
    assert reference is not None
    parent = table if reference.table.last.lower() == table.name.lower() else change.find(reference.table)
    if parent is None:
        raise SqlError(
            1767, f"Foreign key '{constraint.name or ''}' references invalid table '{reference.table}'.", 16, 0
        )
    columns = [table.column(column.name) for column in constraint.columns]
    primary = next((index for index in parent.indexes if index.primary_key), None)
    names = reference.columns or [parent.by_id(number).name for number in (primary.key_columns if primary else ())]
    targets = [parent.column(name) for name in names]
    if None in columns or None in targets or len(columns) != len(targets) or not targets:
        raise SqlError(
            1776, f"There are no primary or candidate keys in the referenced table '{parent.name}' that match the "
            f"referencing column list in the foreign key '{constraint.name or ''}'.", 16, 0,
        )  # fmt: skip
    if any(info.type.name in CHARACTER | BINARY for info in columns):
        raise unsupported("foreign keys over character or binary columns", constraint.line)
    name = constraint.name or system_name("FK", table.name, table.object_id ^ columns[0].column_id, columns[0].name)
    number = await change.add_object(table.schema_id, name, "F", table.object_id, None, constraint.name is None)
    await change.connection.execute(
        "INSERT INTO mssql.foreign_keys (object_id, parent_object_id, referenced_object_id, columns, referenced_columns,"
        " on_delete, on_update) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        number, table.object_id, parent.object_id, [c.column_id for c in columns], [c.column_id for c in targets],
        reference.on_delete, reference.on_update,
    )  # fmt: skip
    here, there = ", ".join(c.physical for c in columns), ", ".join(c.physical for c in targets)
    later = " NOT VALID" if constraint.with_nocheck else ""
    await change.run(
        f"ALTER TABLE {table.physical} ADD CONSTRAINT f{number} FOREIGN KEY ({here}) REFERENCES {parent.physical} ({there})"
        f" ON DELETE {reference.on_delete} ON UPDATE {reference.on_update}{later}"
    )
