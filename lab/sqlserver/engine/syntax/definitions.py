"""CREATE, ALTER, DROP of tables, indexes, views, schemas."""

from __future__ import annotations

from . import nodes as n
from . import statements as s
from .changes import ChangeParser
from .lexer import Kind, Token

_REFERENTIAL = (("NO", "ACTION"), ("SET", "NULL"), ("SET", "DEFAULT"), ("CASCADE",))


class DefinitionParser(ChangeParser):
    def create_table(self) -> s.CreateTable:
        statement = s.CreateTable(self.name(), [], [])
        self.table_body(statement)
        self._storage()
        return statement

    def table_body(self, statement: s.CreateTable) -> None:
        self.need_op("(")
        while True:
            if self._at_constraint():
                statement.constraints.append(self.table_constraint())
            elif self.at_word("INDEX"):
                raise self.refuse("inline INDEX in CREATE TABLE")
            elif not self.at_op(")"):
                statement.columns.append(self.column_def(statement.constraints))
            if not self.take_op(","):
                break
        self.need_op(")")

    def _at_constraint(self) -> bool:
        return self.at_any("CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK")

    def _storage(self) -> None:
        """ON [PRIMARY], TEXTIMAGE_ON, WITH (...): where and how a real server would store it; no meaning here."""
        while True:
            if self.at_any("ON", "TEXTIMAGE_ON") and self.ahead().kind in (Kind.WORD, Kind.QUOTED):
                self.advance()
                self.advance()
            elif self.at_word("WITH") and self.ahead().text == "(":
                self._options()
            else:
                return

    def _options(self) -> None:
        self.advance()
        self.need_op("(")
        while not self.take_op(")"):
            if self.token.kind is Kind.END:
                raise self.error()
            if self.at_any("SYSTEM_VERSIONING", "MEMORY_OPTIMIZED", "LEDGER", "CLUSTERED"):
                raise self.refuse(f"{self.token.upper} tables")
            if self.take_op("("):
                while not self.take_op(")"):
                    if self.token.kind is Kind.END:
                        raise self.error()
                    self.advance()
                continue
            self.advance()

    def column_def(self, constraints: list[s.TableConstraint]) -> s.ColumnDef:
        line = self.token.line
        column = s.ColumnDef(self.identifier(), None)
        column.line = line
        if self.take_word("AS"):
            start = self.token
            column.computed = self.expression()
            column.computed_text = self.source(start)
            self.take_word("PERSISTED")
        elif self.at_op(",") or self.at_op(")"):
            if column.name.lower() != "timestamp":
                raise self.error()
            column.type = n.TypeName("timestamp")
        else:
            column.type = self.type_name()
        while self._column_option(column, constraints):
            pass
        return column

    def _column_option(self, column: s.ColumnDef, constraints: list[s.TableConstraint]) -> bool:
        name = self.identifier() if self.take_word("CONSTRAINT") else None
        if self.take_word("NOT"):
            if self.take_word("FOR"):
                self.need_word("REPLICATION")
                return True
            self.need_word("NULL")
            column.nullable = False
        elif self.take_word("NULL"):
            column.nullable = True
        elif self.take_word("COLLATE"):
            column.collation = self._collation()
        elif self.take_word("IDENTITY"):
            column.identity = self._identity()
        elif self.take_word("DEFAULT"):
            start = self.token
            column.default = self._default_value()
            column.default_text = self.source(start)
            column.default_name = name
        elif self.take_word("ROWGUIDCOL"):
            column.rowguid = True
        elif self.take_word("SPARSE"):
            return True
        elif self.at_any("PRIMARY", "UNIQUE"):
            constraint = self._key(name)
            if not constraint.columns:
                constraint.columns = [s.KeyColumn(column.name)]
            constraints.append(constraint)
        elif self.at_word("CHECK"):
            constraints.append(self._check(name))
        elif self.at_any("REFERENCES", "FOREIGN"):
            if self.take_word("FOREIGN"):
                self.need_word("KEY")
            constraints.append(s.TableConstraint("FK", name, [s.KeyColumn(column.name)], reference=self._references()))
        elif self.at_any("ENCRYPTED", "MASKED", "GENERATED", "FILESTREAM"):
            raise self.refuse(f"column option {self.token.upper}")
        elif name is not None:
            raise self.error()
        else:
            return False
        return True

    def _default_value(self) -> n.Node:
        return self._additive()

    def _identity(self) -> tuple[int, int]:
        if not self.take_op("("):
            return 1, 1
        seed = self.integer()
        self.need_op(",")
        step = self.integer()
        self.need_op(")")
        return seed, step

    def table_constraint(self) -> s.TableConstraint:
        name = self.identifier() if self.take_word("CONSTRAINT") else None
        if self.at_any("PRIMARY", "UNIQUE"):
            constraint = self._key(name)
            if not constraint.columns:
                raise self.error()
            return constraint
        if self.at_word("CHECK"):
            return self._check(name)
        if self.take_word("FOREIGN"):
            self.need_word("KEY")
            columns = [s.KeyColumn(column) for column in self.column_names()]
            return s.TableConstraint("FK", name, columns, reference=self._references())
        if self.take_word("DEFAULT"):
            start = self.token
            value = self._default_value()
            text = self.source(start)
            self.need_word("FOR")
            return s.TableConstraint("D", name, check=value, text=text, for_column=self.identifier())
        raise self.error()

    def _key(self, name: str | None) -> s.TableConstraint:
        if self.take_word("PRIMARY"):
            self.need_word("KEY")
            constraint = s.TableConstraint("PK", name)
        else:
            self.need_word("UNIQUE")
            constraint = s.TableConstraint("UQ", name)
        if self.take_word("CLUSTERED"):
            constraint.clustered = True
        elif self.take_word("NONCLUSTERED"):
            constraint.clustered = False
        if self.at_op("("):
            constraint.columns = self.key_columns()
        self._storage()
        return constraint

    def key_columns(self) -> list[s.KeyColumn]:
        self.need_op("(")
        columns = []
        while True:
            name = self.identifier()
            descending = self.take_word("DESC")
            if not descending:
                self.take_word("ASC")
            columns.append(s.KeyColumn(name, descending))
            if not self.take_op(","):
                break
        self.need_op(")")
        return columns

    def _check(self, name: str | None) -> s.TableConstraint:
        self.need_word("CHECK")
        if self.take_word("NOT"):
            self.need_word("FOR")
            self.need_word("REPLICATION")
        start = self.token
        self.need_op("(")
        condition = self.expression()
        self.need_op(")")
        return s.TableConstraint("C", name, check=condition, text=self.source(start))

    def _references(self) -> s.ForeignKey:
        self.need_word("REFERENCES")
        key = s.ForeignKey(self.name(), self.column_names() if self.at_op("(") else [])
        while self.at_word("ON") and self.ahead().upper in ("DELETE", "UPDATE"):
            self.advance()
            event = self.advance().upper
            for words in _REFERENTIAL:
                if self.take_word(*words):
                    break
            else:
                raise self.error()
            if event == "DELETE":
                key.on_delete = " ".join(words)
            else:
                key.on_update = " ".join(words)
        return key

    def alter_table(self) -> s.AlterTable:
        statement = s.AlterTable(self.name(), "")
        nocheck = False
        if self.take_word("WITH"):
            nocheck = self.advance().upper == "NOCHECK"
        if self.take_word("ADD"):
            statement.action = "ADD"
            self._alter_add(statement)
        elif self.take_word("ALTER", "COLUMN"):
            statement.action = "ALTER COLUMN"
            statement.columns = [self.column_def(statement.constraints)]
        elif self.take_word("DROP"):
            self._alter_drop(statement)
        elif self.at_any("CHECK", "NOCHECK"):
            statement.action = f"{self.advance().upper} CONSTRAINT"
            self.need_word("CONSTRAINT")
            statement.names = [] if self.take_word("ALL") else [self.identifier()]
        elif self.take_word("REBUILD"):
            statement.action = "REBUILD"
            self._storage()
        elif self.take_word("SET"):
            self.need_op("(")
            if not self.take_word("LOCK_ESCALATION"):
                raise self.refuse(f"ALTER TABLE .. SET ({self.token.upper})")
            self.need_op("=")
            if self.advance().upper not in ("TABLE", "AUTO", "DISABLE"):
                raise self.error()
            self.need_op(")")
            statement.action = "REBUILD"
        else:
            raise self.refuse(f"ALTER TABLE .. {self.token.text}")
        for constraint in statement.constraints:
            constraint.with_nocheck = nocheck
        return statement

    def _alter_add(self, statement: s.AlterTable) -> None:
        while True:
            if self._at_constraint() or self.at_word("DEFAULT"):
                statement.constraints.append(self.table_constraint())
            else:
                statement.columns.append(self.column_def(statement.constraints))
                statement.columns[-1].with_values = self.take_word("WITH", "VALUES")
            if not self.take_op(","):
                return

    def _alter_drop(self, statement: s.AlterTable) -> None:
        """COLUMN or CONSTRAINT holds for the names behind it until the other word comes."""
        statement.action, what = "DROP", "CONSTRAINT"
        while True:
            if self.take_word("COLUMN"):
                what = "COLUMN"
            elif self.take_word("CONSTRAINT"):
                what = "CONSTRAINT"
            statement.if_exists = self.take_word("IF", "EXISTS") or statement.if_exists
            statement.drops.append((what, self.identifier()))
            if not self.take_op(","):
                return

    def create_index(self, unique: bool) -> s.CreateIndex:
        clustered = self.take_word("CLUSTERED")
        if not clustered:
            self.take_word("NONCLUSTERED")
        if self.at_word("COLUMNSTORE"):
            raise self.refuse("columnstore indexes")
        self.need_word("INDEX")
        name = self.identifier()
        self.need_word("ON")
        statement = s.CreateIndex(name, self.name(), [], unique=unique, clustered=clustered)
        statement.columns = self.key_columns()
        if self.take_word("INCLUDE"):
            statement.include = self.column_names()
        if self.take_word("WHERE"):
            start = self.token
            statement.where = self.expression()
            statement.where_text = self.source(start)
        self._storage()
        return statement

    def create_view(self, start: Token, alter: bool, or_alter: bool) -> s.CreateView:
        name = self.name()
        columns = self.column_names() if self.at_op("(") else None
        if self.take_word("WITH"):
            self.advance()
            while self.take_op(","):
                self.advance()
        self.need_word("AS")
        query = self.query_expression()
        return s.CreateView(name, columns, query, self.source(start), alter, or_alter)
