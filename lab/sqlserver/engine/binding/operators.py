"""Result types of operators: precedence, decimal arithmetic, common types."""

from __future__ import annotations

from lab.sqlserver.engine.types import (
    APPROXIMATE,
    BINARY,
    CHARACTER,
    EXACT,
    INTEGERS,
    NUMERIC,
    PRECEDENCE,
    TEMPORAL,
    UNICODE,
)
from lab.sqlserver.model import MAX, SqlError, SqlType

_AS_DECIMAL = {"bit": (1, 0), "tinyint": (3, 0), "smallint": (5, 0), "int": (10, 0), "bigint": (19, 0),
               "money": (19, 4), "smallmoney": (10, 4)}  # fmt: skip


def as_decimal(of: SqlType) -> tuple[int, int]:
    if of.name in ("decimal", "numeric"):
        return of.precision or 18, of.scale or 0
    return _AS_DECIMAL[of.name]


def rank(of: SqlType) -> int:
    return PRECEDENCE.index(of.name)


def common(left: SqlType, right: SqlType) -> SqlType:
    """The type both sides become where values meet: CASE, UNION, COALESCE, comparison."""
    if left.name in CHARACTER and right.name in CHARACTER:
        return _common_text(left, right)
    if left.name in BINARY and right.name in BINARY:
        size = MAX if MAX in (left.length, right.length) else max(left.length or 1, right.length or 1)
        return SqlType("varbinary", size)
    higher = left if rank(left) <= rank(right) else right
    if higher.name in ("decimal", "numeric"):
        if left.name not in NUMERIC or right.name not in NUMERIC:
            return higher
        p1, s1 = as_decimal(left)
        p2, s2 = as_decimal(right)
        scale = max(s1, s2)
        return SqlType(higher.name, precision=min(38, max(p1 - s1, p2 - s2) + scale), scale=scale)
    if higher.name in ("datetime2", "datetimeoffset", "time"):
        scales = [one.scale or 0 for one in (left, right) if one.name in ("datetime2", "datetimeoffset", "time")]
        if "datetime" in (left.name, right.name):
            scales.append(3)
        return SqlType(higher.name, scale=max(scales))
    return higher


def _common_text(left: SqlType, right: SqlType) -> SqlType:
    unicode = left.name in UNICODE or right.name in UNICODE
    size = MAX if MAX in (left.length, right.length) else max(left.length or 1, right.length or 1)
    if unicode and size > 4000:
        size = MAX
    collation = left.collation or right.collation
    if left.name == right.name and left.name in ("char", "nchar") and left.length == right.length:
        return SqlType(left.name, left.length, collation=collation)
    return SqlType("nvarchar" if unicode else "varchar", size, collation=collation)


def arithmetic(op: str, left: SqlType, right: SqlType) -> SqlType:
    """The type of left op right for numbers."""
    for side in (left, right):
        if side.name not in NUMERIC:
            raise SqlError(8117, f"Operand data type {side.name} is invalid for {_OPERATION[op]} operator.")
    names = {left.name, right.name}
    if names & APPROXIMATE:
        return SqlType("float") if "float" in names or names - APPROXIMATE else SqlType("real")
    if names <= INTEGERS:
        higher = left if rank(left) <= rank(right) else right
        return SqlType("int") if higher.name == "bit" else SqlType(higher.name)
    if names <= {"money", "smallmoney"} | INTEGERS:
        return SqlType("money" if "money" in names or "bigint" in names else "smallmoney")
    return decimal_result(op, as_decimal(left), as_decimal(right))


def decimal_result(op: str, left: tuple[int, int], right: tuple[int, int]) -> SqlType:
    (p1, s1), (p2, s2) = left, right
    if op in ("+", "-"):
        scale = max(s1, s2)
        precision = max(p1 - s1, p2 - s2) + scale + 1
    elif op == "*":
        precision, scale = p1 + p2 + 1, s1 + s2
    elif op == "/":
        scale = max(6, s1 + p2 + 1)
        precision = p1 - s1 + s2 + scale
    else:
        scale = max(s1, s2)
        precision = min(p1 - s1, p2 - s2) + scale
    if precision > 38:
        whole = precision - scale
        if op in ("+", "-"):
            scale = max(0, min(scale, 38 - max(p1 - s1, p2 - s2)))
        elif whole <= 32:
            scale = min(scale, 38 - whole)
        else:
            scale = min(scale, 6)
        precision = 38
    return SqlType("decimal", precision=precision, scale=scale)


_OPERATION = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "divide",
    "%": "modulo",
    "&": "'&'",
    "|": "'|'",
    "^": "'^'",
}


def comparable(left: SqlType, right: SqlType) -> SqlType:
    """The type a comparison is done in."""
    chosen = common(left, right)
    lower = right if chosen.name == left.name else left
    clash = (
        (chosen.name in TEMPORAL and lower.name in NUMERIC and chosen.name not in ("datetime", "smalldatetime"))
        or (chosen.name == "uniqueidentifier" and lower.name not in CHARACTER | BINARY | {"uniqueidentifier"})
        or (chosen.name in EXACT | APPROXIMATE and lower.name in BINARY)
    )
    if clash:
        raise SqlError(206, f"Operand type clash: {left.name} is incompatible with {right.name}")
    return chosen
