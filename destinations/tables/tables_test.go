package tables_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"headgate/destinations"
	"headgate/destinations/tables"
	"headgate/event"
)

func batch(n int) []destinations.Sending {
	list := make([]destinations.Sending, n)
	for i := range list {
		list[i].Event = &event.Event{ID: string(rune('a' + i))}
	}
	return list
}

func has(batch []destinations.Sending, id string) bool {
	return slices.ContainsFunc(batch, func(s destinations.Sending) bool { return s.Event.ID == id })
}

func kinds(verdicts []destinations.Verdict) string {
	var b strings.Builder
	for _, v := range verdicts {
		b.WriteByte(v.Kind.String()[0])
	}
	return b.String()
}

func TestTheWrongEventsOfABatchAreFound(t *testing.T) {
	reject := destinations.Verdict{Kind: destinations.Reject, Why: "wrong"}
	for name, c := range map[string]struct {
		write func([]destinations.Sending) tables.Result
		want  string
	}{
		"the store names them": {func(b []destinations.Sending) tables.Result {
			wrong := map[int]destinations.Verdict{}
			for i := range b {
				if id := b[i].Event.ID; id == "b" || id == "g" {
					wrong[i] = reject
				}
			}
			return tables.Result{Verdict: destinations.Verdict{Kind: destinations.Delivered}, Wrong: wrong}
		}, "drddddrd"},
		"the store names none": {func(b []destinations.Sending) tables.Result {
			if has(b, "b") || has(b, "g") {
				return tables.Result{Verdict: reject}
			}
			return tables.Result{Verdict: destinations.Verdict{Kind: destinations.Delivered}}
		}, "drddddrd"},
		"too much at once": {func(b []destinations.Sending) tables.Result {
			if len(b) > 3 {
				return tables.Result{Verdict: destinations.Verdict{Kind: destinations.Retry}, Split: true}
			}
			return tables.Result{Verdict: destinations.Verdict{Kind: destinations.Delivered}}
		}, "dddddddd"},
		"it fails in between": {func(b []destinations.Sending) tables.Result {
			switch {
			case len(b) > 3:
				return tables.Result{Split: true}
			case has(b, "c"):
				return tables.Result{Verdict: destinations.Verdict{Kind: destinations.Halt}}
			}
			return tables.Result{Verdict: destinations.Verdict{Kind: destinations.Delivered}}
		}, "ddhhhhhh"},
	} {
		t.Run(name, func(t *testing.T) {
			got := tables.Deliver(t.Context(), batch(8), func(_ context.Context, b []destinations.Sending) tables.Result { return c.write(b) })
			if kinds(got) != c.want {
				t.Errorf("%s, want %s", kinds(got), c.want)
			}
		})
	}
}

func TestATableIsMadeWidenedOrChecked(t *testing.T) {
	var there, widened []string
	broken := errors.New("no right to")
	definition := tables.Definition{Name: "shop.events", Columns: []string{"id", "name"}, AnyCase: true,
		Look:   func(context.Context) ([]string, error) { return there, nil },
		Create: func(context.Context) error { there = []string{"ID"}; return nil },
		Widen: func(_ context.Context, columns []int) error {
			if !slices.Equal(columns, []int{1}) {
				return broken
			}
			there = append(there, "name")
			return nil
		}}
	check := &tables.Preparer{Schema: "check"}
	manage := &tables.Preparer{Schema: "manage", Widened: func(table string, columns []string) { widened = append(append(widened, table), columns...) }}
	wants := func(p *tables.Preparer, changes bool, why string) {
		t.Helper()
		changed, err := p.Prepare(t.Context(), definition)
		if said := ""; err != nil {
			said = err.Error()
			if !strings.Contains(said, why) || why == "" {
				t.Error(said)
			}
		} else if why != "" || changed != changes {
			t.Errorf("changed %v %s, want %v %s", changed, said, changes, why)
		}
	}
	wants(check, false, "there is no table shop.events")
	wants(manage, true, "")
	wants(manage, false, "") // not looked at again
	wants(check, false, "lacks 1 columns, the first is name")
	manage.Forget()
	wants(manage, true, "")
	wants(check, false, "")
	if strings.Join(widened, " ") != "shop.events name" {
		t.Error(widened)
	}
}
