"""Numbers of a run, as they are kept and asked for."""

from __future__ import annotations

import json
import os
import statistics
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Results:
    facts: dict[str, Any] = field(default_factory=dict)
    # measurement ("load wide") -> column ("copy 1") -> its runs
    runs: dict[str, dict[str, list[dict[str, float]]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, measurement: str, column: str, run: dict[str, float]) -> None:
        run["load_average"] = os.getloadavg()[0]
        self.runs.setdefault(measurement, {}).setdefault(column, []).append(run)

    def has(self, measurement: str, column: str) -> bool:
        return bool(self.runs.get(measurement, {}).get(column))

    def median(self, measurement: str, column: str, name: str) -> float | None:
        values = [run[name] for run in self.runs.get(measurement, {}).get(column, []) if name in run]
        return statistics.median(values) if values else None

    def most(self, measurement: str, column: str, name: str) -> float | None:
        return max((run[name] for run in self.runs.get(measurement, {}).get(column, []) if name in run), default=None)

    def rate(self, measurement: str, column: str) -> float | None:
        """Rows a second: the median of the runs' rates."""
        values = [run["rows"] / run["seconds"] for run in self.runs.get(measurement, {}).get(column, [])]
        return statistics.median(values) if values else None

    def share(self, measurement: str, column: str, name: str) -> float | None:
        """CPU-seconds a second: median."""
        runs = self.runs.get(measurement, {}).get(column, [])
        values = [run[name] / run["seconds"] for run in runs if run.get(name)]
        return statistics.median(values) if values else None

    def spread(self, measurement: str, column: str) -> tuple[float, float] | None:
        values = [run["rows"] / run["seconds"] for run in self.runs.get(measurement, {}).get(column, [])]
        return (min(values), max(values)) if values else None

    def cpu_per_million(self, measurement: str, column: str) -> float | None:
        """CPU-seconds of the mover (not of the servers) for a million rows: median."""
        values = [1e6 * run["cpu_seconds"] / run["rows"] for run in self.runs.get(measurement, {}).get(column, [])]
        return statistics.median(values) if values else None

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"facts": self.facts, "runs": self.runs, "notes": self.notes}, indent=1))

    @classmethod
    def read(cls, path: Path) -> Results:
        return cls(**json.loads(path.read_text()))
