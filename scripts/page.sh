#!/usr/bin/env bash
# On a lab of its own: a server with something to see on every page, and what looks at it.
# usage: scripts/page.sh screenshots [page..] | speed [times]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1:-}" in
    # The numbers in the charts want some minutes of a busy shop.
    screenshots) look=(--seconds 180 node scripts/screenshots.mjs "${@:2}") ;;
    speed) look=(--seconds 5 node scripts/page_speed.mjs "${@:2}") ;;
    *)
        printf 'usage: scripts/page.sh screenshots [page..] | speed [times]\n' >&2
        exit 2
        ;;
esac
scripts/build.sh release millrace
# shellcheck source=scripts/env.sh
. scripts/env.sh
# shellcheck source=scripts/own_lab.sh
. scripts/own_lab.sh
own_lab scene --without kafka --without connect
"$MILLRACE_PYTHON" -m lab.scene "${look[@]}"
