"""SELECT, FROM, set operations, common table expressions."""

from __future__ import annotations

from . import nodes as n
from .expressions import ExpressionParser
from .lexer import Kind

_JOIN_HINTS = ("LOOP", "HASH", "MERGE", "REMOTE")


class QueryParser(ExpressionParser):
    def query_expression(self) -> n.Query:
        ctes = self.ctes() if self.at_word("WITH") else []
        body = self._union()
        query = n.Query(body, ctes=ctes)
        if self.at_word("ORDER"):
            query.order_by = self.order_by()
            if self.take_word("OFFSET"):
                query.offset = self.expression()
                self._rows()
                if self.take_word("FETCH"):
                    if not self.take_word("NEXT"):
                        self.need_word("FIRST")
                    query.fetch = self.expression()
                    self._rows()
                    self.need_word("ONLY")
        if self.at_word("FOR") and self.ahead().upper in ("XML", "JSON", "BROWSE"):
            raise self.refuse(f"FOR {self.ahead().upper}")
        if self.at_word("OPTION"):
            self._query_hints()
        return query

    def _rows(self) -> None:
        if not self.take_word("ROWS"):
            self.need_word("ROW")

    def _query_hints(self) -> None:
        # Hints steer SQL Server's optimizer; they do not change results.
        self.advance()
        self.need_op("(")
        depth = 1
        while depth:
            if self.token.kind is Kind.END:
                raise self.error()
            depth += 1 if self.at_op("(") else -1 if self.at_op(")") else 0
            self.advance()

    def ctes(self) -> list[n.Cte]:
        self.need_word("WITH")
        found = [self._cte()]
        while self.take_op(","):
            found.append(self._cte())
        return found

    def _cte(self) -> n.Cte:
        name = self.identifier()
        columns = self.column_names() if self.at_op("(") else None
        self.need_word("AS")
        self.need_op("(")
        query = self.query_expression()
        self.need_op(")")
        return n.Cte(name, columns, query)

    def column_names(self) -> list[str]:
        self.need_op("(")
        names = [self.identifier()]
        while self.take_op(","):
            names.append(self.identifier())
        self.need_op(")")
        return names

    def _union(self) -> n.Node:
        left = self._intersect()
        while self.at_any("UNION", "EXCEPT"):
            op = self.advance().upper
            if op == "UNION" and self.take_word("ALL"):
                op = "UNION ALL"
            left = n.SetOp(op, left, self._intersect())
        return left

    def _intersect(self) -> n.Node:
        left = self._query_primary()
        while self.take_word("INTERSECT"):
            left = n.SetOp("INTERSECT", left, self._query_primary())
        return left

    def _query_primary(self) -> n.Node:
        if self.take_op("("):
            inner = self.query_expression()
            self.need_op(")")
            return inner if inner.order_by or inner.ctes else inner.body
        return self._select()

    def _select(self) -> n.Select:
        line = self.token.line
        self.need_word("SELECT")
        select = n.Select([])
        select.line = line
        if self.take_word("DISTINCT"):
            select.distinct = True
        else:
            self.take_word("ALL")
        if self.at_word("TOP"):
            self._top(select)
        select.items = [self.select_item()]
        while self.take_op(","):
            select.items.append(self.select_item())
        if self.take_word("INTO"):
            select.into = self.name()
        if self.take_word("FROM"):
            select.source = self.table_source()
        if self.take_word("WHERE"):
            select.where = self.expression()
        if self.take_word("GROUP"):
            self.need_word("BY")
            if self.at_any("ROLLUP", "CUBE", "GROUPING"):
                raise self.refuse(f"GROUP BY {self.token.upper}")
            select.group_by = self.expression_list()
        if self.take_word("HAVING"):
            select.having = self.expression()
        return select

    def top_clause(self) -> n.Node:
        self.need_word("TOP")
        if self.take_op("("):
            value = self.expression()
            self.need_op(")")
            return value
        return n.Literal("int", str(self.integer()))

    def _top(self, select: n.Select) -> None:
        self.need_word("TOP")
        if self.take_op("("):
            select.top = self.expression()
            self.need_op(")")
        elif self.token.kind is Kind.VARIABLE:
            select.top = n.Variable(self.advance().text)
        else:
            select.top = n.Literal("int", str(self.integer()))
        select.top_percent = self.take_word("PERCENT")
        if self.at_word("WITH", "TIES"):
            self.take_word("WITH", "TIES")
            select.with_ties = True

    def select_item(self) -> n.SelectItem:
        if self.take_op("*"):
            return n.SelectItem(n.Star())
        token, after = self.token, self.ahead()
        if token.kind is Kind.VARIABLE and after.text in ("=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^="):
            self.advance()
            op = self.advance().text
            return n.SelectItem(self.expression(), assign=token.text, assign_op=op)
        if token.kind in (Kind.WORD, Kind.QUOTED, Kind.STRING) and after.text == "=" and after.kind is Kind.OP:
            self.advance()
            self.advance()
            return n.SelectItem(self.expression(), token.text)
        value = self.expression()
        return n.SelectItem(value, self._alias(strings=True))

    def _alias(self, strings: bool = False) -> str | None:
        if self.take_word("AS"):
            if self.token.kind in (Kind.STRING, Kind.NSTRING) or self.token.kind is Kind.WORD:
                return self.advance().text
            return self.identifier()
        if strings and self.token.kind in (Kind.STRING, Kind.NSTRING):
            return self.advance().text
        if self.at_name() and not self.at_any("OFFSET", "FETCH", "THROW", "GO"):
            return self.identifier()
        return None

    def table_source(self) -> n.Node:
        left = self._joined()
        while self.take_op(","):
            left = n.Join("CROSS", left, self._joined())
        return left

    def _joined(self) -> n.Node:
        left = self._table_primary()
        while True:
            kind = self._join_kind()
            if not kind:
                return left
            right = self._table_primary() if kind not in ("INNER", "LEFT", "RIGHT", "FULL") else self._right_side()
            on = None
            if kind in ("INNER", "LEFT", "RIGHT", "FULL"):
                self.need_word("ON")
                on = self.expression()
            left = n.Join(kind, left, right, on)

    def _right_side(self) -> n.Node:
        """`a JOIN b JOIN c ON .. ON ..`: a join that has no ON yet nests to the right."""
        right = self._table_primary()
        while not self.at_word("ON"):
            kind = self._join_kind()
            if not kind:
                raise self.error()
            inner = self._right_side() if kind in ("INNER", "LEFT", "RIGHT", "FULL") else self._table_primary()
            on = None
            if kind in ("INNER", "LEFT", "RIGHT", "FULL"):
                self.need_word("ON")
                on = self.expression()
            right = n.Join(kind, right, inner, on)
        return right

    def _join_kind(self) -> str:
        if self.take_word("CROSS", "JOIN"):
            return "CROSS"
        if self.take_word("CROSS", "APPLY"):
            return "CROSS APPLY"
        if self.take_word("OUTER", "APPLY"):
            return "OUTER APPLY"
        if self.take_word("JOIN"):
            return "INNER"
        if self.at_any("INNER", "LEFT", "RIGHT", "FULL"):
            kind = self.advance().upper
            self.take_word("OUTER")
            if self.at_any(*_JOIN_HINTS):
                self.advance()
            self.need_word("JOIN")
            return kind
        return ""

    def _table_primary(self) -> n.Node:
        if self.at_op("("):
            return self._parenthesised_table()
        if self.token.kind is Kind.VARIABLE:
            ref = n.TableRef(n.Name((self.advance().text,)))
            ref.alias = self._alias()
            return ref
        line = self.token.line
        if self.take_op("{"):  # ODBC outer join escape: {oj a left outer join b on ..}
            if self.advance().upper != "OJ":
                raise self.error()
            joined = self._joined()
            self.need_op("}")
            return joined
        name = self.name()
        if self.at_op("(") and self.ahead().upper not in ("NOLOCK", "READUNCOMMITTED", "HOLDLOCK", "TABLOCK"):
            call = self._call(name)
            assert isinstance(call, n.Call)
            function = n.TableFunction(call)
            function.line = line
            function.alias = self._alias()
            return function
        ref = n.TableRef(name)
        ref.line = line
        ref.hints += self.table_hints()
        ref.alias = self._alias()
        ref.hints += self.table_hints()
        return ref

    def table_hints(self) -> list[str]:
        """WITH (HOLDLOCK, INDEX(1)): names in upper case."""
        if not (self.at_word("WITH") and self.ahead().text == "("):
            return []
        self.advance()
        self.advance()
        hints: list[str] = []
        while not self.at_op(")"):
            if self.token.kind is Kind.END:
                raise self.error()
            if self.token.kind is Kind.WORD:
                hints.append(self.token.upper)
            self.advance()
        self.advance()
        return hints

    def _parenthesised_table(self) -> n.Node:
        if self.ahead().upper == "VALUES":
            self.need_op("(")
            self.need_word("VALUES")
            rows = self.value_rows()
            self.need_op(")")
            self.take_word("AS")
            return n.ValuesTable(rows, self.identifier(), self.column_names())
        if self.ahead().upper in ("SELECT", "WITH") or (self.ahead().text == "(" and self._nested_select()):
            self.need_op("(")
            query = self.query_expression()
            self.need_op(")")
            alias = self._alias()
            columns = self.column_names() if alias and self.at_op("(") else None
            return n.Derived(query, alias, columns)
        self.need_op("(")
        inner = self.table_source()
        self.need_op(")")
        return inner

    def value_rows(self) -> list[list[n.Node]]:
        rows = []
        while True:
            self.need_op("(")
            rows.append(self.expression_list())
            self.need_op(")")
            if not self.take_op(","):
                return rows
