"""sys.* and INFORMATION_SCHEMA.*: their columns, and the PostgreSQL query behind each."""

from __future__ import annotations

from dataclasses import dataclass

from lab.sqlserver.engine.syntax.parser import Parser
from lab.sqlserver.engine.types import CHARACTER, SYSTEM_TYPES, resolve
from lab.sqlserver.model import SqlType

_CATALOG_COLLATION = "SQL_Latin1_General_CP1_CI_AS"


@dataclass(frozen=True)
class SystemView:
    columns: tuple[tuple[str, SqlType], ...]
    sql: str


def _view(columns: str, sql: str) -> SystemView:
    """`columns`: "name type, name type"; `sql` yields them in that order."""
    parsed = []
    parser = Parser(columns)
    while True:
        name = parser.advance().text
        kind = resolve(parser.type_name())
        if kind.name in CHARACTER:
            kind = SqlType(kind.name, kind.length, collation=_CATALOG_COLLATION)
        parsed.append((name, kind))
        if not parser.take_op(","):
            return SystemView(tuple(parsed), sql)


# Placeholders: {databases} rows (name, id), {db} the database's name as a literal, {session} the session's number.
SYSTEM_VIEWS: dict[tuple[str, str], SystemView] = {}
_FLAG = "::smallint"


def _define(schema: str, name: str, columns: str, sql: str) -> None:
    SYSTEM_VIEWS[(schema, name)] = _view(columns, sql)


_define("sys", "databases", "name sysname, database_id int, source_database_id int, owner_sid varbinary(85), "
        "create_date datetime, compatibility_level tinyint, collation_name sysname, user_access tinyint, "
        "user_access_desc nvarchar(60), is_read_only bit, state tinyint, state_desc nvarchar(60), "
        "snapshot_isolation_state tinyint, snapshot_isolation_state_desc nvarchar(60), "
        "is_read_committed_snapshot_on bit, recovery_model tinyint, recovery_model_desc nvarchar(60), is_cdc_enabled bit, "
        "is_auto_close_on bit, is_trustworthy_on bit, containment tinyint, containment_desc nvarchar(60)",
        "SELECT nm, i, NULL::int, '\\x01'::bytea, 621355968000000000::bigint, 160::smallint, "
        "'SQL_Latin1_General_CP1_CI_AS', 0::smallint, 'MULTI_USER', 0::smallint, 0::smallint, 'ONLINE', 1::smallint, 'ON', "
        "1::smallint, 1::smallint, 'FULL', 0::smallint, 0::smallint, 0::smallint, 0::smallint, 'NONE' "
        "FROM (VALUES {databases}) AS d(nm, i)")  # fmt: skip

_define("sys", "schemas", "name sysname, schema_id int, principal_id int",
        "SELECT name, schema_id, principal_id FROM mssql.schemas")  # fmt: skip

_OBJECT_COLUMNS = ("name sysname, object_id int, principal_id int, schema_id int, parent_object_id int, type char(2), "
                   "type_desc nvarchar(60), create_date datetime, modify_date datetime, is_ms_shipped bit, "
                   "is_published bit, is_schema_published bit")  # fmt: skip
_OBJECT_SQL = ("SELECT o.name, o.object_id, NULL::int, o.schema_id, o.parent_object_id, rpad(o.type, 2), "
               "CASE o.type WHEN 'U' THEN 'USER_TABLE' WHEN 'V' THEN 'VIEW' WHEN 'PK' THEN 'PRIMARY_KEY_CONSTRAINT' "
               "WHEN 'UQ' THEN 'UNIQUE_CONSTRAINT' WHEN 'F' THEN 'FOREIGN_KEY_CONSTRAINT' WHEN 'C' THEN 'CHECK_CONSTRAINT' "
               "WHEN 'D' THEN 'DEFAULT_CONSTRAINT' END, mssql.ticks(o.create_date), mssql.ticks(o.modify_date), "
               "0::smallint, 0::smallint, 0::smallint{more} FROM mssql.objects o {join} "
               "WHERE o.owner_session IS NULL{where}")  # fmt: skip


