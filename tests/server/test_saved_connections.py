"""Credentials that are saved once: what pipelines are made from, and follow."""

from __future__ import annotations

import contextlib
import http.client
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.server.conftest import Client, Server
from tests.server.http import Answer
from tests.server.test_accounts import Api
from tests.server.test_connections import source_of, target_of
from tests.server.test_roles import millrace
from tests.shared.lab_facts import LabFacts
from tests.shared.program import FAILPOINT_BINARY
from tests.shared.waiting import PATIENCE, wait_equal, wait_until


@pytest.fixture(scope="module")
def api(server: Server) -> Api:
    return Api(server)


def save(api: Api, kind: str, endpoint: dict[str, Any], name: str = "") -> dict[str, Any]:
    body = {"name": name or uuid4().hex, "kind": kind, "endpoint": endpoint}
    return api.done("POST", "/connections", body)


def patch(api: Api, saved: dict[str, Any], change: dict[str, Any]) -> Answer:
    place = f"/connections/{saved['id']}"
    return api.call("PATCH", place, change, **{"If-Match": api.call("GET", place).headers["etag"]})


@pytest.fixture
def source(api: Api, lab: LabFacts) -> Iterator[dict[str, Any]]:
    saved = save(api, "source", source_of(lab))
    yield saved
    assert api.call("DELETE", f"/connections/{saved['id']}").status == 204


@pytest.fixture
def target(api: Api, lab: LabFacts) -> Iterator[dict[str, Any]]:
    saved = save(api, "target", target_of(lab))
    yield saved
    assert api.call("DELETE", f"/connections/{saved['id']}").status == 204


def test_a_connection_is_saved_changed_and_forgotten(api: Api, lab: LabFacts) -> None:
    body = {"name": "shop", "kind": "source", "endpoint": source_of(lab)}
    made = api.call("POST", "/connections", body)
    assert made.status == 201, made.text
    assert made.headers["location"] == f"/api/v1/connections/{made.json['id']}"
    assert made.json["passwordSet"] is True and made.json["usedBy"] == [] and made.json["lastTest"] is None
    assert made.json["endpoint"]["host"] == lab["PG_HOST"] and "password" not in made.json["endpoint"]
    assert lab["PG_PASSWORD"] not in made.text
    again = api.call("POST", "/connections", body)
    assert (again.status, again.json["code"], again.json["errors"][0]["pointer"]) == (409, "object.exists", "/name")
    for word in ("shop", made.json["id"]):
        found = api.call("GET", f"/connections/{word}")
        assert found.json == made.json and found.headers["etag"] == made.headers["etag"]

    place = "/connections/shop"
    missing = api.call("PATCH", place, {"name": "store"})
    assert (missing.status, missing.json["code"]) == (428, "precondition.required")
    old = {"If-Match": made.headers["etag"]}
    changed = api.call("PATCH", place, {"name": "store", "endpoint": {"schema": "other"}}, **old)
    assert changed.status == 200 and changed.json["applied"] == [], changed.text
    assert (changed.json["name"], changed.json["endpoint"]["schema"]) == ("store", "other")
    assert changed.headers["etag"] != made.headers["etag"] and changed.json["passwordSet"] is True
    assert api.call("PATCH", "/connections/store", {"name": "late"}, **old).status == 412
    assert api.call("DELETE", "/connections/store", None, **old).status == 412
    assert api.call("DELETE", "/connections/store", None, **{"If-Match": changed.headers["etag"]}).status == 204
    assert api.call("GET", f"/connections/{made.json['id']}").status == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "source", "endpoint": {"host": "h", "database": "d", "user": "u"}}, "/name"),
        ({"name": "a/b", "kind": "source", "endpoint": {"host": "h", "database": "d", "user": "u"}}, "/name"),
        ({"name": "a", "kind": "middle", "endpoint": {"host": "h", "database": "d", "user": "u"}}, "/kind"),
        ({"name": "a", "kind": "source"}, "/endpoint"),
        ({"name": "a", "kind": "source", "endpoint": {"host": "h", "user": "u"}}, "/endpoint/database"),
        ({"name": "a", "kind": "source", "endpoint": {"hots": "h"}}, "/endpoint/hots"),
        ({"name": "a", "kind": "source", "endpoint": {"connection": "b"}}, "/endpoint/connection"),
        ({"name": "a", "kind": "target", "endpoint": {"host": "h", "sslmode": "require"}}, "/endpoint/sslmode"),
    ],
)
def test_what_is_no_connection_is_refused_where_it_is_wrong(api: Api, body: Any, pointer: str) -> None:
    answer = api.call("POST", "/connections", body)
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, pointer), answer.text


