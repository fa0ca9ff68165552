package postgres_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"headgate/destinations"
	"headgate/destinations/conformance"
	"headgate/destinations/conformance/link"
	"headgate/event"
)

func TestTheServerConforms(t *testing.T) {
	for _, more := range []string{"", ", partition: month"} {
		t.Run(more, func(t *testing.T) {
			conformance.Run(t, func(t *testing.T) conformance.Store {
				conn, name := schema(t)
				bad := &event.Event{ID: "bad", Name: "page_view", Time: conformance.Noon, Received: conformance.Noon, Page: event.Page{Title: "a\x00b"}}
				at := func(t *testing.T, address string) *destinations.Destination {
					d, ms := openWith(t, fmt.Sprintf("{url: %q, table: %s.events%s}", address, name, more), loopback)
					if len(ms) > 0 {
						t.Fatal(ms)
					}
					return d
				}
				return conformance.Store{
					ByID: true, Erases: true, Refused: bad,
					Open: func(t *testing.T) *destinations.Destination { return at(t, address) },
					Behind: func(t *testing.T) (*destinations.Destination, *link.Link) {
						l := link.New(t)
						return at(t, with(t, func(u *url.URL) { u.Host = l.To(t, u.Host) })), l
					},
					Rows: func(t *testing.T) (rows []event.Map) {
						if count(t, conn, "SELECT count(*) FROM pg_class WHERE relname = 'events' AND relnamespace = '"+name+"'::regnamespace") == 0 {
							return nil
						}
						list, err := conn.Query(t.Context(), `SELECT jsonb_strip_nulls(to_jsonb(e))::text FROM events e ORDER BY length(id), id`)
						if err != nil {
							t.Fatal(err)
						}
						defer list.Close()
						for list.Next() {
							var text string
							if err := list.Scan(&text); err != nil {
								t.Fatal(err)
							}
							v, err := event.ParseJSON([]byte(text))
							if err != nil {
								t.Fatal(err)
							}
							rows = append(rows, v.Object())
						}
						return rows
					},
				}
			})
		})
	}
}

func TestATableInPartitionsHasOneForEachMonth(t *testing.T) {
	conn, name := schema(t)
	d, ms := openWith(t, fmt.Sprintf("{url: %q, table: %s.events, partition: month}", address, name), loopback)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	now := time.Now().UTC()
	old := now.AddDate(0, -2, 0)
	for range 2 {
		deliver(t, d, destinations.Delivered, &event.Event{ID: "now", Time: now, Received: now}, &event.Event{ID: "old", Time: old, Received: now},
			&event.Event{ID: "wrong clock", Time: now.AddDate(90, 0, 0), Received: now}, &event.Event{ID: "no time", Received: now})
	}
	for partition, want := range map[string]int{"events": 4, "events_" + now.Format("2006_01"): 2, "events_" + old.Format("2006_01"): 1, "events_other": 1} {
		if n := count(t, conn, "SELECT count(*) FROM "+partition); n != want {
			t.Errorf("%s has %d rows, want %d", partition, n, want)
		}
	}
	run(t, conn, "DROP TABLE events_"+old.Format("2006_01")) // by who keeps old months elsewhere
	deliver(t, d, destinations.Delivered, &event.Event{ID: "older", Time: old, Received: now})

	other, ms := openWith(t, fmt.Sprintf("{url: %q, table: %s.plain, partition: month}", address, name), loopback)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	run(t, conn, "CREATE TABLE plain (id text PRIMARY KEY)")
	deliver(t, other, destinations.Delivered, &event.Event{ID: "now", Time: now, Received: now})
}

