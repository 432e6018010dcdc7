#!/usr/bin/env bash
# Installs the missing ones of apt-packages.txt. Asks dpkg first: a machine that has all of them is not touched.
set -euo pipefail
# shellcheck source=scripts/deps/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

missing_packages() {
    local wanted installed
    wanted="$(grep -v '^#' "$DEPS_SCRIPTS/apt-packages.txt" | sort -u)"
    # dpkg-query fails when it has never heard of one of them, which is what a fresh machine is like.
    # shellcheck disable=SC2086 # one argument a package
    installed="$( (dpkg-query -W -f='${Package} ${db:Status-Status}\n' $wanted 2>/dev/null || true) |
        awk '$2 == "installed" { print $1 }' | sort -u)"
    comm -23 <(printf '%s\n' "$wanted") <(printf '%s\n' "$installed")
}

# The lab runs its own PostgreSQL, so the package's default cluster is neither created nor started.
forbid_default_cluster() {
    local conf=/etc/postgresql-common/createcluster.conf
    [ -e "$conf" ] && return
    as_root mkdir -p "$(dirname "$conf")"
    printf '%s\n' 'create_main_cluster = false' | as_root tee "$conf" >/dev/null
}

# Not through <(..), which would hide a failure and look as if nothing were missing.
list="$(missing_packages)"
if [ -z "$list" ]; then
    exit 0
fi
mapfile -t missing <<<"$list"
[ "$(. /etc/os-release && echo "${ID:-}")" = debian ] ||
    die "these packages are missing and only Debian's are known here: ${missing[*]}"
say "Installing ${#missing[@]} Debian packages: ${missing[*]}"
as_root apt-get update
forbid_default_cluster
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    -o Dpkg::Options::=--force-confold "${missing[@]}"
