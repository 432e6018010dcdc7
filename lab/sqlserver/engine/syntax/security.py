"""Databases, logins, users, roles, GRANT and its kin."""

from __future__ import annotations

from . import nodes as n
from . import statements as s
from .definitions import DefinitionParser
from .lexer import Kind


class SecurityParser(DefinitionParser):
    def create_database(self) -> s.CreateDatabase:
        statement = s.CreateDatabase(self.identifier())
        while not self._at_end_of_statement():
            if self.take_word("COLLATE"):
                statement.collation = self._collation()
            else:
                raise self.refuse(f"CREATE DATABASE .. {self.token.text}")
        return statement

    def alter_database(self) -> s.AlterDatabase:
        if self.at_word("SCOPED"):
            raise self.refuse("ALTER DATABASE SCOPED")
        name = "" if self.take_word("CURRENT") else self.identifier()
        start = self.token
        while not self._at_end_of_statement():
            self.advance()
        return s.AlterDatabase(name, self.source(start))

    def _at_end_of_statement(self) -> bool:
        return self.token.kind is Kind.END or self.at_op(";")

    def login(self, alter: bool) -> s.CreateLogin:
        name = self.identifier()
        if alter and self.at_any("ENABLE", "DISABLE"):
            raise self.refuse("ALTER LOGIN ENABLE/DISABLE")
        self.need_word("WITH")
        self.need_word("PASSWORD")
        self.need_op("=")
        if self.token.kind not in (Kind.STRING, Kind.NSTRING):
            raise self.error()
        password = self.advance().text
        while self.take_op(","):
            # CHECK_POLICY, CHECK_EXPIRATION, DEFAULT_DATABASE, DEFAULT_LANGUAGE: no policy is kept here.
            if not self.at_any("CHECK_POLICY", "CHECK_EXPIRATION", "DEFAULT_DATABASE", "DEFAULT_LANGUAGE"):
                raise self.refuse(f"login option {self.token.text}")
            self.advance()
            self.need_op("=")
            self.advance()
        return s.CreateLogin(name, password, alter)

    def create_user(self) -> s.CreateUser:
        name = self.identifier()
        login: str | None = name
        if self.take_word("FOR") or self.take_word("FROM"):
            self.need_word("LOGIN")
            login = self.identifier()
        elif self.take_word("WITHOUT"):
            self.need_word("LOGIN")
            login = None
        statement = s.CreateUser(name, login)
        if self.take_word("WITH"):
            self.need_word("DEFAULT_SCHEMA")
            self.need_op("=")
            statement.default_schema = self.identifier()
        return statement

    def alter_role(self, server: bool) -> s.AlterRole:
        role = self.identifier()
        add = self.take_word("ADD")
        if not add:
            self.need_word("DROP")
        self.need_word("MEMBER")
        return s.AlterRole(role, self.identifier(), add, server)

    def permission(self) -> s.Permission:
        action = self.advance().upper
        if action == "REVOKE" and self.at_word("GRANT"):
            raise self.refuse("REVOKE GRANT OPTION")
        permissions = [self._permission_name()]
        while self.take_op(","):
            permissions.append(self._permission_name())
        scope, on = "DATABASE", None
        if self.take_word("ON"):
            scope = "OBJECT"
            if self.at_any("OBJECT", "SCHEMA", "DATABASE") and self.ahead().text == "::":
                scope = self.advance().upper
                self.advance()
            on = self.name()
        if not self.take_word("TO"):
            self.need_word("FROM")
        principals = [self._principal()]
        while self.take_op(","):
            principals.append(self._principal())
        if self.take_word("WITH"):
            self.need_word("GRANT")
            self.need_word("OPTION")
        self.take_word("CASCADE")
        return s.Permission(action, permissions, scope, on, principals)

    def _principal(self) -> str:
        return self.advance().text if self.at_word("PUBLIC") else self.identifier()

    def _permission_name(self) -> str:
        words = []
        while self.token.kind is Kind.WORD and not self.at_any("ON", "TO", "FROM"):
            words.append(self.advance().upper)
        if not words:
            raise self.error()
        if self.at_op("("):
            raise self.refuse("column permissions")
        return " ".join(words)

    def drop(self) -> s.Drop:
        self.need_word("DROP")
        what = self.advance().upper
        if what == "SERVER":
            self.need_word("ROLE")
        if what not in ("TABLE", "VIEW", "SCHEMA", "INDEX", "DATABASE", "LOGIN", "USER", "ROLE"):
            raise self.refuse(f"DROP {what}")
        statement = s.Drop(what, [], self.take_word("IF", "EXISTS"))
        statement.names = [self.name()]
        while self.take_op(","):
            statement.names.append(self.name())
        if what == "INDEX":
            if self.take_word("ON"):
                statement.on = self.name()
            else:  # the old form: DROP INDEX t.i
                only = statement.names[0]
                if len(only.parts) < 2:
                    raise self.error()
                statement.on, statement.names = n.Name(only.parts[:-1]), [n.Name((only.last,))]
        return statement
