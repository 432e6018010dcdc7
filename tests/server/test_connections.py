"""What the wizard asks before there is a pipeline: do these credentials work, what does the source hold, what would be
made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.server.conftest import PASSWORD, Server
from tests.server.http import Answer, send, signed_in
from tests.server.test_roles import millrace
from tests.shared.lab_facts import LabFacts

SOURCE_CHECKS = [
    "source.reachable", "source.tls", "source.sign_in", "source.database", "source.version", "source.wal_level",
    "source.replication_slots", "source.wal_senders", "source.replication_right", "source.publication_right",
]  # fmt: skip
METADATA = "169.254.169.254"


@pytest.fixture(scope="module")
def admin(server: Server) -> dict[str, str]:
    return signed_in(server.url, PASSWORD)


@pytest.fixture(scope="module")
def operator(server: Server) -> dict[str, str]:
    millrace(server, "user", "add", "wizard-user", "--role", "operator")
    return signed_in(server.url, PASSWORD, "wizard-user")


def source_of(lab: LabFacts, **changes: Any) -> dict[str, Any]:
    return {
        "host": lab["PG_HOST"], "port": int(lab["PG_PORT"]), "database": lab["PG_DATABASE"], "user": lab["PG_USER"],
        "password": lab["PG_PASSWORD"], **changes,
    }  # fmt: skip


def target_of(lab: LabFacts, **changes: Any) -> dict[str, Any]:
    return {
        "host": lab["SQLSERVER_HOST"], "port": int(lab["SQLSERVER_PORT"]), "database": lab["SQLSERVER_DATABASE"],
        "user": lab["SQLSERVER_USER"], "password": lab["SQLSERVER_PASSWORD"], "trustServerCertificate": True, **changes,
    }  # fmt: skip


class Wizard:
    def __init__(self, server: Server, who: dict[str, str]) -> None:
        self.server = server
        self.who = who

    def post(self, path: str, body: Any) -> Answer:
        return send(self.server.url, "POST", f"/api/v1/{path}", body, self.who)

    def test(self, side: str, connection: dict[str, Any], **more: Any) -> dict[str, Any]:
        answer = self.post("connections:test", {"side": side, "connection": connection, **more})
        assert answer.status == 200, answer.text
        return answer.json


@pytest.fixture(scope="module")
def wizard(server: Server, admin: dict[str, str]) -> Wizard:
    return Wizard(server, admin)


def states(report: dict[str, Any]) -> dict[str, str]:
    return {check["id"]: check["status"] for check in report["checks"]}


def check_of(report: dict[str, Any], wanted: str) -> dict[str, Any]:
    return next(check for check in report["checks"] if check["id"] == wanted)


def test_good_credentials_pass_every_check(wizard: Wizard, lab: LabFacts) -> None:
    source = wizard.test("source", source_of(lab), tables=["orders", "custom*"])
    assert [check["id"] for check in source["checks"]][: len(SOURCE_CHECKS)] == SOURCE_CHECKS
    assert source["ok"] and "fail" not in states(source).values(), source
    assert source["product"] == "PostgreSQL" and source["version"][0].isdigit()
    assert 'GRANT SELECT ON "public"."orders"' in source["grantScript"]
    target = wizard.test("target", target_of(lab))
    assert target["ok"] and target["product"] == "SQL Server", target
    assert states(target)["target.tls"] == "warn", "any certificate is accepted"
    assert "GRANT CREATE SCHEMA, CREATE TABLE" in target["grantScript"]


def test_what_fails_is_named_and_what_comes_after_is_skipped(wizard: Wizard, lab: LabFacts) -> None:
    def failing(side: str, connection: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
        found = states(wizard.test(side, connection))
        return [name for name, status in found.items() if status == "fail"], found

    failed, found = failing("source", source_of(lab, password="not this one"))
    assert failed == ["source.sign_in"] and found["source.reachable"] == "pass"
    assert found["source.wal_level"] == "skipped"
    assert failing("source", source_of(lab, database="nowhere"))[0] == ["source.database"]
    assert failing("source", source_of(lab, port=1))[0] == ["source.reachable"]
    assert failing("source", source_of(lab, host=METADATA))[0] == ["source.reachable"]
    assert failing("target", target_of(lab, password="not this one"))[0] == ["target.sign_in"]
    assert failing("target", target_of(lab, database="nowhere"))[0] == ["target.database"]
    assert failing("target", target_of(lab, port=1))[0] == ["target.reachable"]
    assert failing("target", target_of(lab, trustServerCertificate=False))[0] == ["target.tls"]


def test_only_an_administrator_reads_the_other_sides_words(
    wizard: Wizard, server: Server, operator: dict[str, str], lab: LabFacts
) -> None:
    wrong = source_of(lab, password="not this one")
    theirs = "password authentication failed"
    assert theirs in check_of(wizard.test("source", wrong), "source.sign_in")["message"]
    low = Wizard(server, operator)
    assert theirs not in str(low.test("source", wrong))
    spec = {"source": wrong, "target": target_of(lab), "tables": ["orders"]}
    refused = {who: asked.post("pipelines:plan", spec) for who, asked in {"admin": wizard, "operator": low}.items()}
    assert {answer.json["code"] for answer in refused.values()} == {"source.auth_failed"}
    assert theirs in refused["admin"].text and theirs not in refused["operator"].text


@pytest.fixture
def beginner(lab: LabFacts) -> Iterator[tuple[str, str]]:
    """A user of the source who may do nothing yet."""
    name, password = f"beginner_{uuid4().hex[:8]}", uuid4().hex
    with lab.source("PG_SUPERUSER") as superuser:
        superuser.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
        yield name, password
        superuser.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")


def test_the_fixes_that_are_shown_fix_it(wizard: Wizard, lab: LabFacts, beginner: tuple[str, str]) -> None:
    mine = source_of(lab, user=beginner[0], password=beginner[1])
    report = wizard.test("source", mine, tables=["orders"])
    failed = [check for check in report["checks"] if check["status"] == "fail"]
    assert {check["id"] for check in failed} == {
        "source.replication_right", "source.publication_right", "table.select_right", "table.owner",
    }  # fmt: skip
    assert all(check["fixIsSql"] for check in failed), failed
    with lab.source("PG_SUPERUSER") as superuser:
        for check in failed:
            superuser.execute(check["fix"])
    assert wizard.test("source", mine, tables=["orders"])["ok"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"side": "middle", "connection": {}}, "/side"),
        ({"side": "source", "connection": {"host": "h", "user": "u"}}, "/connection/database"),
        ({"side": "source", "connection": {"hots": "h"}}, "/connection/hots"),
        ({"side": "source", "connection": "postgres://h/d"}, "/connection"),
        ({"side": "source"}, "/connection"),
        ({"side": "source", "connection": {"host": "h"}, "more": 1}, "/more"),
    ],
)
def test_a_request_that_is_none_is_refused_where_it_is_wrong(wizard: Wizard, body: Any, pointer: str) -> None:
    answer = wizard.post("connections:test", body)
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, pointer), answer.text


def test_tables_of_a_source_with_what_stands_in_their_way(wizard: Wizard, lab: LabFacts) -> None:
    def tables(**query: Any) -> dict[str, dict[str, Any]]:
        answer = wizard.post("connections:tables", {"connection": source_of(lab), **query})
        assert answer.status == 200, answer.text
        found = {f"{table['schema']}.{table['name']}": table for table in answer.json["tables"]}
        assert sum(schema["tables"] for schema in answer.json["schemas"]) == len(found)
        return found

    listed = tables(columns=False)
    orders = listed["public.orders"]
    assert orders["keyKind"] == "primary-key" and orders["replicable"] and orders["replicaIdentity"] == "default"
    assert int(orders["estimatedRows"]) > 0 and int(orders["bytes"]) > 0
    assert orders["columns"] == [] and orders["columnCount"] > 2
    keyless = listed["public.page_views"]
    assert keyless["keyKind"] == "none" and not keyless["replicable"]
    errors = [issue for issue in keyless["issues"] if issue["severity"] == "error"]
    assert "REPLICA IDENTITY FULL" in errors[0]["fix"]
    assert listed["public.stock_movements"]["replicable"], "its whole old row is logged"
    assert set(tables(schema="nothing_here")) == set()
    one = tables(tables=['"Mixed Case"'])["public.Mixed Case"]
    assert {column["name"]: column["targetType"] for column in one["columns"]}["Größe in cm"] == "decimal(6,2)"
    assert wizard.post("connections:tables", {"connection": source_of(lab), "tables": ["nope"]}).status == 422


def test_a_plan_tells_all_that_create_would_do(wizard: Wizard, lab: LabFacts, source: psycopg.Connection) -> None:
    spec = {"source": source_of(lab), "target": target_of(lab, schema="plan"), "tables": ["orders", "page_views"]}
    plan = wizard.post("pipelines:plan", spec).json
    assert plan["engine"] == "embedded" and plan["connectors"] == {}
    assert plan["blocked"] is True, "page_views has no key"
    assert [finding["id"] for finding in plan["findings"] if finding["severity"] == "error"]
    orders = next(table for table in plan["tables"] if table["source"] == "public.orders")
    assert orders["target"] == "plan.orders" and not orders["exists"]
    assert orders["ddl"].startswith("CREATE TABLE [plan].[orders]") and orders["ddl"] in plan["targetDdl"]
    assert (
        plan["slot"]
        and not source.execute("SELECT 1 FROM pg_replication_slots WHERE slot_name = %s", [plan["slot"]]).fetchall()
    )
    assert lab["PG_PASSWORD"] not in str(plan) and lab["SQLSERVER_PASSWORD"] not in str(plan)


def test_no_plan_and_no_pipeline_reaches_a_metadata_service(wizard: Wizard, lab: LabFacts) -> None:
    there = {"source": source_of(lab, host=METADATA), "target": target_of(lab), "tables": ["orders"]}
    connect = {
        "source": source_of(lab), "target": target_of(lab), "tables": ["orders"],
        "kafkaConnect": {"url": f"http://{METADATA}/latest"},
    }  # fmt: skip
    for path in ("pipelines:plan", "pipelines"):
        refused = wizard.post(path, there)
        assert (refused.status, refused.json["code"]) == (422, "address.refused"), refused.text
        assert refused.json["errors"][0]["pointer"] == "/source/host"
        assert wizard.post(path, connect).json["code"] == "address.refused"


def test_an_address_is_dialled_and_the_name_of_the_certificate_checked(tmp_path: Path, lab: LabFacts) -> None:
    if "MILLRACE_LAB_SQLSERVER_CERTIFICATE" not in lab.values:
        pytest.skip("the server's certificate is not at hand to be trusted")
    serving = Server(tmp_path / "data", {"SSL_CERT_FILE": lab["SQLSERVER_CERTIFICATE"]}).start()
    try:
        trusting = Wizard(serving, signed_in(serving.url, PASSWORD))
        by_name = trusting.test("target", target_of(lab, host="localhost", trustServerCertificate=False))
        assert states(by_name)["target.tls"] == "pass", by_name
        # The driver holds names against the certificate's names: a number is none of them.
        by_number = trusting.test("target", target_of(lab, host="127.0.0.1", trustServerCertificate=False))
        assert states(by_number)["target.tls"] == "fail", by_number
    finally:
        assert serving.end() == 0


def test_files_of_the_server_are_those_of_one_folder(wizard: Wizard, server: Server, lab: LabFacts) -> None:
    def refused(file: str) -> str:
        connection = source_of(lab, sslmode="verify-ca", sslrootcert=file)
        answer = wizard.post("connections:test", {"side": "source", "connection": connection})
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/connection/sslrootcert"), answer.text
        return answer.json["detail"]

    there, nowhere = refused(str(server.data_dir / "secret.key")), refused("/nowhere/at/all")
    assert there == nowhere, "whether a file is there is not told"
    folder = server.data_dir / "certificates"
    folder.mkdir(exist_ok=True)
    (folder / "other-ca.pem").write_text("no certificate")
    named = wizard.test("source", source_of(lab, sslmode="verify-ca", sslrootcert="other-ca.pem"))
    assert states(named)["source.tls"] == "fail", "it was looked at"
    spec = {
        "source": source_of(lab), "target": target_of(lab), "tables": ["orders"], "engine": "kafka-connect",
        "kafkaConnect": {"url": "http://127.0.0.1:1", "kafkaProperties": {"sasl.kerberos.kinit.cmd": "touch /tmp/x"}},
    }  # fmt: skip
    answer = wizard.post("pipelines:plan", spec)
    assert (answer.status, answer.json["code"]) == (400, "usage.invalid"), answer.text


def test_the_hosts_that_were_tried_are_in_the_audit_log(wizard: Wizard, admin: dict[str, str], lab: LabFacts) -> None:
    wizard.test("source", source_of(lab, host=METADATA))
    lines = send(wizard.server.url, "GET", "/api/v1/audit?pageSize=5", headers=admin).json["items"]
    assert lines[0]["action"] == "POST /api/v1/connections:test", lines
    assert json.loads(lines[0]["details"]) == {"host": METADATA, "port": int(lab["PG_PORT"])}
