"""A reader of the target, all the time: no promise of tables.py may ever be seen broken."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytds

from tests.shared.lab_facts import LabFacts
from tests.soak.tables import broken


class Watcher(threading.Thread):
    def __init__(self, lab: LabFacts, schema: str, note: Callable[[str], None]) -> None:
        super().__init__(daemon=True, name="watcher")
        self._lab, self._schema, self._note = lab, schema, note
        self.ends = threading.Event()
        self.looks = 0
        self.found: list[str] = []

    def run(self) -> None:
        reader: Any = None
        while not self.ends.wait(0.05):
            try:
                reader = reader or self._lab.target()
                found = broken(reader, self._schema)
            except (pytds.Error, OSError) as lost:  # the target was killed, or chose this reader to end a deadlock
                self._note(f"watcher: {type(lost).__name__}: {str(lost)[:200]}")
                reader = None
                continue
            self.looks += 1
            if found and not self.found:
                self._note(f"watcher: BROKEN: {found}")
            self.found += found

    def end(self) -> None:
        self.ends.set()
        self.join()
