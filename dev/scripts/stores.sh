#!/usr/bin/env bash
# Many events into each store, the fakes of those in a cloud too, killed in between: what `make test` does with 5,000 (tests/stores), and
# object storage is versitygw, which runs on a folder, in place of a fake. EVENTS says how many (200,000); further arguments go to go test:
# -run Cloud is a part of it. Takes some minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."

tools=$(mktemp -d "${TMPDIR:-/tmp}/headgate-stores.XXXXXX")
trap 'rm -rf "$tools"' EXIT
GOBIN=$tools go install github.com/versity/versitygw/cmd/versitygw@v1.8.0

HEADGATE_STORES_EVENTS=${EVENTS:-200000} HEADGATE_STORES_GATEWAY=$tools/versitygw \
  go test ./tests/stores -count 1 -timeout 60m -v "$@"
