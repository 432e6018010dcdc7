"""The command line against a server: the same words, outputs and exit codes as on the data directory."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.server.cli import Cli
from tests.server.conftest import PASSWORD, Client, Server
from tests.server.http import send, signed_in
from tests.server.test_operations import slot_is_being_made, slots_wait
from tests.shared.lab_facts import LabFacts
from tests.shared.program import BINARY, Answer
from tests.shared.waiting import PATIENCE, wait_equal, wait_until


@pytest.fixture
def cli(lab: LabFacts, tmp_path: Path) -> Cli:
    return Cli(lab, tmp_path)


def state(cli: Cli, name: str) -> str:
    return str(cli.call("status", name, "-o", "json").json["state"])


def shape(value: Any) -> Any:
    """The members, without what numbers and texts say."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    return [shape(item) for item in value[:1]] if isinstance(value, list) else None


def test_a_password_gives_a_key_that_logout_revokes(cli: Cli, server: Server) -> None:
    refused = cli.login(server, password="wrong password")
    assert (refused.code, refused.error["code"]) == (3, "auth.sign_in_failed")
    assert not cli.config.exists()
    signed = cli.login(server, "--name", "here")
    assert signed.code == 0 and signed.json["context"] == "here" and signed.json["tenant"] == "default", signed.out
    assert cli.config.stat().st_mode & 0o777 == 0o600
    kept = cli.config.read_text()
    assert PASSWORD not in kept and signed.json["key_id"] in kept
    assert [item["name"] for item in cli.as_json("context", "list") if item["current"]] == ["here"]
    assert cli.as_json("list") == []

    session = signed_in(server.url, PASSWORD)
    keys = send(server.url, "GET", "/api/v1/api-keys", headers=session).json["items"]
    assert [key["revokedAt"] for key in keys if key["id"] == signed.json["key_id"]] == [None]
    # Nobody stays signed in.
    agents = [item["agent"] for item in send(server.url, "GET", "/api/v1/auth/sessions", headers=session).json["items"]]
    assert not [agent for agent in agents if agent.startswith("millrace/")]

    # Signing in again takes the key of before back.
    again = cli.login(server, "--name", "here").json
    keys = send(server.url, "GET", "/api/v1/api-keys", headers=session).json["items"]
    revoked = {key["id"]: key["revokedAt"] is not None for key in keys}
    assert revoked[signed.json["key_id"]] and not revoked[again["key_id"]]
    token = next(line.split('"')[1] for line in cli.config.read_text().splitlines() if "token:" in line)
    environment = {"MILLRACE_SERVER": server.url, "MILLRACE_TOKEN": token, "MILLRACE_CONTEXT": ""}
    assert cli.call("list", environment=environment).code == 0

    assert cli.as_json("logout")["revoked"] is True
    assert token not in cli.config.read_text()
    refused = cli.call("list", "-o", "json", environment=environment)
    assert (refused.code, refused.error["code"]) == (3, "auth.unauthenticated")
    assert "millrace login" in refused.error["suggestion"]
    # Nothing was done on this machine's own.
    assert not cli.alone.exists()


def test_asked_for_on_a_terminal(cli: Cli, server: Server) -> None:
    code, shown, out = cli.on_terminal(["admin", PASSWORD], "login", server.url, "-o", "json")
    assert code == 0, shown + out
    assert "User of" in shown and "Password of admin at" in shown and PASSWORD not in shown
    assert cli.as_json("logout")["revoked"] is True


def test_a_key_by_file_and_where_it_is_used(cli: Cli, server: Server, tmp_path: Path) -> None:
    session = signed_in(server.url, PASSWORD)
    wanted = {"name": "for the file", "role": "viewer"}
    key = send(server.url, "POST", "/api/v1/api-keys", wanted, session).json["key"]
    file = tmp_path / "key"
    file.write_text(key + "\n")
    assert cli.done("--token-file", str(file), "--server", server.url, "list", "-o", "json").json == []
    assert not cli.config.exists()
    made = cli.done("login", server.url, "--token-file", str(file), "--name", "key", "-o", "json").json
    assert (made["user"], made["key_id"]) == ("admin", "")
    # The file's current context, then the environment's, then the option's.
    assert cli.as_json("list") == []
    assert cli.call("list", environment={"MILLRACE_CONTEXT": "gone"}).code == 2
    assert cli.call("--context", "key", "list", environment={"MILLRACE_CONTEXT": "gone"}).code == 0
    dead = {"MILLRACE_SERVER": "http://127.0.0.1:1", "MILLRACE_TOKEN": "x"}
    unreachable = cli.call("list", "-o", "json", environment=dead)
    assert (unreachable.code, unreachable.error["code"]) == (3, "server.unreachable")
    assert cli.call("--context", "local", "list", environment=dead).code == 0
    assert cli.call("--context", "local", "--server", server.url, "list").code == 2
    # A viewer's key does no more than a viewer.
    denied = cli.call("pause", "ANY", "-o", "json")
    assert (denied.code, denied.error["code"]) == (3, "auth.forbidden")
    assert cli.as_json("logout")["revoked"] is False
    assert cli.call("--token-file", str(file), "--server", server.url, "list").code == 0


