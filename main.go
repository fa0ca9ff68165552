// Command headgate is a first-party, server-side tag manager: browsers' hits come in, consent and rules decide, and events
// go out to analytics, ad platforms and warehouses.
package main

import (
	"os"
	_ "time/tzdata" // formulas name time zones, and containers have none

	"headgate/commands"
)

func main() { os.Exit(commands.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
