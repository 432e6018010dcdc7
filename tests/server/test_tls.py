"""TLS by certificate files."""

from __future__ import annotations

import http.client
import json
import ssl
import subprocess
from pathlib import Path

from tests.server.cli import Cli
from tests.server.conftest import PASSWORD, Server
from tests.shared.lab_facts import LabFacts


def _command_line(cli: Cli, server: Server, authority: Path) -> None:
    unknown = cli.login(server)
    assert (unknown.code, unknown.error["code"]) == (3, "server.unreachable")
    assert "--ca-file" in unknown.error["suggestion"]
    signed = cli.login(server, "--ca-file", str(authority))
    assert signed.code == 0, signed.out
    # The context knows the authority.
    assert cli.as_json("list") == []
    assert cli.as_json("logout")["revoked"] is True


def test_under_tls_the_cookie_is_bound_to_the_host(tmp_path: Path, lab: LabFacts) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-out", str(certificate), "-keyout", str(key)],
        check=True, capture_output=True,
    )  # fmt: skip
    settings = tmp_path / "serve.yaml"
    settings.write_text(f"tls_cert: {certificate}\ntls_key: {key}\n")
    server = Server(tmp_path / "data").start("--config", str(settings))
    try:
        assert server.url.startswith("https://")
        port = int(server.url.rsplit(":", 1)[1])
        context = ssl.create_default_context(cafile=str(certificate))
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=context)
        body = json.dumps({"user": "admin", "password": PASSWORD})
        connection.request("POST", "/api/v1/auth/login", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-millrace=") and "; Secure" in cookie and "Path=/" in cookie
        assert answer.headers["Strict-Transport-Security"]
        # The same connection carries the next request.
        connection.request("GET", "/healthz")
        assert connection.getresponse().read() == b'{"status":"ok"}'
        _command_line(Cli(lab, tmp_path), server, certificate)
    finally:
        assert server.end() == 0
