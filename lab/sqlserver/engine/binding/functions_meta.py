"""Functions that tell of the server, the session and the catalog."""

from __future__ import annotations

from lab.sqlserver.config import DEFAULT_COLLATION, PRODUCT_VERSION
from lab.sqlserver.engine.catalog.sysviews_more import SYSTEM_VIEWS
from lab.sqlserver.engine.syntax import nodes as n
from lab.sqlserver.engine.syntax.base import unsupported
from lab.sqlserver.engine.types import CHARACTER, INT, SYSNAME, SYSTEM_TYPES, max_length, nvarchar
from lab.sqlserver.model import SqlType

from .ex import Ex, Scope, quote
from .functions import FunctionBinder, arity, function
from .names import split_name

_VERSION = "{}.{}.{}.6".format(*PRODUCT_VERSION)
_SERVER = {
    "PRODUCTVERSION": _VERSION, "PRODUCTMAJORVERSION": str(PRODUCT_VERSION[0]), "PRODUCTMINORVERSION": "0",
    "PRODUCTBUILD": str(PRODUCT_VERSION[2]), "PRODUCTLEVEL": "RTM", "PRODUCTUPDATELEVEL": None, "EDITION": "Developer Edition (64-bit)",
    "ENGINEEDITION": 3, "EDITIONID": -2117995310, "COLLATION": DEFAULT_COLLATION, "SERVERNAME": "standin",
    "MACHINENAME": "standin", "INSTANCENAME": None, "ISINTEGRATEDSECURITYONLY": 0, "ISHADRENABLED": 0, "ISCLUSTERED": 0,
    "ISSINGLEUSER": 0, "LCID": 1033, "SQLCHARSETNAME": "iso_1", "SQLSORTORDERNAME": "nocase_iso",
    "RESOURCEVERSION": _VERSION, "BUILDCLRVERSION": "v4.0.30319", "ISFULLTEXTINSTALLED": 0, "ISXTPSUPPORTED": 0,
    "COMPARISONSTYLE": 196609, "COLLATIONID": 872468488, "ISPOLYBASEINSTALLED": 0, "ISBIGDATACLUSTER": 0,
}  # fmt: skip
_DATABASE = {
    "COLLATION": DEFAULT_COLLATION, "STATUS": "ONLINE", "UPDATEABILITY": "READ_WRITE", "USERACCESS": "MULTI_USER",
    "RECOVERY": "FULL", "ISREADCOMMITTEDSNAPSHOTON": 1, "VERSION": 957, "EDITION": None, "SERVICEOBJECTIVE": None,
    "ISAUTOCLOSE": 0, "ISINSTANDBY": 0, "LCID": 1033, "COMPARISONSTYLE": 196609,
}  # fmt: skip


def _text(value: str | None, length: int = 128) -> Ex:
    if value is None:
        return Ex("NULL::text", nvarchar(length))
    return Ex(f"{quote(value)}::text", nvarchar(length), False, const=value)


def _int(value: int | None) -> Ex:
    return Ex("NULL::int" if value is None else f"({value})::int", INT, value is None, const=value)


def _property(binder: FunctionBinder, value: str | int | None) -> Ex:
    return _int(value) if isinstance(value, int) else _text(value)


def _literal(binder: FunctionBinder, node: n.Node, scope: Scope) -> str | None:
    const = binder.value(node, scope).const
    return const if isinstance(const, str) else None


def _string(binder: FunctionBinder, node: n.Node, scope: Scope) -> str:
    ex = binder.typed(node, scope)
    return ex.sql if ex.type and ex.type.name in CHARACTER else binder.convert(ex, nvarchar(4000)).sql


@function("SERVERPROPERTY")
def _serverproperty(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 1)
    name = _literal(binder, call.args[0], scope)
    if name is None:
        raise unsupported("SERVERPROPERTY of an expression", call.line)
    return _property(binder, _SERVER.get(name.upper()))


@function("DATABASEPROPERTYEX", "DATABASEPROPERTY")
def _databaseproperty(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 2)
    database = _literal(binder, call.args[0], scope)
    name = _literal(binder, call.args[1], scope)
    if name is None:
        raise unsupported("DATABASEPROPERTYEX of an expression", call.line)
    known = database is None or database.lower() in binder.context.facts.databases
    return _property(binder, _DATABASE.get(name.upper()) if known else None)


