"""Several tenants in one server: nothing of one can be read, listed, guessed or counted from another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

from tests.server.conftest import PASSWORD, Server
from tests.server.http import Answer, patiently, send
from tests.server.route_table import operations
from tests.server.test_accounts import Api
from tests.server.test_pipelines import PAIRS, Stream, credentials
from tests.shared.lab_facts import LabFacts
from tests.shared.waiting import wait_equal, wait_until

PIPELINE = "NORTHERN_LINE"
# Parameters that are words of the product or places within an object: the same in every tenant.
WORDS = {"rule": "lag", "connector": "northern_line-source", "task": "0"}


@dataclass
class North:
    """A tenant with everything that a tenant can have."""

    id: str
    admin: Api
    values: dict[str, str]  # a real one for each parameter of a path
    words: list[str] = field(default_factory=list)  # that must not be told elsewhere


def spec(lab: LabFacts) -> dict[str, Any]:
    facts = credentials(lab)
    source = {side: facts[f"source_{side}"] for side in ("host", "port", "database", "schema", "user", "password")}
    target = {side: facts[f"target_{side}"] for side in ("host", "port", "database", "user", "password")}
    return {
        "name": PIPELINE, "source": source, "tables": facts["source_tables"],
        "target": {**target, "schema": "north", "trustServerCertificate": True},
    }  # fmt: skip


def tenant(server: Server, root: Api, name: str) -> tuple[str, str, Api]:
    """With an administrator of its own: its id, the administrator's, and the administrator signed in."""
    made = root.done("POST", "/tenants", {"name": name})
    memberships = [{"tenant": made["id"], "role": "admin"}]
    user = root.done("POST", "/users", {"name": f"{name}-admin", "password": PASSWORD, "memberships": memberships})
    return made["id"], user["id"], Api(server, f"{name}-admin")


@pytest.fixture(scope="module")
def root(server: Server) -> Api:
    return Api(server)


@pytest.fixture(scope="module")
def north(server: Server, root: Api, lab: LabFacts) -> Iterator[North]:
    id_, user, admin = tenant(server, root, "north")
    admin.done("POST", "/pipelines", spec(lab))
    key = admin.done("POST", "/api-keys", {"name": "northern key", "role": "viewer"})
    session = admin.done("GET", "/auth/sessions")["items"][0]["id"]
    webhook = {"name": "northern hook", "kind": "webhook", "webhook": {"url": "http://127.0.0.1:9/x"}}
    channel = admin.done("POST", "/alerts/channels", webhook)["id"]
    facts = {"host": "north.example", "database": "d", "user": "u", "password": PASSWORD}
    saved = admin.done("POST", "/connections", {"name": "northern source", "kind": "source", "endpoint": facts})
    values = {
        "name": PIPELINE, "table": "public.customers", "user": user, "tenant": id_, "key": key["id"],
        "session": session, "id": channel, "connection": saved["id"],
    }  # fmt: skip
    try:
        wait_until(lambda: admin.done("GET", f"/pipelines/{PIPELINE}/status")["state"] == "RUNNING", "it runs")
        values["operation"] = admin.done("POST", f"/pipelines/{PIPELINE}/verify", {})["id"]
        yield North(id_, admin, values, [PIPELINE, "north", id_, user, key["id"], session, channel, saved["id"]])
    finally:
        admin.call("DELETE", f"/pipelines/{PIPELINE}?dropTables=true")


@pytest.fixture(scope="module")
def south(server: Server, root: Api) -> Api:
    return tenant(server, root, "south")[2]


def masked(answer: Answer, values: dict[str, str]) -> tuple[int, str]:
    """Without what differs between any two requests: their ids, and what they named."""
    text = re.sub(r'"requestId":"[^"]*"', "", answer.text)
    for value in sorted({*values.values(), "NOBODY"}, key=len, reverse=True):
        text = text.replace(value, "<it>")
    return answer.status, text


@pytest.mark.parametrize("way", ["session", "key"])
@pytest.mark.usefixtures("walks")
def test_what_another_tenant_has_is_told_like_what_nobody_has(
    server: Server, north: North, south: Api, way: str
) -> None:
    headers = south.headers
    if way == "key":
        key = south.done("POST", "/api-keys", {"name": "walk", "role": "admin"})
        headers = {"Authorization": f"Bearer {key['key']}"}
    headers = {**headers, "If-Match": "*"}
    walked = 0
    for operation in operations(server.url):
        if not set(operation.parameters) - WORDS.keys():
            continue
        missing = set(operation.parameters) - north.values.keys() - WORDS.keys()
        assert not missing, f"{operation}: the tenant north has no {missing} to be guessed"
        body = {"role": "viewer"} if operation.id == "updateMember" else {"tables": ["products"]}
        sent = None if operation.method in ("GET", "DELETE") else body
        real = patiently(server.url, operation.method, operation.at(**WORDS, **north.values), sent, headers)
        none = patiently(server.url, operation.method, operation.at(**WORDS), sent, headers)
        assert masked(real, north.values) == masked(none, north.values), operation
        assert real.status in (403, 404), (operation, real.text)
        walked += 1
    assert walked > 10


