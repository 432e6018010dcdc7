"""SQL Server: a real one that MILLRACE_SQLSERVER_URL names, else the stand-in of lab/sqlserver."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pyodbc

from lab.errors import LabError
from lab.service import Service
from lab.state import postgres_user
from lab.tools import ROOT, environment

DATABASE = "shopcopy"
LOGIN = "millrace"
URL_VARIABLE = "MILLRACE_SQLSERVER_URL"
_PASSWORD_VARIABLE = "MILLRACE_STANDIN_SA_PASSWORD"
_SCHEMES = ("sqlserver", "mssql")


@dataclass(frozen=True)
class Server:
    host: str
    port: int
    admin: str


class SqlServer(Service):
    name = "sqlserver"

    def external(self) -> str | None:
        return os.environ.get(URL_VARIABLE) or None

    def server(self) -> Server:
        url = self.external()
        if url is None:
            return Server("127.0.0.1", self.port, "sa")
        return _server_of(url)

    def address(self) -> str:
        server = self.server()
        return f"{server.host}:{server.port}"

    def admin_password(self) -> str:
        url = self.external()
        return self.state.password("sqlserver_sa") if url is None else unquote(urlsplit(url).password or "")

    def url(self) -> str:
        """What Millrace takes as its target; the stand-in's certificate is its own."""
        password = quote(self.state.password("sqlserver"), safe="")
        return f"sqlserver://{LOGIN}:{password}@{self.address()}/{DATABASE}?schema=dbo&trustServerCertificate=true"

    def up(self) -> bool:
        if self.external() is None:
            return super().up()
        self.furnish()
        return False

    def launch(self) -> int:
        # Its PostgreSQL runs as another user, who must be able to reach the folder.
        data = self.state.data(self.name, postgres_user())
        self._ready_file().unlink(missing_ok=True)
        command = [
            self.tools.python(), "-m", "lab.sqlserver", "--data-dir", str(data),
            "--port", str(self.port), "--ready-file", str(self._ready_file()),
        ]  # fmt: skip
        env = {**environment(), "PYTHONPATH": str(ROOT), _PASSWORD_VARIABLE: self.state.password("sqlserver_sa")}
        return self._spawn(command, env, cwd=ROOT)

    def ready(self) -> bool:
        return self._ready_file().exists()

    def certificate(self) -> Path | None:
        """The stand-in's certificate, for clients that check it."""
        if self.external() is not None or not self._ready_file().exists():
            return None
        return Path(json.loads(self._ready_file().read_text())["certificate"])

    def connect(self, database: str = DATABASE, admin: bool = False) -> pyodbc.Connection:
        server = self.server()
        user, password = (server.admin, self.admin_password()) if admin else (LOGIN, self.state.password("sqlserver"))
        parts = {
            "Driver": self.tools.odbc_driver(),
            "Server": f"tcp:{server.host},{server.port}",
            "Database": database,
            "UID": user,
            "PWD": password,
            "Encrypt": "yes",
            "TrustServerCertificate": "yes",
        }
        text = ";".join(f"{key}={{{value.replace('}', '}}')}}}" for key, value in parts.items())
        return pyodbc.connect(text, autocommit=True, timeout=15)

    def furnish(self) -> None:
        try:
            with self.connect("master", admin=True) as master:
                self._create_login(master)
            with self.connect(DATABASE, admin=True) as shop:
                if shop.execute(f"SELECT DATABASE_PRINCIPAL_ID(N'{LOGIN}')").fetchval() is None:
                    shop.execute(f"CREATE USER [{LOGIN}] FOR LOGIN [{LOGIN}]")
                    shop.execute(f"ALTER ROLE db_owner ADD MEMBER [{LOGIN}]")
        except pyodbc.Error as error:
            raise LabError(f"SQL Server at {self.address()} could not be furnished: {error.args[-1]}") from error

    def _create_login(self, master: pyodbc.Connection) -> None:
        if master.execute(f"SELECT DB_ID(N'{DATABASE}')").fetchval() is None:
            master.execute(f"CREATE DATABASE [{DATABASE}]")
        known = master.execute(f"SELECT COUNT(*) FROM sys.server_principals WHERE name = N'{LOGIN}'").fetchval() > 0
        verb = "ALTER" if known else "CREATE"
        # The password is the lab's own and has no quote in it; a server that keeps a login of an earlier lab learns it.
        master.execute(f"{verb} LOGIN [{LOGIN}] WITH PASSWORD = N'{self.state.password('sqlserver')}'")

    def _ready_file(self) -> Path:
        return self.state.config("sqlserver-ready.json")


def _server_of(url: str) -> Server:
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.hostname or not parts.username:
        raise LabError(f"{URL_VARIABLE} is not of the form sqlserver://user:password@host:1433")
    return Server(parts.hostname, parts.port or 1433, unquote(parts.username))
