package sdks_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"headgate/tests/trial"
)

// serverEvents is how many events each SDK for servers sends: 10,000 in all. RudderStack's writes its whole queue again with each
// event, and Snowplow's keeps 1,000.
var serverEvents = map[string]int{"segment": 2500, "rudderstack": 500, "posthog": 2500, "amplitude": 2500, "mixpanel": 1500, "snowplow": 500}

func TestServerSDKsLoseNothingWhileAnotherProcessTakesOver(t *testing.T) {
	sink := newSink(t)
	p := trial.New(t, strings.NewReplacer("%SINK%", sink.URL, "%MORE%", "").Replace(config))
	p.Start()
	counts, err := json.Marshal(serverEvents)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("../../dev/scripts/node.sh", "sdks/node", "send.mjs", p.Public, string(counts))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	if !said.Scan() || said.Text() != "half" {
		t.Fatalf("it says %q", said.Text())
	}
	if _, err := io.WriteString(in, "go\n"); err != nil {
		t.Fatal(err)
	}
	p.TakeOver() // while all of them send
	for said.Scan() {
		if said.Text() != "done" {
			t.Errorf("it says %q", said.Text())
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	p.Drained()
	for name, n := range serverEvents {
		if came := sink.count(name); len(came) != n {
			t.Errorf("%s: of %d events %d came", name, n, len(came))
		} else if twice := repeated(came); len(twice) > 0 {
			t.Errorf("%s: came more than once: %v", name, twice)
		}
	}
}

// count returns how often each event of an SDK came, by its name.
func (s *sink) count(sdk string) map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := map[string]int{}
	for _, a := range s.came {
		if strings.HasPrefix(a.Name, sdk+"_") && !strings.Contains(a.Name, "extra") {
			counts[a.Name]++
		}
	}
	return counts
}

func repeated(counts map[string]int) (names []string) {
	for name, n := range counts {
		if n > 1 {
			names = append(names, fmt.Sprintf("%s %d times", name, n))
		}
	}
	return names
}
