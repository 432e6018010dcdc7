"""What the lab says and writes without starting anything."""

from __future__ import annotations

import argparse

import pytest

from lab import __main__ as command
from lab import jvm, kafka, sqlserver_service
from lab.errors import LabError
from lab.lab import Lab
from lab.workload import _positive


def test_ports_are_read_and_wrong_ones_refused():
    assert command._ports(["connect=8083", "kafka=9092"]) == {"connect": 8083, "kafka": 9092}
    for wrong in ("connect", "connect=", "connect=0", "connect=70000", "connect=x"):
        with pytest.raises(LabError, match="SERVICE=PORT"):
            command._ports([wrong])


def test_an_unknown_service_is_named(tmp_path):
    with pytest.raises(LabError, match="mysql"):
        Lab(tmp_path, {"mysql": 3306})
    with pytest.raises(LabError, match="mysql"):
        Lab(tmp_path).up(without=["mysql"])


def test_a_lab_that_never_ran_has_no_addresses(tmp_path, monkeypatch):
    monkeypatch.delenv(sqlserver_service.URL_VARIABLE, raising=False)
    lab = Lab(tmp_path)
    assert lab.environment() == {"MILLRACE_LAB_DIR": str(tmp_path)}
    assert {row.state for row in lab.status()} == {"stopped"}
    lab.down()


def test_a_real_server_is_taken_from_its_url(tmp_path, monkeypatch):
    monkeypatch.setenv(sqlserver_service.URL_VARIABLE, "sqlserver://s%40:p%2Fw@db.example:1444")
    lab = Lab(tmp_path)
    lab.state.create()
    facts = lab.environment()
    assert facts["MILLRACE_LAB_SQLSERVER_HOST"] == "db.example"
    assert facts["MILLRACE_LAB_SQLSERVER_PORT"] == "1444"
    assert (facts["MILLRACE_LAB_SQLSERVER_ADMIN_USER"], facts["MILLRACE_LAB_SQLSERVER_ADMIN_PASSWORD"]) == ("s@", "p/w")
    assert lab.status()[3].state == "external"


def test_a_url_that_is_none_is_refused_without_repeating_its_password(tmp_path, monkeypatch):
    monkeypatch.setenv(sqlserver_service.URL_VARIABLE, "postgres://sa:secret@db")
    with pytest.raises(LabError) as refused:
        Lab(tmp_path).environment()
    assert "secret" not in str(refused.value)


def test_properties_survive_backslashes():
    assert jvm.properties({"path": "a\\b", "count": 3}) == "path=a\\\\b\ncount=3\n"


def test_rates_must_be_positive():
    assert _positive("0.5") == 0.5
    with pytest.raises(argparse.ArgumentTypeError):
        _positive("0")


class _Broker:
    """Answers in the pieces it is given."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = list(pieces)

    def sendall(self, request: bytes) -> None:
        assert request[:8] == b"\0\0\0\x0a\0\x12\0\0"

    def recv(self, _size: int) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


@pytest.mark.parametrize(
    ("pieces", "ready"),
    [
        ((b"\0\0\0\x06\0\0", b"\0\x07\0\0"), True),
        ((b"\0\0\0\x06\0\0\0\x07\0\x23",), False),
        ((b"\0\0\0\x06\0\0\0\x08\0\0",), False),
        ((b"\0\0",), False),
        ((), False),
    ],
)
def test_a_broker_is_ready_when_it_answers_what_was_asked(pieces, ready):
    assert kafka._answers_api_versions(_Broker(*pieces)) is ready
