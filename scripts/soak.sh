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
    # shellcheck source=scripts/own_lab.sh
    . scripts/own_lab.sh
    own_lab soak --without kafka --without connect
fi
"$MILLRACE_PYTHON" -m tests.soak "$@"
