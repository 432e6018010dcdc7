"""Date and time functions."""

from __future__ import annotations

from lab.sqlserver.engine.syntax import nodes as n
from lab.sqlserver.engine.syntax.base import unsupported
from lab.sqlserver.engine.types import BIGINT, CHARACTER, INT, POINTS
from lab.sqlserver.model import SqlError, SqlType

from .ex import Ex, Scope, quote
from .functions import FunctionBinder, arity, function

_PARTS = {
    "year": "year", "yy": "year", "yyyy": "year", "quarter": "quarter", "qq": "quarter", "q": "quarter",
    "month": "month", "mm": "month", "m": "month", "dayofyear": "dayofyear", "dy": "dayofyear", "y": "dayofyear",
    "day": "day", "dd": "day", "d": "day", "week": "week", "wk": "week", "ww": "week", "weekday": "weekday",
    "dw": "weekday", "w": "weekday", "hour": "hour", "hh": "hour", "minute": "minute", "mi": "minute", "n": "minute",
    "second": "second", "ss": "second", "s": "second", "millisecond": "millisecond", "ms": "millisecond",
    "microsecond": "microsecond", "mcs": "microsecond", "nanosecond": "nanosecond", "ns": "nanosecond",
    "iso_week": "iso_week", "isowk": "iso_week", "isoww": "iso_week", "tzoffset": "tzoffset", "tz": "tzoffset",
}  # fmt: skip
_DATETIME2 = SqlType("datetime2", scale=7)


def _part(call: n.Call) -> str:
    part = _PARTS.get(call.keyword)
    if part is None:
        raise SqlError(155, f"'{call.keyword}' is not a recognized {call.name.last.lower()} option.", 15, 1, call.line)
    return part


def _point(binder: FunctionBinder, node: n.Node, scope: Scope) -> Ex:
    """The operand as ticks; a datetimeoffset counts in its own local time."""
    ex = binder.typed(node, scope, _DATETIME2)
    assert ex.type is not None
    return ex if ex.type.name in POINTS else binder.convert(ex, _DATETIME2)


