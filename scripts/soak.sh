#!/usr/bin/env bash
# Random work and trouble on a lab of its own (or the one that MILLRACE_LAB_* name), until the time is over or something
# does not hold. usage: scripts/soak.sh MINUTES [--seed N] [--sanitized] [--round SECONDS] ..; --help tells all.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/setup.sh
# shellcheck source=scripts/env.sh
. scripts/env.sh
case " $* " in
    *" --help "* | *" -h "*) exec "$MILLRACE_PYTHON" -m tests.soak --help ;;
    *" --sanitized "*) scripts/build.sh debug millrace ;;
    *) scripts/build.sh release millrace ;;
esac
if [ -z "${MILLRACE_LAB_PG_HOST:-}" ]; then
    MILLRACE_LAB_DIR="$(mktemp -d "${TMPDIR:-/tmp}/millrace-soak.XXXXXX")"
    export MILLRACE_LAB_DIR
    trap '"$MILLRACE_PYTHON" -m lab down --purge' EXIT
    "$MILLRACE_PYTHON" -m lab up --without kafka --without connect
    eval "$("$MILLRACE_PYTHON" -m lab env)"
fi
"$MILLRACE_PYTHON" -m tests.soak "$@"
