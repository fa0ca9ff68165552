#!/usr/bin/env bash
# Every fuzz test of the module, one after the other, each for FUZZTIME. A failing input is kept in the package's
# testdata/fuzz, where `go test` runs it from then on.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${FUZZTIME:-30s}

count=0
while IFS=: read -r file line; do
  name=$(sed -E 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/' <<<"$line")
  printf '%-28s %s\n' "$name" "$(dirname "$file")"
  go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" -parallel 2 "./$(dirname "$file")" | grep -vE '^(fuzz: elapsed|PASS$)' || {
    [ "${PIPESTATUS[0]}" = 0 ] # grep finds nothing to print when all is well
  }
  count=$((count + 1))
done < <(git grep -E '^func Fuzz[A-Za-z0-9_]*\(' -- '*_test.go')
echo "$count fuzz tests, $time each"
[ "$count" -gt 0 ]
