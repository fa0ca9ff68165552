# `make` prints what there is to make.
.DEFAULT_GOAL := help
.PHONY: help run build pages test stores screens lint check docs bench bench-insight bench-search abuse soak fuzz sbom chart release

export CGO_ENABLED := 0

help: ## print this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## build and start Headgate with the example's configuration
	./headgate serve --config config.example.yaml

build: pages ## build ./headgate, with the browser script and the console's pages
	go build -trimpath -o headgate .

pages: ## build the browser script and the console's pages, which the next go build embeds
	dev/scripts/pages.sh

test: ## all tests, with what they need started beside them, and the race detector
	dev/scripts/test.sh $(ARGS)

stores: ## EVENTS (default 200,000) into every store that can run beside Headgate, each of them killed once and Headgate five times
	dev/scripts/stores.sh $(ARGS)

screens: ## every screen of the console with EVENTS (default a million) stored, and how long people wait there
	dev/scripts/screens.sh

lint: ## gofmt, go vet, golangci-lint, the types of the pages, the import rules and known vulnerabilities
	dev/scripts/lint.sh

check: build ## the example's configuration and its cases, the reference and the notices: nothing wrong, nothing stale
	./headgate check --config config.example.yaml
	./headgate test --config config.example.yaml
	./headgate docs --check
	go run ./dev/scripts/notices -check

docs: build ## write docs/reference and THIRD_PARTY_NOTICES.md
	./headgate docs
	go run ./dev/scripts/notices

bench: ## measure this machine: Go benchmarks, then a load: of the harness beside the project, or a smaller one of its own; ARGS=-faults for more
	go run ./dev/bench $(ARGS)

bench-insight: ## questions about ten million events on one core, then how soon the real program has counted an event; ARGS=-month none for that only
	go run ./dev/bench/insight $(ARGS)

bench-search: ## searches over EVENTS (default ten million) stored events, which take their space in TMPDIR and some minutes to be written
	HEADGATE_SEARCH_EVENTS=$${EVENTS:-10000000} go test ./proxy/find -run '^$$' -bench BenchmarkSearch -benchtime 5x -timeout 60m

abuse: build ## attack ./headgate over loopback and measure what it costs; ARGS=-short for half a minute
	go run ./dev/bench/abuse $(ARGS)

soak: build ## an hour of hits, of which two of five destinations fail now and then, within a bound of memory; ARGS="-for 5m" for less
	go run ./dev/bench/soak $(ARGS)

fuzz: ## every fuzz test for FUZZTIME (default 30s)
	dev/scripts/fuzz.sh

sbom: build ## write headgate.cdx.json, the modules inside ./headgate in CycloneDX's JSON
	go run github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0 bin -json -std -version "$$(git describe --tags --always --dirty)" -output headgate.cdx.json headgate

chart: ## check the Helm chart with Helm's own library
	go -C dev/chart run . "$(CURDIR)/deploy/helm"

release: ## into dist/: the program, Debian packages, the chart, the list of modules and checksums; VERSION=1.2.3
	dev/scripts/release.sh
