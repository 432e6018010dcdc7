"""Sign-in by an identity provider: the server against a certified one, by a browser's way."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.server.conftest import Server
from tests.server.http import Answer, send
from tests.server.test_accounts import Api
from tests.shared.program import ROOT

MODULES = Path(os.environ.get("MILLRACE_DEPS", ROOT / ".deps")) / "oidc"
SECRET = "a secret & more"
START = "/api/v1/auth/oidc/start"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Provider:
    """The provider's process."""

    def __init__(self, redirect_uri: str) -> None:
        self.process = subprocess.Popen(
            ["node", str(Path(__file__).parent / "oidc" / "provider.mjs"), str(MODULES), "millrace", SECRET, redirect_uri],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        word = self.process.stdout.readline().split()
        assert word and word[0] == "port", "the provider does not start"
        self.url = f"http://127.0.0.1:{word[1]}"

    def next(self, spoil: str = "", **claims: Any) -> None:
        """Whom it signs in from now on, and what it does to the token."""
        assert send(self.url, "POST", "/test", {"account": claims, "spoil": spoil}).status == 200

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)


class Browser:
    """Keeps cookies by host and port, and follows redirects."""

    def __init__(self) -> None:
        self.cookies: dict[str, dict[str, str]] = {}

    def get(self, url: str) -> Answer:
        place = urlsplit(url)
        mine = self.cookies.setdefault(place.netloc, {})
        path = place.path + (f"?{place.query}" if place.query else "")
        answer = send(url, "GET", path, headers={"Cookie": "; ".join(f"{k}={v}" for k, v in mine.items())})
        for cookie in answer.cookies:
            name, value = cookie.split(";")[0].split("=", 1)
            mine[name] = value
        return answer

    def follow(self, url: str, until: str) -> str:
        """Where the way of redirects leads that begins here: the first URL that begins with `until`."""
        for _ in range(10):
            answer = self.get(url)
            assert answer.status in (302, 303), (url, answer.status, answer.text)
            where = answer.headers["location"]
            url = where if "://" in where else url[: url.index("/", 8)] + where
            if url.startswith(until):
                return url
        raise AssertionError("a ring of redirects")


class Site:
    """The server and its provider."""

    def __init__(self, server: Server, provider: Provider) -> None:
        self.server = server
        self.provider = provider
        self.api = Api(server)

    def callback(self, browser: Browser, query: str = "") -> str:
        """The URL that the provider sends the browser to."""
        return browser.follow(f"{self.server.url}{START}{query}", f"{self.server.url}/api/v1/auth/oidc/callback")

    def land(self, browser: Browser, callback: str) -> str:
        answer = browser.get(callback)
        assert answer.status == 303, answer.text
        return answer.headers["location"]

    def attempt(self, spoil: str = "", **claims: Any) -> tuple[Browser, str]:
        self.provider.next(spoil, **claims)
        browser = Browser()
        return browser, self.land(browser, self.callback(browser))

    def me(self, browser: Browser) -> Answer:
        return browser.get(self.server.url + "/api/v1/auth/me")

    def error(self, where: str) -> str:
        return parse_qs(urlsplit(where).query)["signInError"][0]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    provider = Provider(f"{base}/api/v1/auth/oidc/callback")
    settings = {
        "MILLRACE_OIDC_ISSUER": provider.url, "MILLRACE_OIDC_CLIENT_ID": "millrace",
        "MILLRACE_OIDC_CLIENT_SECRET": SECRET, "MILLRACE_OIDC_REDIRECT_BASE": base,
    }  # fmt: skip
    server = Server(tmp_path_factory.mktemp("oidc") / "data", settings, port)
    try:
        server.start("--oidc-name", "The company's")
        yield Site(server, provider)
    finally:
        provider.end()
        assert server.end() == 0, "\n".join(server.errors[-20:])


