package databricks

import (
	"context"
	"time"

	"headgate/destinations"
	"headgate/document"
)

// With is NewDriver with a clock of the tests, which passes while the driver waits.
func With(now func() time.Time, later func(time.Duration)) destinations.NewDriver {
	return func(o destinations.DriverOptions) (destinations.Driver, document.Mistakes) {
		o.Now = now
		driver, ms := NewDriver(o)
		if len(ms) == 0 {
			driver.(*Driver).workspace.pause = func(ctx context.Context, d time.Duration) error {
				later(d)
				return ctx.Err()
			}
		}
		return driver, ms
	}
}
