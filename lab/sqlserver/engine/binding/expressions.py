"""Binds values and predicates."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from lab.sqlserver.engine.syntax import nodes as n
from lab.sqlserver.engine.syntax.base import unsupported
from lab.sqlserver.engine.types import (
    BINARY,
    CHARACTER,
    NUMERIC,
    POINTS,
    UNICODE,
    canonical_collation,
    is_binary_collation,
    is_case_sensitive,
    pg_collation,
    resolve,
    storage,
)
from lab.sqlserver.model import MAX, SqlError, SqlType

from . import operators
from .convert import Conversion
from .ex import BoundQuery, Context, Ex, Scope, quote
from .like import like_regex

if TYPE_CHECKING:
    from lab.sqlserver.engine.syntax.nodes import Query

_PREDICATES = (n.Logic, n.Not, n.Compare, n.IsNull, n.Like, n.Between, n.InList, n.InQuery, n.Exists)
_STRING_DEFAULT = SqlType("nvarchar", 4000)


class ExpressionBinder:
    def __init__(self, context: Context) -> None:
        self.context = context

    def query(self, query: Query, outer: Scope | None) -> BoundQuery:
        raise NotImplementedError  # provided by QueryBinder

    def call(self, call: n.Call, scope: Scope) -> Ex:
        raise NotImplementedError  # provided by FunctionBinder

    # --- values --------------------------------------------------------------------------------------------------

    def value(self, node: n.Node, scope: Scope) -> Ex:
        if isinstance(node, n.Literal):
            return self._literal(node)
        if isinstance(node, n.Variable):
            return self._variable(node)
        if isinstance(node, n.ColumnRef):
            return self._column(node, scope)
        if isinstance(node, n.Binary):
            return self._binary(node, scope)
        if isinstance(node, n.Unary):
            return self._unary(node, scope)
        if isinstance(node, n.Call):
            return self.call(node, scope)
        if isinstance(node, n.Cast):
            return self._cast(node, scope)
        if isinstance(node, n.Case):
            return self._case(node, scope)
        if isinstance(node, n.Subquery):
            return self._scalar(node, scope)
        if isinstance(node, n.Collate):
            return self._collate(node, scope)
        if isinstance(node, n.AtTimeZone):
            return self._at_time_zone(node, scope)
        if isinstance(node, _PREDICATES):
            raise SqlError(102, "Incorrect syntax near a condition where a value is expected.", 15, 1, node.line)
        raise unsupported(type(node).__name__, node.line)

    def typed(self, node: n.Node, scope: Scope, default: SqlType = _STRING_DEFAULT) -> Ex:
        """A value that surely has a type: an untyped NULL or parameter gets the default."""
        return self.give_type(self.value(node, scope), default)

    def give_type(self, ex: Ex, kind: SqlType) -> Ex:
        if ex.type is not None:
            return ex
        if ex.parameter is not None:
            self.context.hints.setdefault(ex.parameter, kind)
        return Ex(f"({ex.sql})::{storage(kind)}", kind, True, ex.name)

    def convert(self, ex: Ex, target: SqlType, style: int = 0, attempt: bool = False, place: str | None = None) -> Ex:
        if ex.type is None:
            return self.give_type(ex, target)
        sql = Conversion(ex.type, target, style, attempt, place).sql(ex.sql)
        if target.name in CHARACTER and target.collation is None:
            target = SqlType(target.name, target.length, collation=ex.type.collation)
        return Ex(sql, target, ex.nullable or attempt, ex.name, collated=ex.collated)

    def _literal(self, node: n.Literal) -> Ex:
        kind, text = node.kind, node.value
        if kind == "null":
            return Ex("NULL", None)
        if kind == "string":
            return Ex(
                f"{quote(text)}::text",
                SqlType("varchar", max(1, len(text)) if len(text) <= 8000 else MAX),
                False,
                const=text,
            )
        if kind == "nstring":
            size = len(text.encode("utf-16-le")) // 2
            return Ex(
                f"{quote(text)}::text", SqlType("nvarchar", max(1, size) if size <= 4000 else MAX), False, const=text
            )
        if kind == "hex":
            digits = text[2:]
            digits = "0" + digits if len(digits) % 2 else digits
            size = len(digits) // 2
            return Ex(f"'\\x{digits}'::bytea", SqlType("varbinary", max(1, size) if size <= 8000 else MAX), False)
        if kind == "float":
            return Ex(f"'{float(text if text[-1] not in 'eE+-' else text + '0')!r}'::float8", SqlType("float"), False)
        if kind == "default":
            raise SqlError(156, "Incorrect syntax near the keyword 'DEFAULT'.", 15, 1, node.line)
        return self._number(text, kind)

    def _number(self, text: str, kind: str) -> Ex:
        if kind == "int" and -(2**31) <= int(text) < 2**31:
            return Ex(f"({text})" if text[0] == "-" else text, SqlType("int"), False, const=int(text))
        number = Decimal(text)
        digits = text.lstrip("-")
        scale = len(digits.split(".")[1]) if "." in digits else 0
        precision = max(1, len(digits.split(".")[0].lstrip("0")) + scale)
        if precision > 38:
            raise SqlError(
                1007, f"The number '{text}' is out of the range for numeric representation (maximum precision 38).", 15
            )
        return Ex(
            f"'{number:f}'::numeric({precision},{scale})", SqlType("numeric", precision=precision, scale=scale), False
        )

    def _variable(self, node: n.Variable) -> Ex:
        name = node.name.lower()
        if name not in self.context.variables:
            raise SqlError(137, f'Must declare the scalar variable "{node.name}".', 15, 2, node.line)
        kind = self.context.variables[name]
        place = self.context.parameter(name)
        if kind is None:
            return Ex(place, None, parameter=name)
        return Ex(f"{place}::{_plain_storage(kind)}", kind)

    def _column(self, node: n.ColumnRef, scope: Scope) -> Ex:
        parts = node.name.parts
        at: Scope | None = scope
        while at is not None:
            found = at.find(parts)
            if len(found) > 1:
                raise SqlError(209, f"Ambiguous column name '{parts[-1]}'.", 16, 1, node.line)
            if found:
                column = found[0][1]
                return Ex(
                    column.sql, column.type, column.nullable, column.name, column=True, table=column.table,
                    identity=column.identity,
                )  # fmt: skip
            if len(parts) > 1 and at.knows(parts[:-1]):
                break
            at = at.parent
        if len(parts) > 1 and at is None:
            raise SqlError(4104, f'The multi-part identifier "{node.name}" could not be bound.', 16, 1, node.line)
        raise SqlError(207, f"Invalid column name '{parts[-1]}'.", 16, 1, node.line)

    def _unary(self, node: n.Unary, scope: Scope) -> Ex:
        ex = self.typed(node.operand, scope, SqlType("int"))
        assert ex.type is not None
        if ex.type.name not in NUMERIC:
            raise SqlError(8117, f"Operand data type {ex.type.name} is invalid for minus operator.")
        kind = SqlType("int") if ex.type.name in ("bit", "tinyint") and node.op == "-" else ex.type
        return Ex(f"({node.op}({ex.sql}))", kind, ex.nullable)

    def _binary(self, node: n.Binary, scope: Scope) -> Ex:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        left, right = self._meet(left, right)
        assert left.type is not None and right.type is not None
        if node.op == "+" and left.type.name in CHARACTER and right.type.name in CHARACTER:
            return self._concatenate(left, right)
        if node.op == "+" and left.type.name in BINARY and right.type.name in BINARY:
            size = (left.type.length or 0) + (right.type.length or 0)
            kind = SqlType("varbinary", MAX if MAX in (left.type.length, right.type.length) or size > 8000 else size)
            return Ex(f"({left.sql} || {right.sql})", kind, left.nullable or right.nullable)
        return self._arithmetic(node.op, left, right)

    def _meet(self, left: Ex, right: Ex) -> tuple[Ex, Ex]:
        """Gives an untyped side the other side's type."""
        if left.type is None and right.type is None:
            return self.give_type(left, SqlType("int")), self.give_type(right, SqlType("int"))
        if left.type is None:
            assert right.type is not None
            return self.give_type(left, right.type), right
        if right.type is None:
            return left, self.give_type(right, left.type)
        return left, right

    def _concatenate(self, left: Ex, right: Ex) -> Ex:
        assert left.type is not None and right.type is not None
        unicode = left.type.name in UNICODE or right.type.name in UNICODE
        limit = 4000 if unicode else 8000
        size = (left.type.length or 0) + (right.type.length or 0)
        if MAX in (left.type.length, right.type.length):
            size = MAX
        elif size > limit:
            size = limit
        kind = SqlType("nvarchar" if unicode else "varchar", size, collation=self._collation(left, right))
        return Ex(f"({left.sql} || {right.sql})", kind, left.nullable or right.nullable)

    def _arithmetic(self, op: str, left: Ex, right: Ex) -> Ex:
        assert left.type is not None and right.type is not None
        if left.type.name in ("datetime", "smalldatetime") and right.type.name in NUMERIC and op in "+-":
            days = f"round(({right.sql})::numeric * 864000000000)::bigint"
            checked = f"mssql.check_point({left.sql} {op} {days}, '{left.type.name}', '{left.type.name}', false)"
            return Ex(checked, left.type, left.nullable or right.nullable)
        if left.type.name in CHARACTER | BINARY and right.type.name in NUMERIC:
            left = self.convert(left, right.type)
        elif right.type.name in CHARACTER | BINARY and left.type.name in NUMERIC:
            right = self.convert(right, left.type)
        assert left.type is not None and right.type is not None
        kind = operators.arithmetic(op, left.type, right.type)
        nullable = left.nullable or right.nullable
        pg_op = {"^": "#"}.get(op, op)
        if op in "&|^" and kind.name not in ("int", "bigint", "smallint", "tinyint", "bit"):
            raise SqlError(
                402, f"The data types {left.type.name} and {right.type.name} are incompatible in the '{op}' operator."
            )
        if kind.name in ("float", "real"):
            cast = storage(kind)
            if op == "%":
                raise SqlError(402, "The data types float and float are incompatible in the modulo operator.")
            return Ex(f"(({left.sql})::{cast} {pg_op} ({right.sql})::{cast})", kind, nullable)
        if kind.name in ("decimal", "numeric"):
            return Ex(self._decimal(op, left, right, kind), kind, nullable)
        if kind.name in ("money", "smallmoney"):
            result = f"({left.sql})::numeric {pg_op} ({right.sql})::numeric"
            return Ex(f"mssql.n_money({result}, '{kind.name}', 'expression', false)", kind, nullable)
        sql = f"({left.sql} {pg_op} {right.sql})"
        if kind.name == "tinyint" and op not in "&|^%/":
            sql = f"mssql.n_int({sql}::numeric, 'tinyint', 'expression', false)::smallint"
        return Ex(sql, kind, nullable)

    def _decimal(self, op: str, left: Ex, right: Ex, kind: SqlType) -> str:
        a, b = f"({left.sql})::numeric", f"({right.sql})::numeric"
        if op == "/":
            # SQL Server cuts the quotient off at the result's scale.
            return f"trunc(round({a}, {(kind.scale or 0) + 2}) / {b}, {kind.scale})::numeric({kind.precision},{kind.scale})"
        return f"({a} {op} {b})::numeric({kind.precision},{kind.scale})"

    def _cast(self, node: n.Cast, scope: Scope) -> Ex:
        target = resolve(node.target, cast=True)
        style = 0
        if node.style is not None:
            given = self.value(node.style, scope)
            if not isinstance(given.const, int):
                raise unsupported("CONVERT with a style that is not a literal", node.line)
            style = given.const
        ex = self.value(node.operand, scope)
        done = self.convert(ex, target, style, node.attempt)
        done.name = ""
        done.const = None
        return done

    def _case(self, node: n.Case, scope: Scope) -> Ex:
        conditions = []
        for when, _ in node.whens:
            conditions.append(self.predicate(n.Compare("=", node.operand, when) if node.operand else when, scope))
        results = [self.value(then, scope) for _, then in node.whens]
        results.append(self.value(node.otherwise, scope) if node.otherwise else Ex("NULL", None))
        kind = self.common_type(results)
        converted = [self.convert(result, kind) for result in results]
        arms = " ".join(f"WHEN {c} THEN {r.sql}" for c, r in zip(conditions, converted, strict=False))
        nullable = any(result.nullable for result in results)
        return Ex(f"(CASE {arms} ELSE {converted[-1].sql} END)", kind, nullable)

    def common_type(self, values: list[Ex]) -> SqlType:
        kinds = [value.type for value in values if value.type is not None]
        if not kinds:
            return SqlType("int")
        kind = kinds[0]
        for other in kinds[1:]:
            kind = operators.common(kind, other)
        return kind

    def _scalar(self, node: n.Subquery, scope: Scope) -> Ex:
        bound = self.query(node.query, scope)
        if len(bound.columns) != 1:
            raise SqlError(116, "Only one expression can be specified in the select list when the subquery is not "
                           "introduced with EXISTS.")  # fmt: skip
        return Ex(f"({bound.sql})", bound.columns[0].type or SqlType("int"))

    def _collate(self, node: n.Collate, scope: Scope) -> Ex:
        ex = self.typed(node.operand, scope)
        assert ex.type is not None
        if ex.type.name not in CHARACTER:
            raise SqlError(447, f"Expression type {ex.type.name} is invalid for COLLATE clause.")
        name = canonical_collation(node.collation)
        kind = SqlType(ex.type.name, ex.type.length, collation=name)
        return Ex(f"({ex.sql} COLLATE {pg_collation(name)})", kind, ex.nullable, ex.name, collated=True)

    def _at_time_zone(self, node: n.AtTimeZone, scope: Scope) -> Ex:
        zone = self.value(node.zone, scope)
        if not isinstance(zone.const, str) or zone.const.upper() != "UTC":
            raise unsupported("AT TIME ZONE other than 'UTC'", node.line)
        ex = self.typed(node.operand, scope)
        assert ex.type is not None
        if ex.type.name == "datetimeoffset":
            return Ex(f"mssql.o_make(mssql.o_utc({ex.sql}), 0)", ex.type, ex.nullable)
        return self.convert(ex, SqlType("datetimeoffset", scale=7 if ex.type.scale is None else ex.type.scale))

    # --- predicates ----------------------------------------------------------------------------------------------

    def predicate(self, node: n.Node, scope: Scope) -> str:
        if isinstance(node, n.Logic):
            return f"({self.predicate(node.left, scope)} {node.op} {self.predicate(node.right, scope)})"
        if isinstance(node, n.Not):
            return f"(NOT {self.predicate(node.operand, scope)})"
        if isinstance(node, n.Compare):
            return self._compare(node, scope)
        if isinstance(node, n.IsNull):
            return f"({self.value(node.operand, scope).sql} IS {'NOT ' if node.negated else ''}NULL)"
        if isinstance(node, n.Like):
            return self._like(node, scope)
        if isinstance(node, n.Between):
            low = self._compare(n.Compare(">=", node.operand, node.low), scope)
            high = self._compare(n.Compare("<=", node.operand, node.high), scope)
            return f"({'NOT ' if node.negated else ''}({low} AND {high}))"
        if isinstance(node, n.InList):
            tests = " OR ".join(self._compare(n.Compare("=", node.operand, item), scope) for item in node.items)
            return f"({'NOT ' if node.negated else ''}({tests}))"
        if isinstance(node, n.InQuery):
            return self._in_query(node, scope)
        if isinstance(node, n.Exists):
            same = self._same_rows(node.query, scope)
            return same if same is not None else f"EXISTS ({self.query(node.query, scope).sql})"
        raise SqlError(
            4145, f"An expression of non-boolean type specified in a context where a condition is expected, near '{_near(node)}'.",
            15, 1, node.line,
        )  # fmt: skip

    def _same_rows(self, query: n.Query, scope: Scope) -> str | None:
        """EXISTS (SELECT a, b INTERSECT SELECT c, d): equal where NULL equals NULL, in a form that joins can be made by."""
        body = query.body
        if not (isinstance(body, n.SetOp) and body.op == "INTERSECT" and not query.ctes and query.offset is None):
            return None
        left, right = body.left, body.right
        while isinstance(left, n.Query) and not left.ctes:
            left = left.body
        while isinstance(right, n.Query) and not right.ctes:
            right = right.body
        plain = isinstance(left, n.Select) and isinstance(right, n.Select)
        if not plain or any(
            side.source is not None or side.where is not None or side.top is not None
            or any(isinstance(item.value, n.Star) for item in side.items)
            for side in (left, right)
        ):  # fmt: skip
            return None
        if len(left.items) != len(right.items):
            return None
        inner = Scope([], scope)
        tests = [
            self.same(self.value(a.value, inner), self.value(b.value, inner))
            for a, b in zip(left.items, right.items, strict=True)
        ]
        return f"({' AND '.join(tests)})"

    def same(self, left: Ex, right: Ex) -> str:
        left, right = self._meet(left, right)
        a, b = self._comparands(left, right)
        if not left.nullable and not right.nullable:
            return f"({a} = {b})"
        assert left.type is not None and right.type is not None
        kind = left.type
        if kind.name in NUMERIC or kind.name in ("time", "datetimeoffset") or kind.name in POINTS:
            empty = "0"
        else:
            empty = {"date": "'2000-01-01'::date", "uniqueidentifier": "'00000000-0000-0000-0000-000000000000'::uuid"}.get(
                kind.name, "''::bytea" if kind.name in BINARY else "''"
            )  # fmt: skip
        if right.type.name != kind.name and not {kind.name, right.type.name} <= NUMERIC | CHARACTER:
            return f"(({a} = {b}) IS TRUE OR (({left.sql}) IS NULL AND ({right.sql}) IS NULL))"
        collated = ""
        if b.endswith(")") and " COLLATE " in b:
            head, collated = b[1:-1].rsplit(" COLLATE ", 1)
            b, collated = head, f" COLLATE {collated}"
        return f"(coalesce({a}, {empty}) = (coalesce({b}, {empty}){collated}) AND (({left.sql}) IS NULL) = (({right.sql}) IS NULL))"

    def _compare(self, node: n.Compare, scope: Scope) -> str:
        if node.quantifier:
            assert isinstance(node.right, n.Subquery)
            return self._quantified(node.op, self.value(node.left, scope), node.right.query, node.quantifier, scope)
        return self.compare(node.op, self.value(node.left, scope), self.value(node.right, scope))

    def compare(self, op: str, left: Ex, right: Ex) -> str:
        left, right = self._meet(left, right)
        assert left.type is not None and right.type is not None
        left_sql, right_sql = self._comparands(left, right)
        return f"({left_sql} {op} {right_sql})"

    def _comparands(self, left: Ex, right: Ex) -> tuple[str, str]:
        assert left.type is not None and right.type is not None
        if left.type.name in CHARACTER and right.type.name in CHARACTER:
            collation = pg_collation(self._collation(left, right))
            return self.comparison_key(left), f"({self.comparison_key(right)} COLLATE {collation})"
        if left.type.name in NUMERIC and right.type.name in NUMERIC:
            return self._numbers(left, right)
        kind = operators.comparable(left.type, right.type)
        return self.comparison_key(self.convert(left, kind)), self.comparison_key(self.convert(right, kind))

    def _numbers(self, left: Ex, right: Ex) -> tuple[str, str]:
        assert left.type is not None and right.type is not None
        approximate = {"float", "real"}
        if (left.type.name in approximate) != (right.type.name in approximate):
            kind = operators.common(left.type, right.type)
            return self.convert(left, kind).sql, self.convert(right, kind).sql
        return left.sql, right.sql

    def comparison_key(self, ex: Ex) -> str:
        """What stands for the value when equality, order or uniqueness is asked: blanks at the end do not count, nor do zero
        bytes at the end of a binary value."""
        assert ex.type is not None
        if ex.type.name in BINARY:
            return f"rtrim({ex.sql}, '\\x00'::bytea)"
        if ex.type.name in CHARACTER:
            return f"rtrim({ex.sql})"
        if ex.type.name == "datetimeoffset":
            return f"div({ex.sql}, 10000)"
        return ex.sql

    def _collation(self, left: Ex, right: Ex) -> str | None:
        assert left.type is not None and right.type is not None
        a, b = left.type.collation, right.type.collation
        if left.collated or (right.type is None):
            return a
        if right.collated:
            return b
        if a and b and a.upper() != b.upper():
            raise SqlError(
                468, f'Cannot resolve the collation conflict between "{b}" and "{a}" in the equal to operation.'
            )
        return a or b

    def _like(self, node: n.Like, scope: Scope) -> str:
        operand = self.typed(node.operand, scope)
        pattern = self.typed(node.pattern, scope)
        assert operand.type is not None and pattern.type is not None
        collation = self._collation(operand, pattern) if operand.type.name in CHARACTER else None
        operand = self.convert(operand, SqlType("nvarchar", MAX)) if operand.type.name not in CHARACTER else operand
        escape = self.value(node.escape, scope) if node.escape else None
        if isinstance(pattern.const, str) and (escape is None or isinstance(escape.const, str)):
            regex = quote(like_regex(pattern.const, escape.const if escape and isinstance(escape.const, str) else ""))
        else:
            regex = f"mssql.like_re({pattern.sql}, {escape.sql if escape else 'NULL'})"
        ascii_only = operand.type is not None and not {operand.type.name, pattern.type.name} & UNICODE
        if ascii_only and regex.endswith("$'"):
            regex = regex[:-2] + " *$'"  # blanks behind the value count in Unicode only
        op = "~" if is_case_sensitive(collation) else "~*"
        locale = '"C"' if is_binary_collation(collation) else '"default"'
        return f"(({operand.sql} COLLATE {locale}) {'!' if node.negated else ''}{op} {regex})"

    def _in_query(self, node: n.InQuery, scope: Scope) -> str:
        test = self._quantified("=", self.value(node.operand, scope), node.query, "ANY", scope)
        return f"(NOT {test})" if node.negated else test

    def _quantified(self, op: str, left: Ex, query: Query, quantifier: str, scope: Scope) -> str:
        bound = self.query(query, scope)
        if len(bound.columns) != 1:
            raise SqlError(116, "Only one expression can be specified in the select list when the subquery is not "
                           "introduced with EXISTS.")  # fmt: skip
        inner = self.context.alias()
        column = bound.columns[0]
        right = Ex(f"{inner}.c1", column.type or SqlType("int"))
        left, right = self._meet(left, right)
        left_sql, right_sql = self._comparands(left, right)
        return f"({left_sql} {op} {quantifier} (SELECT {right_sql} FROM ({bound.sql}) AS {inner}))"


def _plain_storage(kind: SqlType) -> str:
    return "numeric" if kind.name in ("decimal", "numeric") else storage(kind)


def _near(node: n.Node) -> str:
    if isinstance(node, n.ColumnRef):
        return node.name.last
    if isinstance(node, n.Literal):
        return node.value
    return node.name if isinstance(node, n.Variable) else ""
