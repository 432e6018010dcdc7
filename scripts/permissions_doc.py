"""Writes docs/reference/access.md from the one list of permissions, src/security/permissions.def.

usage: permissions_doc.py [--check]   (--check: exit 1 when the page is not what the list says)
"""

import re
import sys

from generated_page import ROOT, write_or_check

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


if __name__ == "__main__":
    sys.exit(write_or_check(PAGE, page(), "scripts/permissions_doc.py"))
