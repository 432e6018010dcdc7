#!/usr/bin/env bash
# Everything CI runs. usage: scripts/test.sh [all|unit|conformance|lab]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/setup.sh
# shellcheck source=scripts/env.sh
. scripts/env.sh
what="${1:-all}"
step() { printf '\n\033[1m== %s ==\033[0m\n' "$*"; }

unit_tests() {
    step "lint"
    scripts/lint.sh --fast
    step "build with AddressSanitizer and UndefinedBehaviorSanitizer"
    scripts/build.sh debug
    step "unit tests"
    ctest --preset debug -L unit
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
    trap '"$MILLRACE_PYTHON" -m lab down' EXIT
    "$MILLRACE_PYTHON" -m lab up
    eval "$("$MILLRACE_PYTHON" -m lab env)"
    step "integration tests"
    ctest --preset debug -L integration
    step "embedded engine, end to end"
    "$MILLRACE_PYTHON" -m pytest -q tests/embedded
    step "kafka-connect engine, end to end"
    "$MILLRACE_PYTHON" -m pytest -q tests/e2e
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
