#!/usr/bin/env bash
# The Python environment of the lab and the tests: <deps>/venv with exactly what lab/requirements.txt pins.
set -euo pipefail
# shellcheck source=scripts/deps/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

requirements="$MILLRACE_ROOT/lab/requirements.txt"
hash="$(stamp_of "$requirements")"
if is_stamped python "$hash" && [ -x "$MILLRACE_DEPS/venv/bin/python" ]; then
    exit 0
fi
say "Installing the Python packages of lab/requirements.txt into $MILLRACE_DEPS/venv"
# Debian's own interpreter: the venv outlives whatever else a PATH offers.
[ -x "$MILLRACE_DEPS/venv/bin/python" ] || /usr/bin/python3 -m venv "$MILLRACE_DEPS/venv"
"$MILLRACE_DEPS/venv/bin/python" -m pip install --disable-pip-version-check --quiet -r "$requirements"
set_stamp python "$hash"