def _objects(more: str = "", join: str = "", where: str = "") -> str:
    return _OBJECT_SQL.replace("{more}", more).replace("{join}", join).replace("{where}", where)


_define("sys", "objects", _OBJECT_COLUMNS, _objects())
_define("sys", "all_objects", _OBJECT_COLUMNS, _objects())
_define("sys", "tables", _OBJECT_COLUMNS + ", lob_data_space_id int, max_column_id_used int, uses_ansi_nulls bit, "
        "is_memory_optimized bit, temporal_type tinyint, temporal_type_desc nvarchar(60), is_external bit, "
        "is_filetable bit, lock_escalation tinyint, is_replicated bit, is_tracked_by_cdc bit, history_table_id int, is_node bit, is_edge bit",
        _objects(", 0, (SELECT max(column_id) FROM mssql.columns c WHERE c.object_id = o.object_id), 1::smallint, "
                 "0::smallint, 0::smallint, 'NON_TEMPORAL_TABLE', 0::smallint, 0::smallint, 0::smallint, 0::smallint, "
                 "0::smallint, NULL::int, 0::smallint, 0::smallint", where=" AND o.type = 'U'"))  # fmt: skip
_define("sys", "views", _OBJECT_COLUMNS + ", with_check_option bit",
        _objects(", 0::smallint", where=" AND o.type = 'V'"))  # fmt: skip
for _empty in ("procedures", "synonyms", "sequences"):
    _define("sys", _empty, _OBJECT_COLUMNS, _objects(where=" AND false"))

_TYPE_ROWS = ", ".join(
    f"('{name}', {ids[0]}, {ids[1]}, {ids[2]}, {ids[3]}, {ids[4]}, {int(name in CHARACTER and name != 'xml')})"
    for name, ids in SYSTEM_TYPES.items()
)
_TYPES = f"(VALUES {_TYPE_ROWS}) AS ty(name, sys_id, user_id, max_length, prec, scale, collated)"
_define("sys", "triggers", "name sysname, object_id int, parent_class tinyint, parent_class_desc nvarchar(60), parent_id int, "
        "type char(2), type_desc nvarchar(60), create_date datetime, modify_date datetime, is_ms_shipped bit, "
        "is_disabled bit, is_not_for_replication bit, is_instead_of_trigger bit",
        "SELECT ''::text, 0, 0::smallint, ''::text, 0, ''::text, ''::text, 0::bigint, 0::bigint, 0::smallint, 0::smallint, "
        "0::smallint, 0::smallint WHERE false")  # fmt: skip
_define("sys", "types", "name sysname, system_type_id tinyint, user_type_id int, schema_id int, principal_id int, "
        "max_length smallint, precision tinyint, scale tinyint, collation_name sysname, is_nullable bit, "
        "is_user_defined bit, is_assembly_type bit, default_object_id int, rule_object_id int, is_table_type bit",
        "SELECT name, sys_id::smallint, user_id, 4, NULL::int, max_length::smallint, prec::smallint, scale::smallint, "
        "CASE WHEN collated = 1 THEN 'SQL_Latin1_General_CP1_CI_AS' END, (name <> 'sysname')::int::smallint, 0::smallint, "
        "(user_id IN (128, 129, 130))::int::smallint, 0, 0, 0::smallint FROM " + _TYPES)  # fmt: skip
_define("sys", "assembly_types", "name sysname, max_length smallint, precision tinyint, scale tinyint, is_nullable bit",
        "SELECT ''::text, 0::smallint, 0::smallint, 0::smallint, 0::smallint WHERE false")  # fmt: skip

_COLUMN_COLUMNS = ("object_id int, name sysname, column_id int, system_type_id tinyint, user_type_id int, "
                   "max_length smallint, precision tinyint, scale tinyint, collation_name sysname, is_nullable bit, "
                   "is_ansi_padded bit, is_rowguidcol bit, is_identity bit, is_computed bit, is_filestream bit, "
                   "is_replicated bit, is_xml_document bit, xml_collection_id int, default_object_id int, "
                   "rule_object_id int, is_sparse bit, is_column_set bit, generated_always_type tinyint, is_hidden bit, "
                   "is_masked bit, encryption_type int")  # fmt: skip
