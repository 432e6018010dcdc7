#!/usr/bin/env bash
# Everything CI runs. usage: scripts/test.sh [all|unit|conformance|lab]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/setup.sh
# shellcheck source=scripts/env.sh
. scripts/env.sh
what="${1:-all}"

# Integration tests that need more than the two servers.
of_connect='^Credentials\.'
# Of the engine's files these run in the row that has time for them.
first_embedded=(tests/embedded/test_verify.py)

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
    local code=$?
    end_the_rest
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
    ctest --preset debug -L unit --timeout 240
    step "web page: types, style, unit tests"
    (cd web && npm run --silent check && npm test --silent)
    step "fuzzers of the decoders, a short run"
    scripts/fuzz.sh 5
    step "the lab's tools"
    python_tests tests/lab -m "not lab"
    conformance_tests
}

# Races end the program with a code of their own. What is left out, and why: tests/tsan.supp.
under_tsan() {
    within 600 env TSAN_OPTIONS="suppressions=$PWD/tests/tsan.supp" "$@"
}

conformance_tests() {
    step "conformance of $([ -n "${MILLRACE_SQLSERVER_URL:-}" ] && printf "MILLRACE_SQLSERVER_URL" || printf "the stand-in")"
    python_tests tests/conformance
}

# Three rows of tests, each in labs of its own: most of their time they wait for servers.
lab_tests() {
    step "labs up"
    local row
    declare -A lab
    for row in connected embedded others newer; do lab[$row]="$(new_lab)"; done
    labs+=("${lab[@]}")
    MILLRACE_LAB_DIR="${lab[embedded]}" "$MILLRACE_PYTHON" -m lab up --without kafka --without connect
    begin_beside embedded embedded_tests "${lab[embedded]}"
    MILLRACE_LAB_DIR="${lab[others]}" "$MILLRACE_PYTHON" -m lab up --without kafka --without connect
    begin_beside others other_tests "${lab[others]}" "${lab[newer]}"
    MILLRACE_LAB_DIR="${lab[connected]}" "$MILLRACE_PYTHON" -m lab up
    begin_beside connected connected_tests "${lab[connected]}"
    step "what ran beside each other"
    end_all_beside
}

# A program that hangs fails, and says where it was.
within() {
    local seconds="$1"
    shift
    timeout --foreground --signal=ABRT --kill-after=20 "$seconds" "$@"
}

# python_tests ARGUMENT...
python_tests() {
    within 1800 "$MILLRACE_PYTHON" -m pytest -q -o faulthandler_timeout=240 "$@"
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

# Waits for all of them. The first that fails ends the others; what it printed comes last.
end_all_beside() {
    local ended name code
    while [ "${#beside[@]}" -gt 0 ]; do
        code=0
        wait -n -p ended "${beside[@]}" || code=$?
        for name in "${!beside[@]}"; do [ "${beside[$name]}" = "$ended" ] && break; done
        unset "beside[$name]"
        if [ "$code" != 0 ]; then
            kill -- "-$ended" 2>/dev/null || true
            end_the_rest
            printf '\n\033[1m== FAILED (%s) ==\033[0m\n' "$name"
        fi
        cat "$work/$name"
        [ "$code" = 0 ] || return "$code"
    done
}

# Ends what still runs beside, and shows how far it had come.
end_the_rest() {
    local name
    for name in "${!beside[@]}"; do
        kill -- "-${beside[$name]}" 2>/dev/null || true
        wait "${beside[$name]}" 2>/dev/null || true
        unset "beside[$name]"
        printf '\n\033[1m== what ran beside (%s), until it was ended ==\033[0m\n' "$name"
        tail -n 15 "$work/$name"
        printf '%d\t%s\tend\n' "$SECONDS" "$name" >>"$work/steps"
    done
}

# connected_tests LAB: what needs Kafka Connect, and the page.
connected_tests() {
    use_lab "$1"
    step "web page in a browser"
    (cd web && within 1800 npm run --silent e2e)
    step "kafka-connect engine, end to end"
    python_tests tests/e2e
    step "integration tests that use Kafka Connect"
    ctest --preset debug -L integration --timeout 240 -R "$of_connect"
    step "embedded engine, end to end: the first files"
    python_tests "${first_embedded[@]}"
    "$MILLRACE_PYTHON" -m lab down
}

# embedded_tests LAB
embedded_tests() {
    use_lab "$1"
    step "embedded engine, end to end"
    python_tests tests/embedded "${first_embedded[@]/#/--ignore=}"
    "$MILLRACE_PYTHON" -m lab down
}

# other_tests LAB LAB18
other_tests() {
    use_lab "$1"
    step "server and Python client"
    python_tests tests/server
    step "integration tests"
    ctest --preset debug -L integration --timeout 240 -E "$of_connect"
    step "the engine, also on real servers, ThreadSanitizer"
    under_tsan build/tsan/bin/unit_replication --gtest_brief=1
    under_tsan build/tsan/bin/integration_replication --gtest_brief=1
    step "random run, one round with event triggers and one without"
    within 900 "$MILLRACE_PYTHON" -m tests.soak 1 --round 30 --seed 1
    "$MILLRACE_PYTHON" -m lab down
    step "the lab itself: up twice, killed servers, nothing left after down"
    python_tests tests/lab -m lab
    [ -n "${MILLRACE_SQLSERVER_URL:-}" ] || postgres_18_tests "$2"
}

# A lab of its own; its shop is empty, so only what makes its own tables runs there.
postgres_18_tests() {
    step "PostgreSQL 18: streaming, COPY, and a random run"
    export MILLRACE_LAB_PG_VERSION=18
    MILLRACE_LAB_DIR="$1" "$MILLRACE_PYTHON" -m lab up --without kafka --without connect
    use_lab "$1"
    # CellValuesTest reads the shop.
    within 600 build/debug/bin/integration_postgres --gtest_filter=-CellValuesTest.*
    within 900 "$MILLRACE_PYTHON" -m tests.soak 0.5 --round 15 --seed 18
}

use_lab() {
    export MILLRACE_LAB_DIR="$1"
    eval "$("$MILLRACE_PYTHON" -m lab env)"
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
