#!/usr/bin/env bash
# Every fuzz test of the module, one after the other, each for FUZZTIME. A failing input is kept in the package's
# testdata/fuzz, where `go test` runs it from then on.
set -euo pipefail
cd "$(dirname "$0")/../.."
time=${FUZZTIME:-30s}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

fuzz() { # NAME FOLDER: what it says is in $log
  go test -run '^$' -fuzz "^$1\$" -fuzztime "$time" -parallel 2 "./$2" >"$log" 2>&1
}

# Before Go 1.27 the coordinator can take its own deadline for a failure: https://go.dev/issue/75804. Whatever a fuzz test
# finds comes with a failing input or a panic.
only_late() {
  grep -q '^    context deadline exceeded$' "$log" && ! grep -qE 'Failing input|panic|_test\.go:' "$log"
}

count=0
while IFS=: read -r file line; do
  name=$(sed -E 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/' <<<"$line")
  folder=$(dirname "$file")
  printf '%-28s %s\n' "$name" "$folder"
  fuzz "$name" "$folder" || { only_late && echo "ended late; once more" && fuzz "$name" "$folder"; } || {
    cat "$log"
    exit 1
  }
  grep '^ok' "$log"
  count=$((count + 1))
done < <(git grep -E '^func Fuzz[A-Za-z0-9_]*\(' -- '*_test.go')
echo "$count fuzz tests, $time each"
[ "$count" -gt 0 ]
