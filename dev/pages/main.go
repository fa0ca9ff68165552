// Command pages bundles what browsers load: the browser script, and the console's pages, console/web/main.tsx with all that it
// imports, into console/web/built. The binary embeds both. The libraries of the pages are in node_modules (dev/scripts/pages.sh gets
// them); `go run ./dev/pages script` bundles the browser script alone, which has none.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "pages:", err)
		os.Exit(1)
	}
}

func run() error {
	if err := buildScript(); err != nil || len(os.Args) > 1 && os.Args[1] == "script" {
		return err
	}
	return buildPages()
}