@pytest.mark.parametrize("way", [{"host": "elsewhere"}, {"port": 1}, {"user": "another"}, {"sslmode": "require"}])
def test_another_way_asks_for_the_password_again(api: Api, source: dict[str, Any], way: dict[str, Any]) -> None:
    refused = patch(api, source, {"endpoint": way})
    assert (refused.status, refused.json["code"]) == (400, "secret.missing"), refused.text
    assert refused.json["errors"][0]["pointer"] == "/endpoint/password"
    assert api.done("GET", f"/connections/{source['id']}") == source
    assert patch(api, source, {"endpoint": {**way, "password": "new"}}).status == 200, "nobody uses it: not tried"


def test_connections_come_in_pages_and_by_kind(api: Api, source: dict[str, Any], target: dict[str, Any]) -> None:
    first = api.done("GET", "/connections?pageSize=1")
    second = api.done("GET", f"/connections?pageSize=1&pageToken={first['nextPageToken']}")
    assert {item["id"] for item in first["items"] + second["items"]} == {source["id"], target["id"]}
    assert second["nextPageToken"] == ""
    assert [item["id"] for item in api.done("GET", "/connections?kind=target")["items"]] == [target["id"]]
    assert api.call("GET", "/connections?kind=middle").status == 400


def test_a_saved_connection_stands_in_place_of_credentials(
    server: Server, api: Api, source: dict[str, Any], target: dict[str, Any]
) -> None:
    def tested(side: str, word: str) -> Answer:
        return api.call("POST", "/connections:test", {"side": side, "connection": {"connection": word}})

    assert tested("source", source["id"]).json["ok"] and tested("target", target["name"]).json["ok"]
    assert api.done("GET", f"/connections/{source['id']}")["lastTest"]["ok"] is True
    wrong = tested("target", source["id"])
    assert (wrong.status, wrong.json["errors"][0]["pointer"]) == (400, "/connection/connection"), wrong.text
    assert tested("source", "nobody's").status == 404
    beside = {"connection": {"connection": source["id"], "host": "elsewhere"}}
    refused = api.call("POST", "/connections:tables", beside)
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, "/connection/host"), refused.text
    tables = api.done("POST", "/connections:tables", {"connection": {"connection": source["id"]}, "columns": False})
    assert "orders" in {table["name"] for table in tables["tables"]}
    plan = api.done("POST", "/pipelines:plan", {
        "source": {"connection": source["id"]}, "target": {"connection": target["id"], "schema": "saved"},
        "tables": ["orders"],
    })  # fmt: skip
    assert plan["tables"][0]["target"] == "saved.orders"
    millrace(server, "rotate-key")
    assert tested("source", source["id"]).json["ok"], "under another key"


@pytest.fixture
def worker(lab: LabFacts) -> Iterator[tuple[str, str]]:
    """A user of the source with the rights of the lab's, whose password can change."""
    name, password = f"worker_{uuid4().hex[:8]}", uuid4().hex
    with lab.source("PG_SUPERUSER") as superuser:
        superuser.execute(f"CREATE ROLE {name} LOGIN REPLICATION PASSWORD '{password}'")
        superuser.execute(f"GRANT {lab['PG_USER']} TO {name}")
        yield name, password
        superuser.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{name}'")
        superuser.execute(f"REASSIGN OWNED BY {name} TO {lab['PG_USER']}; DROP OWNED BY {name}; DROP ROLE {name}")