@pytest.fixture
def ann(site: Site) -> Iterator[dict[str, Any]]:
    memberships = [{"tenant": "default", "role": "operator"}]
    made = site.api.done(
        "POST", "/users", {"name": "ann", "email": "Ann@example.org", "memberships": memberships}
    )  # fmt: skip
    assert made["hasPassword"] is False and made["oidcLinked"] is False
    yield made
    site.api.done("DELETE", f"/users/{made['id']}")


ANN = {"sub": "4711", "email": "ann@example.org", "email_verified": True}


def test_a_user_with_the_verified_address_signs_in(site: Site, ann: dict[str, Any]) -> None:
    told = send(site.server.url, "GET", "/api/v1/auth/oidc").json
    assert told == {"configured": True, "displayName": "The company's", "startUrl": START}
    site.provider.next(**ANN)
    browser = Browser()
    callback = site.callback(browser, "?returnTo=/pipelines/X%3Ftab=tables")
    query = parse_qs(urlsplit(callback).query)
    assert query["state"] and query["code"]
    assert site.land(browser, callback) == "/pipelines/X?tab=tables"
    me = site.me(browser).json
    assert (me["user"], me["role"]) == ("ann", "operator")
    assert site.api.done("GET", f"/users/{ann['id']}")["oidcLinked"] is True

    cookie = {"Cookie": f"millrace={browser.cookies[urlsplit(site.server.url).netloc]['millrace']}"}
    assert send(site.server.url, "POST", "/api/v1/auth/logout", headers=cookie).status == 403, "a write needs the token"
    old = cookie["Cookie"]
    site.land(browser, site.callback(browser))
    assert send(site.server.url, "GET", "/api/v1/auth/me", headers={"Cookie": old}).status == 401, "the session rotates"

    # From now on the subject decides, whatever the address is.
    again, where = site.attempt(sub=ANN["sub"], email="other@example.org", email_verified=False)
    assert where == "/" and site.me(again).json["user"] == "ann"
    site.api.done("PATCH", f"/users/{ann['id']}", {"oidcLinked": False})
    assert site.me(again).status == 401
    assert site.error(site.attempt(sub=ANN["sub"])[1]) == "oidc.unknown_user"


@pytest.mark.parametrize(
    "claims",
    [
        {**ANN, "email_verified": False},
        {"sub": "4711", "email": "ann@example.org"},
        {"sub": "4711", "preferred_username": "ann"},
        {"sub": "ann", "email": "bob@example.org", "email_verified": True},
    ],
)
@pytest.mark.usefixtures("ann")
def test_nothing_but_a_verified_address_links_a_user(site: Site, claims: dict[str, Any]) -> None:
    browser, where = site.attempt(**claims)
    assert site.error(where) == "oidc.unknown_user"
    assert site.me(browser).status == 401


def test_an_address_links_one_identity_and_no_second(site: Site, ann: dict[str, Any]) -> None:
    assert site.attempt(**ANN)[1] == "/"
    assert site.error(site.attempt(**{**ANN, "sub": "another"})[1]) == "oidc.unknown_user"
    site.api.done("PATCH", f"/users/{ann['id']}", {"disabled": True})
    assert site.error(site.attempt(**ANN)[1]) == "auth.sign_in_failed"


@pytest.mark.parametrize("spoil", ["none", "wrong-key", "wrong-nonce", "wrong-audience", "wrong-issuer", "expired"])
@pytest.mark.usefixtures("ann")
def test_a_token_that_proves_nothing_is_refused(site: Site, spoil: str) -> None:
    browser, where = site.attempt(spoil, **ANN)
    assert site.error(where) == "oidc.invalid"
    assert site.me(browser).status == 401


@pytest.mark.usefixtures("ann")
def test_the_providers_next_key_is_learned(site: Site) -> None:
    assert site.attempt(**ANN)[1] == "/"
    assert site.attempt("new-key", **ANN)[1] == "/", "a key that was not there a moment ago, and ES256"


