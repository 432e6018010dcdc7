"""What goes wrong is told clearly, and nothing is left behind."""

from __future__ import annotations

import signal
import subprocess
from typing import Any

import psycopg
import pytest
from conftest import BINARY, LabFacts, Millrace, leftovers

NAME = "E2E_REFUSED"
SCHEMA = "e2e_refused"


@pytest.fixture
def nothing_left(millrace: Millrace, lab: LabFacts, source: psycopg.Connection, target: Any):
    yield
    assert leftovers(lab, source, target, NAME, SCHEMA) == []
    assert millrace.run("list", "-o", "json").json == []


def _create(millrace: Millrace, *more: str, tables: str = "orders", **environment: str):
    return millrace.run(*millrace.about("create", NAME, tables, SCHEMA, *more), environment=environment)


@pytest.mark.usefixtures("nothing_left")
class TestCreate:
    def test_wrong_source_password(self, millrace: Millrace) -> None:
        answer = _create(millrace, MILLRACE_SOURCE_PASSWORD="not-the-password")
        assert (answer.code, answer.error["code"]) == (3, "source.auth_failed")
        assert "not-the-password" not in answer.out + answer.err

    def test_wrong_target_password(self, millrace: Millrace) -> None:
        answer = _create(millrace, MILLRACE_TARGET_PASSWORD="not-the-password")
        assert (answer.code, answer.error["code"]) == (3, "target.auth_failed")
        assert "not-the-password" not in answer.out + answer.err

    def test_missing_database(self, millrace: Millrace, lab: LabFacts) -> None:
        answer = _create(millrace, "--source", lab.source_url.rsplit("/", 1)[0] + "/nowhere")
        assert (answer.code, answer.error["code"]) == (3, "source.database_not_found")

    def test_missing_table_names_the_nearest(self, millrace: Millrace) -> None:
        answer = _create(millrace, tables="customers,ordrs")
        assert (answer.code, answer.error["code"]) == (2, "table.not_found")
        assert "did you mean orders" in " ".join(answer.error["notes"])

    def test_missing_plugin(self, millrace: Millrace) -> None:
        answer = _create(millrace, "--sink", "aiven")
        assert (answer.code, answer.error["code"]) == (2, "preflight.failed")
        assert any("io.aiven.connect.jdbc.JdbcSinkConnector" in note for note in answer.error["notes"])

    def test_options_of_single_columns(self, millrace: Millrace) -> None:
        """The sink knows a column by the source's name, and takes a value as it comes."""
        answer = _create(
            millrace, "--rename-column=public.orders.note=remark", "--column-policy=public.orders.shipped_on=null"
        )
        assert (answer.code, answer.error["code"]) == (2, "preflight.failed")
        found = [note.split(":")[0] for note in answer.error["notes"]]
        assert found == ["connect.column_name public.orders.note", "connect.value_policy public.orders.shipped_on"]

    def test_unreachable_broker(self, millrace: Millrace) -> None:
        answer = _create(millrace, "--kafka-bootstrap", "127.0.0.1:1")
        assert (answer.code, answer.error["code"]) == (2, "preflight.failed")
        assert any("No Kafka broker answers at 127.0.0.1:1" in note for note in answer.error["notes"])

    def test_unreachable_connect(self, millrace: Millrace) -> None:
        answer = _create(millrace, "--connect-url", "http://127.0.0.1:1")
        assert (answer.code, answer.error["code"]) == (3, "connect.unreachable")

    def test_columns_that_cannot_be_carried(self, millrace: Millrace) -> None:
        answer = _create(millrace, tables="all_types")
        assert (answer.code, answer.error["code"]) == (2, "preflight.failed")
        assert any("public.all_types.c_int_array" in note for note in answer.error["notes"])

    def test_table_without_key(self, millrace: Millrace) -> None:
        answer = _create(millrace, tables="page_views")
        assert (answer.code, answer.error["code"]) == (2, "preflight.failed")

    def test_misspelt_connector_key(self, millrace: Millrace) -> None:
        answer = _create(millrace, "--sink-set", "flush.max.retrys=3")
        assert (answer.code, answer.error["code"]) == (2, "preflight.failed")
        assert any("flush.max.retries" in note for note in answer.error["notes"])

    def test_a_sink_that_fails_takes_everything_back(self, millrace: Millrace) -> None:
        """By then slot, publication, tables and the source connector exist."""
        answer = _create(millrace, "--target-address", "127.0.0.1:1", "--ready-timeout", "15")
        assert answer.code == 1, answer.out
        assert answer.error["code"] in ("connector.failed", "connector.not_ready")
        notes = " ".join(answer.error["notes"])
        for what in (
            f"connector {NAME}-source",
            f"slot {NAME.lower()}_slot",
            f"publication {NAME.lower()}_pub",
            "table",
        ):
            assert f"removed {what}" in notes


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_a_create_that_is_ended_in_the_middle(number: int, millrace: Millrace, source: psycopg.Connection) -> None:
    """An interrupted one takes everything back itself; of a killed one the record is left, by which delete cleans up."""
    # The sink never runs, so the create waits for it with everything made.
    arguments = millrace.about("create", NAME, "orders", SCHEMA, "--target-address", "127.0.0.1:1")
    running = subprocess.Popen(
        [str(BINARY), *arguments], env=millrace.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stderr is not None
    for line in running.stderr:
        if f"connector {NAME}-source runs" in line:
            break
    running.send_signal(number)
    running.communicate(timeout=120)
    if number == signal.SIGINT:
        assert running.returncode == 128 + signal.SIGINT
        return
    assert [item["state"] for item in millrace.run("list", "-o", "json").json] == ["creating"]
    millrace.delete(NAME)


def _execute(target: Any, *statements: str) -> None:
    with target.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_existing_table_that_does_not_fit(
    millrace: Millrace, lab: LabFacts, source: psycopg.Connection, target: Any
) -> None:
    schema = "e2e_drift"
    _execute(
        target,
        f"IF SCHEMA_ID('{schema}') IS NULL EXEC('CREATE SCHEMA {schema}')",
        f"CREATE TABLE {schema}.orders (id bigint NOT NULL PRIMARY KEY, status varchar(5) NULL)",
    )
    try:
        answer = millrace.run(*millrace.about("create", "E2E_DRIFT", "orders", schema))
        assert (answer.code, answer.error["code"]) == (2, "preflight.failed")
        notes = " ".join(answer.error["notes"])
        assert "status" in notes and "varchar(5)" in notes and "total" in notes
        assert leftovers(lab, source, target, "E2E_DRIFT", schema) == ["table orders"]
    finally:
        _execute(target, f"DROP TABLE {schema}.orders")
