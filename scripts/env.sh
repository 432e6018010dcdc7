# shellcheck shell=bash
# Sourced by the other scripts (bash): where the dependencies are, and the variables that make programs find them.

MILLRACE_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
MILLRACE_DEPS="${MILLRACE_DEPS:-$MILLRACE_ROOT/.deps}"
export MILLRACE_ROOT MILLRACE_DEPS
export MILLRACE_PYTHON="$MILLRACE_DEPS/venv/bin/python"
export PATH="$MILLRACE_DEPS/venv/bin:/usr/lib/postgresql/15/bin:$PATH"
export PYTHONPATH="$MILLRACE_ROOT:$MILLRACE_ROOT/clients/python${PYTHONPATH:+:$PYTHONPATH}"
# unixODBC looks for odbcinst.ini in ODBCSYSINI; ODBCINSTINI names the file inside that folder.
export ODBCSYSINI="$MILLRACE_DEPS/odbc"
export ODBCINSTINI=odbcinst.ini
export ODBCINI="$MILLRACE_DEPS/odbc/odbc.ini"
# One cache for every clone of the tree on a machine.
export CCACHE_BASEDIR="$MILLRACE_ROOT" CCACHE_NOHASHDIR=1
# Precompiled headers are told by their content.
export CCACHE_SLOPPINESS=pch_defines,time_macros
