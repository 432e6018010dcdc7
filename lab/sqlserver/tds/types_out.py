"""TYPE_INFO and values as the server sends them. [MS-TDS] 2.2.5.4 to 2.2.5.6."""

from __future__ import annotations

import datetime
import struct
from decimal import Decimal
from typing import Any

from lab.sqlserver.model import MAX, SqlType, Temporal
from lab.sqlserver.tds.wire import utf16

# SQL_Latin1_General_CP1_CI_AS: LCID 0x0409, flags, sort id 52.
COLLATION = bytes.fromhex("0904d00034")
CODE_PAGE = "cp1252"
_PLP_NULL = b"\xff" * 8
_INTEGER_SIZES = {"tinyint": 1, "smallint": 2, "int": 4, "bigint": 8}
_DAYS_1900 = datetime.date(1900, 1, 1).toordinal()
_ALIASES = {
    "sysname": SqlType("nvarchar", 128),
    "text": SqlType("varchar", MAX),
    "ntext": SqlType("nvarchar", MAX),
    "image": SqlType("varbinary", MAX),
    "timestamp": SqlType("binary", 8),
    "rowversion": SqlType("binary", 8),
}
_STRINGS = {"char": 0xAF, "varchar": 0xA7, "nchar": 0xEF, "nvarchar": 0xE7}
_BINARIES = {"binary": 0xAD, "varbinary": 0xA5}


def plain_type(kind: SqlType) -> SqlType:
    """The type that stands for a legacy or alias one on the wire."""
    return _ALIASES.get(kind.name, kind)


def decimal_size(precision: int) -> int:
    return 5 if precision <= 9 else 9 if precision <= 19 else 13 if precision <= 28 else 17


def time_size(scale: int) -> int:
    return 3 if scale <= 2 else 4 if scale <= 4 else 5


def type_info(kind: SqlType) -> bytes:
    kind = plain_type(kind)
    name = kind.name
    if name in _INTEGER_SIZES:
        return bytes((0x26, _INTEGER_SIZES[name]))
    if name in _STRINGS:
        return bytes((_STRINGS[name],)) + _max_length(kind, 2 if name[0] == "n" else 1) + COLLATION
    if name in _BINARIES:
        return bytes((_BINARIES[name],)) + _max_length(kind, 1)
    if name in ("decimal", "numeric"):
        precision = kind.precision or 18
        return bytes((0x6A if name == "decimal" else 0x6C, decimal_size(precision), precision, kind.scale or 0))
    if name in ("time", "datetime2", "datetimeoffset"):
        code = {"time": 0x29, "datetime2": 0x2A, "datetimeoffset": 0x2B}[name]
        return bytes((code, 7 if kind.scale is None else kind.scale))
    fixed = {
        "bit": b"\x68\x01",
        "real": b"\x6d\x04",
        "float": b"\x6d\x08",
        "money": b"\x6e\x08",
        "smallmoney": b"\x6e\x04",
        "datetime": b"\x6f\x08",
        "smalldatetime": b"\x6f\x04",
        "date": b"\x28",
        "uniqueidentifier": b"\x24\x10",
        "xml": b"\xf1\x00",
    }
    return fixed[name]


def _max_length(kind: SqlType, width: int) -> bytes:
    if kind.length == MAX:
        return b"\xff\xff"
    return struct.pack("<H", max(kind.length or 1, 1) * width)


def encode(kind: SqlType, value: Any) -> bytes:
    """One value as ROW carries it, its length first."""
    kind = plain_type(kind)
    name = kind.name
    long = name == "xml" or kind.length == MAX
    wide = name in _STRINGS or name in _BINARIES
    if value is None:
        return _PLP_NULL if long else b"\xff\xff" if wide else b"\x00"
    if long or wide:
        data = _bytes_of(name, value)
        if long:
            return struct.pack("<Q", len(data)) + (struct.pack("<I", len(data)) + data if data else b"") + bytes(4)
        return struct.pack("<H", len(data)) + data
    data = _short(kind, value)
    return bytes((len(data),)) + data


def _bytes_of(name: str, value: Any) -> bytes:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if name in ("char", "varchar"):
        return value.encode(CODE_PAGE, "replace")
    return utf16(value)


def _short(kind: SqlType, value: Any) -> bytes:
    name = kind.name
    if name == "tinyint":
        return struct.pack("<B", value)
    if name in _INTEGER_SIZES:
        return int(value).to_bytes(_INTEGER_SIZES[name], "little", signed=True)
    if name == "bit":
        return b"\x01" if value else b"\x00"
    if name in ("decimal", "numeric"):
        return _decimal(kind, value)
    if name == "money":
        units = int(Decimal(value).scaleb(4))
        return struct.pack("<iI", units >> 32, units & 0xFFFFFFFF)
    if name == "smallmoney":
        return struct.pack("<i", int(Decimal(value).scaleb(4)))
    if name == "real":
        return struct.pack("<f", value)
    if name == "float":
        return struct.pack("<d", value)
    if name == "uniqueidentifier":
        return value.bytes_le
    if name == "date":
        return _days(value)
    return _temporal(kind, value)


def _decimal(kind: SqlType, value: Decimal) -> bytes:
    size = decimal_size(kind.precision or 18)
    sign, digits, exponent = Decimal(value).as_tuple()
    number = int("".join(map(str, digits)) or "0")
    shift = (kind.scale or 0) + int(exponent)
    number = number * 10**shift if shift >= 0 else number // 10**-shift
    return bytes((0 if sign else 1,)) + number.to_bytes(size - 1, "little")


def _days(date: datetime.date) -> bytes:
    return (date.toordinal() - 1).to_bytes(3, "little")


def _temporal(kind: SqlType, value: Temporal) -> bytes:
    name = kind.name
    if name == "datetime":
        days, units = value.date.toordinal() - _DAYS_1900, (value.ticks * 3 + 50_000) // 100_000
        if units >= 300 * 86400:
            days, units = days + 1, 0
        return struct.pack("<iI", days, units)
    if name == "smalldatetime":
        days, minutes = value.date.toordinal() - _DAYS_1900, (value.ticks + 300_000_000) // 600_000_000
        if minutes >= 1440:
            days, minutes = days + 1, 0
        return struct.pack("<HH", days, minutes)
    scale = 7 if kind.scale is None else kind.scale
    date, ticks = value.date, value.ticks
    if name == "datetimeoffset":
        ticks -= (value.offset_minutes or 0) * 600_000_000
        days, ticks = divmod(ticks, 864_000_000_000)
        date += datetime.timedelta(days=days)
    clock = (ticks // 10 ** (7 - scale)).to_bytes(time_size(scale), "little")
    if name == "time":
        return clock
    if name == "datetime2":
        return clock + _days(date)
    return clock + _days(date) + struct.pack("<h", value.offset_minutes or 0)
