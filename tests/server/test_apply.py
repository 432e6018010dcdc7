"""Pipelines as files describe them: alone and through a server."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.cli import Cli
from tests.server.conftest import Server
from tests.shared.lab_facts import LabFacts
from tests.shared.program import BINARY, Answer
from tests.shared.waiting import PATIENCE

NAME = "APPLIED"


class Applier:
    def __init__(self, cli: Cli, lab: LabFacts, directory: Path) -> None:
        self.cli = cli
        self.lab = lab
        self.file = directory / "applied.yaml"

    def write(self, tables: str = "[customers, orders]", more: str = "", source: str = "") -> None:
        self.file.write_text(
            f"name: {NAME}\n"
            f"source:\n  url: {source or self.lab.source_url}\n  password: ${{env:MILLRACE_SOURCE_PASSWORD}}\n"
            f"target:\n  url: '{self.lab.target_url('applied')}'\n  password: ${{env:MILLRACE_TARGET_PASSWORD}}\n"
            f"tables: {tables}\n{more}"
        )

    def call(self, verb: str, *more: str) -> Answer:
        return self.cli.call(verb, "-f", str(self.file), *more, "-o", "json")

    def apply(self) -> dict[str, object]:
        answer = self.call("apply", "--yes")
        assert answer.code == 0, answer.out + answer.err
        return answer.json["pipelines"][0]

    def apply_text(self, text: str, *more: str) -> Answer:
        done = subprocess.run(
            [str(BINARY), "apply", "-f", "-", *more], env=self.cli.environment, input=text, capture_output=True,
            text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        return Answer(done.returncode, done.stdout, done.stderr)


@pytest.fixture(params=["alone", "server"])
def applier(request: pytest.FixtureRequest, server: Server, lab: LabFacts, tmp_path: Path) -> Iterator[Applier]:
    cli = Cli(lab, tmp_path)
    if request.param == "server":
        cli.signed_in(server)
    yield Applier(cli, lab, tmp_path)
    cli.call("delete", NAME, "--drop-tables", "--force", "-y")


def test_apply_creates_changes_and_then_leaves_alone(applier: Applier) -> None:
    applier.write()
    assert applier.call("diff").code == 4
    dry = applier.call("apply", "--dry-run")
    assert dry.code == 0 and dry.json["pipelines"][0]["action"] == "create"
    assert dry.json["pipelines"][0]["result"] is None
    asked = applier.call("apply")
    assert (asked.code, asked.error["field"]) == (2, "yes")
    assert applier.cli.as_json("list") == []

    assert applier.apply()["result"] == "created"
    assert applier.call("diff").code == 0
    before = applier.cli.as_json("get", NAME)
    again = applier.apply()
    assert (again["action"], again["result"]) == ("none", "unchanged")
    shown = applier.cli.done("get", NAME).out
    unchanged = applier.apply_text(shown)
    assert (unchanged.code, unchanged.out) == (0, f"  {NAME}  unchanged\n"), unchanged.err
    assert json.loads(applier.apply_text(json.dumps(before), "-o", "json").out)["pipelines"][0]["action"] == "none"
    assert applier.cli.as_json("get", NAME) == before

    applier.write("[customers, products]", "embedded:\n  load_workers: 2\nmapping:\n  value_policy: clamp\n")
    different = applier.call("diff")
    assert different.code == 4
    wanted = different.json["pipelines"][0]
    assert (wanted["tables_added"], wanted["tables_removed"]) == (["products"], ["public.orders"])
    assert {change["field"]: change["effect"] for change in wanted["changes"]} == {
        "embedded.load_workers": "in place", "mapping.value_policy": "in place",
    }  # fmt: skip
    assert applier.apply()["result"] == "changed"
    after = applier.cli.as_json("get", NAME)
    assert after["tables"] == ["public.customers", "public.products"]
    assert after["embedded"]["load_workers"] == 2 and after["mapping"]["value_policy"] == "clamp"
    assert applier.call("diff").code == 0


def test_what_cannot_change_is_told_before_anything_does(applier: Applier) -> None:
    applier.write("[customers]")
    applier.apply()
    before = applier.cli.as_json("get", NAME)
    applier.write("[customers, orders]", "slot: another\nembedded:\n  load_workers: 3\n")
    refused = applier.call("apply", "--yes")
    assert refused.code == 2
    assert f"{applier.file}:9:1: slot of {NAME}" in refused.error["notes"][0], refused.out
    assert "delete it and create it again" in refused.error["notes"][0]
    assert applier.cli.as_json("get", NAME) == before
    # Another way to the source is tried before it is stored.
    applier.write("[customers]", source=applier.lab.source_url.replace(applier.lab["PG_PORT"], "1"))
    unreachable = applier.call("apply", "--yes")
    assert (unreachable.code, unreachable.error["code"]) == (3, "source.unreachable"), unreachable.out
    assert applier.cli.as_json("get", NAME) == before


def test_faults_of_a_file_have_a_place(applier: Applier) -> None:
    applier.write(more="embedded:\n  load_wrokers: 2\n")
    for verb in ("diff", "apply", "create"):
        refused = applier.call(verb)
        assert (refused.code, refused.error["field"]) == (2, "embedded.load_wrokers")
        assert refused.error["message"].startswith(f"{applier.file}:10:3: "), refused.out
        assert "embedded.load_workers" in refused.error["suggestion"]
