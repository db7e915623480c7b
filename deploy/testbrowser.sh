#!/usr/bin/env bash
# Runs a command with CHROMIUM naming a Chromium that can show Chinese: `testbrowser.sh CMD [ARG…]`.
#
# A CHROMIUM already given is used instead. A missing browser or font is installed where apt-get may do so. Where none
# can be had, the command is left out and a frame says so; with CI=true that is a failure.
set -euo pipefail
[ $# -gt 0 ] || { echo "usage: testbrowser.sh CMD [ARG…]" >&2; exit 64; }

browser() { # the path of the program
    if [ -n "${CHROMIUM:-}" ]; then command -v "$CHROMIUM"; return; fi
    command -v chromium || command -v chromium-browser || command -v google-chrome
}
font() { command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh)" ]; }

missing=()
browser >/dev/null || missing+=(chromium)
font || missing+=(fontconfig fonts-noto-cjk)
if [ ${#missing[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Missing for the browser tests: ${missing[*]}; installing with apt-get"
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } \
        </dev/null >/dev/null || true
fi
if ! browser >/dev/null || ! font; then
    printf '\n%s\n' "######################################################################" >&2
    printf '#  %s\n' "LEFT OUT: nothing was run in a browser." "Not run: $*" \
        "Why: Chromium or a Chinese font was not found, and could not be installed (that takes root and apt-get)." \
        "Install chromium and fonts-noto-cjk, or name a Chromium in CHROMIUM." >&2
    printf '%s\n\n' "######################################################################" >&2
    [ "${CI:-}" != true ] || exit 1
    exit 0
fi
CHROMIUM=$(browser)
export CHROMIUM
echo "In a browser: $("$CHROMIUM" --version 2>/dev/null)"
exec "$@"
