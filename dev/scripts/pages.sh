#!/usr/bin/env bash
# The console's pages and the browser script, into console/web/built and scripts/own/built.
#
#   dev/scripts/pages.sh           build them
#   dev/scripts/pages.sh check     only check their types
#
# Their libraries come from npm, as console/web/package-lock.json says. npm is Debian's: when it is not there and we are root,
# it is installed.
set -euo pipefail
cd "$(dirname "$0")/../.."

fail() { echo "pages.sh: $*" >&2; exit 1; }

web=console/web
if [ ! -e $web/node_modules/.package-lock.json ] || [ $web/package-lock.json -nt $web/node_modules/.package-lock.json ]; then
  if ! command -v npm >/dev/null; then
    [ "$(id -u)" = 0 ] || fail "npm is not installed; run: apt-get install npm, or go build alone, which makes a binary without the pages"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends npm; } >&2 || fail "npm could not be installed"
  fi
  npm --prefix $web ci --silent --ignore-scripts --no-audit --no-fund >&2 || fail "npm ci failed"
fi
if [ "${1:-}" = check ]; then
  npm --prefix $web run --silent check
  exec $web/node_modules/.bin/tsc --project sdk
fi
exec go run ./dev/pages
