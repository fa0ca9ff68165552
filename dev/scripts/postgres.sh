#!/usr/bin/env bash
# A private PostgreSQL for tests and for trying things out: on a free port of 127.0.0.1, in a folder of its own that is
# removed at the end, with a password of its own, as an unprivileged user.
#
#   dev/scripts/postgres.sh COMMAND...   runs the command with its address in HEADGATE_TEST_POSTGRES, then stops it
#   dev/scripts/postgres.sh              prints the address and runs until its standard input ends or it is stopped
#
# PostgreSQL itself is Debian's.
set -euo pipefail

fail() { echo "postgres.sh: $*" >&2; exit 1; }

# find_programs prints the folder of initdb and pg_ctl, of the newest version there is.
find_programs() {
  local found
  found=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  if [ -x "$found/initdb" ]; then echo "$found"; return; fi
  if command -v initdb >/dev/null && command -v pg_ctl >/dev/null; then dirname "$(command -v initdb)"; fi
}

programs=$(find_programs)
if [ -z "$programs" ]; then
  "$(dirname "$0")/debian.sh" postgresql
  programs=$(find_programs)
fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/headgate-postgres.XXXXXX")
password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '%s\n' "$password" >"$folder/password"

# PostgreSQL refuses to run as root.
as=()
if [ "$(id -u)" = 0 ]; then
  user=postgres
  id "$user" >/dev/null 2>&1 || user=nobody
  chown -R "$user" "$folder"
  as=(setpriv --reuid "$(id -u "$user")" --regid "$(id -g "$user")" --clear-groups)
fi
# The server must outlive a Ctrl-C sent to us, so that it is us who stop it: hence a session of its own.
run() { (cd "$folder" && setsid --wait "${as[@]}" "$@" </dev/null); }

# shellcheck disable=SC2317 # called by the trap
stop() {
  status=$?
  trap - EXIT INT TERM HUP
  run "$programs/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
  rm -rf "$folder"
  exit "$status"
}
trap stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

run "$programs/initdb" -D "$folder/data" -U headgate -A scram-sha-256 --pwfile "$folder/password" -E UTF8 --locale C \
  --no-sync --no-instructions >"$folder/initdb.log" 2>&1 || fail "initdb: $(tail -n 5 "$folder/initdb.log")"

# A free port can be taken between looking and listening, so a few are tried.
port=
for _ in 1 2 3 4 5 6 7 8; do
  try=$((20000 + RANDOM % 12000))
  if (: <"/dev/tcp/127.0.0.1/$try") 2>/dev/null; then continue; fi
  if run "$programs/pg_ctl" -D "$folder/data" -w -t 60 -l "$folder/server.log" start -o "-p $try -k '$folder' \
      -c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=32MB" \
      >/dev/null 2>&1; then
    port=$try
    break
  fi
done
[ -n "$port" ] || fail "the server did not start: $(tail -n 5 "$folder/server.log")"

address="postgres://headgate:$password@127.0.0.1:$port/postgres?sslmode=disable"
if [ $# -gt 0 ]; then
  HEADGATE_TEST_POSTGRES=$address "$@"
else
  echo "$address"
  cat <&0 >/dev/null & # in the background, so that a signal is not kept waiting
  wait $! || true
fi