@pytest.mark.parametrize(
    ("arguments", "way_out"),
    [
        (["run"], "millrace status NAME --watch"),
        (["rotate-key"], "server's data directory"),
        (["--context", "here", "serve"], "It is a server itself"),
    ],
)
def test_verbs_of_a_data_directory_say_so(cli: Cli, server: Server, arguments: list[str], way_out: str) -> None:
    key = send(
        server.url, "POST", "/api/v1/api-keys", {"name": f"way {way_out} {arguments}", "role": "viewer"},
        signed_in(server.url, PASSWORD),
    ).json["key"]  # fmt: skip
    file = cli.alone.parent / "key"
    file.write_text(key)
    cli.done("login", server.url, "--token-file", str(file), "--name", "here")
    refused = cli.call(*arguments, "-o", "json")
    assert (refused.code, refused.error["field"]) == (2, "server"), refused.out
    assert way_out in refused.error["suggestion"]
    assert not cli.alone.exists()


def test_users_keys_and_the_audit_log_of_a_server(cli: Cli, server: Server) -> None:
    """By somebody who signs in: a key administers no server. The same outputs as on the data directory."""
    cli.signed_in(server)
    unnamed = cli.call("user", "list", "-o", "json")
    assert (unnamed.code, unnamed.error["field"]) == (2, "as")
    assert "MILLRACE_ADMIN_PASSWORD" in unnamed.error["suggestion"]
    root = {"MILLRACE_ADMIN_PASSWORD": PASSWORD}

    def both(*arguments: str) -> tuple[Any, Any]:
        through = cli.call(*arguments, "--as", "admin", "-o", "json", environment=root)
        beside = cli.call("--data-dir", str(server.data_dir), *arguments, "-o", "json")
        assert (through.code, beside.code) == (0, 0), through.out + through.err + beside.out + beside.err
        return through.json, beside.json

    new = root | {"MILLRACE_PASSWORD": "a long enough password"}
    made = cli.call("user", "add", "cli-val", "--role", "operator", "--as", "admin", "-o", "json", environment=new)
    assert made.code == 0 and made.json["name"] == "cli-val", made.out + made.err
    again = cli.call("user", "add", "cli-val", "--as", "admin", "-o", "json", environment=new)
    assert again.code == 2, again.out
    through, beside = both("user", "list")
    assert through == beside and "cli-val" in [user["name"] for user in through]

    owner = {"MILLRACE_PASSWORD": "a long enough password"}
    key = cli.call(
        "api-key", "create", "cli-val", "--name", "ci", "--role", "operator", "-o", "json", environment=owner
    )
    assert key.code == 0, key.out + key.err
    works = {"MILLRACE_SERVER": server.url, "MILLRACE_TOKEN": key.json["key"], "MILLRACE_CONTEXT": ""}
    assert cli.call("list", environment=works).code == 0
    own = cli.call("api-key", "list", "-o", "json", environment=works)
    assert [(item["name"], item["user"], item["role"]) for item in own.json] == [("ci", "cli-val", "operator")]
    all_keys = cli.as_json("api-key", "list")
    alone = cli.call("--data-dir", str(server.data_dir), "api-key", "list", "-o", "json").json
    named = {item["id"]: item["name"] for item in all_keys}
    assert named == {item["id"]: item["name"] for item in alone} and named[key.json["id"]] == "ci"
    assert cli.call("api-key", "revoke", key.json["id"], environment=works).code == 0
    assert cli.call("list", environment=works).code == 3

    other = root | {"MILLRACE_PASSWORD": "another long password"}
    assert cli.call("user", "passwd", "cli-val", "--as", "admin", environment=other).code == 0
    refused = cli.call("api-key", "create", "cli-val", "--name", "no", "-o", "json", environment=owner)
    assert (refused.code, refused.error["code"]) == (3, "auth.sign_in_failed")
    missing = cli.call("user", "passwd", "nobody", "--as", "admin", "-o", "json", environment=other)
    assert (missing.code, missing.error["field"]) == (2, "user"), missing.out
    through, beside = both("audit", "verify")
    assert through["whole"] and beside["whole"] and through.keys() == beside.keys()
    # A member who administers no server is told so.
    plain = cli.call(
        "user", "list", "--as", "cli-val", "-o", "json",
        environment={"MILLRACE_ADMIN_PASSWORD": "another long password"},
    )  # fmt: skip
    assert (plain.code, plain.error["code"]) == (3, "auth.forbidden")


