"""The rest of the system views: principals, sessions, settings, INFORMATION_SCHEMA."""

from __future__ import annotations

from .sysviews import SYSTEM_VIEWS, _define

_define("sys", "database_principals", "name sysname, principal_id int, type char(1), type_desc nvarchar(60), "
        "default_schema_name sysname, is_fixed_role bit, authentication_type_desc nvarchar(60), sid varbinary(85)",
        "SELECT name, principal_id, kind, CASE kind WHEN 'R' THEN 'DATABASE_ROLE' ELSE 'SQL_USER' END, default_schema, "
        "(principal_id >= 16384 AND kind = 'R')::int::smallint, CASE WHEN login IS NULL THEN 'NONE' ELSE 'INSTANCE' END, "
        "int4send(principal_id) FROM mssql.principals")  # fmt: skip
_define("sys", "server_principals", "name sysname, principal_id int, sid varbinary(85), type char(1), "
        "type_desc nvarchar(60), is_disabled bit",
        "SELECT v.nm, v.i, int4send(v.i), 'S', 'SQL_LOGIN', 0::smallint FROM (VALUES {logins}) AS v(nm, i)")  # fmt: skip
_define("sys", "database_role_members", "role_principal_id int, member_principal_id int",
        "SELECT r.principal_id, u.principal_id FROM mssql.role_members m JOIN mssql.principals r ON lower(r.name) = m.role "
        "JOIN mssql.principals u ON lower(u.name) = m.member")  # fmt: skip
_define("sys", "database_permissions", "class tinyint, class_desc nvarchar(60), major_id int, minor_id int, "
        "grantee_principal_id int, grantor_principal_id int, type char(4), permission_name nvarchar(128), state char(1), "
        "state_desc nvarchar(60)",
        "SELECT CASE p.class WHEN 'DATABASE' THEN 0 WHEN 'SCHEMA' THEN 3 ELSE 1 END::smallint, "
        "CASE p.class WHEN 'OBJECT' THEN 'OBJECT_OR_COLUMN' ELSE p.class END, p.major_id, 0, u.principal_id, 1, "
        "rpad(left(p.permission, 2), 4), p.permission, p.state, CASE p.state WHEN 'D' THEN 'DENY' ELSE 'GRANT' END "
        "FROM mssql.permissions p JOIN mssql.principals u ON lower(u.name) = p.principal")  # fmt: skip

_define("sys", "sql_expression_dependencies", "referencing_id int, referencing_minor_id int, referencing_class tinyint, "
        "is_schema_bound_reference bit, referenced_class tinyint, referenced_schema_name sysname, "
        "referenced_entity_name sysname, referenced_id int, referenced_minor_id int",
        "SELECT 0, 0, 0::smallint, 0::smallint, 0::smallint, ''::text, ''::text, 0, 0 WHERE false")  # fmt: skip

_define("sys", "dm_exec_sessions", "session_id smallint, login_time datetime, host_name nvarchar(128), "
        "program_name nvarchar(128), login_name nvarchar(128), status nvarchar(30), is_user_process bit, "
        "database_id smallint, open_transaction_count int, original_login_name nvarchar(128), transaction_isolation_level smallint",
        "SELECT v.i::smallint, mssql.ticks(v.at::timestamp), v.host, v.app, v.login, v.status, 1::smallint, v.db::smallint, v.tran, v.login, "
        "2::smallint FROM (VALUES {sessions}) AS v(i, at, host, app, login, status, db, tran, packet, encrypted)")  # fmt: skip
_define("sys", "dm_exec_connections", "session_id int, net_transport nvarchar(40), protocol_type nvarchar(40), "
        "encrypt_option nvarchar(40), auth_scheme nvarchar(40), net_packet_size int, client_net_address varchar(48), "
        "local_tcp_port int",
        "SELECT v.i, 'TCP', 'TSQL', v.encrypted, 'SQL', v.packet, '127.0.0.1', 1433 "
        "FROM (VALUES {sessions}) AS v(i, at, host, app, login, status, db, tran, packet, encrypted)")  # fmt: skip
_define("sys", "dm_exec_requests", "session_id smallint, request_id int, start_time datetime, status nvarchar(30), "
        "command nvarchar(32), database_id smallint, blocking_session_id smallint, wait_type nvarchar(60), open_transaction_count int",
        "SELECT v.i::smallint, 0, mssql.ticks(v.at::timestamp), v.status, 'SELECT', v.db::smallint, 0::smallint, NULL::text, v.tran "
        "FROM (VALUES {sessions}) AS v(i, at, host, app, login, status, db, tran, packet, encrypted) WHERE v.status = 'running'")  # fmt: skip
