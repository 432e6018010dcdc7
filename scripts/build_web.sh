#!/usr/bin/env bash
# Builds the web page into web/dist, from where the build puts it into the program. Does nothing when it is new enough.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/env.sh
. scripts/env.sh
cd web
# npm writes this file last.
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    ../scripts/npm_ci.sh .
    touch node_modules/.package-lock.json
fi
newer="$(find . -path ./node_modules -prune -o -path ./dist -prune -o -type f -newer dist/index.html -print -quit 2>/dev/null || true)"
if [ -f dist/index.html ] && [ -z "$newer" ]; then
    exit 0
fi
npm run --silent build
# Clients that take gzip get these; nothing is packed while a request waits.
find dist -type f \( -name '*.js' -o -name '*.css' -o -name '*.html' -o -name '*.svg' -o -name '*.json' \) \
    -exec gzip --best --no-name --keep --force {} +
