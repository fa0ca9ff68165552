#!/usr/bin/env bash
# Every screen of the console with many events stored, at each size and scheme, and how long people wait there: what `make test` does
# with a few. EVENTS says how many (a million). The pictures are below _artifacts. Takes some minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."

dev/scripts/pages.sh >&2
HEADGATE_CONSOLE_EVENTS=${EVENTS:-1000000} go test ./tests/console -run TestEveryScreen -count 1 -timeout 60m -v -artifacts
