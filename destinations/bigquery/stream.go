package bigquery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"headgate/destinations"
	"headgate/destinations/rest"
	"headgate/destinations/rows"
	"headgate/destinations/tables"
)

// Limits of one request: https://cloud.google.com/bigquery/quotas#streaming_inserts. The room is for what stands around rows.
const (
	mostBytes    = 10_000_000 - 64<<10
	mostRows     = 50_000
	longestID    = 128
	decidedRows  = 500 // rows of decisions in a request
	tooLong      = "it is longer than the 10 MB that BigQuery takes in a row"
	insertPrefix = `{"skipInvalidRows":false,"ignoreUnknownValues":false,"rows":[`
)

// body is a request with rows. wrong are rows that are too long by themselves; whole is false when all together are.
func body[T any](t *table[T], list []*T) (b []byte, wrong map[int]destinations.Verdict, whole bool) {
	b = append(b, insertPrefix...)
	whole = len(list) <= mostRows
	for i, row := range list {
		from := len(b)
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"insertId":`...)
		b = append(b, quoted(insertID(t.id(row)))...)
		b = append(b, `,"json":`...)
		b = rows.AppendLine(b, t.columns, row, rows.Form{Quoted: true, Times: times})
		b[len(b)-1] = '}' // in place of the newline
		if len(b)-from > mostBytes {
			if wrong == nil {
				wrong = map[int]destinations.Verdict{}
			}
			wrong[i] = destinations.Verdict{Kind: destinations.Reject, Why: tooLong}
		}
		if len(b) > mostBytes {
			whole, b = false, b[:len(insertPrefix)] // what is not sent need not be kept
		}
	}
	return append(b, "]}"...), wrong, whole
}

func quoted(s string) []byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic("BUG: a text that is no JSON: " + err.Error())
	}
	return b
}

// insertID is that by which BigQuery recognizes a row for about a minute.
func insertID(id string) string {
	if len(id) <= longestID {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

// insertError is what is wrong with one row of a request, of which nothing is stored then.
type insertError struct {
	Index  int       `json:"index"`
	Errors []problem `json:"errors"`
}

// stream inserts rows. wrong are rows that the table can never take; nothing is stored then.
// https://cloud.google.com/bigquery/docs/reference/rest/v2/tabledata/insertAll
func stream[T any](ctx context.Context, d *Driver, t *table[T], list []*T) (wrong map[int]destinations.Verdict, err error) {
	b, wrong, whole := body(t, list)
	switch {
	case len(wrong) > 0:
		return wrong, nil
	case !whole:
		return nil, &failure{status: http.StatusRequestEntityTooLarge, message: "more than a request may have"}
	}
	var said struct {
		Errors []insertError `json:"insertErrors"`
	}
	err = d.service.do(ctx, rest.Request{Method: http.MethodPost, URL: t.service.path("datasets", t.service.dataset, "tables", t.table, "insertAll"), Body: b, Compressed: true}, &said)
	if err != nil || len(said.Errors) == 0 {
		return nil, err
	}
	return judgeRows(said.Errors, len(list))
}

// judgeRows reads insertErrors: rows that are invalid, and those with which the request was only stopped. A column that the table does not
// have is no row's fault.
func judgeRows(list []insertError, rows int) (wrong map[int]destinations.Verdict, err error) {
	wrong = map[int]destinations.Verdict{}
	var other *failure
	for _, row := range list {
		for _, p := range row.Errors {
			f := &failure{reason: p.Reason, location: p.Location, message: rest.Words(p.Message)}
			switch {
			case p.Reason == "stopped":
			case isUnknownField(f):
				return nil, f
			case p.Reason == "invalid" && row.Index >= 0 && row.Index < rows:
				wrong[row.Index] = destinations.Verdict{Kind: destinations.Reject, Why: f.Error()}
			default:
				other = f
			}
		}
	}
	switch {
	case len(wrong) > 0:
		return wrong, nil
	case other != nil:
		return nil, other
	}
	return nil, &failure{message: "BigQuery stored nothing and does not say which row was wrong", reason: "stopped"}
}

func isUnknownField(f *failure) bool {
	return f.reason == "invalid" && strings.Contains(strings.ToLower(f.message), "no such field")
}

// streamDecisions inserts what was decided. A row that the table does not take is no event's fault.
func streamDecisions(ctx context.Context, d *Driver, list []*rows.Decision) error {
	for from := 0; from < len(list); from += decidedRows {
		wrong, err := stream(ctx, d, d.decisions, list[from:min(from+decidedRows, len(list))])
		if err != nil {
			return err
		}
		for _, v := range wrong {
			return &tables.Unprepared{Err: fmt.Errorf("the table %s does not take a row: %s", d.decisions.table, v.Why)}
		}
	}
	return nil
}
