#!/usr/bin/env bash
# Microsoft's ODBC Driver 18, from the wheel that carries it, registered in an odbcinst.ini of our own.
set -euo pipefail
# shellcheck source=scripts/deps/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

odbc="$MILLRACE_DEPS/odbc"
hash="$(printf '%s %s' "$MSODBC_WHEEL_VERSION" "$odbc" | cat - "${BASH_SOURCE[0]}" | sha256sum | cut -d' ' -f1)"
if is_stamped odbc "$hash" && [ -e "$odbc/odbcinst.ini" ]; then
    exit 0
fi
say "Installing Microsoft ODBC Driver 18 (wheel mssql-python-odbc $MSODBC_WHEEL_VERSION) into $odbc"
case "$(uname -m)" in
    x86_64) arch=x86_64 ;;
    aarch64) arch=arm64 ;;
    *) die "no ODBC driver for $(uname -m)" ;;
esac
rm -rf "$odbc"
mkdir -p "$odbc/wheel"
"$MILLRACE_DEPS/venv/bin/python" -m pip install --disable-pip-version-check --quiet --no-deps \
    --target "$odbc/wheel" "mssql-python-odbc==$MSODBC_WHEEL_VERSION"
# The driver finds its message catalogue relative to its library, so the wheel's folders stay as they are.
driver="$(find "$odbc/wheel/mssql_python_odbc/libs/linux/debian_ubuntu/$arch/lib" -name 'libmsodbcsql-18*.so*' | head -n 1)"
[ -n "$driver" ] || die "the wheel mssql-python-odbc $MSODBC_WHEEL_VERSION holds no libmsodbcsql for $arch"
cat >"$odbc/odbcinst.ini" <<INI
[ODBC Driver 18 for SQL Server]
Description=Microsoft ODBC Driver 18 for SQL Server
Driver=$driver
UsageCount=1
INI
: >"$odbc/odbc.ini"
set_stamp odbc "$hash"
