"""The lab as a whole: real servers, started once for this file."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from lab import ports, process
from lab.lab import SERVICES, Lab, left_out
from lab.postgres import OWNER, READER, SOURCE_USER, SUPERUSER
from lab.workload import change

pytestmark = pytest.mark.lab
_SHOP_TABLES = ("customers", "products", "orders", "order_items")


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[Lab]:
    lab = Lab(_reachable(tmp_path_factory.mktemp("lab")))
    try:
        lab.up()
        yield lab
    finally:
        lab.purge()


def _reachable(folder: Path) -> Path:
    """pytest's folders are closed to other users; PostgreSQL's must not matter for that."""
    return folder / "lab"


def _request(url: str, method: str = "GET", body: dict | None = None) -> dict:
    request = urllib.request.Request(url, method=method, headers={"Content-Type": "application/json"})
    request.data = None if body is None else json.dumps(body).encode()
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request, timeout=60) as answer:
        return json.load(answer)


def _running(lab: Lab) -> dict[str, int | None]:
    return {row.name: row.pid for row in lab.status() if row.state == "running"}


def test_up_twice_is_a_no_op(lab):
    before = _running(lab)
    assert set(before) >= {"postgres", "kafka", "connect"}
    told: list[str] = []
    lab.up(told=told.append)
    assert _running(lab) == before
    assert all("was there already" in line for line in told if not line.startswith("sqlserver"))


def test_env_is_shell_that_names_the_lab(lab):
    command = [sys.executable, "-m", "lab", "--dir", str(lab.state.directory), "env"]
    exports = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    show = 'printf \'%s %s\' "$MILLRACE_LAB_CONNECT_URL" "$MILLRACE_LAB_PG_PASSWORD"'
    shown = subprocess.run(["bash", "-c", f"set -eu; {exports}\n{show}"], capture_output=True, text=True, check=True)
    assert shown.stdout == f"{lab.connect.address()} {lab.postgres.password(SOURCE_USER)}"


def test_the_shop_has_rows_in_every_table(lab):
    with lab.postgres.connect(READER) as reader:
        tables = [
            row[0] for row in reader.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
        ]
        counts = {table: reader.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}
        toasted = reader.execute("SELECT count(*) FROM products WHERE pg_column_size(description) > 8000").fetchone()[0]
    assert len(counts) == 10
    assert min(counts.values()) > 0
    assert toasted >= 40


def test_rights_of_the_three_users(lab):
    publication = "CREATE PUBLICATION lab_test FOR TABLE customers, orders"
    with lab.postgres.connect(READER) as reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(publication)
    with lab.postgres.connect(SOURCE_USER, autocommit=True) as source:
        source.execute(publication)
        source.execute("SELECT pg_create_logical_replication_slot('lab_test', 'pgoutput')")
        source.execute("SELECT pg_drop_replication_slot('lab_test')")
        source.execute("DROP PUBLICATION lab_test")
        assert not source.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()[0]
    with lab.postgres.connect(OWNER) as owner, pytest.raises(psycopg.errors.InsufficientPrivilege):
        owner.execute("SELECT pg_create_logical_replication_slot('lab_test', 'pgoutput')")


@pytest.mark.parametrize(
    ("password", "accepted"),
    [
        ("${{file:{secrets}/lab.properties:source_password}}", True),
        ("${{dir:{secrets}:source_password}}", True),
        ("${{env:MILLRACE_SECRET_SOURCE_PASSWORD}}", True),
        ("${{file:{secrets}/lab.properties:target_password}}", False),
    ],
)
def test_connect_resolves_secrets_from_each_provider(lab, password, accepted):
    config = {
        "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
        "name": "lab-test",
        "plugin.name": "pgoutput",
        "topic.prefix": "lab-test",
        "database.hostname": "127.0.0.1",
        "database.port": str(lab.postgres.port),
        "database.user": SOURCE_USER,
        "database.password": password.format(secrets=lab.state.connect_secrets),
        "database.dbname": "shop",
    }
    answer = _request(f"{lab.connect.address()}/connector-plugins/PostgresConnector/config/validate", "PUT", config)
    errors = [error for entry in answer["configs"] for error in entry["value"]["errors"]]
    assert (errors == []) is accepted, errors


def test_connect_has_both_connectors_and_the_transforms(lab):
    answer = _request(f"{lab.connect.address()}/connector-plugins?connectorsOnly=false")
    classes = {plugin["class"]: plugin["version"] for plugin in answer}
    assert classes["io.debezium.connector.postgresql.PostgresConnector"] == "3.6.0.Final"
    assert classes["io.debezium.connector.jdbc.JdbcSinkConnector"] == "3.6.0.Final"
    assert "io.debezium.transforms.ExtractNewRecordState" in classes
    assert "org.apache.kafka.connect.transforms.ExtractField$Value" in classes


def test_the_workload_makes_every_kind_of_change_and_keeps_the_shop_whole(lab):
    with lab.postgres.connect(OWNER) as shop:
        report = change(shop, rate=1000, transactions=600, seed=7)
        totals = (
            "SELECT count(*) FROM orders WHERE total <> "
            "(SELECT coalesce(sum(quantity * unit_price), 0) FROM order_items WHERE order_id = orders.id)"
        )
        wrong = shop.execute(totals).fetchone()[0]
        counts = {table: shop.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in _SHOP_TABLES}
    assert report["transactions"] == 600
    assert len(report["changes"]) == 12
    assert wrong == 0
    assert min(counts.values()) > 100


def test_the_workload_is_not_faster_than_its_rate(lab):
    """How far it lags behind is the machine's business."""
    with lab.postgres.connect(OWNER) as shop:
        report = change(shop, rate=40, transactions=61, seed=8)
    assert report["seconds"] >= 60 / 40