@function("SYSDATETIME", "SYSUTCDATETIME")
def _sysdatetime(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    return Ex("mssql.utc_ticks()", _DATETIME2, False)


@function("GETDATE", "GETUTCDATE", "CURRENT_TIMESTAMP")
def _getdate(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    return Ex("mssql.rnd_datetime(mssql.utc_ticks())", SqlType("datetime"), False)


@function("SYSDATETIMEOFFSET")
def _sysdatetimeoffset(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    return Ex("mssql.o_make(mssql.utc_ticks(), 0)", SqlType("datetimeoffset", scale=7), False)


@function("CURRENT_TIMEZONE", "CURRENT_TIMEZONE_ID")
def _timezone(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    text = "(UTC) Coordinated Universal Time" if call.name.last.upper() == "CURRENT_TIMEZONE" else "UTC"
    return Ex(f"{quote(text)}::text", SqlType("varchar", 128), False, const=text)


@function("DATEPART", "DATENAME")
def _datepart(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 1)
    part = _part(call)
    if part == "tzoffset":
        ex = binder.convert(binder.typed(call.args[0], scope), SqlType("datetimeoffset", scale=7))
        return Ex(f"mssql.o_off({ex.sql})", INT, ex.nullable)
    ex = _point(binder, call.args[0], scope)
    value = f"mssql.part('{part}', {ex.sql})"
    if call.name.last.upper() == "DATEPART":
        return Ex(value, INT, ex.nullable)
    shown = {"month": "'FMMonth'", "weekday": "'FMDay'"}.get(part)
    sql = f"to_char(mssql.p_date({ex.sql}), {shown})" if shown else f"{value}::text"
    return Ex(sql, SqlType("nvarchar", 30), ex.nullable)


@function("YEAR", "MONTH", "DAY")
def _simple_part(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 1)
    ex = _point(binder, call.args[0], scope)
    return Ex(f"mssql.part('{call.name.last.lower()}', {ex.sql})", INT, ex.nullable)


@function("DATEADD")
def _dateadd(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 2)
    part = _part(call)
    count = binder.convert(binder.typed(call.args[0], scope, INT), BIGINT)
    given = binder.typed(call.args[1], scope, SqlType("datetime"))
    assert given.type is not None
    if given.type.name in CHARACTER:
        given = binder.convert(given, SqlType("datetime"))
    assert given.type is not None
    kind = given.type
    if kind.name == "datetimeoffset":
        moved = f"mssql.date_add('{part}', {count.sql}, mssql.o_local({given.sql}))"
        return Ex(f"mssql.o_make({moved}, mssql.o_off({given.sql}))", kind, True)
    if kind.name == "time":
        base = f"({given.sql}) + 693595 * 864000000000"
        return Ex(f"(mssql.date_add('{part}', {count.sql}, {base}) % 864000000000)", kind, True)
    point = given if kind.name in POINTS else binder.convert(given, _DATETIME2)
    moved = f"mssql.date_add('{part}', {count.sql}, {point.sql})"
    if kind.name == "date":
        return Ex(f"mssql.p_date({moved})", kind, True)
    if kind.name in ("datetime", "smalldatetime"):
        moved = f"mssql.check_point({moved}, '{kind.name}', '{kind.name}', false)"
    return Ex(moved, kind, True)


@function("DATEDIFF", "DATEDIFF_BIG")
def _datediff(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 2)
    part = _part(call)
    sides = []
    for arg in call.args:
        ex = binder.typed(arg, scope, _DATETIME2)
        assert ex.type is not None
        sides.append(f"mssql.o_utc({ex.sql})" if ex.type.name == "datetimeoffset" else _point(binder, arg, scope).sql)
    big = call.name.last.upper() == "DATEDIFF_BIG"
    sql = f"mssql.date_diff('{part}', {sides[0]}, {sides[1]}, {'true' if big else 'false'})"
    return Ex(sql if big else f"{sql}::int", BIGINT if big else INT)


@function("EOMONTH")
def _eomonth(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 1)
    ex = _point(binder, call.args[0], scope)
    first = f"date_trunc('month', mssql.p_date({ex.sql})::timestamp)"
    return Ex(f"({first} + interval '1 month' - interval '1 day')::date", SqlType("date"), ex.nullable)


@function("DATEFROMPARTS")
def _datefromparts(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 3)
    args = ", ".join(binder.convert(binder.typed(arg, scope, INT), INT).sql for arg in call.args)
    return Ex(f"make_date({args})", SqlType("date"))


@function("TODATETIMEOFFSET", "SWITCHOFFSET")
def _offset(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 2)
    given = binder.value(call.args[1], scope).const
    if isinstance(given, str) and len(given) == 6 and given[0] in "+-":
        minutes = (int(given[1:3]) * 60 + int(given[4:6])) * (-1 if given[0] == "-" else 1)
    elif isinstance(given, int):
        minutes = given
    else:
        raise unsupported(f"{call.name.last.upper()} with an offset that is not a literal", call.line)
    ex = binder.typed(call.args[0], scope, _DATETIME2)
    assert ex.type is not None
    if call.name.last.upper() == "SWITCHOFFSET":
        ex = binder.convert(ex, SqlType("datetimeoffset", scale=7)) if ex.type.name != "datetimeoffset" else ex
        return Ex(
            f"mssql.o_make(mssql.o_utc({ex.sql}) + {minutes} * 600000000::bigint, {minutes})", ex.type, ex.nullable
        )
    point = _point(binder, call.args[0], scope)
    scale = point.type.scale if point.type and point.type.scale is not None else 7
    return Ex(f"mssql.o_make({point.sql}, {minutes})", SqlType("datetimeoffset", scale=scale), ex.nullable)


@function("ISDATE")
def _isdate(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    ex = binder.convert(binder.typed(call.args[0], scope), SqlType("nvarchar", 4000))
    return Ex(f"(CASE WHEN (mssql.parse_moment({ex.sql})).days IS NULL THEN 0 ELSE 1 END)", INT, False)