def test_a_whole_life_and_the_same_outputs_as_alone(
    cli: Cli, server: Server, lab: LabFacts, source: psycopg.Connection, target: Any
) -> None:
    name = "CLI_LIFE"
    cli.signed_in(server)

    def both(*arguments: str) -> tuple[Any, Any]:
        """Through the server, and on its data directory beside it."""
        here = cli.call("--data-dir", str(server.data_dir), *arguments, "-o", "json")
        there = cli.call(*arguments, "-o", "json")
        assert here.code == there.code, here.out + there.out
        return here.json, there.json

    try:
        planned = ("plan", "--name", name, "--source", lab.source_url, "--target", lab.target_url("cli_life"))
        alone, served = both(*planned, "--tables", "customers,orders")
        assert served == alone
        assert cli.done(*planned, "--tables", "customers").out.startswith(f"Plan for pipeline {name}")
        made = cli.create(name, "-o", "json", tables="customers,orders")
        assert made.code == 0, made.out + made.err
        assert made.json["pipeline_id"] == name and made.json["next"] == f"millrace status {name} --watch"
        assert "created slot cli_life_slot" in made.err
        twice = cli.create(name, "-o", "json")
        assert (twice.code, twice.error["code"]) == (2, "pipeline.exists")
        wait_until(lambda: state(cli, name) == "RUNNING", "it runs")
        wait_equal(source, target, [("public.customers", "cli_life.customers"), ("public.orders", "cli_life.orders")])

        for verb in (["list"], ["get", name], ["verify", name], ["quarantine", "list", name], ["get", "NO_SUCH"]):
            alone, served = both(*verb)
            if verb[0] == "verify":
                for answer in (alone, served):
                    for table in answer["tables"]:
                        table.pop("seconds")
            assert served == alone, verb
        for verb in (["status", name], ["describe", name]):
            alone, served = both(*verb)
            assert shape(served) == shape(alone), verb
        assert served["settings"]["tables"] == ["public.customers", "public.orders"]
        assert "pipeline.created" in [event["kind"] for event in cli.as_json("events", name)]
        assert {event["pipeline"] for event in cli.as_json("events", name, "--most", "3")} == {name}

        assert cli.as_json("pause", name) == {"pipeline": name, "result": "paused"}
        wait_until(lambda: state(cli, name) == "PAUSED", "it is paused")
        assert cli.done("resume", name).out == f"✓ Pipeline {name} resumed.\n"
        cli.done("restart", name)
        added = cli.as_json("add-tables", name, "products", "--exclude-column", "public.products.description")
        assert added["tables"] == ["public.products"]
        settings = cli.as_json("get", name)
        assert settings["mapping"]["tables"]["public.products"] == {"exclude_columns": ["description"]}
        assert cli.as_json("reload", name, "orders")["tables"] == ["public.orders"]
        removed = cli.as_json("remove-tables", name, "orders,products", "--drop-tables")
        assert removed["tables"] == ["public.orders", "public.products"]
        unknown = cli.call("reload", name, "no_such", "-o", "json")
        assert (unknown.code, unknown.error["code"]) == (2, "table.not_found")
        cli.done("passwords", name)
        wrong = cli.call("passwords", name, "-o", "json", environment={"MILLRACE_SOURCE_PASSWORD": "not it"})
        assert (wrong.code, wrong.error["code"]) == (3, "source.auth_failed")
        assert cli.done("verify", name, "--tables", "customers").out.endswith("✓ Equal.\n")
        assert cli.as_json("quarantine", "discard", name, "--all")["discarded"] == 0
        assert cli.as_json("quarantine", "retry", name, "--all")["rows"] == []
    finally:
        gone = cli.call("delete", name, "--drop-tables", "-y", "-o", "json")
    assert gone.code == 0 and gone.json["pipeline"] == name, gone.out
    assert f"  removed slot {name.lower()}_slot\n" in gone.err, "what is done is told while it is"
    assert cli.as_json("list") == []
    assert not cli.alone.exists()


def test_ctrl_c_takes_a_create_back(cli: Cli, server: Server, client: Client, lab: LabFacts) -> None:
    cli.signed_in(server)
    with slots_wait(lab) as open_transaction:
        running = subprocess.Popen(
            [str(BINARY), "create", "--name", "CLI_BROKEN_OFF", "--source", lab.source_url, "--tables", "customers",
             "--target", lab.target_url("cli_broken_off"), "-o", "json"],
            env=cli.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        wait_until(lambda: slot_is_being_made(lab), "the create waits")
        running.send_signal(signal.SIGINT)
        session = signed_in(server.url, PASSWORD)

        def asked() -> bool:
            path = "/api/v1/operations?target=CLI_BROKEN_OFF"
            operations = send(server.url, "GET", path, headers=session).json["items"]
            return bool(operations) and operations[0]["cancelRequested"]

        wait_until(asked, "the server was asked to stop")
        open_transaction.rollback()
    out, err = running.communicate(timeout=PATIENCE)
    ended = Answer(running.returncode, out, err)
    assert (ended.code, ended.error["code"]) == (130, "interrupted"), out + err
    assert client.pipelines() == []
