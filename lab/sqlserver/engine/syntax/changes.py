"""INSERT, UPDATE, DELETE, MERGE."""

from __future__ import annotations

from lab.sqlserver.model import SqlError

from . import nodes as n
from . import statements as s
from .lexer import Kind
from .queries import QueryParser

_ASSIGN = ("=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=")


class ChangeParser(QueryParser):
    def execute_statement(self) -> s.Execute:
        raise NotImplementedError  # provided by Parser

    def target(self) -> n.TableRef:
        line = self.token.line
        if self.token.kind is Kind.VARIABLE:
            ref = n.TableRef(n.Name((self.advance().text,)))
        else:
            ref = n.TableRef(self.name())
            ref.hints = self.table_hints()
        ref.line = line
        return ref

    def insert(self, ctes: list[n.Cte]) -> s.Insert | s.InsertBulk:
        self.need_word("INSERT")
        if self.take_word("BULK"):
            return self._insert_bulk()
        top = self.top_clause() if self.at_word("TOP") else None
        self.take_word("INTO")
        statement = s.Insert(self.target(), None, ctes=ctes, top=top)
        if self.at_op("(") and self.ahead().upper != "SELECT":
            statement.columns = self._insert_columns()
        statement.target.hints += self.table_hints()
        if self.at_word("OUTPUT"):
            statement.output = self.output()
        if self.take_word("DEFAULT", "VALUES"):
            statement.default_values = True
        elif self.take_word("VALUES"):
            statement.rows = self.value_rows()
        elif self.at_any("EXEC", "EXECUTE"):
            statement.execute = self.execute_statement()
        else:
            statement.query = self.query_expression()
        return statement

    def _insert_bulk(self) -> s.InsertBulk:
        statement = s.InsertBulk(self.name(), [])
        self.need_op("(")
        while True:
            column = s.ColumnDef(self.name().last, self.type_name())
            if self.take_word("COLLATE"):
                column.collation = self.advance().text
            statement.columns.append(column)
            if not self.take_op(","):
                break
        self.need_op(")")
        if self.take_word("WITH"):
            self.need_op("(")
            while True:
                self._bulk_option(statement)
                if not self.take_op(","):
                    break
            self.need_op(")")
        return statement

    def _bulk_option(self, statement: s.InsertBulk) -> None:
        word = self.advance().upper
        if word in ("ROWS_PER_BATCH", "KILOBYTES_PER_BATCH"):
            self.need_op("=")
            statement.options[word] = self.integer()
        elif word in ("TABLOCK", "CHECK_CONSTRAINTS", "FIRE_TRIGGERS", "KEEP_NULLS"):
            statement.options[word] = None
        elif word == "ORDER":
            self.need_op("(")
            while True:
                self.name()
                _ = self.take_word("ASC") or self.take_word("DESC")
                if not self.take_op(","):
                    break
            self.need_op(")")
            statement.options[word] = None
        else:
            raise self.refuse(f"INSERT BULK .. WITH ({word})")

    def _insert_columns(self) -> list[str]:
        self.need_op("(")
        names = [self.name().last]
        while self.take_op(","):
            names.append(self.name().last)
        self.need_op(")")
        return names

    def output(self) -> s.OutputClause:
        self.need_word("OUTPUT")
        items = [self.select_item()]
        while self.take_op(","):
            items.append(self.select_item())
        clause = s.OutputClause(items)
        if self.take_word("INTO"):
            clause.into = n.Name((self.advance().text,)) if self.token.kind is Kind.VARIABLE else self.name()
            if self.at_op("("):
                clause.columns = self.column_names()
        return clause

    def update(self, ctes: list[n.Cte]) -> s.Update:
        self.need_word("UPDATE")
        top = self.top_clause() if self.at_word("TOP") else None
        target = self.target()
        self.need_word("SET")
        statement = s.Update(target, self.assignments(), ctes=ctes, top=top)
        if self.at_word("OUTPUT"):
            statement.output = self.output()
        if self.take_word("FROM"):
            statement.source = self.table_source()
        statement.where = self._where()
        return statement

    def _where(self) -> n.Node | None:
        condition = None
        if self.take_word("WHERE"):
            if self.at_word("CURRENT"):
                raise self.refuse("WHERE CURRENT OF")
            condition = self.expression()
        if self.at_word("OPTION"):
            self._query_hints()
        return condition

    def assignments(self) -> list[s.Assignment]:
        found = [self._assignment()]
        while self.take_op(","):
            found.append(self._assignment())
        return found

    def _assignment(self) -> s.Assignment:
        if self.token.kind is Kind.VARIABLE:
            variable = self.advance().text
            op = self._assign_op()
            return s.Assignment(None, self.expression(), variable, op)
        column = self.name()
        op = self._assign_op()
        return s.Assignment(column, self.expression(), None, op)

    def _assign_op(self) -> str:
        if self.token.text not in _ASSIGN:
            raise self.error()
        return self.advance().text

    def delete(self, ctes: list[n.Cte]) -> s.Delete:
        self.need_word("DELETE")
        top = self.top_clause() if self.at_word("TOP") else None
        self.take_word("FROM")
        statement = s.Delete(self.target(), ctes=ctes, top=top)
        if self.at_word("OUTPUT"):
            statement.output = self.output()
        if self.take_word("FROM"):
            statement.source = self.table_source()
        statement.where = self._where()
        return statement

    def merge(self, ctes: list[n.Cte]) -> s.Merge:
        self.need_word("MERGE")
        if self.at_word("TOP"):
            raise self.refuse("MERGE TOP")
        self.take_word("INTO")
        target = self.target()
        target.alias = self._alias() if not self.at_word("USING") else None
        target.hints += self.table_hints()
        self.need_word("USING")
        source = self.table_source()
        self.need_word("ON")
        statement = s.Merge(target, source, self.expression(), [], ctes=ctes)
        while self.take_word("WHEN"):
            statement.whens.append(self._when())
        if self.at_word("OUTPUT"):
            statement.output = self.output()
        if self.at_word("OPTION"):
            self._query_hints()
        if not self.at_op(";"):
            line = self.token.line
            raise SqlError(10713, "A MERGE statement must be terminated by a semi-colon (;).", 15, 1, line)
        return statement

    def _when(self) -> s.MergeWhen:
        negated = self.take_word("NOT")
        self.need_word("MATCHED")
        match = "MATCHED"
        if negated:
            match = "TARGET"
            if self.take_word("BY"):
                match = self.advance().upper
                if match not in ("TARGET", "SOURCE"):
                    raise self.error()
        condition = self.expression() if self.take_word("AND") else None
        self.need_word("THEN")
        when = s.MergeWhen(match, condition, "DELETE")
        if self.take_word("UPDATE"):
            self.need_word("SET")
            when.action, when.assignments = "UPDATE", self.assignments()
        elif self.take_word("INSERT"):
            when.action = "INSERT"
            when.columns = self._insert_columns() if self.at_op("(") else None
            if self.take_word("DEFAULT"):
                raise self.refuse("MERGE .. INSERT DEFAULT VALUES")
            self.need_word("VALUES")
            self.need_op("(")
            when.values = self.expression_list()
            self.need_op(")")
        else:
            self.need_word("DELETE")
        return when
