#!/usr/bin/env bash
# What is given away, in dist/: the program for Linux on both kinds of machine, with the console's pages, a Debian package of each, the
# chart, the list of the modules inside (SBOM, CycloneDX) and the checksums.
#
#   VERSION=1.2.3 dev/scripts/release.sh      else what git describe says
set -euo pipefail
cd "$(dirname "$0")/../.."

export CGO_ENABLED=0
# What Debian takes for a version: digits first, and no hyphen that means another thing.
described=$(git describe --tags --always --dirty)
VERSION=${VERSION:-${described#v}}
case $VERSION in [0-9]*.[0-9]*) ;; *) VERSION=0.0.0~$VERSION ;; esac
export VERSION
rm -rf dist && mkdir dist

[ "${PAGES:-yes}" = no ] || dev/scripts/pages.sh
GOBIN=$PWD/dist go install github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.43.0
for ARCH in amd64 arm64; do
  export ARCH
  GOOS=linux GOARCH=$ARCH go build -trimpath -ldflags "-s -w -X headgate/commands.release=$VERSION" -o "dist/headgate-linux-$ARCH" .
  dist/nfpm package --config deploy/package/nfpm.yaml --packager deb --target dist/ >&2
done
rm dist/nfpm
if [ "$(go env GOHOSTOS)/$(go env GOHOSTARCH)" = linux/amd64 ]; then
  case $(dist/headgate-linux-amd64 version) in "headgate $VERSION"*) ;; *) echo "release.sh: the program does not say version $VERSION" >&2; exit 1 ;; esac
fi
go run github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0 bin -json -std -version "$VERSION" -output dist/headgate.cdx.json dist/headgate-linux-amd64
tar --sort=name --owner=0 --group=0 --mtime="@$(git log -1 --format=%ct)" -C deploy --transform 's,^helm,headgate,' -czf "dist/headgate-chart.tgz" helm
(cd dist && sha256sum -- * > SHA256SUMS)
ls -l dist