_COLUMN_SQL = ("SELECT c.object_id, c.name, c.column_id, ty.sys_id::smallint, ty.user_id, "
               "mssql.max_length(c.type_name, c.length, c.prec, c.scale), mssql.precision_of(c.type_name, c.prec, c.scale), "
               "mssql.scale_of(c.type_name, c.scale), c.collation_name, c.nullable::int::smallint, 1::smallint, 0::smallint, "
               "c.is_identity::int::smallint, (c.computed IS NOT NULL)::int::smallint, 0::smallint, 0::smallint, "
               "0::smallint, 0, c.default_object_id, 0, 0::smallint, 0::smallint, 0::smallint, 0::smallint, 0::smallint, "
               "NULL::int{more} FROM mssql.columns c JOIN " + _TYPES + " ON ty.name = c.type_name "
               "JOIN mssql.objects o ON o.object_id = c.object_id "
               "WHERE (o.owner_session IS NULL OR o.owner_session = {session}){where}")  # fmt: skip


def _columns(more: str = "", where: str = "") -> str:
    return _COLUMN_SQL.replace("{more}", more).replace("{where}", where)


_define("sys", "columns", _COLUMN_COLUMNS, _columns())
_define("sys", "all_columns", _COLUMN_COLUMNS, _columns())
_define("sys", "identity_columns", _COLUMN_COLUMNS + ", seed_value bigint, increment_value bigint, last_value bigint",
        _columns(", c.seed, c.step, NULL::bigint", " AND c.is_identity"))  # fmt: skip
_define("sys", "computed_columns", _COLUMN_COLUMNS + ", definition nvarchar(max), is_persisted bit",
        _columns(", c.computed, 1::smallint", " AND c.computed IS NOT NULL"))  # fmt: skip

_define("sys", "indexes", "object_id int, name sysname, index_id int, type tinyint, type_desc nvarchar(60), is_unique bit, "
        "data_space_id int, ignore_dup_key bit, is_primary_key bit, is_unique_constraint bit, fill_factor tinyint, "
        "is_padded bit, is_disabled bit, is_hypothetical bit, allow_row_locks bit, allow_page_locks bit, has_filter bit, "
        "filter_definition nvarchar(max)",
        "SELECT i.object_id, i.name, i.index_id, CASE WHEN i.is_clustered THEN 1 ELSE 2 END::smallint, "
        "CASE WHEN i.is_clustered THEN 'CLUSTERED' ELSE 'NONCLUSTERED' END, i.is_unique::int::smallint, 1, 0::smallint, "
        "i.is_primary_key::int::smallint, i.is_unique_constraint::int::smallint, 0::smallint, 0::smallint, 0::smallint, "
        "0::smallint, 1::smallint, 1::smallint, (i.filter IS NOT NULL)::int::smallint, i.filter FROM mssql.indexes i "
        "UNION ALL SELECT o.object_id, NULL, 0, 0::smallint, 'HEAP', 0::smallint, 1, 0::smallint, 0::smallint, "
        "0::smallint, 0::smallint, 0::smallint, 0::smallint, 0::smallint, 1::smallint, 1::smallint, 0::smallint, NULL "
        "FROM mssql.objects o WHERE o.type = 'U' AND o.owner_session IS NULL AND NOT EXISTS "
        "(SELECT 1 FROM mssql.indexes i WHERE i.object_id = o.object_id AND i.is_clustered)")  # fmt: skip
_define("sys", "index_columns", "object_id int, index_id int, index_column_id int, column_id int, key_ordinal tinyint, "
        "partition_ordinal tinyint, is_descending_key bit, is_included_column bit, column_store_order_ordinal tinyint",
        "SELECT object_id, index_id, index_column_id, column_id, key_ordinal::smallint, 0::smallint, "
        "is_descending::int::smallint, is_included::int::smallint, 0::smallint FROM mssql.index_columns")  # fmt: skip
