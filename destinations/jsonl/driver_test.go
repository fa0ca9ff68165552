package jsonl_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"go.uber.org/goleak"

	"headgate/destinations"
	"headgate/destinations/conformance"
	"headgate/destinations/files/filestest"
	"headgate/destinations/jsonl"
	"headgate/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAFolderConforms(t *testing.T) {
	for _, compression := range []string{"gzip", "zstd", "none"} {
		t.Run(compression, func(t *testing.T) {
			conformance.Run(t, func(t *testing.T) conformance.Store {
				to := t.TempDir()
				return conformance.Store{
					Open: func(t *testing.T) *destinations.Destination {
						d, ms := conformance.Open(t, "jsonl", jsonl.NewDriver, fmt.Sprintf("{to: %q, compression: %s}", to, compression))
						if len(ms) > 0 {
							t.Fatal(ms)
						}
						return d
					},
					Rows: func(t *testing.T) (rows []event.Map) {
						names, bodies := filestest.Folder(t, to)
						for i := range names {
							rows = append(rows, read(t, names[i], bodies[i])...)
						}
						return rows
					},
				}
			})
		})
	}
}

// read returns the lines of a file.
func read(t *testing.T, name string, file []byte) (rows []event.Map) {
	t.Helper()
	var r io.Reader = bytes.NewReader(file)
	var err error
	switch {
	case strings.HasSuffix(name, ".jsonl.gz"):
		r, err = gzip.NewReader(r)
	case strings.HasSuffix(name, ".jsonl.zst"):
		var z *zstd.Decoder
		z, err = zstd.NewReader(r)
		defer z.Close()
		r = z
	case !strings.HasSuffix(name, ".jsonl"):
		t.Fatal(name)
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		v, err := event.ParseJSON(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		rows = append(rows, v.Object())
	}
	return rows
}

func TestDecisionsAreLinesOfTheirOwn(t *testing.T) {
	to := t.TempDir()
	d, ms := conformance.Open(t, "jsonl", jsonl.NewDriver, fmt.Sprintf("{to: %q, decisions: true, compression: none}", to))
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	batch := conformance.Batch(1, 1)
	batch[0].Consent = &event.Record{Rule: "europe", Model: "opt_in", Signals: []event.Signal{{Source: "gpc", Name: "Sec-GPC", Value: "1", Says: "opt-out"}}}
	batch[0].Outcomes = []event.Outcome{{Destination: "meta", Action: event.Deny, Reason: event.OptedOutGPC, Because: "opted out"}}
	if v := d.Deliver(t.Context(), batch); v[0].Kind != destinations.Delivered {
		t.Fatal(v)
	}
	names, bodies := filestest.Folder(t, to)
	if len(names) != 2 || !strings.HasPrefix(names[1], "decisions/date=2026-11-22/") {
		t.Fatal(names)
	}
	const want = `{"event_id":"g1-0","event_name":"page_view","time":"2026-11-22T12:00:00.000Z","received":"2026-11-22T12:00:00.000Z","destination":"meta","action":"deny",` +
		`"reason":"opted_out_gpc","because":"opted out","rule":"europe","model":"opt_in","monitor":false,"signals":[{"source":"gpc","name":"Sec-GPC","says":"opt-out"}]}` + "\n"
	if string(bodies[1]) != want {
		t.Errorf("%s, want\n%s", bodies[1], want)
	}
}
