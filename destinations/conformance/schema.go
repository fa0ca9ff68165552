package conformance

import (
	"testing"

	"headgate/destinations"
)

// Schema tests how a driver prepares its table, which is not there yet: it is made, widened or only looked at, as the setting schema says.
// open opens the driver on the same store, with more settings.
func Schema(t *testing.T, table string, open func(t *testing.T, more string) *destinations.Destination) {
	t.Helper()
	check, manage := open(t, ", schema: check"), open(t, "")
	Expect(t, check, Batch(1, 1), destinations.Halt, "there is no table "+table)
	Expect(t, manage, Batch(1, 1), destinations.Delivered, "")
	Expect(t, check, Batch(2, 1), destinations.Delivered, "")
	const own = ", columns: {margin: {number: =params.margin}}" // and with it the column for what does not fit
	Expect(t, open(t, own+", schema: check"), Batch(3, 1), destinations.Halt, "lacks 2 columns, the first is ")
	Expect(t, open(t, own), Batch(3, 1), destinations.Delivered, "")
	Expect(t, open(t, own+", schema: check"), Batch(4, 1), destinations.Delivered, "")
	Expect(t, manage, Batch(5, 1), destinations.Delivered, "") // which knows the columns of before
}
