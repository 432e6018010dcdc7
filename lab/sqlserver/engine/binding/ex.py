"""Bound expressions, and the places names are looked up in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lab.sqlserver.engine.catalog.model import Snapshot, TableInfo
from lab.sqlserver.model import Column, SqlError, SqlType


@dataclass
class Ex:
    """PostgreSQL text of a value, and its T-SQL type (None: a NULL or parameter that has no type yet)."""

    sql: str
    type: SqlType | None
    nullable: bool = True
    name: str = ""  # what a result column would be called
    const: str | int | None = None
    collated: bool = False  # an explicit COLLATE
    column: bool = False
    table: str | None = None
    identity: bool = False
    parameter: str | None = None  # the name of a parameter without a type


@dataclass
class SourceColumn:
    name: str
    sql: str
    type: SqlType
    nullable: bool = True
    identity: bool = False
    table: str | None = None


@dataclass
class Source:
    """One thing in FROM. `names`: what may stand before the dot, lower case, innermost part last."""

    alias: str
    names: tuple[str, ...]
    columns: list[SourceColumn]
    target: TableInfo | None = None
    lock: str = ""  # FOR UPDATE, by a table hint
    row: str = "ctid"  # the column that names a row of `target`


@dataclass
class Scope:
    sources: list[Source] = field(default_factory=list)
    parent: Scope | None = None

    def find(self, parts: tuple[str, ...]) -> list[tuple[Source, SourceColumn]]:
        """The columns a name may mean in this scope alone."""
        name, qualifier = parts[-1].lower(), tuple(part.lower() for part in parts[:-1] if part)
        found = []
        for source in self.sources:
            if qualifier and not matches(source.names, qualifier):
                continue
            found += [(source, column) for column in source.columns if column.name.lower() == name]
        return found

    def knows(self, qualifier: tuple[str, ...]) -> bool:
        folded = tuple(part.lower() for part in qualifier if part)
        return any(matches(source.names, folded) for source in self.sources)


def matches(names: tuple[str, ...], qualifier: tuple[str, ...]) -> bool:
    return len(qualifier) <= len(names) and names[len(names) - len(qualifier) :] == qualifier


@dataclass
class BoundQuery:
    """A query: its text names its columns c1, c2, ..."""

    sql: str
    columns: list[Ex]

    def result_columns(self) -> list[Column]:
        return [Column(ex.name, ex.type or SqlType("int"), ex.nullable, ex.identity, ex.table) for ex in self.columns]


@dataclass
class Facts:
    """What binding needs to know of the session."""

    database: str
    login: str
    user: str
    default_schema: str
    session_id: int
    databases: dict[str, int]  # by lower-case name
    database_rows: Callable[[], str]  # VALUES rows for the system views that tell of the whole server
    login_rows: Callable[[], str]
    session_rows: Callable[[], str]
    is_admin: bool = False
    is_owner: bool = False
    identity_insert: int = 0
    ansi_padding: bool = True


@dataclass
class Context:
    """One binding: the catalog, the variables in reach, and what the text turned out to need."""

    snapshot: Snapshot
    facts: Facts
    variables: dict[str, SqlType | None]
    allow: Callable[[TableInfo, str], None]
    parameters: list[str] = field(default_factory=list)
    hints: dict[str, SqlType] = field(default_factory=dict)
    ctes: dict[str, Source] = field(default_factory=dict)
    changed_cte: str = ""  # the CTE through which UPDATE or DELETE changes its table
    folded: int = 0  # aggregates and window functions so far
    reads_tables: bool = False
    volatile: bool = False
    _aliases: int = 0
    _depth: int = 0

    def alias(self) -> str:
        self._aliases += 1
        return f"a{self._aliases}"

    def parameter(self, name: str) -> str:
        folded = name.lower()
        if folded not in self.parameters:
            self.parameters.append(folded)
        return f"${self.parameters.index(folded) + 1}"


def quote(text: str) -> str:
    if "\0" in text:
        raise SqlError(40517, "The SQL Server stand-in cannot keep the character U+0000.")
    return "'" + text.replace("'", "''") + "'"
