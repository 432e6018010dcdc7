"""sp_tables, sp_columns, sp_pkeys and their kin, as drivers call them (SQL Server: "Catalog stored procedures")."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from lab.sqlserver.engine.binding.like import like_regex
from lab.sqlserver.engine.syntax.parser import Parser
from lab.sqlserver.engine.types import resolve
from lab.sqlserver.engine.values import row_decoder
from lab.sqlserver.model import Column, Event, ResultSet, RowCount, Rows, SqlError, SqlType


@dataclass(frozen=True)
class Procedure:
    """`parameters` in their order; `sql` sees them as $1, $2, ..: patterns as regular expressions."""

    parameters: tuple[str, ...]
    patterns: frozenset[str]
    columns: tuple[tuple[str, SqlType], ...]
    sql: str


def _columns(text: str) -> tuple[tuple[str, SqlType], ...]:
    parser, found = Parser(text), []
    while True:
        name = parser.advance().text
        found.append((name, resolve(parser.type_name())))
        if not parser.take_op(","):
            return tuple(found)


PROCEDURES: dict[str, Procedure] = {}


def _define(names: str, parameters: str, patterns: str, columns: str, sql: str) -> None:
    made = Procedure(tuple(parameters.split()), frozenset(patterns.split()), _columns(columns), sql)
    for name in names.split():
        PROCEDURES[name] = made


_OBJECTS = "mssql.objects o JOIN mssql.schemas s USING (schema_id)"
_VISIBLE = "o.owner_session IS NULL"
_NAMED = f"{_VISIBLE} AND ($1::text IS NULL OR o.name ~* $1) AND ($2::text IS NULL OR s.name ~* $2)"
_EXACT = f"{_VISIBLE} AND lower(o.name) = lower($1) AND ($2::text IS NULL OR lower(s.name) = lower($2))"
# $3, the qualifier, must be this database or nothing.
_HERE = "($3::text IS NULL OR lower($3) = lower({db}))"

_define(
    "sp_tables", "table_name table_owner table_qualifier table_type fusepattern", "table_name table_owner",
    "TABLE_QUALIFIER sysname, TABLE_OWNER sysname, TABLE_NAME sysname, TABLE_TYPE varchar(32), REMARKS varchar(254)",
    f"SELECT {{db}}::text, s.name, o.name, CASE o.type WHEN 'U' THEN 'TABLE' ELSE 'VIEW' END, NULL::text FROM {_OBJECTS}"
    f" WHERE o.type IN ('U', 'V') AND {_NAMED} AND {_HERE} AND ($4::text IS NULL OR"
    " strpos($4, CASE o.type WHEN 'U' THEN '''TABLE''' ELSE '''VIEW''' END) > 0) ORDER BY 4, 1, 2, 3",
)  # fmt: skip

_DATA_TYPE = """CASE c.type_name WHEN 'bit' THEN -7 WHEN 'tinyint' THEN -6 WHEN 'smallint' THEN 5 WHEN 'int' THEN 4
 WHEN 'bigint' THEN -5 WHEN 'decimal' THEN 3 WHEN 'numeric' THEN 2 WHEN 'money' THEN 3 WHEN 'smallmoney' THEN 3
 WHEN 'real' THEN 7 WHEN 'float' THEN 6 WHEN 'char' THEN 1 WHEN 'varchar' THEN 12 WHEN 'nchar' THEN -8
 WHEN 'nvarchar' THEN -9 WHEN 'binary' THEN -2 WHEN 'varbinary' THEN -3 WHEN 'date' THEN {date} WHEN 'time' THEN -154
 WHEN 'datetime' THEN {stamp} WHEN 'smalldatetime' THEN {stamp} WHEN 'datetime2' THEN {stamp} WHEN 'datetimeoffset' THEN -155
 WHEN 'uniqueidentifier' THEN -11 WHEN 'xml' THEN -152 WHEN 'text' THEN -1 WHEN 'ntext' THEN -10 WHEN 'image' THEN -4
 ELSE 0 END::smallint"""
_PRECISION = """CASE WHEN c.type_name IN ('char', 'varchar', 'nchar', 'nvarchar', 'binary', 'varbinary') THEN
 CASE WHEN c.length = -1 THEN 0 ELSE c.length END WHEN c.type_name = 'datetime' THEN 23 WHEN c.type_name = 'float' THEN 53
 WHEN c.type_name = 'uniqueidentifier' THEN 36 WHEN c.type_name IN ('xml', 'text', 'image') THEN 2147483647
 WHEN c.type_name = 'ntext' THEN 1073741823 ELSE mssql.precision_of(c.type_name, c.prec, c.scale) END::int"""
_BYTES = """CASE WHEN c.length = -1 THEN 0 WHEN c.type_name IN ('decimal', 'numeric') THEN c.prec + 2
 WHEN c.type_name = 'date' THEN 6 WHEN c.type_name = 'time' THEN 12 WHEN c.type_name IN ('datetime2', 'datetime',
 'smalldatetime') THEN 16 WHEN c.type_name = 'datetimeoffset' THEN 20
 ELSE mssql.max_length(c.type_name, c.length, c.prec, c.scale) END::int"""
_SCALE = """CASE WHEN c.type_name IN ('char', 'varchar', 'nchar', 'nvarchar', 'binary', 'varbinary', 'uniqueidentifier', 'real',
 'float', 'date', 'xml', 'text', 'ntext', 'image', 'bit') THEN NULL ELSE mssql.scale_of(c.type_name, c.scale) END::smallint"""
_RADIX = """CASE WHEN c.type_name IN ('real', 'float', 'tinyint', 'smallint', 'int', 'bigint', 'decimal', 'numeric', 'money',
 'smallmoney') THEN 10 END::smallint"""
_COLUMNS = (
    "TABLE_QUALIFIER sysname, TABLE_OWNER sysname, TABLE_NAME sysname, COLUMN_NAME sysname, DATA_TYPE smallint,"
    " TYPE_NAME sysname, PRECISION int, LENGTH int, SCALE smallint, RADIX smallint, NULLABLE smallint, REMARKS varchar(254),"
    " COLUMN_DEF nvarchar(4000), SQL_DATA_TYPE smallint, SQL_DATETIME_SUB smallint, CHAR_OCTET_LENGTH int,"
    " ORDINAL_POSITION int, IS_NULLABLE varchar(254)"
)
_MORE_COLUMNS = (
    ", SS_IS_SPARSE smallint, SS_IS_COLUMN_SET smallint, SS_IS_COMPUTED smallint, SS_IS_IDENTITY smallint,"
    " SS_UDT_CATALOG_NAME sysname, SS_UDT_SCHEMA_NAME sysname, SS_UDT_ASSEMBLY_TYPE_NAME nvarchar(4000),"
    " SS_XML_SCHEMACOLLECTION_CATALOG_NAME sysname, SS_XML_SCHEMACOLLECTION_SCHEMA_NAME sysname,"
    " SS_XML_SCHEMACOLLECTION_NAME sysname, SS_DATA_TYPE tinyint"
)


def _columns_sql(more: str) -> str:
    kind = _DATA_TYPE.replace("{date}", "-9" if not more else "91").replace("{stamp}", "11" if not more else "93")
    return (
        f"SELECT {{db}}::text, s.name, o.name, c.name, {kind}, c.type_name ||"
        " CASE WHEN c.is_identity THEN ' identity' ELSE '' END,"
        f" {_PRECISION}, {_BYTES}, {_SCALE}, {_RADIX}, c.nullable::int::smallint, NULL::text, c.default_text, {kind},"
        " CASE WHEN c.type_name IN ('datetime', 'smalldatetime', 'datetime2') THEN 3 WHEN c.type_name = 'date' THEN 1"
        " END::smallint,"
        " CASE WHEN c.type_name IN ('char', 'varchar', 'nchar', 'nvarchar', 'binary', 'varbinary') THEN"
        " CASE WHEN c.length = -1 THEN 0 ELSE mssql.max_length(c.type_name, c.length, c.prec, c.scale) END END::int,"
        f" row_number() OVER (PARTITION BY o.object_id ORDER BY c.column_id)::int, CASE WHEN c.nullable THEN 'YES' ELSE 'NO' END{more}"
        f" FROM {_OBJECTS} JOIN mssql.columns c USING (object_id) WHERE o.type IN ('U', 'V') AND {_NAMED} AND {_HERE}"
        " AND ($4::text IS NULL OR c.name ~* $4) ORDER BY 1, 2, 3, 17"
    )


_COLUMN_PARAMETERS = "table_name table_owner table_qualifier column_name namescope odbcver fusepattern"
_COLUMN_PATTERNS = "table_name table_owner column_name"
_define("sp_columns", _COLUMN_PARAMETERS.replace("namescope ", ""), _COLUMN_PATTERNS, _COLUMNS + ", SS_DATA_TYPE tinyint",
        _columns_sql(", 0::smallint"))  # fmt: skip
_define(
    "sp_columns_100 sp_columns_90 sp_columns_170", _COLUMN_PARAMETERS, _COLUMN_PATTERNS, _COLUMNS + _MORE_COLUMNS,
    _columns_sql(
        ", 0::smallint, 0::smallint, (c.computed IS NOT NULL)::int::smallint, c.is_identity::int::smallint, NULL::text,"
        " NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, 0::smallint"
    ),
)  # fmt: skip

_define(
    "sp_pkeys", "table_name table_owner table_qualifier", "",
    "TABLE_QUALIFIER sysname, TABLE_OWNER sysname, TABLE_NAME sysname, COLUMN_NAME sysname, KEY_SEQ smallint, PK_NAME sysname",
    f"SELECT {{db}}::text, s.name, o.name, c.name, m.key_ordinal::smallint, i.name FROM {_OBJECTS}"
    " JOIN mssql.indexes i USING (object_id) JOIN mssql.index_columns m USING (object_id, index_id)"
    " JOIN mssql.columns c USING (object_id, column_id)"
    f" WHERE i.is_primary_key AND NOT m.is_included AND {_EXACT} AND {_HERE} ORDER BY 1, 2, 3, 5",
)  # fmt: skip

_define(
    "sp_statistics sp_statistics_100", "table_name table_owner table_qualifier index_name is_unique accuracy", "",
    "TABLE_QUALIFIER sysname, TABLE_OWNER sysname, TABLE_NAME sysname, NON_UNIQUE smallint, INDEX_QUALIFIER sysname,"
    " INDEX_NAME sysname, TYPE smallint, SEQ_IN_INDEX smallint, COLUMN_NAME sysname, COLLATION char(1), CARDINALITY int,"
    " PAGES int, FILTER_CONDITION varchar(128)",
    f"SELECT {{db}}::text, s.name, o.name, NULL::smallint, NULL::text, NULL::text, 0::smallint, NULL::smallint, NULL::text,"
    f" NULL::text, mssql.rowcount(o.object_id)::int, 1, NULL::text FROM {_OBJECTS} WHERE o.type = 'U' AND {_EXACT} AND {_HERE}"
    f" UNION ALL SELECT {{db}}::text, s.name, o.name, (NOT i.is_unique)::int::smallint, o.name, i.name,"
    " CASE WHEN i.is_clustered THEN 1 ELSE 3 END::smallint, m.key_ordinal::smallint, c.name,"
    " CASE WHEN m.is_descending THEN 'D' ELSE 'A' END, mssql.rowcount(o.object_id)::int, 1, i.filter"
    f" FROM {_OBJECTS} JOIN mssql.indexes i USING (object_id) JOIN mssql.index_columns m USING (object_id, index_id)"
    f" JOIN mssql.columns c USING (object_id, column_id) WHERE NOT m.is_included AND {_EXACT} AND {_HERE}"
    " AND ($5::text IS DISTINCT FROM 'Y' OR i.is_unique) ORDER BY 4 NULLS FIRST, 7, 6, 8",
)  # fmt: skip

_define(
    "sp_special_columns sp_special_columns_100", "table_name table_owner table_qualifier col_type scope nullable odbcver", "",
    "SCOPE smallint, COLUMN_NAME sysname, DATA_TYPE smallint, TYPE_NAME sysname, PRECISION int, LENGTH int, SCALE smallint,"
    " PSEUDO_COLUMN smallint",
    f"SELECT 0::smallint, c.name, {_DATA_TYPE.replace('{date}', '91').replace('{stamp}', '93')}, c.type_name, {_PRECISION},"
    f" {_BYTES}, {_SCALE}, 1::smallint FROM {_OBJECTS} JOIN mssql.indexes i USING (object_id)"
    " JOIN mssql.index_columns m USING (object_id, index_id) JOIN mssql.columns c USING (object_id, column_id)"
    f" WHERE i.is_primary_key AND NOT m.is_included AND {_EXACT} AND {_HERE} ORDER BY m.key_ordinal",
)  # fmt: skip

_define(
    "sp_fkeys", "pktable_name pktable_owner pktable_qualifier fktable_name fktable_owner fktable_qualifier", "",
    "PKTABLE_QUALIFIER sysname, PKTABLE_OWNER sysname, PKTABLE_NAME sysname, PKCOLUMN_NAME sysname,"
    " FKTABLE_QUALIFIER sysname, FKTABLE_OWNER sysname, FKTABLE_NAME sysname, FKCOLUMN_NAME sysname, KEY_SEQ smallint,"
    " UPDATE_RULE smallint, DELETE_RULE smallint, FK_NAME sysname, PK_NAME sysname, DEFERRABILITY smallint",
    "SELECT {db}::text, ps.name, po.name, pc.name, {db}::text, cs.name, co.name, cc.name, k.n::smallint,"
    " CASE f.on_update WHEN 'CASCADE' THEN 0 ELSE 1 END::smallint, CASE f.on_delete WHEN 'CASCADE' THEN 0 ELSE 1 END::smallint,"
    " fo.name, (SELECT i.name FROM mssql.indexes i WHERE i.object_id = po.object_id AND i.is_primary_key), 7::smallint"
    " FROM mssql.foreign_keys f JOIN mssql.objects fo ON fo.object_id = f.object_id"
    " JOIN mssql.objects po ON po.object_id = f.referenced_object_id JOIN mssql.schemas ps ON ps.schema_id = po.schema_id"
    " JOIN mssql.objects co ON co.object_id = f.parent_object_id JOIN mssql.schemas cs ON cs.schema_id = co.schema_id"
    " CROSS JOIN LATERAL unnest(f.columns, f.referenced_columns) WITH ORDINALITY AS k(child, parent, n)"
    " JOIN mssql.columns pc ON pc.object_id = po.object_id AND pc.column_id = k.parent"
    " JOIN mssql.columns cc ON cc.object_id = co.object_id AND cc.column_id = k.child"
    " WHERE ($1::text IS NULL OR lower(po.name) = lower($1)) AND ($2::text IS NULL OR lower(ps.name) = lower($2)) AND"
    f" {_HERE} AND ($4::text IS NULL OR lower(co.name) = lower($4)) AND ($5::text IS NULL OR lower(cs.name) = lower($5))"
    " ORDER BY 5, 6, 7, 9",
)  # fmt: skip

_define(
    "sp_databases", "", "", "DATABASE_NAME sysname, DATABASE_SIZE int, REMARKS varchar(254)",
    "SELECT nm, 8192, NULL::text FROM (VALUES {databases}) AS d(nm, i) ORDER BY 1",
)  # fmt: skip

_TYPES = (
    ("bigint", -5, 19), ("binary", -2, 8000), ("bit", -7, 1), ("char", 1, 8000), ("date", 91, 10), ("datetime", 93, 23),
    ("datetime2", 93, 27), ("datetimeoffset", -155, 34), ("decimal", 3, 38), ("float", 6, 53), ("int", 4, 10),
    ("money", 3, 19), ("nchar", -8, 4000), ("numeric", 2, 38), ("nvarchar", -9, 4000), ("real", 7, 24),
    ("smalldatetime", 93, 16), ("smallint", 5, 5), ("smallmoney", 3, 10), ("time", -154, 16), ("tinyint", -6, 3),
    ("uniqueidentifier", -11, 36), ("varbinary", -3, 8000), ("varchar", 12, 8000), ("xml", -152, 0),
)  # fmt: skip
_TYPE_ROWS = ", ".join(f"('{name}', {code}, {size})" for name, code, size in _TYPES)
_define(
    "sp_datatype_info sp_datatype_info_100 sp_datatype_info_90", "data_type odbcver", "",
    "TYPE_NAME sysname, DATA_TYPE smallint, PRECISION int, LITERAL_PREFIX varchar(32), LITERAL_SUFFIX varchar(32),"
    " CREATE_PARAMS varchar(32), NULLABLE smallint, CASE_SENSITIVE smallint, SEARCHABLE smallint, UNSIGNED_ATTRIBUTE smallint,"
    " MONEY smallint, AUTO_INCREMENT smallint, LOCAL_TYPE_NAME sysname, MINIMUM_SCALE smallint, MAXIMUM_SCALE smallint,"
    " SQL_DATA_TYPE smallint, SQL_DATETIME_SUB smallint, NUM_PREC_RADIX int, INTERVAL_PRECISION smallint, USERTYPE smallint",
    "SELECT t.name, t.code::smallint, t.size, NULL::text, NULL::text, NULL::text, 1::smallint, 0::smallint, 2::smallint,"
    " NULL::smallint, (t.name LIKE '%money')::int::smallint, 0::smallint, t.name, NULL::smallint, NULL::smallint,"
    f" t.code::smallint, NULL::smallint, NULL::int, NULL::smallint, 0::smallint FROM (VALUES {_TYPE_ROWS}) AS t(name, code, size)"
    " WHERE $1::text IS NULL OR $1::text = '0' OR t.code::text = $1::text ORDER BY 2, 1",
)  # fmt: skip


async def run_catalog_procedure(session: Any, name: str, given: dict[str, Any]) -> AsyncIterator[Event]:
    procedure = PROCEDURES[name]
    arguments: list[str | None] = []
    for index, parameter in enumerate(procedure.parameters):
        value = given.get(parameter, given.get(str(index)))
        if value is not None and parameter in procedure.patterns:
            value = like_regex(str(value), "")
        arguments.append(None if value is None else str(value))
    unknown = [key for key in given if not key.isdigit() and key not in procedure.parameters]
    if unknown:
        raise SqlError(8145, f"@{unknown[0]} is not a parameter for procedure {name}.")
    facts = session.facts(await session.snapshot())
    literal = "'" + facts.database.replace("'", "''") + "'"
    sql = procedure.sql.replace("{db}", literal).replace("{databases}", facts.database_rows())
    used = [i for i in range(1, len(arguments) + 1) if f"${i}" in sql]
    for position, number in enumerate(used, 1):
        sql = sql.replace(f"${number}", f"$~{position}")
    records = await session.connection.fetch(sql.replace("$~", "$"), *(arguments[i - 1] for i in used))
    columns = [Column(column, kind) for column, kind in procedure.columns]
    decode = row_decoder([kind for _, kind in procedure.columns])
    yield ResultSet(columns)
    yield Rows([decode(record) for record in records])
    session.row_count = len(records)
    yield RowCount(len(records), "SELECT")
