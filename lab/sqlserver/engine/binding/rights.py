"""HAS_PERMS_BY_NAME and fn_my_permissions."""

from __future__ import annotations

from lab.sqlserver.engine.catalog.access import DATABASE_RIGHTS, OBJECT_RIGHTS, SCHEMA_RIGHTS, SERVER_RIGHTS, Access

from .changes import ChangeBinder
from .names import split_name


class Binder(ChangeBinder):
    """The whole binder."""

    access: Access

    def holds(self, kind: str, securable: str | None, permission: str) -> bool | None:
        facts, snapshot = self.context.facts, self.context.snapshot
        if kind == "SERVER" or (securable is None and kind not in ("DATABASE",)):
            known = permission in SERVER_RIGHTS
            open_to_all = ("CONNECT SQL", "VIEW ANY DATABASE")
            return (facts.is_admin or permission in open_to_all) if known else None
        if kind == "DATABASE":
            name = split_name(securable)[-1] if securable else facts.database
            if name.lower() not in facts.databases:
                return None
            return self.access.database(permission) if permission in (*DATABASE_RIGHTS, "ANY") else None
        parts = split_name(securable or "")
        if kind == "SCHEMA":
            entry = snapshot.schemas.get(parts[-1].lower()) if parts else None
            return self.access.schema(entry[0], permission) if entry else None
        schema = (parts[-2] if len(parts) > 1 and parts[-2] else facts.default_schema).lower()
        entry = snapshot.schemas.get(schema)
        table = snapshot.tables.get((entry[0], parts[-1].lower())) if entry and parts else None
        if table is None:
            return None
        return self.access.object(table.schema_id, table.object_id, permission)

    def my_permissions(self, kind: str, securable: str | None) -> list[str]:
        rights = {
            "SERVER": SERVER_RIGHTS,
            "DATABASE": DATABASE_RIGHTS,
            "SCHEMA": SCHEMA_RIGHTS,
            "OBJECT": OBJECT_RIGHTS,
        }
        return [right for right in rights.get(kind, ()) if self.holds(kind, securable, right)]
