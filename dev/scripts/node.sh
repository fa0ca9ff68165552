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
(
  flock 9 # tests of two packages may use the same folder at the same time
  if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    npm ci --silent --ignore-scripts --no-audit --no-fund >&2
  fi
) 9>"${TMPDIR:-/tmp}/headgate-npm-$(id -u).lock" || fail "npm ci failed"
exec node "$@"
