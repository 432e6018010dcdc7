#!/usr/bin/env bash
# Builds the web page, and configures and builds one preset with two jobs. usage: scripts/build.sh [release|debug|tsan] [target...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/setup.sh
# shellcheck source=scripts/env.sh
. scripts/env.sh
preset="${1:-release}"
[ $# -gt 0 ] && shift
case "$preset" in
    release | debug | tsan) ;;
    *)
        printf 'unknown preset: %s (release, debug or tsan)\n' "$preset" >&2
        exit 2
        ;;
esac
scripts/build_web.sh
cmake --preset "$preset" >/dev/null
if [ $# -gt 0 ]; then
    cmake --build --preset "$preset" --target "$@"
else
    cmake --build --preset "$preset"
fi
if [ "$preset" = release ] && [ -x build/release/bin/millrace ]; then
    python3 scripts/sbom.py build/release/bin/millrace build/release/millrace.cdx.json
    printf 'built build/release/bin/millrace (what it is made of: build/release/millrace.cdx.json)\n'
fi