@pytest.mark.usefixtures("ann")
def test_an_answer_belongs_to_the_browser_and_the_sign_in_that_it_was_begun_with(site: Site) -> None:
    site.provider.next(**ANN)
    browser = Browser()
    callback = site.callback(browser)
    assert site.error(site.land(Browser(), callback)) == "oidc.invalid", "another browser's"
    forged = callback.replace("state=", "state=x")
    kept = {place: dict(cookies) for place, cookies in browser.cookies.items()}
    assert site.error(site.land(browser, forged)) == "oidc.invalid"
    assert site.error(site.land(browser, callback)) == "oidc.invalid", "the cookie is good for one attempt"

    browser.cookies = {place: dict(cookies) for place, cookies in kept.items()}
    assert site.land(browser, callback) == "/"
    browser.cookies = kept
    assert site.error(site.land(browser, callback)) == "oidc.refused", "the code was redeemed before"
    foreign = callback.replace(
        f"iss={site.provider.url.replace(':', '%3A').replace('/', '%2F')}", "iss=http%3A%2F%2Fevil"
    )
    assert foreign != callback
    assert site.error(site.land(started(site), foreign)) == "oidc.invalid"
    refused = f"{site.server.url}/api/v1/auth/oidc/callback?error=access_denied&state="
    assert site.error(site.land(started(site), refused)) == "oidc.invalid", "even a refusal names its sign-in"


def started(site: Site) -> Browser:
    browser = Browser()
    assert browser.get(site.server.url + START).status == 303
    return browser


@pytest.mark.parametrize("wish", ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a%0d%0ab"])
@pytest.mark.usefixtures("ann")
def test_one_comes_back_to_the_page_and_nowhere_else(site: Site, wish: str) -> None:
    site.provider.next(**ANN)
    browser = Browser()
    assert site.land(browser, site.callback(browser, f"?returnTo={wish}")) == "/"


def test_sign_ins_are_in_the_audit_log(site: Site, ann: dict[str, Any]) -> None:
    site.attempt(**ANN)
    site.attempt("none", **ANN)
    site.attempt(sub="nobody")
    lines = site.api.done("GET", "/audit?pageSize=20&all=true")["items"]
    mine = [(line["outcome"], line["actor"]) for line in lines if line["action"] == "session.sign_in_oidc"]
    issuer = f"user:oidc:{site.provider.url}|nobody"
    assert mine[:3] == [("denied", issuer), ("denied", "user:oidc"), ("ok", "user:ann")], json.dumps(lines)
    linked = [line["object"] for line in lines if line["action"] == "user.link_oidc"]
    assert linked[0] == f"user/{ann['id']}"
    assert all(SECRET not in line for line in site.server.errors + site.server.lines)


def test_a_provider_that_is_away_is_told(site: Site) -> None:
    browser = started(site)
    state = parse_qs(urlsplit(browser.get(site.server.url + START).headers["location"]).query)["state"][0]
    site.provider.end()
    answer = f"{site.server.url}/api/v1/auth/oidc/callback?code=x&state={state}"
    where = site.land(browser, answer + f"&iss={site.provider.url}")
    assert site.error(where) == "oidc.unavailable"


def test_a_sign_in_cannot_begin_while_the_provider_is_away(tmp_path: Path) -> None:
    settings = {
        "MILLRACE_OIDC_ISSUER": f"http://127.0.0.1:{free_port()}", "MILLRACE_OIDC_CLIENT_ID": "millrace",
        "MILLRACE_OIDC_REDIRECT_BASE": "http://127.0.0.1:1",
    }  # fmt: skip
    server = Server(tmp_path / "data", settings).start()
    try:
        for _ in range(2):
            assert "signInError=oidc.unavailable" in send(server.url, "GET", START).headers["location"]
    finally:
        assert server.end() == 0


def test_without_a_provider_there_is_nothing(server: Server) -> None:
    assert send(server.url, "GET", "/api/v1/auth/oidc").json["configured"] is False
    assert send(server.url, "GET", START).status == 404
    assert send(server.url, "GET", "/api/v1/auth/oidc/callback?code=x").status == 404
