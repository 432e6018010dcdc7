"""Runs statements: control flow, errors, and one plan after another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg

from lab.sqlserver.model import Event, Message, SqlError

from .bulk import BulkMixin
from .control import ControlMixin, Stop
from .errors import BATCH, BATCH_AND_TRANSACTION, TRANSACTION_FATAL
from .queries import QueryMixin
from .session import Session
from .syntax import statements as s


def message_of(error: SqlError) -> Message:
    return Message(error.number, error.text, error.severity, error.state, error.line, error.procedure)


async def run_batch(session: Session, sql: str, nested: bool = False) -> AsyncIterator[Event]:
    """A batch of its own: its variables begin and end with it."""
    from .variables import Variables

    if not nested:
        session.variables = Variables()
    try:
        statements = session.parsed(sql)
    except SqlError as error:
        if nested:
            raise
        session.last_error = error.number
        yield message_of(error)
        return
    executor = Executor(session)
    try:
        async for event in executor.top_level(statements):
            yield event
    finally:
        await executor.drop_table_variables()


class Executor(ControlMixin, QueryMixin, BulkMixin):
    def __init__(self, session: Session) -> None:
        self.session = session

    async def top_level(self, statements: list[s.Statement]) -> AsyncIterator[Event]:
        """Errors outside of TRY become messages; some end the batch, some the transaction too."""
        session = self.session
        for statement in statements:
            try:
                async for event in self.run(statement):
                    yield event
            except Stop:
                return
            except SqlError as error:
                if session.try_depth:
                    raise
                async for event in self.report(error, statement):
                    yield event
                if self.ends_batch(error, statement):
                    return
        if session.doomed and not session.try_depth:
            yield await session.end_transaction("ROLLBACK")
            yield Message(
                3998,
                "Uncommittable transaction is detected at the end of the batch. The transaction is rolled back.",
                16,
            )

    async def report(self, error: SqlError, statement: s.Statement) -> AsyncIterator[Event]:
        session = self.session
        session.last_error, session.row_count = error.number, 0
        if error.line == 1 and statement.line > 1:
            error.line = statement.line
        yield message_of(error)
        fatal = error.number in TRANSACTION_FATAL or error.number in BATCH_AND_TRANSACTION
        if session.in_transaction and (fatal or self.aborts_transaction(error, statement) or session.doomed):
            yield await session.end_transaction("ROLLBACK")

    def aborts_transaction(self, error: SqlError, statement: s.Statement) -> bool:
        return self.session.xact_abort and not isinstance(statement, s.RaiseError)

    def ends_batch(self, error: SqlError, statement: s.Statement) -> bool:
        numbers = (TRANSACTION_FATAL, BATCH_AND_TRANSACTION, BATCH)
        return (
            any(error.number in group for group in numbers)
            or isinstance(statement, s.Throw)
            or error.severity >= 20
            or self.aborts_transaction(error, statement)
        )

    async def run(self, statement: s.Statement) -> AsyncIterator[Event]:
        handler = self.handlers().get(type(statement))
        if handler is None:
            raise SqlError(
                40517, f"The SQL Server stand-in does not support {type(statement).__name__}.", 16, 1, statement.line
            )
        if self.session.doomed and isinstance(
            statement, (s.Insert, s.InsertBulk, s.Update, s.Delete, s.Merge, s.CreateTable, s.AlterTable)
        ):
            raise SqlError(
                3930, "The current transaction cannot be committed and cannot support operations that write to the log "
                "file. Roll back the transaction.",
            )  # fmt: skip
        if self.begins_implicitly(statement):
            yield await self.session.start_transaction()
        async for event in handler(statement):
            yield event
        if not isinstance(statement, (s.If, s.While, s.Block, s.TryCatch, s.Print, s.RaiseError)):
            self.session.last_error = 0

    def begins_implicitly(self, statement: s.Statement) -> bool:
        if not self.session.implicit or self.session.in_transaction:
            return False
        if isinstance(statement, s.SelectStatement):
            body = statement.query.body
            return getattr(body, "source", body) is not None
        return isinstance(
            statement,
            (
                s.Insert,
                s.InsertBulk,
                s.Update,
                s.Delete,
                s.Merge,
                s.Truncate,
                s.CreateTable,
                s.AlterTable,
                s.Drop,
                s.CreateIndex,
            ),
        )

    async def atomically(self, work: Callable[[], Awaitable[Any]], command: str, several: bool = False) -> Any:
        """Runs one statement so that it leaves nothing when it fails. `several`: it is more than one for PostgreSQL."""
        session = self.session
        connection = session.connection
        kept = session.in_transaction and (not session.xact_abort or session.try_depth > 0)
        own = several and not session.in_transaction
        if kept:
            await session.statement_point()
        elif own:
            await connection.execute("BEGIN")
        session.running = True
        try:
            result = await work()
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError):
                raise
            session.running = False
            if kept:
                await connection.execute("ROLLBACK TO SAVEPOINT statement")
                session.doomed = session.doomed or (session.xact_abort and session.try_depth > 0)
            elif own:
                await connection.execute("ROLLBACK")
            if isinstance(error, asyncpg.PostgresError):
                await session.snapshot_for_errors()
                raise session.translate(error, command) from error
            raise
        session.running = False
        if own:
            await connection.execute("COMMIT")
        return result

    async def execute(self, statement: s.Execute) -> AsyncIterator[Event]:
        from .remote import execute_in_batch

        async for event in execute_in_batch(self, statement):
            yield event

    async def use(self, statement: s.Use) -> AsyncIterator[Event]:
        change = await self.session.use(statement.database)
        yield change
        yield Message(5701, f"Changed database context to '{change.new}'.", 0, 2)

    async def transaction(self, statement: s.Transaction) -> AsyncIterator[Event]:
        session, name = self.session, (statement.name or "").lstrip("@")
        if statement.action == "BEGIN":
            started = session.in_transaction
            change = await session.start_transaction()
            if not started:
                yield change
        elif statement.action == "SAVE":
            await session.save_point(name)
        elif not session.in_transaction:
            number = 3902 if statement.action == "COMMIT" else 3903
            raise SqlError(
                number, f"The {statement.action} TRANSACTION request has no corresponding BEGIN TRANSACTION."
            )
        elif statement.action == "COMMIT":
            if session.doomed:
                raise SqlError(
                    3930, "The current transaction cannot be committed and cannot support operations that write to the log "
                    "file. Roll back the transaction.",
                )  # fmt: skip
            if session.transaction_count > 1:
                session.transaction_count -= 1
            else:
                yield await session.end_transaction("COMMIT")
        elif name and await self._roll_back_to(name):
            return
        else:
            yield await session.end_transaction("ROLLBACK")
        async for event in self.counted(None, "SET"):
            yield event

    async def _roll_back_to(self, name: str) -> bool:
        """False when the name is no save point: then it names the transaction."""
        connection = self.session.connection
        await connection.execute("SAVEPOINT probe")
        try:
            await connection.execute(f'ROLLBACK TO SAVEPOINT "u_{name.lower()}"')
            self.session.point_set = False
        except asyncpg.PostgresError:
            await connection.execute("ROLLBACK TO SAVEPOINT probe; RELEASE SAVEPOINT probe")
            return False
        if self.session.changed_catalog:
            self.session.catalog_changed()
        return True