@pytest.mark.usefixtures("walks")
def test_no_list_holds_what_is_of_another_tenant(server: Server, root: Api, north: North) -> None:
    # One that has never tried to reach it: attempts are in the audit log of who made them.
    west = tenant(server, root, "west")[2]
    for operation in operations(server.url):
        if operation.method != "GET" or operation.parameters or operation.id in ("openapiYaml", "openapiJson"):
            continue
        for query in ("", "?all=true", f"?pipeline={PIPELINE}"):
            answer = patiently(server.url, "GET", operation.path + query, headers=west.headers)
            for word in north.words:
                assert word not in answer.text.replace(query, ""), (operation, query, word)


def test_a_live_view_shows_its_tenant_alone(server: Server, north: North, south: Api) -> None:
    streams = {
        "north": Stream(server.url, headers=north.admin.headers),
        "south": Stream(server.url, headers=south.headers),
    }
    north.admin.done("POST", f"/pipelines/{PIPELINE}/pause")
    assert streams["north"].wait("pipeline.paused")["pipeline"] == PIPELINE
    Api(server, "south-admin")
    kind, event = streams["south"].next()
    assert (kind, event["actor"]) == ("session.signed_in", "south-admin")
    north.admin.done("POST", f"/pipelines/{PIPELINE}/resume")


def test_metrics_are_of_the_tenant_and_all_of_them_for_who_runs_the_server(
    server: Server, north: North, south: Api, root: Api
) -> None:
    line = f'millrace_pipeline_running{{tenant="{north.id}",pipeline="{PIPELINE}"}}'
    assert line in send(server.url, "GET", "/metrics", headers=root.headers).text
    assert line in send(server.url, "GET", "/metrics", headers=north.admin.headers).text
    assert PIPELINE not in send(server.url, "GET", "/metrics", headers=south.headers).text

    def scraped(api: Api, *scopes: str) -> str:
        key = api.done("POST", "/api-keys", {"name": " ".join(scopes), "role": "viewer", "scopes": list(scopes)})
        return send(server.url, "GET", "/metrics", headers={"Authorization": f"Bearer {key['key']}"}).text

    all_of_them = scraped(root, "metrics.read", "metrics.read-all")
    assert line in all_of_them and "millrace_pipelines_left_out 0" in all_of_them
    assert PIPELINE not in scraped(root, "metrics.read"), "a key has rights of the server by name alone"
    body = {"name": "all", "role": "admin", "scopes": ["metrics.read", "metrics.read-all"]}
    assert south.call("POST", "/api-keys", body).status == 403


def test_the_pipeline_of_another_tenant_runs_after_a_restart_and_its_tenant_stays(
    server: Server, north: North, root: Api, source: psycopg.Connection, target: Any
) -> None:
    refused = root.call("DELETE", f"/tenants/{north.id}")
    assert (refused.status, refused.json["code"]) == (409, "object.in_use")
    assert root.done("GET", f"/tenants/{north.id}")["pipelines"] == 1
    assert server.end() == 0
    server.start()
    for api in (north.admin, root):
        api.url = server.url
    status = f"/pipelines/{PIPELINE}/status"
    wait_until(lambda: north.admin.done("GET", status)["state"] == "RUNNING", "it runs again")
    wait_equal(source, target, [(left, right.replace("api.", "north.")) for left, right in PAIRS])
    assert root.call("GET", f"/pipelines/{PIPELINE}").status == 404
    root.choose(north.id)
    assert root.done("GET", f"/pipelines/{PIPELINE}")["state"] == "active"
    root.choose("default")


def test_an_ended_session_loses_its_live_view(server: Server, root: Api) -> None:
    user = root.done("POST", "/users", {"name": "viewer", "password": PASSWORD,
                                        "memberships": [{"tenant": "default", "role": "viewer"}]})  # fmt: skip
    stream = Stream(server.url, headers=Api(server, "viewer").headers)
    root.done("DELETE", f"/users/{user['id']}")
    # It is looked at with every beat, 15 s apart.
    with pytest.raises(AssertionError, match="the stream ended"):
        stream.wait("never")
