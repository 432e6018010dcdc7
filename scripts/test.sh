#!/usr/bin/env bash
# Everything CI runs. usage: scripts/test.sh [all|unit|conformance|lab]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/setup.sh
# shellcheck source=scripts/env.sh
. scripts/env.sh
what="${1:-all}"

work="$(mktemp -d "${TMPDIR:-/tmp}/millrace-test.XXXXXX")"
track=main
labs=()
step() {
    printf '%d\t%s\t%s\n' "$SECONDS" "$track" "$*" >>"$work/steps"
    printf '\n\033[1m== %s ==\033[0m\n' "$*"
}

# A directory for a lab, which `finish` takes down.
new_lab() {
    mktemp -d "${TMPDIR:-/tmp}/millrace-lab.XXXXXX"
}

# How long each step took, and what was made for the tests is taken away.
finish() {
    local code=$?
    if [ -n "${beside:-}" ]; then
        kill -- "-$beside" 2>/dev/null || true
        wait "$beside" 2>/dev/null || true
        printf '\n\033[1m== what ran beside, until it was ended ==\033[0m\n'
        cat "$work/beside"
    fi
    for lab in "${labs[@]}"; do MILLRACE_LAB_DIR="$lab" "$MILLRACE_PYTHON" -m lab down || true; done
    printf '%d\tmain\tend\n%d\tbeside\tend\n' "$SECONDS" "$SECONDS" >>"$work/steps"
    printf '\n%8s  step\n' seconds
    awk -F '\t' '
        { at[NR] = $1; name[NR] = $3; before[NR] = prior[$2]; prior[$2] = NR; on[NR] = $2 }
        END {
            for (i = 1; i <= NR; ++i) if (before[i]) took[before[i]] = at[i] - at[before[i]]
            for (i = 1; i <= NR; ++i)
                if (i in took && name[i] != "end") printf "%8d  %s%s\n", took[i], name[i], on[i] == "beside" ? " (beside the others)" : ""
        }' "$work/steps"
    printf '%8d  in all%s\n' "$SECONDS" "$([ "$code" = 0 ] || printf ', FAILED in the last step')"
    rm -rf "$work"
}
trap finish EXIT

lint_and_build() {
    step "lint"
    scripts/lint.sh --fast
    step "build with AddressSanitizer and UndefinedBehaviorSanitizer"
    scripts/build.sh debug
}

more_builds() {
    step "build the engine with ThreadSanitizer"
    scripts/build.sh tsan integration_replication unit_replication
    step "release build"
    scripts/build.sh release millrace
}

# What needs the debug build and no lab.
checks() {
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

# Races end the program with a code of their own. What is left out, and why: tests/tsan.supp.
under_tsan() {
    TSAN_OPTIONS="suppressions=$PWD/tests/tsan.supp" "$@"
}

conformance_tests() {
    step "conformance of $([ -n "${MILLRACE_SQLSERVER_URL:-}" ] && printf "MILLRACE_SQLSERVER_URL" || printf "the stand-in")"
    "$MILLRACE_PYTHON" -m pytest -q tests/conformance
}

lab_tests() {
    step "the lab itself: up twice, killed servers, nothing left after down"
    "$MILLRACE_PYTHON" -m pytest -q tests/lab -m lab
    step "labs up"
    # Two of them: most of their time the tests wait for servers, so two rows of tests run at once.
    local other
    MILLRACE_LAB_DIR="${MILLRACE_LAB_DIR:-$(new_lab)}"
    other="$(new_lab)"
    labs+=("$MILLRACE_LAB_DIR" "$other")
    MILLRACE_LAB_DIR="$other" "$MILLRACE_PYTHON" -m lab up --without kafka --without connect
    export MILLRACE_LAB_DIR
    "$MILLRACE_PYTHON" -m lab up
    labs+=("$(new_lab)")
    begin_beside embedded_tests "$other" "${labs[-1]}"
    eval "$("$MILLRACE_PYTHON" -m lab env)"
    step "integration tests"
    ctest --preset debug -L integration
    step "the engine, also on real servers, ThreadSanitizer"
    under_tsan build/tsan/bin/unit_replication --gtest_brief=1
    under_tsan build/tsan/bin/integration_replication --gtest_brief=1
    step "server and Python client"
    "$MILLRACE_PYTHON" -m pytest -q tests/server
    step "web page in a browser"
    (cd web && npm run --silent e2e)
    step "kafka-connect engine, end to end"
    "$MILLRACE_PYTHON" -m pytest -q tests/e2e
    "$MILLRACE_PYTHON" -m lab down
    step "what ran beside"
    end_beside
}

# begin_beside COMMAND...: runs it in a process group of its own, which `finish` ends; its output is kept.
begin_beside() {
    set -m
    (
        track=beside
        trap - EXIT
        "$@"
        printf '%d\tbeside\tend\n' "$SECONDS" >>"$work/steps"
    ) >"$work/beside" 2>&1 &
    beside=$!
    set +m
}

# Waits for it, shows what it printed, and fails if it has failed.
end_beside() {
    local code=0
    wait "$beside" || code=$?
    beside=
    cat "$work/beside"
    return "$code"
}

# embedded_tests LAB LAB18: in a lab of their own, then PostgreSQL 18 in another.
embedded_tests() {
    export MILLRACE_LAB_DIR="$1"
    eval "$("$MILLRACE_PYTHON" -m lab env)"
    step "embedded engine, end to end"
    "$MILLRACE_PYTHON" -m pytest -q tests/embedded
    step "random run, one round with event triggers and one without"
    "$MILLRACE_PYTHON" -m tests.soak 1 --round 30 --seed 1
    "$MILLRACE_PYTHON" -m lab down
    [ -n "${MILLRACE_SQLSERVER_URL:-}" ] || postgres_18_tests "$2"
}

# A lab of its own; its shop is empty, so only what makes its own tables runs there.
postgres_18_tests() {
    step "PostgreSQL 18: streaming, COPY, and a random run"
    export MILLRACE_LAB_DIR="$1" MILLRACE_LAB_PG_VERSION=18
    "$MILLRACE_PYTHON" -m lab up --without kafka --without connect
    eval "$("$MILLRACE_PYTHON" -m lab env)"
    # CellValuesTest reads the shop.
    build/debug/bin/integration_postgres --gtest_brief=1 --gtest_filter=-CellValuesTest.*
    "$MILLRACE_PYTHON" -m tests.soak 0.5 --round 15 --seed 18
}

case "$what" in
    unit)
        lint_and_build
        checks
        ;;
    conformance) conformance_tests ;;
    lab)
        scripts/build.sh debug
        more_builds
        lab_tests
        ;;
    all)
        lint_and_build
        # They wait for servers and browsers, compilers do not.
        begin_beside checks
        more_builds
        step "what ran beside the builds"
        end_beside
        lab_tests
        ;;
    *)
        printf 'unknown part: %s (all, unit, conformance or lab)\n' "$what" >&2
        exit 2
        ;;
esac
