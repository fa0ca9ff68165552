#!/usr/bin/env bash
# Chromium, driven by a folder's drive.mjs: a line of JSON in, a line of JSON out, until standard input ends.
#
#   dev/scripts/browser.sh [FOLDER]      below tests/, browser by default
#
# Chromium is Debian's: when it is not there and we are root, it is installed. node.sh runs the driver.
set -euo pipefail

fail() { echo "browser.sh: $*" >&2; exit 1; }

find_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome || true; }

if [ -z "$(find_chromium)" ]; then
  [ "$(id -u)" = 0 ] || fail "chromium is not installed; run: apt-get install chromium"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } >&2 \
    || fail "chromium could not be installed"
fi
exec "$(dirname "$0")/node.sh" "${1:-browser}" drive.mjs "$(find_chromium)"
