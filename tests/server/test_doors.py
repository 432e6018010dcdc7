"""Who is let in, and what a request may be."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from tests.server.conftest import PASSWORD, Server
from tests.server.http import patiently, send, signed_in
from tests.server.route_table import operations
from tests.shared.program import BINARY


@pytest.mark.usefixtures("walks")
def test_every_route_that_is_not_public_wants_a_session(server: Server) -> None:
    closed = [operation for operation in operations(server.url) if operation.least != "public"]
    assert len(closed) > 10
    for operation in closed:
        answer = patiently(server.url, operation.method, operation.at())
        assert (answer.status, answer.json["code"]) == (401, "auth.unauthenticated"), operation
        headers = {"Cookie": "millrace=AAAA", "X-CSRF-Token": "AAAA"}
        assert patiently(server.url, operation.method, operation.at(), headers=headers).status == 401, operation


@pytest.mark.usefixtures("walks")
def test_every_write_of_a_session_wants_its_token(server: Server) -> None:
    session = signed_in(server.url, PASSWORD)
    for operation in operations(server.url):
        if operation.least == "public" or operation.method == "GET":
            continue
        for token in ({}, {"X-CSRF-Token": "wrong"}):
            headers = {"Cookie": session["Cookie"], **token}
            answer = patiently(server.url, operation.method, operation.at(), headers=headers)
            assert (answer.status, answer.json["code"]) == (403, "auth.forbidden"), operation


def test_a_session_ends_with_sign_out(server: Server) -> None:
    session = signed_in(server.url, PASSWORD)
    assert send(server.url, "GET", "/api/v1/auth/me", headers=session).status == 200
    assert send(server.url, "POST", "/api/v1/auth/logout", headers=session).status == 204
    assert send(server.url, "GET", "/api/v1/auth/me", headers=session).status == 401


def test_the_cookie_is_out_of_reach_of_scripts(server: Server) -> None:
    answer = send(server.url, "POST", "/api/v1/auth/login", {"user": "admin", "password": PASSWORD})
    assert "HttpOnly" in answer.headers["set-cookie"] and "SameSite=Lax" in answer.headers["set-cookie"]


def test_an_unknown_user_and_a_wrong_password_are_told_alike_and_then_slowed(tmp_path: Path) -> None:
    server = Server(tmp_path / "data").start()
    try:
        wrong = send(server.url, "POST", "/api/v1/auth/login", {"user": "admin", "password": "x" * 20})
        nobody = send(server.url, "POST", "/api/v1/auth/login", {"user": "nobody", "password": PASSWORD})
        assert (wrong.status, nobody.status) == (401, 401)
        assert wrong.json["detail"] == nobody.json["detail"]
        for _ in range(10):
            last = send(server.url, "POST", "/api/v1/auth/login", {"user": "admin", "password": "x" * 20})
            if last.status != 401:
                break
        assert (last.status, last.json["code"]) == (429, "auth.throttled")
        assert send(server.url, "POST", "/api/v1/auth/login", {"user": "admin", "password": PASSWORD}).status == 429
    finally:
        server.end()


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        (b"{", 400, None),
        (b"[]", 400, None),
        (b'{"a":' + b"[" * 100 + b"]" * 100 + b"}", 400, None),
        ({"soruce": {}}, 400, "/soruce"),
        ({"source": {"pasword": "x"}}, 400, "/source/pasword"),
        ({"source": {"sslrootcert": 1}}, 400, "/source/sslrootcert"),
        ({"kafkaConnect": {"sinkTasks": 2}}, 400, "/kafkaConnect/sinkTasks"),
        ({"source": {"host": "h", "database": "d", "user": "u"}, "target": {}, "tables": ["t"]}, 400, "/target/host"),
    ],
)
def test_what_is_no_spec_is_refused_with_its_place(server: Server, body: object, status: int, pointer: str) -> None:
    answer = send(server.url, "POST", "/api/v1/pipelines", body, signed_in(server.url, PASSWORD))
    assert answer.status == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["requestId"] == answer.headers["x-request-id"]
    if pointer:
        assert answer.json["errors"][0]["pointer"] == pointer


def test_limits(server: Server) -> None:
    session = signed_in(server.url, PASSWORD)
    large = send(server.url, "POST", "/api/v1/pipelines", b"x" * (2 << 20), session)
    assert large.status == 413
    assert send(server.url, "GET", "/healthz", headers={"X": "y" * 20_000}).status == 431
    assert send(server.url, "GET", "/%00").status == 400
    assert send(server.url, "GET", "/api/nothing").status == 404
    wrong = send(server.url, "PUT", "/healthz")
    assert (wrong.status, wrong.headers["allow"]) == (405, "GET")
    assert send(server.url, "GET", "/healthz").status == 200


def test_headers(server: Server) -> None:
    answer = send(server.url, "GET", "/")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "unsafe-inline" not in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_health_and_readiness(server: Server) -> None:
    assert send(server.url, "GET", "/healthz").json == {"status": "ok"}
    assert send(server.url, "GET", "/readyz").json["checks"] == {"store": "ok", "supervisor": "ok"}


def test_the_first_password_is_told_once_and_kept_hashed(tmp_path: Path) -> None:
    server = Server(tmp_path / "data").start()
    server.end()
    files = [file for file in (tmp_path / "data").rglob("*") if file.is_file()]
    assert any(b"$argon2id$" in file.read_bytes() for file in files)
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file
        assert PASSWORD.encode() not in file.read_bytes(), file
    assert all(PASSWORD not in line for line in server.lines + server.errors)


def test_a_crash_would_write_no_memory_down(server: Server) -> None:
    assert server.process is not None
    limits = Path(f"/proc/{server.process.pid}/limits").read_text()
    assert next(line for line in limits.splitlines() if "core file" in line).split()[4] == "0", limits


def test_one_server_a_data_directory(server: Server) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MILLRACE_")}
    second = subprocess.run(
        [str(BINARY), "serve", "--data-dir", str(server.data_dir), "--port", "0"],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert second.returncode == 2 and "Another server" in second.stderr


def test_plain_http_stays_on_the_loopback(tmp_path: Path) -> None:
    refused = subprocess.run(
        [str(BINARY), "serve", "--data-dir", str(tmp_path / "d"), "--listen", "0.0.0.0", "--port", "0"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert refused.returncode == 2 and "--insecure-listen" in refused.stderr
