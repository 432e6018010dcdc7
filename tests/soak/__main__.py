"""python -m tests.soak: rounds of random work and trouble until the time is over; ends with the first finding."""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from pathlib import Path

from tests.shared.lab_facts import LabFacts
from tests.shared.program import BINARY, FAILPOINT_BINARY
from tests.soak import troubles
from tests.soak.round import Round, Settings


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev soak", description=__doc__)
    parser.add_argument("minutes", type=float, help="how long, in rounds of --round seconds")
    parser.add_argument(
        "--seed", type=int, help="of the first round; the others have the next ones (default: the time)"
    )
    parser.add_argument("--round", type=float, default=60, metavar="SECONDS", help="how long one round writes")
    parser.add_argument("--sanitized", action="store_true", help="the debug build, and its failpoints too")
    parser.add_argument("--keep", type=Path, default=Path("build/soak"), help="where what each round did is kept")
    parser.add_argument("--shape-pause", type=float, default=0.7, metavar="SECONDS", help="between changes of columns")
    parser.add_argument(
        "--only", action="append", default=[], choices=[each.__name__ for each in troubles.TROUBLES], metavar="TROUBLE",
        help="only this of the troubles, and kill: to narrow a finding down",
    )  # fmt: skip
    return parser.parse_args()


def main() -> int:
    arguments = _arguments()
    lab = LabFacts.of_environment()
    if missing := lab.missing("postgres", "sqlserver"):
        print(f"no lab ({', '.join(missing)}): run ./dev lab up", file=sys.stderr)
        return 2
    binary = FAILPOINT_BINARY if arguments.sanitized else BINARY
    if not binary.exists():
        print(f"{binary} is missing: run ./dev build {'debug' if arguments.sanitized else 'release'}", file=sys.stderr)
        return 2
    seed = arguments.seed if arguments.seed is not None else int(time.time())
    until = time.monotonic() + arguments.minutes * 60
    while True:
        seconds = min(arguments.round, max(until - time.monotonic(), 5))
        settings = Settings(
            seed, seconds, binary, arguments.keep.resolve() / str(seed), failpoints=arguments.sanitized,
            shape_pause=arguments.shape_pause, only=arguments.only,
        )  # fmt: skip
        try:
            outcome = Round(lab, settings).run()
        except Exception:
            traceback.print_exc()
            print(f"seed {seed} failed; what was done is in {settings.directory}", file=sys.stderr)
            return 1
        print(
            f"seed {seed}: equal after {outcome.transactions} transactions, {outcome.shapes} changes of columns"
            f" ({outcome.reloads} reloads), {outcome.looks} looks at the target, {outcome.troubles}",
            flush=True,
        )
        seed += 1
        if time.monotonic() >= until:
            return 0


if __name__ == "__main__":
    sys.exit(main())