@function("CONNECTIONPROPERTY", "SESSIONPROPERTY", "CONTEXT_INFO", "SESSION_CONTEXT")
def _connection(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    values: dict[str, str | int] = {"NET_TRANSPORT": "TCP", "PROTOCOL_TYPE": "TSQL", "AUTH_SCHEME": "SQL",
                                    "CLIENT_NET_ADDRESS": "127.0.0.1", "QUOTED_IDENTIFIER": 1, "ANSI_NULLS": 1}  # fmt: skip
    name = _literal(binder, call.args[0], scope) if call.args else None
    return _property(binder, values.get(name.upper()) if name else None)


@function("DB_NAME", "DB_ID")
def _database(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    facts = binder.context.facts
    wants_id = call.name.last.upper() == "DB_ID"
    if not call.args:
        return _int(facts.databases[facts.database.lower()]) if wants_id else _text(facts.database)
    ex = binder.typed(call.args[0], scope)
    listed = facts.database_rows()
    if wants_id:
        sought = _string(binder, call.args[0], scope)
        return Ex(f"(SELECT i FROM (VALUES {listed}) AS d(nm, i) WHERE lower(nm) = lower({sought}))", INT)
    return Ex(f"(SELECT nm FROM (VALUES {listed}) AS d(nm, i) WHERE i = {binder.convert(ex, INT).sql})", SYSNAME)


@function("SCHEMA_NAME", "SCHEMA_ID")
def _schema(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    facts = binder.context.facts
    if call.name.last.upper() == "SCHEMA_NAME":
        if not call.args:
            return _text(facts.default_schema)
        number = binder.convert(binder.typed(call.args[0], scope, INT), INT).sql
        return Ex(f"(SELECT name FROM mssql.schemas WHERE schema_id = {number})", SYSNAME)
    name = _string(binder, call.args[0], scope) if call.args else quote(facts.default_schema)
    return Ex(f"(SELECT schema_id FROM mssql.schemas WHERE lower(name) = lower({name}))", INT)


@function("OBJECT_ID")
def _object_id(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 1, 2)
    name = _literal(binder, call.args[0], scope)
    kind = _literal(binder, call.args[1], scope) if len(call.args) == 2 else None
    if name is not None:
        return _int(_find_object(binder, name, kind))
    facts = binder.context.facts
    found = (
        f"mssql.object_id({_string(binder, call.args[0], scope)}, {quote(facts.default_schema)}, {facts.session_id})"
    )
    if kind is None:
        return Ex(found, INT)
    return Ex(f"(SELECT object_id FROM mssql.objects WHERE object_id = {found} AND type = {quote(kind.strip())})", INT)


def _find_object(binder: FunctionBinder, name: str, kind: str | None) -> int | None:
    parts = split_name(name)
    snapshot, facts = binder.context.snapshot, binder.context.facts
    if not parts or (len(parts) == 3 and parts[0] and parts[0].lower() not in (facts.database.lower(), "tempdb")):
        return None
    last = parts[-1].lower()
    if last.startswith("#"):
        table = snapshot.temporary.get(last)
        return table.object_id if table else None
    schema = (parts[-2] if len(parts) > 1 and parts[-2] else facts.default_schema).lower()
    if schema in ("sys", "information_schema"):
        known = list(SYSTEM_VIEWS)
        return -1 - known.index((schema, last)) if (schema, last) in SYSTEM_VIEWS else None
    if schema not in snapshot.schemas:
        return None
    found = snapshot.objects.get((snapshot.schemas[schema][0], last))
    if found is None or (kind is not None and found.kind != kind.strip().upper()):
        return None
    return found.object_id


@function("OBJECT_NAME", "OBJECT_SCHEMA_NAME", "OBJECT_DEFINITION")
def _object_name(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    number = binder.convert(binder.typed(call.args[0], scope, INT), INT).sql
    if call.name.last.upper() == "OBJECT_NAME":
        return Ex(f"(SELECT name FROM mssql.objects WHERE object_id = {number})", SYSNAME)
    if call.name.last.upper() == "OBJECT_DEFINITION":
        return Ex(f"(SELECT definition FROM mssql.objects WHERE object_id = {number})", nvarchar(-1))
    inner = "SELECT s.name FROM mssql.objects o JOIN mssql.schemas s USING (schema_id)"
    return Ex(f"({inner} WHERE o.object_id = {number})", SYSNAME)


@function("COL_NAME")
def _col_name(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 2)
    table, column = (binder.convert(binder.typed(arg, scope, INT), INT).sql for arg in call.args)
    return Ex(f"(SELECT name FROM mssql.columns WHERE object_id = {table} AND column_id = {column})", SYSNAME)


@function("COL_LENGTH")
def _col_length(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 2)
    table, column = (_literal(binder, arg, scope) for arg in call.args)
    if table is None or column is None:
        raise unsupported("COL_LENGTH of expressions", call.line)
    found = binder.context.snapshot.by_object_id.get(_find_object(binder, table, None) or 0)
    info = found.column(column) if found else None
    return Ex(f"({max_length(info.type) if info else 'NULL'})::smallint", SqlType("smallint"))


@function("COLUMNPROPERTY")
def _columnproperty(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 3)
    table = binder.convert(binder.typed(call.args[0], scope, INT), INT).sql
    column = _string(binder, call.args[1], scope)
    wanted = (_literal(binder, call.args[2], scope) or "").upper()
    found = {
        "ISIDENTITY": "is_identity::int", "ALLOWSNULL": "nullable::int", "ISCOMPUTED": "(computed IS NOT NULL)::int",
        "COLUMNID": "column_id", "ORDINAL": "column_id", "PRECISION": "mssql.precision_of(type_name, prec, scale)::int",
        "SCALE": "mssql.scale_of(type_name, scale)::int", "ISHIDDEN": "0", "ISROWGUIDCOL": "0", "ISSPARSE": "0",
        "CHARMAXLEN": "length", "GENERATEDALWAYSTYPE": "0",
    }.get(wanted)  # fmt: skip
    if found is None:
        return _int(None)
    where = f"object_id = {table} AND lower(name) = lower({column})"
    return Ex(f"(SELECT {found} FROM mssql.columns WHERE {where})", INT)


@function("OBJECTPROPERTY", "OBJECTPROPERTYEX", "INDEXPROPERTY", "TYPEPROPERTY", "INDEXKEY_PROPERTY")
def _objectproperty(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    wanted = (_literal(binder, call.args[-1], scope) or "").upper()
    number = binder.convert(binder.typed(call.args[0], scope, INT), INT).sql
    found = {
        "ISUSERTABLE": "(type = 'U')::int", "ISTABLE": "(type = 'U')::int", "ISVIEW": "(type = 'V')::int",
        "ISMSSHIPPED": "0", "ISPRIMARYKEY": "(type = 'PK')::int", "ISPROCEDURE": "0", "SCHEMAID": "schema_id",
        "TABLEHASPRIMARYKEY": "(EXISTS (SELECT 1 FROM mssql.indexes i WHERE i.object_id = o.object_id AND is_primary_key))::int",
        "TABLEHASIDENTITY": "(EXISTS (SELECT 1 FROM mssql.columns c WHERE c.object_id = o.object_id AND is_identity))::int",
    }.get(wanted)  # fmt: skip
    if found is None or not call.name.last.upper().startswith("OBJECT"):
        raise unsupported(f"{call.name.last.upper()} {wanted}", call.line)
    return Ex(f"(SELECT {found} FROM mssql.objects o WHERE o.object_id = {number})", INT)


@function("TYPE_NAME", "TYPE_ID")
def _type_name(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 1)
    if call.name.last.upper() == "TYPE_ID":
        name = _literal(binder, call.args[0], scope)
        return _int(SYSTEM_TYPES[name.lower()][1] if name and name.lower() in SYSTEM_TYPES else None)
    number = binder.convert(binder.typed(call.args[0], scope, INT), INT).sql
    arms = " ".join(f"WHEN {ids[1]} THEN '{name}'" for name, ids in SYSTEM_TYPES.items())
    return Ex(f"(CASE {number} {arms} END)", SYSNAME)


@function("SUSER_SNAME", "SUSER_NAME", "ORIGINAL_LOGIN", "SYSTEM_USER")
def _login(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    if call.args and call.name.last.upper() != "ORIGINAL_LOGIN":
        return Ex("'sa'::text", SYSNAME)
    return _text(binder.context.facts.login)


@function("USER_NAME", "CURRENT_USER", "SESSION_USER", "USER")
def _user(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    if call.args:
        number = binder.convert(binder.typed(call.args[0], scope, INT), INT).sql
        return Ex(f"(SELECT name FROM mssql.principals WHERE principal_id = {number})", SYSNAME)
    return _text(binder.context.facts.user)


@function("USER_ID", "DATABASE_PRINCIPAL_ID", "SUSER_ID")
def _user_id(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    name = _string(binder, call.args[0], scope) if call.args else quote(binder.context.facts.user)
    return Ex(f"(SELECT principal_id FROM mssql.principals WHERE lower(name) = lower({name}))", INT)


@function("SUSER_SID")
def _sid(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    return Ex("'\\x01'::bytea", SqlType("varbinary", 85), False)


@function("HOST_NAME", "APP_NAME", "HOST_ID", "PROGRAM_NAME")
def _client(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    name = "@@" + call.name.last.lower()
    return binder.value(n.Variable(name if name in binder.context.variables else "@@app_name"), scope)


@function("IS_SRVROLEMEMBER")
def _is_srvrolemember(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    role = (_literal(binder, call.args[0], scope) or "").lower()
    known = {"sysadmin", "serveradmin", "securityadmin", "dbcreator", "bulkadmin", "setupadmin", "processadmin",
             "diskadmin", "public"}  # fmt: skip
    if role not in known:
        return _int(None)
    return _int(1 if binder.context.facts.is_admin or role == "public" else 0)


@function("IS_MEMBER", "IS_ROLEMEMBER")
def _is_member(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    role = (_literal(binder, call.args[0], scope) or "").lower()
    facts, snapshot = binder.context.facts, binder.context.snapshot
    if role not in snapshot.principals:
        return _int(None)
    owner = role == "db_owner" and (facts.is_admin or facts.is_owner)
    return _int(1 if owner or role == "public" or (role, facts.user.lower()) in snapshot.roles else 0)


@function("HAS_DBACCESS")
def _has_dbaccess(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    ex = binder.typed(call.args[0], scope)
    listed = ", ".join(f"({quote(name)})" for name in binder.context.facts.databases)
    return Ex(f"(SELECT 1 FROM (VALUES {listed}) AS d(nm) WHERE nm = lower({ex.sql}))", INT)


@function("HAS_PERMS_BY_NAME")
def _has_perms(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 3, 5)
    securable = binder.value(call.args[0], scope)
    kind = binder.value(call.args[1], scope)
    permission = _literal(binder, call.args[2], scope)
    if permission is None:
        raise unsupported("HAS_PERMS_BY_NAME of a permission that is no constant", call.line)
    if securable.type is None and securable.parameter is not None:
        securable = binder.give_type(securable, nvarchar(776))
    if securable.type is not None and not isinstance(securable.const, str):
        return _held_by_name(binder, securable, str(kind.const or "SERVER").upper(), permission.upper())
    name = securable.const if isinstance(securable.const, str) else None
    held = binder.holds(str(kind.const or "SERVER").upper(), name, permission.upper())
    return _int(None if held is None else int(held))


def _held_by_name(binder: FunctionBinder, securable: Ex, kind: str, permission: str) -> Ex:
    """The answer for every securable there is, picked by the name that the expression gives at run time."""
    snapshot = binder.context.snapshot
    if kind == "DATABASE":
        names = list(binder.context.facts.databases)
    elif kind == "SCHEMA":
        names = list(snapshot.schemas)
    else:
        names = [f"{table.schema}.{table.name}".lower() for table in snapshot.tables.values()]
    schema = quote(binder.context.facts.default_schema)
    rows = []
    for name in names:
        held = binder.holds(kind, ".".join(f"[{part.replace(']', ']]')}]" for part in name.split(".", 1)), permission)
        rows.append(f"({quote(name)}, {'NULL' if held is None else int(held)}::int)")
    if not rows:
        return _int(None)
    wanted = f"lower(btrim(mssql.parse_name({securable.sql}, 1)))"
    if kind not in ("DATABASE", "SCHEMA"):
        wanted = f"lower(coalesce(btrim(mssql.parse_name({securable.sql}, 2)), {schema})) || '.' || {wanted}"
    return Ex(f"(SELECT v.h FROM (VALUES {', '.join(rows)}) AS v(n, h) WHERE v.n = {wanted})", INT)


@function("SCOPE_IDENTITY", "XACT_STATE", "ERROR_NUMBER", "ERROR_MESSAGE", "ERROR_SEVERITY", "ERROR_STATE", "ERROR_LINE",
          "ERROR_PROCEDURE", "ROWCOUNT_BIG", "CURRENT_TRANSACTION_ID")  # fmt: skip
def _session_value(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    arity(call, 0)
    return binder.value(n.Variable("@@" + call.name.last.lower()), scope)


@function("IDENT_CURRENT", "IDENT_SEED", "IDENT_INCR")
def _ident(binder: FunctionBinder, call: n.Call, scope: Scope) -> Ex:
    name = _literal(binder, call.args[0], scope)
    kind = SqlType("numeric", precision=38, scale=0)
    table = binder.context.snapshot.by_object_id.get(_find_object(binder, name, None) or 0) if name else None
    column = table.identity if table else None
    if table is None or column is None:
        return Ex("NULL::numeric", kind)
    fixed = {"IDENT_SEED": column.seed, "IDENT_INCR": column.step}.get(call.name.last.upper())
    if fixed is not None:
        return Ex(f"({fixed})::numeric", kind)
    binder.context.volatile = True
    return Ex(f"(SELECT last_value::numeric FROM {table.physical}_id)", kind)
