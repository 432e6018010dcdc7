#!/usr/bin/env bash
# The main job, live, on a lab of its own: create a pipeline, keep the shop busy, compare.
# usage: scripts/demo.sh [--check] [--engine embedded|kafka-connect] [--port N]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/build.sh release millrace
# shellcheck source=scripts/env.sh
. scripts/env.sh
MILLRACE_LAB_DIR="$(mktemp -d "${TMPDIR:-/tmp}/millrace-demo.XXXXXX")"
export MILLRACE_LAB_DIR
end_lab() {
    "$MILLRACE_PYTHON" -m lab down --purge
    rm -rf "$MILLRACE_LAB_DIR"
}
trap end_lab EXIT
# Ctrl-C is for the demo itself, which ends in order; this shell only waits for it.
trap : INT
case " $* " in
    *kafka-connect*) "$MILLRACE_PYTHON" -m lab up ;;
    # The embedded engine needs the two databases alone.
    *) "$MILLRACE_PYTHON" -m lab up --without kafka --without connect ;;
esac
eval "$("$MILLRACE_PYTHON" -m lab env)"
"$MILLRACE_PYTHON" -m lab.demo "$@"
