"""Values on their way between the protocol's Python types and PostgreSQL's."""

from __future__ import annotations

import datetime
import decimal
import math
import struct
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from lab.sqlserver.model import SqlError, SqlType, Temporal

from .types import BINARY, CHARACTER, EXACT, INTEGERS, POINTS

_DAY = 864_000_000_000
Converter = Callable[[Any], Any]


def _point_in(value: Temporal | datetime.datetime | datetime.date) -> int:
    if isinstance(value, datetime.datetime):
        value = from_datetime(value)
    elif isinstance(value, datetime.date):
        value = Temporal(value)
    day = value.date or datetime.date(1900, 1, 1)
    return (day.toordinal() - 1) * _DAY + value.ticks


def from_datetime(value: datetime.datetime) -> Temporal:
    seconds = (value.hour * 60 + value.minute) * 60 + value.second
    offset = value.utcoffset()
    minutes = None if offset is None else int(offset.total_seconds()) // 60
    return Temporal(value.date(), seconds * 10_000_000 + value.microsecond * 10, minutes)


def _clock_in(value: Temporal | datetime.time) -> int:
    if isinstance(value, datetime.time):
        seconds = (value.hour * 60 + value.minute) * 60 + value.second
        return seconds * 10_000_000 + value.microsecond * 10
    return value.ticks


def _offset_in(value: Temporal | datetime.datetime) -> decimal.Decimal:
    if isinstance(value, datetime.datetime):
        value = from_datetime(value)
    minutes = value.offset_minutes or 0
    utc = _point_in(value) - minutes * 600_000_000
    return decimal.Decimal(utc * 10000 + minutes + 840)


def _text_in(value: Any) -> str:
    text = str(value)
    if "\0" in text:
        raise SqlError(40517, "The SQL Server stand-in cannot keep the character U+0000.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise SqlError(40517, "The SQL Server stand-in cannot keep a lone surrogate.") from None
    return text


def _float_in(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise SqlError(8023, "The incoming tabular data stream (TDS) remote procedure call (RPC) protocol stream is "
                       "incorrect. A parameter is not a valid instance of data type float.")  # fmt: skip
    return number


def _date_in(value: Any) -> datetime.date:
    if isinstance(value, Temporal):
        return value.date or datetime.date(1900, 1, 1)
    return value.date() if isinstance(value, datetime.datetime) else value


def encoder(kind: SqlType) -> Converter:
    """Python value of a parameter or variable -> what asyncpg wants for the type's storage."""
    name = kind.name
    if name in CHARACTER:
        return _text_in
    if name in INTEGERS:
        return int
    if name in EXACT:
        return lambda value: value if isinstance(value, decimal.Decimal) else decimal.Decimal(value)
    if name in POINTS:
        return _point_in
    if name in BINARY:
        return bytes
    return {
        "real": _float_in, "float": _float_in, "date": _date_in, "time": _clock_in, "datetimeoffset": _offset_in,
        "uniqueidentifier": lambda value: value if isinstance(value, uuid.UUID) else uuid.UUID(str(value)),
    }[name]  # fmt: skip


def _point_out(value: int) -> Temporal:
    days, ticks = divmod(value, _DAY)
    return Temporal(datetime.date.fromordinal(days + 1), ticks)


def _offset_out(value: decimal.Decimal) -> Temporal:
    utc, code = divmod(int(value), 10000)
    minutes = code - 840
    days, ticks = divmod(utc + minutes * 600_000_000, _DAY)
    return Temporal(datetime.date.fromordinal(days + 1), ticks, minutes)


def _real_out(value: float) -> float:
    return struct.unpack("f", struct.pack("f", value))[0]


def _uuid_out(value: uuid.UUID) -> uuid.UUID:
    return uuid.UUID(int=value.int)


def decoder(kind: SqlType) -> Converter | None:
    """What PostgreSQL gave -> the Python type of model.py; None when they are the same."""
    name = kind.name
    if name == "bit":
        return bool
    if name in POINTS:
        return _point_out
    if name in ("money", "smallmoney"):
        return lambda value: value.quantize(decimal.Decimal("0.0001"))
    if name in ("decimal", "numeric"):
        unit = decimal.Decimal(1).scaleb(-(kind.scale or 0))
        context = decimal.Context(prec=60)
        return lambda value: value.quantize(unit, context=context)
    return {
        "time": lambda value: Temporal(None, value), "datetimeoffset": _offset_out, "real": _real_out,
        "uniqueidentifier": _uuid_out,
    }.get(name)  # fmt: skip


def row_decoder(kinds: Sequence[SqlType]) -> Callable[[Any], list[Any]]:
    """Turns a fetched record into a row; columns that need nothing cost nothing."""
    work = [(i, convert) for i, convert in enumerate(decoder(kind) for kind in kinds) if convert is not None]

    def decode(record: Any) -> list[Any]:
        row = list(record)
        for i, convert in work:
            value = row[i]
            if value is not None:
                row[i] = convert(value)
        return row

    return decode
