"""Statements as parsed."""

from __future__ import annotations

from dataclasses import dataclass, field

from .nodes import Cte, Name, Node, Query, SelectItem, TableRef, TypeName


class Statement(Node):
    """Base of statements; the session keeps translated forms on the instance, so identity matters."""


@dataclass(eq=False)
class SelectStatement(Statement):
    query: Query


@dataclass
class Assignment(Node):
    column: Name | None
    value: Node
    variable: str | None = None
    op: str = "="


@dataclass
class OutputClause(Node):
    items: list[SelectItem]
    into: Name | None = None
    columns: list[str] | None = None


@dataclass(eq=False)
class Insert(Statement):
    target: TableRef
    columns: list[str] | None
    rows: list[list[Node]] | None = None
    query: Query | None = None
    execute: Execute | None = None
    default_values: bool = False
    output: OutputClause | None = None
    ctes: list[Cte] = field(default_factory=list)
    top: Node | None = None


@dataclass(eq=False)
class InsertBulk(Statement):
    """INSERT BULK: announces the rows that come as a message of their own."""

    target: Name
    columns: list[ColumnDef]
    options: dict[str, int | None] = field(default_factory=dict)


@dataclass(eq=False)
class Update(Statement):
    target: TableRef
    assignments: list[Assignment]
    source: Node | None = None
    where: Node | None = None
    output: OutputClause | None = None
    ctes: list[Cte] = field(default_factory=list)
    top: Node | None = None


@dataclass(eq=False)
class Delete(Statement):
    target: TableRef
    source: Node | None = None
    where: Node | None = None
    output: OutputClause | None = None
    ctes: list[Cte] = field(default_factory=list)
    top: Node | None = None


@dataclass
class MergeWhen(Node):
    """match: MATCHED, TARGET (not matched by target), SOURCE (not matched by source)."""

    match: str
    condition: Node | None
    action: str  # UPDATE, DELETE, INSERT
    assignments: list[Assignment] = field(default_factory=list)
    columns: list[str] | None = None
    values: list[Node] | None = None


@dataclass(eq=False)
class Merge(Statement):
    target: TableRef
    source: Node
    on: Node
    whens: list[MergeWhen]
    output: OutputClause | None = None
    ctes: list[Cte] = field(default_factory=list)


# --- definitions -------------------------------------------------------------------------------------------------


@dataclass
class ForeignKey(Node):
    table: Name
    columns: list[str]
    on_delete: str = "NO ACTION"
    on_update: str = "NO ACTION"


@dataclass
class ColumnDef(Node):
    name: str
    type: TypeName | None
    nullable: bool | None = None
    collation: str | None = None
    identity: tuple[int, int] | None = None
    default: Node | None = None
    default_text: str = ""
    default_name: str | None = None
    computed: Node | None = None
    computed_text: str = ""
    rowguid: bool = False
    with_values: bool = False


@dataclass
class KeyColumn(Node):
    name: str
    descending: bool = False


@dataclass
class TableConstraint(Node):
    """kind: PK, UQ, FK, C, D."""

    kind: str
    name: str | None
    columns: list[KeyColumn] = field(default_factory=list)
    clustered: bool | None = None
    reference: ForeignKey | None = None
    check: Node | None = None
    text: str = ""
    for_column: str = ""
    with_nocheck: bool = False


@dataclass(eq=False)
class CreateTable(Statement):
    name: Name
    columns: list[ColumnDef]
    constraints: list[TableConstraint]
    variable: bool = False


@dataclass(eq=False)
class AlterTable(Statement):
    """action: ADD, DROP, ALTER COLUMN, CHECK CONSTRAINT, NOCHECK CONSTRAINT."""

    name: Name
    action: str
    columns: list[ColumnDef] = field(default_factory=list)
    constraints: list[TableConstraint] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    if_exists: bool = False
    drops: list[tuple[str, str]] = field(default_factory=list)  # (COLUMN or CONSTRAINT, name)


@dataclass(eq=False)
class Drop(Statement):
    """what: TABLE, VIEW, SCHEMA, INDEX, DATABASE, LOGIN, USER, ROLE."""

    what: str
    names: list[Name]
    if_exists: bool = False
    on: Name | None = None


