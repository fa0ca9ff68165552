#!/usr/bin/env bash
# ClickHouse's engine for tests and for trying things out: the library chdb behind a small HTTP server (dev/scripts/clickhouse), on a
# free port of 127.0.0.1, in a folder of its own that is removed at the end, with a password of its own. Prints its address with
# user and password, and runs until its standard input ends. Node is Debian's; the library, of some 500 MB, comes from npm.
#
#   dev/scripts/clickhouse.sh                       as above
#   dev/scripts/clickhouse.sh FOLDER PORT PASSWORD  keeps its data in FOLDER: run again, it has them again
set -euo pipefail
cd "$(dirname "$0")/clickhouse"

fail() { echo "clickhouse.sh: $*" >&2; exit 1; }

command -v node >/dev/null || ../debian.sh nodejs
command -v npm >/dev/null || ../debian.sh npm
(
  flock 9 # several tests may start at the same time
  if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    # Not npm ci: it fails where a registry lacks the library for systems other than this one.
    npm install --no-save --silent --no-audit --no-fund >&2 || fail "npm install failed"
    touch node_modules/.package-lock.json
  fi
) 9>"${TMPDIR:-/tmp}/headgate-clickhouse-$(id -u).lock"

folder=${1:-}
if [ -z "$folder" ]; then
  folder=$(mktemp -d "${TMPDIR:-/tmp}/headgate-clickhouse.XXXXXX")
  trap 'rm -rf "$folder"' EXIT
fi
port=${2:-0}
password=${3:-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')}
node serve.mjs "$folder/data" headgate "$password" "$port" | sed -u "s|^http://|http://headgate:$password@|"
