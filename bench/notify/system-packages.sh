#!/bin/sh
# Bring what the delivery benchmarks need beyond Python packages: nginx, PostgreSQL, OpenSSL, and the peers' brokers.
set -eu

. "$(dirname "$0")/../../tests/support/packages.sh"
want '/usr/lib/postgresql/*/bin/initdb' postgresql
want /usr/sbin/nginx nginx-light
want openssl openssl
want redis-server redis-server
want '/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server' rabbitmq-server
install_missing "The delivery benchmarks need"
