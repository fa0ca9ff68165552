package subjects

import (
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"headgate/event"
)

func TestWhatAPersonHasDoneStandsBesideTheRequest(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	noon := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	open := func() *requests {
		rs := &requests{path: requestsFile(folder), logger: slog.New(slog.DiscardHandler)}
		t.Cleanup(func() { _ = rs.close() })
		return rs
	}
	list := func(rs *requests) []Asked {
		t.Helper()
		all, err := rs.list(noon)
		if err != nil || len(all) != 2 {
			t.Fatalf("%+v %v", all, err)
		}
		return all
	}
	rs := open()
	for _, reference := range []string{"a", "b"} {
		if err := rs.add(&Asked{Time: noon, Source: "shop", Do: event.AskExport, Reference: reference, State: stateToDo}); err != nil {
			t.Fatal(err)
		}
	}
	id := list(rs)[1].ID
	line, err := json.Marshal(settling{Settles: id, Settled: Settled{Time: noon, By: "anna", Why: "ticket 7"}})
	if err == nil {
		err = rs.addLine(line, noon)
	}
	if err == nil {
		err = rs.close()
	}
	if err != nil {
		t.Fatal(err)
	}
	all := list(open())
	if all[0].State != stateToDo || all[0].Settled != nil || all[1].ID != id || all[1].State != stateDone || all[1].Settled == nil || all[1].Settled.By != "anna" {
		t.Errorf("%+v %+v", all[0], all[1])
	}
	if n, err := VerifyRequests(folder); n != 2 || err != nil {
		t.Errorf("%d requests, %v", n, err)
	}
}
