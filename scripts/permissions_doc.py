"""Writes docs/reference/access.md from the one list of permissions, src/security/permissions.def.

usage: permissions_doc.py [--check]   (--check: exit 1 when the page is not what the list says)
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "src/security/permissions.def"
PAGE = ROOT / "docs/reference/access.md"
ROW = re.compile(r'MILLRACE_PERMISSION\(\w+, "([^"]+)", k(\w+), "([^"]+)"\)')
HEAD = """# Who may do what

Written by `scripts/permissions_doc.py` from `src/security/permissions.def`; do not edit by hand.

A role is held in one tenant and has the rights of the roles before it: viewer, operator, admin. A server administrator
has every right of an admin in every tenant, and alone those marked so; an API key never has these. What no row gives is
refused. The names are the scopes of API keys and the `x-permission` of the API's description.

| permission | from | allows |
|---|---|---|
"""
LEAST = {"Viewer": "viewer", "Operator": "operator", "Admin": "admin", "ServerAdmin": "server administrator"}


def page() -> str:
    text = LIST.read_text()
    rows = ROW.findall(text)
    if len(rows) != text.count("\nMILLRACE_PERMISSION("):
        raise SystemExit(f"{LIST.name}: a row was not understood")
    return HEAD + "".join(f"| `{name}` | {LEAST[least]} | {meaning} |\n" for name, least, meaning in rows)


def main() -> int:
    made = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(made)
        return 0
    if PAGE.exists() and PAGE.read_text() == made:
        return 0
    print("docs/reference/access.md is not what the list says: run scripts/permissions_doc.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
