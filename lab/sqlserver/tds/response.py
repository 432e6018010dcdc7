"""Turns the events of a session into one response. [MS-TDS] 2.2.7.5 to 2.2.7.7 for the DONE tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator

from lab.sqlserver.model import (
    Column,
    EnvChange,
    Event,
    Message,
    OutputParam,
    ResultSet,
    ReturnStatus,
    RowCount,
    Rows,
    Session,
)
from lab.sqlserver.tds import tokens
from lab.sqlserver.tds.channel import MessageWriter
from lab.sqlserver.tds.tokens import DONE, DONEINPROC, DONEPROC, Done


class Response:
    """One message to the client. A DONE is held back until it is known whether another follows."""

    def __init__(self, writer: MessageWriter, session: Session) -> None:
        self._writer = writer
        self._session = session
        self._held: RowCount | None = None
        self._failed = False
        self._columns: list[Column] = []
        self._ended = False

    async def batch(self, events: AsyncIterator[Event]) -> None:
        async for event in events:
            await self._take(event, DONE)
        self._release(DONE, last=True)

    async def call(self, events: AsyncIterator[Event], last: bool) -> None:
        status: ReturnStatus | None = None
        outputs: list[OutputParam] = []
        async for event in events:
            if isinstance(event, ReturnStatus):
                status = event
            elif isinstance(event, OutputParam):
                outputs.append(event)
            else:
                await self._take(event, DONEINPROC)
        if self._held is not None:
            self._release(DONEINPROC, last=False)
        # Clients take a call that failed before its first statement for one that returned a status of its own.
        if status is not None:
            self._writer.put(tokens.return_status(status.value))
        for output in outputs:
            self._writer.put(tokens.return_value(output))
        self._release(DONEPROC, last)

    def break_off(self) -> None:
        """Ends a response that an attention came into. The acknowledgment is a message of its own after it: SQL Server
        sends both, and mssql-jdbc waits for both."""
        if not self._ended:
            self._writer.put(tokens.done(DONE, Done.ERROR))

    async def _take(self, event: Event, token: int) -> None:
        if isinstance(event, Rows):
            for values in event.rows:
                self._writer.put(tokens.row(self._columns, values))
                await self._writer.flush_if_large()
            return
        if self._held is not None and isinstance(event, (ResultSet, RowCount)):
            self._release(token, last=False)
        if isinstance(event, ResultSet):
            self._columns = list(event.columns)
            self._writer.put(tokens.column_metadata(self._columns))
        elif isinstance(event, RowCount):
            self._held = event
        elif isinstance(event, Message):
            # A message belongs behind the statement before it.
            if self._held is not None:
                self._release(token, last=False)
            self._failed = self._failed or event.severity > 10
            self._writer.put(tokens.message(event))
        elif isinstance(event, EnvChange):
            self._writer.put(tokens.env_change(event))

    def _release(self, token: int, last: bool) -> None:
        status = Done.FINAL if last else Done.MORE
        if self._failed:
            status |= Done.ERROR
        if self._session.in_transaction:
            status |= Done.IN_TRANSACTION
        held = self._held if token != DONEPROC else None
        self._writer.put(tokens.done(token, status, held.command if held else "", held.count if held else None))
        self._held = None
        self._failed = False
        self._ended = last
