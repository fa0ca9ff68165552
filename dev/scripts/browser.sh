#!/usr/bin/env bash
# Chromium, driven by tests/browser/drive.mjs: a line of JSON in, a line of JSON out, until standard input ends.
#
# Chromium and Node are Debian's: when they are not there and we are root, they are installed. The library comes from npm, as
# tests/browser/package-lock.json says.
set -euo pipefail
cd "$(dirname "$0")/../../tests/browser"

fail() { echo "browser.sh: $*" >&2; exit 1; }

find_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome || true; }

need() { # program, Debian's package
  [ "$(id -u)" = 0 ] || fail "$1 is not installed; run: apt-get install $2"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2"; } >&2 \
    || fail "$2 could not be installed"
}

[ -n "$(find_chromium)" ] || need chromium chromium
command -v node >/dev/null || need node nodejs
command -v npm >/dev/null || need npm npm
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --silent --no-audit --no-fund >&2 || fail "npm ci failed"
fi
exec node drive.mjs "$(find_chromium)"
