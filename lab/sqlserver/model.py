"""What the protocol half (tds) and the engine half (engine) of the stand-in say to each other.

The protocol half turns bytes into calls on a `Session` and the events it yields into tokens. The engine half
knows T-SQL and PostgreSQL, and nothing about packets.

Python values by T-SQL type (NULL is always None):
  bit -> bool; tinyint, smallint, int, bigint -> int; decimal, numeric, money, smallmoney -> decimal.Decimal;
  real, float -> float; char, varchar, text, nchar, nvarchar, ntext, xml, sysname -> str;
  binary, varbinary, image, timestamp/rowversion -> bytes; uniqueidentifier -> uuid.UUID;
  date -> datetime.date; time, datetime, smalldatetime, datetime2 -> Temporal; datetimeoffset -> Temporal.
"""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol


@dataclass(frozen=True)
class Temporal:
    """A point on the calendar and clock with SQL Server's 100 ns resolution, which Python's datetime lacks.

    `date` is None for `time`; `ticks` are units of 100 ns since midnight (0 .. 863_999_999_999), local to the
    offset; `offset_minutes` is set for datetimeoffset only (-840 .. 840).
    """

    date: datetime.date | None
    ticks: int = 0
    offset_minutes: int | None = None


MAX = -1


@dataclass(frozen=True)
class SqlType:
    """A T-SQL type. `name` is the lower-case base name, as in sys.types ('int', 'nvarchar', 'decimal', ...).

    `length`: characters for nchar/nvarchar, bytes for char/varchar/binary/varbinary, MAX for (max); None elsewhere.
    `precision`, `scale`: decimal/numeric; `scale` alone: fractional digits 0..7 of time, datetime2, datetimeoffset.
    """

    name: str
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    collation: str | None = None


@dataclass(frozen=True)
class Column:
    name: str
    type: SqlType
    nullable: bool = True
    identity: bool = False
    # Set when the column comes straight from a table; clients ask for it through metadata.
    table: str | None = None


@dataclass(frozen=True)
class Param:
    """A parameter of an RPC or of sp_executesql. `name` has its '@' or is empty for a positional one."""

    name: str
    type: SqlType
    value: Any
    output: bool = False


class SqlError(Exception):
    """An error as SQL Server reports it. `severity` 11..16 is a statement's fault, 20 and more ends the connection."""

    def __init__(
        self, number: int, text: str, severity: int = 16, state: int = 1, line: int = 1, procedure: str = ""
    ) -> None:
        super().__init__(f"{number}: {text}")
        self.number = number
        self.text = text
        self.severity = severity
        self.state = state
        self.line = line
        self.procedure = procedure


@dataclass(frozen=True)
class ResultSet:
    """Begins a result set; `Row` events follow until `RowCount`."""

    columns: Sequence[Column]


@dataclass(frozen=True)
class Rows:
    """Some rows of the result set begun last, in order. A large result comes in several of these."""

    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class RowCount:
    """Ends one statement. `count` is None when the statement counts nothing (DDL, SET, or under NOCOUNT ON)."""

    count: int | None
    # The statement kind of the DONE token's CurCmd: 'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'DDL', 'SET', ...
    command: str


@dataclass(frozen=True)
class Message:
    """An INFO (severity <= 10) or ERROR token. A failing statement yields its error and, where T-SQL goes on, goes on."""

    number: int
    text: str
    severity: int = 16
    state: int = 1
    line: int = 1
    procedure: str = ""


@dataclass(frozen=True)
class OutputParam:
    """The value of an output parameter at the end of an RPC; `ordinal` counts the RPC's parameters from 0."""

    name: str
    ordinal: int
    type: SqlType
    value: Any


@dataclass(frozen=True)
class ReturnStatus:
    value: int


class EnvKind(Enum):
    DATABASE = 1
    LANGUAGE = 2
    PACKET_SIZE = 4
    COLLATION = 7
    BEGIN_TRANSACTION = 8
    COMMIT_TRANSACTION = 9
    ROLLBACK_TRANSACTION = 10


@dataclass(frozen=True)
class EnvChange:
    """A change the client must know. Transaction kinds carry the 8-byte transaction descriptor as int."""

    kind: EnvKind
    new: str | int
    old: str | int = ""


Event = ResultSet | Rows | RowCount | Message | OutputParam | ReturnStatus | EnvChange


@dataclass(frozen=True)
class Login:
    user: str
    password: str = field(repr=False)
    database: str = ""
    app_name: str = ""
    host_name: str = ""
    language: str = ""


@dataclass(frozen=True)
class BulkTarget:
    """The columns that a bulk load fills, in the order of its rows. `place` names the table in messages."""

    place: str
    columns: Sequence[tuple[str, SqlType]]


class Session(Protocol):
    """One client connection. Calls never overlap, except `cancel`, which may come while an iterator is being read."""

    packet_size: int
    encrypted: bool

    @property
    def database(self) -> str: ...

    @property
    def in_transaction(self) -> bool: ...

    @property
    def transaction_descriptor(self) -> int:
        """0 outside a transaction; what the client sends back in ALL_HEADERS."""
        ...

    def batch(self, sql: str) -> AsyncIterator[Event]:
        """A SQL batch. Errors come as `Message` events; only severity >= 20 is raised as SqlError."""
        ...

    def rpc(self, procedure: str, params: Sequence[Param]) -> AsyncIterator[Event]:
        """A procedure by name: sp_executesql, sp_prepare, sp_prepexec, sp_execute, sp_unprepare, the catalog
        procedures, sp_rename, ... The protocol half maps the well-known numbers to these names first."""
        ...

    @property
    def bulk_target(self) -> BulkTarget | None:
        """What the INSERT BULK before this announced; None when there was none, or it failed."""
        ...

    def bulk_load(self, rows: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        """The rows of an announced bulk load in PostgreSQL's binary COPY format, all of them or none."""
        ...

    def begin_transaction(self, isolation: str | None, name: str) -> AsyncIterator[Event]: ...

    def commit_transaction(self, begin_again: bool) -> AsyncIterator[Event]: ...

    def rollback_transaction(self, name: str, begin_again: bool) -> AsyncIterator[Event]: ...

    def save_transaction(self, name: str) -> AsyncIterator[Event]: ...

    async def reset(self) -> None:
        """RESETCONNECTION: back to the state right after login (rolls back, forgets SET options, keeps prepared
        handles only if SQL Server does)."""
        ...

    async def cancel(self) -> None:
        """Attention: stop the running statement. The iterator then ends without an error."""
        ...

    async def close(self) -> None: ...


class Engine(Protocol):
    """The data. One per server process."""

    async def open(self, login: Login) -> Session:
        """Raises SqlError 18456 (wrong user or password) or 4060 (unknown database), both severity 14 / 11."""
        ...

    async def close(self) -> None: ...
