"""T-SQL types: their names, limits, precedence, and where PostgreSQL keeps their values.

Calendar and clock types are kept as 100 ns ticks so that scale 7 is exact:
  time -> bigint ticks since midnight; datetime2, datetime, smalldatetime -> bigint ticks since 0001-01-01;
  datetimeoffset -> numeric: UTC ticks * 10000 + (offset minutes + 840), so that div(x, 10000) is the instant.
"""

from __future__ import annotations

from lab.sqlserver.config import DEFAULT_COLLATION
from lab.sqlserver.model import MAX, SqlError, SqlType

from .syntax.nodes import TypeName

CHARACTER = frozenset({"char", "varchar", "nchar", "nvarchar", "text", "ntext", "sysname", "xml"})
UNICODE = frozenset({"nchar", "nvarchar", "ntext", "sysname", "xml"})
BINARY = frozenset({"binary", "varbinary", "image", "timestamp"})
INTEGERS = frozenset({"bit", "tinyint", "smallint", "int", "bigint"})
EXACT = frozenset({"decimal", "numeric", "money", "smallmoney"})
APPROXIMATE = frozenset({"real", "float"})
NUMERIC = INTEGERS | EXACT | APPROXIMATE
POINTS = frozenset({"datetime", "smalldatetime", "datetime2"})  # kept as ticks since year 1
TEMPORAL = POINTS | {"date", "time", "datetimeoffset"}

# Data type precedence, highest first: a mixed expression takes the first of the two.
PRECEDENCE = (
    "sql_variant", "xml", "datetimeoffset", "datetime2", "datetime", "smalldatetime", "date", "time", "float", "real",
    "decimal", "numeric", "money", "smallmoney", "bigint", "int", "smallint", "tinyint", "bit", "ntext", "text", "image",
    "timestamp", "uniqueidentifier", "sysname", "nvarchar", "nchar", "varchar", "char", "varbinary", "binary",
)  # fmt: skip

# name -> (system_type_id, user_type_id, max_length, precision, scale)
SYSTEM_TYPES: dict[str, tuple[int, int, int, int, int]] = {
    "image": (34, 34, 16, 0, 0), "text": (35, 35, 16, 0, 0), "uniqueidentifier": (36, 36, 16, 0, 0),
    "date": (40, 40, 3, 10, 0), "time": (41, 41, 5, 16, 7), "datetime2": (42, 42, 8, 27, 7),
    "datetimeoffset": (43, 43, 10, 34, 7), "tinyint": (48, 48, 1, 3, 0), "smallint": (52, 52, 2, 5, 0),
    "int": (56, 56, 4, 10, 0), "smalldatetime": (58, 58, 4, 16, 0), "real": (59, 59, 4, 24, 0),
    "money": (60, 60, 8, 19, 4), "datetime": (61, 61, 8, 23, 3), "float": (62, 62, 8, 53, 0),
    "sql_variant": (98, 98, 8016, 0, 0), "ntext": (99, 99, 16, 0, 0), "bit": (104, 104, 1, 1, 0),
    "decimal": (106, 106, 17, 38, 38), "numeric": (108, 108, 17, 38, 38), "smallmoney": (122, 122, 4, 10, 4),
    "bigint": (127, 127, 8, 19, 0), "hierarchyid": (240, 128, 892, 0, 0), "geometry": (240, 129, -1, 0, 0),
    "geography": (240, 130, -1, 0, 0), "varbinary": (165, 165, 8000, 0, 0), "varchar": (167, 167, 8000, 0, 0),
    "binary": (173, 173, 8000, 0, 0), "char": (175, 175, 8000, 0, 0), "timestamp": (189, 189, 8, 0, 0),
    "nvarchar": (231, 231, 8000, 0, 0), "nchar": (239, 239, 8000, 0, 0), "xml": (241, 241, -1, 0, 0),
    "sysname": (231, 256, 256, 0, 0),
}  # fmt: skip

_UNSUPPORTED = {"sql_variant", "hierarchyid", "geometry", "geography", "timestamp", "cursor", "table", "vector", "json"}
_LENGTH_LIMIT = {"char": 8000, "varchar": 8000, "binary": 8000, "varbinary": 8000, "nchar": 4000, "nvarchar": 4000}

_STORAGE = {
    "bit": "smallint", "tinyint": "smallint", "smallint": "smallint", "int": "integer", "bigint": "bigint",
    "money": "numeric", "smallmoney": "numeric", "real": "real", "float": "double precision", "date": "date",
    "time": "bigint", "datetimeoffset": "numeric", "uniqueidentifier": "uuid",
}  # fmt: skip

INT = SqlType("int")
BIGINT = SqlType("bigint")
BIT = SqlType("bit")
SYSNAME = SqlType("nvarchar", 128)
FLOAT = SqlType("float")


def nvarchar(length: int) -> SqlType:
    return SqlType("nvarchar", length)


def varchar(length: int) -> SqlType:
    return SqlType("varchar", length)


def storage(of: SqlType) -> str:
    """The PostgreSQL type that keeps values of this type."""
    if of.name in CHARACTER:
        return "text"
    if of.name in BINARY:
        return "bytea"
    if of.name in POINTS:
        return "bigint"
    if of.name in ("decimal", "numeric"):
        return f"numeric({of.precision},{of.scale})"
    return _STORAGE[of.name]


