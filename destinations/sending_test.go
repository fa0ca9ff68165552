package destinations

import "testing"

func TestABatchIsNamedByItsEventsPlaces(t *testing.T) {
	batch := []Sending{
		{Place: Place{Writer: "a", Group: 1, Index: 0}}, {Place: Place{Writer: "a", Group: 1, Index: 2}}, {Place: Place{Writer: "a", Group: 2}},
	}
	name := BatchName(batch)
	if len(name) != 32 || name != BatchName(append([]Sending(nil), batch...)) {
		t.Fatalf("name %q", name)
	}
	others := map[string][]Sending{
		"a part":           batch[:2],
		"another order":    {batch[1], batch[0], batch[2]},
		"another writer":   {{Place: Place{Writer: "b", Group: 1}}, {Place: Place{Writer: "b", Group: 1, Index: 2}}, {Place: Place{Writer: "b", Group: 2}}},
		"an event retried": {batch[0], batch[1], {Place: Place{Writer: "a", Group: 2, Again: 7}}},
		"places run on":    {{Place: Place{Writer: "a", Group: 11}}, {Place: Place{Writer: "a", Group: 2, Index: 2}}},
	}
	seen := map[string]string{name: "the batch"}
	for what, other := range others {
		if same, taken := seen[BatchName(other)]; taken {
			t.Errorf("%s is named like %s", what, same)
		}
		seen[BatchName(other)] = what
	}
	if name := BatchName([]Sending{{}}); name != "" {
		t.Errorf("an event that is in no log: %q", name)
	}
}
