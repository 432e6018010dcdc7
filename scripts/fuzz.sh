#!/usr/bin/env bash
# Builds the fuzzers with clang and runs each of them from its seeds. usage: scripts/fuzz.sh [SECONDS, default 20]
# New inputs stay in build/fuzz/corpus. A crash leaves its input in build/fuzz/crashes; the run then fails and names it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds="${1:-20}"
[ -e build/fuzz/build.ninja ] || cmake --preset fuzz >/dev/null
cmake --build --preset fuzz
for target in pgoutput copy; do
    found="build/fuzz/corpus/$target"
    mkdir -p "$found" build/fuzz/crashes
    printf '%s: %s seconds\n' "$target" "$seconds"
    log="build/fuzz/$target.log"
    if ! "build/fuzz/bin/${target}_fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
        -artifact_prefix=build/fuzz/crashes/ -print_final_stats=1 "$found" "tests/fuzz/corpus/$target" >"$log" 2>&1; then
        tail -n 60 "$log" >&2
        exit 1
    fi
    grep -E 'stat::(number_of_executed_units|new_units_added)' "$log"
done
