"""Writes docs/reference/errors.md from the one list of errors, src/support/error_registry.def.

usage: errors_doc.py [--check]   (--check: exit 1 when the page is not what the list says)
"""

import re
import sys

from generated_page import ROOT, write_or_check

REGISTRY = ROOT / "src/support/error_registry.def"
PAGE = ROOT / "docs/reference/errors.md"
TEXT = r'"((?:[^"\\]|\\.)*)"'
ROW = re.compile(rf"MILLRACE_ERROR\(\s*\w+,\s*{TEXT},\s*(\d+),\s*(\d+),\s*k(\w+),\s*{TEXT},\s*{TEXT}\)")
HEAD = """# Errors

Written by `scripts/errors_doc.py` from `src/support/error_registry.def`; do not edit by hand.

Every error has an id, which the CLI prints and `-o json` carries. Exit codes: 1 failed while running, 2 wrong or
refused input, 3 something outside is missing or unreachable, 130 interrupted. "Tried again" tells whether Millrace
repeats by itself.
"""
RETRY = {"Never": "no", "Manual": "no: after the cause is mended", "Timed": "yes, with growing pauses"}


def page() -> str:
    registry = REGISTRY.read_text()
    rows = ROW.findall(registry)
    if len(rows) != registry.count("\nMILLRACE_ERROR("):
        raise SystemExit(f"{REGISTRY.name}: a row was not understood")
    parts = [HEAD]
    for error, http, code, retry, meaning, suggestion in rows:
        anchor = re.sub("[._]", "-", error)
        parts.append(
            f'<a id="{anchor}"></a>\n\n## {error}\n\n{meaning} {suggestion}\n\n'
            f"HTTP status {http}; exit code {code}; tried again: {RETRY[retry]}.\n".replace('\\"', '"')
        )
    return "\n".join(parts)


if __name__ == "__main__":
    sys.exit(write_or_check(PAGE, page(), "scripts/errors_doc.py"))
