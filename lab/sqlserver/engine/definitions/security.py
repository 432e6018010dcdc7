"""Users, roles and permissions inside one database."""

from __future__ import annotations

from lab.sqlserver.engine.syntax import statements as s
from lab.sqlserver.model import SqlError

from .base import Change


async def create_user(change: Change, statement: s.CreateUser) -> None:
    if statement.name.lower() in change.snapshot.principals:
        raise SqlError(15023, f"User, group, or role '{statement.name}' already exists in the current database.")
    await change.connection.execute(
        "INSERT INTO mssql.principals SELECT max(CASE WHEN principal_id < 16384 THEN principal_id ELSE 4 END) + 1, $1, 'S',"
        " $2, $3 FROM mssql.principals",
        statement.name, statement.login, statement.default_schema or "dbo",
    )  # fmt: skip


async def drop_user(change: Change, name: str, if_exists: bool) -> None:
    if name.lower() not in change.snapshot.principals:
        if if_exists:
            return
        raise SqlError(
            15151, f"Cannot drop the user '{name}', because it does not exist or you do not have permission."
        )
    for statement in (
        "DELETE FROM mssql.principals WHERE lower(name) = lower($1)",
        "DELETE FROM mssql.role_members WHERE lower(member) = lower($1)",
        "DELETE FROM mssql.permissions WHERE lower(principal) = lower($1)",
    ):
        await change.connection.execute(statement, name)


async def alter_role(change: Change, statement: s.AlterRole) -> None:
    for name in (statement.role, statement.member):
        if name.lower() not in change.snapshot.principals:
            raise SqlError(15151, f"Cannot alter the role '{statement.role}', because it does not exist or you do not have "
                           "permission.")  # fmt: skip
    if statement.add:
        sql = "INSERT INTO mssql.role_members VALUES ($1, $2) ON CONFLICT DO NOTHING"
    else:
        sql = "DELETE FROM mssql.role_members WHERE lower(role) = lower($1) AND lower(member) = lower($2)"
    await change.connection.execute(sql, statement.role, statement.member)


async def permission(change: Change, statement: s.Permission) -> None:
    kind, major = statement.scope, 0
    if kind == "SCHEMA":
        entry = change.snapshot.schemas.get(statement.on.last.lower()) if statement.on else None
        if entry is None:
            raise SqlError(15151, f"Cannot find the schema '{statement.on}', because it does not exist or you do not have "
                           "permission.")  # fmt: skip
        major = entry[0]
    elif kind == "OBJECT":
        table = change.find(statement.on) if statement.on else None
        if table is None:
            raise SqlError(15151, f"Cannot find the object '{statement.on}', because it does not exist or you do not have "
                           "permission.")  # fmt: skip
        major = table.object_id
    for principal in statement.principals:
        if principal.lower() not in change.snapshot.principals:
            raise SqlError(15151, f"Cannot find the user '{principal}', because it does not exist or you do not have "
                           "permission.")  # fmt: skip
        for right in statement.permissions:
            await change.connection.execute(
                "DELETE FROM mssql.permissions WHERE principal = lower($1) AND class = $2 AND major_id = $3"
                " AND permission = $4", principal, kind, major, right,
            )  # fmt: skip
            if statement.action != "REVOKE":
                await change.connection.execute(
                    "INSERT INTO mssql.permissions VALUES (lower($1), $2, $3, $4, $5)",
                    principal, kind, major, right, statement.action[0],
                )  # fmt: skip
