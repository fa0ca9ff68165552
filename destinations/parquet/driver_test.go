package parquet_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"headgate/destinations"
	"headgate/destinations/conformance"
	"headgate/destinations/conformance/link"
	"headgate/destinations/files/filestest"
	"headgate/destinations/parquet"
	"headgate/destinations/parquet/parquettest"
	"headgate/event"
)

func destination(t testing.TB, settings string) *destinations.Destination {
	t.Helper()
	d, ms := conformance.Open(t, "parquet", parquet.NewDriver, settings)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	return d
}

func all(t testing.TB, names []string, bodies [][]byte) (rows []event.Map) {
	t.Helper()
	for i, name := range names {
		if strings.HasSuffix(name, ".parquet") && !strings.HasPrefix(name, "decisions/") {
			rows = append(rows, parquettest.Read(t, bodies[i])...)
		}
	}
	return rows
}

func TestAFolderConforms(t *testing.T) {
	conformance.Run(t, func(t *testing.T) conformance.Store {
		to := t.TempDir()
		return conformance.Store{
			Open: func(t *testing.T) *destinations.Destination { return destination(t, fmt.Sprintf("{to: %q}", to)) },
			Rows: func(t *testing.T) []event.Map { names, bodies := filestest.Folder(t, to); return all(t, names, bodies) },
		}
	})
}

func TestABucketConforms(t *testing.T) {
	conformance.Run(t, func(t *testing.T) conformance.Store {
		b := filestest.NewBucket(t)
		at := func(t *testing.T, url string) *destinations.Destination {
			return destination(t, fmt.Sprintf("{to: \"s3://%s/events\", endpoint: %q, access_key_id: k, secret_access_key: s}", filestest.Name, url))
		}
		return conformance.Store{
			Open: func(t *testing.T) *destinations.Destination { return at(t, b.URL) },
			Behind: func(t *testing.T) (*destinations.Destination, *link.Link) {
				l := link.New(t)
				return at(t, "http://"+l.To(t, strings.TrimPrefix(b.URL, "http://"))), l
			},
			Rows: func(t *testing.T) []event.Map { names, bodies := b.Files(t); return all(t, names, bodies) },
		}
	})
}

func TestAFileIsClosedByItsRowsAndItsSize(t *testing.T) {
	for _, c := range []struct {
		settings string
		files    int
	}{{"rows: 40", 3}, {"size: 1KiB", 1}, {"rows: 1000", 1}} {
		to := t.TempDir()
		d := destination(t, fmt.Sprintf("{to: %q, %s}", to, c.settings))
		for _, v := range d.Deliver(t.Context(), conformance.Batch(1, 100)) {
			if v.Kind != destinations.Delivered {
				t.Fatal(v)
			}
		}
		names, bodies := filestest.Folder(t, to)
		if len(names) != c.files || len(all(t, names, bodies)) != 100 {
			t.Errorf("%s: %d files", c.settings, len(names))
		}
	}
	to := t.TempDir()
	d := destination(t, fmt.Sprintf("{to: %q, size: 20KiB}", to))
	batch := conformance.Batch(1, 600)
	for i := range batch {
		for n := range 8 {
			batch[i].Event.Params.Set(fmt.Sprint(n), event.String(fmt.Sprintf("%x", time.Duration(i*7919+n*104729)*time.Hour)))
		}
	}
	d.Deliver(t.Context(), batch)
	if names, bodies := filestest.Folder(t, to); len(names) != 3 || len(all(t, names, bodies)) != 600 {
		t.Errorf("%d files by size", len(names))
	}
}

func TestColumnsOfOnesOwnAreTyped(t *testing.T) {
	type row struct {
		ID       string     `parquet:"id"`
		Margin   *float64   `parquet:"margin,optional"`
		Count    *int64     `parquet:"count,optional"`
		Big      *bool      `parquet:"big,optional"`
		At       *time.Time `parquet:"at,optional,timestamp(millisecond)"`
		Note     *string    `parquet:"note,optional"`
		Raw      *string    `parquet:"raw,optional"`
		Rejected *string    `parquet:"_rejected,optional"`
	}
	to := t.TempDir()
	d := destination(t, fmt.Sprintf(`{to: %q, columns: {margin: {number: =params.margin}, count: {integer: =params.count}, big: {bool: =params.big},
		at: {time: =params.at}, note: {text: "order {params.count}"}, raw: {json: =params.raw}}}`, to))
	good, bad := &event.Event{ID: "good", Received: conformance.Noon}, &event.Event{ID: "bad", Received: conformance.Noon}
	good.Params.Set("margin", event.String("2.5"))
	good.Params.Set("count", event.Float(0))
	good.Params.Set("big", event.Boolean(false))
	good.Params.Set("at", event.String("2026-11-22T10:00:00Z"))
	good.Params.Set("raw", event.ListOf(event.Float(1)))
	bad.Params.Set("margin", event.String("lots"))
	bad.Params.Set("count", event.Float(1.5))
	bad.Params.Set("big", event.String("maybe"))
	bad.Params.Set("at", event.String("soon"))
	for _, v := range d.Deliver(t.Context(), []destinations.Sending{conformance.Sending(good, 1, 0), conformance.Sending(bad, 1, 1)}) {
		if v.Kind != destinations.Delivered {
			t.Fatal(v)
		}
	}
	_, bodies := filestest.Folder(t, to)
	list := parquettest.As[row](t, bodies[0])
	g := list[0]
	if g.Margin == nil || *g.Margin != 2.5 || g.Count == nil || *g.Count != 0 || g.Big == nil || *g.Big || g.At == nil || !g.At.Equal(conformance.Noon.Add(-2*time.Hour)) ||
		*g.Note != "order 0" || *g.Raw != "[1]" || g.Rejected != nil {
		t.Errorf("%+v", g)
	}
	b := list[1]
	const want = `[{"column":"margin","value":"lots","reason":"it is no number"},{"column":"count","value":1.5,"reason":"it is no whole number of 64 bits"},` +
		`{"column":"big","value":"maybe","reason":"it is neither true nor false"},{"column":"at","value":"soon","reason":"it is no time"}]`
	if b.Margin != nil || b.Count != nil || b.Big != nil || b.At != nil || b.Rejected == nil || *b.Rejected != want {
		t.Errorf("%+v", b)
		if b.Rejected != nil {
			t.Error(*b.Rejected)
		}
	}
	if d.Misfits() != 4 {
		t.Errorf("%d counted", d.Misfits())
	}
}

