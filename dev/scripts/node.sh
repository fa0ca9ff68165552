#!/usr/bin/env bash
# A program in Node, which is Debian's, with libraries from npm as its folder's package-lock.json says.
#
#   dev/scripts/node.sh FOLDER PROGRAM [ARGUMENT...]      FOLDER below tests/
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)
cd "$scripts/../../tests/$1"
shift

fail() { echo "node.sh: $*" >&2; exit 1; }

command -v node >/dev/null || "$scripts/debian.sh" nodejs
command -v npm >/dev/null || "$scripts/debian.sh" npm
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --silent --ignore-scripts --no-audit --no-fund >&2 || fail "npm ci failed"
fi
exec node "$@"
