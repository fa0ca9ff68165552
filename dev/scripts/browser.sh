#!/usr/bin/env bash
# Chromium, driven by a folder's drive.mjs: a line of JSON in, a line of JSON out, until standard input ends.
#
#   dev/scripts/browser.sh [FOLDER]      below tests/, browser by default
#
# Chromium is Debian's. node.sh runs the driver.
set -euo pipefail

find_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome || true; }

[ -n "$(find_chromium)" ] || "$(dirname "$0")/debian.sh" chromium
exec "$(dirname "$0")/node.sh" "${1:-browser}" drive.mjs "$(find_chromium)"
