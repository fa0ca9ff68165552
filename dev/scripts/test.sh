#!/usr/bin/env bash
# All tests. PostgreSQL runs beside them (dev/scripts/postgres.sh); what runs in many goroutines is tested once more with
# the race detector, which needs a C compiler.
#
#   dev/scripts/test.sh          prints a line per package
#   dev/scripts/test.sh -json    prints what `go test -json` prints, for .ci/run
set -euo pipefail
cd "$(dirname "$0")/../.."

# Two packages at a time: they start servers of their own.
flags=(-p 2 -timeout 20m "$@")
concurrent=(./kernel/ ./enrich/... ./consent/ ./scripts/ ./queue/... ./destinations/... ./proxy/... ./subjects/... ./console/... ./insight/store/ ./insight/terms/ ./alerts/...)

dev/scripts/pages.sh >&2 # the tests look at them
go vet ./...
dev/scripts/postgres.sh go test "${flags[@]}" ./...
if command -v gcc >/dev/null || command -v clang >/dev/null; then
  CGO_ENABLED=1 dev/scripts/postgres.sh go test -race "${flags[@]}" "${concurrent[@]}"
  CGO_ENABLED=1 go test -race -short "${flags[@]}" ./insight/ # fewer random visitors: all of them were counted above
else
  echo "test.sh: no C compiler, so no race detector; run: apt-get install gcc libc6-dev" >&2
  exit 1
fi