def test_pipelines_follow_their_connection(
    api: Api, lab: LabFacts, worker: tuple[str, str], target: dict[str, Any]
) -> None:
    names = ["SAVED_A", "SAVED_B"]
    saved = save(api, "source", source_of(lab, user=worker[0], password=worker[1]), "followed")
    try:
        for name in names:
            api.done("POST", "/pipelines", {
                "name": name, "source": {"connection": "followed"}, "tables": ["customers"],
                "target": {"connection": target["id"], "schema": name.lower()},
            })  # fmt: skip
        used = api.done("GET", "/connections/followed")
        assert used["usedBy"] == names
        pipeline = api.done("GET", "/pipelines/SAVED_A")
        assert pipeline["sourceConnection"] == {"id": saved["id"], "name": "followed"}
        assert pipeline["targetConnection"]["id"] == target["id"]
        own = api.call("PATCH", "/pipelines/SAVED_A", {"source": {"password": "x"}}, **{"If-Match": "*"})
        assert (own.status, own.json["errors"][0]["pointer"]) == (400, "/source/password"), own.text

        refused = api.call("DELETE", "/connections/followed")
        assert (refused.status, refused.json["code"], refused.json["notes"]) == (409, "object.in_use", names)
        elsewhere = patch(api, saved, {"endpoint": {"database": "postgres"}})
        assert (elsewhere.status, elsewhere.json["code"]) == (409, "object.in_use"), elsewhere.text
        wrong = patch(api, saved, {"endpoint": {"password": "not this one"}})
        assert (wrong.status, wrong.json["code"]) == (422, "source.auth_failed"), wrong.text
        assert api.done("GET", "/connections/followed") == used

        new_password(lab, worker[0])
        changed = patch(api, saved, {"endpoint": {"host": "localhost", "password": "new one"}})
        assert changed.status == 200, changed.text
        assert [(one["pipeline"], one["ok"]) for one in changed.json["applied"]] == [(name, True) for name in names]
        with lab.source() as rows, lab.target() as copy:
            rows.execute("UPDATE customers SET name = name || '.' WHERE id = 2")
            wait_equal(rows, copy, [("public.customers", f"{name.lower()}.customers") for name in names])
        for name in names:
            assert "@localhost:" in api.done("GET", f"/pipelines/{name}")["source"]
            wait_until(lambda name=name: api.done("GET", f"/pipelines/{name}/status")["state"] == "RUNNING", "it runs")
    finally:
        for name in names:
            api.call("DELETE", f"/pipelines/{name}?dropTables=true")
    assert api.call("DELETE", "/connections/followed").status == 204


def test_pipelines_follow_a_connection_whose_server_died_before_it_handed_the_change_on(
    tmp_path: Path, lab: LabFacts, worker: tuple[str, str]
) -> None:
    assert FAILPOINT_BINARY.exists(), "no binary with failpoints: run ./dev build debug"
    name = "SAVED_LATE"
    dying = Server(tmp_path / "data", {"MILLRACE_FAILPOINT": "connection_stored"}, binary=FAILPOINT_BINARY).start()
    api = Api(dying)
    saved = save(api, "source", source_of(lab, user=worker[0], password=worker[1]), "late")
    api.done("POST", "/pipelines", {
        "name": name, "source": {"connection": "late"}, "tables": ["customers"],
        "target": {**target_of(lab), "schema": "saved_late"},
    })  # fmt: skip
    new_password(lab, worker[0])
    change = {"endpoint": {"host": "localhost", "password": "new one"}}
    with contextlib.suppress(OSError, http.client.HTTPException):
        answer = patch(api, saved, change)
        raise AssertionError(f"it was answered {answer.status}: {answer.text}")
    assert dying.process is not None and dying.process.wait(timeout=PATIENCE) == -signal.SIGKILL

    server = Server(tmp_path / "data").start()
    try:
        api = Api(server)
        assert api.done("GET", "/connections/late")["endpoint"]["host"] == "localhost"
        wait_until(lambda: "@localhost:" in api.done("GET", f"/pipelines/{name}")["source"], "it follows")
        with lab.source() as rows, lab.target() as copy:
            rows.execute("UPDATE customers SET name = name || '.' WHERE id = 2")
            wait_equal(rows, copy, [("public.customers", "saved_late.customers")])
        told = api.done("GET", f"/events?pipeline={name}&kind=pipeline.changed")["items"]
        assert any(event["message"] == "follows its saved connection" for event in told), told
        api.done("DELETE", f"/pipelines/{name}?dropTables=true")
    finally:
        assert server.end() == 0