_define("sys", "key_constraints", _OBJECT_COLUMNS + ", unique_index_id int, is_system_named bit, is_enforced bit",
        _objects(", i.index_id, o.system_named::int::smallint, 1::smallint",
                 "JOIN mssql.indexes i ON i.constraint_id = o.object_id"))  # fmt: skip
_define("sys", "check_constraints", _OBJECT_COLUMNS + ", is_disabled bit, is_not_trusted bit, parent_column_id int, "
        "definition nvarchar(max), is_system_named bit",
        _objects(", 0::smallint, 0::smallint, 0, o.definition, o.system_named::int::smallint", where=" AND o.type = 'C'"))  # fmt: skip
_define("sys", "default_constraints", _OBJECT_COLUMNS + ", parent_column_id int, definition nvarchar(max), is_system_named bit",
        _objects(", c.column_id, o.definition, o.system_named::int::smallint",
                 "JOIN mssql.columns c ON c.default_object_id = o.object_id"))  # fmt: skip
_ACTION = "CASE f.{0} WHEN 'CASCADE' THEN 1 WHEN 'SET NULL' THEN 2 WHEN 'SET DEFAULT' THEN 3 ELSE 0 END::smallint, replace(f.{0}, ' ', '_')"
_define("sys", "foreign_keys", _OBJECT_COLUMNS + ", referenced_object_id int, key_index_id int, is_disabled bit, "
        "is_not_for_replication bit, is_not_trusted bit, delete_referential_action tinyint, "
        "delete_referential_action_desc nvarchar(60), update_referential_action tinyint, "
        "update_referential_action_desc nvarchar(60), is_system_named bit",
        _objects(", f.referenced_object_id, f.key_index_id, f.is_disabled::int::smallint, 0::smallint, 0::smallint, "
                 + _ACTION.format("on_delete") + ", " + _ACTION.format("on_update") + ", o.system_named::int::smallint",
                 "JOIN mssql.foreign_keys f ON f.object_id = o.object_id"))  # fmt: skip
_define("sys", "foreign_key_columns", "constraint_object_id int, constraint_column_id int, parent_object_id int, "
        "parent_column_id int, referenced_object_id int, referenced_column_id int",
        "SELECT f.object_id, u.n::int, f.parent_object_id, u.a, f.referenced_object_id, u.b FROM mssql.foreign_keys f, "
        "unnest(f.columns, f.referenced_columns) WITH ORDINALITY AS u(a, b, n)")  # fmt: skip
_define("sys", "partitions", "partition_id bigint, object_id int, index_id int, partition_number int, hobt_id bigint, "
        "rows bigint, data_compression tinyint, data_compression_desc nvarchar(60)",
        "SELECT o.object_id::bigint, o.object_id, 1, 1, o.object_id::bigint, mssql.rowcount(o.object_id), 0::smallint, 'NONE' "
        "FROM mssql.objects o WHERE o.type = 'U' AND o.owner_session IS NULL")  # fmt: skip
_define("sys", "dm_db_partition_stats", "partition_id bigint, object_id int, index_id int, partition_number int, "
        "row_count bigint, reserved_page_count bigint, used_page_count bigint, in_row_data_page_count bigint",
        "SELECT o.object_id::bigint, o.object_id, 1, 1, mssql.rowcount(o.object_id), 1::bigint, 1::bigint, 1::bigint "
        "FROM mssql.objects o WHERE o.type = 'U' AND o.owner_session IS NULL")  # fmt: skip
_define("sys", "extended_properties", "class tinyint, class_desc nvarchar(60), major_id int, minor_id int, name sysname, value nvarchar(4000)",
        "SELECT 1::smallint, ''::text, 0, 0, ''::text, ''::text WHERE false")  # fmt: skip
_define("sys", "sql_modules", "object_id int, definition nvarchar(max)",
        "SELECT object_id, definition FROM mssql.objects WHERE type = 'V'")  # fmt: skip