@dataclass(eq=False)
class CreateIndex(Statement):
    name: str
    table: Name
    columns: list[KeyColumn]
    include: list[str] = field(default_factory=list)
    unique: bool = False
    clustered: bool = False
    where: Node | None = None
    where_text: str = ""


@dataclass(eq=False)
class CreateView(Statement):
    name: Name
    columns: list[str] | None
    query: Query
    text: str
    alter: bool = False
    or_alter: bool = False


@dataclass(eq=False)
class CreateSchema(Statement):
    name: str
    owner: str | None = None


@dataclass(eq=False)
class CreateDatabase(Statement):
    name: str
    collation: str | None = None


@dataclass(eq=False)
class AlterDatabase(Statement):
    name: str
    option: str


@dataclass(eq=False)
class CreateLogin(Statement):
    name: str
    password: str
    alter: bool = False


@dataclass(eq=False)
class CreateUser(Statement):
    name: str
    login: str | None
    default_schema: str | None = None


@dataclass(eq=False)
class AlterRole(Statement):
    role: str
    member: str
    add: bool
    server: bool = False


@dataclass(eq=False)
class Permission(Statement):
    """action: GRANT, DENY, REVOKE. `scope`: '', 'OBJECT', 'SCHEMA', 'DATABASE', 'SERVER'."""

    action: str
    permissions: list[str]
    scope: str
    on: Name | None
    principals: list[str]


@dataclass(eq=False)
class Truncate(Statement):
    name: Name


@dataclass(eq=False)
class UpdateStatistics(Statement):
    name: Name


# --- control flow and session ------------------------------------------------------------------------------------


@dataclass
class Declaration(Node):
    name: str
    type: TypeName
    value: Node | None = None


@dataclass(eq=False)
class Declare(Statement):
    variables: list[Declaration]
    tables: list[CreateTable] = field(default_factory=list)


@dataclass(eq=False)
class SetVariable(Statement):
    name: str
    value: Node
    op: str = "="


@dataclass(eq=False)
class SetOption(Statement):
    """`names` upper case; value: ON, OFF or the literal text."""

    names: list[str]
    value: str
    table: Name | None = None


@dataclass(eq=False)
class If(Statement):
    condition: Node
    then: Statement
    otherwise: Statement | None


@dataclass(eq=False)
class While(Statement):
    condition: Node
    body: Statement


@dataclass(eq=False)
class Block(Statement):
    body: list[Statement]


@dataclass(eq=False)
class TryCatch(Statement):
    body: list[Statement]
    handler: list[Statement]


@dataclass(eq=False)
class Throw(Statement):
    args: list[Node]


@dataclass(eq=False)
class RaiseError(Statement):
    args: list[Node]
    options: list[str] = field(default_factory=list)


@dataclass(eq=False)
class Print(Statement):
    value: Node


@dataclass(eq=False)
class Return(Statement):
    value: Node | None


@dataclass(eq=False)
class Break(Statement):
    pass


@dataclass(eq=False)
class Continue(Statement):
    pass


@dataclass(eq=False)
class Use(Statement):
    database: str


@dataclass(eq=False)
class WaitFor(Statement):
    delay: Node


@dataclass(eq=False)
class Transaction(Statement):
    """action: BEGIN, COMMIT, ROLLBACK, SAVE."""

    action: str
    name: str | None = None


@dataclass
class Argument(Node):
    name: str
    value: Node
    output: bool = False


@dataclass(eq=False)
class Execute(Statement):
    """EXEC proc args, or EXEC('text')."""

    procedure: Name | None
    args: list[Argument]
    text: Node | None = None
    result: str | None = None


@dataclass(eq=False)
class Dbcc(Statement):
    command: str
    args: list[str]
    quiet: bool = False


@dataclass(eq=False)
class TransferSchema(Statement):
    """ALTER SCHEMA schema TRANSFER name."""

    schema: str
    name: Name


@dataclass(eq=False)
class Checkpoint(Statement):
    pass
