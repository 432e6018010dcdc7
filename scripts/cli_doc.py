"""Writes docs/reference/cli.md and packaging/man/millrace.1 from the command line itself.

usage: cli_doc.py [BINARY]   (default: build/release/bin/millrace; the unit tests hold both files against the program)
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = {"page": ROOT / "docs/reference/cli.md", "man": ROOT / "packaging/man/millrace.1"}

binary = sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/release/bin/millrace"
for kind, file in FILES.items():
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(subprocess.run([binary, "__reference", kind], check=True, capture_output=True, text=True).stdout)
