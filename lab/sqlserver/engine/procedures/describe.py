"""sp_describe_first_result_set: what a batch's first SELECT would return."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from lab.sqlserver.engine.syntax import nodes as n
from lab.sqlserver.engine.syntax import statements as s
from lab.sqlserver.engine.syntax.base import unsupported
from lab.sqlserver.engine.types import (
    BINARY,
    CHARACTER,
    MAX,
    SYSTEM_TYPES,
    declare,
    is_utf8_collation,
    max_length,
    precision_of,
    scale_of,
)
from lab.sqlserver.model import Column, Event, ResultSet, RowCount, Rows, SqlError, SqlType

_INT, _BIT, _TINYINT, _SMALLINT = SqlType("int"), SqlType("bit"), SqlType("tinyint"), SqlType("smallint")
_NAME = SqlType("nvarchar", 128)
_COLUMNS = (
    ("is_hidden", _BIT), ("column_ordinal", _INT), ("name", _NAME), ("is_nullable", _BIT), ("system_type_id", _INT),
    ("system_type_name", SqlType("nvarchar", 256)), ("max_length", _SMALLINT), ("precision", _TINYINT), ("scale", _TINYINT),
    ("collation_name", _NAME), ("user_type_id", _INT), ("user_type_database", _NAME), ("user_type_schema", _NAME),
    ("user_type_name", _NAME), ("assembly_qualified_type_name", SqlType("nvarchar", 4000)), ("xml_collection_id", _INT),
    ("xml_collection_database", _NAME), ("xml_collection_schema", _NAME), ("xml_collection_name", _NAME),
    ("is_xml_document", _BIT), ("is_case_sensitive", _BIT), ("is_fixed_length_clr_type", _BIT), ("source_server", _NAME),
    ("source_database", _NAME), ("source_schema", _NAME), ("source_table", _NAME), ("source_column", _NAME),
    ("is_identity_column", _BIT), ("is_part_of_unique_key", _BIT), ("is_updateable", _BIT), ("is_computed_column", _BIT),
    ("is_sparse_column_set", _BIT), ("ordinal_in_order_by_list", _SMALLINT), ("order_by_list_length", _SMALLINT),
    ("order_by_is_descending", _SMALLINT), ("tds_type_id", _INT), ("tds_length", _INT), ("tds_collation_id", _INT),
    ("tds_collation_sort_id", _TINYINT),
)  # fmt: skip
# Types without a length of their own on the wire, by name; a nullable integer is INTN and so on.
_FIXED = {"tinyint": 48, "bit": 50, "smallint": 52, "int": 56, "smalldatetime": 58, "real": 59, "money": 60, "datetime": 61,
          "float": 62, "smallmoney": 122, "bigint": 127}  # fmt: skip
_NULLABLE = {**dict.fromkeys(("tinyint", "smallint", "int", "bigint"), 38), "bit": 104, "real": 109, "float": 109,
             "money": 110, "smallmoney": 110, "datetime": 111, "smalldatetime": 111}  # fmt: skip
_WIRE = {"decimal": 106, "numeric": 108, "date": 40, "time": 41, "datetime2": 42, "datetimeoffset": 43,
         "uniqueidentifier": 36, "char": 175, "varchar": 167, "nchar": 239, "nvarchar": 231, "sysname": 231,
         "binary": 173, "varbinary": 165, "xml": 241, "text": 35, "ntext": 99, "image": 34, "timestamp": 173}  # fmt: skip
# SQL_Latin1_General_CP1_CI_AS: its locale with flags, and its sort id.
_COLLATION_ID, _SORT_ID = 0x00D00409, 52


def _tables(node: Any) -> list[n.TableRef]:
    if isinstance(node, n.TableRef):
        return [node]
    found = []
    for value in vars(node).values() if isinstance(node, n.Node) else node if isinstance(node, list) else ():
        if isinstance(value, (n.Node, list)):
            found += _tables(value)
    return found


def _row(number: int, column: Column) -> list[Any]:
    kind = column.type
    size = max_length(kind)
    character = kind.name in CHARACTER
    code = (_NULLABLE if column.nullable else _FIXED).get(kind.name) or _WIRE[kind.name]
    length = 65535 if kind.length == MAX and (character or kind.name in BINARY) else 17 if code in (106, 108) else size
    ids = SYSTEM_TYPES[kind.name]
    named = "nvarchar(128)" if kind.name == "sysname" else declare(kind)
    values: dict[str, Any] = {
        "is_hidden": False, "column_ordinal": number, "name": column.name or None, "is_nullable": column.nullable,
        "system_type_id": ids[0], "system_type_name": named, "max_length": size, "precision": precision_of(kind),
        "scale": scale_of(kind), "collation_name": kind.collation if character else None, "is_xml_document": False,
        "is_case_sensitive": character and "_CI_" not in (kind.collation or "_CI_"), "is_fixed_length_clr_type": False,
        "is_identity_column": column.identity, "is_updateable": not column.identity, "is_computed_column": False,
        "is_sparse_column_set": False, "tds_type_id": code, "tds_length": length,
        "tds_collation_id": (_COLLATION_ID | (0x04000000 if is_utf8_collation(kind.collation) else 0)) if character else None,
        "tds_collation_sort_id": _SORT_ID if character else None,
    }  # fmt: skip
    return [values.get(name) for name, _ in _COLUMNS]


async def describe_first_result_set(session: Any, given: dict[str, Any]) -> AsyncIterator[Event]:
    from lab.sqlserver.engine.remote import parse_declarations

    text = given.get("tsql", given.get("0")) or ""
    statement = next((item for item in session.parsed(text) if isinstance(item, s.SelectStatement)), None)
    yield ResultSet([Column(name, kind) for name, kind in _COLUMNS])
    rows: list[list[Any]] = []
    if statement is not None:
        for table in _tables(statement.query):
            if table.name.last.startswith("#"):
                raise SqlError(
                    11526, f"The metadata could not be determined because statement '{text[:200]}' uses a temp table."
                )
        if isinstance(statement.query.body, n.Select) and statement.query.body.into is not None:
            raise unsupported("sp_describe_first_result_set of SELECT INTO")
        outer = session.variables
        session.variables = type(outer)()
        try:
            for declared in parse_declarations(given.get("params", given.get("1"))):
                session.variables.declare(declared.name, declared.type)
            snapshot = await session.snapshot()
            key = (text, given.get("params", given.get("1")))
            # A bulk copy asks for the same before every batch.
            if session.described[0] is not snapshot:
                session.described = (snapshot, {})
            if key not in session.described[1]:
                bound = session.binder(snapshot).query(statement.query, None)
                session.described[1][key] = [_row(i, column) for i, column in enumerate(bound.result_columns(), 1)]
            rows = session.described[1][key]
        finally:
            session.variables = outer
    yield Rows(rows)
    yield RowCount(len(rows), "SELECT")
