"""TYPE_INFO and values as clients send them in RPC parameters. [MS-TDS] 2.2.5.4 to 2.2.5.6."""

from __future__ import annotations

import datetime
import struct
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from lab.sqlserver.model import MAX, SqlError, SqlType, Temporal
from lab.sqlserver.tds.types_out import CODE_PAGE
from lab.sqlserver.tds.wire import ByteReader, ProtocolError

FIXED = {
    0x30: ("tinyint", 1),
    0x32: ("bit", 1),
    0x34: ("smallint", 2),
    0x38: ("int", 4),
    0x3A: ("smalldatetime", 4),
    0x3B: ("real", 4),
    0x3C: ("money", 8),
    0x3D: ("datetime", 8),
    0x3E: ("float", 8),
    0x7A: ("smallmoney", 4),
    0x7F: ("bigint", 8),
}
BY_LENGTH = {
    0x26: {1: "tinyint", 2: "smallint", 4: "int", 8: "bigint"},
    0x6D: {4: "real", 8: "float"},
    0x6E: {4: "smallmoney", 8: "money"},
    0x6F: {4: "smalldatetime", 8: "datetime"},
    0x68: {1: "bit"},
    0x24: {16: "uniqueidentifier"},
}
WIDE = {0xAF: "char", 0xA7: "varchar", 0xEF: "nchar", 0xE7: "nvarchar", 0xAD: "binary", 0xA5: "varbinary"}
_LEGACY = {0x23: "varchar", 0x63: "nvarchar", 0x22: "varbinary"}
_REFUSED = {0xF3: "table-valued parameter", 0x62: "sql_variant", 0xF0: "CLR user-defined type"}
_DAY_1900 = datetime.date(1900, 1, 1)
_DAY_1 = datetime.date(1, 1, 1)


def read_parameter(reader: ByteReader) -> tuple[SqlType, Any]:
    code = reader.u8()
    if code == 0x1F:
        return SqlType("nvarchar", 1), None
    if code in FIXED:
        name, size = FIXED[code]
        kind = SqlType(name)
        return kind, _scalar(kind, reader.take(size))
    if code in BY_LENGTH:
        size = reader.u8()
        if size not in BY_LENGTH[code]:
            raise ProtocolError(f"type {code:#04x} of {size} bytes")
        kind = SqlType(BY_LENGTH[code][size])
        return kind, _short(kind, reader)
    if code in (0x6A, 0x6C, 0x37, 0x3F):
        reader.u8()
        kind = SqlType("decimal" if code in (0x6A, 0x37) else "numeric", precision=reader.u8(), scale=reader.u8())
        return kind, _short(kind, reader)
    if code == 0x28:
        return SqlType("date"), _short(SqlType("date"), reader)
    if code in (0x29, 0x2A, 0x2B):
        kind = SqlType({0x29: "time", 0x2A: "datetime2", 0x2B: "datetimeoffset"}[code], scale=reader.u8())
        return kind, _short(kind, reader)
    if code in WIDE:
        return _wide(WIDE[code], reader)
    if code in _LEGACY:
        return _legacy(_LEGACY[code], reader)
    if code == 0xF1:
        if reader.u8():
            reader.b_varchar(), reader.b_varchar(), reader.us_varchar()
        return SqlType("xml"), _decoded("nvarchar", _plp(reader))
    if code in _REFUSED:
        raise SqlError(50000, f"A {_REFUSED[code]} is not served by this server.", 16)
    raise ProtocolError(f"unknown type {code:#04x} in a parameter")


