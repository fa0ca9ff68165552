package conformance

import (
	"fmt"
	"net/url"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// Main runs the tests of a package with a server of dev/scripts that all of them share. begin gets its address, and returns what ends
// what it has begun.
func Main(m *testing.M, script string, begin func(server *url.URL) (end func())) {
	address, stop, err := Server(script)
	if err != nil {
		fmt.Fprintf(os.Stderr, "start a server with dev/scripts/%s: %v\n", script, err)
		os.Exit(1)
	}
	var status int
	server, err := url.Parse(address)
	if err != nil {
		fmt.Fprintf(os.Stderr, "dev/scripts/%s prints no address: %v\n", script, err)
		status = 1
	} else {
		end := begin(server)
		status = m.Run()
		end()
	}
	if err := stop(); err != nil && status == 0 {
		fmt.Fprintf(os.Stderr, "stop dev/scripts/%s: %v\n", script, err)
		status = 1
	}
	if err := goleak.Find(); err != nil && status == 0 {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}
