#!/usr/bin/env bash
# npm ci of the folder given: what the lock names, by its checksums. From the cache without asking where it has it, and
# tried again: on a slow line npm 10 ends with "Exit handler never called!" now and then. usage: scripts/npm_ci.sh FOLDER
set -euo pipefail
readonly kTries=3
for ((try = 1; ; ++try)); do
    if npm ci --prefix "$1" --prefer-offline --no-audit --no-fund --loglevel=error; then
        exit 0
    fi
    if ((try == kTries)); then
        exit 1
    fi
    printf 'npm ci of %s failed; it is tried again.\n' "$1" >&2
done
