"""What may change while a pipeline lives, on the condition that nobody else changed it meanwhile; lists in pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.server.conftest import PASSWORD, Client, Server
from tests.server.http import Answer, send, signed_in
from tests.server.test_connections import source_of, target_of
from tests.shared.lab_facts import LabFacts
from tests.shared.waiting import wait_equal, wait_until

NAMES = ["SET_A", "SET_B", "SET_C"]
PLACE = "/api/v1/pipelines/SET_A"


class Settings:
    def __init__(self, server: Server) -> None:
        self.url = server.url
        self.session = signed_in(server.url, PASSWORD)

    def get(self, path: str) -> Answer:
        return send(self.url, "GET", path, headers=self.session)

    def patch(self, change: Any, etag: str | None = None, name: str = PLACE) -> Answer:
        tag = self.get(name).headers["etag"] if etag is None else etag
        return send(self.url, "PATCH", name, change, {**self.session, **({"If-Match": tag} if tag else {})})

    def spec(self) -> dict[str, Any]:
        answer = self.get(f"{PLACE}/configs")
        assert answer.status == 200, answer.text
        return answer.json["spec"]


@pytest.fixture(scope="module")
def settings(server: Server, client: Client, lab: LabFacts) -> Iterator[Settings]:
    for name in NAMES:
        target = target_of(lab, schema=name.lower())
        client.create({"name": name, "source": source_of(lab), "target": target, "tables": ["customers"]})
    yield Settings(server)
    for name in NAMES:
        client.delete(name, drop_tables=True)


def test_a_change_names_the_state_that_it_is_meant_for(settings: Settings) -> None:
    change = {"embedded": {"loadWorkers": 2}}
    assert (settings.patch(change, "").status, settings.patch(change, '"0"').status) == (428, 412)
    old = settings.get(PLACE).headers["etag"]
    changed = settings.patch(change, old)
    assert changed.status == 200 and changed.headers["etag"] != old, changed.text
    assert settings.spec()["embedded"]["loadWorkers"] == 2
    assert settings.patch(change, old).json["code"] == "object.changed"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": "OTHER"}, "/name"),
        ({"source": {"database": "other"}}, "/source/database"),
        ({"source": {"user": None}}, "/source/user"),
        ({"embedded": {"loadWorkers": 0}}, "/embedded/loadWorkers"),
        ({"embedded": {"poison": "dance"}}, "/embedded/poison"),
        ({"mapping": {"tables": {"public.customers": {"rename": "x.y"}}}}, "/mapping/tables/public/customers/rename"),
        ({"source": {"host": "localhost"}}, "/source/password"),
        ({"source": {"sslmode": "disable"}}, "/source/password"),
        ({"target": {"port": 1}}, "/target/password"),
    ],
)
def test_what_may_not_change_is_refused_where_it_stands(settings: Settings, change: Any, pointer: str) -> None:
    before = settings.spec()
    refused = settings.patch(change)
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, pointer), refused.text
    assert settings.spec() == before


def test_a_run_follows_new_credentials_and_policies(
    settings: Settings, client: Client, lab: LabFacts, source: psycopg.Connection, target: Any
) -> None:
    wait_until(lambda: client.status("SET_A")["state"] == "RUNNING", "it runs")
    wrong = settings.patch({"source": {"password": "not this one"}})
    assert (wrong.status, wrong.json["code"]) == (422, "source.auth_failed"), wrong.text
    elsewhere = settings.patch({"target": {"database": lab["SQLSERVER_DATABASE"]}})
    assert elsewhere.status == 400

    change = {
        "source": {"host": "localhost", "password": lab["PG_PASSWORD"]},
        "embedded": {"schemaPolicy": {"all": "pause", "addColumn": "apply"}, "poison": "quarantine"},
    }
    changed = settings.patch(change)
    assert changed.status == 200, changed.text
    assert "@localhost:" in changed.json["source"] and lab["PG_PASSWORD"] not in changed.text
    spec = settings.spec()
    assert spec["embedded"]["poison"] == "quarantine" and "password" not in spec["source"]
    source.execute("UPDATE customers SET name = name || '!' WHERE id = 1")
    wait_equal(source, target, [("public.customers", "set_a.customers")])
    assert client.status("SET_A")["state"] == "RUNNING"


def test_pipelines_come_in_pages(settings: Settings) -> None:
    seen: list[str] = []
    token = ""
    while True:
        page = settings.get(f"/api/v1/pipelines?pageSize=2&search=set_&pageToken={token}").json
        assert len(page["items"]) <= 2
        seen += [item["name"] for item in page["items"]]
        token = page["nextPageToken"]
        if not token:
            break
    assert seen == NAMES
    assert settings.get("/api/v1/pipelines?search=set_&state=deleting").json["items"] == []
    assert settings.get("/api/v1/pipelines?search=setx").json["items"] == [], "'_' is a letter of a name"
    assert settings.get("/api/v1/pipelines?pageSize=0").status == 400
    assert settings.get("/api/v1/pipelines?pageToken=xyz").status == 400
