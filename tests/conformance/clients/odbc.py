"""Microsoft's ODBC Driver 18."""

from __future__ import annotations

import datetime
import re
import struct
from typing import Any

import pyodbc
from clients.client import Interrupted, Server, SqlError

_PACKET_SIZE = 112  # SQL_ATTR_PACKET_SIZE
pyodbc.native_uuid = True


def _moment(raw: bytes | None) -> datetime.datetime | None:
    if raw is None:
        return None
    *parts, nanoseconds, hours, minutes = struct.unpack("<hHHHHHIhh", raw)
    zone = datetime.timezone(datetime.timedelta(hours=hours, minutes=minutes))
    return datetime.datetime(*parts, nanoseconds // 1000, zone)


def _translated(error: pyodbc.Error) -> SqlError:
    text = str(error.args[1]) if len(error.args) > 1 else str(error)
    # "[driver]...[SQL Server]the server's words (number) (function)": the words may hold numbers of their own.
    numbers = re.findall(r"\((-?\d+)\) \(SQL\w+\)", text) or re.findall(r"\((-?\d+)\)", text)
    if error.args[0] in ("HYT00", "HY008"):
        raise Interrupted(text) from error
    return SqlError(int(numbers[0]) if numbers else 0, text)


class OdbcConnection:
    def __init__(self, raw: pyodbc.Connection) -> None:
        self.raw = raw

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        try:
            cursor = self.raw.execute(sql, *parameters) if parameters else self.raw.execute(sql)
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
            # Not fast_executemany: it takes its types from sp_describe_undeclared_parameters, which SQL Server answers for
            # few statements, and sends text in the client's code page where there is no answer.
            self.raw.cursor().executemany(sql, rows)
        except pyodbc.Error as error:
            raise _translated(error) from error

    def interrupted(self, sql: str, seconds: int) -> None:
        self.raw.timeout = seconds
        try:
            self.rows(sql)
        finally:
            self.raw.timeout = 0

    def close(self) -> None:
        self.raw.close()


class Odbc:
    typed = True

    def __init__(self, encrypt: bool) -> None:
        self.name = "odbc-encrypted" if encrypt else "odbc"
        self._encrypt = "yes" if encrypt else "no"

    def connect(self, server: Server, packet_size: int | None = None) -> OdbcConnection:
        password = server.password.replace("}", "}}")
        try:
            raw = pyodbc.connect(
                "DRIVER={ODBC Driver 18 for SQL Server};"
                f"SERVER={server.host},{server.port};DATABASE={server.database};UID={server.user};PWD={{{password}}};"
                f"Encrypt={self._encrypt};TrustServerCertificate=yes",
                autocommit=True, timeout=20, attrs_before={_PACKET_SIZE: packet_size} if packet_size else {},
            )  # fmt: skip
        except pyodbc.Error as error:
            raise _translated(error) from error
        # pyodbc knows no datetimeoffset; the driver gives SQL_SS_TIMESTAMPOFFSET_STRUCT.
        raw.add_output_converter(-155, _moment)
        return OdbcConnection(raw)
