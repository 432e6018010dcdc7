"""One client's session: its state, its transactions, and the calls that the protocol half makes."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from lab.sqlserver.engine.backend.cluster import Cluster, Database, LoginInfo
from lab.sqlserver.engine.catalog.access import Access
from lab.sqlserver.engine.catalog.load import load_snapshot
from lab.sqlserver.engine.catalog.model import Snapshot
from lab.sqlserver.model import BulkTarget, EnvChange, EnvKind, Event, Login, Message, Param, RowCount, SqlError

from .binding import functions_meta, functions_text, functions_time  # noqa: F401  (they register the functions)
from .binding.ex import Context, Facts, quote
from .binding.rights import Binder
from .bulk import Announced
from .errors import Cancelled, cardinality
from .syntax import statements as s
from .syntax.parser import parse
from .variables import SYSTEM_VARIABLES, Variables

_PARSED = 200
_ISOLATION = {
    "READ UNCOMMITTED": "READ COMMITTED",
    "READ COMMITTED": "READ COMMITTED",
    "REPEATABLE READ": "REPEATABLE READ",
    "SNAPSHOT": "REPEATABLE READ",
    "SERIALIZABLE": "SERIALIZABLE",
}


class Session:
    def __init__(self, cluster: Cluster, login: Login, known: LoginInfo, database: Database, connection: Any) -> None:
        self.cluster = cluster
        self.login = login
        self.known = known
        self.current = database
        self.connection = connection
        self.session_id = cluster.next_session()
        self.started = datetime.now()
        # What the protocol half has agreed on with the client, told by sys.dm_exec_connections.
        self.packet_size, self.encrypted = 4096, False
        self._snapshot: Snapshot | None = None
        self.made_temporary = False  # has, or had, #tables that no other session sees
        self._parsed: OrderedDict[tuple[str, bool], list[s.Statement]] = OrderedDict()
        self._descriptors = 0
        self._task: asyncio.Task[Any] | None = None
        self._lost = False
        self.described: tuple[Snapshot | None, dict[Any, list[list[Any]]]] = (None, {})
        self.handles: dict[int, tuple[list, str]] = {}
        self._defaults()

    def _defaults(self) -> None:
        self.variables = Variables()
        self.caught: list[SqlError] = []
        self.row_count = 0
        self.last_error = 0
        self.last_identity: int | None = None
        self.scope_identity: int | None = None
        self.transaction_count = 0
        self.transaction_descriptor = 0
        self.changed_catalog = False
        self.doomed = False
        self.point_set = False  # PostgreSQL has a savepoint of the last statement
        self.running = False
        self.try_depth = 0
        self.xact_abort = False
        self.implicit = False
        self.nocount = False
        self.quoted_identifier = True
        self.isolation = "READ COMMITTED"
        self.lock_timeout = -1
        self.identity_insert = 0
        self.table_variables: list[str] = []
        self.bulk: Announced | None = None

    # --- what the protocol half sees -----------------------------------------------------------------------------

    @property
    def database(self) -> str:
        return self.current.name

    @property
    def in_transaction(self) -> bool:
        return self.transaction_count > 0

    @property
    def xact_state(self) -> int:
        return -1 if self.doomed else int(self.in_transaction)

    @property
    def bulk_target(self) -> BulkTarget | None:
        return self.bulk.target if self.bulk is not None else None

    async def bulk_load(self, rows: AsyncIterator[bytes]) -> AsyncIterator[Event]:
        from .executor import Executor

        announced, self.bulk = self.bulk, None
        assert announced is not None
        async for event in self._watched(Executor(self).load_bulk(announced, rows)):
            yield event

    @property
    def backend_lock_timeout(self) -> int:
        """0 means "at once" to SQL Server and "never" to PostgreSQL."""
        return 0 if self.lock_timeout < 0 else max(self.lock_timeout, 1)

    async def batch(self, sql: str) -> AsyncIterator[Event]:
        from .executor import run_batch

        self.bulk = None
        async for event in self._watched(run_batch(self, sql)):
            yield event

    async def rpc(self, procedure: str, params: Sequence[Param]) -> AsyncIterator[Event]:
        from .remote import call_procedure

        self.bulk = None
        async for event in self._watched(call_procedure(self, procedure, list(params))):
            yield event

    async def _watched(self, events: AsyncIterator[Event]) -> AsyncIterator[Event]:
        self._task = asyncio.current_task()
        try:
            if self._lost:
                await self._recover()
            async for event in events:
                yield event
        except asyncio.CancelledError:
            self._lost = True
            raise
        except Cancelled:
            self._lost = True
        except asyncpg.PostgresError as error:
            yield _message(self.translate(error, ""))
        finally:
            self._task = None

    async def _recover(self) -> None:
        """After an attention: the statement is undone; what came before it in the transaction stays, where possible."""
        self._lost = False
        self._snapshot = None
        self.caught, self.try_depth = [], 0
        running, self.running = self.running, False
        if not self.in_transaction:
            await self.connection.execute("ROLLBACK")
            return
        try:
            # Without a statement at work its savepoint is the one of the statement before, which stays.
            await self.connection.execute("ROLLBACK TO SAVEPOINT statement" if running else "SELECT 1")
        except asyncpg.PostgresError:
            await self.end_transaction("ROLLBACK")

    async def begin_transaction(self, isolation: str | None, name: str) -> AsyncIterator[Event]:
        if isolation is not None:
            self.isolation = isolation
        yield await self.start_transaction()
        yield RowCount(None, "SET")

    async def commit_transaction(self, begin_again: bool) -> AsyncIterator[Event]:
        async for event in self._end("COMMIT", begin_again):
            yield event

    async def rollback_transaction(self, name: str, begin_again: bool) -> AsyncIterator[Event]:
        if name and self.in_transaction:
            await self.connection.execute(f'ROLLBACK TO SAVEPOINT "u_{name.lower()}"')
            self.point_set = False
            yield RowCount(None, "SET")
            return
        async for event in self._end("ROLLBACK", begin_again):
            yield event

    async def _end(self, action: str, begin_again: bool) -> AsyncIterator[Event]:
        if not self.in_transaction:
            number = 3902 if action == "COMMIT" else 3903
            yield Message(number, f"The {action} TRANSACTION request has no corresponding BEGIN TRANSACTION.", 16)
        elif action == "COMMIT" and self.transaction_count > 1:
            self.transaction_count -= 1
        else:
            yield await self.end_transaction(action)
        if begin_again:
            yield await self.start_transaction()
        yield RowCount(None, "SET")

    async def save_transaction(self, name: str) -> AsyncIterator[Event]:
        await self.save_point(name)
        yield RowCount(None, "SET")

    async def reset(self) -> None:
        if self.in_transaction:
            await self.end_transaction("ROLLBACK")
        await self.connection.execute("SET lock_timeout = 0; SELECT pg_advisory_unlock_all()")
        self._defaults()

    async def cancel(self) -> None:
        task = self._task
        if task is not None:
            task.cancel()

    async def close(self) -> None:
        if self.connection.is_closed():
            return
        try:
            await self.connection.execute("ROLLBACK")
            await self.connection.execute(
                "WITH gone AS (DELETE FROM mssql.objects WHERE owner_session = $1 RETURNING object_id)"
                " DELETE FROM mssql.columns WHERE object_id IN (SELECT object_id FROM gone)",
                self.session_id,
            )
            await self.connection.close(timeout=5)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            self.connection.terminate()

    # --- transactions --------------------------------------------------------------------------------------------

    async def start_transaction(self) -> EnvChange:
        if self.transaction_count == 0:
            await self.connection.execute(f"BEGIN ISOLATION LEVEL {_ISOLATION[self.isolation]}")
            self._descriptors += 1
            self.transaction_descriptor = (self.session_id << 32) | self._descriptors
        self.transaction_count += 1
        return EnvChange(EnvKind.BEGIN_TRANSACTION, self.transaction_descriptor)

    async def end_transaction(self, action: str) -> EnvChange:
        old, self.transaction_descriptor = self.transaction_descriptor, 0
        self.transaction_count, self.doomed = 0, False
        self.point_set = False
        changed, self.changed_catalog = self.changed_catalog, False
        try:
            await self.connection.execute(action)
        except asyncpg.PostgresError as error:
            raise self.translate(error, action) from error
        finally:
            if changed:
                self.current.version += 1
                self._snapshot = None
        kind = EnvKind.COMMIT_TRANSACTION if action == "COMMIT" else EnvKind.ROLLBACK_TRANSACTION
        return EnvChange(kind, 0, old)

    async def save_point(self, name: str) -> None:
        if not self.in_transaction:
            raise SqlError(628, "Cannot issue SAVE TRANSACTION when there is no active transaction.", 16, 0)
        # The user's savepoint must not go with the statement's.
        release = "RELEASE SAVEPOINT statement; " if self.point_set else ""
        await self.connection.execute(f'{release}SAVEPOINT "u_{name.lower()}"')
        self.point_set = False

    async def statement_point(self) -> None:
        """Where the next statement goes back to when it fails; the one before it is let go in the same call."""
        release = "RELEASE SAVEPOINT statement; " if self.point_set else ""
        await self.connection.execute(f"{release}SAVEPOINT statement")
        self.point_set = True

    # --- the catalog ---------------------------------------------------------------------------------------------

    async def snapshot(self) -> Snapshot:
        if self._snapshot is None or self._snapshot.version != self.current.version:
            self._snapshot = await self._read_catalog()
        return self._snapshot

    async def _read_catalog(self) -> Snapshot:
        """Read once for all sessions: hundreds of them would each read thousands of tables after every change."""
        if self.changed_catalog or self.made_temporary:
            return await self._load_catalog()
        async with self.current.reading:
            known = self.current.catalog
            if known is not None and known.version == self.current.version:
                return known
            read = await self._load_catalog()
            # A transaction may see the catalog as it was when it began.
            if not self.in_transaction:
                self.current.catalog = read
            return read

    async def _load_catalog(self) -> Snapshot:
        return await load_snapshot(self.connection, self.current.name, self.current.version, self.session_id)

    async def snapshot_for_errors(self) -> None:
        """Names in messages come from the catalog; a transaction that PostgreSQL has given up cannot be asked."""
        if self._snapshot is None and not self.in_transaction:
            await self.snapshot()

    def catalog_changed(self, temporary: bool = False) -> None:
        """Others see it when it is committed; this session at once."""
        self._snapshot = None
        if temporary:
            self.made_temporary = True
            return
        if self.in_transaction:
            self.changed_catalog = True
        else:
            self.current.version += 1

    async def use(self, name: str) -> EnvChange:
        database = self.cluster.databases.get(name.lower())
        if database is None:
            raise SqlError(911, f"Database '{name}' does not exist. Make sure that the name is entered correctly.")
        old = self.current
        if database is not old:
            if self.in_transaction:
                raise SqlError(40517, "The SQL Server stand-in does not support USE inside a transaction.")
            connection = await self.cluster.connect(database)
            await self.close()
            self.connection, self.current, self._snapshot = connection, database, None
            self.user_of(await self.snapshot())
        return EnvChange(EnvKind.DATABASE, database.name, old.name)

    def user_of(self, snapshot: Snapshot) -> tuple[str, str]:
        """The database user of this login, and its default schema."""
        if self.known.admin:
            return "dbo", "dbo"
        for principal in snapshot.principals.values():
            if principal.login and principal.login.lower() == self.known.name.lower():
                return principal.name, principal.default_schema or "dbo"
        if self.current.name.lower() in ("master", "tempdb"):
            return "guest", "dbo"
        raise SqlError(
            916, f'The server principal "{self.known.name}" is not able to access the database "{self.current.name}" under '
            "the current security context.", 14,
        )  # fmt: skip

    def access(self, snapshot: Snapshot) -> Access:
        return Access(snapshot, self.user_of(snapshot)[0], self.known.admin)

    def facts(self, snapshot: Snapshot) -> Facts:
        user, schema = self.user_of(snapshot)
        cluster = self.cluster
        return Facts(
            database=self.current.name,
            login=self.known.name,
            user=user,
            default_schema=schema,
            session_id=self.session_id,
            databases={name: database.id for name, database in cluster.databases.items()},
            database_rows=lambda: ", ".join(f"({quote(d.name)}, {d.id})" for d in cluster.databases.values()),
            login_rows=lambda: ", ".join(f"({quote(x.name)}, {i})" for i, x in enumerate(cluster.logins.values(), 1)),
            session_rows=self._session_row,
            is_admin=self.known.admin,
            is_owner=self.known.admin,
            identity_insert=self.identity_insert,
        )

    def _session_row(self) -> str:
        return (
            f"({self.session_id}, '{self.started:%Y-%m-%d %H:%M:%S}', {quote(self.login.host_name)}, "
            f"{quote(self.login.app_name)}, {quote(self.known.name)}, 'running', {self.current.id}, {self.transaction_count}, "
            f"{self.packet_size}, '{str(self.encrypted).upper()}')"
        )

    def binder(self, snapshot: Snapshot) -> Binder:
        access = self.access(snapshot)
        types = {name: kind for name, (kind, _) in SYSTEM_VARIABLES.items()}
        types.update(self.variables.types)
        binder = Binder(Context(snapshot, self.facts(snapshot), types, access.require))
        binder.access = access
        return binder

    # --- text and errors -----------------------------------------------------------------------------------------

    def parsed(self, sql: str) -> list[s.Statement]:
        key = (sql, self.quoted_identifier)
        if key in self._parsed:
            self._parsed.move_to_end(key)
            return self._parsed[key]
        statements = parse(sql, self.quoted_identifier)
        self._parsed[key] = statements
        if len(self._parsed) > _PARSED:
            self._parsed.popitem(last=False)
        return statements

    def translate(self, error: asyncpg.PostgresError, command: str) -> SqlError:
        empty = Snapshot(self.current.name, 0, {}, {}, {}, {}, {}, frozenset(), {}, ())
        return cardinality(error, self._snapshot or empty, command, self.session_id)


def _message(error: SqlError) -> Message:
    return Message(error.number, error.text, error.severity, error.state, error.line, error.procedure)


async def open_session(cluster: Cluster, login: Login, known: LoginInfo, database: Database) -> Session:
    session = Session(cluster, login, known, database, await cluster.connect(database))
    try:
        session.user_of(await session.snapshot())
    except SqlError as error:
        await session.close()
        if error.number == 916:
            text = f'Cannot open database "{database.name}" requested by the login. The login failed.'
            raise SqlError(4060, text, 11) from error
        raise
    return session
