"""The web page's files, as the program carries them."""

from __future__ import annotations

import gzip
import re
import urllib.request

from tests.server.conftest import Server
from tests.server.http import send


def test_the_page_and_its_files(server: Server) -> None:
    page = send(server.url, "GET", "/")
    assert page.status == 200 and page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-cache"
    assert "unsafe" not in page.headers["content-security-policy"]
    scripts = re.findall(r'src="(/assets/[^"]+\.js)"', page.text)
    assert scripts, "the program was built without web/dist: scripts/build_web.sh"
    for script in scripts:
        answer = send(server.url, "GET", script)
        assert (answer.status, answer.headers["content-type"]) == (200, "text/javascript"), script
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        packed = urllib.request.Request(server.url + script, headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(packed) as got:
            assert got.headers["Content-Encoding"] == "gzip"
            assert gzip.decompress(got.read()).decode() == answer.text


def test_an_address_inside_the_page_is_the_page(server: Server) -> None:
    page = send(server.url, "GET", "/").text
    assert send(server.url, "GET", "/pipelines/SHOP/tables").text == page
    for missing in ("/assets/none.js", "/index.html.gz", "/api/v1/nothing", "/api"):
        answer = send(server.url, "GET", missing)
        assert answer.status == 404, missing
    assert send(server.url, "POST", "/pipelines").status == 404
