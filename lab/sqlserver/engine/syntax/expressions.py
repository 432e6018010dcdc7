"""Scalar expressions and predicates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.sqlserver.model import MAX

from . import nodes as n
from .base import Cursor, unsupported
from .lexer import Kind

if TYPE_CHECKING:
    from .nodes import Query

_COMPARISONS = {"=", "<>", "!=", "<", ">", "<=", ">=", "!<", "!>"}
_BARE_CALLS = {"CURRENT_TIMESTAMP", "CURRENT_USER", "SESSION_USER", "SYSTEM_USER", "USER"}
_DATEPART_CALLS = {
    "DATEADD", "DATEDIFF", "DATEDIFF_BIG", "DATENAME", "DATEPART", "DATETRUNC",
}  # fmt: skip
_LOUD_CALLS = {"LEFT", "RIGHT", "COALESCE", "NULLIF", "CONVERT", "TRY_CONVERT", "UPDATE", "IDENTITY"}


class ExpressionParser(Cursor):
    """Precedence, loosest first: OR, AND, NOT, predicates, + - & ^ |, * / %, unary, postfix."""

    def expression(self) -> n.Node:
        """A value or a predicate; the binder decides which of the two its place allows."""
        return self._or()

    def query_expression(self) -> Query:
        raise NotImplementedError  # provided by QueryParser

    def _or(self) -> n.Node:
        left = self._and()
        while self.take_word("OR"):
            left = n.Logic("OR", left, self._and())
        return left

    def _and(self) -> n.Node:
        left = self._not()
        while self.take_word("AND"):
            left = n.Logic("AND", left, self._not())
        return left

    def _not(self) -> n.Node:
        if self.take_word("NOT"):
            return n.Not(self._not())
        return self._predicate()

    def _predicate(self) -> n.Node:
        if self.at_word("EXISTS"):
            self.advance()
            self.need_op("(")
            query = self.query_expression()
            self.need_op(")")
            return n.Exists(query)
        left = self._additive()
        while True:
            if self.token.kind is Kind.OP and self.token.text in _COMPARISONS:
                left = self._comparison(left)
            elif self.take_word("IS"):
                negated = self.take_word("NOT")
                self.need_word("NULL")
                left = n.IsNull(left, negated)
            elif self.at_any("LIKE", "BETWEEN", "IN") or (
                self.at_word("NOT") and self.ahead().upper in ("LIKE", "BETWEEN", "IN")
            ):
                left = self._range(left)
            else:
                return left

    def _comparison(self, left: n.Node) -> n.Node:
        op = {"!=": "<>", "!<": ">=", "!>": "<="}.get(self.token.text, self.token.text)
        self.advance()
        if self.at_any("ALL", "ANY", "SOME") and self.ahead().text == "(":
            quantifier = "ALL" if self.advance().upper == "ALL" else "ANY"
            self.need_op("(")
            query = self.query_expression()
            self.need_op(")")
            return n.Compare(op, left, n.Subquery(query), quantifier)
        return n.Compare(op, left, self._additive())

    def _range(self, left: n.Node) -> n.Node:
        negated = self.take_word("NOT")
        if self.take_word("LIKE"):
            pattern = self._additive()
            escape = self._additive() if self.take_word("ESCAPE") else None
            return n.Like(left, pattern, escape, negated)
        if self.take_word("BETWEEN"):
            low = self._additive()
            self.need_word("AND")
            return n.Between(left, low, self._additive(), negated)
        self.need_word("IN")
        self.need_op("(")
        if self.at_any("SELECT", "WITH"):
            query = self.query_expression()
            self.need_op(")")
            return n.InQuery(left, query, negated)
        items = self.expression_list()
        self.need_op(")")
        return n.InList(left, items, negated)

    def expression_list(self) -> list[n.Node]:
        items = [self.expression()]
        while self.take_op(","):
            items.append(self.expression())
        return items

    def _additive(self) -> n.Node:
        left = self._multiplicative()
        while self.token.kind is Kind.OP and self.token.text in ("+", "-", "&", "|", "^"):
            op = self.advance().text
            left = n.Binary(op, left, self._multiplicative())
        return left

    def _multiplicative(self) -> n.Node:
        left = self._unary()
        while self.token.kind is Kind.OP and self.token.text in ("*", "/", "%"):
            op = self.advance().text
            left = n.Binary(op, left, self._unary())
        return left

    def _unary(self) -> n.Node:
        if self.token.kind is Kind.OP and self.token.text in ("+", "-", "~"):
            op = self.advance().text
            operand = self._unary()
            if op == "-" and isinstance(operand, n.Literal) and operand.kind in ("int", "decimal", "float"):
                return (
                    n.Literal(operand.kind, "-" + operand.value) if operand.value[0] != "-" else n.Unary("-", operand)
                )
            return operand if op == "+" else n.Unary(op, operand)
        return self._postfix()

    def _postfix(self) -> n.Node:
        value = self._primary()
        while True:
            if self.take_word("COLLATE"):
                value = n.Collate(value, self._collation())
            elif self.take_word("AT", "TIME", "ZONE"):
                value = n.AtTimeZone(value, self._primary())
            else:
                return value

    def _collation(self) -> str:
        if self.token.kind not in (Kind.WORD, Kind.QUOTED):
            raise self.error()
        return self.advance().text

    def _primary(self) -> n.Node:
        token = self.token
        literal = {
            Kind.INTEGER: "int", Kind.DECIMAL: "decimal", Kind.FLOAT: "float",
            Kind.STRING: "string", Kind.NSTRING: "nstring", Kind.HEX: "hex",
        }.get(token.kind)  # fmt: skip
        if literal:
            self.advance()
            return n.Literal(literal, token.text)
        if token.kind is Kind.VARIABLE:
            self.advance()
            return n.Variable(token.text)
        if token.kind is Kind.OP:
            return self._parenthesised()
        if token.kind is Kind.WORD:
            special = self._keyword_value(token.upper)
            if special is not None:
                special.line = token.line
                return special
        if token.kind in (Kind.WORD, Kind.QUOTED):
            return self._name_or_call()
        raise self.error()

    def _parenthesised(self) -> n.Node:
        if self.take_op("{"):
            return self._odbc_escape()
        self.need_op("(")
        if self.at_any("SELECT", "WITH") or (self.at_op("(") and self._nested_select()):
            query = self.query_expression()
            self.need_op(")")
            return n.Subquery(query)
        value = self.expression()
        self.need_op(")")
        return value

    def _nested_select(self) -> bool:
        offset = 0
        while self.ahead(offset).text == "(":
            offset += 1
        return self.ahead(offset).upper == "SELECT"

    def _odbc_escape(self) -> n.Node:
        """{d '..'}, {t '..'}, {ts '..'}, {guid '..'}, {fn f(..)}."""
        word = self.advance().upper
        if word == "FN":
            value = self.expression()
        elif word in ("D", "T", "TS") and self.token.kind in (Kind.STRING, Kind.NSTRING):
            value = n.Cast(n.Literal("string", self.advance().text), n.TypeName("datetime"))
        elif word == "GUID" and self.token.kind is Kind.STRING:
            value = n.Cast(n.Literal("string", self.advance().text.strip("{}")), n.TypeName("uniqueidentifier"))
        else:
            raise self.error()
        self.need_op("}")
        return value

    def _keyword_value(self, word: str) -> n.Node | None:
        if word == "NULL":
            self.advance()
            return n.Literal("null", "")
        if word == "DEFAULT":
            self.advance()
            return n.Literal("default", "")
        if word == "CASE":
            return self._case()
        if word in _BARE_CALLS:
            self.advance()
            return n.Call(n.Name((word,)), [])
        if self.ahead().text != "(":
            return None
        if word in ("CAST", "TRY_CAST"):
            self.advance()
            self.need_op("(")
            operand = self.expression()
            self.need_word("AS")
            target = self.type_name()
            self.need_op(")")
            return n.Cast(operand, target, None, word == "TRY_CAST")
        if word in ("CONVERT", "TRY_CONVERT"):
            return self._convert(word)
        return None

    def _convert(self, word: str) -> n.Node:
        self.advance()
        self.need_op("(")
        target = self.type_name()
        self.need_op(",")
        operand = self.expression()
        style = self.expression() if self.take_op(",") else None
        self.need_op(")")
        return n.Cast(operand, target, style, word == "TRY_CONVERT")

    def _case(self) -> n.Node:
        self.advance()
        operand = None if self.at_word("WHEN") else self.expression()
        whens = []
        while self.take_word("WHEN"):
            condition = self.expression()
            self.need_word("THEN")
            whens.append((condition, self.expression()))
        otherwise = self.expression() if self.take_word("ELSE") else None
        self.need_word("END")
        if not whens:
            raise self.error()
        return n.Case(operand, whens, otherwise)

    def type_name(self) -> n.TypeName:
        """`int`, `[nvarchar](max)`, `sys.sysname`, `double precision`, `decimal(38, 10)`."""
        if self.token.kind not in (Kind.WORD, Kind.QUOTED):
            raise self.error()
        line = self.token.line
        word = self.advance().text.lower()
        if word in ("sys", "dbo") and self.take_op("."):
            word = self.advance().text.lower()
        if word == "double":
            self.need_word("PRECISION")
            word = "float"
        elif word == "national":
            if not self.take_word("CHARACTER"):
                self.need_word("CHAR")
            word = "nvarchar" if self.take_word("VARYING") else "nchar"
        elif word in ("character", "char") and self.take_word("VARYING"):
            word = "varchar"
        node = n.TypeName(_SYNONYMS.get(word, word))
        node.line = line
        if self.at_op("("):
            self.advance()
            node.length = MAX if self.take_word("MAX") else self.integer()
            if self.take_op(","):
                node.scale = self.integer()
            self.need_op(")")
        return node

    def _name_or_call(self) -> n.Node:
        token = self.token
        loud = token.kind is Kind.WORD and token.upper in _LOUD_CALLS and self.ahead().text == "("
        name = n.Name((self.advance().text,)) if loud else self._dotted()
        if self.at_op("("):
            node: n.Node = self._call(name)
        elif name.last == "*":
            node = n.Star(n.Name(name.parts[:-1]))
        else:
            node = n.ColumnRef(name)
        node.line = token.line
        return node

    def _dotted(self) -> n.Name:
        parts = [self.identifier()]
        while self.take_op("."):
            if self.take_op("*"):
                parts.append("*")
                break
            parts.append("" if self.at_op(".") else self._part_after_dot())
        return n.Name(tuple(parts))

    def _call(self, name: n.Name) -> n.Node:
        self.need_op("(")
        call = n.Call(name, [])
        upper = name.last.upper()
        if self.take_op("*"):
            call.star = True
        elif not self.at_op(")"):
            if self.take_word("DISTINCT"):
                call.distinct = True
            else:
                self.take_word("ALL")
            if upper in _DATEPART_CALLS:
                call.keyword = self.advance().text.lower()
                if self.take_op(","):
                    call.args = self.expression_list()
            else:
                call.args = self.expression_list()
            if upper == "TRIM" and self.take_word("FROM"):
                call.args.append(self.expression())
        self.need_op(")")
        if self.take_word("WITHIN"):
            self.need_word("GROUP")
            self.need_op("(")
            call.within = self.order_by()
            self.need_op(")")
        if self.take_word("OVER"):
            call.window = self._window()
        return call

    def _window(self) -> n.Window:
        self.need_op("(")
        window = n.Window([], [])
        if self.take_word("PARTITION"):
            self.need_word("BY")
            window.partition = self.expression_list()
        if self.at_word("ORDER"):
            window.order = self.order_by()
        if self.at_any("ROWS", "RANGE"):
            start = self.token
            while not self.at_op(")"):
                if self.token.kind not in (Kind.WORD, Kind.INTEGER):
                    raise self.error()
                self.advance()
            window.frame = self.source(start)
        self.need_op(")")
        return window

    def order_by(self) -> list[n.OrderItem]:
        self.need_word("ORDER")
        self.need_word("BY")
        items = [self._order_item()]
        while self.take_op(","):
            items.append(self._order_item())
        return items

    def _order_item(self) -> n.OrderItem:
        value = self.expression()
        if self.take_word("DESC"):
            return n.OrderItem(value, True)
        self.take_word("ASC")
        return n.OrderItem(value)

    def refuse(self, construct: str) -> Exception:
        return unsupported(construct, self.token.line)


_SYNONYMS = {
    "integer": "int", "dec": "decimal", "numeric": "numeric", "character": "char", "datetime2": "datetime2",
    "rowversion": "timestamp",
}  # fmt: skip
