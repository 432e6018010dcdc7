"""Checks that includes between the rooms of src/ follow the arrows that src/CMakeLists.txt declares."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = {"main.cpp"}  # may include every room


def declared_arrows() -> dict[str, set[str]]:
    """Room -> rooms it may include, with what those may include."""
    direct: dict[str, set[str]] = {}
    for line in (ROOT / "src/CMakeLists.txt").read_text().splitlines():
        found = re.match(r"millrace_room\((\w+)(?:\s+DEPENDS\s+([\w\s]+?))?(?:\s+LIBRARIES.*)?\)$", line)
        if found:
            direct[found[1]] = set((found[2] or "").split())
    reachable: dict[str, set[str]] = {}
    for room in direct:
        seen: set[str] = set()
        unvisited = [room]
        while unvisited:
            for lower in direct[unvisited.pop()]:
                if lower not in seen:
                    seen.add(lower)
                    unvisited.append(lower)
        reachable[room] = seen
    return reachable


def main() -> int:
    arrows = declared_arrows()
    faults = []
    for path in sorted((ROOT / "src").rglob("*.[ch]pp")):
        room = path.relative_to(ROOT / "src").parts[0]
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = re.match(r'#include "(\w+)/', line)
            if not found or found[1] == room or room in PROGRAM:
                continue
            if found[1] not in arrows.get(room, set()):
                faults.append(f"{path.relative_to(ROOT)}:{number}: {room} must not include {found[1]}")
    print("\n".join(faults) if faults else f"rooms: {len(arrows)} rooms, every include follows an arrow")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
