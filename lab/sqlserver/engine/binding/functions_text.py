"""String, binary, number and choice functions."""

from __future__ import annotations

from lab.sqlserver.engine.syntax import nodes as n
from lab.sqlserver.engine.syntax.base import unsupported
from lab.sqlserver.engine.types import (
    APPROXIMATE,
    BIGINT,
    BINARY,
    CHARACTER,
    FLOAT,
    INT,
    INTEGERS,
    UNICODE,
    is_case_sensitive,
    is_utf8_collation,
    max_length,
)
from lab.sqlserver.model import MAX, SqlType

from .ex import Ex, Scope
from .functions import FunctionBinder, arity, function


def text(binder: FunctionBinder, node: n.Node, scope: Scope) -> Ex:
    ex = binder.typed(node, scope)
    assert ex.type is not None
    return ex if ex.type.name in CHARACTER else binder.convert(ex, SqlType("nvarchar", 4000))


def integer(binder: FunctionBinder, node: n.Node, scope: Scope) -> Ex:
    return binder.convert(binder.typed(node, scope, INT), BIGINT)


def _kind(ex: Ex, length: int | None = None) -> SqlType:
    assert ex.type is not None
    name = "nvarchar" if ex.type.name in UNICODE else "varchar"
    return SqlType(name, ex.type.length if length is None else length, collation=ex.type.collation)


def units(ex: Ex) -> str:
    """How long the text is as its type counts."""
    assert ex.type is not None
    if ex.type.name in UNICODE:
        return f"mssql.u16len({ex.sql})"
    return f"length({ex.sql})"


@function("LEN")
def _len(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 1)
    ex = binder.typed(call.args[0], scope)
    assert ex.type is not None
    kind = BIGINT if ex.type.length == MAX else INT
    cast = "bigint" if kind is BIGINT else "int"
    if ex.type.name in BINARY:
        return Ex(f"octet_length({ex.sql})::{cast}", kind, ex.nullable)
    ex = text(binder, call.args[0], scope)
    return Ex(f"{units(Ex(f'rtrim({ex.sql})', ex.type))}::{cast}", kind, ex.nullable)


@function("DATALENGTH")
def _datalength(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 1)
    ex = binder.typed(call.args[0], scope)
    assert ex.type is not None
    kind = BIGINT if ex.type.length == MAX else INT
    cast = "bigint" if kind is BIGINT else "int"
    if ex.type.name in UNICODE:
        size = f"2 * mssql.u16len({ex.sql})"
    elif ex.type.name in CHARACTER:
        size = f"mssql.vlen({ex.sql}, {'true' if is_utf8_collation(ex.type.collation) else 'false'})"
    elif ex.type.name in BINARY:
        size = f"octet_length({ex.sql})"
    else:
        size = f"CASE WHEN ({ex.sql}) IS NOT NULL THEN {max_length(ex.type)} END"
    return Ex(f"({size})::{cast}", kind, ex.nullable)


@function("UPPER", "LOWER", "UCASE", "LCASE")
def _case(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 1)
    ex = text(binder, call.args[0], scope)
    name = "upper" if call.name.last.upper() in ("UPPER", "UCASE") else "lower"
    return Ex(f'{name}({ex.sql} COLLATE "default")', _kind(ex), ex.nullable)


@function("LTRIM", "RTRIM")
def _one_trim(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 1)
    ex = text(binder, call.args[0], scope)
    return Ex(f"{call.name.last.lower()}({ex.sql})", _kind(ex), ex.nullable)


