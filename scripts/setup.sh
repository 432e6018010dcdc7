#!/usr/bin/env bash
# Installs what the build, the lab and the tests need and is not there yet. Safe to run again at any time.
set -euo pipefail
# shellcheck source=scripts/deps/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/deps/common.sh"

mkdir -p "$MILLRACE_DEPS"
# Two setups at once would write into the same folders: the second waits for the first.
exec 9>"$MILLRACE_DEPS/.setup.lock"
if ! flock --nonblock 9; then
    say "Another setup is running; waiting for it"
    flock 9
fi
for part in apt python oidc odbc kafka; do
    "$DEPS_SCRIPTS/$part.sh"
done
say "Dependencies are in place ($MILLRACE_DEPS)"
