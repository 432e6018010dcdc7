"""Compares a source table with its copy, value by value."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql

# Types that Python would turn into something whose equality is not the value's: compared as PostgreSQL's own text.
_AS_TEXT = {
    "json", "jsonb", "interval", "inet", "cidr", "macaddr", "macaddr8", "money", "numeric", "citext", "oid", "bit", "hstore",
    "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange", "ltree", "tsvector",
}  # fmt: skip
# A cast of inet adds a netmask that its output has not; hstore is kept as JSON on the other side.
_FIELDS = {"inet": "CASE WHEN {0} IS NOT NULL THEN format('%s', {0}) END", "hstore": "hstore_to_json({0})::text"}
_INTERVAL = re.compile(
    r"P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)W)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?[\d.]+)S)?)?"
)


def _interval(text: str) -> tuple[int, int, Decimal]:
    """Months, days and seconds of an ISO 8601 interval: the parts that PostgreSQL keeps apart."""
    found = _INTERVAL.fullmatch(text)
    if not found:
        raise ValueError(f"not an ISO 8601 interval: {text}")
    years, months, weeks, days, hours, minutes, seconds = (Decimal(part or 0) for part in found.groups())
    return int(years * 12 + months), int(weeks * 7 + days), hours * 3600 + minutes * 60 + seconds


def _number(value: Any) -> str:
    """The digits without zeros at the end: drivers differ in whether they keep a scale. Decimal's own way rounds."""
    text = format(Decimal(re.sub(r"[^\d.eE+-]", "", str(value))), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _canonical(value: Any, kind: str) -> Any:
    """The same value from either driver in one form."""
    if value is None:
        return None
    if kind == "interval":
        return _interval(value)
    if kind in ("numeric", "money", "oid", "int2", "int4", "int8"):
        return _number(value)
    if kind == "hstore":
        return json.dumps(json.loads(value), sort_keys=True)
    if kind == "bit":
        return str(int(value)) if isinstance(value, bool) else value
    if kind == "float4":
        return struct.unpack("f", struct.pack("f", float(value)))[0]
    if kind == "bool":
        return bool(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value
    if isinstance(value, time):
        return value.replace(tzinfo=None)
    if isinstance(value, memoryview):
        return bytes(value)
    return str(value) if kind in ("uuid", *_AS_TEXT) else value


def columns_of(source: psycopg.Connection, table: tuple[str, str]) -> list[tuple[str, str]]:
    """Names and base types of the columns that are copied: generated ones are not."""
    rows = source.execute(
        "SELECT a.attname, CASE WHEN t.typtype = 'd' THEN b.typname ELSE t.typname END "
        "FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = t.typbasetype "
        "WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' "
        "ORDER BY a.attnum",
        (f'"{table[0]}"."{table[1]}"',),
    ).fetchall()
    return [(name, kind) for name, kind in rows]


def source_rows(source: psycopg.Connection, table: tuple[str, str], columns: Sequence[tuple[str, str]]) -> list[tuple]:
    fields = [
        sql.SQL(_FIELDS.get(kind, "{}::text" if kind in _AS_TEXT else "{}")).format(sql.Identifier(name))
        for name, kind in columns
    ]
    query = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(fields), sql.Identifier(*table))
    with source.transaction():
        source.execute("SET LOCAL intervalstyle = 'iso_8601'; SET LOCAL timezone = 'UTC'; SET LOCAL lc_monetary = 'C'")
        rows = source.execute(query).fetchall()
    return [tuple(_canonical(v, kind) for v, (_, kind) in zip(row, columns, strict=True)) for row in rows]


def target_rows(target: Any, table: tuple[str, str], columns: Sequence[tuple[str, str]]) -> list[tuple]:
    """`target` is a DB-API connection to SQL Server."""
    names = ", ".join(f"[{name.replace(']', ']]')}]" for name, _ in columns)
    with target.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM [{table[0]}].[{table[1]}]")
        rows = cursor.fetchall()
    return [tuple(_canonical(v, kind) for v, (_, kind) in zip(row, columns, strict=True)) for row in rows]


def differences(
    source: psycopg.Connection,
    target: Any,
    table: tuple[str, str],
    copy: tuple[str, str],
    leave_out: Sequence[str] = (),
) -> list[str]:
    """What differs, in words; an empty list when every row and value is equal. Duplicates count."""
    columns = [column for column in columns_of(source, table) if column[0] not in leave_out]
    left = sorted(map(repr, source_rows(source, table, columns)))
    right = sorted(map(repr, target_rows(target, copy, columns)))
    if left == right:
        return []
    found = [f"{table[0]}.{table[1]}: {len(left)} rows on the source, {len(right)} on the target"]
    found += [f"  only on the source: {row[:400]}" for row in _without(left, right)[:3]]
    found += [f"  only on the target: {row[:400]}" for row in _without(right, left)[:3]]
    return found


def _without(rows: list[str], others: list[str]) -> list[str]:
    remaining = list(others)
    result = []
    for row in rows:
        if row in remaining:
            remaining.remove(row)
        else:
            result.append(row)
    return result
