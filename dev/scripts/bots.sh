#!/usr/bin/env bash
# Renews enrich/bots/bots.txt and its licence from the npm package crawler-user-agents:
#
#   dev/scripts/bots.sh [VERSION]
#
# The version is also named in dev/scripts/notices/main.go.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=${1:-1.60.0}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

(cd "$folder" && npm pack --silent "crawler-user-agents@$version" >/dev/null && tar xzf ./*.tgz)
cp "$folder/package/LICENSE" enrich/bots/bots.license
node -e '
  const list = JSON.parse(require("fs").readFileSync(process.argv[1]));
  const library = (e) => (e.tags || []).includes("http-library");
  const lines = (which) => list.filter(which).map((e) => e.pattern);
  console.log([
    "# crawler-user-agents " + process.argv[2] + ", MIT License, Copyright (c) 2017 Martin Monperrus",
    "# https://github.com/monperrus/crawler-user-agents; one regular expression a line, made by dev/scripts/bots.sh",
    "[http-library]", ...lines(library),
    "[crawler]", ...lines((e) => !library(e)),
  ].join("\n"));
' "$folder/package/crawler-user-agents.json" "$version" >enrich/bots/bots.txt
