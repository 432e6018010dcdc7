"""Batches: statements, blocks, variables."""

from __future__ import annotations

from collections.abc import Callable

from . import nodes as n
from . import statements as s
from .lexer import Kind
from .security import SecurityParser
from .words import STATEMENT_STARTS

_SETTINGS_WITH_TEXT = {
    "LOCK_TIMEOUT", "TEXTSIZE", "ROWCOUNT", "DATEFORMAT", "DATEFIRST", "LANGUAGE", "DEADLOCK_PRIORITY",
    "CONTEXT_INFO", "QUERY_GOVERNOR_COST_LIMIT",
}  # fmt: skip


class Parser(SecurityParser):
    _statements: dict[str, Callable[[], s.Statement]] | None = None

    def batch(self) -> list[s.Statement]:
        statements: list[s.Statement] = []
        while True:
            while self.take_op(";"):
                pass
            if self.token.kind is Kind.END:
                return statements
            statements.append(self.statement(first=not statements))

    def statement(self, first: bool = False) -> s.Statement:
        token = self.token
        if self._statements is None:
            self._statements = self._handlers()
        handler = self._statements.get(token.upper) if token.kind is Kind.WORD else None
        if self.at_op("("):
            statement: s.Statement = s.SelectStatement(self.query_expression())
        elif handler is not None:
            statement = handler()
        elif first and self.at_name():
            statement = self._call_without_exec()
        elif self.at_op("{"):
            statement = self._odbc_call()
        else:
            raise self.error()
        statement.line = token.line
        return statement

    def _handlers(self) -> dict[str, Callable[[], s.Statement]]:
        return {
            "SELECT": lambda: s.SelectStatement(self.query_expression()), "WITH": self._with,
            "INSERT": lambda: self.insert([]), "UPDATE": self._update, "DELETE": lambda: self.delete([]),
            "MERGE": lambda: self.merge([]), "CREATE": self._create, "ALTER": self._alter, "DROP": self.drop,
            "TRUNCATE": self._truncate, "DECLARE": self._declare, "SET": self._set, "IF": self._if,
            "WHILE": self._while, "BEGIN": self._begin, "RETURN": self._return, "BREAK": self._break,
            "CONTINUE": self._continue, "PRINT": self._print, "RAISERROR": self._raiserror, "THROW": self._throw,
            "EXEC": self.execute_statement, "EXECUTE": self.execute_statement, "USE": self._use,
            "WAITFOR": self._waitfor, "COMMIT": self._commit, "ROLLBACK": self._rollback, "SAVE": self._save,
            "GRANT": self.permission, "DENY": self.permission, "REVOKE": self.permission, "DBCC": self._dbcc,
            "CHECKPOINT": self._checkpoint, "BACKUP": self._unserved, "RESTORE": self._unserved, "BULK": self._unserved,
            "OPEN": self._unserved, "GOTO": self._unserved, "KILL": self._unserved,
        }  # fmt: skip

    def _unserved(self) -> s.Statement:
        """Without this, the word would be taken for a procedure's name."""
        raise self.refuse(self.token.upper)

    def _with(self) -> s.Statement:
        ctes = self.ctes()
        if self.at_word("SELECT") or self.at_op("("):
            query = self.query_expression()
            query.ctes = ctes
            return s.SelectStatement(query)
        if self.at_word("INSERT"):
            return self.insert(ctes)
        if self.at_word("UPDATE"):
            return self.update(ctes)
        if self.at_word("DELETE"):
            return self.delete(ctes)
        if self.at_word("MERGE"):
            return self.merge(ctes)
        raise self.error()

    def _update(self) -> s.Statement:
        if self.ahead().upper == "STATISTICS":
            self.advance()
            self.advance()
            statement = s.UpdateStatistics(self.name())
            if self.take_word("WITH") and not (self.take_word("FULLSCAN") or self.take_word("RESAMPLE")):
                raise self.refuse(f"UPDATE STATISTICS WITH {self.token.upper}")
            return statement
        return self.update([])

    def _create(self) -> s.Statement:
        start = self.advance()
        or_alter = self.take_word("OR", "ALTER")
        if self.take_word("TABLE"):
            return self.create_table()
        if self.take_word("VIEW"):
            return self.create_view(start, False, or_alter)
        if self.take_word("SCHEMA"):
            name = "" if self.at_word("AUTHORIZATION") else self.identifier()
            owner = self.identifier() if self.take_word("AUTHORIZATION") else None
            return s.CreateSchema(name or owner or "", owner)
        if self.take_word("DATABASE"):
            return self.create_database()
        if self.take_word("LOGIN"):
            return self.login(alter=False)
        if self.take_word("USER"):
            return self.create_user()
        if self.take_word("UNIQUE"):
            return self.create_index(unique=True)
        if self.at_any("INDEX", "CLUSTERED", "NONCLUSTERED"):
            return self.create_index(unique=False)
        raise self.refuse(f"CREATE {self.token.upper}")

    def _alter(self) -> s.Statement:
        start = self.advance()
        if self.take_word("TABLE"):
            return self.alter_table()
        if self.take_word("VIEW"):
            return self.create_view(start, True, False)
        if self.take_word("DATABASE"):
            return self.alter_database()
        if self.take_word("LOGIN"):
            return self.login(alter=True)
        if self.take_word("ROLE"):
            return self.alter_role(server=False)
        if self.take_word("SCHEMA"):
            return self._transfer()
        if self.take_word("INDEX"):
            return self._alter_index()
        if self.take_word("SERVER", "ROLE"):
            return self.alter_role(server=True)
        raise self.refuse(f"ALTER {self.token.upper}")

    def _truncate(self) -> s.Statement:
        self.advance()
        self.need_word("TABLE")
        statement = s.Truncate(self.name())
        if self.at_word("WITH"):
            raise self.refuse("TRUNCATE TABLE WITH (PARTITIONS)")
        return statement

    def _declare(self) -> s.Statement:
        self.advance()
        statement = s.Declare([])
        while True:
            if self.token.kind is not Kind.VARIABLE:
                raise self.error()
            name = self.advance().text
            self.take_word("AS")
            if self.take_word("TABLE"):
                table = s.CreateTable(n.Name((name,)), [], [], variable=True)
                self.table_body(table)
                statement.tables.append(table)
            elif self.at_word("CURSOR"):
                raise self.refuse("cursors")
            else:
                type_name = self.type_name()
                statement.variables.append(
                    s.Declaration(name, type_name, self.expression() if self.take_op("=") else None)
                )
            if not self.take_op(","):
                return statement

    def _set(self) -> s.Statement:
        self.advance()
        if self.token.kind is Kind.VARIABLE:
            name = self.advance().text
            op = self._assign_op()
            return s.SetVariable(name, self.expression(), op)
        if self.take_word("TRANSACTION", "ISOLATION", "LEVEL"):
            level = self.advance().upper
            if level in ("READ", "REPEATABLE"):
                level += " " + self.advance().upper
            return s.SetOption(["TRANSACTION ISOLATION LEVEL"], level)
        if self.take_word("IDENTITY_INSERT"):
            table = self.name()
            return s.SetOption(["IDENTITY_INSERT"], self._on_off(), table)
        if self.take_word("STATISTICS"):
            option = self.advance().upper
            return s.SetOption([f"STATISTICS {option}"], self._on_off())
        names = [self.advance().upper]
        while self.take_op(","):
            names.append(self.advance().upper)
        if names[0] in _SETTINGS_WITH_TEXT:
            negative = "-" if self.take_op("-") else ""
            return s.SetOption(names, negative + self.advance().text)
        return s.SetOption(names, self._on_off())

    def _on_off(self) -> str:
        if not self.at_any("ON", "OFF"):
            raise self.error()
        return self.advance().upper

    def _if(self) -> s.Statement:
        self.advance()
        condition = self.expression()
        then = self._nested()
        mark = self._index
        while self.take_op(";"):
            pass
        if self.take_word("ELSE"):
            return s.If(condition, then, self._nested())
        self._index = mark
        return s.If(condition, then, None)

    def _nested(self) -> s.Statement:
        while self.take_op(";"):
            pass
        return self.statement()

    def _while(self) -> s.Statement:
        self.advance()
        condition = self.expression()
        return s.While(condition, self._nested())

    def _begin(self) -> s.Statement:
        self.advance()
        if self.at_any("TRAN", "TRANSACTION", "DISTRIBUTED"):
            if self.at_word("DISTRIBUTED"):
                raise self.refuse("distributed transactions")
            self.advance()
            return s.Transaction("BEGIN", self._transaction_name())
        if self.take_word("TRY"):
            body = self._until_end()
            self.need_word("TRY")
            self.take_op(";")
            self.need_word("BEGIN")
            self.need_word("CATCH")
            handler = self._until_end()
            self.need_word("CATCH")
            return s.TryCatch(body, handler)
        return s.Block(self._until_end())

    def _until_end(self) -> list[s.Statement]:
        body = []
        while True:
            while self.take_op(";"):
                pass
            if self.take_word("END"):
                return body
            body.append(self.statement())

    def _transaction_name(self) -> str | None:
        if self.token.kind is Kind.VARIABLE or self.at_name():
            name = self.advance().text
            if self.take_word("WITH"):
                raise self.refuse("BEGIN TRAN WITH MARK")
            return name
        return None

    def _commit(self) -> s.Statement:
        self.advance()
        if not self.take_word("TRAN") and not self.take_word("TRANSACTION"):
            self.take_word("WORK")
            return s.Transaction("COMMIT")
        name = self._transaction_name() if not self.at_word("WITH") else None
        if self.at_word("WITH") and self.ahead().text == "(":
            self._options()
        return s.Transaction("COMMIT", name)

    def _rollback(self) -> s.Statement:
        self.advance()
        if not self.take_word("TRAN") and not self.take_word("TRANSACTION"):
            self.take_word("WORK")
            return s.Transaction("ROLLBACK")
        return s.Transaction("ROLLBACK", self._transaction_name())

    def _save(self) -> s.Statement:
        self.advance()
        if not self.take_word("TRAN"):
            self.need_word("TRANSACTION")
        return s.Transaction("SAVE", self._transaction_name())

    def _at_expression_end(self) -> bool:
        token = self.token
        return (
            token.kind is Kind.END or token.text == ";" or (token.kind is Kind.WORD and token.upper in STATEMENT_STARTS)
        )

    def _return(self) -> s.Statement:
        self.advance()
        return s.Return(None if self._at_expression_end() else self.expression())

    def _break(self) -> s.Statement:
        self.advance()
        return s.Break()

    def _continue(self) -> s.Statement:
        self.advance()
        return s.Continue()

    def _print(self) -> s.Statement:
        self.advance()
        return s.Print(self.expression())

    def _raiserror(self) -> s.Statement:
        self.advance()
        self.need_op("(")
        statement = s.RaiseError(self.expression_list())
        self.need_op(")")
        if self.take_word("WITH"):
            statement.options.append(self.advance().upper)
            while self.take_op(","):
                statement.options.append(self.advance().upper)
        return statement

    def _throw(self) -> s.Statement:
        self.advance()
        return s.Throw([] if self._at_expression_end() else self.expression_list())

    def _use(self) -> s.Statement:
        self.advance()
        return s.Use(self.identifier())

    def _waitfor(self) -> s.Statement:
        self.advance()
        self.need_word("DELAY")
        return s.WaitFor(self.expression())

    def _checkpoint(self) -> s.Statement:
        self.advance()
        return s.Checkpoint()

    def _dbcc(self) -> s.Statement:
        self.advance()
        statement = s.Dbcc(self.advance().upper, [])
        if self.take_op("("):
            while not self.take_op(")"):
                if self.token.kind is Kind.END:
                    raise self.error()
                if not self.take_op(","):
                    sign = "-" if self.take_op("-") else ""
                    statement.args.append(sign + self.advance().text)
        if self.take_word("WITH"):
            statement.quiet = self.advance().upper == "NO_INFOMSGS"
        return statement

    def _alter_index(self) -> s.Statement:
        """REBUILD and REORGANIZE change nothing that a client can see."""
        if not self.take_word("ALL"):
            self.identifier()
        self.need_word("ON")
        table = self.name()
        if not (self.take_word("REBUILD") or self.take_word("REORGANIZE")):
            raise self.refuse(f"ALTER INDEX .. {self.token.upper}")
        self._storage()
        return s.AlterTable(table, "REBUILD")

    def _transfer(self) -> s.Statement:
        schema = self.identifier()
        self.need_word("TRANSFER")
        if self.token.kind is Kind.WORD and self.ahead().text in (":", "::"):
            if not self.at_word("OBJECT"):
                raise self.refuse(f"ALTER SCHEMA .. TRANSFER {self.token.upper}")
            self.advance()
            while self.at_op(":") or self.at_op("::"):
                self.advance()
        return s.TransferSchema(schema, self.name())

    def execute_statement(self) -> s.Execute:
        self.advance()
        if self.at_op("("):
            self.advance()
            statement = s.Execute(None, [], self.expression())
            self.need_op(")")
            if self.at_any("AS", "AT"):
                raise self.refuse(f"EXEC(..) {self.token.upper}")
            return statement
        if self.at_any("AS"):
            raise self.refuse("EXECUTE AS")
        result = None
        if self.token.kind is Kind.VARIABLE and self.ahead().text == "=":
            result = self.advance().text
            self.advance()
        if self.token.kind is Kind.VARIABLE:
            raise self.refuse("EXEC @name")
        statement = s.Execute(self.name(), self._arguments(), result=result)
        if self.take_word("WITH"):
            self.advance()
        return statement

    def _arguments(self) -> list[s.Argument]:
        args: list[s.Argument] = []
        if self._at_expression_end():
            return args
        while True:
            name = ""
            if self.token.kind is Kind.VARIABLE and self.ahead().text == "=":
                name = self.advance().text
                self.advance()
            value = self._argument_value()
            output = self.take_word("OUTPUT") or self.take_word("OUT")
            args.append(s.Argument(name, value, output))
            if not self.take_op(","):
                return args

    def _argument_value(self) -> n.Node:
        if self.token.kind is Kind.WORD and self.token.upper not in ("NULL", "DEFAULT"):
            return n.Literal("nstring", self.advance().text)  # EXEC sp_help customers
        if self.token.kind is Kind.QUOTED:
            return n.Literal("nstring", self.advance().text)
        return self._unary()

    def _call_without_exec(self) -> s.Statement:
        name = self.name()
        return s.Execute(name, self._arguments())

    def _odbc_call(self) -> s.Statement:
        """{call p(a, b)} and {?=call p(..)} as clients leave them in batches."""
        self.need_op("{")
        if self.at_op("?"):
            raise self.refuse("a bare ? parameter marker")
        self.need_word("CALL")
        name = self.name()
        args: list[s.Argument] = []
        if self.take_op("(") and not self.take_op(")"):
            args = self._arguments()
            self.need_op(")")
        self.need_op("}")
        return s.Execute(name, args)


def parse(text: str, quoted_identifier: bool = True) -> list[s.Statement]:
    """The statements of a batch; SqlError 102 and its kin when the text is not T-SQL we know."""
    return Parser(text, quoted_identifier).batch()
