package tables_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"headgate/destinations"
	"headgate/destinations/egress"
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
	changes := 0
	list := []tables.Definition{{Name: "shop.events", Columns: []tables.Column{{Name: "id", SQL: "id TEXT"}, {Name: "name", SQL: "name TEXT"}}, AnyCase: true,
		Create: "CREATE", Widen: func(columns []string) []string { return []string{"ADD " + strings.Join(columns, ", ")} },
		Look: func(context.Context) ([]string, error) { return there, nil },
		Run: func(_ context.Context, statement string) error {
			switch statement {
			case "CREATE":
				there = []string{"ID"}
			case "ADD name TEXT":
				there = append(there, "name")
			default:
				return broken
			}
			return nil
		}}}
	check := &tables.Preparer{Schema: "check", Tables: list}
	manage := &tables.Preparer{Schema: "manage", Tables: list, Changed: func() { changes++ },
		Widened: func(table string, columns []string) { widened = append(append(widened, table), columns...) }}
	wants := func(p *tables.Preparer, changed int, why string) {
		t.Helper()
		said, before := "", changes
		if err := p.Prepare(t.Context()); err != nil {
			said = err.Error()
		}
		if !strings.Contains(said, why) || (why == "") != (said == "") || changes-before != changed {
			t.Errorf("changed %d %s, want %d %s", changes-before, said, changed, why)
		}
	}
	wants(check, 0, "there is no table shop.events")
	wants(manage, 1, "")
	wants(manage, 0, "") // not looked at again
	wants(check, 0, "lacks 1 columns, the first is name")
	manage.Forget()
	wants(manage, 1, "")
	wants(check, 0, "")
	if strings.Join(widened, " ") != "shop.events name" {
		t.Error(widened)
	}
}

func TestTablesThatWereChangedAreLookedAtAgainOnce(t *testing.T) {
	gone := errors.New("no such table")
	looked, written := 0, 0
	p := &tables.Preparer{Schema: "manage", Tables: []tables.Definition{{Look: func(context.Context) ([]string, error) { looked++; return []string{"id"}, nil }}}}
	err := p.Write(t.Context(), func(err error) bool { return errors.Is(err, gone) }, func() error { written++; return gone })
	if !errors.Is(err, gone) || looked != 2 || written != 2 {
		t.Errorf("%v, looked %d times, written %d times", err, looked, written)
	}
}

func TestErrorsAreJudged(t *testing.T) {
	wrong := errors.New("wrong value")
	blame := func(err error) (destinations.Kind, time.Duration) {
		if errors.Is(err, wrong) {
			return destinations.Reject, 0
		}
		return 0, 0
	}
	for _, c := range []struct {
		err  error
		want destinations.Kind
	}{
		{nil, destinations.Delivered}, {wrong, destinations.Reject}, {&tables.Unprepared{Err: wrong}, destinations.Halt},
		{&tables.Unprepared{Err: &tables.Missing{Table: "events"}}, destinations.Halt}, {errors.New("connection reset"), destinations.Retry},
		{errors.New("tls: unknown certificate"), destinations.Halt}, {&egress.Forbidden{}, destinations.Halt},
	} {
		if v := tables.Judge(c.err, blame); v.Kind != c.want {
			t.Errorf("%v: %s, want %s", c.err, v.Kind, c.want)
		}
	}
}

func TestAPersonsDecisionsAreRemovedBeforeTheEvents(t *testing.T) {
	there := func(context.Context) ([]string, error) { return []string{"id"}, nil }
	p := &tables.Preparer{Tables: []tables.Definition{{Name: "e", Quoted: `"e"`, Look: there}, {Name: "d", Quoted: `"d"`, Look: there}}}
	who := destinations.Person{Field: "user.email", Values: []string{"a", "b"}, AnyCase: true}
	var ran []string
	got, err := p.Erase(t.Context(), tables.Theirs(who, func(s string) string { return `"` + s + `"` }, "lower")+" IN "+tables.Marks(2), func(statement string) (int64, error) {
		ran = append(ran, statement)
		return int64(len(ran)), nil
	})
	const where = `FROM "e" WHERE lower("user_email") IN (?, ?)`
	if want := []string{`DELETE FROM "d" WHERE event_id IN (SELECT id ` + where + ")", "DELETE " + where}; err != nil || got.Removed != 2 || !slices.Equal(ran, want) {
		t.Errorf("%+v %v\n%s", got, err, strings.Join(ran, "\n"))
	}
}