func TestColumnsOfOnesOwnAreTyped(t *testing.T) {
	conn, name := schema(t)
	d, ms := openWith(t, fmt.Sprintf(`{url: %q, table: %s.events, columns: {margin: {number: =params.margin}, count: {integer: =params.count}, big: {bool: =params.big},
		at: {time: =params.at}, note: {text: =params.note}, raw: {json: =params.raw}}}`, address, name), loopback)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	good, bad := &event.Event{ID: "good"}, &event.Event{ID: "bad"}
	good.Params.Set("margin", event.Float(2.5))
	good.Params.Set("count", event.Float(0))
	good.Params.Set("big", event.Boolean(false))
	good.Params.Set("at", event.String("2026-11-22T10:00:00Z"))
	good.Params.Set("note", event.String("n"))
	good.Params.Set("raw", event.ListOf(event.Float(1)))
	bad.Params.Set("margin", event.String("lots"))
	deliver(t, d, destinations.Delivered, good, bad)
	for sql, want := range map[string]int{
		"SELECT count(*) FROM events WHERE id = 'good' AND margin = 2.5 AND count = 0 AND NOT big AND at = '2026-11-22T10:00:00Z' AND note = 'n' AND raw = '[1]' AND _rejected IS NULL": 1,
		"SELECT count(*) FROM events WHERE id = 'bad' AND margin IS NULL AND _rejected->0->>'column' = 'margin' AND _rejected->0->>'value' = 'lots'":                                    1,
	} {
		if n := count(t, conn, sql); n != want {
			t.Errorf("%s: %d", sql, n)
		}
	}
}

func TestTheTableIsMadeWidenedOrOnlyLookedAt(t *testing.T) {
	_, name := schema(t)
	conformance.Schema(t, name+".events", func(t *testing.T, more string) *destinations.Destination {
		d, ms := openWith(t, fmt.Sprintf("{url: %q, table: %s.events%s}", address, name, more), loopback)
		if len(ms) > 0 {
			t.Fatal(ms)
		}
		return d
	})
}

func TestTheTableIsOnlyCheckedWhereThatIsWanted(t *testing.T) {
	conn, name := schema(t)
	opened := func(more string) *destinations.Destination {
		d, ms := openWith(t, fmt.Sprintf("{url: %q, table: %s.events%s}", address, name, more), loopback)
		if len(ms) > 0 {
			t.Fatal(ms)
		}
		return d
	}
	check := opened(", schema: check")
	if why := deliver(t, check, destinations.Halt, some(0, 1)...); !strings.Contains(why, "there is no table "+name+".events") {
		t.Error(why)
	}
	if why := deliver(t, opened(`, schema: "off"`), destinations.Halt, some(0, 1)...); !strings.Contains(why, "does not exist") {
		t.Error(why)
	}
	deliver(t, opened(""), destinations.Delivered, some(0, 1)...)
	deliver(t, check, destinations.Delivered, some(1, 2)...)
	run(t, conn, "ALTER TABLE events DROP COLUMN page_url")
	if why := deliver(t, check, destinations.Halt, some(2, 3)...); !strings.Contains(why, "lacks 1 columns, the first is page_url") {
		t.Error(why)
	}
	widens := opened("")
	deliver(t, widens, destinations.Delivered, some(2, 3)...)
	if n := widens.AddedColumns(); n != 1 {
		t.Errorf("%d columns are counted", n)
	}
	run(t, conn, "ALTER TABLE events RENAME TO renamed")
	if why := deliver(t, check, destinations.Halt, some(3, 4)...); !strings.Contains(why, "there is no table") {
		t.Error(why)
	}
}

func TestAReadOnlyServerIsTriedAgain(t *testing.T) {
	_, name := schema(t)
	d := destination(t, with(t, func(u *url.URL) {
		q := u.Query()
		q.Set("default_transaction_read_only", "on")
		u.RawQuery = q.Encode()
	}), name+".events")
	if why := deliver(t, d, destinations.Retry, some(0, 1)...); !strings.Contains(why, "read-only") {
		t.Error(why)
	}
}

func TestTheViewsSayWhatHappened(t *testing.T) {
	conn, name := schema(t)
	made := func(sql string) { run(t, conn, sql) }
	ask := func(sql string) (lines []string) {
		list, err := conn.Query(t.Context(), "SELECT row_to_json(r)::text FROM ("+sql+") AS r")
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		lines, err = pgx.CollectRows(list, pgx.RowTo[string])
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return lines
	}
	conformance.Models(t, destination(t, address, name+".events"), made, ask, func(view string) string { return name + ".events_" + view })
	conformance.DecisionModels(t, keeping(t, name+".decided"), made, ask, func(view string) string { return name + ".decided_" + view })
}
