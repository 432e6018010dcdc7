"""Binds and runs queries, changes and definitions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import asyncpg

from lab.sqlserver.model import MAX, Event, Message, ResultSet, RowCount, Rows, SqlError, SqlType

from .binding.changes import Plan
from .binding.ex import BoundQuery
from .definitions import indexes, security, tables
from .definitions.base import Change
from .syntax import nodes as n
from .syntax import statements as s
from .syntax.base import unsupported
from .values import encoder, row_decoder
from .variables import SYSTEM_VARIABLES

_CHUNK = 500
_WIDER = ("tinyint", "smallint", "int", "bigint")
_UPSERT_TRIES = 4


class QueryMixin:
    session: Any

    # --- parameters ----------------------------------------------------------------------------------------------

    def arguments(self, names: list[str], hints: dict[str, SqlType] | None = None) -> list[Any]:
        session = self.session
        values = []
        for name in names:
            if name in session.variables.types:
                kind, value = session.variables.types[name], session.variables.values[name]
                kind = kind or (hints or {}).get(name)
            else:
                kind, read = SYSTEM_VARIABLES[name]
                value = read(session)
            values.append(None if value is None else encoder(kind)(value) if kind is not None else value)
        return values

    async def scalar(self, sql: str, parameters: list[str]) -> Any:
        async def work() -> Any:
            return await self.session.connection.fetchval(sql, *self.arguments(parameters))

        return await self.atomically(work, "SELECT")

    # --- SELECT --------------------------------------------------------------------------------------------------

    async def select(self, statement: s.SelectStatement) -> AsyncIterator[Event]:
        session = self.session
        body = statement.query.body
        if isinstance(body, n.Select) and body.into is not None:
            async for event in self._select_into(statement, body):
                yield event
            return
        bound, parameters, hints = await self._bound(statement)
        records = await self._fetch(bound.sql, self.arguments(parameters, hints), "SELECT")
        columns = bound.result_columns()
        decode = row_decoder([column.type for column in columns])
        if isinstance(body, n.Select) and any(item.assign for item in body.items):
            await self._assign(body, columns, [decode(record) for record in records])
            session.row_count = len(records)
            yield RowCount(None, "SELECT")
            return
        yield ResultSet(columns)
        for start in range(0, len(records), _CHUNK):
            yield Rows([decode(record) for record in records[start : start + _CHUNK]])
        async for event in self.counted(len(records), "SELECT"):
            yield event

    async def _bound(self, statement: s.SelectStatement) -> tuple[BoundQuery, list[str], dict[str, SqlType]]:
        session = self.session
        snapshot = await session.snapshot()
        key = (snapshot, session.known.name, session.current.id, tuple(session.variables.types.items()))
        cached = getattr(statement, "bound", None)
        if cached is not None and cached[0][0] is snapshot and cached[0][1:] == key[1:]:
            return cached[1]
        binder = session.binder(snapshot)
        bound = binder.query(statement.query, None)
        result = (bound, binder.context.parameters, binder.context.hints)
        statement.bound = None if binder.context.volatile else (key, result)
        return result

    async def _fetch(self, sql: str, arguments: list[Any], command: str) -> list[Any]:
        async def work() -> list[Any]:
            return await self.session.connection.fetch(sql, *arguments)

        return await self.atomically(work, command)

    async def _assign(self, body: n.Select, columns: list[Any], rows: list[list[Any]]) -> None:
        if not all(item.assign for item in body.items):
            raise SqlError(141, "A SELECT statement that assigns a value to a variable must not be combined with "
                           "data-retrieval operations.", 15)  # fmt: skip
        if not rows:
            return
        variables = self.session.variables
        for item, column, value in zip(body.items, columns, rows[-1], strict=True):
            kind = variables.type_of(item.assign)
            if item.assign_op != "=":
                raise unsupported("SELECT @variable +=", item.line)
            variables.values[item.assign.lower()] = await self.cast(value, column.type, kind)

    async def cast(self, value: Any, given: SqlType, wanted: SqlType | None) -> Any:
        """A value of one type as another, by PostgreSQL unless they keep values alike."""
        if (
            value is None
            or wanted is None
            or (given.name, given.length, given.scale) == (wanted.name, wanted.length, wanted.scale)
        ):
            return value
        if _kept_alike(given, wanted):
            return value
        from .binding.convert import Conversion
        from .types import storage
        from .values import decoder

        sql = Conversion(given, wanted).sql(f"$1::{storage(given)}")
        made = await self._fetch(f"SELECT {sql}", [encoder(given)(value)], "SELECT")
        result, convert = made[0][0], decoder(wanted)
        return convert(result) if convert is not None and result is not None else result

    async def _select_into(self, statement: s.SelectStatement, body: n.Select) -> AsyncIterator[Event]:
        into, body.into = body.into, None
        try:
            bound, parameters, hints = await self._bound(statement)
        finally:
            body.into = into
        given = []
        for ex in bound.columns:
            if not ex.name:
                raise SqlError(1038, "An object or column name is missing or empty.", 15, 5)
            kind = ex.type or SqlType("int")
            length = (
                kind.precision if kind.precision is not None else kind.length if kind.length is not None else kind.scale
            )
            scale = kind.scale if kind.precision is not None else None
            given.append(s.ColumnDef(ex.name, n.TypeName(kind.name, length, scale), ex.nullable, kind.collation))
        await self.apply_definition(s.CreateTable(into, given, []))
        table = (await self._change()).find(into)
        assert table is not None
        sql = f"INSERT INTO {table.physical} {bound.sql}"
        count = await self._counting(sql, self.arguments(parameters, hints), "INSERT")
        async for event in self.counted(count, "SELECT"):
            yield event

    # --- INSERT, UPDATE, DELETE, MERGE ---------------------------------------------------------------------------

    async def change(self, statement: Any) -> AsyncIterator[Event]:
        if isinstance(statement, s.Insert) and statement.execute is not None:
            async for event in self._insert_execute(statement):
                yield event
            return
        plan, hints = await self._plan(statement)
        arguments = self.arguments(plan.parameters, hints)
        if plan.columns is not None:
            records = await self._fetch(plan.sql, arguments, plan.command)
            yield ResultSet(plan.columns)
            decode = row_decoder([column.type for column in plan.columns])
            yield Rows([decode(record) for record in records])
            count = len(records)
        elif plan.identity:
            records = await self._fetch(plan.sql, arguments, plan.command)
            count = len(records)
            if records:
                self.session.last_identity = self.session.scope_identity = int(records[-1][0])
        else:
            count = await self._counting(plan.sql, arguments, plan.command, plan.upsert)
        if plan.explicit_identity:
            await self._raise_identity(plan)
        async for event in self.counted(count, plan.command):
            yield event

    async def _plan(self, statement: Any) -> tuple[Plan, dict[str, SqlType]]:
        session = self.session
        snapshot = await session.snapshot()
        key = (snapshot, session.known.name, session.identity_insert, tuple(session.variables.types.items()))
        cached = getattr(statement, "plan", None)
        if cached is not None and cached[0][0] is snapshot and cached[0][1:] == key[1:]:
            return cached[1]
        binder = session.binder(snapshot)
        make = {s.Insert: binder.insert, s.Update: binder.update, s.Delete: binder.delete, s.Merge: binder.merge}
        plan = make[type(statement)](statement)
        result = (plan, binder.context.hints)
        statement.plan = None if binder.context.volatile else (key, result)
        return result

    async def _counting(self, sql: str, arguments: list[Any], command: str, upsert: bool = False) -> int:
        async def work() -> str:
            return await self.session.connection.execute(sql, *arguments)

        for attempt in range(1, _UPSERT_TRIES + 1):
            try:
                status = await self.atomically(work, command)
                break
            except SqlError as error:
                # HOLDLOCK keeps the gap; PostgreSQL's MERGE meets the other session's row instead, and finds it next time.
                kept = not self.session.in_transaction or not self.session.xact_abort
                if not (upsert and kept and error.number in (2627, 2601) and attempt < _UPSERT_TRIES):
                    raise
        last = status.rsplit(" ", 1)[-1]
        return int(last) if last.isdigit() else 0

    async def _raise_identity(self, plan: Plan) -> None:
        assert plan.table is not None and plan.table.identity is not None
        sequence, column = f"{plan.table.physical}_id", plan.table.identity.physical
        await self._fetch(
            f"SELECT setval('{sequence}', m) FROM (SELECT max({column})::bigint m FROM {plan.table.physical}) q"
            f" WHERE m >= (SELECT last_value FROM {sequence})",
            [], "SELECT",
        )  # fmt: skip

    async def _insert_execute(self, statement: s.Insert) -> AsyncIterator[Event]:
        rows: list[list[Any]] = []
        types: list[SqlType] = []
        assert statement.execute is not None
        async for event in self.execute(statement.execute):
            if isinstance(event, ResultSet):
                types = [column.type for column in event.columns]
            elif isinstance(event, Rows):
                rows += [list(row) for row in event.rows]
            elif not isinstance(event, RowCount):
                yield event
        session = self.session
        binder = session.binder(await session.snapshot())
        table = binder.change_target(statement.target, "INSERT")
        columns = binder.insert_columns(table, statement.columns, statement.line)
        if types and len(types) != len(columns):
            raise SqlError(213, "Column name or number of supplied values does not match table definition.", 16, 7)
        if rows:
            from .binding.ex import Ex
            from .types import storage

            values = ", ".join(
                binder.assign(Ex(f"${i}::{storage(kind)}", kind), table, column)
                for i, (kind, column) in enumerate(zip(types, columns, strict=True), 1)
            )
            sql = f"INSERT INTO {table.physical} ({', '.join(c.physical for c in columns)}) VALUES ({values})"
            encoders = [encoder(kind) for kind in types]
            encoded = [[None if v is None else e(v) for v, e in zip(row, encoders, strict=True)] for row in rows]

            async def work() -> None:
                await session.connection.executemany(sql, encoded)

            await self.atomically(work, "INSERT", several=True)
        async for event in self.counted(len(rows), "INSERT"):
            yield event

    # --- definitions ---------------------------------------------------------------------------------------------

    async def _change(self) -> Change:
        session = self.session
        snapshot = await session.snapshot()
        return Change(
            session.connection, snapshot, lambda: session.binder(snapshot), session.access(snapshot), session.session_id,
            session.user_of(snapshot)[1],
        )  # fmt: skip

    async def define(self, statement: Any) -> AsyncIterator[Event]:
        if isinstance(statement, s.Drop) and statement.what in ("DATABASE", "LOGIN"):
            async for event in self.server_define(statement):
                yield event
            return
        if isinstance(statement, s.AlterRole) and statement.server:
            async for event in self.server_define(statement):
                yield event
            return
        for warning in await self.apply_definition(statement):
            yield warning
        yield RowCount(None, "DDL")

    async def apply_definition(self, statement: Any) -> list[Message]:
        change = await self._change()

        async def work() -> None:
            await self._define(change, statement)

        try:
            await self.atomically(work, _command(statement), several=not isinstance(statement, s.Truncate))
        finally:
            temporary = isinstance(statement, s.CreateTable) and statement.name.last[:1] in "#@"
            if not isinstance(statement, s.Truncate):
                self.session.catalog_changed(temporary)
        return change.warnings

    async def _define(self, change: Change, statement: Any) -> None:
        if isinstance(statement, s.CreateTable):
            await tables.create_table(change, statement)
        elif isinstance(statement, s.AlterTable):
            await tables.alter_table(change, statement)
        elif isinstance(statement, s.Truncate):
            await tables.truncate(change, statement.name)
        elif isinstance(statement, s.UpdateStatistics):
            await tables.update_statistics(change, statement.name)
        elif isinstance(statement, s.CreateIndex):
            await indexes.create_index(change, statement)
        elif isinstance(statement, s.CreateView):
            await tables.create_view(change, statement)
        elif isinstance(statement, s.CreateSchema):
            await tables.create_schema(change, statement)
        elif isinstance(statement, s.CreateUser):
            await security.create_user(change, statement)
        elif isinstance(statement, s.AlterRole):
            await security.alter_role(change, statement)
        elif isinstance(statement, s.Permission):
            await security.permission(change, statement)
        elif isinstance(statement, s.TransferSchema):
            await tables.transfer(change, statement)
        elif isinstance(statement, s.Drop):
            await self._drop(change, statement)
        else:
            raise unsupported(type(statement).__name__, statement.line)

    async def _drop(self, change: Change, statement: s.Drop) -> None:
        for name in statement.names:
            if statement.what in ("TABLE", "VIEW"):
                await tables.drop_table(change, name, statement.if_exists, "U" if statement.what == "TABLE" else "V")
            elif statement.what == "SCHEMA":
                await tables.drop_schema(change, name.last, statement.if_exists)
            elif statement.what == "USER":
                await security.drop_user(change, name.last, statement.if_exists)
            elif statement.what == "INDEX":
                assert statement.on is not None
                await indexes.drop_index(
                    change, tables.need_table(change, statement.on), name.last, statement.if_exists
                )
            else:
                raise unsupported(f"DROP {statement.what}", statement.line)

    async def drop_table_variables(self) -> None:
        session = self.session
        if session.connection.is_closed() or not session.table_variables:
            return
        names, session.table_variables = session.table_variables, []
        if session.doomed:
            return
        try:
            await self.apply_definition(s.Drop("TABLE", [n.Name((name,)) for name in names], True))
        except (SqlError, asyncpg.PostgresError):
            session.catalog_changed(temporary=True)

    async def server_define(self, statement: Any) -> AsyncIterator[Event]:
        """Databases and logins; like SQL Server's, most of these are not for transactions."""
        session, cluster = self.session, self.session.cluster
        if not session.known.admin:
            raise SqlError(15247, "User does not have permission to perform this action.")
        if isinstance(statement, s.CreateDatabase):
            if session.in_transaction:
                raise SqlError(226, "CREATE DATABASE statement not allowed within multi-statement transaction.")
            await cluster.create_database(statement.name)
        elif isinstance(statement, s.CreateLogin):
            known = statement.name.lower() in cluster.logins
            if known and not statement.alter:
                raise SqlError(15025, f"The server principal '{statement.name}' already exists.")
            if not known and statement.alter:
                raise SqlError(15151, f"Cannot alter the login '{statement.name}', because it does not exist or you do not "
                               "have permission.")  # fmt: skip
            admin = known and cluster.logins[statement.name.lower()].admin
            await cluster.set_login(statement.name, statement.password, admin)
        elif isinstance(statement, s.AlterRole):
            if statement.role.lower() != "sysadmin" or statement.member.lower() not in cluster.logins:
                raise SqlError(15151, f"Cannot alter the server role '{statement.role}', because it does not exist or you do "
                               "not have permission.")  # fmt: skip
            await cluster.set_admin(statement.member, statement.add)
        else:
            await self._drop_from_server(statement)
        yield RowCount(None, "DDL")

    async def _drop_from_server(self, statement: s.Drop) -> None:
        cluster = self.session.cluster
        for name in statement.names:
            known = cluster.databases if statement.what == "DATABASE" else cluster.logins
            if name.last.lower() not in known:
                if statement.if_exists:
                    continue
                number = 3701 if statement.what == "DATABASE" else 15151
                raise SqlError(
                    number, f"Cannot drop the {statement.what.lower()} '{name.last}', because it does not exist or you do not "
                    "have permission.", 11 if number == 3701 else 16,
                )  # fmt: skip
            if statement.what == "DATABASE":
                await cluster.drop_database(name.last)
            else:
                await cluster.drop_login(name.last)


def _kept_alike(given: SqlType, wanted: SqlType) -> bool:
    """Every value of the one is a value of the other as it is."""
    if given.name in _WIDER and wanted.name in _WIDER:
        return _WIDER.index(given.name) <= _WIDER.index(wanted.name)
    if given.name != wanted.name:
        return False
    if given.name in ("nvarchar", "varbinary"):
        return wanted.length == MAX or (given.length not in (None, MAX) and given.length <= (wanted.length or 0))
    if given.name in ("decimal", "numeric"):
        return given.scale == wanted.scale and (given.precision or 18) <= (wanted.precision or 18)
    return given.name in ("time", "datetime2", "datetimeoffset") and (given.scale or 0) <= (wanted.scale or 0)


def _command(statement: Any) -> str:
    return {s.AlterTable: "ALTER TABLE", s.CreateIndex: "CREATE INDEX"}.get(type(statement), "DDL")
