"""Who may do what: GRANT, DENY, roles, ownership."""

from __future__ import annotations

from lab.sqlserver.model import SqlError

from .model import Snapshot, TableInfo

_ROLE_RIGHTS = {
    "db_datareader": {"SELECT"},
    "db_datawriter": {"INSERT", "UPDATE", "DELETE"},
    "db_ddladmin": {
        "ALTER",
        "CREATE TABLE",
        "CREATE VIEW",
        "CREATE SCHEMA",
        "REFERENCES",
        "ALTER ANY SCHEMA",
        "CREATE TYPE",
    },
}
_IMPLIED = {"ALTER ANY SCHEMA": "ALTER", "CREATE SCHEMA": "ALTER", "VIEW DEFINITION": "ALTER"}
DATABASE_RIGHTS = ("CONNECT", "SELECT", "INSERT", "UPDATE", "DELETE", "REFERENCES", "EXECUTE", "CREATE TABLE", "CREATE VIEW",
                   "CREATE SCHEMA", "CREATE PROCEDURE", "ALTER", "ALTER ANY SCHEMA", "VIEW DEFINITION", "VIEW DATABASE STATE", "CONTROL")  # fmt: skip
SCHEMA_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "REFERENCES", "EXECUTE", "ALTER", "VIEW DEFINITION", "CONTROL")
OBJECT_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "REFERENCES", "ALTER", "VIEW DEFINITION", "CONTROL")
SERVER_RIGHTS = ("CONNECT SQL", "VIEW ANY DATABASE", "VIEW SERVER STATE", "ALTER ANY DATABASE", "CREATE ANY DATABASE",
                 "ALTER ANY LOGIN", "ADMINISTER BULK OPERATIONS", "CONTROL SERVER")  # fmt: skip


class Access:
    """The rights of one user in one database."""

    def __init__(self, snapshot: Snapshot, user: str, everything: bool) -> None:
        self._snapshot = snapshot
        self._everything = everything
        self._names = self._memberships(user.lower())

    def _memberships(self, user: str) -> set[str]:
        names, before = {user, "public"}, 0
        while len(names) != before:
            before = len(names)
            names |= {role for role, member in self._snapshot.roles if member in names}
        return names

    @property
    def owner(self) -> bool:
        return self._everything or "db_owner" in self._names

    def _state(self, kind: str, major: int, permission: str) -> str | None:
        """'D', 'G' or None for one securable, CONTROL counted as everything."""
        states = set()
        for name in self._names:
            for wanted in (permission, "CONTROL", _IMPLIED.get(permission, permission)):
                states.add(self._snapshot.permissions.get((name, kind, major, wanted)))
        return "D" if "D" in states else "G" if "G" in states else None

    def database(self, permission: str) -> bool:
        if self.owner or permission == "CONNECT":
            return True
        state = self._state("DATABASE", 0, permission)
        if state is not None:
            return state == "G"
        return any(permission in _ROLE_RIGHTS.get(name, ()) for name in self._names)

    def schema(self, schema_id: int, permission: str) -> bool:
        if self.owner:
            return True
        states = {self._state("SCHEMA", schema_id, permission), self._state("DATABASE", 0, permission)}
        if "D" in states:
            return False
        return "G" in states or self.database(permission)

    def object(self, schema_id: int, object_id: int, permission: str) -> bool:
        if self.owner:
            return True
        state = self._state("OBJECT", object_id, permission)
        if state == "D":
            return False
        above = {self._state("SCHEMA", schema_id, permission), self._state("DATABASE", 0, permission)}
        if "D" in above:
            return False
        return state == "G" or self.schema(schema_id, permission)

    def require(self, table: TableInfo, permission: str) -> None:
        if table.temporary or self.object(table.schema_id, table.object_id, permission):
            return
        raise SqlError(
            229, f"The {permission} permission was denied on the object '{table.name}', database "
            f"'{self._snapshot.database}', schema '{table.schema}'.", 14, 5,
        )  # fmt: skip

    def require_database(self, permission: str) -> None:
        if not self.database(permission):
            raise SqlError(262, f"{permission} permission denied in database '{self._snapshot.database}'.", 14)
