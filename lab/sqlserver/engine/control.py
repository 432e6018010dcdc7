"""Control flow, variables, messages, settings."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

from lab.sqlserver.model import Event, Message, RowCount, SqlError, SqlType

from .binding.ex import Ex, Scope
from .procedures.checkident import check_identity
from .quick import quick_condition, quick_value
from .syntax import nodes as n
from .syntax import statements as s
from .syntax.base import unsupported
from .types import INT, nvarchar, resolve
from .values import decoder

_IGNORED_SETTINGS = {
    "ANSI_NULLS", "ANSI_PADDING", "ANSI_WARNINGS", "ANSI_NULL_DFLT_ON", "ANSI_NULL_DFLT_OFF", "ANSI_DEFAULTS", "ARITHABORT",
    "CONCAT_NULL_YIELDS_NULL", "NUMERIC_ROUNDABORT", "CURSOR_CLOSE_ON_COMMIT", "TEXTSIZE", "LANGUAGE", "DATEFORMAT",
    "DATEFIRST", "DEADLOCK_PRIORITY", "ARITHIGNORE", "STATISTICS IO", "STATISTICS TIME", "NOEXEC", "FMTONLY", "NO_BROWSETABLE",
    "CONTEXT_INFO", "QUERY_GOVERNOR_COST_LIMIT", "FORCEPLAN",
}  # fmt: skip
_MUST_BE = {
    "NOEXEC": "OFF",
    "FMTONLY": "OFF",
    "ANSI_NULLS": "ON",
    "CONCAT_NULL_YIELDS_NULL": "ON",
    "NUMERIC_ROUNDABORT": "OFF",
}


class Stop(Exception):
    """RETURN."""


class BreakLoop(Exception):
    """BREAK."""


class ContinueLoop(Exception):
    """CONTINUE."""


class ControlMixin:
    session: Any
    _handlers: dict[type, Callable[[Any], AsyncIterator[Event]]] | None = None
    atomically: Any
    _change: Any
    run: Callable[[s.Statement], AsyncIterator[Event]]

    def handlers(self) -> dict[type, Callable[[Any], AsyncIterator[Event]]]:
        if self._handlers is None:
            self._handlers = self._all_handlers()
        return self._handlers

    def _all_handlers(self) -> dict[type, Callable[[Any], AsyncIterator[Event]]]:
        return {
            s.SelectStatement: self.select, s.Insert: self.change, s.InsertBulk: self.announce_bulk, s.Update: self.change, s.Delete: self.change,
            s.Merge: self.change, s.If: self.if_, s.While: self.while_, s.Block: self.block, s.TryCatch: self.try_catch,
            s.Declare: self.declare, s.SetVariable: self.set_variable, s.SetOption: self.set_option, s.Print: self.print_,
            s.RaiseError: self.raise_error, s.Throw: self.throw, s.Return: self.return_, s.Break: self.break_,
            s.Continue: self.continue_, s.Use: self.use, s.Transaction: self.transaction, s.WaitFor: self.wait_for,
            s.Execute: self.execute, s.Checkpoint: self.nothing, s.Dbcc: self.dbcc,
            s.CreateTable: self.define, s.AlterTable: self.define, s.Drop: self.define, s.CreateIndex: self.define,
            s.CreateView: self.define, s.CreateSchema: self.define, s.Truncate: self.define, s.CreateUser: self.define,
            s.AlterRole: self.define, s.TransferSchema: self.define, s.UpdateStatistics: self.define, s.Permission: self.define, s.CreateDatabase: self.server_define,
            s.AlterDatabase: self.nothing, s.CreateLogin: self.server_define,
        }  # fmt: skip

    async def counted(self, count: int | None, command: str) -> AsyncIterator[Event]:
        if count is not None:
            self.session.row_count = count
        yield RowCount(None if self.session.nocount else count, command)

    async def nothing(self, statement: s.Statement) -> AsyncIterator[Event]:
        yield RowCount(None, "SET")

    # --- values --------------------------------------------------------------------------------------------------

    async def evaluate(self, node: n.Node, kind: SqlType | None = None) -> tuple[Any, SqlType]:
        """A value outside of a query, converted to `kind`."""
        known = quick_value(node, kind)
        if known is not None:
            return known
        snapshot = await self.session.snapshot()
        binder = self.session.binder(snapshot)
        ex: Ex = binder.value(node, Scope())
        if ex.type is None:
            ex = binder.give_type(ex, kind or INT)
        if kind is not None:
            ex = binder.convert(ex, kind)
        assert ex.type is not None
        value = await self.scalar(f"SELECT {ex.sql}", binder.context.parameters)
        convert = decoder(ex.type)
        return (convert(value) if convert is not None and value is not None else value), ex.type

    async def holds(self, condition: n.Node) -> bool:
        known = quick_condition(condition, self.session)
        if known is not None:
            return known
        snapshot = await self.session.snapshot()
        binder = self.session.binder(snapshot)
        sql = binder.predicate(condition, Scope())
        return bool(await self.scalar(f"SELECT ({sql})", binder.context.parameters))

    # --- flow ----------------------------------------------------------------------------------------------------

    async def each(self, statements: list[s.Statement]) -> AsyncIterator[Event]:
        """A nested list; outside of TRY an error is told here, so that the statement after it still runs."""
        for statement in statements:
            if self.session.try_depth:
                async for event in self.run(statement):
                    yield event
                continue
            try:
                async for event in self.run(statement):
                    yield event
            except SqlError as error:
                if self.ends_batch(error, statement):
                    raise
                async for event in self.report(error, statement):
                    yield event

    async def block(self, statement: s.Block) -> AsyncIterator[Event]:
        async for event in self.each(statement.body):
            yield event

    async def if_(self, statement: s.If) -> AsyncIterator[Event]:
        chosen = statement.then if await self.holds(statement.condition) else statement.otherwise
        if chosen is not None:
            async for event in self.run(chosen):
                yield event

    async def while_(self, statement: s.While) -> AsyncIterator[Event]:
        while await self.holds(statement.condition):
            try:
                async for event in self.run(statement.body):
                    yield event
            except BreakLoop:
                return
            except ContinueLoop:
                continue

    async def try_catch(self, statement: s.TryCatch) -> AsyncIterator[Event]:
        session = self.session
        session.try_depth += 1
        try:
            try:
                async for event in self.each(statement.body):
                    yield event
            finally:
                session.try_depth -= 1
        except SqlError as error:
            if error.severity >= 20:
                raise
            if error.number == 1205 and session.in_transaction:
                session.doomed = True
            session.last_error = error.number
            session.caught.append(error)
            try:
                async for event in self.each(statement.handler):
                    yield event
            finally:
                session.caught.pop()

    async def return_(self, statement: s.Return) -> AsyncIterator[Event]:
        raise Stop
        yield

    async def break_(self, statement: s.Break) -> AsyncIterator[Event]:
        raise BreakLoop
        yield

    async def continue_(self, statement: s.Continue) -> AsyncIterator[Event]:
        raise ContinueLoop
        yield

    # --- messages ------------------------------------------------------------------------------------------------

    async def print_(self, statement: s.Print) -> AsyncIterator[Event]:
        value, _ = await self.evaluate(statement.value, nvarchar(4000))
        yield Message(0, value or "", 0, 1, statement.line)

    async def throw(self, statement: s.Throw) -> AsyncIterator[Event]:
        if not statement.args:
            if not self.session.caught:
                raise SqlError(
                    10704,
                    "To rethrow an error, a THROW statement must be used inside a CATCH block.",
                    15,
                    1,
                    statement.line,
                )
            raise self.session.caught[-1]
        number, _ = await self.evaluate(statement.args[0], INT)
        text, _ = await self.evaluate(statement.args[1], nvarchar(2048))
        state, _ = await self.evaluate(statement.args[2], INT)
        if number < 50000:
            raise SqlError(35100, f"Error number {number} in the THROW statement is outside the valid range.", 16, 10)
        raise SqlError(number, text, 16, state, statement.line)
        yield

    async def raise_error(self, statement: s.RaiseError) -> AsyncIterator[Event]:
        first, kind = await self.evaluate(statement.args[0])
        severity, _ = await self.evaluate(statement.args[1], INT)
        state, _ = await self.evaluate(statement.args[2], INT)
        given = [(await self.evaluate(arg))[0] for arg in statement.args[3:]]
        number = 50000
        text = str(first)
        if isinstance(first, int) and kind.name in ("int", "smallint", "bigint"):
            number, text = first, f"Error {first}"
        text = _formatted(text, given)
        if severity <= 10:
            yield Message(number, text, severity, state, statement.line)
            return
        raise SqlError(number, text, severity, state, statement.line)

    # --- variables -----------------------------------------------------------------------------------------------

    async def declare(self, statement: s.Declare) -> AsyncIterator[Event]:
        for variable in statement.variables:
            kind = resolve(variable.type)
            self.session.variables.declare(variable.name, kind)
            if variable.value is not None:
                value, _ = await self.evaluate(variable.value, kind)
                self.session.variables.values[variable.name.lower()] = value
        for table in statement.tables:
            await self.apply_definition(table)
            self.session.table_variables.append(table.name.last)
        return
        yield

    async def set_variable(self, statement: s.SetVariable) -> AsyncIterator[Event]:
        kind = self.session.variables.type_of(statement.name)
        value = statement.value
        if statement.op != "=":
            value = n.Binary(statement.op[0], n.Variable(statement.name), value)
        self.session.variables.values[statement.name.lower()] = (await self.evaluate(value, kind))[0]
        self.session.row_count = 1
        yield RowCount(None, "SET")

    async def set_option(self, statement: s.SetOption) -> AsyncIterator[Event]:
        for name in statement.names:
            await self._set(name, statement)
        yield RowCount(None, "SET")

    async def _set(self, name: str, statement: s.SetOption) -> None:
        session, value = self.session, statement.value
        on = value == "ON"
        if name == "NOCOUNT":
            session.nocount = on
        elif name == "XACT_ABORT":
            session.xact_abort = on
        elif name == "IMPLICIT_TRANSACTIONS":
            session.implicit = on
        elif name == "QUOTED_IDENTIFIER":
            session.quoted_identifier = on
        elif name == "TRANSACTION ISOLATION LEVEL":
            session.isolation = value
        elif name == "LOCK_TIMEOUT":
            session.lock_timeout = int(value)
            await session.connection.execute(f"SET lock_timeout = {session.backend_lock_timeout}")
        elif name == "ROWCOUNT":
            if value != "0":
                raise unsupported("SET ROWCOUNT", statement.line)
        elif name == "IDENTITY_INSERT":
            await self._identity_insert(statement, on)
        elif name not in _IGNORED_SETTINGS:
            raise unsupported(f"SET {name}", statement.line)
        elif _MUST_BE.get(name, value) != value:
            raise unsupported(f"SET {name} {value}", statement.line)

    async def _identity_insert(self, statement: s.SetOption, on: bool) -> None:
        session = self.session
        snapshot = await session.snapshot()
        from .binding.tables import find_table

        assert statement.table is not None
        table = find_table(session.binder(snapshot).context, statement.table, statement.line)
        if table is None or table.identity is None:
            raise SqlError(
                8106, f"Table '{statement.table}' does not have the identity property. Cannot perform SET operation."
            )
        if on and session.identity_insert not in (0, table.object_id):
            raise SqlError(8107, "IDENTITY_INSERT is already ON for another table. Cannot perform SET operation.")
        if on:
            session.identity_insert = table.object_id
        elif session.identity_insert == table.object_id:
            session.identity_insert = 0

    async def wait_for(self, statement: s.WaitFor) -> AsyncIterator[Event]:
        text, _ = await self.evaluate(statement.delay, nvarchar(30))
        hours, minutes, seconds = (text.split(":") + ["0", "0"])[:3]
        # The delay is what the client asked for; an attention ends it.
        await asyncio.sleep(int(hours) * 3600 + int(minutes) * 60 + float(seconds))
        yield RowCount(None, "SET")

    async def check_identity(self, statement: s.Dbcc) -> list[Message]:
        change = await self._change()

        async def work() -> list[Message]:
            return await check_identity(change, statement.args, statement.line)

        made = await self.atomically(work, "DDL", several=True)
        done = "DBCC execution completed. If DBCC printed error messages, contact your system administrator."
        return [] if statement.quiet else [*made, Message(2528, done, 10)]

    async def dbcc(self, statement: s.Dbcc) -> AsyncIterator[Event]:
        if statement.command == "CHECKIDENT":
            for message in await self.check_identity(statement):
                yield message
        elif statement.command != "USEROPTIONS":
            raise unsupported(f"DBCC {statement.command}", statement.line)
        yield RowCount(None, "SET")


def _formatted(text: str, given: list[Any]) -> str:
    values = iter(given)

    def replace(found: re.Match[str]) -> str:
        if found.group() == "%%":
            return "%"
        value = next(values, None)
        return "(null)" if value is None else str(value)

    return re.sub(r"%(?:%|[-+0 #]*\d*(?:\.\d+)?(?:l|h|I64)?[sduioxX])", replace, text)
