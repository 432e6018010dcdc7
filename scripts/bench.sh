#!/usr/bin/env bash
# Measures load, stream, latency and the server on a lab of its own, and writes docs/benchmarks.md.
# usage: scripts/bench.sh [server] [--quick]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/build.sh release millrace millrace_bench
# shellcheck source=scripts/env.sh
. scripts/env.sh
exec "$MILLRACE_PYTHON" -m bench "$@"
