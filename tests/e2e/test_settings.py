"""Settings from a file, passwords that only the workers know, answers as YAML, watching, and a publication of others."""

from __future__ import annotations

import json
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from conftest import BINARY, LabFacts, Millrace, leftovers, wait_equal, wait_until

NAME = "E2E_FILE"
SCHEMA = "e2e_file"
PUBLICATION = "e2e_of_somebody"
PAIRS = [("public.customers", f"{SCHEMA}.buyers"), ("public.products", f"{SCHEMA}.products")]

FILE = """
name: {name}
engine: kafka-connect
source: {{url: "{source}"}}
target: {{url: "{target}"}}
tables: [customers, "prod*"]
publication_mode: disabled
publication: {publication}
mapping:
  tables:
    public.customers: {{rename: {schema}.buyers}}
kafka_connect:
  url: {connect}
  kafka_bootstrap: {bootstrap}
  secrets: {{mode: env, source_key: MILLRACE_SECRET_SOURCE_PASSWORD, target_key: MILLRACE_SECRET_TARGET_PASSWORD}}
"""


def _config(lab: LabFacts, connector: str) -> dict[str, str]:
    with urllib.request.urlopen(f"{lab['CONNECT_URL']}/connectors/{connector}/config", timeout=30) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def pipeline(
    millrace: Millrace, lab: LabFacts, source: psycopg.Connection, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """What `create -f .. -o yaml` answered."""
    source.execute(f"DROP PUBLICATION IF EXISTS {PUBLICATION}")
    source.execute(f"CREATE PUBLICATION {PUBLICATION} FOR TABLE customers, products")
    path: Path = tmp_path_factory.mktemp("spec") / "pipeline.yaml"
    path.write_text(
        FILE.format(
            name=NAME, source=lab.source_url, target=lab.target_url(SCHEMA), schema=SCHEMA, publication=PUBLICATION,
            connect=lab["CONNECT_URL"], bootstrap=lab["KAFKA_BOOTSTRAP"],
        )
    )  # fmt: skip
    try:
        answer = millrace.run("create", "-f", str(path), "-o", "yaml")
        assert answer.code == 0, answer.out + answer.err
        yield answer.out
    finally:
        source.execute(f"DROP PUBLICATION IF EXISTS {PUBLICATION}")


def test_a_file_makes_a_pipeline(pipeline: str, source: psycopg.Connection, target: Any) -> None:
    lines = pipeline.splitlines()
    assert f'pipeline_id: "{NAME}"' in lines and 'status: "active"' in lines
    assert f'sink_connector_name: "{NAME}-sink"' in lines
    wait_equal(source, target, PAIRS)
    with source.transaction():
        source.execute("UPDATE customers SET country = 'IS' WHERE id = (SELECT min(id) FROM customers)")
    wait_equal(source, target, PAIRS)


def test_passwords_stay_with_the_workers(pipeline: str, lab: LabFacts) -> None:
    source, sink = _config(lab, f"{NAME}-source"), _config(lab, f"{NAME}-sink")
    assert source["database.password"] == "${env:MILLRACE_SECRET_SOURCE_PASSWORD}"
    assert sink["connection.password"] == "${env:MILLRACE_SECRET_TARGET_PASSWORD}"
    for text in (json.dumps(source), json.dumps(sink), pipeline):
        assert lab["PG_PASSWORD"] not in text and lab["SQLSERVER_PASSWORD"] not in text


def test_watching_shows_it_again_until_it_is_ended(pipeline: str, millrace: Millrace) -> None:
    command = [str(BINARY), "status", NAME, "--watch", "--interval", "1"]
    watching = subprocess.Popen(command, env=millrace.environment, stdout=subprocess.PIPE, text=True)
    assert watching.stdout is not None
    seen = 0
    for line in watching.stdout:
        seen += NAME in line and "RUNNING" in line
        if seen == 2:
            break
    watching.send_signal(signal.SIGINT)
    watching.stdout.close()
    assert (seen, watching.wait(timeout=30)) == (2, 0)


def _states(lab: LabFacts) -> set[str]:
    states = set()
    for kind in ("source", "sink"):
        with urllib.request.urlopen(f"{lab['CONNECT_URL']}/connectors/{NAME}-{kind}/status", timeout=30) as answer:
            states.add(json.load(answer)["connector"]["state"])
    return states


def test_a_change_leaves_a_paused_pipeline_paused(
    pipeline: str, millrace: Millrace, lab: LabFacts, tmp_path: Path, source: psycopg.Connection, target: Any
) -> None:
    file = tmp_path / "moved.yaml"
    here = lab.target_url(SCHEMA).replace(f"@{lab['SQLSERVER_HOST']}:", "@localhost:")
    text = FILE.format(
        name=NAME, source=lab.source_url, target=here, schema=SCHEMA, publication=PUBLICATION,
        connect=lab["CONNECT_URL"], bootstrap=lab["KAFKA_BOOTSTRAP"],
    )  # fmt: skip
    file.write_text(text.replace(f'"{here}"', f'"{here}", password: "${{env:MILLRACE_TARGET_PASSWORD}}"'))
    assert millrace.run("pause", NAME).code == 0
    answer = millrace.run("apply", "-f", str(file), "--yes")
    assert answer.code == 0, answer.out + answer.err
    assert "//localhost:" in _config(lab, f"{NAME}-sink")["connection.url"], "it has the new configuration"
    # A connector that is given another configuration is UNASSIGNED until a worker has taken it.
    wait_until(lambda: _states(lab) == {"PAUSED"}, "both connectors are paused, as they were")
    assert json.loads(millrace.run("status", NAME, "-o", "json").out)["state"] == "PAUSED"
    source.execute("UPDATE products SET name = name || '.' WHERE id = (SELECT min(id) FROM products)")
    assert millrace.run("resume", NAME).code == 0
    wait_equal(source, target, PAIRS)


def test_list_in_each_format(pipeline: str, millrace: Millrace) -> None:
    assert NAME in millrace.run("list").out
    assert [item["name"] for item in millrace.run("list", "-o", "json").json] == [NAME]
    assert f'- name: "{NAME}"' in millrace.run("list", "-o", "yaml").out


@pytest.mark.parametrize("mode", ["file", "dir"])
def test_other_providers_are_resolved_by_the_workers(mode: str, millrace: Millrace, lab: LabFacts) -> None:
    """Connect's validation signs in with what the provider gives."""
    where = lab["CONNECT_SECRETS_DIR"] + ("/lab.properties" if mode == "file" else "")
    names = {"source": "source_password", "target": "target_password"}
    for key, code in ((names["source"], 0), (names["target"], 2)):
        answer = millrace.run(
            *millrace.about("plan", "E2E_SECRETS", "orders", "e2e_secrets", "--secrets", mode, "--secrets-source-path", where,
                            "--secrets-target-path", where, "--secrets-source-key", key, "--secrets-target-key", names["target"])
        )  # fmt: skip
        assert answer.code == code, answer.out


def test_a_plan_changes_nothing(millrace: Millrace, lab: LabFacts, source: psycopg.Connection, target: Any) -> None:
    answer = millrace.run(*millrace.about("plan", "E2E_PLANNED", "orders", "e2e_planned"))
    assert answer.code == 0, answer.out
    plan = answer.json
    assert any("CREATE TABLE [e2e_planned].[orders]" in ddl for ddl in plan["target_ddl"])
    assert "GRANT" in plan["grant_script"] and len(plan["connectors"]) == 2
    assert lab["PG_PASSWORD"] not in answer.out and lab["SQLSERVER_PASSWORD"] not in answer.out
    assert leftovers(lab, source, target, "E2E_PLANNED", "e2e_planned") == []


def test_delete_leaves_what_somebody_else_made(
    pipeline: str, millrace: Millrace, lab: LabFacts, source: psycopg.Connection, target: Any
) -> None:
    millrace.delete(NAME)
    assert leftovers(lab, source, target, NAME, SCHEMA) == []
    count = source.execute("SELECT count(*) FROM pg_publication WHERE pubname = %s", (PUBLICATION,)).fetchone()
    assert count == (1,)
