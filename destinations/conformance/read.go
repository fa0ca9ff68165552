package conformance

import (
	"bufio"
	"database/sql"
	"os"
	"os/exec"
	"strings"
	"testing"

	"headgate/event"
)

// Query returns the rows of an answer as objects of JSON, in the order of the columns. What reads as a number is one, unless its column is of
// texts.
func Query(t testing.TB, db *sql.DB, statement string) (lines []string) {
	t.Helper()
	list, err := db.QueryContext(t.Context(), statement)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	defer list.Close()
	kinds, err := list.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	cells := make([]sql.NullString, len(kinds))
	into := make([]any, len(kinds))
	for i := range cells {
		into[i] = &cells[i]
	}
	for list.Next() {
		if err := list.Scan(into...); err != nil {
			t.Fatal(err)
		}
		var row event.Map
		for i, kind := range kinds {
			v := event.Value{}
			if cells[i].Valid {
				v = event.String(cells[i].String)
				if n, is := event.NumberText(cells[i].String); is && !strings.Contains(kind.DatabaseTypeName(), "TEXT") && !strings.Contains(kind.DatabaseTypeName(), "CHAR") {
					v = n
				}
			}
			row.Add(kind.Name(), v)
		}
		lines = append(lines, string(event.ObjectOf(row).AppendJSON(nil)))
	}
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// Row is a row of events, an object of JSON, as Store's Rows has it: of a store whose times are texts without a zone, and which keeps
// params and items as texts.
func Row(t testing.TB, line string) (row event.Map) {
	t.Helper()
	v, err := event.ParseJSON([]byte(line))
	if err != nil {
		t.Fatalf("%.200s: %v", line, err)
	}
	for _, p := range v.Object() {
		switch said := p.Value.Text(); {
		case said == "":
		case p.Key == "time" || p.Key == "received":
			p.Value = event.String(strings.Replace(said, " ", "T", 1) + "Z")
		case p.Key == "params" || p.Key == "items":
			if p.Value, err = event.ParseJSON([]byte(said)); err != nil {
				t.Fatalf("%.200s: %v", said, err)
			}
		case p.Key == "session_engaged":
			p.Value = event.Boolean(said == "1" || said == "true")
		}
		if !p.Value.IsEmpty() {
			row.Add(p.Key, p.Value)
		}
	}
	return row
}

// Server starts a server of dev/scripts, which prints its address and runs until its standard input ends: so it does not outlive the tests
// even when they are killed.
func Server(script string) (address string, stop func() error, err error) {
	c := exec.Command("../../dev/scripts/" + script) //nolint:gosec // the tests' own
	c.Stderr = os.Stderr
	stdin, err := c.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := c.Start(); err != nil {
		return "", nil, err
	}
	stop = func() error {
		_ = stdin.Close() // it ends when the script does
		return c.Wait()
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		_ = stop()
		return "", nil, err
	}
	return strings.TrimSpace(line), stop, nil
}
