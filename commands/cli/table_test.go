package cli

import (
	"bytes"
	"testing"
)

func TestQuantitiesStandOnTheRight(t *testing.T) {
	t.Parallel()
	table := NewTable("destination", "delivered", "lag", "changed", "last error")
	table.Row("ga4", 12, "3 s", "7", "")
	table.Row("méta", 123456, "-", "7 → 120", "no 2xx")
	var out bytes.Buffer
	if err := table.Print(&out); err != nil {
		t.Fatal(err)
	}
	want := `destination  delivered  lag  changed  last error
ga4                 12  3 s        7
méta            123456    -  7 → 120  no 2xx
`
	if out.String() != want {
		t.Errorf("it prints\n%s\nwant\n%s", out.String(), want)
	}
}

func TestATableWithoutRowsIsNothing(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := NewTable("time", "who").Print(&out); err != nil || out.Len() != 0 {
		t.Errorf("it prints %q, %v", out.String(), err)
	}
}
