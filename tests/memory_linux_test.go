package tests_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"headgate/document"
)

const twoVendors = oneVendor + `
  second: {use: webhook, consent: {needs: [analytics]}, settings: {url: "%SECOND%"}, delivery: {wait: 20ms}}
`

// TestMemoryStaysWithinWhatTheDocumentationSays is an outage, its backlog and a replay, against the figures of docs/memory.md.
func TestMemoryStaysWithinWhatTheDocumentationSays(t *testing.T) {
	t.Parallel()
	most, after := documentedMemory(t)
	v, second := newVendor(t), newVendor(t)
	p := newProcess(t, strings.NewReplacer("%VENDOR%", v.URL, "%SECOND%", second.URL).Replace(twoVendors))
	p.Start()
	start := p.memory("VmRSS")
	p.sendMany("before", 20_000)
	p.Drained()
	v.answer(http.StatusServiceUnavailable)
	p.sendMany("outage", 40_000)
	p.Drained("second")
	v.answer(0)
	p.Drained()
	p.replay("vendor")
	p.replay("second")
	p.Drained()
	if peak := p.memory("VmHWM"); peak > most {
		t.Errorf("%v resident, at most %v is documented", peak, most)
	}
	p.Until("gave memory back", func() bool { return p.memory("VmRSS") <= after })
	t.Logf("%v at the start, %v at most, %v in the end", start, p.memory("VmHWM"), p.memory("VmRSS"))
}

// documentedMemory reads the two figures: at most, and after an outage.
func documentedMemory(t *testing.T) (most, after document.Size) {
	t.Helper()
	text, err := os.ReadFile("../docs/memory.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`\*\*(\d+) MiB\*\*`).FindAllStringSubmatch(string(text), -1)
	if len(found) != 2 {
		t.Fatalf("docs/memory.md states %d figures, want 2", len(found))
	}
	size := func(i int) document.Size {
		n, err := strconv.Atoi(found[i][1])
		if err != nil {
			t.Fatal(err)
		}
		return document.Size(n << 20)
	}
	return size(0), size(1)
}

// memory is a line of /proc/PID/status: VmRSS is what is resident, VmHWM the most that ever was.
func (p *process) memory(line string) document.Size {
	p.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Pid()))
	if err != nil {
		p.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), line+":")
	var kib int64
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		p.t.Fatal(err)
	}
	return document.Size(kib << 10)
}

// sendMany posts events of 1 KB, a hundred in a request.
func (p *process) sendMany(name string, n int) {
	p.t.Helper()
	note := strings.Repeat("what a shop says ", 45)
	for i := 0; i < n; i += 100 {
		events := make([]string, 100)
		for k := range events {
			events[k] = fmt.Sprintf(`{"name":"purchase","id":"%s-%d","params":{"value":%d,"note":"%s"}}`, name, i+k, k, note)
		}
		p.post("[" + strings.Join(events, ",") + "]")
	}
}

// replay sends everything in the log to a destination again.
func (p *process) replay(to string) {
	p.t.Helper()
	resp := p.Send(http.MethodPost, "/api/replay", strings.NewReader(`{"to":"`+to+`"}`))
	defer func() { _ = resp.Body.Close() }()
	if said, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(said), `"done":true`) {
		p.t.Fatalf("replay to %s: %s %v", to, said, err)
	}
}
