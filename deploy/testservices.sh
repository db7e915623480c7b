#!/usr/bin/env bash
# Runs a command with DATABASE_URL pointing at a private PostgreSQL, and REDIS_URL at a private Redis:
# `testservices.sh CMD [ARG…]`.
#
# Both listen on unix sockets in a directory of their own, and are stopped and removed with it when the command ends,
# however it ends. A TEST_DATABASE_URL or TEST_REDIS_URL already given is used instead. A missing server is installed
# where apt-get may do so. Where none can be had, the command is left out and a frame says so; with CI=true that is a
# failure.
set -euo pipefail
[ $# -gt 0 ] || { echo "usage: testservices.sh CMD [ARG…]" >&2; exit 64; }

framed() {
    local line
    printf '\n%s\n' "######################################################################" >&2
    for line in "$@"; do printf '#  %s\n' "$line" >&2; done
    printf '%s\n\n' "######################################################################" >&2
}

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
    echo "$1 is missing: installing it with apt-get"
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$1"; } \
        </dev/null >/dev/null
}

left_out() {
    framed "LEFT OUT: nothing was run on PostgreSQL and Redis." \
        "Not run: $*" \
        "Why: $reason" \
        "Install PostgreSQL 15 or newer and redis-server, or name them in TEST_DATABASE_URL and TEST_REDIS_URL."
    [ "${CI:-}" != true ] || exit 1
    exit 0
}

reason="no redis-server was found, and it could not be installed (that takes root and apt-get)."
if [ -z "${TEST_REDIS_URL:-}" ]; then
    command -v redis-server >/dev/null || { install_server redis-server && command -v redis-server >/dev/null; } || left_out "$@"
fi
reason="no PostgreSQL was found, and it could not be installed (that takes root and apt-get)."
if [ -z "${TEST_DATABASE_URL:-}" ]; then
    bin=$(programs) || { [ -z "${POSTGRESQL_BIN:-}" ] && install_server postgresql && bin=$(programs); } || left_out "$@"
fi

# PostgreSQL refuses to run as root, so root hands it to the user postgres.
as_server=()
if [ "$(id -u)" = 0 ] && [ -z "${TEST_DATABASE_URL:-}" ]; then
    reason="the user postgres, as whom root would start the server, does not exist."
    id postgres >/dev/null 2>&1 || left_out "$@"
    as_server=(runuser -u postgres --)
fi

dir=$(mktemp -d)
# A socket's path may have about 100 characters, and the server's user must be able to walk to it.
reachable() { [ ${#dir} -le 80 ] && "${as_server[@]}" test -x "$dir"; }
chmod 711 "$dir"
reachable || { rmdir "$dir"; dir=$(TMPDIR=/tmp mktemp -d); chmod 711 "$dir"; }

child="" redis=""
finish() {
    trap '' INT TERM HUP
    if [ -n "$child" ]; then kill -TERM "$child" 2>/dev/null && wait "$child" || true; fi
    if [ -n "$redis" ]; then kill -TERM "$redis" 2>/dev/null && wait "$redis" || true; fi
    if [ -f "$dir/server/data/postmaster.pid" ]; then
        "${as_server[@]}" "$bin/pg_ctl" -D "$dir/server/data" -w -s -m immediate stop >/dev/null 2>&1 || true
    fi
    rm -rf "$dir"
}
trap finish EXIT
trap 'exit 129' HUP
trap '[ -z "$child" ] || wait "$child" || true; child=""; exit 130' INT # Ctrl-C reaches the command by itself
trap 'exit 143' TERM

if [ -n "${TEST_REDIS_URL:-}" ]; then
    echo "On the Redis that TEST_REDIS_URL names"
    export REDIS_URL=$TEST_REDIS_URL
else
    redis-server --port 0 --unixsocket "$dir/redis.sock" --save '' --appendonly no --maxmemory-policy noeviction \
        --dir "$dir" </dev/null >"$dir/redis.log" 2>&1 &
    redis=$!
    reason="redis-server did not start; its own words stand above."
    for _ in $(seq 100); do [ ! -S "$dir/redis.sock" ] || break; sleep 0.05; done
    [ -S "$dir/redis.sock" ] || { cat "$dir/redis.log" >&2; left_out "$@"; }
    echo "On a private Redis: $(redis-server --version | cut -d ' ' -f 3)"
    export REDIS_URL="redis+socket://$dir/redis.sock"
fi

mkdir -m 700 "$dir/server"
if [ ${#as_server[@]} -gt 0 ]; then chown postgres: "$dir/server"; fi
start() {
    cd "$dir"
    "${as_server[@]}" mkdir -m 700 "$dir/server/socket"
    "${as_server[@]}" "$bin/initdb" -D "$dir/server/data" -U app -A trust -E UTF8 --locale=C.UTF-8 --no-sync
    "${as_server[@]}" "$bin/pg_ctl" -D "$dir/server/data" -w -s -l "$dir/server/log" -o \
        "-k $dir/server/socket -c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off ${POSTGRESQL_OPTIONS:-}" start
    "${as_server[@]}" "$bin/createdb" -h "$dir/server/socket" -U app app
}
# Not inside an `if`, where bash would carry on after a failed line.
set +e
[ -n "${TEST_DATABASE_URL:-}" ] || (set -e; start) </dev/null >"$dir/start.log" 2>&1
started=$?
set -e
if [ $started -ne 0 ]; then
    cat "$dir/start.log" "$dir/server/log" >&2 2>/dev/null || true
    reason="the server in $bin did not start; its own words stand above."
    left_out "$@"
fi

if [ -n "${TEST_DATABASE_URL:-}" ]; then
    echo "On the database that TEST_DATABASE_URL names"
    export DATABASE_URL=$TEST_DATABASE_URL
else
    echo "On a private PostgreSQL: $("$bin/postgres" --version)"
    export DATABASE_URL="postgres://app@/app?host=$dir/server/socket"
fi
# In the background, so that a signal to this script ends the command at once; with its input and its Ctrl-C kept.
keep=()
if env --default-signal=INT true 2>/dev/null; then keep=(env --default-signal=INT,QUIT); fi
"${keep[@]}" "$@" <&0 &
child=$!
code=0
wait "$child" || code=$?
child=""
exit "$code"
