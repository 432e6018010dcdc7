"""Looks up what FROM names: tables, views, system views, temporary tables."""

from __future__ import annotations

from lab.sqlserver.engine.catalog.model import TableInfo
from lab.sqlserver.engine.catalog.sysviews_more import SYSTEM_VIEWS
from lab.sqlserver.engine.syntax import nodes as n
from lab.sqlserver.engine.syntax import statements as s
from lab.sqlserver.engine.syntax.base import unsupported
from lab.sqlserver.engine.syntax.parser import parse
from lab.sqlserver.model import SqlError, SqlType

from .ex import BoundQuery, Context, Scope, Source, SourceColumn, quote
from .expressions import ExpressionBinder

_MAX_VIEW_DEPTH = 32


def invalid_object(name: n.Name, line: int = 1) -> SqlError:
    return SqlError(208, f"Invalid object name '{name}'.", 16, 1, line)


def find_table(context: Context, name: n.Name, line: int = 1) -> TableInfo | None:
    """A table or view by name; None for names of sys and INFORMATION_SCHEMA."""
    snapshot, facts = context.snapshot, context.facts
    parts = name.parts
    last = parts[-1].lower()
    if last[:1] in "#@":
        found = snapshot.temporary.get(last)
        if found is None:
            if last.startswith("@"):
                raise SqlError(1087, f'Must declare the table variable "{name.last}".', 15, 2, line)
            raise invalid_object(name, line)
        return found
    if len(parts) > 3 or (len(parts) == 3 and parts[0] and parts[0].lower() != facts.database.lower()):
        if len(parts) == 3 and parts[1].lower() in ("sys", "information_schema"):
            return None
        raise unsupported(f"names in another database ({name})", line)
    schema = (parts[-2] if len(parts) > 1 and parts[-2] else "").lower()
    if schema in ("sys", "information_schema"):
        return None
    for candidate in [schema] if schema else [facts.default_schema.lower(), "dbo"]:
        entry = snapshot.schemas.get(candidate)
        if entry is not None and (entry[0], last) in snapshot.tables:
            return snapshot.tables[(entry[0], last)]
    raise invalid_object(name, line)


def table_source_of(context: Context, table: TableInfo, alias: str | None, name: n.Name) -> Source:
    """A base table as a source under a fresh PostgreSQL alias."""
    made = context.alias()
    names = (alias.lower(),) if alias else (table.schema.lower(), table.name.lower())
    if alias is None and len(name.parts) == 3:
        names = (context.facts.database.lower(), *names)
    columns = [
        SourceColumn(c.name, f"{made}.{c.physical}", c.type, c.nullable, c.identity, table.name) for c in table.columns
    ]
    return Source(made, names, columns, table)


