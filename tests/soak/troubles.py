"""What happens to the process and to both servers while the writers write."""

from __future__ import annotations

import contextlib
import random
import re
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from lab.lab import Lab
from tests.shared.embedded import Millrace, Run
from tests.shared.lab_facts import LabFacts
from tests.shared.program import ROOT

KNOWN_POINTS = re.findall(
    r'^MILLRACE_FAILPOINT\(\w+, "(\w+)"', (ROOT / "src/support/failpoints.def").read_text(), re.MULTILINE
)


@dataclass
class Scene:
    lab: LabFacts
    servers: Lab
    program: Millrace
    pipeline: str
    note: Callable[[str], None]

    def wait(self, seconds: float) -> None:
        threading.Event().wait(seconds)


def kill(scene: Scene, run: Run, chance: random.Random) -> None:
    run.stop(signal.SIGKILL)


def stop(scene: Scene, run: Run, chance: random.Random) -> None:
    """What it ended with is judged by the round, as it may have ended by itself before."""
    run.stop(chance.choice([signal.SIGINT, signal.SIGTERM]))


def end_walsender(scene: Scene, run: Run, chance: random.Random) -> None:
    slot = f"{scene.pipeline.lower()}_slot"
    with scene.lab.source("PG_SUPERUSER") as admin:
        for _ in range(chance.randint(1, 3)):
            admin.execute(
                "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active AND slot_name = %s",
                (slot,),
            )
            scene.wait(chance.uniform(0, 0.3))


def kill_target(scene: Scene, run: Run, chance: random.Random) -> None:
    if scene.servers.sqlserver.external():
        end_walsender(scene, run, chance)
        return
    scene.servers.kill("sqlserver")
    scene.wait(chance.uniform(0, 1))
    scene.servers.start("sqlserver")


def kill_source(scene: Scene, run: Run, chance: random.Random) -> None:
    scene.servers.kill("postgres")
    scene.wait(chance.uniform(0, 0.5))
    scene.servers.start("postgres")


def freeze(scene: Scene, run: Run, chance: random.Random) -> None:
    """The process stands still, and goes on as if nothing had been."""
    run.process.send_signal(signal.SIGSTOP)
    scene.wait(chance.uniform(0.2, 2))
    run.process.send_signal(signal.SIGCONT)


def take_over(scene: Scene, run: Run, chance: random.Random) -> None:
    """A second process fences the first off; then it goes too. The first must have begun, or it is the later of the two."""
    with contextlib.suppress(AssertionError):
        run.wait_event("stream.started")
    if run.process.poll() is not None:
        return  # by itself: the round looks into that
    second = scene.program.start(scene.pipeline)
    scene.note(f"the second is process {second.process.pid}")
    second.wait_event("stream.started")
    run.process.wait(timeout=60)
    second.stop(signal.SIGKILL)


def reload(scene: Scene, run: Run, chance: random.Random) -> None:
    """A table is loaded anew beside the stream; often the process is killed meanwhile."""
    table = chance.choice(["soak_words", "soak_pile", "soak_parts", "soak_shape"])
    answer = scene.program.call("reload", scene.pipeline, table, "-o", "json")
    assert answer.code == 0, answer.out + answer.err
    scene.wait(chance.uniform(0.2, 2))
    if chance.random() < 0.5:
        kill(scene, run, chance)


def pause(scene: Scene, run: Run, chance: random.Random) -> None:
    """Paused and resumed; the process that ran ends by that, unless it had ended."""
    scene.program.done("pause", scene.pipeline, "-o", "json")
    run.process.wait(timeout=120)
    scene.program.done("resume", scene.pipeline, "-o", "json")


def out_and_in(scene: Scene, run: Run, chance: random.Random) -> None:
    """A table is taken out of the live pipeline with its copy, and comes in again."""
    table = chance.choice(["soak_words", "soak_pile", "soak_parts"])
    scene.program.done("remove-tables", scene.pipeline, table, "--drop-tables", "-o", "json")
    scene.wait(chance.uniform(0, 1))
    scene.program.done("add-tables", scene.pipeline, table, "-o", "json")


def attach(scene: Scene, run: Run, chance: random.Random) -> None:
    """A partition comes with rows that no stream tells, made and attached in one transaction or in several."""
    with scene.lab.source() as source:
        (number,) = source.execute(
            "SELECT count(*) FROM pg_inherits WHERE inhparent = 'soak_parts'::regclass"
        ).fetchone()
        low = 1000 * number
        work = [
            f"CREATE TABLE soak_parts_{number} (LIKE soak_parts INCLUDING ALL)",
            f"INSERT INTO soak_parts_{number} SELECT n, n, 'early' FROM generate_series({low}, {low + 20}) AS n",
            f"ALTER TABLE soak_parts ATTACH PARTITION soak_parts_{number} FOR VALUES FROM ({low}) TO ({low + 1000})",
            f"INSERT INTO soak_parts SELECT n, n, 'late' FROM generate_series({low + 100}, {low + 120}) AS n",
            f"UPDATE soak_parts SET v = -v WHERE id BETWEEN {low} AND {low + 999} AND id % 3 = 0",
        ]
        at_once = chance.random() < 0.5
        for part in [work] if at_once else [[statement] for statement in work]:
            while True:
                with contextlib.suppress(psycopg.errors.DeadlockDetected), source.transaction():
                    for statement in part:
                        source.execute(statement)
                    break
        scene.note(f"attached soak_parts_{number}{' at once' if at_once else ''}")


def verify(scene: Scene, run: Run, chance: random.Random) -> None:
    """Changes on their way are no differences. Tables whose load is not over are not equal, and said so."""
    answer = scene.program.call("verify", scene.pipeline, "-o", "json", patience=300)
    scene.note(f"verify: {answer.code}")
    if answer.code == 0:
        return
    told = answer.out + answer.err
    assert answer.code in (1, 3), told
    wrong = [
        table for table in (answer.json.get("tables", []) if answer.out.startswith("{") else [])
        if table.get("differing", 0) or table.get("state") == "differs"
    ]  # fmt: skip
    assert not wrong, f"verify found differences while the writers wrote: {told[:3000]}"


TROUBLES: dict[Callable[[Scene, Run, random.Random], None], int] = {
    kill: 30, stop: 10, end_walsender: 12, kill_target: 6, kill_source: 4, freeze: 5, take_over: 5, reload: 6, verify: 5,
    pause: 3, out_and_in: 4, attach: 5,
}  # fmt: skip


def failpoint(chance: random.Random) -> dict[str, str]:
    """An environment in which the process kills itself at one of its edges, sooner or later."""
    point = chance.choice([name for name in KNOWN_POINTS if not name.startswith(("create_", "delete_"))])
    return {"MILLRACE_FAILPOINT": f"{point}:{int(chance.expovariate(1 / 40)) + 1}"}


def drawn(chance: random.Random) -> Callable[[Scene, Run, random.Random], None]:
    return chance.choices(list(TROUBLES), list(TROUBLES.values()))[0]
