#!/usr/bin/env bash
# Formatting, go vet, golangci-lint (built from tools/go.mod) and the import rules.
set -euo pipefail
cd "$(dirname "$0")/.."

unformatted=$(git ls-files '*.go' | xargs gofmt -l)
if [ -n "$unformatted" ]; then
  printf 'lint.sh: run gofmt -w on:\n%s\n' "$unformatted" >&2
  exit 1
fi
go vet ./...
go test ./imports_test.go
# The linter is a module of its own, so that nothing it needs is ours; it must run in our folder.
linter=$(mktemp -d)
trap 'rm -rf "$linter"' EXIT
go -C tools build -o "$linter/golangci-lint" github.com/golangci/golangci-lint/v2/cmd/golangci-lint
"$linter/golangci-lint" run ./...
