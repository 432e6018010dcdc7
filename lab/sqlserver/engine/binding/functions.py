"""Function calls: the dispatcher, aggregates, window functions."""

from __future__ import annotations

from collections.abc import Callable

from lab.sqlserver.engine.syntax import nodes as n
from lab.sqlserver.engine.syntax.base import unsupported
from lab.sqlserver.engine.types import BIGINT, CHARACTER, EXACT, INT, INTEGERS
from lab.sqlserver.model import MAX, SqlError, SqlType

from .ex import Ex, Scope
from .expressions import ExpressionBinder

Handler = Callable[["FunctionBinder", n.Call, Scope], Ex]
HANDLERS: dict[str, Handler] = {}

AGGREGATES = {"COUNT", "COUNT_BIG", "SUM", "AVG", "MIN", "MAX", "STRING_AGG", "STDEV", "STDEVP", "VAR", "VARP"}
_RANKING = {"ROW_NUMBER": "row_number", "RANK": "rank", "DENSE_RANK": "dense_rank", "NTILE": "ntile"}
_OFFSET = {"LAG": "lag", "LEAD": "lead", "FIRST_VALUE": "first_value", "LAST_VALUE": "last_value"}
_SPREAD = {"STDEV": "stddev_samp", "STDEVP": "stddev_pop", "VAR": "var_samp", "VARP": "var_pop"}


def function(*names: str) -> Callable[[Handler], Handler]:
    """Registers a handler under T-SQL names."""

    def register(handler: Handler) -> Handler:
        for name in names:
            HANDLERS[name] = handler
        return handler

    return register


def arity(call: n.Call, low: int, high: int | None = None) -> None:
    if len(call.args) < low or len(call.args) > (low if high is None else high):
        name = call.name.last.lower()
        raise SqlError(174, f"The {name} function requires {low} argument(s).", 15, 1, call.line)