def _wide(name: str, reader: ByteReader) -> tuple[SqlType, Any]:
    size = reader.u16()
    if "char" in name:
        reader.take(5)
    if size == 0xFFFF:
        return SqlType(name, MAX), _decoded(name, _plp(reader))
    length = reader.u16()
    raw = None if length == 0xFFFF else reader.take(length)
    return SqlType(name, max(size // 2 if name[0] == "n" else size, 1)), _decoded(name, raw)


def _legacy(name: str, reader: ByteReader) -> tuple[SqlType, Any]:
    reader.u32()
    if "char" in name:
        reader.take(5)
    length = reader.u32()
    return SqlType(name, MAX), _decoded(name, None if length == 0xFFFFFFFF else reader.take(length))


def _plp(reader: ByteReader) -> bytes | None:
    """Partially length-prefixed: a total (or "unknown"), then chunks up to an empty one."""
    if reader.u64() == 0xFFFFFFFFFFFFFFFF:
        return None
    parts = []
    while size := reader.u32():
        parts.append(reader.take(size))
    return b"".join(parts)


def _decoded(name: str, raw: bytes | None) -> Any:
    if raw is None or "binary" in name:
        return raw
    return raw.decode("utf-16-le", "surrogatepass") if name[0] == "n" else raw.decode(CODE_PAGE, "replace")


def _short(kind: SqlType, reader: ByteReader) -> Any:
    size = reader.u8()
    return None if size == 0 else _scalar(kind, reader.take(size))


def _money(raw: bytes) -> Decimal:
    high, low = struct.unpack("<iI", raw)
    return Decimal((high << 32) | low).scaleb(-4)


def _decimal(raw: bytes, scale: int) -> Decimal:
    number = int.from_bytes(raw[1:], "little")
    # Built from digits: arithmetic would round to the context's 28.
    return Decimal((0 if raw[0] else 1, tuple(map(int, str(number))), -scale))


def _datetime(raw: bytes) -> Temporal:
    days, units = struct.unpack("<iI", raw)
    return Temporal(_DAY_1900 + datetime.timedelta(days=days), (units * 100_000 + 1) // 3)


def _smalldatetime(raw: bytes) -> Temporal:
    days, minutes = struct.unpack("<HH", raw)
    return Temporal(_DAY_1900 + datetime.timedelta(days=days), minutes * 600_000_000)


_SCALARS: dict[str, Callable[[bytes], Any]] = {
    "tinyint": lambda raw: raw[0],
    "smallint": lambda raw: struct.unpack("<h", raw)[0],
    "int": lambda raw: struct.unpack("<i", raw)[0],
    "bigint": lambda raw: struct.unpack("<q", raw)[0],
    "bit": lambda raw: raw[0] != 0,
    "real": lambda raw: struct.unpack("<f", raw)[0],
    "float": lambda raw: struct.unpack("<d", raw)[0],
    "money": _money,
    "smallmoney": lambda raw: Decimal(struct.unpack("<i", raw)[0]).scaleb(-4),
    "datetime": _datetime,
    "smalldatetime": _smalldatetime,
    "uniqueidentifier": lambda raw: uuid.UUID(bytes_le=raw),
    "date": lambda raw: _date(raw),
}


def _date(raw: bytes) -> datetime.date:
    return _DAY_1 + datetime.timedelta(days=int.from_bytes(raw, "little"))


def _scalar(kind: SqlType, raw: bytes) -> Any:
    if kind.name in _SCALARS:
        return _SCALARS[kind.name](raw)
    if kind.name in ("decimal", "numeric"):
        return _decimal(raw, kind.scale or 0)
    scale = kind.scale or 0
    if kind.name == "time":
        return Temporal(None, int.from_bytes(raw, "little") * 10 ** (7 - scale))
    tail = 3 if kind.name == "datetime2" else 5
    ticks = int.from_bytes(raw[:-tail], "little") * 10 ** (7 - scale)
    date = _date(raw[-tail:][:3])
    if kind.name == "datetime2":
        return Temporal(date, ticks)
    offset = struct.unpack("<h", raw[-2:])[0]
    days, ticks = divmod(ticks + offset * 600_000_000, 864_000_000_000)
    return Temporal(date + datetime.timedelta(days=days), ticks, offset)