def test_killed_connect_comes_back_to_the_same_address_with_its_plugins(lab):
    address, before = lab.connect.address(), lab.connect.running()
    lab.kill_connect()
    assert not before.alive()
    assert not ports.accepts(lab.connect.port)
    lab.start_connect()
    assert lab.connect.address() == address
    assert lab.connect.running().pid != before.pid
    assert _request(f"{address}/connectors") == []


def test_killed_postgres_comes_back_with_its_data(lab):
    with lab.postgres.connect(OWNER) as shop:
        shop.execute("INSERT INTO translations VALUES ('kept', 'through a crash')")
    lab.kill("postgres")
    lab.start("postgres")
    with lab.postgres.connect(OWNER) as shop:
        assert shop.execute("SELECT meaning FROM translations WHERE phrase = 'kept'").fetchone() == ("through a crash",)


def test_a_second_lab_lives_beside_the_first(lab, tmp_path):
    second = Lab(_reachable(tmp_path))
    try:
        second.up(without=["kafka", "connect", "sqlserver"])
        assert second.postgres.port != lab.postgres.port
        second.down()
        assert second.postgres.running() is None
        assert set(_running(lab)) >= {"postgres", "kafka", "connect"}
    finally:
        second.purge()


def test_sqlserver_lets_the_pipelines_login_make_tables(lab):
    if "sqlserver" in left_out():
        pytest.skip("MILLRACE_LAB_WITHOUT names sqlserver")
    with lab.sqlserver.connect() as connection:
        assert tuple(connection.execute("SELECT DB_NAME(), SUSER_SNAME()").fetchone()) == ("shopcopy", "millrace")
        connection.execute("CREATE TABLE dbo.lab_test (id int NOT NULL PRIMARY KEY, word nvarchar(20))")
        connection.execute("INSERT INTO dbo.lab_test VALUES (1, N'😀')")
        assert connection.execute("SELECT word FROM dbo.lab_test").fetchval() == "😀"
        connection.execute("DROP TABLE dbo.lab_test")


def test_killed_sqlserver_comes_back_with_its_data(lab):
    if "sqlserver" in left_out() or lab.sqlserver.external():
        pytest.skip("there is no stand-in to kill")
    with lab.sqlserver.connect() as connection:
        connection.execute("CREATE TABLE dbo.lab_kept (id int NOT NULL PRIMARY KEY)")
        connection.execute("INSERT INTO dbo.lab_kept VALUES (42)")
    address = lab.sqlserver.address()
    lab.kill("sqlserver")
    lab.start("sqlserver")
    assert lab.sqlserver.address() == address
    with lab.sqlserver.connect() as connection:
        assert connection.execute("SELECT id FROM dbo.lab_kept").fetchval() == 42
        connection.execute("DROP TABLE dbo.lab_kept")


def test_no_password_reaches_a_log_or_a_command_line(lab):
    words = [lab.postgres.password(user) for user in (SUPERUSER, OWNER, SOURCE_USER, READER)]
    words += [lab.state.password("sqlserver"), lab.state.password("sqlserver_sa")]
    texts = {str(log): log.read_text(errors="replace") for log in lab.state.logs.iterdir()}
    for known in process.tagged(str(lab.state.directory)):
        texts[str(known.pid)] = Path(f"/proc/{known.pid}/cmdline").read_text()
    assert len(texts) >= 6
    assert [name for name, text in texts.items() if any(word in text for word in words)] == []


def test_down_leaves_no_process_and_up_brings_the_data_back(lab):
    members = [known for name in SERVICES if (known := lab.service(name).running())]
    family = [*members, *(child for known in members for child in process.descendants(known.pid))]
    assert len(family) >= 6
    lab.down()
    assert [known for known in family if known.alive()] == []
    assert process.tagged(str(lab.state.directory)) == []
    assert {row.state for row in lab.status()} <= {"stopped", "external"}
    lab.start("postgres")
    with lab.postgres.connect(READER) as reader:
        assert reader.execute("SELECT count(*) FROM translations WHERE phrase = 'kept'").fetchone() == (1,)
