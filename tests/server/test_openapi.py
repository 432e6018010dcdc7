"""Schemathesis against a live server: every operation of api/openapi.yaml, with data that fits its description and
data that does not, as a server administrator and as a viewer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.server.conftest import PASSWORD, Server
from tests.server.route_table import operations
from tests.server.test_accounts import Api
from tests.server.test_tenants import spec
from tests.shared.lab_facts import LabFacts
from tests.shared.program import ROOT
from tests.shared.waiting import wait_until

PIPELINE = "WALKED_LINE"
# They try passwords, and who tries wrong ones is slowed down: last, when nobody has to sign in any more.
TRYING = ["login", "changeOwnPassword"]


@dataclass
class Walked:
    """A server with one of everything that a path can name."""

    server: Server
    key: str
    names: dict[str, str]

    def walk(self, *more: str, **environment: str) -> None:
        walked = subprocess.run(
            [
                str(Path(sys.executable).parent / "schemathesis"),
                "--config-file", str(ROOT / "tests/server/schemathesis.toml"),
                "run", f"{self.server.url}/api/openapi.json", "--url", self.server.url, *more,
            ],
            env={
                **os.environ, **self.names, **environment, "SCHEMATHESIS_HOOKS": "tests.server.schemathesis_hooks",
                "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}",
            },
            # It writes down what it tried where it is started.
            cwd=self.server.data_dir.parent, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert walked.returncode == 0, walked.stdout + walked.stderr

    def as_person(self, user: str) -> dict[str, str]:
        return {"WALKED_URL": self.server.url, "WALKED_PASSWORD": PASSWORD, "WALKED_AS": user}


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory, lab: LabFacts) -> Iterator[Walked]:
    server = Server(tmp_path_factory.mktemp("walked") / "data").start()
    root = Api(server)
    wanted = spec(lab)
    root.done("POST", "/pipelines", {**wanted, "name": PIPELINE})
    try:
        wait_until(lambda: root.done("GET", f"/pipelines/{PIPELINE}/status")["state"] == "RUNNING", "it runs")
        verified = root.done("POST", f"/pipelines/{PIPELINE}/verify", {})["id"]
        wait_until(lambda: root.done("GET", f"/operations/{verified}")["state"] == "succeeded", "it is verified")
        root.done("POST", f"/pipelines/{PIPELINE}/pause")
        member = {"tenant": "default", "role": "viewer"}
        made = {
            name: root.done("POST", "/users", {"name": name, "password": PASSWORD, "memberships": [member]})["id"]
            for name in ("viewer", "walked", "tried")
        }
        webhook = {"name": "walked", "kind": "webhook", "webhook": {"url": "http://127.0.0.1:9/"}}
        names = {
            "WALKED_PIPELINE": PIPELINE,
            "WALKED_USER": made["walked"],
            "WALKED_TENANT": root.done("POST", "/tenants", {"name": "walked"})["id"],
            "WALKED_CHANNEL": root.done("POST", "/alerts/channels", webhook)["id"],
            "WALKED_OPERATION": verified,
            "WALKED_SIDES": json.dumps({side: wanted[side] for side in ("source", "target")}),
        }
        key = Api(server, "viewer").done("POST", "/api-keys", {"name": "walk", "role": "viewer"})["key"]
        yield Walked(server, key, names)
    finally:
        Api(server).call("DELETE", f"/pipelines/{PIPELINE}?dropTables=true")
        assert server.end() == 0


def test_the_description_holds_for_a_server_administrator(walked: Walked) -> None:
    assert set(TRYING) < {operation.id for operation in operations(walked.server.url)}
    left_out = [word for name in TRYING for word in ("--exclude-operation-id", name)]
    walked.walk(*left_out, **walked.as_person("admin"))


def test_the_description_holds_for_the_key_of_a_viewer(walked: Walked) -> None:
    left_out = [word for name in TRYING for word in ("--exclude-operation-id", name)]
    # Most of it is refused before its data are looked at: a sample does.
    sample = ["--phases", "fuzzing", "--max-examples", "5"]
    walked.walk(*left_out, *sample, "--header", f"Authorization: Bearer {walked.key}")


def test_the_description_holds_where_passwords_are_tried(walked: Walked) -> None:
    chosen = [word for name in TRYING for word in ("--include-operation-id", name)]
    walked.walk(*chosen, **walked.as_person("tried"))
