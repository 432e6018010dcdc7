# shellcheck shell=bash
# Shared by setup.sh and the scripts it runs: where things go, how progress is told, what is already there.
# Sourced with `set -euo pipefail` in force.

MILLRACE_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
MILLRACE_DEPS="${MILLRACE_DEPS:-$MILLRACE_ROOT/.deps}"
DEPS_SCRIPTS="$MILLRACE_ROOT/scripts/deps"
export MILLRACE_ROOT MILLRACE_DEPS DEPS_SCRIPTS
# shellcheck source=scripts/deps/versions.env
. "$DEPS_SCRIPTS/versions.env"

say() { printf '\033[1;34m==>\033[0m %s\n' "$*"; }
die() {
    printf '\033[1;31merror:\033[0m %s\n' "$*" >&2
    exit 1
}

# Runs a command as root: directly, or through sudo.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo -- "$@"
    else
        die "root rights are needed for: $* (install sudo or run as root)"
    fi
}

# stamp_of FILE...: a hash over the files that decide what gets installed.
stamp_of() { cat -- "$@" | sha256sum | cut -d' ' -f1; }

# is_stamped NAME HASH: the part was installed completely with exactly these inputs.
is_stamped() { [ "$(cat "$MILLRACE_DEPS/stamps/$1" 2>/dev/null)" = "$2" ]; }

set_stamp() {
    mkdir -p "$MILLRACE_DEPS/stamps"
    printf '%s\n' "$2" >"$MILLRACE_DEPS/stamps/$1"
}
