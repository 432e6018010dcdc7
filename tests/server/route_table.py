"""What every route asks for, written down a second time: one that the description gains and this table does not, or
whose least role changes, fails the walks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.server.http import send

ROLES = ["viewer", "operator", "admin", "server-admin"]

# Least role: "public" and "signed-in" ask for none; "server-admin" is no role of a tenant.
LEAST: dict[str, str] = {
    "page": "public",
    "health": "public",
    "ready": "public",
    "version": "public",
    "openapiYaml": "public",
    "openapiJson": "public",
    "login": "public",
    "oidc": "public",
    "oidcStart": "public",
    "oidcCallback": "public",
    "logout": "signed-in",
    "me": "signed-in",
    "chooseTenant": "signed-in",
    "changeOwnPassword": "signed-in",
    "listOwnSessions": "signed-in",
    "endOwnSession": "signed-in",
    "metrics": "viewer",
    "listEvents": "viewer",
    "streamEvents": "viewer",
    "listPipelines": "viewer",
    "getPipeline": "viewer",
    "getPipelineStatus": "viewer",
    "getPipelineProgress": "viewer",
    "getPipelineMetrics": "viewer",
    "listApiKeys": "viewer",
    "createApiKey": "viewer",
    "revokeApiKey": "viewer",
    "listAlertChannels": "viewer",
    "getAlertChannel": "viewer",
    "listAlertRules": "viewer",
    "listOperations": "viewer",
    "getOperation": "viewer",
    "listQuarantine": "viewer",
    "getQuarantinedRow": "viewer",
    "listConnections": "viewer",
    "getConnection": "viewer",
    "createConnection": "admin",
    "updateConnection": "admin",
    "deleteConnection": "admin",
    "cancelOperation": "operator",
    "testConnection": "operator",
    "listConnectionTables": "operator",
    "getPipelineConfigs": "operator",
    "verifyPipeline": "operator",
    "retryQuarantine": "operator",
    "discardQuarantine": "admin",
    "updatePipeline": "admin",
    "listOrphans": "operator",
    "restartConnector": "operator",
    "restartTask": "operator",
    "planPipeline": "operator",
    "pausePipeline": "operator",
    "resumePipeline": "operator",
    "restartPipeline": "operator",
    "reloadTable": "operator",
    "createAlertChannel": "admin",
    "deleteAlertChannel": "admin",
    "testAlertChannel": "admin",
    "setAlertRule": "admin",
    "removeOrphan": "admin",
    "createPipeline": "admin",
    "deletePipeline": "admin",
    "addTables": "admin",
    "removeTable": "admin",
    "listMembers": "admin",
    "updateMember": "admin",
    "removeMember": "admin",
    "listAudit": "admin",
    "verifyAudit": "server-admin",
    "listUsers": "server-admin",
    "createUser": "server-admin",
    "getUser": "server-admin",
    "updateUser": "server-admin",
    "deleteUser": "server-admin",
    "resetPassword": "server-admin",
    "putMembership": "server-admin",
    "deleteMembership": "server-admin",
    "listTenants": "server-admin",
    "createTenant": "server-admin",
    "getTenant": "server-admin",
    "renameTenant": "server-admin",
    "deleteTenant": "server-admin",
}

# For people who are signed in: an API key is refused whatever its role.
NOT_BY_KEY = {"createApiKey", "chooseTenant", "changeOwnPassword", "listOwnSessions", "endOwnSession"}


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    permission: str

    @property
    def least(self) -> str:
        return LEAST[self.id]

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"\{(\w+)\}", self.path)

    def at(self, **values: str) -> str:
        """The path with its parameters; those that are not given name nothing that is there."""
        return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], "NOBODY"), self.path)

    def open_to(self, role: str) -> bool:
        """`role`: one of ROLES, or "" for somebody who is signed in and no member."""
        if self.least in ("public", "signed-in"):
            return True
        return bool(role) and ROLES.index(role) >= ROLES.index(self.least)


def operations(url: str) -> list[Operation]:
    """Those of the server's own description."""
    document = send(url, "GET", "/api/openapi.json").json
    found = [
        Operation(operation["operationId"], method.upper(), path, operation.get("x-permission", ""))
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]
    assert {operation.id for operation in found} == LEAST.keys(), "route_table.py lists other routes"
    return found