_define("sys", "configurations", "configuration_id int, name nvarchar(35), value int, minimum int, maximum int, value_in_use int",
        "SELECT * FROM (VALUES (103, 'user connections', 0, 0, 32767, 0), (505, 'network packet size (B)', 4096, 512, 32767, 4096), "
        "(1544, 'max server memory (MB)', 2147483647, 128, 2147483647, 2147483647), (518, 'show advanced options', 0, 0, 1, 0), "
        "(1539, 'max degree of parallelism', 0, 0, 32767, 0)) AS v(a, b, c, d, e, f)")  # fmt: skip
_define("sys", "database_files", "file_id int, type tinyint, type_desc nvarchar(60), name sysname, size int, max_size int, growth int",
        "SELECT 1, 0::smallint, 'ROWS', {db}, (pg_database_size(current_database()) / 8192)::int, -1, 8192")  # fmt: skip
_define("sys", "dm_os_host_info", "host_platform nvarchar(256), host_distribution nvarchar(256), host_release nvarchar(256)",
        "SELECT 'Linux', 'Debian', '12'")  # fmt: skip
_define("sys", "fn_my_permissions", "entity_name sysname, subentity_name sysname, permission_name nvarchar(60)",
        "SELECT v.e, ''::text, v.p FROM (VALUES {permissions}) AS v(e, p) WHERE v.p <> ''")  # fmt: skip

_IS = "information_schema"
_NAMES = "FROM mssql.objects o JOIN mssql.schemas s USING (schema_id)"
_define(_IS, "schemata", "CATALOG_NAME sysname, SCHEMA_NAME sysname, SCHEMA_OWNER sysname",
        "SELECT {db}, name, 'dbo' FROM mssql.schemas")  # fmt: skip
_define(_IS, "tables", "TABLE_CATALOG sysname, TABLE_SCHEMA sysname, TABLE_NAME sysname, TABLE_TYPE varchar(10)",
        "SELECT {db}, s.name, o.name, CASE o.type WHEN 'U' THEN 'BASE TABLE' ELSE 'VIEW' END " + _NAMES +
        " WHERE o.type IN ('U', 'V') AND o.owner_session IS NULL")  # fmt: skip
_define(_IS, "views", "TABLE_CATALOG sysname, TABLE_SCHEMA sysname, TABLE_NAME sysname, VIEW_DEFINITION nvarchar(4000)",
        "SELECT {db}, s.name, o.name, o.definition " + _NAMES + " WHERE o.type = 'V'")  # fmt: skip
_define(_IS, "columns", "TABLE_CATALOG sysname, TABLE_SCHEMA sysname, TABLE_NAME sysname, COLUMN_NAME sysname, "
        "ORDINAL_POSITION int, COLUMN_DEFAULT nvarchar(4000), IS_NULLABLE varchar(3), DATA_TYPE sysname, "
        "CHARACTER_MAXIMUM_LENGTH int, CHARACTER_OCTET_LENGTH int, NUMERIC_PRECISION tinyint, NUMERIC_PRECISION_RADIX smallint, "
        "NUMERIC_SCALE int, DATETIME_PRECISION smallint, CHARACTER_SET_NAME sysname, COLLATION_NAME sysname, DOMAIN_NAME sysname",
        "SELECT {db}, s.name, o.name, c.name, (row_number() OVER (PARTITION BY c.object_id ORDER BY c.column_id))::int, "
        "c.default_text, CASE WHEN c.nullable THEN 'YES' ELSE 'NO' END, c.type_name, "
        "CASE WHEN c.type_name IN ('char','varchar','nchar','nvarchar','binary','varbinary','xml') THEN c.length "
        "WHEN c.type_name IN ('text','image') THEN 2147483647 WHEN c.type_name = 'ntext' THEN 1073741823 END, "
        "CASE WHEN c.type_name IN ('nchar','nvarchar') AND c.length > 0 THEN 2 * c.length "
        "WHEN c.type_name IN ('char','varchar','nchar','nvarchar','binary','varbinary') THEN c.length END, "
        "CASE WHEN c.type_name IN ('tinyint','smallint','int','bigint','decimal','numeric','money','smallmoney','real','float') "
        "THEN mssql.precision_of(c.type_name, c.prec, c.scale) END, "
        "CASE WHEN c.type_name IN ('real','float') THEN 2 WHEN c.type_name IN ('tinyint','smallint','int','bigint','decimal',"
        "'numeric','money','smallmoney') THEN 10 END::smallint, "
        "CASE WHEN c.type_name IN ('tinyint','smallint','int','bigint','decimal','numeric','money','smallmoney') "
        "THEN mssql.scale_of(c.type_name, c.scale)::int END, "
        "CASE WHEN c.type_name IN ('time','datetime2','datetimeoffset') THEN c.scale WHEN c.type_name = 'datetime' THEN 3 "
        "WHEN c.type_name IN ('date','smalldatetime') THEN 0 END::smallint, "
        "CASE WHEN c.type_name IN ('nchar','nvarchar','ntext') THEN 'UNICODE' WHEN c.collation_name LIKE '%UTF8' THEN 'utf8' "
        "WHEN c.collation_name IS NOT NULL THEN 'iso_1' END, c.collation_name, NULL::text "
        + _NAMES + " JOIN mssql.columns c ON c.object_id = o.object_id WHERE o.type IN ('U', 'V') AND o.owner_session IS NULL")  # fmt: skip
