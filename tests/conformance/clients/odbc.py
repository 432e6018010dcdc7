"""Microsoft's ODBC Driver 18."""

from __future__ import annotations

import re
from typing import Any

import pyodbc
from clients.client import Server, SqlError


def _translated(error: pyodbc.Error) -> SqlError:
    text = str(error.args[1]) if len(error.args) > 1 else str(error)
    numbers = re.findall(r"\((-?\d+)\)", text)
    return SqlError(int(numbers[0]) if numbers else 0, text)


class OdbcConnection:
    def __init__(self, raw: pyodbc.Connection) -> None:
        self._raw = raw

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        try:
            cursor = self._raw.execute(sql, *parameters) if parameters else self._raw.execute(sql)
            found: list[tuple[Any, ...]] | None = None
            while True:
                if cursor.description is not None:
                    rows = [tuple(row) for row in cursor.fetchall()]
                    found = rows if found is None else found
                if not cursor.nextset():
                    return found or []
        except pyodbc.Error as error:
            raise _translated(error) from error

    def many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        try:
            cursor = self._raw.cursor()
            cursor.fast_executemany = True
            cursor.executemany(sql, rows)
        except pyodbc.Error as error:
            raise _translated(error) from error

    def close(self) -> None:
        self._raw.close()


class Odbc:
    typed = True

    def __init__(self, encrypt: bool) -> None:
        self.name = "odbc-encrypted" if encrypt else "odbc"
        self._encrypt = "yes" if encrypt else "no"

    def connect(self, server: Server) -> OdbcConnection:
        password = server.password.replace("}", "}}")
        try:
            raw = pyodbc.connect(
                "DRIVER={ODBC Driver 18 for SQL Server};"
                f"SERVER={server.host},{server.port};DATABASE={server.database};UID={server.user};PWD={{{password}}};"
                f"Encrypt={self._encrypt};TrustServerCertificate=yes",
                autocommit=True, timeout=20,
            )  # fmt: skip
        except pyodbc.Error as error:
            raise _translated(error) from error
        # pyodbc has no datetimeoffset of its own; the driver gives its text.
        raw.add_output_converter(-155, lambda value: value)
        return OdbcConnection(raw)
