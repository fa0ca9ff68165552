#!/usr/bin/env bash
# The console's pages and the browser script, into console/web/built and scripts/own/built.
#
#   dev/scripts/pages.sh           build them
#   dev/scripts/pages.sh check     only check their types
#
# Their libraries come from npm, which is Debian's, as console/web/package-lock.json says.
set -euo pipefail
cd "$(dirname "$0")/../.."

fail() { echo "pages.sh: $*" >&2; exit 1; }

web=console/web
if [ ! -e $web/node_modules/.package-lock.json ] || [ $web/package-lock.json -nt $web/node_modules/.package-lock.json ]; then
  if ! command -v npm >/dev/null; then
    dev/scripts/debian.sh npm || fail "or run go build alone, which makes a binary without the pages"
  fi
  npm --prefix $web ci --silent --ignore-scripts --no-audit --no-fund >&2 || fail "npm ci failed"
fi
if [ "${1:-}" = check ]; then
  npm --prefix $web run --silent check
  exec $web/node_modules/.bin/tsc --project sdk
fi
exec go run ./dev/pages
