package events

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"headgate/commands/cli"
	"headgate/proxy/status"
)

func TestATerminalIsNotSteeredByWhatAVendorSays(t *testing.T) {
	var out bytes.Buffer
	w := cli.NewWorld(context.Background(), strings.NewReader(""), &out, &out, "")
	status := &status.Status{Destinations: map[string]status.Destination{"meta": {LastError: "no\x1b[2J\nforged"}}}
	if err := account(w, status); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); strings.Contains(got, "\x1b") || strings.Contains(got, "\nforged") || !strings.Contains(got, `no\x1b[2J\x0aforged`) {
		t.Errorf("it prints %q", got)
	}
}