class TableBinder(ExpressionBinder):
    def derived(self, node: n.Derived, scope: Scope, lateral: bool) -> tuple[str, Source]:
        raise NotImplementedError  # provided by QueryBinder

    def values_table(self, node: n.ValuesTable, scope: Scope) -> tuple[str, Source]:
        raise NotImplementedError  # provided by QueryBinder

    def table_source(self, node: n.Node, scope: Scope, lateral: bool = False) -> tuple[str, Source]:
        """PostgreSQL text of one FROM item, and the columns it brings."""
        if isinstance(node, n.Derived):
            return self.derived(node, scope, lateral)
        if isinstance(node, n.ValuesTable):
            return self.values_table(node, scope)
        if isinstance(node, n.TableFunction):
            return self._table_function(node)
        if isinstance(node, n.TableRef):
            return self._table(node)
        raise unsupported(f"{type(node).__name__} in FROM", node.line)

    def _table(self, node: n.TableRef) -> tuple[str, Source]:
        name = node.name
        if len(name.parts) == 1 and name.last.lower() in self.context.ctes:
            return self._cte_reference(node)
        table = find_table(self.context, name, node.line)
        if table is None:
            return self._system_view(name, node.alias, node.line)
        self.context.allow(table, "SELECT")
        self.context.reads_tables = True
        if table.kind == "V":
            return self._view(table, node.alias)
        source = table_source_of(self.context, table, node.alias, name)
        if {"UPDLOCK", "XLOCK", "TABLOCKX"} & set(node.hints):
            source.lock = f" FOR UPDATE OF {source.alias}" + (" SKIP LOCKED" if "READPAST" in node.hints else "")
        return f"{table.physical} AS {source.alias}", source

    def _cte_reference(self, node: n.TableRef) -> tuple[str, Source]:
        cte = self.context.ctes[node.name.last.lower()]
        alias = self.context.alias()
        columns = [SourceColumn(c.name, f"{alias}.{c.sql}", c.type, c.nullable) for c in cte.columns]
        exposed = (node.alias or node.name.last).lower()
        return f"{cte.alias} AS {alias}", Source(alias, (exposed,), columns, cte.target, row=cte.row)

    def _view(self, table: TableInfo, alias: str | None) -> tuple[str, Source]:
        statement = parse(table.definition)[0]
        assert isinstance(statement, s.CreateView)
        self.context._depth += 1
        if self.context._depth > _MAX_VIEW_DEPTH:
            raise SqlError(
                217, "Maximum stored procedure, function, trigger, or view nesting level exceeded (limit 32)."
            )
        outer_ctes, self.context.ctes = self.context.ctes, {}
        outer_allow, self.context.allow = self.context.allow, lambda table, action: None  # ownership chaining
        try:
            bound: BoundQuery = self.query(statement.query, None)
        finally:
            self.context._depth -= 1
            self.context.ctes, self.context.allow = outer_ctes, outer_allow
        made = self.context.alias()
        names = statement.columns or [ex.name for ex in bound.columns]
        columns = [
            SourceColumn(column, f"{made}.c{i}", ex.type or SqlType("int"), ex.nullable, table=table.name)
            for i, (column, ex) in enumerate(zip(names, bound.columns, strict=True), 1)
        ]
        exposed = (alias.lower(),) if alias else (table.schema.lower(), table.name.lower())
        return f"({bound.sql}) AS {made}", Source(made, exposed, columns)

    def _system_view(self, name: n.Name, alias: str | None, line: int) -> tuple[str, Source]:
        schema, last = name.parts[-2].lower(), name.last.lower()
        view = SYSTEM_VIEWS.get((schema, last))
        if view is None:
            raise invalid_object(name, line)
        other = name.parts[0].lower() if len(name.parts) == 3 and name.parts[0] else ""
        if (
            other
            and other != self.context.facts.database.lower()
            and last != "databases"
            and not last.startswith("dm_")
        ):
            raise unsupported(f"catalog views of another database ({name})", line)
        made = self.context.alias()
        columns = [SourceColumn(c, f"{made}.c{i}", kind) for i, (c, kind) in enumerate(view.columns, 1)]
        named = ", ".join(f"c{i}" for i in range(1, len(columns) + 1))
        exposed = (alias.lower(),) if alias else (schema, last)
        return f"({self._fill(view.sql)}) AS {made}({named})", Source(made, exposed, columns)

    def _fill(self, sql: str) -> str:
        facts = self.context.facts
        if "{" not in sql:
            return sql
        if "{sessions}" in sql or "{logins}" in sql:
            self.context.volatile = True
        return (
            sql.replace("{databases}", facts.database_rows())
            .replace("{db}", quote(facts.database))
            .replace("{session}", str(facts.session_id))
            .replace("{sessions}", facts.session_rows())
            .replace("{logins}", facts.login_rows())
            .replace("{permissions}", "('', '')")
        )

    def _table_function(self, node: n.TableFunction) -> tuple[str, Source]:
        name = node.call.name
        if name.last.lower() == "fn_my_permissions":
            return self._my_permissions(node)
        if name.last.lower() == "string_split":
            return self._string_split(node)
        raise SqlError(208, f"Invalid object name '{name}'.", 16, 1, node.line)

    def _my_permissions(self, node: n.TableFunction) -> tuple[str, Source]:
        args = [self.value(arg, Scope()).const for arg in node.call.args]
        securable = args[0] if args and isinstance(args[0], str) else None
        kind = str(args[1]).upper() if len(args) > 1 else "DATABASE"
        listed = self.my_permissions(kind, securable)
        rows = ", ".join(f"({quote(kind.lower())}, {quote(item)})" for item in listed) or "('', '')"
        text, source = self._system_view(n.Name(("sys", "fn_my_permissions")), node.alias, node.line)
        return text.replace("('', '')", rows), source

    def my_permissions(self, kind: str, securable: str | None) -> list[str]:
        return []

    def _string_split(self, node: n.TableFunction) -> tuple[str, Source]:
        parts = [self.typed(arg, Scope()).sql for arg in node.call.args[:2]]
        alias = self.context.alias()
        text = f"(SELECT unnest(string_to_array({parts[0]}, {parts[1]}))) AS {alias}(c1)"
        exposed = (node.alias or "string_split").lower()
        return text, Source(alias, (exposed,), [SourceColumn("value", f"{alias}.c1", SqlType("nvarchar", 4000))])
