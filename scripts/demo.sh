#!/usr/bin/env bash
# The main job, live, on a lab of its own: create a pipeline, keep the shop busy, compare.
# usage: scripts/demo.sh [--check] [--engine embedded|kafka-connect] [--port N]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/build.sh release millrace
# shellcheck source=scripts/env.sh
. scripts/env.sh
# shellcheck source=scripts/own_lab.sh
. scripts/own_lab.sh
# Ctrl-C is for the demo itself, which ends in order; this shell only waits for it.
trap : INT
case " $* " in
    *kafka-connect*) own_lab demo ;;
    # The embedded engine needs the two databases alone.
    *) own_lab demo --without kafka --without connect ;;
esac
"$MILLRACE_PYTHON" -m lab.demo "$@"
