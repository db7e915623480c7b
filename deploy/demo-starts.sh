#!/usr/bin/env bash
# Proves that `make run` starts the demo: waits for its sign-in page, then stops it. Exit 0 when the page answered.
# Wants a .venv (`make setup`).
set -euo pipefail
cd "$(dirname "$0")/.."
port=$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

set -m # a process group of its own, so that make, the server and what they started stop together
make run PORT="$port" </dev/null &
group=$!
set +m
trap 'kill -TERM -- -"$group" 2>/dev/null || true; wait "$group" 2>/dev/null || true' EXIT

page="http://127.0.0.1:$port/sign-in/"
for _ in $(seq 150); do
    kill -0 "$group" 2>/dev/null || { echo "make run ended by itself" >&2; exit 1; }
    if .venv/bin/python -c "import sys, urllib.request as u; sys.exit('演示账号' not in u.urlopen('$page', timeout=2).read().decode())" 2>/dev/null; then
        echo "The demo answers at $page"
        exit 0
    fi
    sleep 2
done
echo "The demo did not answer at $page within five minutes" >&2
exit 1
