#!/usr/bin/env bash
# A private MariaDB for tests: on a free port of 127.0.0.1, in a folder of its own that is removed at the end, with a password of its
# own, as an unprivileged user. It prints its address and runs until its standard input ends or it is stopped.
#
#   dev/scripts/mariadb.sh           as above
#   dev/scripts/mariadb.sh --kept    what was committed survives when the server is killed, and it is started again then
#
# MariaDB itself is Debian's.
set -euo pipefail

kept=${1:-}
fail() { echo "mariadb.sh: $*" >&2; exit 1; }

PATH=$PATH:/usr/sbin
command -v mariadbd >/dev/null || "$(dirname "$0")/debian.sh" mariadb-server-core

folder=$(mktemp -d "${TMPDIR:-/tmp}/headgate-mariadb.XXXXXX")
password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')

# As root it would have to be told so, and would own files that the tests cannot remove.
as=()
if [ "$(id -u)" = 0 ]; then
  user=mysql
  id "$user" >/dev/null 2>&1 || user=nobody
  chown -R "$user" "$folder"
  as=(setpriv --reuid "$(id -u "$user")" --regid "$(id -g "$user")" --clear-groups)
fi

server=
# shellcheck disable=SC2317 # called by the trap
stop() {
  status=$?
  trap - EXIT INT TERM HUP
  if [ -n "$server" ]; then kill -KILL "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  rm -rf "$folder"
  exit "$status"
}
trap stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# What the server is made of and begins with: the tables of its own, and a user for us.
share=/usr/share/mysql
install="$folder/install.sql"
{
  printf '%s\n' 'CREATE DATABASE mysql;' 'USE mysql;'
  cat "$share/mysql_system_tables.sql" "$share/mysql_performance_tables.sql" "$share/mysql_system_tables_data.sql" 2>/dev/null
  printf '%s\n' 'CREATE DATABASE shop;' 'FLUSH PRIVILEGES;' "CREATE USER headgate@'127.0.0.1' IDENTIFIED BY '$password';" \
    "GRANT ALL ON *.* TO headgate@'127.0.0.1' WITH GRANT OPTION;"
} >"$install"
flush=0
if [ "$kept" = --kept ]; then flush=1; fi
options=(--no-defaults "--datadir=$folder/data" "--tmpdir=$folder" "--lc-messages-dir=$share" "--pid-file=$folder/pid" "--socket=$folder/socket"
  --innodb-buffer-pool-size=64M "--innodb-flush-log-at-trx-commit=$flush" --innodb-log-file-size=48M --skip-name-resolve)
(cd "$folder" && "${as[@]}" mkdir data && "${as[@]}" mariadbd "${options[@]}" --bootstrap <"$install" >bootstrap.log 2>&1) \
  || fail "bootstrap: $(tail -n 5 "$folder/bootstrap.log")"

# start runs the server in a session of its own, since it must outlive a Ctrl-C sent to us.
start() { # port
  (cd "$folder" && exec setsid "${as[@]}" mariadbd "${options[@]}" --bind-address=127.0.0.1 "--port=$1" >>server.log 2>&1 </dev/null) &
  server=$!
}

# A free port can be taken between looking and listening, so a few are tried.
port=
for _ in 1 2 3 4 5 6 7 8; do
  try=$((20000 + RANDOM % 12000))
  if (: <"/dev/tcp/127.0.0.1/$try") 2>/dev/null; then continue; fi
  start "$try"
  for _ in $(seq 600); do
    if ! kill -0 "$server" 2>/dev/null; then server=; break; fi
    if (: <"/dev/tcp/127.0.0.1/$try") 2>/dev/null; then port=$try; break; fi
    sleep 0.1
  done
  if [ -n "$port" ]; then break; fi
done
[ -n "$port" ] || fail "the server did not start: $(tail -n 5 "$folder/server.log")"

echo "mysql://headgate:$password@127.0.0.1:$port/shop"
cat <&0 >/dev/null & # in the background, so that a signal is not kept waiting
input=$!
while kill -0 "$input" 2>/dev/null; do
  if [ "$kept" = --kept ]; then
    kill -0 "$server" 2>/dev/null || start "$port"
    wait -n "$input" "$server" 2>/dev/null || true # bash would say that it was killed
  else
    wait "$input" || true
  fi
done
