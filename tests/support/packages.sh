# Sourced: which of Debian's packages are missing, and their installation.
missing=

want() { # want PROGRAM-OR-FILE PACKAGE...
    program=$1
    shift
    command -v "$program" >/dev/null 2>&1 && return
    for file in $program; do [ -e "$file" ] && return; done
    missing="$missing $*"
}

install_missing() { # install_missing WHO-NEEDS-THEM
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null 2>&1 || {
        echo "$1 these programs, by their Debian names:$missing" >&2
        return 1
    }
    install="apt-get install -y --no-install-recommends$missing"
    if [ "$(id -u)" = 0 ]; then
        sudo=
    elif sudo -n true 2>/dev/null; then
        sudo="sudo -n"
    else
        echo "$1 more programs. Run this once: sudo $install" >&2
        return 1
    fi
    echo "installing$missing"
    log=$(mktemp)
    if ! { $sudo apt-get update && $sudo env DEBIAN_FRONTEND=noninteractive $install; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        return 1
    fi
    rm -f "$log"
}
