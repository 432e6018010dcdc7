#!/usr/bin/env bash
# The identity provider that the tests of the sign-in run against: <deps>/oidc, as tests/server/oidc/package-lock.json
# has it. Needs the venv's node.
set -euo pipefail
# shellcheck source=scripts/deps/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

lock="$MILLRACE_ROOT/tests/server/oidc/package-lock.json"
hash="$(stamp_of "$lock")"
if is_stamped oidc "$hash"; then
    exit 0
fi
say "Installing the tests' identity provider into $MILLRACE_DEPS/oidc"
mkdir -p "$MILLRACE_DEPS/oidc"
cp "$MILLRACE_ROOT"/tests/server/oidc/package*.json "$MILLRACE_DEPS/oidc/"
PATH="$MILLRACE_DEPS/venv/bin:$PATH" "$MILLRACE_ROOT/scripts/npm_ci.sh" "$MILLRACE_DEPS/oidc"
set_stamp oidc "$hash"
