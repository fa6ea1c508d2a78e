#!/bin/sh
# Bring what the tests need beyond Python packages: PostgreSQL, Jekyll, feed readers, web servers, OpenSSL.
set -eu

. "$(dirname "$0")/packages.sh"
want '/usr/lib/postgresql/*/bin/initdb' postgresql
want jekyll jekyll ruby-jekyll-feed
want '/usr/share/rubygems-integration/all/gems/jekyll-feed-*' ruby-jekyll-feed
want openssl openssl
want newsboat newsboat
want chromium chromium
want /usr/sbin/nginx nginx-light
want caddy caddy
want r2e rss2email
want sfeed sfeed
want xmllint libxml2-utils
want node nodejs
want npm npm
install_missing "The tests need"