func TestDecisionsAreKeptInFilesOfTheirOwn(t *testing.T) {
	type row struct {
		EventID     *string `parquet:"event_id,optional"`
		Destination *string `parquet:"destination,optional"`
		Action      *string `parquet:"action,optional"`
		Because     *string `parquet:"because,optional"`
		Monitor     bool    `parquet:"monitor"`
		States      *string `parquet:"states,optional"`
	}
	to := t.TempDir()
	d := destination(t, fmt.Sprintf("{to: %q, decisions: true}", to))
	batch := conformance.Batch(1, 2)
	for i := range batch {
		batch[i].Consent = &event.Record{Rule: "europe", Model: "opt_in", States: []event.State{{Purpose: "ads", State: "denied", Basis: "choice", Source: "gcs"}}}
		batch[i].Outcomes = []event.Outcome{{Destination: "archive", Reason: event.Delivered}, {Destination: "meta", Action: event.Deny, Reason: event.PurposeDenied, Because: "ads: denied by gcs"}}
	}
	d.Deliver(t.Context(), batch)
	names, bodies := filestest.Folder(t, to)
	if len(names) != 2 || !strings.HasPrefix(names[0], "date=2026-11-22/20261122T120000Z-") || !strings.HasPrefix(names[1], "decisions/date=2026-11-22/") {
		t.Fatal(names)
	}
	list := parquettest.As[row](t, bodies[1])
	if r := list[3]; len(list) != 4 || *r.EventID != "g1-1" || *r.Destination != "meta" || *r.Action != "deny" || *r.Because != "ads: denied by gcs" ||
		*r.States != `{"ads":{"state":"denied","basis":"choice","source":"gcs"}}` {
		t.Errorf("%+v", r)
	}
}

func TestWrongSettingsAreFoundAtOnce(t *testing.T) {
	for settings, want := range map[string]string{
		`{}`:                            "needs the setting to",
		`{to: "ftp://bucket/x"}`:        `to: no storage is known as ftp://; write ./data/archive for a folder, s3://bucket/path or gs://bucket/path`,
		`{to: "s3://bucket/x"}`:         "to: Amazon S3 needs the region of the bucket",
		`{to: "s3://B_ucket/x"}`:        "to: expected the name of a bucket behind s3://",
		`{to: "gs://bucket/x"}`:         "to: gs:// needs access_key_id and secret_access_key",
		`{to: x, size: big}`:            "headgate.yaml:2:19: size: expected a size; write it as 512KiB, 64MiB or 1GiB",
		`{to: x, rows: 2.5}`:            "rows: expected a whole number",
		`{to: x, rows: 0}`:              "0 is less than 1",
		`{to: x, wait: "0"}`:            "wait: a file must be closed at some time",
		`{to: x, partition: week}`:      "partition: expected date, hour, none, or a path with {...} in it",
		`{to: x, partition: "a={sit}"}`: `no field "sit"`,
		`{to: x, columns: {Margin: {number: =params.margin}}}`:       `"Margin" cannot be a column`,
		`{to: x, columns: {page_url: {text: =page.url}}}`:            "the table has a column page_url already",
		`{to: x, columns: {margin: =params.margin}}`:                 "column margin: expected its type and a formula",
		`{to: x, columns: {margin: {money: =params.margin}}}`:        `no type "money" of columns`,
		`{to: x, columns: {margin: {number: =parms.margin}}}`:        `no field "parms`,
		`{to: "s3://bucket/x", region: eu-west-1, access_key_id: a}`: "one of access_key_id and secret_access_key is missing",
		`{to: "s3://bucket/x", region: eu-west-1, kms_key: k}`:       "kms_key without encryption",
	} {
		_, ms := conformance.Open(t, "parquet", parquet.NewDriver, settings)
		if got := ms.Error(); !strings.Contains(got, want) {
			t.Errorf("%s\n got %s\nwant %s", settings, got, want)
		}
	}
}
