#!/usr/bin/env bash
# Formatting, go vet, the types of the pages, the import rules, golangci-lint with gosec, and govulncheck (both built from dev/tools/go.mod). Without
# the database of vulnerabilities govulncheck is skipped, and says so.
set -euo pipefail
cd "$(dirname "$0")/../.."

unformatted=$(git ls-files '*.go' | xargs gofmt -l)
if [ -n "$unformatted" ]; then
  printf 'lint.sh: run gofmt -w on:\n%s\n' "$unformatted" >&2
  exit 1
fi
go vet ./...
dev/scripts/pages.sh check
go test ./tests/imports_test.go
# The tools are a module of their own, so that nothing they need is ours; they must run in our folder.
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
go -C dev/tools build -o "$tools/" github.com/golangci/golangci-lint/v2/cmd/golangci-lint golang.org/x/vuln/cmd/govulncheck
"$tools/golangci-lint" run ./...
dev/scripts/vulnerable.sh "$tools/govulncheck"
