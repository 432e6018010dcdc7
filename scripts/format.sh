#!/usr/bin/env bash
# Applies the formatters to every tracked file.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/setup.sh
# shellcheck source=scripts/env.sh
. scripts/env.sh
git ls-files -z '*.cpp' '*.hpp' | xargs -0 -r clang-format-16 -i
ruff check --quiet --fix .
ruff format --quiet .
