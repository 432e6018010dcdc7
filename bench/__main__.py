"""python -m bench: measures everything in one run and writes docs/benchmarks.md."""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from bench import report, server_report
from bench.control_plane import ControlPlane, lab_settings
from bench.nowhere import Nowhere
from bench.pipelines import Pipelines
from bench.results import Results
from bench.sizes import FULL, QUICK, SERVER_FULL, SERVER_QUICK, SERVER_TINY, TINY
from bench.source import Source
from lab.lab import Lab
from lab.postgres import DATABASE, SOURCE_USER
from lab.tools import ROOT

PARTS = ("null", "own", "kafka", "server")


def main() -> int:
    arguments = _arguments()
    if arguments.report:
        writer = server_report if arguments.part == "server" else report
        writer.write(Results.read(arguments.report), arguments.docs)
        return 0
    alone = arguments.part == "server"
    kept = arguments.results or ROOT / f"build/bench/{'server' if alone else 'results'}.json"
    sizes = TINY if arguments.tiny else QUICK if arguments.quick else FULL
    name = "tiny: only whether it works" if arguments.tiny else "quick" if arguments.quick else "full"
    server_sizes = SERVER_TINY if arguments.tiny else SERVER_QUICK if arguments.quick else SERVER_FULL
    parts = ("server",) if alone else arguments.only or PARTS
    results = Results()
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"[{time.monotonic() - began:6.1f} s, load {os.getloadavg()[0]:.1f}] {text}", file=sys.stderr, flush=True)

    results.facts = _machine() | {"size": name, "repeats": sizes.repeats, "sink_repeats": sizes.sink_repeats}
    results.facts["load_before"] = f"{os.getloadavg()[0]:.1f}"
    with tempfile.TemporaryDirectory(prefix="millrace-bench.") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as another user
        lab = Lab(Path(folder) / "lab")
        try:
            if "server" in parts:
                lab.postgres.settings = lab_settings(server_sizes)
            lab.up(["kafka", "connect"], say)
            source = Source(lab)
            results.facts |= _servers(source, lab, "kafka" in parts)
            environment = _urls(lab)
            if "null" in parts:
                Nowhere(source, environment, sizes, results, Path(folder), say).run()
                source.schema("bench")
            data_dir = Path(folder) / "data"
            pipelines = Pipelines(lab, source, environment, data_dir, sizes, results, say)
            results.save(kept)
            if "own" in parts:
                _try("own", results, say, pipelines.embedded)
            results.save(kept)
            if "server" in parts:
                control_plane = ControlPlane(lab, environment, Path(folder), server_sizes, results, say)
                _try("server", results, say, control_plane.run)
            results.save(kept)
            if "kafka" in parts:
                lab.up([], say)
                _try("kafka", results, say, pipelines.kafka)
            source.close()
        finally:
            lab.purge()
    results.facts["load_after"] = f"{os.getloadavg()[0]:.1f}"
    results.facts["minutes"] = (time.monotonic() - began) / 60
    results.save(kept)
    (server_report if alone else report).write(results, arguments.docs)
    say(f"written: {arguments.docs / 'benchmarks.md'}, {kept}")
    return 1 if results.notes else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument(
        "part",
        nargs="?",
        choices=("server",),
        help="the server alone: its API, idle pipelines, 200 clients (half an hour)",
    )
    parser.add_argument(
        "--quick", action="store_true", help="small sizes: minutes instead of three quarters of an hour"
    )
    parser.add_argument("--tiny", action="store_true", help="only whether it works; the numbers mean nothing")
    parser.add_argument("--only", action="append", choices=PARTS, help="a part of it; may be repeated")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="where the page goes (docs)")
    parser.add_argument("--results", type=Path, help="where the numbers go (build/bench/results.json, server.json)")
    parser.add_argument("--report", type=Path, metavar="RESULTS", help="write the page from an earlier run's numbers")
    return parser.parse_args()


def _try(part: str, results: Results, say, work) -> None:
    """What was measured before is worth its page even when a part fails; the page says so and the exit code is 1."""
    try:
        work()
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        say(f"{part} failed: {error}")
        results.notes.append(f"The part `{part}` did not finish: {str(error).splitlines()[0]}")


def _urls(lab: Lab) -> dict[str, str]:
    password = quote(lab.postgres.password(SOURCE_USER), safe="")
    source = f"postgres://{SOURCE_USER}:{password}@127.0.0.1:{lab.postgres.port}/{DATABASE}?sslmode=disable"
    return {"MILLRACE_BENCH_SOURCE": source, "MILLRACE_BENCH_TARGET": lab.sqlserver.url()}


def _machine() -> dict[str, object]:
    cpu = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": _output("git", "rev-parse", "--short", "HEAD"),
        "cpu": cpu,
        "cores": os.cpu_count(),
        "memory_gb": round(memory),
        "kernel": f"Linux {platform.release()}",
        "compiler": _output("g++", "-dumpfullversion"),
    }


def _servers(source: Source, lab: Lab, with_kafka: bool) -> dict[str, object]:
    kafka = "not measured"
    if with_kafka:
        java = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr.splitlines()[0]
        deps = lab.postgres.tools.deps
        jars = [*deps.glob("kafka/libs/kafka_2*.jar"), *deps.glob("connect-plugins/*/debezium-connector-[jp]*.jar")]
        names = sorted(jar.stem for jar in jars)
        kafka = f"{', '.join(names)}; {java}; heaps of 512 MB (Kafka) and 768 MB (Connect)"
    external = lab.sqlserver.external() is not None
    return {
        "postgres": source.version(),
        "fsync": source.setting("fsync"),
        "shared_buffers": source.setting("shared_buffers"),
        "wal_level": source.setting("wal_level"),
        "standin": "a server of MILLRACE_SQLSERVER_URL" if external else "lab/sqlserver of this commit",
        "kafka": kafka,
    }


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
