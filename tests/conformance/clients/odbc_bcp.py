"""Bulk copy by Microsoft's ODBC driver: bcp_init, bcp_bind, bcp_sendrow, bcp_batch, bcp_done, through ctypes."""

from __future__ import annotations

import configparser
import ctypes
import os
import re
import struct
from ctypes import POINTER, byref, c_char_p, c_int, c_short, c_ubyte, c_uint, c_void_p
from pathlib import Path
from typing import Any

from clients.client import Server, SqlError

_DRIVER = "ODBC Driver 18 for SQL Server"
_OK = (0, 1)
_ENV, _DBC, _STMT = 1, 2, 3
_BCP, _ACCESS_AUTOCOMMIT = 1219, 102
_IN = 1
_HINTS, _KEEP_NULLS, _KEEP_IDENTITY = 11, 5, 8
# bcp_bind's types (msodbcsql.h), and the length that says NULL.
INT4, INT8, INT2, BIT, FLT4, FLT8 = 0x38, 0x7F, 0x34, 0x32, 0x3B, 0x3E
NVARCHAR, BINARY, UNIQUEID = 0xE7, 0xA5, 0x24
NUMERIC, DATE, TIME, DATETIME2, DATETIMEOFFSET = 0x6C, 0x28, 0x29, 0x2A, 0x2B
CHARACTER = 0x2F
_NULL = -1
_VARIABLE = (NVARCHAR, BINARY, CHARACTER)
_SIZES = {INT4: 4, INT8: 8, INT2: 2, BIT: 1, FLT4: 4, FLT8: 8, NUMERIC: 19, DATE: 6, TIME: 12, DATETIME2: 16,
          DATETIMEOFFSET: 20, UNIQUEID: 16}  # fmt: skip
_ROOM = 1 << 20


def _libraries() -> tuple[ctypes.CDLL, ctypes.CDLL]:
    config = configparser.ConfigParser()
    config.read(Path(os.environ["ODBCSYSINI"]) / os.environ["ODBCINSTINI"])
    manager, driver = ctypes.CDLL("libodbc.so.2"), ctypes.CDLL(config[_DRIVER]["Driver"])
    pointers = {
        manager: ("SQLSetEnvAttr", "SQLSetConnectAttr", "SQLDriverConnect", "SQLDisconnect", "SQLFreeHandle",
                  "SQLExecDirect", "SQLEndTran"),
        driver: ("bcp_initA", "bcp_bind", "bcp_sendrow", "bcp_batch", "bcp_done", "bcp_collen", "bcp_control"),
    }  # fmt: skip
    for library, names in pointers.items():
        for name in names:
            getattr(library, name).restype = c_int if name in ("bcp_batch", "bcp_done") else c_short
    driver.bcp_initA.argtypes = [c_void_p, c_char_p, c_char_p, c_char_p, c_int]
    driver.bcp_bind.argtypes = [c_void_p, c_void_p, c_int, c_int, c_char_p, c_int, c_int, c_int]
    driver.bcp_collen.argtypes = [c_void_p, c_int, c_int]
    driver.bcp_control.argtypes = [c_void_p, c_int, c_void_p]
    for name in ("bcp_sendrow", "bcp_batch", "bcp_done"):
        getattr(driver, name).argtypes = [c_void_p]
    return manager, driver