@function("TRIM")
def _trim(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    if len(call.args) != 1:
        raise unsupported("TRIM(characters FROM string)", call.line)
    ex = text(binder, call.args[0], scope)
    return Ex(f"btrim({ex.sql})", _kind(ex), ex.nullable)


@function("SUBSTRING")
def _substring(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 3)
    ex = binder.typed(call.args[0], scope)
    start, size = integer(binder, call.args[1], scope), integer(binder, call.args[2], scope)
    assert ex.type is not None
    if ex.type.name in BINARY:
        taken = f"substring({ex.sql} FROM ({start.sql})::int FOR least({size.sql}, 2147483647 - ({start.sql}))::int)"
        return Ex(taken, SqlType("varbinary", ex.type.length), ex.nullable)
    ex = text(binder, call.args[0], scope)
    return Ex(f"mssql.substr16({ex.sql}, {start.sql}, {size.sql})", _kind(ex), ex.nullable)


@function("LEFT", "RIGHT")
def _left(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 2)
    ex, size = text(binder, call.args[0], scope), integer(binder, call.args[1], scope)
    start = "1" if call.name.last.upper() == "LEFT" else f"{units(ex)} - ({size.sql}) + 1"
    length = size.sql
    if start != "1":  # a longer RIGHT than the text is the whole text
        length = f"least({size.sql}, {units(ex)})"
        start = f"greatest({start}, 1)"
    return Ex(f"mssql.substr16({ex.sql}, {start}, {length})", _kind(ex), ex.nullable)


@function("REPLACE")
def _replace(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 3)
    ex, old, new = (text(binder, arg, scope) for arg in call.args)
    assert ex.type is not None
    kind = _kind(ex, MAX if ex.type.length == MAX else (4000 if ex.type.name in UNICODE else 8000))
    if is_case_sensitive(ex.type.collation):
        done = f'replace({ex.sql} COLLATE "C", {old.sql} COLLATE "C", {new.sql} COLLATE "C")'
    else:
        escaped = f"regexp_replace({old.sql} COLLATE \"C\", '([^[:alnum:][:space:]])', '\\\\\\1', 'g')"
        literal = f"replace({new.sql} COLLATE \"C\", '\\', '\\\\')"
        whole = f'regexp_replace({ex.sql} COLLATE "default", ({escaped}) COLLATE "default", {literal} COLLATE "default", \'gi\')'
        done = f"CASE WHEN {old.sql} = '' THEN {ex.sql} ELSE {whole} END"
    return Ex(f"({done})", kind, True)


@function("CHARINDEX")
def _charindex(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 2, 3)
    sought, ex = text(binder, call.args[0], scope), text(binder, call.args[1], scope)
    assert ex.type is not None
    a, b = f"{sought.sql}", f"{ex.sql}"
    if not is_case_sensitive(ex.type.collation):
        a, b = f'lower({a} COLLATE "default")', f'lower({b} COLLATE "default")'
    at = f'strpos({b} COLLATE "C", {a} COLLATE "C")'
    if len(call.args) == 3:
        start = f"greatest({integer(binder, call.args[2], scope).sql}, 1)::int"
        at = f'strpos(substr({b}, {start}) COLLATE "C", {a} COLLATE "C")'
        at = f"CASE {at} WHEN 0 THEN 0 ELSE {at} + {start} - 1 END"
    return Ex(f"({at})::int", INT, ex.nullable or sought.nullable)


@function("CONCAT", "CONCAT_WS")
def _concat(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    given = [binder.typed(arg, scope, SqlType("varchar", 1)) for arg in call.args]
    parts = [
        ex if ex.type and ex.type.name in CHARACTER else binder.convert(ex, SqlType("varchar", 60)) for ex in given
    ]
    unicode = any(part.type and part.type.name in UNICODE for part in parts)
    big = any(part.type and part.type.length == MAX for part in parts)
    size = MAX if big else min(4000 if unicode else 8000, sum((p.type.length or 1) for p in parts if p.type))
    name = "concat" if call.name.last.upper() == "CONCAT" else "concat_ws"
    return Ex(
        f"{name}({', '.join(part.sql for part in parts)})", SqlType("nvarchar" if unicode else "varchar", size), False
    )


@function("QUOTENAME")
def _quotename(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 1, 2)
    ex = text(binder, call.args[0], scope)
    mark = binder.value(call.args[1], scope).const if len(call.args) == 2 else "["
    pairs = {"[": ("[", "]"), "]": ("[", "]"), '"': ('"', '"'), "'": ("''", "''"), "(": ("(", ")")}
    if not isinstance(mark, str) or mark not in pairs:
        raise unsupported("QUOTENAME with that quote character", call.line)
    left, right = pairs[mark]
    doubled = f"replace({ex.sql} COLLATE \"C\", '{right}', '{right}{right}')"
    return Ex(f"('{left}' || {doubled} || '{right}')", SqlType("nvarchar", 258), ex.nullable)


@function("REPLICATE", "SPACE", "REVERSE")
def _repeat(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    name = call.name.last.upper()
    if name == "SPACE":
        arity(call, 1)
        count = integer(binder, call.args[0], scope)
        return Ex(f"repeat(' ', ({count.sql})::int)", SqlType("varchar", 8000), count.nullable)
    ex = text(binder, call.args[0], scope)
    if name == "REVERSE":
        return Ex(f"reverse({ex.sql})", _kind(ex), ex.nullable)
    arity(call, 2)
    count = integer(binder, call.args[1], scope)
    assert ex.type is not None
    limit = 4000 if ex.type.name in UNICODE else 8000
    if ex.type.length == MAX:
        return Ex(f"repeat({ex.sql}, ({count.sql})::int)", _kind(ex), ex.nullable)
    cut = f"mssql.cut_n(repeat({ex.sql}, ({count.sql})::int), {limit})" if limit == 4000 else (
        f"left(repeat({ex.sql}, ({count.sql})::int), {limit})"
    )  # fmt: skip
    return Ex(cut, _kind(ex, limit), ex.nullable)


@function("CHAR", "NCHAR")
def _char(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 1)
    code = integer(binder, call.args[0], scope).sql
    if call.name.last.upper() == "NCHAR":
        return Ex(f"chr(({code})::int)", SqlType("nchar", 1))
    return Ex(f"convert_from(set_byte('\\x00'::bytea, 0, ({code})::int), 'WIN1252')", SqlType("char", 1))


@function("ASCII", "UNICODE")
def _ascii(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 1)
    return Ex(f"ascii({text(binder, call.args[0], scope).sql})", INT)


@function("ISNULL")
def _isnull(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 2)
    first, second = binder.value(call.args[0], scope), binder.value(call.args[1], scope)
    kind = first.type or second.type or INT
    first, second = binder.convert(first, kind), binder.convert(second, kind)
    return Ex(f"coalesce({first.sql}, {second.sql})", kind, second.nullable)


@function("COALESCE")
def _coalesce(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    given = [binder.value(arg, scope) for arg in call.args]
    kind = binder.common_type(given)
    parts = [binder.convert(ex, kind) for ex in given]
    return Ex(f"coalesce({', '.join(part.sql for part in parts)})", kind, all(part.nullable for part in parts))


@function("NULLIF")
def _nullif(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 2)
    first, second = binder.typed(call.args[0], scope), binder.value(call.args[1], scope)
    return Ex(f"(CASE WHEN {binder.compare('=', first, second)} THEN NULL ELSE {first.sql} END)", first.type)


@function("IIF")
def _iif(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 3)
    return binder.value(n.Case(None, [(call.args[0], call.args[1])], call.args[2]), scope)


@function("CHOOSE")
def _choose(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    whens = [(n.Literal("int", str(i)), arg) for i, arg in enumerate(call.args[1:], 1)]
    return binder.value(n.Case(call.args[0], list(whens), None), scope)


@function("HASHBYTES")
def _hashbytes(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 2)
    algorithm = binder.value(call.args[0], scope).const
    found = {"MD5": "decode(md5({0}), 'hex')", "SHA2_256": "sha256({0})", "SHA2_512": "sha512({0})"}
    template = found.get(algorithm.upper()) if isinstance(algorithm, str) else None
    if template is None:
        raise unsupported(f"HASHBYTES with {algorithm}", call.line)
    ex = binder.typed(call.args[1], scope)
    return Ex(
        template.format(binder.convert(ex, SqlType("varbinary", MAX)).sql), SqlType("varbinary", 8000), ex.nullable
    )


@function("NEWID", "NEWSEQUENTIALID")
def _newid(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 0)
    return Ex("gen_random_uuid()", SqlType("uniqueidentifier"), False)


@function("ABS", "ROUND", "FLOOR", "CEILING", "SIGN")
def _math(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    name = call.name.last.upper()
    ex = binder.typed(call.args[0], scope, INT)
    assert ex.type is not None
    if ex.type.name in CHARACTER:
        ex = binder.convert(ex, FLOAT)
    kind = ex.type
    assert kind is not None
    if name == "ROUND":
        arity(call, 2, 3)
        return _round(binder, call, scope, ex)
    arity(call, 1)
    if name == "ABS":
        return Ex(f"abs({ex.sql})", kind, ex.nullable)
    if kind.name in INTEGERS and name != "SIGN":
        return ex
    if name in ("FLOOR", "CEILING") and kind.name in ("decimal", "numeric"):
        kind = SqlType(kind.name, precision=kind.precision, scale=0)
    cast = "::int" if kind.name in INTEGERS else ""
    return Ex(f"{ {'CEILING': 'ceil'}.get(name, name.lower()) }({ex.sql}){cast}", kind, ex.nullable)


def _round(binder: FunctionBinder, call: n.Call, scope: Scope, ex: Ex) -> Ex:
    assert ex.type is not None
    digits = f"({integer(binder, call.args[1], scope).sql})::int"
    word = "round"
    if len(call.args) == 3 and binder.value(call.args[2], scope).const != 0:
        word = "trunc"
    if ex.type.name in APPROXIMATE:
        return Ex(f"{word}(({ex.sql})::text::numeric, {digits})::float8", FLOAT, ex.nullable)
    back = {"int": "::int", "bigint": "::bigint", "smallint": "::int", "tinyint": "::int"}.get(ex.type.name, "")
    if ex.type.name in ("decimal", "numeric"):
        back = f"::numeric({ex.type.precision},{ex.type.scale})"
    return Ex(f"{word}(({ex.sql})::numeric, {digits}){back}", ex.type, ex.nullable)


@function("POWER", "SQRT", "EXP", "LOG", "LOG10", "RAND", "PI", "SIN", "COS", "TAN", "ATAN", "SQUARE")
def _float_math(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    name = call.name.last.upper()
    args = [binder.convert(binder.typed(arg, scope, FLOAT), FLOAT).sql for arg in call.args]
    if name == "RAND":
        return Ex("random()", FLOAT, False)
    if name == "SQUARE":
        return Ex(f"(({args[0]}) * ({args[0]}))", FLOAT)
    pg = {"LOG": "ln", "LOG10": "log"}.get(name, name.lower())
    if name == "POWER":
        base = binder.typed(call.args[0], scope, FLOAT)
        return binder.convert(Ex(f"power({', '.join(args)})", FLOAT), base.type or FLOAT)
    return Ex(f"{pg}({', '.join(args)})", FLOAT)


@function("ISNUMERIC")
def _isnumeric(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    ex = text(binder, call.args[0], scope)
    number = f"mssql.s_float({ex.sql}, 'float', 'varchar', true)"
    return Ex(f"(CASE WHEN btrim({ex.sql}) <> '' AND {number} IS NOT NULL THEN 1 ELSE 0 END)", INT, False)


@function("STUFF")
def _stuff(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 4)
    ex, new = text(binder, call.args[0], scope), text(binder, call.args[3], scope)
    start, size = (f"({integer(binder, arg, scope).sql})::int" for arg in call.args[1:3])
    return Ex(f"overlay({ex.sql} PLACING {new.sql} FROM {start} FOR {size})", _kind(ex), True)


@function("FORMAT", "PARSENAME", "STRING_ESCAPE", "CHECKSUM", "BINARY_CHECKSUM", "PATINDEX", "SOUNDEX", "COMPRESS")
def _refused(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    if call.name.last.upper() == "PARSENAME":
        arity(call, 2)
        piece = integer(binder, call.args[1], scope).sql
        name = text(binder, call.args[0], scope).sql
        return Ex(f"mssql.parse_name({name}, ({piece})::int)", SqlType("nvarchar", 128))
    raise unsupported(call.name.last.upper(), call.line)
