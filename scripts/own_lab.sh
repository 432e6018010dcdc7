# shellcheck shell=bash
# Sourced, behind env.sh: a lab for one command, which is taken away when the script ends.

end_own_lab() {
    "$MILLRACE_PYTHON" -m lab down --purge
    rm -rf "$MILLRACE_LAB_DIR"
}

# own_lab NAME [what `lab up` takes]: brings it up; MILLRACE_LAB_* tell where it is.
own_lab() {
    MILLRACE_LAB_DIR="$(mktemp -d "${TMPDIR:-/tmp}/millrace-$1.XXXXXX")"
    export MILLRACE_LAB_DIR
    trap end_own_lab EXIT
    "$MILLRACE_PYTHON" -m lab up "${@:2}"
    eval "$("$MILLRACE_PYTHON" -m lab env)"
}
