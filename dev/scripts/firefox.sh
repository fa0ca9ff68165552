#!/usr/bin/env bash
# Firefox, driven by a folder's firefox.mjs: a line of JSON in, a line of JSON out, until standard input ends.
#
#   dev/scripts/firefox.sh FOLDER        below tests/
#
# Firefox is Debian's. node.sh runs the driver.
set -euo pipefail

find_firefox() { command -v firefox-esr || command -v firefox || true; }

[ -n "$(find_firefox)" ] || "$(dirname "$0")/debian.sh" firefox-esr
exec "$(dirname "$0")/node.sh" "$1" firefox.mjs "$(find_firefox)"
