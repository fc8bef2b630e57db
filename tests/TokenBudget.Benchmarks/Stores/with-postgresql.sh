#!/bin/sh
# Starts a throw-away PostgreSQL server that syncs to the disk as usual, runs a command with its connection string as the last argument, and leaves nothing behind:
#   sh tests/TokenBudget.Benchmarks/Stores/with-postgresql.sh dotnet run -c Release --project tests/TokenBudget.Benchmarks -- stores
set -eu
binaries=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -n "$binaries" ] || binaries=$(dirname "$(command -v postgres)")
folder=$(mktemp -d)
port=${PORT:-54329}
as=""
# The server refuses root.
if [ "$(id -u)" = 0 ]; then
    as="runuser -u postgres --"
    chown postgres "$folder"
fi
stop() {
    cd /
    (cd "$folder" && $as "$binaries/pg_ctl" -D data -m immediate stop >/dev/null) || true
    rm -rf "$folder"
}
trap stop EXIT
(
    cd "$folder"
    $as "$binaries/initdb" -D data -U bench -A trust -E UTF8 --locale=C >/dev/null
    $as "$binaries/pg_ctl" -D data -w -l data/log -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=" start >/dev/null
)
"$@" "Host=127.0.0.1;Port=$port;Username=bench;Database=postgres"