def test_the_python_client_keeps_connections(client: Client, lab: LabFacts) -> None:
    saved = client.save_connection("by client", "target", target_of(lab))
    assert client.test_connection("target", {"connection": "by client"})["ok"]
    assert client.change_connection("by client", {"endpoint": {"schema": "other"}})["applied"] == []
    assert client.connection("by client")["endpoint"]["schema"] == "other"
    assert saved["id"] in {item["id"] for item in client.connections()}
    client.delete_connection("by client")
    assert saved["id"] not in {item["id"] for item in client.connections()}


def new_password(lab: LabFacts, role: str) -> None:
    """As a database's administrator does it: who is in stays in, until the server ends the session."""
    with lab.source("PG_SUPERUSER") as superuser:
        superuser.execute(f"ALTER ROLE {role} PASSWORD 'new one'")
        superuser.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'")


def test_a_key_that_may_not_see_pipelines_learns_no_names(
    server: Server, api: Api, lab: LabFacts, source: dict[str, Any], target: dict[str, Any]
) -> None:
    spec = {"name": "UNSEEN", "source": {"connection": source["id"]}, "tables": ["products"]}
    api.done("POST", "/pipelines", {**spec, "target": {"connection": target["id"], "schema": "unseen"}})
    try:
        scopes = ["connections.read", "connections.write"]
        key = api.done("POST", "/api-keys", {"name": "blind", "role": "admin", "scopes": scopes})
        blind = {"Authorization": f"Bearer {key['key']}"}
        place = f"/connections/{source['id']}"
        api_headers, api.headers = api.headers, blind
        try:
            assert api.done("GET", place)["usedBy"] == []
            refused = api.call("DELETE", place)
        finally:
            api.headers = api_headers
        assert refused.status == 409 and "UNSEEN" not in refused.text
    finally:
        api.done("DELETE", "/pipelines/UNSEEN?dropTables=true")


def test_a_connection_of_another_tenant_is_like_none(server: Server, api: Api, source: dict[str, Any]) -> None:
    other = api.done("POST", "/tenants", {"name": "beside"})
    stranger = {"name": "stranger", "password": "correct horse battery"}
    api.done("POST", "/users", {**stranger, "memberships": [{"tenant": other["id"], "role": "admin"}]})
    outside = Api(server, "stranger")
    for path, body in {
        "/connections:test": {"side": "source", "connection": {"connection": source["id"]}},
        "/connections:tables": {"connection": {"connection": source["id"]}},
        "/pipelines": {"source": {"connection": source["id"]}, "target": {"connection": "x"}, "tables": ["orders"]},
    }.items():
        real = outside.call("POST", path, body)
        none = outside.call("POST", path, {**body, **{
            side: {"connection": "nobody's"} for side in ("connection", "source") if side in body
        }})  # fmt: skip
        assert (real.status, real.json["detail"]) == (none.status, none.json["detail"]) == (404, none.json["detail"])


def test_the_password_is_sealed_in_the_store(server: Server, source: dict[str, Any], lab: LabFacts) -> None:
    kept = b"".join(file.read_bytes() for file in server.data_dir.glob("millrace.db*"))
    assert source["id"].encode() in kept and lab["PG_PASSWORD"].encode() not in kept