class FunctionBinder(ExpressionBinder):
    def holds(self, kind: str, securable: str | None, permission: str) -> bool | None:
        raise NotImplementedError  # provided by Binder

    def call(self, call: n.Call, scope: Scope) -> Ex:
        parts = [part.lower() for part in call.name.parts[:-1] if part]
        name = call.name.last.upper()
        if parts and parts != ["sys"]:
            raise SqlError(
                4121, f'Cannot find either column "{parts[0]}" or the user-defined function or aggregate "{call.name}", '
                "or the name is ambiguous.", 16, 1, call.line,
            )  # fmt: skip
        if name in AGGREGATES or name in _RANKING or name in _OFFSET:
            self.context.folded += 1
        if name in AGGREGATES:
            return self._aggregate(name, call, scope)
        if name in _RANKING:
            return self._ranking(name, call, scope)
        if name in _OFFSET:
            return self._offset(name, call, scope)
        handler = HANDLERS.get(name)
        if handler is None:
            raise SqlError(195, f"'{call.name.last}' is not a recognized built-in function name.", 15, 10, call.line)
        if call.window is not None:
            raise unsupported(f"{name} with OVER", call.line)
        return handler(self, call, scope)

    def order_list(self, items: list[n.OrderItem], scope: Scope) -> str:
        parts = []
        for item in items:
            direction = "DESC NULLS LAST" if item.descending else "ASC NULLS FIRST"
            if isinstance(item.value, n.Subquery):  # ORDER BY (SELECT NULL): no order
                continue
            parts.append(f"{self.order_key(self.typed(item.value, scope))} {direction}")
        return ", ".join(parts)

    def order_key(self, ex: Ex) -> str:
        return f"div({ex.sql}, 10000)" if ex.type and ex.type.name == "datetimeoffset" else ex.sql

    def _over(self, window: n.Window, scope: Scope) -> str:
        parts = []
        if window.partition:
            keys = (self.comparison_key(self.typed(item, scope)) for item in window.partition)
            parts.append("PARTITION BY " + ", ".join(keys))
        order = self.order_list(window.order, scope)
        if order:
            parts.append("ORDER BY " + order)
        if window.frame:
            parts.append(window.frame)
        return f" OVER ({' '.join(parts)})"

    def _ranking(self, name: str, call: n.Call, scope: Scope) -> Ex:
        if call.window is None:
            raise SqlError(10753, f"The function '{name}' must have an OVER clause.", 15, 1, call.line)
        args = self.convert(self.typed(call.args[0], scope), INT).sql if call.args else ""
        return Ex(f"{_RANKING[name]}({args}){self._over(call.window, scope)}", BIGINT, False)

    def _offset(self, name: str, call: n.Call, scope: Scope) -> Ex:
        if call.window is None:
            raise SqlError(10753, f"The function '{name}' must have an OVER clause.", 15, 1, call.line)
        first = self.typed(call.args[0], scope)
        args = [first.sql]
        if len(call.args) > 1:
            args.append(self.convert(self.typed(call.args[1], scope), INT).sql)
        if len(call.args) > 2 and first.type is not None:
            args.append(self.convert(self.value(call.args[2], scope), first.type).sql)
        return Ex(f"{_OFFSET[name]}({', '.join(args)}){self._over(call.window, scope)}", first.type)

    def _aggregate(self, name: str, call: n.Call, scope: Scope) -> Ex:
        over = self._over(call.window, scope) if call.window is not None else ""
        distinct = "DISTINCT " if call.distinct else ""
        if name in ("COUNT", "COUNT_BIG"):
            return self._count(name, call, scope, distinct, over)
        if name == "STRING_AGG":
            return self._string_agg(call, scope, over)
        arity(call, 1)
        ex = self.typed(call.args[0], scope, INT)
        assert ex.type is not None
        if name in ("MIN", "MAX"):
            if ex.type.name == "uniqueidentifier":
                raise unsupported(f"{name} of uniqueidentifier", call.line)
            if ex.type.name == "bit":
                raise SqlError(8117, f"Operand data type bit is invalid for {name.lower()} operator.")
            return Ex(f"{name.lower()}({distinct}{ex.sql}){over}", ex.type)
        if ex.type.name in CHARACTER or ex.type.name == "bit":
            raise SqlError(8117, f"Operand data type {ex.type.name} is invalid for {name.lower()} operator.")
        if name in _SPREAD:
            return Ex(f"{_SPREAD[name]}({distinct}({ex.sql})::float8){over}", SqlType("float"))
        return self._total(name, ex, distinct, over)

    def _count(self, name: str, call: n.Call, scope: Scope, distinct: str, over: str) -> Ex:
        argument = "*" if call.star else self._counted(call, scope)
        kind = INT if name == "COUNT" else BIGINT
        cast = "int" if name == "COUNT" else "bigint"
        return Ex(f"(count({distinct}{argument}){over})::{cast}", kind, False)

    def _counted(self, call: n.Call, scope: Scope) -> str:
        arity(call, 1)
        return self.comparison_key(self.typed(call.args[0], scope))

    def _total(self, name: str, ex: Ex, distinct: str, over: str) -> Ex:
        assert ex.type is not None
        word = ex.type.name
        pg = "sum" if name == "SUM" else "avg"
        if word in INTEGERS:
            kind = BIGINT if word == "bigint" else INT
            total = f"{pg}({distinct}({ex.sql})::numeric){over}"
            return Ex(
                f"mssql.n_int({total}, '{kind.name}', 'expression', false)::{'bigint' if kind is BIGINT else 'int'}",
                kind,
            )
        if word in ("decimal", "numeric"):
            scale = (ex.type.scale or 0) if name == "SUM" else max(ex.type.scale or 0, 6)
            value = f"{pg}({distinct}{ex.sql}){over}"
            value = value if name == "SUM" else f"trunc({value}, {scale})"
            return Ex(f"({value})::numeric(38,{scale})", SqlType("decimal", precision=38, scale=scale))
        if word in EXACT:
            return Ex(f"round({pg}({distinct}{ex.sql}){over}, 4)", SqlType("money"))
        if word not in ("float", "real"):
            raise SqlError(8117, f"Operand data type {word} is invalid for {name.lower()} operator.")
        return Ex(f"{pg}({distinct}({ex.sql})::float8){over}", SqlType("float"))

    def _string_agg(self, call: n.Call, scope: Scope, over: str) -> Ex:
        arity(call, 2)
        value = self.typed(call.args[0], scope)
        assert value.type is not None
        if value.type.name not in CHARACTER:
            value = self.convert(value, SqlType("nvarchar", 4000))
        assert value.type is not None
        separator = self.typed(call.args[1], scope)
        order = " ORDER BY " + self.order_list(call.within, scope) if call.within else ""
        limit = 4000 if value.type.name in ("nvarchar", "nchar") else 8000
        kind = SqlType(
            "nvarchar" if limit == 4000 else "varchar", MAX if value.type.length == MAX else limit,
            collation=value.type.collation,
        )  # fmt: skip
        return Ex(f"string_agg({value.sql}, {separator.sql}{order}){over}", kind)
