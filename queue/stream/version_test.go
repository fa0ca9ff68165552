package stream

import (
	"os"
	"regexp"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
)

// TestTheServerIsTheReleaseThatWasChecked fails on purpose when nats-server is upgraded: see checkedServer.
func TestTheServerIsTheReleaseThatWasChecked(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	required := regexp.MustCompile(`(?m)^\s*github\.com/nats-io/nats-server/v2 v(\S+)`).FindSubmatch(mod)
	if required == nil {
		t.Fatal("go.mod does not require nats-server: the test looks in the wrong place")
	}
	for where, version := range map[string]string{"go.mod": string(required[1]), "the server itself": server.VERSION} {
		if version != checkedServer {
			t.Errorf("%s says nats-server %s, but this package relies on private details of %s: check them as the comment of checkedServer says",
				where, version, checkedServer)
		}
	}
}
