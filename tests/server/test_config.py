"""Settings of the server by file, environment and option, and what tells of them. Nothing is started here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.cli import Cli
from tests.shared.lab_facts import LabFacts
from tests.shared.program import ROOT


@pytest.fixture
def cli(lab: LabFacts, tmp_path: Path) -> Cli:
    return Cli(lab, tmp_path)


def test_check_says_what_is_wrong_and_where(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "serve.yaml"
    file.write_text("listen: 127.0.0.1\nport: 0\n")
    assert cli.as_json("config", "check", str(file)) == {"file": str(file), "result": "fine"}
    assert cli.done("config", "check", str(ROOT / "packaging/systemd/serve.yaml")).code == 0
    for text, place in [("listen: 0.0.0.0\n", ":1:1: Without TLS"), ("\nprot: 1\n", ":2:1: There is no setting prot."),
                        (f"tls_cert: {file}\ntls_key: /no/such\n", ":2:1: the file /no/such")]:  # fmt: skip
        file.write_text(text)
        refused = cli.call("config", "check", str(file), "-o", "json")
        assert refused.code == 2 and refused.error["message"].startswith(f"{file}{place}"), refused.out
        # What starts refuses it in the same words.
        if "tls" not in text:
            assert cli.call("serve", "--config", str(file), "-o", "json").error == refused.error
    missing = cli.call("config", "check", "/no/such", "-o", "json")
    assert (missing.code, missing.error["message"]) == (2, "The file /no/such cannot be read.")
    assert not cli.alone.exists()


def test_show_tells_where_each_setting_comes_from(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "serve.yaml"
    file.write_text("store: postgres://keeper:open-sesame@db/millrace\nport: 1\n")
    environment = {"MILLRACE_CONFIG": str(file), "MILLRACE_PORT": "2", "MILLRACE_ALLOW_NETWORKS": "private,loopback"}
    answer = cli.call("config", "show", "--listen", "::1", "-o", "json", environment=environment)
    shown = {item["setting"]: (item["value"], item["from"]) for item in answer.json}
    assert shown["port"] == (2, "MILLRACE_PORT")
    assert shown["listen"] == ("::1", "--listen")
    assert shown["allow_networks"] == (["private", "loopback"], "MILLRACE_ALLOW_NETWORKS")
    assert shown["tls_cert"] == ("", "default")
    assert shown["data_dir"] == (str(cli.alone), "MILLRACE_DATA_DIR")
    assert shown["store"][1] == f"{file}:1:1" and "keeper" in shown["store"][0]
    table = cli.call("config", "show", environment=environment).out
    assert "open-sesame" not in answer.out + table and "MILLRACE_PORT" in table
