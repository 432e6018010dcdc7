"""Expressions and queries as parsed."""

from __future__ import annotations

from dataclasses import dataclass, field


class Node:
    """Base of every syntax node."""

    line: int = 1


@dataclass(frozen=True)
class Name:
    """A dotted name, outermost part first: ('db', 'dbo', 't'); skipped parts are empty."""

    parts: tuple[str, ...]

    @property
    def last(self) -> str:
        return self.parts[-1]

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass
class TypeName(Node):
    name: str
    length: int | None = None  # first number, MAX (-1) for (max)
    scale: int | None = None


@dataclass
class Literal(Node):
    """kind: 'int', 'decimal', 'float', 'string', 'nstring', 'hex', 'null', 'default'."""

    kind: str
    value: str


@dataclass
class Variable(Node):
    name: str


@dataclass
class ColumnRef(Node):
    name: Name


@dataclass
class Star(Node):
    qualifier: Name | None = None


@dataclass
class Unary(Node):
    op: str
    operand: Node


@dataclass
class Binary(Node):
    op: str
    left: Node
    right: Node


@dataclass
class Logic(Node):
    """op: AND, OR."""

    op: str
    left: Node
    right: Node


@dataclass
class Not(Node):
    operand: Node


@dataclass
class Compare(Node):
    op: str
    left: Node
    right: Node
    quantifier: str = ""  # ALL, ANY with a subquery on the right


@dataclass
class IsNull(Node):
    operand: Node
    negated: bool


@dataclass
class Like(Node):
    operand: Node
    pattern: Node
    escape: Node | None
    negated: bool


@dataclass
class Between(Node):
    operand: Node
    low: Node
    high: Node
    negated: bool


@dataclass
class InList(Node):
    operand: Node
    items: list[Node]
    negated: bool


@dataclass
class InQuery(Node):
    operand: Node
    query: Query
    negated: bool


@dataclass
class Exists(Node):
    query: Query


@dataclass
class Subquery(Node):
    query: Query


@dataclass
class Case(Node):
    operand: Node | None
    whens: list[tuple[Node, Node]]
    otherwise: Node | None


@dataclass
class Cast(Node):
    """CAST, CONVERT, TRY_CAST, TRY_CONVERT, PARSE is not one of them."""

    operand: Node
    target: TypeName
    style: Node | None = None
    attempt: bool = False


@dataclass
class Collate(Node):
    operand: Node
    collation: str


@dataclass
class AtTimeZone(Node):
    operand: Node
    zone: Node


@dataclass
class Window(Node):
    partition: list[Node]
    order: list[OrderItem]
    frame: str = ""


@dataclass
class Call(Node):
    """A function call. `keyword` is the bare first argument of DATEADD and its kin."""

    name: Name
    args: list[Node]
    distinct: bool = False
    star: bool = False
    keyword: str = ""
    window: Window | None = None
    within: list[OrderItem] | None = None


@dataclass
class OrderItem(Node):
    value: Node
    descending: bool = False


@dataclass
class SelectItem(Node):
    value: Node
    alias: str | None = None
    assign: str | None = None  # SELECT @v = value
    assign_op: str = "="


@dataclass
class TableRef(Node):
    name: Name
    alias: str | None = None
    hints: list[str] = field(default_factory=list)


@dataclass
class TableFunction(Node):
    call: Call
    alias: str | None = None
    columns: list[str] | None = None


@dataclass
class Derived(Node):
    query: Query
    alias: str | None
    columns: list[str] | None = None


@dataclass
class ValuesTable(Node):
    rows: list[list[Node]]
    alias: str
    columns: list[str]


@dataclass
class Join(Node):
    """kind: INNER, LEFT, RIGHT, FULL, CROSS, CROSS APPLY, OUTER APPLY."""

    kind: str
    left: Node
    right: Node
    on: Node | None = None


@dataclass
class Select(Node):
    items: list[SelectItem]
    source: Node | None = None
    where: Node | None = None
    group_by: list[Node] = field(default_factory=list)
    having: Node | None = None
    distinct: bool = False
    top: Node | None = None
    top_percent: bool = False
    with_ties: bool = False
    into: Name | None = None


@dataclass
class SetOp(Node):
    """op: UNION, UNION ALL, INTERSECT, EXCEPT."""

    op: str
    left: Node
    right: Node


@dataclass
class Query(Node):
    body: Node
    order_by: list[OrderItem] = field(default_factory=list)
    offset: Node | None = None
    fetch: Node | None = None
    ctes: list[Cte] = field(default_factory=list)
    for_xml: bool = False


@dataclass
class Cte(Node):
    name: str
    columns: list[str] | None
    query: Query
