"""A page of docs/reference that a script writes from a list in the code."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def write_or_check(page: Path, text: str, script: str) -> int:
    """Writes the page; with --check says, by exit code 1, that it is not what the list makes of it."""
    if "--check" not in sys.argv[1:]:
        page.write_text(text)
        return 0
    if page.exists() and page.read_text() == text:
        return 0
    print(f"{page.relative_to(ROOT)} is not what its list says: run {script}", file=sys.stderr)
    return 1
