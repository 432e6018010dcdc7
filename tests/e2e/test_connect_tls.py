"""A Connect cluster behind TLS that knows its clients: an authority of its own, client certificates, basic, bearer."""

from __future__ import annotations

import base64
import datetime
import http.client
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from conftest import LabFacts, Millrace
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ACCEPTED = {"Basic " + base64.b64encode(b"ann:pass word").decode(), "Bearer token-1"}


def _certificate(folder: Path, name: str, signer: tuple[x509.Name, ec.EllipticCurvePrivateKey] | None):
    """Writes NAME.pem and NAME.key; without a signer it is an authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer, issuer_key = signer or (subject, key)
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=signer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )  # fmt: skip
    (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / f"{name}.key").write_bytes(pem)
    return subject, key


def _forwarder(connect_url: str) -> type[BaseHTTPRequestHandler]:
    where = urlsplit(connect_url).netloc

    class Forward(BaseHTTPRequestHandler):
        def _forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            if self.headers.get("Authorization") not in ACCEPTED:
                return self._answer(401, b"{}")
            connection = http.client.HTTPConnection(where, timeout=60)
            connection.request(self.command, self.path, body or None, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            self._answer(answer.status, answer.read())
            return None

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...

        do_GET = do_PUT = do_POST = do_DELETE = _forward

    return Forward


@pytest.fixture(scope="module")
def cluster(lab: LabFacts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The URL, and the folder with ca.pem, client.pem, client.key, other.pem."""
    folder = tmp_path_factory.mktemp("tls")
    authority = _certificate(folder, "ca", None)
    _certificate(folder, "other", None)
    for name in ("server", "client"):
        _certificate(folder, name, authority)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    context.load_verify_locations(folder / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    server = ThreadingHTTPServer(("127.0.0.1", 0), _forwarder(lab["CONNECT_URL"]))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    thread.join()
    server.server_close()


def _plan(millrace: Millrace, url: str, *more: str, **environment: str):
    arguments = millrace.about("plan", "E2E_TLS", "orders", "e2e_tls", "--connect-url", url, *more)
    return millrace.run(*arguments, environment=environment)


def _identity(folder: Path) -> list[str]:
    return [
        "--connect-ca-file", str(folder / "ca.pem"), "--connect-cert-file", str(folder / "client.pem"),
        "--connect-key-file", str(folder / "client.key"),
    ]  # fmt: skip


def test_the_right_certificates_and_credentials(millrace: Millrace, cluster: tuple[str, Path]) -> None:
    url, folder = cluster
    basic = _plan(millrace, url, *_identity(folder), "--connect-user", "ann", MILLRACE_CONNECT_PASSWORD="pass word")
    assert basic.code == 0, basic.out
    bearer = _plan(millrace, url, *_identity(folder), MILLRACE_CONNECT_TOKEN="token-1")
    assert bearer.code == 0, bearer.out


def test_wrong_credentials_are_told_apart_from_an_unreachable_cluster(
    millrace: Millrace, cluster: tuple[str, Path]
) -> None:
    url, folder = cluster
    answer = _plan(millrace, url, *_identity(folder), "--connect-user", "ann", MILLRACE_CONNECT_PASSWORD="not-it")
    assert (answer.code, answer.error["code"]) == (3, "connect.auth_failed")
    assert "not-it" not in answer.out + answer.err


def test_a_server_of_another_authority_is_not_talked_to(millrace: Millrace, cluster: tuple[str, Path]) -> None:
    url, folder = cluster
    more = ["--connect-ca-file", str(folder / "other.pem")]
    answer = _plan(millrace, url, *more, MILLRACE_CONNECT_TOKEN="token-1")
    assert (answer.code, answer.error["code"]) == (3, "connect.unreachable")
    assert "certificate" in json_text(answer.error)


def test_without_the_client_certificate_the_server_hangs_up(millrace: Millrace, cluster: tuple[str, Path]) -> None:
    url, folder = cluster
    answer = _plan(millrace, url, "--connect-ca-file", str(folder / "ca.pem"), MILLRACE_CONNECT_TOKEN="token-1")
    assert (answer.code, answer.error["code"]) == (3, "connect.unreachable")


def json_text(error: dict[str, object]) -> str:
    return " ".join(str(value) for value in error.values())
