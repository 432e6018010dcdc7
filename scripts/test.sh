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
declare -A beside=()
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
    local code=$? name
    for name in "${!beside[@]}"; do
        kill -- "-${beside[$name]}" 2>/dev/null || true
        wait "${beside[$name]}" 2>/dev/null || true
        printf '\n\033[1m== what ran beside (%s), until it was ended ==\033[0m\n' "$name"
        cat "$work/$name"
        printf '%d\t%s\tend\n' "$SECONDS" "$name" >>"$work/steps"
    done
    for lab in "${labs[@]}"; do MILLRACE_LAB_DIR="$lab" "$MILLRACE_PYTHON" -m lab down || true; done
    printf '%d\tmain\tend\n' "$SECONDS" >>"$work/steps"
    printf '\n%8s  step\n' seconds
    awk -F '\t' '
        { at[NR] = $1; name[NR] = $3; before[NR] = prior[$2]; prior[$2] = NR; on[NR] = $2 }
        END {
            for (i = 1; i <= NR; ++i) if (before[i]) took[before[i]] = at[i] - at[before[i]]
            for (i = 1; i <= NR; ++i)
                if (i in took && name[i] != "end") printf "%8d  %s%s\n", took[i], name[i], on[i] == "main" ? "" : " (beside the others)"
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

# Three rows of tests, each in labs of its own: most of their time they wait for servers.
lab_tests() {
    step "labs up"
    local embedded others newer
    MILLRACE_LAB_DIR="${MILLRACE_LAB_DIR:-$(new_lab)}"
    embedded="$(new_lab)" others="$(new_lab)" newer="$(new_lab)"
    labs+=("$MILLRACE_LAB_DIR" "$embedded" "$others" "$newer")
    MILLRACE_LAB_DIR="$embedded" "$MILLRACE_PYTHON" -m lab up --without kafka --without connect
    begin_beside embedded embedded_tests "$embedded"
    export MILLRACE_LAB_DIR
    "$MILLRACE_PYTHON" -m lab up
    eval "$("$MILLRACE_PYTHON" -m lab env)"
    begin_beside others other_tests "$others" "$newer"
    step "server and Python client"
    "$MILLRACE_PYTHON" -m pytest -q tests/server
    step "web page in a browser"
    (cd web && npm run --silent e2e)
    step "kafka-connect engine, end to end"
    "$MILLRACE_PYTHON" -m pytest -q tests/e2e
    "$MILLRACE_PYTHON" -m lab down
    step "what ran beside"
    end_beside others
    end_beside embedded
}

# begin_beside NAME COMMAND...: runs it in a process group of its own, which `finish` ends; its output is kept.
begin_beside() {
    local name="$1"
    shift
    set -m
    (
        track="$name"
        trap - EXIT
        "$@"
        printf '%d\t%s\tend\n' "$SECONDS" "$name" >>"$work/steps"
    ) >"$work/$name" 2>&1 &
    beside[$name]=$!
    set +m
}

# end_beside NAME: waits for it, shows what it printed, and fails if it has failed.
end_beside() {
    local name="$1" code=0
    wait "${beside[$name]}" || code=$?
    unset "beside[$name]"
    cat "$work/$name"
    return "$code"
}

# embedded_tests LAB
embedded_tests() {
    export MILLRACE_LAB_DIR="$1"
    eval "$("$MILLRACE_PYTHON" -m lab env)"
    step "embedded engine, end to end"
    "$MILLRACE_PYTHON" -m pytest -q tests/embedded
    "$MILLRACE_PYTHON" -m lab down
}

# other_tests LAB LAB18: one of the integration tests uses the Kafka Connect of the lab that is up.
other_tests() {
    step "the lab itself: up twice, killed servers, nothing left after down"
    "$MILLRACE_PYTHON" -m pytest -q tests/lab -m lab
    export MILLRACE_LAB_DIR="$1"
    "$MILLRACE_PYTHON" -m lab up --without kafka --without connect
    eval "$("$MILLRACE_PYTHON" -m lab env)"
    step "integration tests"
    ctest --preset debug -L integration
    step "the engine, also on real servers, ThreadSanitizer"
    under_tsan build/tsan/bin/unit_replication --gtest_brief=1
    under_tsan build/tsan/bin/integration_replication --gtest_brief=1
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
        begin_beside checks checks
        more_builds
        step "what ran beside the builds"
        end_beside checks
        lab_tests
        ;;
    *)
        printf 'unknown part: %s (all, unit, conformance or lab)\n' "$what" >&2
        exit 2
        ;;
esac
