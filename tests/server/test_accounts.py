"""Users, members, API keys, tenants and the audit log over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.server.conftest import PASSWORD, Server
from tests.server.http import Answer, patiently, send, signed_in

OTHER_PASSWORD = "another battery staple"


class Api:
    """One who is signed in."""

    def __init__(self, server: Server, user: str = "admin", password: str = PASSWORD) -> None:
        self.url = server.url
        self.headers = signed_in(server.url, password, user)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        return patiently(self.url, method, "/api/v1" + path, body, {**self.headers, **headers})

    def done(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = self.call(method, path, body, **headers)
        assert answer.status < 300, answer.text
        return answer.json if answer.text else None

    def choose(self, tenant: str) -> dict[str, Any]:
        answer = self.call("POST", "/auth/tenant", {"tenant": tenant})
        assert answer.status == 200, answer.text
        self.headers = {
            "Cookie": answer.headers["set-cookie"].split(";")[0], "X-CSRF-Token": answer.json["csrfToken"]
        }  # fmt: skip
        return answer.json


@pytest.fixture(scope="module")
def root(server: Server) -> Api:
    return Api(server)


@pytest.fixture
def user(root: Api) -> Iterator[dict[str, Any]]:
    """A member of the default tenant and of nothing else, new for each test."""
    made = root.done(
        "POST", "/users",
        {"name": "Val", "password": PASSWORD, "memberships": [{"tenant": "default", "role": "admin"}]},
    )  # fmt: skip
    yield made
    root.call("DELETE", f"/users/{made['id']}")


def test_a_user_is_made_changed_and_removed(server: Server, root: Api) -> None:
    made = root.call("POST", "/users", {"name": "Ann", "password": PASSWORD, "email": "ann@example.org"})
    assert made.status == 201 and made.headers["location"] == f"/api/v1/users/{made.json['id']}"
    assert made.json["name"] == "ann" and PASSWORD not in made.text and "argon2" not in made.text
    assert root.call("POST", "/users", {"name": "ANN", "password": PASSWORD}).status == 409
    place = f"/users/{made.json['id']}"
    old_tag = made.headers["etag"]
    ann = Api(server, "ann")
    assert ann.call("GET", "/pipelines").status == 403
    assert root.done("PUT", f"{place}/memberships/default", {"role": "viewer"})["memberships"][0]["role"] == "viewer"
    assert ann.call("GET", "/pipelines").status == 403, "a session works in the tenant that was chosen"
    assert ann.choose("default")["role"] == "viewer"
    assert ann.call("GET", "/pipelines").status == 200

    changed = root.done("PATCH", place, {"email": "a@example.org"}, **{"If-Match": old_tag})
    assert changed["email"] == "a@example.org" and changed["revision"] != made.json["revision"]
    late = root.call("PATCH", place, {"email": "b@example.org"}, **{"If-Match": old_tag})
    assert (late.status, late.json["code"]) == (412, "object.changed")
    assert root.call("DELETE", place, None, **{"If-Match": '"no number"'}).status == 412

    assert root.done("PATCH", place, {"disabled": True})["disabled"] is True
    assert ann.call("GET", "/auth/me").status == 401
    assert root.done("PATCH", place, {"disabled": False})["disabled"] is False
    root.done("POST", f"{place}/password", {"password": OTHER_PASSWORD})
    Api(server, "ann", OTHER_PASSWORD)
    root.done("DELETE", place)
    assert root.call("GET", place).status == 404
    names = [item["name"] for item in root.done("GET", "/users")["items"]]
    assert "admin" in names and "ann" not in names


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"name": "x y", "password": PASSWORD}, 400, "/name"),
        ({"name": "x"}, 400, "/password"),
        ({"name": "x", "password": "short"}, 422, None),
        ({"name": "x", "password": PASSWORD, "serverAdmin": "yes"}, 400, "/serverAdmin"),
        ({"name": "x", "password": PASSWORD, "passwordHash": "x"}, 400, "/passwordHash"),
        ({"name": "x", "password": PASSWORD, "memberships": [{"tenant": "default", "role": "king"}]}, 400, None),
        ({"name": "x", "password": PASSWORD, "memberships": [{"tenant": "none", "role": "viewer"}]}, 404, None),
    ],
)
def test_what_is_no_user_is_refused_and_nothing_is_made(root: Api, body: Any, status: int, pointer: str) -> None:
    answer = root.call("POST", "/users", body)
    assert answer.status == status, answer.text
    if pointer:
        assert answer.json["errors"][0]["pointer"] == pointer
    assert "x" not in [item["name"] for item in root.done("GET", "/users")["items"]]


def test_the_last_server_administrator_stays(root: Api) -> None:
    me = root.done("GET", "/auth/me")
    for method, body in [("DELETE", None), ("PATCH", {"disabled": True}), ("PATCH", {"serverAdmin": False})]:
        refused = root.call(method, f"/users/{me['userId']}", body)
        assert (refused.status, refused.json["code"]) == (409, "object.in_use")


def test_ones_own_password_and_sessions(server: Server, user: dict[str, Any]) -> None:
    first, second = Api(server, "val"), Api(server, "val")
    sessions = second.done("GET", "/auth/sessions")["items"]
    assert [session["current"] for session in sessions] == [False, True]
    second.done("DELETE", f"/auth/sessions/{sessions[0]['id']}")
    assert first.call("GET", "/auth/me").status == 401
    third = Api(server, "val")
    wrong = second.call("POST", "/auth/password", {"currentPassword": "wrong", "newPassword": OTHER_PASSWORD})
    assert wrong.status == 401
    second.done("POST", "/auth/password", {"currentPassword": PASSWORD, "newPassword": OTHER_PASSWORD})
    assert second.call("GET", "/auth/me").status == 200
    assert third.call("GET", "/auth/me").status == 401
    Api(server, "val", OTHER_PASSWORD)


def test_an_api_key_is_told_once_and_ends_when_it_is_revoked(server: Server, root: Api, user: dict[str, Any]) -> None:
    val = Api(server, "val")
    made = val.done("POST", "/api-keys", {"name": "ci", "role": "operator", "scopes": ["pipelines.read"]})
    assert made["expiresAt"] and made["lastUsedAt"] is None
    bearer = {"Authorization": f"Bearer {made['key']}"}
    assert send(server.url, "GET", "/api/v1/pipelines", headers=bearer).status == 200
    assert send(server.url, "GET", "/api/v1/events", headers=bearer).status == 403
    me = send(server.url, "GET", "/api/v1/auth/me", headers=bearer).json
    assert (me["keyId"], me["role"], me["permissions"]) == (made["id"], "operator", ["pipelines.read"])
    assert "csrfToken" not in me
    listed = val.call("GET", "/api-keys")
    assert made["key"] not in listed.text and made["key"].split("_", 2)[2] not in listed.text
    assert [(item["id"], item["user"]) for item in listed.json["items"]] == [(made["id"], "val")]
    assert listed.json["items"][0]["lastUsedAt"]
    assert val.call("POST", "/api-keys", {"name": "ci", "role": "viewer"}).status == 409
    for body in (
        {"name": "a", "role": "viewer", "scopes": ["nothing.such"]},
        {"name": "a", "role": "viewer", "expiresInDays": 0},
        {"name": "a", "role": "viewer", "expiresInDays": 1.5},
        {"name": "", "role": "viewer"},
    ):
        assert val.call("POST", "/api-keys", body).status == 400, body
    assert val.done("POST", "/api-keys", {"name": "ever", "role": "viewer", "expiresInDays": None})["expiresAt"] is None

    # Somebody else's: seen and revoked with the right for it alone.
    everybody = root.done("GET", "/api-keys?all=true")["items"]
    assert {item["name"] for item in everybody} >= {"ci", "ever"}
    root.done("DELETE", f"/api-keys/{made['id']}")
    assert send(server.url, "GET", "/api/v1/pipelines", headers=bearer).status == 401
    assert [item["revokedAt"] is None for item in val.done("GET", "/api-keys")["items"]] == [False, True]


def test_of_a_viewer_a_key_is_no_more_than_a_viewer(server: Server, root: Api, user: dict[str, Any]) -> None:
    root.done("PATCH", f"/members/{user['id']}", {"role": "viewer"})
    val = Api(server, "val")
    assert val.call("POST", "/api-keys", {"name": "up", "role": "admin"}).status == 403
    assert val.call("GET", "/api-keys?all=true").status == 403
    others = root.done("POST", "/api-keys", {"name": "root's", "role": "viewer"})
    assert val.call("DELETE", f"/api-keys/{others['id']}").status == 404
    root.done("DELETE", f"/api-keys/{others['id']}")


def test_members_change_and_leave_and_nobody_is_added_by_trying(
    server: Server, root: Api, user: dict[str, Any]
) -> None:
    stranger = root.done("POST", "/users", {"name": "stranger", "password": PASSWORD})
    val = Api(server, "val")
    members = {item["name"]: item["role"] for item in val.done("GET", "/members")["items"]}
    assert members == {"admin": "admin", "val": "admin"}
    for who in (stranger["id"], "NOBODY"):
        refused = val.call("PATCH", f"/members/{who}", {"role": "viewer"})
        assert (refused.status, refused.json["detail"]) == (404, "There is no such member.")
    assert val.done("PATCH", f"/members/{user['id']}", {"role": "operator"})["role"] == "operator"
    assert val.call("GET", "/members").status == 403, "a role counts at once"
    root.done("DELETE", f"/members/{user['id']}")
    assert val.call("GET", "/pipelines").status == 403
    root.done("DELETE", f"/users/{stranger['id']}")


def test_a_tenant_is_made_renamed_chosen_and_removed(root: Api, server: Server) -> None:
    me = Api(server)
    made = root.call("POST", "/tenants", {"name": "Sales"})
    assert made.status == 201 and made.json["pipelines"] == 0
    place = f"/tenants/{made.json['id']}"
    assert root.call("POST", "/tenants", {"name": "Sales"}).status == 409
    assert root.call("POST", "/tenants", {"name": " Sales"}).status == 400
    renamed = root.done("PATCH", place, {"name": "Sales EU"}, **{"If-Match": made.headers["etag"]})
    assert renamed["name"] == "Sales EU"
    assert root.call("PATCH", place, {"name": "x"}, **{"If-Match": made.headers["etag"]}).status == 412
    assert root.call("DELETE", "/tenants/default").status == 400

    stale = dict(me.headers)
    chosen = me.choose(made.json["id"])
    assert chosen["tenant"] == {"id": made.json["id"], "name": "Sales EU"} and chosen["role"] is None
    assert "pipelines.create" in chosen["permissions"], "a server administrator acts in every tenant"
    # What still shows the former tenant cannot write into the new one.
    assert send(server.url, "POST", "/api/v1/pipelines/X/pause", headers=stale).status == 401
    assert me.call("POST", "/auth/tenant", {"tenant": "NOBODY"}).status == 404

    root.done("DELETE", place)
    gone = me.done("GET", "/auth/me")
    assert gone["tenant"] is None and "pipelines.read" not in gone["permissions"]
    assert me.call("GET", "/pipelines").status == 403
    assert me.choose("default")["tenant"]["id"] == "default"


def test_the_audit_log_is_read_filtered_and_verified(root: Api, user: dict[str, Any]) -> None:
    root.done("DELETE", f"/members/{user['id']}")
    mine = root.done("GET", "/audit?action=member.remove&actor=user:admin&pageSize=1")
    line = mine["items"][0]
    assert (line["object"], line["outcome"]) == (f"user/{user['id']}", "ok")
    assert "sequence" not in line and "tenant" not in line
    assert root.done("GET", f"/audit?to={line['time']}&action=member.remove")["items"] != mine["items"]
    assert root.done("GET", f"/audit?from={line['time']}&action=member.remove")["items"][-1]["id"] == line["id"]
    assert root.call("GET", "/audit?from=yesterday").status == 400

    seen: list[str] = []
    token = ""
    while True:
        page = root.done("GET", f"/audit?all=true&pageSize=7&pageToken={token}")
        seen += [item["sequence"] for item in page["items"]]
        token = page["nextPageToken"]
        if not token:
            break
    numbers = [int(sequence) for sequence in seen]
    assert numbers == list(range(numbers[0], 0, -1)), "the whole log, page after page"

    report = root.done("GET", "/audit:verify")
    assert report["whole"] is True and int(report["lines"]) >= numbers[0]
    assert root.done("GET", f"/audit:verify?expect={report['head']}")["whole"] is True
    other = report["head"].split(":")[0] + ":" + "0" * 64
    assert root.done("GET", f"/audit:verify?expect={other}")["fault"]["line"] == report["head"].split(":")[0]
