#!/usr/bin/env bash
# What can be judged without running: formatting, Python and shell rules, the arrows between rooms, clang-tidy.
# usage: scripts/lint.sh [--fast | --since COMMIT]
#   --fast          without clang-tidy
#   --since COMMIT  clang-tidy only on files that differ from it: the whole tree takes more than an hour on two cores
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/setup.sh
# shellcheck source=scripts/env.sh
. scripts/env.sh
git ls-files -z '*.cpp' '*.hpp' | xargs -0 -r clang-format-16 --dry-run -Werror
ruff check --quiet .
ruff format --quiet --check .
git ls-files -z dev .ci/run '*.sh' | xargs -0 -r shellcheck -x
"$MILLRACE_PYTHON" scripts/check_rooms.py
"$MILLRACE_PYTHON" scripts/errors_doc.py --check
"$MILLRACE_PYTHON" scripts/permissions_doc.py --check
of_clang_tidy() {
    case "${1:-}" in
        --fast) ;;
        --since) git diff --name-only --diff-filter=d -z "${2:?--since needs a commit}" -- 'src/*.cpp' ;;
        '') git ls-files -z 'src/*.cpp' ;;
        *)
            printf 'unknown option: %s (--fast or --since COMMIT)\n' "$1" >&2
            return 2
            ;;
    esac
}
judged="$(mktemp)"
trap 'rm -f "$judged"' EXIT
of_clang_tidy "$@" >"$judged"
if [ -s "$judged" ]; then
    # One command a file, which the builds do not have (CONTRIBUTING.md).
    cmake --preset release -B build/lint -DCMAKE_UNITY_BUILD=OFF >/dev/null
    xargs -0 <"$judged" -n 4 -P 2 clang-tidy-16 -p build/lint --quiet \
        --extra-arg=-Wno-unknown-warning-option  # some of the compiler's are none of clang's
fi
printf 'lint: clean\n'
