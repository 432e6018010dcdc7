"""Requests to a server's /api/v1, and the server's faults as exceptions."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

JsonObject = dict[str, Any]


class MillraceError(Exception):
    """What the server refused: a stable code of docs/reference/errors.md, and the whole problem document."""

    def __init__(self, problem: JsonObject) -> None:
        self.problem = problem
        self.status: int = problem.get("status", 0)
        self.code: str = problem.get("code", "")
        self.request_id: str = problem.get("requestId", "")
        self.retryable: bool = problem.get("retryable", False)
        lines = [
            problem.get("detail") or problem.get("title", "The server refused the request."),
            *problem.get("notes", []),
        ]
        super().__init__(f"{self.code}: " + "\n".join(lines))


class Client:
    """A signed-in session. Left out, server, user and password come from MILLRACE_SERVER (http://127.0.0.1:8080),
    MILLRACE_USER (admin) and MILLRACE_PASSWORD. Not thread-safe."""

    def __init__(
        self, server: str | None = None, user: str | None = None, password: str | None = None, timeout: float = 300
    ) -> None:
        self.server = (server or os.environ.get("MILLRACE_SERVER") or "http://127.0.0.1:8080").rstrip("/")
        self.timeout = timeout
        policy = DefaultCookiePolicy(strict_ns_domain=DefaultCookiePolicy.DomainStrict)
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar(policy)))
        self._csrf = ""
        credentials = {
            "user": user or os.environ.get("MILLRACE_USER") or "admin",
            "password": password or os.environ.get("MILLRACE_PASSWORD") or "",
        }
        self._csrf = self.request("POST", "/auth/login", credentials)["csrfToken"]

    def request(self, method: str, path: str, body: JsonObject | None = None, if_match: str = "") -> Any:
        """One call below /api/v1. `if_match`: the ETag that a change is meant for. Raises MillraceError, or OSError when
        no answer came."""
        request = urllib.request.Request(self.server + "/api/v1" + path, method=method)
        request.add_header("Accept", "application/json")
        if if_match:
            request.add_header("If-Match", if_match)
        if self._csrf:
            request.add_header("X-CSRF-Token", self._csrf)
        data = None
        if body is not None:
            request.add_header("Content-Type", "application/json")
            data = json.dumps(body).encode()
        try:
            with self._opener.open(request, data, self.timeout) as answer:
                text = answer.read()
        except urllib.error.HTTPError as refused:
            raise MillraceError(_problem(refused)) from None
        return json.loads(text) if text else None

    def _all(self, path: str) -> list[JsonObject]:
        items: list[JsonObject] = []
        token = ""
        while True:
            page = self.request("GET", f"{path}&pageToken={_quoted(token)}")
            items += page["items"]
            token = page["nextPageToken"]
            if not token:
                return items

    def logout(self) -> None:
        self.request("POST", "/auth/logout")

    def plan(self, spec: JsonObject) -> JsonObject:
        return self.request("POST", "/pipelines:plan", spec)

    def create(self, spec: JsonObject) -> JsonObject:
        return self.request("POST", "/pipelines", spec)

    def test_connection(self, side: str, connection: JsonObject, tables: list[str] | None = None) -> JsonObject:
        """Tries the credentials of a source or a target, check by check. Raises for a request that is none, not for
        checks that fail."""
        return self.request(
            "POST",
            "/connections:test",
            {"side": side, "connection": connection, **({"tables": tables} if tables else {})},
        )

    def source_tables(self, connection: JsonObject, **query: Any) -> JsonObject:
        """Schemas and tables of a source. `query`: further members of a TableQuery (api/openapi.yaml)."""
        return self.request("POST", "/connections:tables", {"connection": connection, **query})

    def save_connection(self, name: str, kind: str, endpoint: JsonObject) -> JsonObject:
        """Keeps credentials under a name; `kind`: source or target. In a spec {"connection": name} stands for them."""
        return self.request("POST", "/connections", {"name": name, "kind": kind, "endpoint": endpoint})

    def connections(self) -> list[JsonObject]:
        """All that are saved, without passwords."""
        return self._all("/connections?pageSize=1000")

    def connection(self, name: str) -> JsonObject:
        return self.request("GET", "/connections/" + _quoted(name))

    def change_connection(self, name: str, change: JsonObject) -> JsonObject:
        """A merge patch of name and endpoint. `applied` says for each pipeline whether it has the change."""
        revision = self.connection(name)["revision"]
        return self.request("PATCH", "/connections/" + _quoted(name), change, if_match=f'"{revision}"')

    def delete_connection(self, name: str) -> None:
        self.request("DELETE", "/connections/" + _quoted(name))

    def operation(self, id: str) -> JsonObject:
        return self.request("GET", "/operations/" + _quoted(id))

    def cancel(self, id: str) -> JsonObject:
        return self.request("POST", f"/operations/{_quoted(id)}/cancel")

    def pipelines(self) -> list[JsonObject]:
        """All of them, page after page."""
        return self._all("/pipelines?pageSize=1000")

    def configs(self, name: str) -> JsonObject:
        return self.request("GET", _place(name) + "/configs")

    def pipeline(self, name: str) -> JsonObject:
        return self.request("GET", _place(name))

    def status(self, name: str) -> JsonObject:
        return self.request("GET", _place(name) + "/status")

    def progress(self, name: str) -> JsonObject:
        """What moves: the load's rows and time left, then the stream's position, lag and rate."""
        return self.request("GET", _place(name) + "/progress")

    def pause(self, name: str) -> JsonObject:
        return self.request("POST", _place(name) + "/pause")

    def resume(self, name: str) -> JsonObject:
        return self.request("POST", _place(name) + "/resume")

    def restart(self, name: str) -> JsonObject:
        return self.request("POST", _place(name) + "/restart")

    def add_tables(self, name: str, tables: list[str], mapping: JsonObject | None = None) -> JsonObject:
        return self.request(
            "POST", _place(name) + "/tables", {"tables": tables, **({"mapping": mapping} if mapping else {})}
        )

    def remove_table(self, name: str, table: str, *, drop_tables: bool = False) -> JsonObject:
        return self.request("DELETE", f"{_place(name)}/tables/{_quoted(table)}?dropTables={_flag(drop_tables)}")

    def reload_table(self, name: str, table: str) -> JsonObject:
        return self.request("POST", f"{_place(name)}/tables/{_quoted(table)}/reload")

    def delete(
        self, name: str, *, drop_tables: bool = False, drop_topics: bool = False, force: bool = False
    ) -> JsonObject:
        flags = f"dropTables={_flag(drop_tables)}&dropTopics={_flag(drop_topics)}&force={_flag(force)}"
        return self.request("DELETE", f"{_place(name)}?{flags}")

    def events(self, pipeline: str = "") -> Iterator[JsonObject]:
        """Newest first, page after page."""
        token = ""
        while True:
            page = self.request("GET", f"/events?pipeline={_quoted(pipeline)}&pageToken={_quoted(token)}")
            yield from page["items"]
            token = page["nextPageToken"]
            if not token:
                return


def _problem(refused: urllib.error.HTTPError) -> JsonObject:
    try:
        problem = json.loads(refused.read())
    except ValueError:
        problem = None
    return problem if isinstance(problem, dict) else {"status": refused.code, "code": "http", "title": refused.reason}


def _quoted(text: str) -> str:
    return urllib.parse.quote(text, safe="")


def _place(name: str) -> str:
    return "/pipelines/" + _quoted(name)


def _flag(value: bool) -> str:
    return "true" if value else "false"
