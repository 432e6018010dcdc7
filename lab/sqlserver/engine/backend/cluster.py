"""The databases and logins of one stand-in: which exist, and connections to them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from lab.sqlserver.engine.backend.process import PostgresProcess
from lab.sqlserver.engine.catalog.model import Snapshot
from lab.sqlserver.model import SqlError
from lab.sqlserver.native.library import compiled

_RUNTIME = Path(__file__).resolve().parent.parent / "runtime"
_NATIVE_VERSION = 15
_SYSTEM = {"master": 1, "tempdb": 2, "model": 3, "msdb": 4}
_CONTROL = """
CREATE TABLE IF NOT EXISTS databases (id int PRIMARY KEY, name text NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS databases_name ON databases (lower(name));
CREATE TABLE IF NOT EXISTS logins (name text NOT NULL, salt bytea NOT NULL, hash bytea NOT NULL, admin boolean NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS logins_name ON logins (lower(name));
"""


@dataclass
class Database:
    """`version` grows with every change of the catalog, so that sessions know when to read it again; what one of them
    has read is `catalog`, for all that see nothing of their own beside it."""

    id: int
    name: str
    version: int = 0
    catalog: Snapshot | None = None
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def physical(self) -> str:
        return f"d{self.id}"


@dataclass
class LoginInfo:
    name: str
    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)
    admin: bool


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 10_000)


class Cluster:
    def __init__(self, process: PostgresProcess) -> None:
        self._process = process
        self._control: Any = None
        self._native: Path | None = None
        self.databases: dict[str, Database] = {}
        self.logins: dict[str, LoginInfo] = {}
        self._last_session = 50

    async def start(self, sa_password: str, databases: tuple[str, ...]) -> None:
        self._process.start()
        await self._process.wait_ready()
        self._control = await asyncpg.connect(database="postgres", **self._process.dsn)
        await self._control.execute(_CONTROL)
        for row in await self._control.fetch("SELECT id, name FROM databases"):
            self.databases[row["name"].lower()] = Database(row["id"], row["name"])
        for row in await self._control.fetch("SELECT name, salt, hash, admin FROM logins"):
            self.logins[row["name"].lower()] = LoginInfo(row["name"], row["salt"], row["hash"], row["admin"])
        for name in databases:
            if name.lower() not in self.databases:
                await self.create_database(name)
        await self._renew_runtime()
        await self._forget_temporary_tables()
        await self.set_login("sa", sa_password, admin=True)

    async def _renew_runtime(self) -> None:
        """Functions of an older stand-in over the same data are replaced."""
        for database in self.databases.values():
            connection = await self.connect(database)
            try:
                await self._install(connection)
            finally:
                await connection.close()

    async def _install(self, connection: Any) -> None:
        for script in sorted(_RUNTIME.glob("*.sql")):
            await connection.execute(script.read_text(encoding="utf-8"))
        if self._native is None:
            self._native = self._process.place(compiled("backend"))
        if connection.get_server_version().major == _NATIVE_VERSION:
            text = (_RUNTIME / "native.sql.in").read_text(encoding="utf-8")
            await connection.execute(text.replace("{library}", str(self._native)))

    async def _forget_temporary_tables(self) -> None:
        """Sessions of an earlier run are gone, and their #tables with them."""
        for database in self.databases.values():
            connection = await self.connect(database)
            try:
                await connection.execute(
                    "DELETE FROM mssql.columns WHERE object_id IN (SELECT object_id FROM mssql.objects WHERE owner_session"
                    " IS NOT NULL); DELETE FROM mssql.objects WHERE owner_session IS NOT NULL"
                )
            finally:
                await connection.close()

    async def connect(self, database: Database) -> Any:
        return await asyncpg.connect(database=database.physical, **self._process.dsn, statement_cache_size=400)

    def next_session(self) -> int:
        self._last_session += 1
        return self._last_session

    async def create_database(self, name: str) -> Database:
        if name.lower() in self.databases:
            raise SqlError(1801, f"Database '{name}' already exists. Choose a different database name.", 16, 3)
        taken = {database.id for database in self.databases.values()}
        number = _SYSTEM.get(name.lower()) or max((*taken, 4)) + 1
        database = Database(number, name)
        # A database whose creation was broken off is made anew.
        await self._control.execute(f"DROP DATABASE IF EXISTS {database.physical}")
        await self._control.execute(f"CREATE DATABASE {database.physical} TEMPLATE template0 ENCODING 'UTF8'")
        connection = await self.connect(database)
        try:
            await self._install(connection)
        finally:
            await connection.close()
        await self._control.execute("INSERT INTO databases VALUES ($1, $2)", database.id, name)
        self.databases[name.lower()] = database
        return database

    async def drop_database(self, name: str) -> None:
        database = self.databases[name.lower()]
        try:
            await self._control.execute(f"DROP DATABASE {database.physical}")
        except asyncpg.ObjectInUseError:
            raise SqlError(3702, f'Cannot drop database "{name}" because it is currently in use.', 16, 3) from None
        await self._control.execute("DELETE FROM databases WHERE id = $1", database.id)
        del self.databases[name.lower()]

    async def set_login(self, name: str, password: str, admin: bool = False) -> None:
        salt = os.urandom(16)
        login = LoginInfo(name, salt, _digest(password, salt), admin)
        await self._control.execute("DELETE FROM logins WHERE lower(name) = lower($1)", name)
        await self._control.execute("INSERT INTO logins VALUES ($1, $2, $3, $4)", name, salt, login.digest, admin)
        self.logins[name.lower()] = login

    async def set_admin(self, name: str, admin: bool) -> None:
        await self._control.execute("UPDATE logins SET admin = $2 WHERE lower(name) = lower($1)", name, admin)
        self.logins[name.lower()].admin = admin

    async def drop_login(self, name: str) -> None:
        await self._control.execute("DELETE FROM logins WHERE lower(name) = lower($1)", name)
        del self.logins[name.lower()]

    def check_password(self, user: str, password: str) -> LoginInfo:
        login = self.logins.get(user.lower())
        if login is None or not hmac.compare_digest(login.digest, _digest(password, login.salt)):
            raise SqlError(18456, f"Login failed for user '{user}'.", 14)
        return login

    async def stop(self) -> None:
        if self._control is not None:
            await self._control.close()
        self._process.stop()
