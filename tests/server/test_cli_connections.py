"""`millrace connections`, on a server and on a data directory: the same words, answers and exit codes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.cli import Cli
from tests.server.conftest import Server
from tests.server.test_saved_connections import new_password, worker
from tests.shared.lab_facts import LabFacts

__all__ = ["worker"]

NAME = "CONNECTED"


@pytest.fixture(params=["alone", "server"])
def cli(request: pytest.FixtureRequest, server: Server, lab: LabFacts, tmp_path: Path) -> Iterator[Cli]:
    cli = Cli(lab, tmp_path)
    if request.param == "server":
        cli.signed_in(server)
    cli.done("connections", "create", "shop", "--url", lab.source_url)
    cli.done("connections", "create", "copy", "--url", lab.target_url("dbo"))
    yield cli
    cli.call("delete", NAME, "--drop-tables", "--force", "-y")
    for saved in cli.as_json("connections", "list"):
        cli.done("connections", "delete", saved["name"])


def test_connections_are_saved_shown_changed_and_forgotten(cli: Cli, lab: LabFacts) -> None:
    shown = cli.as_json("connections", "show", "shop")
    assert (shown["name"], shown["kind"], shown["passwordSet"], shown["usedBy"]) == ("shop", "source", True, [])
    assert shown["endpoint"]["host"] == lab["PG_HOST"] and lab["PG_PASSWORD"] not in str(shown)
    assert cli.as_json("connections", "list")[1] == shown
    assert [item["name"] for item in cli.as_json("connections", "list", "--kind", "target")] == ["copy"]
    table = cli.done("connections", "list").out.splitlines()
    assert table[0].split()[:3] == ["CONNECTION", "KIND", "WHERE"] and table[2].startswith("shop  ")
    assert f"@{lab['PG_HOST']}:{lab['PG_PORT']}/{lab['PG_DATABASE']}" in cli.done("connections", "show", "shop").out

    again = cli.call("connections", "create", "shop", "--url", lab.source_url, "-o", "json")
    assert (again.code, again.error["code"]) == (2, "object.exists")
    edited = cli.as_json("connections", "edit", "shop", "--name", "store", "--schema", "sales")
    assert (edited["name"], edited["endpoint"]["schema"], edited["applied"]) == ("store", "sales", [])
    assert edited["id"] == shown["id"] and cli.as_json("connections", "show", shown["id"])["name"] == "store"
    elsewhere = cli.call("connections", "edit", "store", "--host", "elsewhere", "-o", "json")
    assert (elsewhere.code, elsewhere.error["code"]) == (2, "secret.missing"), elsewhere.out
    nothing = cli.call("connections", "edit", "store", "-o", "json")
    assert (nothing.code, nothing.error["code"]) == (2, "usage.invalid")
    assert cli.done("connections", "delete", "store").out == "✓ Connection store deleted.\n"
    gone = cli.call("connections", "show", "store", "-o", "json")
    assert (gone.code, gone.error["code"]) == (2, "object.not_found"), gone.out


def test_a_test_tells_what_is_right_and_what_is_not(cli: Cli, tmp_path: Path) -> None:
    for name in ("shop", "copy"):
        report = cli.as_json("connections", "test", name)
        assert report["ok"] is True and {check["status"] for check in report["checks"]} <= {"pass", "warn", "skipped"}
        assert cli.as_json("connections", "show", name)["lastTest"]["ok"] is True
    assert "  ✓ " in cli.done("connections", "test", "shop").out
    wrong = tmp_path / "wrong"
    wrong.write_text("not this one\n")
    cli.done("connections", "edit", "shop", "--password-file", str(wrong))
    failed = cli.call("connections", "test", "shop")
    assert failed.code == 2 and "  ✗ " in failed.out, failed.out + failed.err


def test_pipelines_are_made_from_connections_by_file_and_by_option(cli: Cli, lab: LabFacts, tmp_path: Path) -> None:
    # Nothing but the connections knows a password.
    del cli.environment["MILLRACE_SOURCE_PASSWORD"], cli.environment["MILLRACE_TARGET_PASSWORD"]
    file = tmp_path / "connected.yaml"
    file.write_text(
        f"name: {NAME}\nsource: {{connection: shop}}\ntarget: {{connection: copy, schema: connected}}\n"
        "tables: [customers]\n"
    )
    plan = cli.as_json("plan", "-f", str(file))
    assert plan["tables"][0]["target"] == "connected.customers"
    missing = tmp_path / "missing.yaml"
    missing.write_text(file.read_text().replace("shop", "nobody's"))
    unknown = cli.call("apply", "-f", str(missing), "--yes", "-o", "json")
    assert (unknown.code, unknown.error["code"], unknown.error["field"]) == (2, "object.not_found", "source.connection")
    assert f"{missing}:2:" in unknown.error["message"]

    applied = cli.as_json("apply", "-f", str(file), "--yes")["pipelines"][0]
    assert (applied["action"], applied["result"]) == ("create", "created"), applied
    assert cli.call("diff", "-f", str(file)).code == 0
    assert cli.as_json("connections", "show", "shop")["usedBy"] == [NAME]
    used = cli.call("connections", "delete", "shop", "-o", "json")
    assert (used.code, used.error["code"], used.error["notes"]) == (2, "object.in_use", [NAME])
    cli.done("delete", NAME, "--drop-tables", "-y")
    cli.done(
        "create", "--name", NAME, "--source-connection", "shop", "--target-connection", "copy",
        "--target-schema", "connected", "--tables", "customers",
    )  # fmt: skip
    assert cli.as_json("connections", "show", "copy")["usedBy"] == [NAME]


def test_an_edit_reaches_the_pipelines_and_says_so(cli: Cli, lab: LabFacts, worker: tuple[str, str]) -> None:
    url = lab.source_url.replace(f"{lab['PG_USER']}@", f"{worker[0]}@")
    cli.environment["MILLRACE_SOURCE_PASSWORD"] = worker[1]
    cli.done("connections", "create", "worker", "--url", url)
    cli.done(
        "create", "--name", NAME, "--source-connection", "worker", "--target-connection", "copy",
        "--target-schema", "connected", "--tables", "customers",
    )  # fmt: skip
    new_password(lab, worker[0])
    cli.environment["MILLRACE_SOURCE_PASSWORD"] = "new one"
    answer = cli.done("connections", "edit", "worker", "--password")
    assert answer.out == f"✓ Connection worker changed.\n  ✓ {NAME} follows\n"
