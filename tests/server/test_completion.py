"""The completion scripts in the shells that are installed, with names that a server knows."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.server.cli import Cli
from tests.server.conftest import Server
from tests.shared.lab_facts import LabFacts
from tests.shared.program import BINARY

NAME = "COMPLETED"


@pytest.fixture
def cli(server: Server, lab: LabFacts, tmp_path: Path) -> Cli:
    return Cli(lab, tmp_path).signed_in(server)


def shell(cli: Cli, program: list[str], script: str) -> list[str]:
    environment = {**cli.environment, "PATH": f"{BINARY.parent}:{cli.environment['PATH']}"}
    done = subprocess.run(
        [*program, "-c", script], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0 and done.stderr == "", done.stdout + done.stderr
    return done.stdout.splitlines()


def in_bash(cli: Cli, *words: str) -> list[str]:
    typed = " ".join(f"'{word}'" for word in ("millrace", *words))
    return shell(
        cli,
        ["bash", "--norc"],
        'source <(millrace completion bash); compopt() { echo "compopt $*"; }\n'
        f"COMP_WORDS=({typed}); COMP_CWORD={len(words)}; _millrace; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
    )


def test_bash_completes_what_is_typed_and_what_a_server_knows(cli: Cli) -> None:
    assert in_bash(cli, "pau") == ["pause"]
    assert in_bash(cli, "context", "use", "") == ["local", next(iter(contexts(cli)))]
    assert in_bash(cli, "list", "--output", "=", "j") == ["json"]
    assert in_bash(cli, "apply", "-f", "")[0] == "compopt -o default"
    made = cli.create(NAME, tables="customers,orders")
    assert made.code == 0, made.err
    try:
        assert in_bash(cli, "pause", "COM") == [NAME]
        assert in_bash(cli, "reload", NAME, "public.o") == ["public.orders"]
        assert in_bash(cli, "--context", "local", "pause", "") == [""]
        assert in_bash(cli, "--server", "http://127.0.0.1:1", "pause", "") == [""]
        if zsh := shutil.which("zsh"):
            shown = shell(cli, [zsh, "-f"], f"{ZSH}words=(millrace pause COM); CURRENT=3; _millrace")
            assert f"{NAME}:{NAME}" in shown[0]
        if fish := shutil.which("fish"):
            assert shell(cli, [fish, "-N"], "millrace completion fish | source; complete -C 'millrace pause COM'") == [
                NAME
            ]
    finally:
        cli.done("delete", NAME, "--drop-tables", "-y")
    assert not cli.alone.exists()


ZSH = """
compdef() { :; }
_describe() { print -l "${(@P)4}"; }
_files() { print files; }
source <(millrace completion zsh)
"""


def contexts(cli: Cli) -> list[str]:
    return [item["name"] for item in cli.as_json("context", "list") if item["name"] != "local"]