def resolve(name: TypeName, cast: bool = False) -> SqlType:
    """The type a declaration spells; in CAST a missing length is 30, elsewhere 1."""
    word = name.name
    if word not in SYSTEM_TYPES:
        raise SqlError(243 if cast else 2715, _unknown(word, cast), 16, 1, name.line)
    if word in _UNSUPPORTED:
        raise SqlError(40517, f"The SQL Server stand-in does not support the data type {word}.", 16, 1, name.line)
    if word in _LENGTH_LIMIT:
        return _sized(name, 30 if cast else 1)
    if word in ("decimal", "numeric"):
        precision = 18 if name.length is None else name.length
        scale = name.scale or 0
        if not 1 <= precision <= 38:
            raise SqlError(2750, f"Column or parameter #1: Specified column precision {precision} is greater than "
                           "the maximum precision of 38.")  # fmt: skip
        if scale > precision:
            raise SqlError(192, "The scale must be less than or equal to the precision.", 15)
        return SqlType(word, precision=precision, scale=scale)
    if word in ("time", "datetime2", "datetimeoffset"):
        scale = 7 if name.length is None else name.length
        if not 0 <= scale <= 7:
            raise SqlError(1002, f"Line {name.line}: Specified scale {scale} is invalid.", 16)
        return SqlType(word, scale=scale)
    if word == "float":
        return SqlType("real") if name.length is not None and name.length <= 24 else SqlType("float")
    if word == "sysname":
        return SYSNAME
    if word in ("text", "ntext", "image", "xml"):
        return SqlType(word, MAX)
    if name.length is not None:
        raise SqlError(2716, f"Column, parameter, or variable #1: Cannot specify a column width on data type {word}.")
    return SqlType(word)


def _unknown(word: str, cast: bool) -> str:
    if cast:
        return f"Type {word} is not a defined system type."
    return f"Column, parameter, or variable #1: Cannot find data type {word}."


def _sized(name: TypeName, default: int) -> SqlType:
    length = default if name.length is None else name.length
    limit = _LENGTH_LIMIT[name.name]
    variable = name.name in ("varchar", "nvarchar", "varbinary")
    if length == MAX and variable:
        return SqlType(name.name, MAX)
    if length == 0 or length < 0:
        raise SqlError(
            1001, f"Line {name.line}: Length or precision specification {length} is invalid.", 15, 1, name.line
        )
    if length > limit:
        raise SqlError(131, f"The size ({length}) given to the type '{name.name}' exceeds the maximum allowed for any "
                       f"data type ({limit}).", 15, 2, name.line)  # fmt: skip
    return SqlType(name.name, length)


def max_length(of: SqlType) -> int:
    """Bytes, as sys.columns.max_length tells; -1 for (max)."""
    if of.name in ("nchar", "nvarchar"):
        return -1 if of.length == MAX else 2 * (of.length or 0)
    if of.name in ("char", "varchar", "binary", "varbinary"):
        return of.length if of.length is not None else 0
    if of.name in ("decimal", "numeric"):
        precision = of.precision or 18
        return 5 if precision <= 9 else 9 if precision <= 19 else 13 if precision <= 28 else 17
    if of.name in ("time", "datetime2", "datetimeoffset"):
        scale = 7 if of.scale is None else of.scale
        return {"time": 3, "datetime2": 6, "datetimeoffset": 8}[of.name] + (0 if scale <= 2 else 1 if scale <= 4 else 2)
    return SYSTEM_TYPES[of.name][2]


def precision_of(of: SqlType) -> int:
    if of.name in ("decimal", "numeric"):
        return of.precision or 18
    if of.name in ("time", "datetime2", "datetimeoffset"):
        base = {"time": 8, "datetime2": 19, "datetimeoffset": 26}[of.name]
        return base + (of.scale + 1 if of.scale else 0)
    return SYSTEM_TYPES[of.name][3]


def scale_of(of: SqlType) -> int:
    if of.name in ("decimal", "numeric", "time", "datetime2", "datetimeoffset"):
        return of.scale or 0
    return SYSTEM_TYPES[of.name][4] if of.name not in ("decimal", "numeric") else 0


def declare(of: SqlType) -> str:
    """The type as T-SQL spells it: nvarchar(max), decimal(38,10)."""
    if of.name in _LENGTH_LIMIT:
        return f"{of.name}({'max' if of.length == MAX else of.length})"
    if of.name in ("decimal", "numeric"):
        return f"{of.name}({of.precision},{of.scale})"
    if of.name in ("time", "datetime2", "datetimeoffset"):
        return f"{of.name}({of.scale})"
    return of.name


def is_binary_collation(collation: str | None) -> bool:
    name = (collation or DEFAULT_COLLATION).upper()
    return "_BIN" in name


def is_utf8_collation(collation: str | None) -> bool:
    return (collation or "").upper().endswith("_UTF8")


def is_case_sensitive(collation: str | None) -> bool:
    name = (collation or DEFAULT_COLLATION).upper()
    return "_BIN" in name or "_CS" in name


def pg_collation(collation: str | None) -> str:
    """The PostgreSQL collation that orders and compares like this one."""
    if is_binary_collation(collation):
        return '"C"'
    return "mssql.cs" if is_case_sensitive(collation) else "mssql.ci"


def canonical_collation(name: str) -> str:
    """448 unless it looks like one of SQL Server's collations whose order the engine can keep."""
    upper = name.upper()
    if upper == "DATABASE_DEFAULT" or upper == "CATALOG_DEFAULT":
        return DEFAULT_COLLATION
    if upper.endswith("_AI") or "_AI_" in upper or "_CI_AI" in upper:
        raise SqlError(40517, f"The SQL Server stand-in does not support the accent-insensitive collation {name}.")
    known = ("_CI_AS", "_CS_AS", "_BIN", "_BIN2", "_BIN2_UTF8", "_SC", "_UTF8", "_WS", "_KS")
    if not any(upper.endswith(end) for end in known):
        raise SqlError(448, f"Invalid collation '{name}'.")
    return name