class BcpConnection:
    """One connection with SQL_COPT_SS_BCP set. `mode` None is autocommit, else the caller ends transactions."""

    def __init__(self, server: Server, encrypt: bool = False) -> None:
        self._odbc, self._driver = _libraries()
        self._environment, self._handle = c_void_p(), c_void_p()
        self._odbc.SQLAllocHandle(_ENV, None, byref(self._environment))
        self._odbc.SQLSetEnvAttr(self._environment, 200, c_void_p(3), 0)
        self._odbc.SQLAllocHandle(_DBC, self._environment, byref(self._handle))
        self._odbc.SQLSetConnectAttr(self._handle, _BCP, c_void_p(1), -6)
        text = (
            f"DRIVER={{{_DRIVER}}};SERVER={server.host},{server.port};DATABASE={server.database};UID={server.user};"
            f"PWD={{{server.password.replace('}', '}}')}}};Encrypt={'yes' if encrypt else 'no'};TrustServerCertificate=yes"
        ).encode()
        self._check(self._odbc.SQLDriverConnect(self._handle, None, text, len(text), None, 0, None, 0))

    def autocommit(self, on: bool) -> None:
        self._check(self._odbc.SQLSetConnectAttr(self._handle, _ACCESS_AUTOCOMMIT, c_void_p(int(on)), -6))

    def end(self, commit: bool) -> None:
        self._check(self._odbc.SQLEndTran(_DBC, self._handle, 0 if commit else 1))

    def execute(self, sql: str) -> None:
        statement = c_void_p()
        self._odbc.SQLAllocHandle(_STMT, self._handle, byref(statement))
        text = sql.encode()
        try:
            code = self._odbc.SQLExecDirect(statement, text, len(text))
            while code in _OK:
                code = self._odbc.SQLMoreResults(statement)
            if code not in (*_OK, 100):
                raise self._error(_STMT, statement)
        finally:
            self._odbc.SQLFreeHandle(_STMT, statement)

    def load(
        self, table: str, types: list[int], rows: list[tuple[Any, ...]], hints: str = "", batch: int = 0,
        keep_nulls: bool = False, keep_identity: bool = False,
    ) -> int:  # fmt: skip
        """`types[i]` is how column i + 1 is bound. Returns what the server counted."""
        load = self.start(table, types, hints, keep_nulls, keep_identity)
        total = 0
        for number, row in enumerate(rows, 1):
            load.send(row)
            if batch and number % batch == 0:
                total += load.batch()
        return total + load.done()

    def start(
        self, table: str, types: list[int], hints: str = "", keep_nulls: bool = False, keep_identity: bool = False
    ) -> BcpLoad:
        self._bcp(self._driver.bcp_initA(self._handle, table.encode(), None, None, _IN))
        if hints:
            text = ctypes.create_string_buffer(hints.encode("utf-16-le") + b"\0\0")
            self._bcp(self._driver.bcp_control(self._handle, _HINTS, text))
        if keep_nulls:
            self._bcp(self._driver.bcp_control(self._handle, _KEEP_NULLS, c_void_p(1)))
        if keep_identity:
            self._bcp(self._driver.bcp_control(self._handle, _KEEP_IDENTITY, c_void_p(1)))
        return BcpLoad(self, types)

    def close(self) -> None:
        self._odbc.SQLDisconnect(self._handle)
        self._odbc.SQLFreeHandle(_DBC, self._handle)
        self._odbc.SQLFreeHandle(_ENV, self._environment)

    def _bcp(self, code: int) -> None:
        """The bcp functions return SUCCEED, which is 1, or FAIL."""
        if code != 1:
            raise self._error(_DBC, self._handle)

    def _check(self, code: int) -> None:
        if code not in _OK:
            raise self._error(_DBC, self._handle)

    def _error(self, kind: int, handle: c_void_p) -> SqlError:
        found: list[tuple[int, str]] = []
        state, native = ctypes.create_string_buffer(6), c_int()
        text, size = ctypes.create_string_buffer(4096), c_short()
        while self._odbc.SQLGetDiagRec(
            kind, handle, c_short(len(found) + 1), state, byref(native), text, c_short(4096), byref(size)
        ) in _OK:  # fmt: skip
            found.append((native.value, f"{state.value.decode()} {text.value.decode(errors='replace')}"))
        first = next((item for item in found if item[0]), found[0] if found else (0, "no diagnostics"))
        return SqlError(first[0], re.sub(r"\[[^]]*]", "", " | ".join(item[1] for item in found)))


class BcpLoad:
    def __init__(self, connection: BcpConnection, types: list[int]) -> None:
        self._connection, self._types = connection, types
        self._driver, self._handle = connection._driver, connection._handle
        self._buffers = []
        for number, kind in enumerate(types, 1):
            buffer = (c_ubyte * (_ROOM if kind in _VARIABLE else 64))()
            self._buffers.append(buffer)
            connection._bcp(self._driver.bcp_bind(self._handle, buffer, 0, _SIZES.get(kind, 2), None, 0, kind, number)
            )  # fmt: skip

    def send(self, row: tuple[Any, ...]) -> None:
        for number, (kind, value) in enumerate(zip(self._types, row, strict=True), 1):
            data = None if value is None else raw(kind, value)
            if data is not None:
                ctypes.memmove(self._buffers[number - 1], data, len(data))
            size = _NULL if data is None else len(data)
            self._connection._bcp(self._driver.bcp_collen(self._handle, size, number))
        self.send_again()

    def send_again(self) -> None:
        """The row as the buffers hold it."""
        self._connection._bcp(self._driver.bcp_sendrow(self._handle))

    def batch(self) -> int:
        return self._counted(self._driver.bcp_batch(self._handle))

    def done(self) -> int:
        return self._counted(self._driver.bcp_done(self._handle))

    def _counted(self, count: int) -> int:
        if count < 0:
            raise self._connection._error(_DBC, self._handle)
        return count


def raw(kind: int, value: Any) -> bytes:
    """A value as the bound C type keeps it: numbers; text; SQL_NUMERIC_STRUCT and the date and time structs ready made."""
    if isinstance(value, bytes):
        return value
    if kind == NVARCHAR:
        return value.encode("utf-16-le")
    if kind == CHARACTER:
        return value.encode()
    return struct.pack({INT4: "<i", INT8: "<q", INT2: "<h", BIT: "<B", FLT4: "<f", FLT8: "<d"}[kind], value)


def numeric(text: str, precision: int, scale: int) -> bytes:
    """SQL_NUMERIC_STRUCT."""
    digits = int(text.replace("-", "").replace(".", ""))
    return struct.pack("<BbB", precision, scale, 0 if text.startswith("-") else 1) + digits.to_bytes(16, "little")


def date(year: int, month: int, day: int) -> bytes:
    return struct.pack("<hHH", year, month, day)


def time2(hour: int, minute: int, second: int, nanoseconds: int) -> bytes:
    return struct.pack("<HHHxxI", hour, minute, second, nanoseconds)


def timestamp(moment: tuple[int, ...], nanoseconds: int) -> bytes:
    return struct.pack("<hHHHHHI", *moment, nanoseconds)


def timestamp_offset(moment: tuple[int, ...], nanoseconds: int, hours: int, minutes: int) -> bytes:
    return struct.pack("<hHHHHHIhh", *moment, nanoseconds, hours, minutes)


__all__ = ["POINTER", "BcpConnection", "BcpLoad", "c_uint", "raw"]
