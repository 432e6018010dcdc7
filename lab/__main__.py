"""python -m lab: up, down, status, env, kill, start, stop, workload."""

from __future__ import annotations

import argparse
import dataclasses
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from lab import workload
from lab.errors import LabError
from lab.lab import SERVICES, Lab, ServiceStatus, default_directory


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lab", description="Local PostgreSQL, Kafka, Kafka Connect and SQL Server.")
    parser.add_argument("--dir", type=Path, default=default_directory(), help="where it lives (MILLRACE_LAB_DIR, .lab)")
    verbs = parser.add_subparsers(dest="verb", required=True)
    up = verbs.add_parser("up", help="start what does not run, and wait until it can be used")
    up.add_argument("--without", action="append", choices=SERVICES, help="leave a service out (MILLRACE_LAB_WITHOUT)")
    up.add_argument("--port", action="append", default=[], metavar="SERVICE=PORT", help="instead of a free one")
    down = verbs.add_parser("down", help="end every process; the data stays")
    down.add_argument("--purge", action="store_true", help="forget the data, ports, passwords and logs too")
    status = verbs.add_parser("status", help="what runs, where, and how much memory it holds")
    status.add_argument("-o", "--output", choices=("table", "json"), default="table")
    verbs.add_parser("env", help='all facts as shell variables: eval "$(lab env)"')
    for verb, help_text in (
        ("start", "start one service"),
        ("stop", "end one service"),
        ("kill", "SIGKILL one service"),
    ):
        verbs.add_parser(verb, help=help_text).add_argument("service", choices=SERVICES)
    workload.add_arguments(verbs.add_parser("workload", help="change the shop's data at a given rate"))
    return parser


def _ports(given: Sequence[str]) -> dict[str, int]:
    ports = {}
    for text in given:
        name, _, number = text.partition("=")
        if not number.isdigit() or not 0 < int(number) < 65536:
            raise LabError(f"--port {text}: expected SERVICE=PORT, for example connect=8083")
        ports[name] = int(number)
    return ports


def _table(rows: list[ServiceStatus]) -> str:
    lines = [("SERVICE", "STATE", "PID", "ADDRESS", "MEMORY", "LOG")]
    for row in rows:
        memory = "-" if row.memory_mb is None else f"{row.memory_mb} MB"
        lines.append((row.name, row.state, str(row.pid or "-"), row.address, memory, row.log))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def _run(arguments: argparse.Namespace) -> None:
    lab = Lab(arguments.dir, _ports(getattr(arguments, "port", [])))
    match arguments.verb:
        case "up":
            lab.up(arguments.without, _say)
        case "down":
            lab.purge() if arguments.purge else lab.down()
        case "status":
            rows = lab.status()
            print(
                _table(rows)
                if arguments.output == "table"
                else json.dumps([dataclasses.asdict(row) for row in rows], indent=1)
            )
        case "env":
            for name, value in lab.environment().items():
                print(f"export {name}={shlex.quote(value)}")
        case "workload":
            print(json.dumps(workload.run(lab.postgres, arguments)))
        case verb:
            getattr(lab, verb)(arguments.service)


def main() -> int:
    try:
        _run(_parser().parse_args())
    except LabError as error:
        _say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
