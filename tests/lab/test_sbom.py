"""The list of what a build is made of."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.shared.program import FAILPOINT_BINARY, ROOT


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    if not FAILPOINT_BINARY.exists():
        pytest.skip(f"{FAILPOINT_BINARY} is missing: run ./dev build debug")
    output: Path = tmp_path_factory.mktemp("sbom") / "millrace.cdx.json"
    subprocess.run([sys.executable, str(ROOT / "scripts/sbom.py"), str(FAILPOINT_BINARY), str(output)], check=True)
    return json.loads(output.read_text())


def test_it_has_what_is_linked_and_what_the_page_is_made_of(document: dict[str, Any]) -> None:
    versions = {component["name"]: component["version"] for component in document["components"]}
    libpq = subprocess.run(
        ["dpkg-query", "-W", "-f=${Version}", "libpq5"], check=True, capture_output=True, text=True
    ).stdout
    assert versions["libpq5"] == libpq
    for name in ("libodbc2", "libsodium23", "libssl3", "nlohmann-json3-dev"):
        assert name in versions
    lock = json.loads((ROOT / "web/package-lock.json").read_text())["packages"]
    assert versions["react"] == lock["node_modules/react"]["version"]
    assert "vite" not in versions, "what only the build needs is not in the product"


def test_its_references_are_unique_and_whole(document: dict[str, Any]) -> None:
    references = [component["bom-ref"] for component in document["components"]]
    assert len(references) == len(set(references))
    assert document["dependencies"] == [{"ref": "millrace", "dependsOn": references}]
