"""Who may do what: every route of the description, by every role, as a session and with an API key."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.server.conftest import PASSWORD, Server
from tests.server.http import patiently, send, signed_in
from tests.server.route_table import NOT_BY_KEY, operations
from tests.shared.program import BINARY

ROLE_OF = {"stranger": "", "viewer": "viewer", "operator": "operator", "admin": "admin"}


def millrace(server: Server, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MILLRACE_")}
    done = subprocess.run(
        [str(BINARY), *arguments, "--data-dir", str(server.data_dir), "-o", "json"],
        env={**environment, "MILLRACE_PASSWORD": PASSWORD}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def new_key(server: Server, user: str, role: str, *more: str) -> dict[str, Any]:
    name = f"test {uuid4()}"
    return json.loads(millrace(server, "api-key", "create", f"{user}-user", "--name", name, "--role", role, *more))


def bearer(key: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {key['key']}"}


@pytest.fixture(scope="module")
def users(server: Server) -> Iterator[None]:
    for name, word in ROLE_OF.items():
        role = ["--role", word] if word else []
        millrace(server, "user", "add", f"{name}-user", *role)
    yield


def walk(server: Server, headers: dict[str, str], role: str, *, by_key: bool = False) -> None:
    for operation in operations(server.url):
        if operation.least == "public" or operation.id == "logout":
            continue
        status = patiently(server.url, operation.method, operation.at(), headers=headers).status
        if operation.open_to(role) and not (by_key and operation.id in NOT_BY_KEY):
            assert status not in (401, 403), (operation, status)
        else:
            assert status == 403, (operation, status)


@pytest.mark.parametrize("user", ROLE_OF)
@pytest.mark.usefixtures("users", "walks")
def test_every_route_by_every_role(server: Server, user: str) -> None:
    walk(server, signed_in(server.url, PASSWORD, f"{user}-user"), ROLE_OF[user])


@pytest.mark.usefixtures("walks")
def test_every_route_by_the_server_administrator(server: Server) -> None:
    walk(server, signed_in(server.url, PASSWORD), "server-admin")


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
@pytest.mark.usefixtures("users", "walks")
def test_every_route_by_every_key(server: Server, role: str) -> None:
    walk(server, bearer(new_key(server, "admin", role)), role, by_key=True)


@pytest.mark.usefixtures("users", "walks")
def test_a_key_of_some_scopes_has_no_other_right(server: Server) -> None:
    narrow = bearer(new_key(server, "admin", "admin", "--scopes", "pipelines.read"))
    for operation in operations(server.url):
        if operation.least in ("public", "signed-in"):
            continue
        status = patiently(server.url, operation.method, operation.at(), headers=narrow).status
        assert (status == 403) != (operation.permission == "pipelines.read"), (operation, status)


@pytest.mark.usefixtures("users")
def test_a_revoked_key_and_a_wrong_one_are_told_alike(server: Server) -> None:
    key = new_key(server, "viewer", "viewer")
    assert send(server.url, "GET", "/api/v1/pipelines", headers=bearer(key)).status == 200
    millrace(server, "api-key", "revoke", key["id"])
    revoked = send(server.url, "GET", "/api/v1/pipelines", headers=bearer(key))
    wrong = send(server.url, "GET", "/api/v1/pipelines", headers={"Authorization": "Bearer millrace_a_b"})
    assert (revoked.status, wrong.status) == (401, 401)
    assert revoked.json["detail"] == wrong.json["detail"]


@pytest.mark.usefixtures("users")
def test_a_new_password_ends_the_sessions(server: Server) -> None:
    session = signed_in(server.url, PASSWORD, "viewer-user")
    millrace(server, "user", "passwd", "viewer-user")
    assert send(server.url, "GET", "/api/v1/auth/me", headers=session).status == 401


@pytest.mark.usefixtures("users")
def test_writes_and_refusals_are_in_the_audit_log(server: Server) -> None:
    viewer = signed_in(server.url, PASSWORD, "viewer-user")
    admin = signed_in(server.url, PASSWORD, "admin-user")
    assert send(server.url, "POST", "/api/v1/pipelines/AUDITED/pause", headers=viewer).status == 403
    assert send(server.url, "POST", "/api/v1/pipelines/AUDITED/pause", headers=admin).status == 404
    with sqlite3.connect(server.data_dir / "millrace.db") as store:
        lines = store.execute(
            "SELECT actor, action, outcome FROM audit_log WHERE object = '/api/v1/pipelines/AUDITED/pause' ORDER BY 3"
        ).fetchall()
    action = "POST /api/v1/pipelines/{name}/pause"
    assert lines == [("user:viewer-user", action, "denied"), ("user:admin-user", action, "failed")]
    millrace(server, "audit", "verify")
