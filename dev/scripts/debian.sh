#!/usr/bin/env bash
# Debian's programs, for what needs them:
#
#   dev/scripts/debian.sh PACKAGE...
#
# Packages that are not installed are, when we are root, without starting the services that come with them. Else it says what to run.
set -euo pipefail

missing=()
for package in "$@"; do
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

fail() { echo "debian.sh: ${missing[*]} $*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || fail "not installed; run: apt-get install ${missing[*]}"
exec 9>"${TMPDIR:-/tmp}/headgate-debian.lock" # several tests may start at the same time
flock 9
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy" # no service may be started
  chmod +x "$policy"
fi
{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >&2 \
  || fail "could not be installed"
