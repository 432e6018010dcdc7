"""Each way by which a password reaches the program, and that none of them shows it."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest
from conftest import BINARY, LabFacts, Millrace

NONE = {"MILLRACE_SOURCE_PASSWORD": "", "MILLRACE_TARGET_PASSWORD": ""}


def _plan(millrace: Millrace, *more: str) -> list[str]:
    return [str(BINARY), *millrace.about("plan", "E2E_PASSWORDS", "orders", "e2e_passwords", *more)]


def _hidden(lab: LabFacts, text: str) -> bool:
    return lab["PG_PASSWORD"] not in text and lab["SQLSERVER_PASSWORD"] not in text


def test_in_the_url(millrace: Millrace, lab: LabFacts) -> None:
    def with_password(url: str, user: str, password: str) -> str:
        return url.replace(f"://{user}@", f"://{user}:{password}@")

    source = with_password(lab.source_url, lab["PG_USER"], lab["PG_PASSWORD"])
    target = with_password(lab.target_url("e2e_passwords"), lab["SQLSERVER_USER"], lab["SQLSERVER_PASSWORD"])
    answer = millrace.run(*_plan(millrace, "--source", source, "--target", target)[1:], environment=NONE)
    assert answer.code == 0, answer.out
    assert _hidden(lab, answer.out + answer.err)
    # An error about the URL must not repeat it.
    answer = millrace.run(*_plan(millrace, "--source", source + "?sslmode=nonsense")[1:])
    assert answer.code == 2
    assert _hidden(lab, answer.out + answer.err)


def test_in_a_file_and_from_standard_input(millrace: Millrace, lab: LabFacts, tmp_path: Path) -> None:
    file: Path = tmp_path / "password"
    file.write_text(lab["PG_PASSWORD"] + "\n")
    done = subprocess.run(
        _plan(millrace, "--source-password-file", str(file), "--target-password-file", "-"),
        env={**millrace.environment, **NONE}, input=lab["SQLSERVER_PASSWORD"] + "\n", capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert _hidden(lab, done.stdout + done.stderr)


@pytest.mark.parametrize("right", [True, False], ids=["right", "wrong"])
def test_asked_for_on_a_terminal(right: bool, millrace: Millrace, lab: LabFacts) -> None:
    here, there = pty.openpty()
    running = subprocess.Popen(
        _plan(millrace),
        env={**millrace.environment, **NONE},
        stdin=there,
        stdout=subprocess.PIPE,
        stderr=there,
        text=True,
    )
    os.close(there)
    seen = b""
    for answer in (lab["PG_PASSWORD"], lab["SQLSERVER_PASSWORD"]):
        while not (b"Password for " in seen and seen.rstrip(b" ").endswith(b":")):
            seen += os.read(here, 1024)
        os.write(here, ((answer if right else "not-the-password") + "\n").encode())
        shown, seen = seen, b""
        assert _hidden(lab, shown.decode())
    out, _ = running.communicate(timeout=120)
    os.close(here)
    assert running.returncode == (0 if right else 3), out
    assert _hidden(lab, out) and "not-the-password" not in out


def test_missing_where_nobody_can_be_asked(millrace: Millrace) -> None:
    answer = millrace.run(*_plan(millrace)[1:], environment=NONE)
    assert (answer.code, answer.error["code"]) == (2, "secret.missing")
    assert "MILLRACE_SOURCE_PASSWORD" in answer.out
