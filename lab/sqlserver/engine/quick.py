"""Values and conditions that need no PostgreSQL: literals, and integers compared with integers."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from lab.sqlserver.model import MAX, SqlType

from .syntax import nodes as n
from .types import INT
from .variables import SYSTEM_VARIABLES

_INTEGERS = {"tinyint": (0, 255), "smallint": (-(1 << 15), (1 << 15) - 1), "int": (-(1 << 31), (1 << 31) - 1),
             "bigint": (-(1 << 63), (1 << 63) - 1)}  # fmt: skip
_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "=": operator.eq, "<>": operator.ne, "!=": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le,
    ">=": operator.ge,
}  # fmt: skip


def quick_value(node: n.Node, kind: SqlType | None) -> tuple[Any, SqlType] | None:
    """The value of a literal that is of `kind` already, and its type."""
    if not isinstance(node, n.Literal):
        return None
    if node.kind == "int" and (kind is None or kind.name in _INTEGERS):
        low, high = _INTEGERS[kind.name if kind is not None else "int"]
        value = int(node.value)
        return (value, kind or INT) if low <= value <= high else None
    if node.kind == "nstring" and kind is not None and kind.name == "nvarchar":
        units = len(node.value.encode("utf-16-le", "surrogatepass")) // 2
        return (node.value, kind) if kind.length == MAX or units <= (kind.length or 0) else None
    return None


def _integer(node: n.Node, session: Any) -> tuple[bool, int | None]:
    """(known, value): a literal or a variable that holds an integer."""
    if isinstance(node, n.Literal) and node.kind == "int":
        return True, int(node.value)
    if not isinstance(node, n.Variable):
        return False, None
    name = node.name.lower()
    kind = session.variables.types.get(name)
    if kind is not None:
        return kind.name in _INTEGERS, session.variables.values[name] if kind.name in _INTEGERS else None
    found = SYSTEM_VARIABLES.get(name)
    if found is None or found[0].name not in _INTEGERS:
        return False, None
    return True, found[1](session)


def quick_condition(node: n.Node, session: Any) -> bool | None:
    """Whether it holds; None: not to be told here. Unknown (NULL) does not hold."""
    if not isinstance(node, n.Compare) or node.quantifier or node.op not in _COMPARISONS:
        return None
    (left_known, left), (right_known, right) = _integer(node.left, session), _integer(node.right, session)
    if not (left_known and right_known):
        return None
    return left is not None and right is not None and _COMPARISONS[node.op](left, right)
