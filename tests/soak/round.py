"""One round: a pipeline made, loaded and streamed under writers and troubles, then brought to rest and compared."""

from __future__ import annotations

import contextlib
import json
import signal
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.lab import Lab
from tests.shared.embedded import Millrace, Run
from tests.shared.lab_facts import LabFacts
from tests.shared.waiting import unequal
from tests.soak import tables, troubles
from tests.soak.dice import dice
from tests.soak.shaper import Shaper
from tests.soak.watcher import Watcher
from tests.soak.writer import Writer

NAME, SCHEMA = "SOAK", "soak"
PAIRS = [(f"public.{table}", f"{SCHEMA}.{table}") for table in tables.TABLES]
KILLS_OF_LOADS = 3  # a load that is killed again and again would never be over
LONGEST_LOAD = 120.0  # seconds; the round's time is counted from the end of the load
# The last two: it was stopped before it listened.
LIVING = (0, 130, 143, -signal.SIGKILL, -signal.SIGINT, -signal.SIGTERM)


class Failed(AssertionError):
    """Something that must hold did not."""


@dataclass
class Settings:
    seed: int
    seconds: float
    binary: Path
    directory: Path
    failpoints: bool = False  # the binary has them
    shape_pause: float = 0.7
    only: list[str] = field(default_factory=list)  # names of troubles; all when empty

    @property
    def captures(self) -> bool:
        """Every other seed may have event triggers on the source; the others go by Relation messages and the catalog."""
        return self.seed % 2 == 1


@dataclass
class Outcome:
    transactions: int = 0
    shapes: int = 0
    looks: int = 0
    reloads: int = 0  # of a table whose change the catalog alone could not tell
    troubles: dict[str, int] = field(default_factory=dict)


