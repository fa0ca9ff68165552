package clickhouse_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"headgate/destinations"
	"headgate/destinations/clickhouse"
	"headgate/destinations/conformance"
)

// TestWhatTheServerAnswersIsJudged runs the driver against answers that the engine cannot be made to give.
func TestWhatTheServerAnswersIsJudged(t *testing.T) {
	for _, c := range []struct {
		status, code int
		said         string
		kind         destinations.Kind
		after        time.Duration
		why          string
	}{
		{200, 0, "", destinations.Delivered, 0, ""},
		{500, 389, "Code: 389. DB::Exception: inserted before", destinations.Delivered, 0, ""},
		{500, 27, "Code: 27. DB::Exception: Cannot parse input", destinations.Reject, 0, "Cannot parse input (code 27)"},
		{403, 516, "Code: 516. DB::Exception: Authentication failed", destinations.Halt, 0, "Authentication failed (code 516)"},
		{500, 164, "Code: 164. DB::Exception: Cannot execute query in readonly mode", destinations.Halt, 0, "readonly"},
		{500, 242, "Code: 242. DB::Exception: Table is in readonly mode", destinations.Retry, 0, "readonly"},
		{500, 243, "Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space", destinations.Retry, 0, "not enough space"},
		{500, 252, "Code: 252. DB::Exception: Too many parts", destinations.Retry, 10 * time.Second, "Too many parts"},
		{500, 241, "Code: 241. DB::Exception: Memory limit exceeded", destinations.Retry, 0, "Memory limit"},
		{500, 319, "Code: 319. DB::Exception: Unknown status", destinations.Retry, 0, "Unknown status"},
		{400, 117, "Code: 117. DB::Exception: Unknown field found while parsing JSONEachRow format: page_ulr", destinations.Halt, 0, "Unknown field"},
		{404, 60, "Code: 60. DB::Exception: Table shop.events does not exist", destinations.Halt, 0, "does not exist"},
		{500, 0, "Code: 203. DB::Exception: No free connection", destinations.Retry, 0, "No free connection (code 203)"},
		{502, 0, "bad gateway", destinations.Retry, 0, "HTTP 502: bad gateway"},
		{301, 0, "", destinations.Halt, 0, "HTTP 301"},
		{401, 0, "who are you", destinations.Halt, 0, "HTTP 401"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.RawQuery, "INSERT") {
				if c.code > 0 {
					w.Header().Set("X-ClickHouse-Exception-Code", fmt.Sprint(c.code))
				}
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.said)) // the driver reads it or fails
			}
		}))
		d, ms := conformance.Open(t, "clickhouse", clickhouse.NewDriver, fmt.Sprintf("{url: %q, password: hush}", server.URL))
		if len(ms) > 0 {
			t.Fatal(ms)
		}
		for _, v := range d.Deliver(t.Context(), conformance.Batch(1, 3)) {
			if v.Kind != c.kind || v.After != c.after || !strings.Contains(v.Why, c.why) || strings.Contains(v.Why, "hush") {
				t.Errorf("%d %s: %s after %s %q", c.status, c.said, v.Kind, v.After, v.Why)
			}
		}
		server.Close()
		if v := d.Deliver(t.Context(), conformance.Batch(1, 1))[0]; v.Kind != destinations.Retry || strings.Contains(v.Why, "query=") {
			t.Errorf("a server that is away: %+v", v)
		}
	}
}

func TestTheStatementsForAClusterReplicate(t *testing.T) {
	d, ms := conformance.Open(t, "clickhouse", clickhouse.NewDriver, "{url: \"https://clickhouse.example\", database: shop, table: \"ev`ents\", cluster: main, decisions: true}")
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	all := strings.Join(d.DDL(), "\n")
	for _, want := range []string{"CREATE TABLE IF NOT EXISTS `shop`.`ev\\`ents` ON CLUSTER `main` (\n    `id` String,\n    `name` LowCardinality(String),\n    `time` DateTime64(3, 'UTC'),",
		"`user_client_id` Nullable(String)", "`page_host` LowCardinality(Nullable(String))", "`session_engaged` Bool", "`params` String",
		"ENGINE = ReplicatedReplacingMergeTree(received)\nPARTITION BY toYYYYMM(time)\nORDER BY (name, toDate(time), id)", "`ev\\`ents_decisions`", "ORDER BY (event_id, destination)"} {
		if !strings.Contains(all, want) {
			t.Errorf("%s\nlacks %s", all, want)
		}
	}
}
