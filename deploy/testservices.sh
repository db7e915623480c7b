#!/usr/bin/env bash
# Runs a command with DATABASE_URL pointing at a private PostgreSQL: `testservices.sh CMD [ARG…]`.
#
# The server listens on a unix socket in a directory of its own, and is stopped and removed with it when the command
# ends, however it ends. A TEST_DATABASE_URL already given is used instead. A missing server is installed where apt-get
# may do so. Where none can be had, the command is left out and a frame says so; with CI=true that is a failure.
set -euo pipefail
[ $# -gt 0 ] || { echo "usage: testservices.sh CMD [ARG…]" >&2; exit 64; }

framed() {
    local line
    printf '\n%s\n' "######################################################################" >&2
    for line in "$@"; do printf '#  %s\n' "$line" >&2; done
    printf '%s\n\n' "######################################################################" >&2
}

if [ -n "${TEST_DATABASE_URL:-}" ]; then
    echo "On the database that TEST_DATABASE_URL names"
    DATABASE_URL=$TEST_DATABASE_URL exec "$@"
fi

# The folder of the newest server's programs; POSTGRESQL_BIN names another one.
programs() {
    local each newest=""
    if [ -n "${POSTGRESQL_BIN:-}" ]; then
        newest=$POSTGRESQL_BIN
    else
        for each in $(printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin | sort -V); do
            if [ -x "$each/initdb" ]; then newest=$each; fi
        done
        if [ -z "$newest" ] && command -v initdb >/dev/null; then newest=$(dirname "$(command -v initdb)"); fi
    fi
    [ -n "$newest" ] && [ -x "$newest/initdb" ] && [ -x "$newest/pg_ctl" ] && echo "$newest"
}

install_server() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    echo "PostgreSQL is missing: installing it with apt-get"
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql; } \
        </dev/null >/dev/null
}

left_out() {
    framed "LEFT OUT: nothing was run on PostgreSQL." \
        "Not run: $*" \
        "Why: $reason" \
        "Install PostgreSQL 15 or newer, or name a server in TEST_DATABASE_URL."
    [ "${CI:-}" != true ] || exit 1
    exit 0
}

reason="no server was found, and it could not be installed (that takes root and apt-get)."
bin=$(programs) || { [ -z "${POSTGRESQL_BIN:-}" ] && install_server && bin=$(programs); } || left_out "$@"

# A server refuses to run as root, so root hands it to the user postgres.
as_server=()
if [ "$(id -u)" = 0 ]; then
    reason="the user postgres, as whom root would start the server, does not exist."
    id postgres >/dev/null 2>&1 || left_out "$@"
    as_server=(runuser -u postgres --)
fi

dir=$(mktemp -d)
# A socket's path may have about 100 characters, and the server's user must be able to walk to it.
reachable() { [ ${#dir} -le 80 ] && "${as_server[@]}" test -x "$dir"; }
chmod 711 "$dir"
reachable || { rmdir "$dir"; dir=$(TMPDIR=/tmp mktemp -d); chmod 711 "$dir"; }

child=""
finish() {
    trap '' INT TERM HUP
    if [ -n "$child" ]; then kill -TERM "$child" 2>/dev/null && wait "$child" || true; fi
    if [ -f "$dir/server/data/postmaster.pid" ]; then
        "${as_server[@]}" "$bin/pg_ctl" -D "$dir/server/data" -w -s -m immediate stop >/dev/null 2>&1 || true
    fi
    rm -rf "$dir"
}
trap finish EXIT
trap 'exit 129' HUP
trap '[ -z "$child" ] || wait "$child" || true; child=""; exit 130' INT # Ctrl-C reaches the command by itself
trap 'exit 143' TERM

mkdir -m 700 "$dir/server"
if [ ${#as_server[@]} -gt 0 ]; then chown postgres: "$dir/server"; fi
start() {
    cd "$dir"
    "${as_server[@]}" mkdir -m 700 "$dir/server/socket"
    "${as_server[@]}" "$bin/initdb" -D "$dir/server/data" -U app -A trust -E UTF8 --locale=C.UTF-8 --no-sync
    "${as_server[@]}" "$bin/pg_ctl" -D "$dir/server/data" -w -s -l "$dir/server/log" -o \
        "-k $dir/server/socket -c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off" start
    "${as_server[@]}" "$bin/createdb" -h "$dir/server/socket" -U app app
}
# Not inside an `if`, where bash would carry on after a failed line.
set +e
(set -e; start) </dev/null >"$dir/start.log" 2>&1
started=$?
set -e
if [ $started -ne 0 ]; then
    cat "$dir/start.log" "$dir/server/log" >&2 2>/dev/null || true
    reason="the server in $bin did not start; its own words stand above."
    left_out "$@"
fi

echo "On a private PostgreSQL: $("$bin/postgres" --version)"
export DATABASE_URL="postgres://app@/app?host=$dir/server/socket"
# In the background, so that a signal to this script ends the command at once; with its input and its Ctrl-C kept.
keep=()
if env --default-signal=INT true 2>/dev/null; then keep=(env --default-signal=INT,QUIT); fi
"${keep[@]}" "$@" <&0 &
child=$!
code=0
wait "$child" || code=$?
child=""
exit "$code"