class Round:
    """Its directory keeps what was done (operations.log), what each run told (told-PID.out, run-N.err) and the
    program's data."""

    def __init__(self, lab: LabFacts, settings: Settings) -> None:
        self._settings = settings
        self._lab = lab = lab.streaming_as_superuser() if settings.captures else lab
        settings.directory.mkdir(parents=True, exist_ok=True)
        self._log = (settings.directory / "operations.log").open("w")
        self._lock = threading.Lock()
        self._begun = time.monotonic()
        self._program = Millrace(lab, settings.directory / "data", settings.binary)
        self._program.records = settings.directory
        self._scene = troubles.Scene(lab, Lab(), self._program, NAME, self.note)
        self._writers = [Writer(lab, settings.seed, number, self.note) for number in range(tables.WRITERS)]
        self._shaper = Shaper(lab, settings.seed, self.note, 12 * settings.shape_pause)
        self._watcher = Watcher(lab, SCHEMA, self.note)
        self.outcome = Outcome()

    def note(self, text: str) -> None:
        with self._lock:
            self._log.write(f"{time.monotonic() - self._begun:8.3f} {text}\n")
            self._log.flush()

    def run(self) -> Outcome:
        try:
            self._prepare()
            self._under_writers()
            self._at_rest()
        finally:
            for thread in (*self._writers, self._shaper, self._watcher):
                thread.ends.set()
            for run in self._program.runs:
                if run.process.poll() is None:
                    run.process.send_signal(signal.SIGCONT)
                    run.stop(signal.SIGKILL)
        self._program.delete(NAME)
        with self._lab.source() as source:
            tables.drop(source)
        self._small_memory(False)
        return self.outcome

    def _small_memory(self, on: bool) -> None:
        """Transactions of some hundred rows are streamed before they commit."""
        with self._lab.source("PG_SUPERUSER") as admin:
            verb = "SET logical_decoding_work_mem = '64kB'" if on else "RESET logical_decoding_work_mem"
            admin.execute(f"ALTER ROLE {self._lab['PG_USER']} {verb}")

    def _prepare(self) -> None:
        """What an earlier round left, in this lab, is taken away first."""
        old = Millrace(self._lab, self._settings.directory / "data", self._settings.binary)
        old.clear()
        self._small_memory(True)
        with self._lab.source("PG_SUPERUSER") as admin:
            admin.execute(
                "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active AND slot_name = 'soak_slot'"
            )
            with contextlib.suppress(Exception):
                admin.execute("SELECT pg_drop_replication_slot('soak_slot')")
            admin.execute("DROP PUBLICATION IF EXISTS soak_pub")
            # A lab without the shop, as PostgreSQL 18's, has no such grants yet.
            owner, user = self._lab["PG_OWNER_USER"], self._lab["PG_USER"]
            admin.execute(f"GRANT {owner} TO {user}")
            admin.execute(f"GRANT CREATE ON DATABASE {self._lab['PG_DATABASE']} TO {user}")
        with self._lab.source() as source:
            tables.make(source)
        with self._lab.target() as target, target.cursor() as cursor:
            for table in ("checkpoint", "table_state"):
                cursor.execute(
                    f"IF OBJECT_ID(N'millrace.{table}') IS NOT NULL DELETE FROM millrace.{table} WHERE pipeline = N'{NAME}'"
                )
            for table in tables.TABLES:
                cursor.execute(f"DROP TABLE IF EXISTS {SCHEMA}.{table}")
        self._program.create(NAME, ",".join(tables.TABLES), SCHEMA)

    def _start(self, number: int) -> Run:
        chance = dice(self._settings.seed, "start", number)
        environment = troubles.failpoint(chance) if self._settings.failpoints and chance.random() < 0.6 else {}
        errors = (self._settings.directory / f"run-{number}.err").open("w")
        run = self._program.start(NAME, environment=environment, errors=errors)
        self.note(f"run {number}: starts {environment or ''} as process {run.process.pid}")
        return run

    def _alive(self, run: Run) -> bool:
        """Whether it still runs; it may have been killed, but not have ended by itself."""
        code = run.process.poll()
        if code is None:
            return True
        run.stop()  # all that it told is read
        fenced = any("pipeline.fenced" in str(line) for line in run.lines[-2:])
        if fenced or self._told_to_reload(run.lines):
            return False
        if code not in LIVING:
            self.note(f"a run ended by itself with {code}: {run.lines[-5:]}")
            raise Failed(f"a run ended by itself with {code}:\n" + "\n".join(map(str, run.lines[-5:])))
        return False

    def _told_to_reload(self, lines: list[dict[str, Any]]) -> bool:
        """Without event triggers a change that the catalog is ahead of stops the pipeline, and a table may change before its
        load so that the empty copy does not fit: the user does what the message says, and the round counts how often."""
        code = lines[-1].get("error", {}).get("code", "") if lines else ""
        by_catalog = code == "source.schema_changed" and not self._settings.captures
        before_load = not self._watcher.looks and code in ("target.table_drift", "table.unsupported")
        if not by_catalog and not before_load:
            return False
        self.note(f"told to reload: {lines[-1]}")
        self._program.done("reload", NAME, "soak_shape", "-o", "json")
        self.outcome.reloads += 1
        return True

    def _under_writers(self) -> None:
        for thread in (*self._writers, self._shaper):
            thread.start()
        until = time.monotonic() + self._settings.seconds + LONGEST_LOAD
        watched = False
        number = 0
        run = self._start(number)
        while time.monotonic() < until:
            chance = dice(self._settings.seed, "trouble", number)
            self._scene.wait(min(chance.choice([0.2, 1, 2.5, 5]) * chance.random(), max(until - time.monotonic(), 0)))
            self._look_for_watcher()
            if self._watcher.is_alive() and not watched:
                watched, until = True, time.monotonic() + self._settings.seconds
            for thread in (*self._writers, self._shaper):
                if thread.failure:
                    thread.end()
            if self._watcher.found:
                raise Failed("the target showed part of a transaction: " + "; ".join(self._watcher.found[:5]))
            if self._alive(run):
                trouble = troubles.drawn(chance)
                if self._settings.only and trouble.__name__ not in self._settings.only:
                    trouble = troubles.kill
                disturbs_load = trouble in (troubles.kill, troubles.kill_target, troubles.end_walsender)
                done = sum(self.outcome.troubles.values())
                if self._watcher.is_alive() or (disturbs_load and done < KILLS_OF_LOADS):
                    self.note(f"trouble {number}: {trouble.__name__}")
                    self.outcome.troubles[trouble.__name__] = self.outcome.troubles.get(trouble.__name__, 0) + 1
                    trouble(self._scene, run, chance)
            number += 1
            if not self._alive(run):
                run = self._start(number)
        if self._alive(run):
            run.stop(signal.SIGKILL)
        for thread in (*self._writers, self._shaper):
            thread.end()

    def _look_for_watcher(self) -> None:
        """Before every table is loaded the promises are none of the target's."""
        if self._watcher.is_alive():
            return
        with contextlib.suppress(Exception), self._lab.target() as target, target.cursor() as cursor:
            cursor.execute(
                "SELECT COUNT(*) FROM millrace.table_state WHERE pipeline = %s AND state <> 'ready'", (NAME,)
            )
            if cursor.fetchall()[0][0] == 0:
                self.note("every table is loaded: the watcher begins")
                self._watcher.start()
                self._shaper.pause = self._settings.shape_pause
                for writer in self._writers:
                    writer.truncates = True

    def _at_rest(self) -> None:
        self.note("at rest: catching up")
        while True:
            caught = self._program.call("run", NAME, "--until-caught-up", "-o", "json", patience=600)
            last = caught.out.splitlines()[-1:]
            if caught.code == 0 or not self._told_to_reload([json.loads(line) for line in last]):
                break
        (self._settings.directory / "last-run.out").write_text(caught.out + caught.err)
        if caught.code != 0:
            raise Failed(f"the last run ended with {caught.code}: {(caught.out + caught.err)[-3000:]}")
        if self._watcher.is_alive():
            self._watcher.end()
        with self._lab.source() as source, self._lab.target() as target:
            found = self._watcher.found[:5] + tables.broken(target, SCHEMA) + unequal(source, target, PAIRS)
        if found:
            raise Failed("\n".join(found))
        if self._watcher.looks == 0:
            raise Failed("the tables were never all loaded while the writers wrote: nobody looked at the target")
        verified = self._program.call("verify", NAME, "-o", "json")
        if verified.code != 0:
            raise Failed(f"verify ended with {verified.code}: {(verified.out + verified.err)[-3000:]}")
        self.outcome.transactions = sum(writer.committed for writer in self._writers)
        self.outcome.shapes = self._shaper.done
        self.outcome.looks = self._watcher.looks
        self.note(f"equal: {self.outcome}")
