"""CREATE, ALTER, DROP, TRUNCATE TABLE, views, schemas, sp_rename."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lab.sqlserver.engine.binding.ex import Ex
from lab.sqlserver.engine.catalog.model import ColumnInfo, TableInfo
from lab.sqlserver.engine.syntax import statements as s
from lab.sqlserver.engine.syntax.base import unsupported
from lab.sqlserver.engine.syntax.nodes import Name
from lab.sqlserver.engine.types import CHARACTER, canonical_collation, max_length, pg_collation, resolve, storage
from lab.sqlserver.model import SqlError, SqlType

from .base import Change
from .columns import add_check, add_column_row, add_default, add_identity, column_info, column_sql
from .indexes import add_foreign_key, add_key, forget_index


async def create_table(change: Change, statement: s.CreateTable) -> None:
    name = statement.name
    temporary = name.last[:1] in "#@"
    if name.last.startswith("##"):
        raise unsupported("global temporary tables", statement.line)
    schema_id = 1 if temporary else change.schema_id(name)
    if not temporary:
        change.access.require_database("CREATE TABLE")
        if not change.access.schema(schema_id, "ALTER"):
            schema = change.snapshot.schema_name(schema_id)
            raise SqlError(
                2760,
                f'The specified schema name "{schema}" either does not exist or you do not have permission to use it.',
            )
    primary = {c.name.lower() for k in statement.constraints if k.kind == "PK" for c in k.columns}
    columns: list[ColumnInfo] = []
    for number, given in enumerate(statement.columns, 1):
        if any(given.name.lower() == known.name.lower() for known in columns):
            raise SqlError(
                2705, f"Column names in each table must be unique. Column name '{given.name}' in table '{name.last}' is "
                "specified more than once.", 16, 3,
            )  # fmt: skip
        columns.append(column_info(number, given, primary))
    check_width(columns, name.last)
    owner = change.session_id if temporary else None
    object_id = await change.add_object(schema_id, name.last, "U", owner=owner)
    schema = change.snapshot.schema_name(schema_id)
    table = TableInfo(object_id, schema_id, schema, name.last, "U", tuple(columns), temporary=temporary)
    kind = "TEMP TABLE" if temporary else "TABLE"
    await change.run(f"CREATE {kind} {table.physical} ({', '.join(map(column_sql, columns))})")
    for info, given in zip(columns, statement.columns, strict=True):
        await add_column_row(change, object_id, info)
        if info.identity:
            await add_identity(change, table, info)
        if given.default is not None:
            await add_default(change, table, info, given.default, given.default_text, given.default_name)
    await _add_constraints(change, table, statement.constraints)


def check_width(columns: Sequence[ColumnInfo], name: str) -> None:
    if len(columns) > 1024:
        raise SqlError(
            1702, f"CREATE TABLE failed because column '{columns[1024].name}' in table '{name}' exceeds the maximum of 1024 "
            "columns.",
        )  # fmt: skip
    fixed = sum(
        max_length(c.type) for c in columns if c.type.length is None or c.type.name in ("char", "nchar", "binary")
    )
    overhead = 6 + (len(columns) + 7) // 8
    if fixed + overhead > 8060:
        raise SqlError(
            1701, f"Creating or altering table '{name}' failed because the minimum row size would be {fixed + overhead}, "
            f"including {overhead} bytes of internal overhead. This exceeds the maximum allowable table row size of 8060 bytes.",
        )  # fmt: skip


async def _add_constraints(change: Change, table: TableInfo, constraints: list[s.TableConstraint]) -> None:
    for constraint in sorted(constraints, key=lambda item: item.kind != "PK"):
        if constraint.kind in ("PK", "UQ"):
            await add_key(change, table, constraint)
        elif constraint.kind == "C":
            await add_check(change, table, constraint)
        elif constraint.kind == "FK":
            await add_foreign_key(change, table, constraint)
        elif constraint.kind == "D":
            info = table.column(constraint.for_column)
            if info is None:
                raise SqlError(1752, f"Column '{constraint.for_column}' in table '{table.name}' is invalid for creating a "
                               "default constraint.")  # fmt: skip
            assert constraint.check is not None
            await add_default(change, table, info, constraint.check, constraint.text, constraint.name)


def need_table(change: Change, name: Name) -> TableInfo:
    table = change.find(name)
    if table is None or table.kind != "U":
        raise SqlError(
            4902, f'Cannot find the object "{name}" because it does not exist or you do not have permissions.'
        )
    change.require_alter(table)
    return table


async def alter_table(change: Change, statement: s.AlterTable) -> None:
    table = need_table(change, statement.name)
    if statement.action == "ADD":
        await _add(change, table, statement)
    elif statement.action == "ALTER COLUMN":
        await _alter_column(change, table, statement.columns[0])
    elif statement.action == "DROP":
        # A default or key that goes in the same statement does not hold its column.
        for _, name in (drop for drop in statement.drops if drop[0] == "CONSTRAINT"):
            table = await _drop_constraint(change, table, name, statement.if_exists)
        for _, name in (drop for drop in statement.drops if drop[0] == "COLUMN"):
            await _drop_column(change, table, name, statement.if_exists)
    elif statement.action != "REBUILD":
        raise unsupported(f"ALTER TABLE .. {statement.action}", statement.line)


async def _add(change: Change, table: TableInfo, statement: s.AlterTable) -> None:
    primary = {c.name.lower() for k in statement.constraints if k.kind == "PK" for c in k.columns}
    added = []
    next_id = max((c.column_id for c in table.columns), default=0)
    highest = await change.connection.fetchval(
        "SELECT coalesce(max(attnum), 0)::int FROM pg_attribute WHERE attrelid = to_regclass($1)", table.physical
    )
    next_id = max(next_id, highest)
    for given in statement.columns:
        if table.column(given.name) is not None:
            raise SqlError(
                2705, f"Column names in each table must be unique. Column name '{given.name}' in table '{table.name}' is "
                "specified more than once.", 16, 4,
            )  # fmt: skip
        next_id += 1
        info = column_info(next_id, given, primary)
        await add_column_row(change, table.object_id, info)
        loose = replace(info, nullable=True)
        await change.run(f"ALTER TABLE {table.physical} ADD {column_sql(loose)}")
        added.append((info, given))
    table = replace(table, columns=(*table.columns, *(info for info, _ in added)))
    check_width(table.columns, table.name)
    for info, given in added:
        if info.identity:
            await add_identity(change, table, info)
            await change.run(f"UPDATE {table.physical} SET {info.physical} = DEFAULT")
        if given.default is not None:
            await add_default(change, table, info, given.default, given.default_text, given.default_name)
            if not info.nullable or given.with_values:
                await change.run(f"UPDATE {table.physical} SET {info.physical} = DEFAULT")
        if not info.nullable:
            await _require_values(change, table, info)
    await _add_constraints(change, table, statement.constraints)


async def _require_values(change: Change, table: TableInfo, info: ColumnInfo) -> None:
    if await change.connection.fetchval(f"SELECT 1 FROM {table.physical} WHERE {info.physical} IS NULL LIMIT 1"):
        raise SqlError(
            4901, "ALTER TABLE only allows columns to be added that can contain nulls, or have a DEFAULT definition "
            "specified, or the column being added is an identity or timestamp column, or alternatively if none of the "
            f"previous conditions are satisfied the table must be empty to allow addition of this column. Column "
            f"'{info.name}' cannot be added to non-empty table '{table.name}' because it does not satisfy these conditions.",
        )  # fmt: skip
    await change.run(f"ALTER TABLE {table.physical} ALTER {info.physical} SET NOT NULL")


async def _alter_column(change: Change, table: TableInfo, given: s.ColumnDef) -> None:
    old = table.column(given.name)
    if old is None:
        raise SqlError(
            4924,
            f"ALTER TABLE ALTER COLUMN failed because column '{given.name}' does not exist in table '{table.name}'.",
        )
    assert given.type is not None
    kind = resolve(given.type)
    if kind.name in CHARACTER:
        kind = SqlType(kind.name, kind.length, collation=canonical_collation(given.collation or "database_default"))
    nullable = given.nullable is not False
    if any(index.primary_key and old.column_id in index.key_columns for index in table.indexes) and nullable:
        raise SqlError(5074, f"The object is dependent on column '{old.name}'.", 16, 1)
    converted = change.binder().convert(
        Ex(old.physical, old.type), kind, place=f"table '{table.name}', column '{old.name}'"
    )
    collation = f" COLLATE {pg_collation(kind.collation)}" if kind.name in CHARACTER else ""
    default = await change.connection.fetchval(
        "SELECT default_text FROM mssql.columns WHERE object_id = $1 AND column_id = $2", table.object_id, old.column_id
    )
    if default is not None:
        raise SqlError(5074, f"The object 'DEFAULT' is dependent on column '{old.name}'.", 16, 1)
    await change.run(
        f"ALTER TABLE {table.physical} ALTER {old.physical} TYPE {storage(kind)}{collation} USING {converted.sql}"
    )
    if nullable != old.nullable:
        if not nullable:
            found = await change.connection.fetchval(
                f"SELECT 1 FROM {table.physical} WHERE {old.physical} IS NULL LIMIT 1"
            )
            if found:
                raise SqlError(
                    515, f"Cannot insert the value NULL into column '{old.name}', table "
                    f"'{change.snapshot.database}.{table.schema}.{table.name}'; column does not allow nulls. UPDATE fails.",
                    16, 2,
                )  # fmt: skip
        await change.run(f"ALTER TABLE {table.physical} ALTER {old.physical} {'DROP' if nullable else 'SET'} NOT NULL")
    await change.connection.execute(
        "UPDATE mssql.columns SET type_name = $3, length = $4, prec = $5, scale = $6, collation_name = $7, nullable = $8"
        " WHERE object_id = $1 AND column_id = $2",
        table.object_id, old.column_id, kind.name, kind.length, kind.precision, kind.scale, kind.collation, nullable,
    )  # fmt: skip


async def _drop_column(change: Change, table: TableInfo, name: str, if_exists: bool) -> None:
    info = table.column(name)
    if info is None:
        if if_exists:
            return
        raise SqlError(
            4924, f"ALTER TABLE DROP COLUMN failed because column '{name}' does not exist in table '{table.name}'."
        )
    for index in table.indexes:
        if info.column_id in index.columns:
            raise SqlError(5074, f"The index '{index.name}' is dependent on column '{info.name}'.", 16, 1)
    if info.default_text is not None:
        raise SqlError(5074, f"The object is dependent on column '{info.name}'.", 16, 1)
    await change.run(f"ALTER TABLE {table.physical} DROP COLUMN {info.physical}")
    await change.connection.execute(
        "DELETE FROM mssql.columns WHERE object_id = $1 AND column_id = $2", table.object_id, info.column_id
    )


async def _drop_constraint(change: Change, table: TableInfo, name: str, if_exists: bool) -> TableInfo:
    row = await change.connection.fetchrow(
        "SELECT object_id, type FROM mssql.objects WHERE parent_object_id = $1 AND lower(name) = lower($2)",
        table.object_id, name,
    )  # fmt: skip
    if row is None:
        if if_exists:
            return table
        raise SqlError(3728, f"'{name}' is not a constraint.")
    number, kind = row["object_id"], row["type"]
    if kind in ("PK", "UQ"):
        index = await change.connection.fetchval(
            "SELECT index_id FROM mssql.indexes WHERE object_id = $1 AND constraint_id = $2", table.object_id, number
        )
        await forget_index(change, table, index)
        table = replace(table, indexes=tuple(i for i in table.indexes if i.index_id != index))
    elif kind == "D":
        column = next(c for c in table.columns if c.default_object_id == number)
        await change.run(f"ALTER TABLE {table.physical} ALTER {column.physical} DROP DEFAULT")
        await change.connection.execute(
            "UPDATE mssql.columns SET default_text = NULL, default_object_id = 0 WHERE object_id = $1 AND column_id = $2",
            table.object_id, column.column_id,
        )  # fmt: skip
        free = replace(column, default_text=None, default_object_id=0)
        table = replace(table, columns=tuple(free if c is column else c for c in table.columns))
    else:
        await change.run(f"ALTER TABLE {table.physical} DROP CONSTRAINT {'f' if kind == 'F' else 'x'}{number}")
        await change.connection.execute("DELETE FROM mssql.foreign_keys WHERE object_id = $1", number)
    await change.connection.execute("DELETE FROM mssql.objects WHERE object_id = $1", number)
    return table


async def _still_there(change: Change, table: TableInfo) -> bool:
    """Waits for whoever drops it at this moment; of two that do, the second finds it gone."""
    query = "SELECT true FROM mssql.objects WHERE object_id = $1 FOR UPDATE"
    return bool(await change.connection.fetchval(query, table.object_id))


async def drop_table(change: Change, name: Name, if_exists: bool, kind: str = "U") -> None:
    table = change.find(name)
    word = "table" if kind == "U" else "view"
    if table is None or table.kind != kind or not await _still_there(change, table):
        if if_exists:
            return
        raise SqlError(
            3701, f"Cannot drop the {word} '{name}', because it does not exist or you do not have permission.", 11, 5
        )
    change.require_alter(table)
    referencing = [
        key for key in change.snapshot.foreign_keys
        if key.referenced == table.object_id and key.parent != table.object_id
    ]  # fmt: skip
    if referencing:
        raise SqlError(
            3726, f"Could not drop object '{name}' because it is referenced by a FOREIGN KEY constraint.", 16, 1
        )
    if kind == "U":
        await change.run(f"DROP TABLE {table.physical}")
    for relation in ("columns", "indexes", "index_columns"):
        await change.connection.execute(f"DELETE FROM mssql.{relation} WHERE object_id = $1", table.object_id)
    await change.connection.execute("DELETE FROM mssql.foreign_keys WHERE parent_object_id = $1", table.object_id)
    await change.connection.execute(
        "DELETE FROM mssql.objects WHERE object_id = $1 OR parent_object_id = $1", table.object_id
    )


async def truncate(change: Change, name: Name) -> None:
    table = change.find(name)
    if table is None:
        raise SqlError(
            4701, f'Cannot find the object "{name}" because it does not exist or you do not have permissions.'
        )
    change.require_alter(table)
    if any(key.referenced == table.object_id for key in change.snapshot.foreign_keys):
        raise SqlError(
            4712, f"Cannot truncate table '{name}' because it is being referenced by a FOREIGN KEY constraint."
        )
    await change.run(f"TRUNCATE {table.physical} RESTART IDENTITY")


async def update_statistics(change: Change, name: Name) -> None:
    table = change.find(name)
    if table is None:
        raise SqlError(2706, f"Table '{name}' does not exist.")
    change.require_alter(table)
    await change.run(f"ANALYZE {table.physical}")


async def create_view(change: Change, statement: s.CreateView) -> None:
    existing = change.find(statement.name)
    if existing is not None and not (statement.alter or statement.or_alter):
        raise SqlError(2714, f"There is already an object named '{statement.name.last}' in the database.", 16, 3)
    change.access.require_database("CREATE VIEW")
    # Bound once for its errors; each use binds it again.
    bound = change.binder().query(statement.query, None)
    names = statement.columns or [ex.name for ex in bound.columns]
    if existing is not None:
        await drop_table(change, statement.name, False, "V")
    elif statement.alter:
        raise SqlError(208, f"Invalid object name '{statement.name}'.", 16, 6)
    object_id = await change.add_object(
        change.schema_id(statement.name), statement.name.last, "V", definition=statement.text
    )
    for number, (name, ex) in enumerate(zip(names, bound.columns, strict=True), 1):
        if not name:
            raise SqlError(
                4511, f"Create View or Function failed because no column name was specified for column {number}."
            )
        await add_column_row(change, object_id, ColumnInfo(number, name, ex.type or SqlType("int"), ex.nullable))


async def create_schema(change: Change, statement: s.CreateSchema) -> None:
    if not change.access.database("CREATE SCHEMA"):
        raise SqlError(2759, "CREATE SCHEMA failed due to previous errors.", 16, 0)
    # One after the other: both the number and the name are looked for and then taken.
    await change.connection.execute("SELECT pg_advisory_xact_lock(hashtext('mssql.schemas'))")
    made = await change.connection.fetchval(
        "INSERT INTO mssql.schemas SELECT max(greatest(schema_id, 4)) + 1, $1, 1 FROM mssql.schemas"
        " HAVING NOT bool_or(lower(name) = lower($1)) RETURNING schema_id",
        statement.name,
    )
    if made is None:
        raise SqlError(2714, f"There is already an object named '{statement.name}' in the database.", 16, 6)


async def transfer(change: Change, statement: s.TransferSchema) -> None:
    """ALTER SCHEMA .. TRANSFER: the table goes with its constraints."""
    table = change.find(statement.name)
    entry = change.snapshot.schemas.get(statement.schema.lower())
    if entry is None:
        raise SqlError(
            15151, f"Cannot alter the schema '{statement.schema}', because it does not exist or you do not have permission."
        )  # fmt: skip
    if table is None or table.temporary:
        raise SqlError(
            15151, f"Cannot find the object '{statement.name.last}', because it does not exist or you do not have permission."
        )  # fmt: skip
    change.require_alter(table)
    if (entry[0], table.name.lower()) in change.snapshot.objects:
        raise SqlError(15530, f'The object with name "{table.name}" already exists.', 16, 1)
    await change.connection.execute(
        "UPDATE mssql.objects SET schema_id = $2 WHERE object_id = $1 OR parent_object_id = $1",
        table.object_id,
        entry[0],
    )


async def drop_schema(change: Change, name: str, if_exists: bool) -> None:
    entry = change.snapshot.schemas.get(name.lower())
    if entry is None:
        if if_exists:
            return
        raise SqlError(
            15151, f"Cannot drop the schema '{name}', because it does not exist or you do not have permission."
        )
    if await change.connection.fetchval("SELECT 1 FROM mssql.objects WHERE schema_id = $1 LIMIT 1", entry[0]):
        raise SqlError(3729, f"Cannot drop schema '{name}' because it is being referenced by another object.")
    await change.connection.execute("DELETE FROM mssql.schemas WHERE schema_id = $1", entry[0])


async def rename(change: Change, old: list[str], new: str, kind: str) -> None:
    """sp_rename: a table, a column (schema.table.column), or an index (schema.table.index)."""
    if kind in ("COLUMN", "INDEX"):
        table = change.find(Name(tuple(old[:-1])))
        info = table.column(old[-1]) if table and kind == "COLUMN" else None
        index = next((i for i in table.indexes if i.name.lower() == old[-1].lower()), None) if table else None
        if table is None or (kind == "COLUMN" and info is None) or (kind == "INDEX" and index is None):
            raise SqlError(15248, "Either the parameter @objname is ambiguous or the claimed @objtype is wrong.", 11)
        change.require_alter(table)
        if info is not None:
            if table.column(new) is not None:
                raise SqlError(15335, f"Error: The new name '{new}' is already in use as a COLUMN name and would cause a "
                               "duplicate that is not permitted.", 11)  # fmt: skip
            await change.connection.execute(
                "UPDATE mssql.columns SET name = $3 WHERE object_id = $1 AND column_id = $2",
                table.object_id, info.column_id, new,
            )  # fmt: skip
        elif index is not None:
            await change.connection.execute(
                "UPDATE mssql.indexes SET name = $3 WHERE object_id = $1 AND index_id = $2",
                table.object_id, index.index_id, new,
            )  # fmt: skip
        return
    schema_id = change.schema_id(Name(tuple(old)))
    found = change.snapshot.objects.get((schema_id, old[-1].lower()))
    if found is None:
        raise SqlError(
            15225, f"No item by the name of '{'.'.join(old)}' could be found in the current database "
            f"'{change.snapshot.database}', given that @itemtype was input as '(null)'.", 11,
        )  # fmt: skip
    if (schema_id, new.lower()) in change.snapshot.objects:
        raise SqlError(15335, f"Error: The new name '{new}' is already in use as a OBJECT name and would cause a duplicate "
                       "that is not permitted.", 11)  # fmt: skip
    await change.connection.execute("UPDATE mssql.objects SET name = $2 WHERE object_id = $1", found.object_id, new)
    await change.connection.execute("UPDATE mssql.indexes SET name = $2 WHERE constraint_id = $1", found.object_id, new)