_define(_IS, "table_constraints", "CONSTRAINT_CATALOG sysname, CONSTRAINT_SCHEMA sysname, CONSTRAINT_NAME sysname, "
        "TABLE_CATALOG sysname, TABLE_SCHEMA sysname, TABLE_NAME sysname, CONSTRAINT_TYPE varchar(11), "
        "IS_DEFERRABLE varchar(2), INITIALLY_DEFERRED varchar(2)",
        "SELECT {db}, s.name, o.name, {db}, s.name, t.name, CASE o.type WHEN 'PK' THEN 'PRIMARY KEY' WHEN 'UQ' THEN 'UNIQUE' "
        "WHEN 'F' THEN 'FOREIGN KEY' ELSE 'CHECK' END, 'NO', 'NO' " + _NAMES +
        " JOIN mssql.objects t ON t.object_id = o.parent_object_id WHERE o.type IN ('PK', 'UQ', 'F', 'C') AND t.owner_session IS NULL")  # fmt: skip
_define(_IS, "key_column_usage", "CONSTRAINT_CATALOG sysname, CONSTRAINT_SCHEMA sysname, CONSTRAINT_NAME sysname, "
        "TABLE_CATALOG sysname, TABLE_SCHEMA sysname, TABLE_NAME sysname, COLUMN_NAME sysname, ORDINAL_POSITION int",
        "SELECT {db}, s.name, o.name, {db}, s.name, t.name, c.name, k.n " + _NAMES +
        " JOIN mssql.objects t ON t.object_id = o.parent_object_id JOIN (SELECT i.constraint_id, i.object_id, ic.column_id, "
        "ic.key_ordinal AS n FROM mssql.indexes i JOIN mssql.index_columns ic USING (object_id, index_id) WHERE i.constraint_id <> 0 "
        "UNION ALL SELECT f.object_id, f.parent_object_id, u.a, u.n::int FROM mssql.foreign_keys f, unnest(f.columns) "
        "WITH ORDINALITY AS u(a, n)) AS k ON k.constraint_id = o.object_id "
        "JOIN mssql.columns c ON c.object_id = k.object_id AND c.column_id = k.column_id WHERE t.owner_session IS NULL")  # fmt: skip
_define(_IS, "referential_constraints", "CONSTRAINT_CATALOG sysname, CONSTRAINT_SCHEMA sysname, CONSTRAINT_NAME sysname, "
        "UNIQUE_CONSTRAINT_CATALOG sysname, UNIQUE_CONSTRAINT_SCHEMA sysname, UNIQUE_CONSTRAINT_NAME sysname, "
        "MATCH_OPTION varchar(7), UPDATE_RULE varchar(11), DELETE_RULE varchar(11)",
        "SELECT {db}, s.name, o.name, {db}, s.name, i.name, 'SIMPLE', f.on_update, f.on_delete " + _NAMES +
        " JOIN mssql.foreign_keys f ON f.object_id = o.object_id LEFT JOIN mssql.indexes i "
        "ON i.object_id = f.referenced_object_id AND i.index_id = f.key_index_id")  # fmt: skip
_define(_IS, "check_constraints", "CONSTRAINT_CATALOG sysname, CONSTRAINT_SCHEMA sysname, CONSTRAINT_NAME sysname, "
        "CHECK_CLAUSE nvarchar(4000)",
        "SELECT {db}, s.name, o.name, o.definition " + _NAMES + " WHERE o.type = 'C'")  # fmt: skip
for _none in ("routines", "parameters"):
    _define(_IS, _none, "SPECIFIC_CATALOG sysname, SPECIFIC_SCHEMA sysname, SPECIFIC_NAME sysname, ROUTINE_NAME sysname, ROUTINE_TYPE varchar(20)",
            "SELECT ''::text, ''::text, ''::text, ''::text, ''::text WHERE false")  # fmt: skip

__all__ = ["SYSTEM_VIEWS"]
