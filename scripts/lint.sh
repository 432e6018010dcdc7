#!/usr/bin/env bash
# What can be judged without running: formatting, Python and shell rules, the arrows between rooms, clang-tidy.
# usage: scripts/lint.sh [--fast]   (--fast leaves clang-tidy out)
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
if [ "${1:-}" != --fast ]; then
    # One command a file, which the builds do not have (CONTRIBUTING.md).
    cmake --preset release -B build/lint -DCMAKE_UNITY_BUILD=OFF >/dev/null
    git ls-files -z 'src/*.cpp' | xargs -0 -n 4 -P 2 clang-tidy-16 -p build/lint --quiet \
        --extra-arg=-Wno-unknown-warning-option  # some of the compiler's are none of clang's
fi
printf 'lint: clean\n'
