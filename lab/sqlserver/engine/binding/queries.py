"""Binds SELECT: sources, select list, grouping, order, set operations."""

from __future__ import annotations

from lab.sqlserver.engine.catalog.model import TableInfo
from lab.sqlserver.engine.syntax import nodes as n
from lab.sqlserver.engine.syntax.base import unsupported
from lab.sqlserver.engine.types import BIGINT
from lab.sqlserver.model import SqlError, SqlType

from . import operators
from .ex import BoundQuery, Ex, Scope, Source, SourceColumn
from .functions import FunctionBinder
from .tables import TableBinder

_JOINS = {"INNER": "JOIN", "LEFT": "LEFT JOIN", "RIGHT": "RIGHT JOIN", "FULL": "FULL JOIN", "CROSS": "CROSS JOIN",
          "CROSS APPLY": "CROSS JOIN LATERAL", "OUTER APPLY": "LEFT JOIN LATERAL"}  # fmt: skip


class QueryBinder(TableBinder, FunctionBinder):
    _in_set = 0

    def query(self, query: n.Query, outer: Scope | None) -> BoundQuery:
        saved = self.context.ctes
        try:
            prefix = self.with_ctes(query.ctes, outer)
            bound = self._body(query, outer)
        finally:
            self.context.ctes = saved
        return BoundQuery(prefix + bound.sql, bound.columns) if prefix else bound

    def with_ctes(self, ctes: list[n.Cte], outer: Scope | None) -> str:
        """`WITH a1(c1, c2) AS (..) `; the caller puts the context's names back when it is done."""
        if not ctes:
            return ""
        self.context.ctes = dict(self.context.ctes)
        parts, recursive = [], False
        for cte in ctes:
            text, again = self._cte(cte, outer)
            parts.append(text)
            recursive = recursive or again
        return f"WITH {'RECURSIVE ' if recursive else ''}{', '.join(parts)} "

    def _cte(self, cte: n.Cte, outer: Scope | None) -> tuple[str, bool]:
        alias = self.context.alias()
        body = cte.query.body
        recursive = isinstance(body, n.SetOp) and body.op == "UNION ALL" and _mentions(body.right, cte.name)
        if recursive:
            assert isinstance(body, n.SetOp)
            anchor = self._body(n.Query(body.left), outer)
            self.context.ctes[cte.name.lower()] = self._cte_source(cte, alias, anchor)
            step = self._body(n.Query(body.right), outer)
            casted = ", ".join(
                f"({self.convert(Ex(f'z.c{i}', s.type, s.nullable), a.type or SqlType('int')).sql}) AS c{i}"
                for i, (a, s) in enumerate(zip(anchor.columns, step.columns, strict=True), 1)
            )
            return f"{alias} AS ({anchor.sql} UNION ALL SELECT {casted} FROM ({step.sql}) AS z)", True
        changed = self.context.changed_cte == cte.name.lower()
        if changed:
            bound, table = self._changed_cte(cte, outer)
        else:
            bound = self.query(cte.query, outer)
        source = self._cte_source(cte, alias, bound)
        if changed:
            source.target, source.row = table, "rid"
        self.context.ctes[cte.name.lower()] = source
        return f"{alias} AS ({bound.sql})", False

    def _changed_cte(self, cte: n.Cte, outer: Scope | None) -> tuple[BoundQuery, TableInfo]:
        """A CTE over one table whose rows a statement changes: it carries their names along."""
        body = cte.query.body
        if (
            not isinstance(body, n.Select)
            or not isinstance(body.source, n.TableRef)
            or body.group_by
            or body.distinct
            or cte.query.offset is not None
            or cte.query.ctes
        ):
            raise unsupported("a change through a common table expression that is not one table's rows", cte.query.line)
        bound, scope = self._select_in(body, cte.query, outer, with_row=True)
        table = scope.sources[0].target
        if table is None or scope.sources[0].row != "ctid":
            raise unsupported("a change through a common table expression over a view", cte.query.line)
        return bound, table

    def _cte_source(self, cte: n.Cte, alias: str, bound: BoundQuery) -> Source:
        names = cte.columns or [column.name for column in bound.columns]
        if len(names) != len(bound.columns):
            raise SqlError(8158, f"'{cte.name}' has more columns than were specified in the column list.", 16)
        columns = [
            SourceColumn(name, f"c{i}", ex.type or SqlType("int"), ex.nullable)
            for i, (name, ex) in enumerate(zip(names, bound.columns, strict=True), 1)
        ]
        return Source(alias, (cte.name.lower(),), columns)

    def _body(self, query: n.Query, outer: Scope | None) -> BoundQuery:
        body = query.body
        if isinstance(body, n.Select):
            return self._select(body, query, outer)
        if isinstance(body, n.Query):
            inner = self.query(body, outer)
            return self._ordered(inner, query, outer)
        assert isinstance(body, n.SetOp)
        return self._ordered(self._set_operation(body, outer), query, outer)

    def _set_operation(self, node: n.SetOp, outer: Scope | None) -> BoundQuery:
        self._in_set += 1  # PostgreSQL locks no rows there
        try:
            left, right = self._branch(node.left, outer), self._branch(node.right, outer)
        finally:
            self._in_set -= 1
        if len(left.columns) != len(right.columns):
            raise SqlError(205, "All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal "
                           "number of expressions in their target lists.")  # fmt: skip
        kinds = []
        for a, b in zip(left.columns, right.columns, strict=True):
            kinds.append(operators.common(a.type, b.type) if a.type and b.type else a.type or b.type or SqlType("int"))
        columns = [
            Ex(f"c{i}", kind, a.nullable or b.nullable, a.name)
            for i, (kind, a, b) in enumerate(zip(kinds, left.columns, right.columns, strict=True), 1)
        ]
        return BoundQuery(f"{self._cast_branch(left, kinds)} {node.op} {self._cast_branch(right, kinds)}", columns)

    def _branch(self, node: n.Node, outer: Scope | None) -> BoundQuery:
        if isinstance(node, n.SetOp):
            return self._set_operation(node, outer)
        if isinstance(node, n.Query):
            return self.query(node, outer)
        assert isinstance(node, n.Select)
        return self._select(node, n.Query(node), outer)

    def _cast_branch(self, bound: BoundQuery, kinds: list[SqlType]) -> str:
        if all(ex.type == kind for ex, kind in zip(bound.columns, kinds, strict=True)):
            return f"(({bound.sql}))"
        alias = self.context.alias()
        items = []
        for i, (ex, kind) in enumerate(zip(bound.columns, kinds, strict=True), 1):
            items.append(f"{self.convert(Ex(f'{alias}.c{i}', ex.type, ex.nullable), kind).sql} AS c{i}")
        return f"(SELECT {', '.join(items)} FROM ({bound.sql}) AS {alias})"

    def _ordered(self, bound: BoundQuery, query: n.Query, outer: Scope | None) -> BoundQuery:
        if not query.order_by and query.offset is None:
            return bound
        alias = self.context.alias()
        columns = [
            SourceColumn(ex.name, f"{alias}.c{i}", ex.type or SqlType("int"), ex.nullable)
            for i, ex in enumerate(bound.columns, 1)
        ]
        scope = Scope([Source(alias, ("",), columns)], outer)
        order = self._order(query.order_by, scope, bound.columns, [])
        return BoundQuery(
            f"SELECT {alias}.* FROM ({bound.sql}) AS {alias}{order}{self._offset_fetch(query, scope)}", bound.columns
        )

    def _select(self, select: n.Select, query: n.Query, outer: Scope | None) -> BoundQuery:
        return self._select_in(select, query, outer)[0]

    def _select_in(
        self, select: n.Select, query: n.Query, outer: Scope | None, with_row: bool = False
    ) -> tuple[BoundQuery, Scope]:
        scope = Scope([], outer)
        source = f" FROM {self.from_clause(select.source, scope)}" if select.source is not None else ""
        where = f" WHERE {self.predicate(select.where, scope)}" if select.where is not None else ""
        folded = self.context.folded
        items = self._items(select, scope)
        plain = folded == self.context.folded and not (select.group_by or select.distinct or select.having)
        group = ""
        if select.group_by:
            group = " GROUP BY " + ", ".join(self._group_key(node, scope) for node in select.group_by)
        having = f" HAVING {self.predicate(select.having, scope)}" if select.having is not None else ""
        listed = ", ".join(f"{ex.sql} AS c{i}" for i, ex in enumerate(items, 1))
        tail = self._order(query.order_by, scope, items, select.items, select.distinct) + self._limit(
            select, query, scope
        )
        distinct = "DISTINCT " if select.distinct else ""
        if with_row:
            listed += f", {scope.sources[0].alias}.ctid AS rid"
        locks = ""
        if plain and outer is None and not with_row and not self._in_set and _only_inner(select.source):
            locks = "".join(one.lock for one in scope.sources)
        sql = f"SELECT {distinct}{listed}{source}{where}{group}{having}{tail}{locks}"
        return BoundQuery(sql, items), scope

    def _group_key(self, node: n.Node, scope: Scope) -> str:
        return self.typed(node, scope).sql

    def _items(self, select: n.Select, scope: Scope) -> list[Ex]:
        items: list[Ex] = []
        for item in select.items:
            if isinstance(item.value, n.Star):
                items += self._star(item.value, scope)
                continue
            ex = self.value(item.value, scope)
            if ex.type is None:
                kind = SqlType("int") if ex.parameter is None else SqlType("nvarchar", 4000)
                ex = self.give_type(ex, kind)
            ex.name = item.alias if item.alias is not None else (ex.name if isinstance(item.value, n.ColumnRef) else "")
            if not ex.column:
                ex.table = None
            items.append(ex)
        return items

    def _star(self, star: n.Star, scope: Scope) -> list[Ex]:
        qualifier = tuple(part.lower() for part in star.qualifier.parts if part) if star.qualifier else ()
        chosen = [source for source in scope.sources if not qualifier or source.names[-len(qualifier) :] == qualifier]
        if not chosen:
            if qualifier:
                raise SqlError(107, f"The column prefix '{star.qualifier}' does not match with a table name or alias "
                               "name used in the query.", 15)  # fmt: skip
            raise SqlError(263, "Must specify table to select from.")
        return [
            Ex(c.sql, c.type, c.nullable, c.name, column=True, table=c.table, identity=c.identity)
            for source in chosen
            for c in source.columns
        ]

    def _order(
        self,
        order: list[n.OrderItem],
        scope: Scope,
        items: list[Ex],
        written: list[n.SelectItem],
        distinct: bool = False,
    ) -> str:
        parts = []
        for item in order:
            direction = "DESC NULLS LAST" if item.descending else "ASC NULLS FIRST"
            at = self._ordinal(item.value, items)
            if at is None and isinstance(item.value, n.Subquery) and not _reads(item.value):
                continue  # ORDER BY (SELECT NULL): any order will do
            ex = items[at] if at is not None else self.typed(item.value, scope)
            if at is not None and (ex.type is None or ex.type.name != "datetimeoffset" or distinct):
                parts.append(f"{at + 1} {direction}")
                continue
            if distinct and at is None:
                matching = [i for i, shown in enumerate(items, 1) if shown.sql == ex.sql]
                if not matching:
                    raise SqlError(
                        145, "ORDER BY items must appear in the select list if SELECT DISTINCT is specified.", 15
                    )
                parts.append(f"{matching[0]} {direction}")
                continue
            parts.append(f"{self.order_key(ex)} {direction}")
        return " ORDER BY " + ", ".join(parts) if parts else ""

    def _ordinal(self, node: n.Node, items: list[Ex]) -> int | None:
        """The select item an ORDER BY names by number or alias."""
        if isinstance(node, n.Literal) and node.kind == "int":
            at = int(node.value)
            if not 1 <= at <= len(items):
                raise SqlError(108, f"The ORDER BY position number {at} is out of range of the number of items in the "
                               "select list.", 15)  # fmt: skip
            return at - 1
        if isinstance(node, n.ColumnRef) and len(node.name.parts) == 1:
            name = node.name.last.lower()
            found = [i for i, ex in enumerate(items) if ex.name.lower() == name]
            if found:
                return found[0]
        return None

    def _limit(self, select: n.Select, query: n.Query, scope: Scope) -> str:
        if select.top is None:
            return self._offset_fetch(query, scope)
        if query.offset is not None:
            raise SqlError(10741, "A TOP can not be used in the same query or sub-query as a OFFSET.", 15)
        if select.top_percent:
            raise unsupported("TOP .. PERCENT", select.line)
        count = self.convert(self.typed(select.top, scope, BIGINT), BIGINT).sql
        if select.with_ties:
            return f" FETCH FIRST ({count}) ROWS WITH TIES"
        return f" LIMIT {count}"

    def _offset_fetch(self, query: n.Query, scope: Scope) -> str:
        if query.offset is None:
            return ""
        text = f" OFFSET {self.convert(self.typed(query.offset, scope, BIGINT), BIGINT).sql}"
        if query.fetch is not None:
            text += f" LIMIT {self.convert(self.typed(query.fetch, scope, BIGINT), BIGINT).sql}"
        return text

    # --- FROM ----------------------------------------------------------------------------------------------------

    def from_clause(self, node: n.Node, scope: Scope) -> str:
        if isinstance(node, n.Join):
            return self._join(node, scope)
        text, source = self.table_source(node, scope)
        if any(
            source.names[-1] == other.names[-1] and source.names[-1] and other.names == source.names
            for other in scope.sources
        ):
            raise SqlError(1013, f'The objects "{source.names[-1]}" and "{source.names[-1]}" in the FROM clause have the '
                           "same exposed names. Use correlation names to distinguish them.", 16)  # fmt: skip
        scope.sources.append(source)
        return text

    def _join(self, node: n.Join, scope: Scope) -> str:
        left = self.from_clause(node.left, scope)
        before = len(scope.sources)
        # Only APPLY lets the right side see the left.
        if "APPLY" in node.kind:
            inner = Scope([], scope)
            right, source = self.table_source(node.right, inner, lateral=True)
            scope.sources.append(source)
        else:
            right = self.from_clause(node.right, scope)
        right = f"({right})" if isinstance(node.right, n.Join) else right
        on = f" ON {self.predicate(node.on, scope)}" if node.on is not None else ""
        if node.kind == "OUTER APPLY":
            on = " ON true"
        if node.kind in ("LEFT", "FULL", "OUTER APPLY"):
            _make_nullable(scope.sources[before:])
        if node.kind in ("RIGHT", "FULL"):
            _make_nullable(scope.sources[:before])
        return f"{left} {_JOINS[node.kind]} {right}{on}"

    def derived(self, node: n.Derived, scope: Scope, lateral: bool) -> tuple[str, Source]:
        if node.alias is None:
            raise SqlError(102, "Incorrect syntax near ')'.", 15, 1, node.line)
        bound = self.query(node.query, scope if lateral else scope.parent)
        alias = self.context.alias()
        names = node.columns or [ex.name for ex in bound.columns]
        if len(names) != len(bound.columns):
            raise SqlError(8158, f"'{node.alias}' has more columns than were specified in the column list.")
        for position, name in enumerate(names, 1):
            if not name:
                raise SqlError(8155, f"No column name was specified for column {position} of '{node.alias}'.")
        columns = [
            SourceColumn(name, f"{alias}.c{i}", ex.type or SqlType("int"), ex.nullable, table=ex.table)
            for i, (name, ex) in enumerate(zip(names, bound.columns, strict=True), 1)
        ]
        return f"({bound.sql}) AS {alias}", Source(alias, (node.alias.lower(),), columns)

    def values_table(self, node: n.ValuesTable, scope: Scope) -> tuple[str, Source]:
        rows = [[self.value(item, scope) for item in row] for row in node.rows]
        if any(len(row) != len(node.columns) for row in rows):
            raise SqlError(8158, f"'{node.alias}' has more columns than were specified in the column list.")
        kinds = [self.common_type([row[i] for row in rows]) for i in range(len(node.columns))]
        listed = ", ".join(
            "(" + ", ".join(self.convert(ex, kind).sql for ex, kind in zip(row, kinds, strict=True)) + ")"
            for row in rows
        )
        alias = self.context.alias()
        columns = [
            SourceColumn(name, f"{alias}.c{i}", kind)
            for i, (name, kind) in enumerate(zip(node.columns, kinds, strict=True), 1)
        ]
        named = ", ".join(f"c{i}" for i in range(1, len(kinds) + 1))
        return f"(VALUES {listed}) AS {alias}({named})", Source(alias, (node.alias.lower(),), columns)


def _only_inner(node: n.Node | None) -> bool:
    if isinstance(node, n.Join):
        return node.kind in ("INNER", "CROSS") and _only_inner(node.left) and _only_inner(node.right)
    return isinstance(node, n.TableRef)


def _make_nullable(sources: list[Source]) -> None:
    for source in sources:
        for column in source.columns:
            column.nullable = True


def _mentions(node: object, name: str) -> bool:
    """Whether a CTE's text reads the CTE itself."""
    if isinstance(node, n.TableRef):
        return len(node.name.parts) == 1 and node.name.last.lower() == name.lower()
    if isinstance(node, list):
        return any(_mentions(item, name) for item in node)
    if isinstance(node, n.Node):
        return any(_mentions(value, name) for value in vars(node).values())
    return False


def _reads(node: n.Subquery) -> bool:
    body = node.query.body
    return not isinstance(body, n.Select) or body.source is not None
