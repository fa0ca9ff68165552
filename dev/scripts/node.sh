#!/usr/bin/env bash
# A program in Node, with libraries from npm as its folder's package-lock.json says.
#
#   dev/scripts/node.sh FOLDER PROGRAM [ARGUMENT...]      FOLDER below tests/
#
# Node is Debian's: when it is not there and we are root, it is installed.
set -euo pipefail
cd "$(dirname "$0")/../../tests/$1"
shift

fail() { echo "node.sh: $*" >&2; exit 1; }

need() { # program, Debian's package
  [ "$(id -u)" = 0 ] || fail "$1 is not installed; run: apt-get install $2"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2"; } >&2 \
    || fail "$2 could not be installed"
}

command -v node >/dev/null || need node nodejs
command -v npm >/dev/null || need npm npm
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --silent --ignore-scripts --no-audit --no-fund >&2 || fail "npm ci failed"
fi
exec node "$@"
