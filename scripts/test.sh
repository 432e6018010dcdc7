#!/usr/bin/env bash
# Everything CI runs. usage: scripts/test.sh [all|unit|conformance|lab]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/setup.sh
# shellcheck source=scripts/env.sh
. scripts/env.sh
what="${1:-all}"

steps=()
step() {
    steps+=("$SECONDS $*")
    printf '\n\033[1m== %s ==\033[0m\n' "$*"
}

# How long each step took, and what was made for the tests is taken away.
finish() {
    local code=$? i begun next
    for lab in "${labs[@]}"; do MILLRACE_LAB_DIR="$lab" "$MILLRACE_PYTHON" -m lab down || true; done
    steps+=("$SECONDS end")
    printf '\n%8s  step\n' seconds
    for ((i = 0; i + 1 < ${#steps[@]}; ++i)); do
        begun="${steps[i]%% *}" next="${steps[i + 1]%% *}"
        printf '%8d  %s\n' "$((next - begun))" "${steps[i]#* }"
    done
    printf '%8d  in all%s\n' "$SECONDS" "$([ "$code" = 0 ] || printf ', FAILED in the last step')"
}
labs=()
trap finish EXIT

unit_tests() {
    step "lint"
    scripts/lint.sh --fast
    step "build with AddressSanitizer and UndefinedBehaviorSanitizer"
    scripts/build.sh debug
    step "unit tests"
    ctest --preset debug -L unit
    step "web page: types, style, unit tests"
    (cd web && npm run --silent check && npm test --silent)
    step "fuzzers of the decoders, a short run"
    scripts/fuzz.sh 5
    step "the lab's tools"
    "$MILLRACE_PYTHON" -m pytest -q tests/lab -m "not lab"
    conformance_tests
}

conformance_tests() {
    step "conformance of $([ -n "${MILLRACE_SQLSERVER_URL:-}" ] && printf "MILLRACE_SQLSERVER_URL" || printf "the stand-in")"
    "$MILLRACE_PYTHON" -m pytest -q tests/conformance
}

lab_tests() {
    step "release build"
    scripts/build.sh release
    step "the lab itself: up twice, killed servers, nothing left after down"
    "$MILLRACE_PYTHON" -m pytest -q tests/lab -m lab
    step "lab up"
    MILLRACE_LAB_DIR="${MILLRACE_LAB_DIR:-$(mktemp -d "${TMPDIR:-/tmp}/millrace-lab.XXXXXX")}"
    export MILLRACE_LAB_DIR
    labs+=("$MILLRACE_LAB_DIR")
    "$MILLRACE_PYTHON" -m lab up
    eval "$("$MILLRACE_PYTHON" -m lab env)"
    step "integration tests"
    ctest --preset debug -L integration
    step "embedded engine, end to end"
    "$MILLRACE_PYTHON" -m pytest -q tests/embedded
    step "random run, one round with event triggers and one without"
    "$MILLRACE_PYTHON" -m tests.soak 1 --round 30 --seed 1
    step "server and Python client"
    "$MILLRACE_PYTHON" -m pytest -q tests/server
    step "web page in a browser"
    (cd web && npm run --silent e2e)
    step "kafka-connect engine, end to end"
    "$MILLRACE_PYTHON" -m pytest -q tests/e2e
    "$MILLRACE_PYTHON" -m lab down
    [ -n "${MILLRACE_SQLSERVER_URL:-}" ] || postgres_18_tests
}

# A lab of its own; its shop is empty, so only what makes its own tables runs there.
postgres_18_tests() {
    step "PostgreSQL 18: streaming, COPY, and a random run"
    MILLRACE_LAB_DIR="$(mktemp -d "${TMPDIR:-/tmp}/millrace-lab-18.XXXXXX")"
    export MILLRACE_LAB_DIR MILLRACE_LAB_PG_VERSION=18
    labs+=("$MILLRACE_LAB_DIR")
    "$MILLRACE_PYTHON" -m lab up --without kafka --without connect
    eval "$("$MILLRACE_PYTHON" -m lab env)"
    # CellValuesTest reads the shop.
    build/debug/bin/integration_postgres --gtest_brief=1 --gtest_filter=-CellValuesTest.*
    "$MILLRACE_PYTHON" -m tests.soak 0.5 --round 15 --seed 18
}

case "$what" in
    unit) unit_tests ;;
    conformance) conformance_tests ;;
    lab)
        scripts/build.sh debug
        lab_tests
        ;;
    all)
        unit_tests
        lab_tests
        ;;
    *)
        printf 'unknown part: %s (all, unit, conformance or lab)\n' "$what" >&2
        exit 2
        ;;
esac
