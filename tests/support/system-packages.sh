#!/bin/sh
# Bring what the tests need beyond Python packages: PostgreSQL, Jekyll, feed readers, OpenSSL.
set -eu

missing=
want() { # want PROGRAM-OR-FILE PACKAGE...
    program=$1
    shift
    command -v "$program" >/dev/null 2>&1 && return
    for file in $program; do [ -e "$file" ] && return; done
    missing="$missing $*"
}
want '/usr/lib/postgresql/*/bin/initdb' postgresql
want jekyll jekyll ruby-jekyll-feed
want '/usr/share/rubygems-integration/all/gems/jekyll-feed-*' ruby-jekyll-feed
want openssl openssl
want newsboat newsboat
want chromium chromium
want /usr/sbin/nginx nginx-light
want r2e rss2email
want sfeed sfeed
want xmllint libxml2-utils
want node nodejs
want npm npm
[ -n "$missing" ] || exit 0

command -v apt-get >/dev/null 2>&1 || {
    echo "The tests need these programs, by their Debian names:$missing" >&2
    exit 1
}
install="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" = 0 ]; then
    sudo=
elif sudo -n true 2>/dev/null; then
    sudo="sudo -n"
else
    echo "The tests need more programs. Run this once: sudo $install" >&2
    exit 1
fi
echo "installing$missing"
log=$(mktemp)
if ! { $sudo apt-get update && $sudo env DEBIAN_FRONTEND=noninteractive $install; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    exit 1
fi
rm -f "$log"
