package destinations

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"headgate/destinations/catalog"
	"headgate/document"
)

// Delivery is how events are handed to a destination: the catalogue's choices with the entry's over them.
type Delivery struct {
	Events   int           // handed over together
	Request  int           // that share a request; the same unless requests are by event or by key
	Bytes    int           // of a request, 0: no limit
	Wait     time.Duration // how long the first waits for others
	Timeout  time.Duration // of one try
	AtOnce   int           // requests in flight
	Rate     float64       // requests a second, 0: no limit
	RetryFor time.Duration
	MaxAge   time.Duration   // 0: any age
	Ages     []time.Duration // the same for the events of the file's ages:, in its order
	Dedup    struct {
		Window time.Duration // 0: ids are not remembered
		Max    int
	}
}

const (
	defaultTimeout  = 10 * time.Second
	defaultRetryFor = 72 * time.Hour
	defaultDedupMax = 2_000_000
	handedOver      = 250              // events handed over together where a request takes one event or one key
	slowly          = 10 * time.Second // with a rate, no more than are sent in this time
)

// resolve applies what the entry says over what the catalogue says.
func (c *DeliveryConfig) resolve(s *catalog.Spec, at document.Place) (d Delivery, ms document.Mistakes) {
	batch, grouped := catalog.Batch{Events: 1000, Wait: document.Duration(time.Second)}, false
	if len(s.Send) > 0 {
		batch = s.Send[0].Batch
		grouped = batch.By != nil || batch.Events <= 1
	}
	d.Request = max(batch.Events, 1)
	d.Events, d.AtOnce = d.Request, 4
	if grouped {
		d.Events, d.AtOnce = handedOver, 16
	}
	if c.Batch < 0 || c.AtOnce < 0 {
		ms.Add(at, "delivery: batch and at_once are 1 or more", "")
	}
	if c.Batch > 0 {
		most := max(batch.Max, d.Request)
		if s.Driver != "" {
			most = c.Batch
		}
		if c.Batch > most && !grouped {
			ms.Add(at, fmt.Sprintf("%s takes at most %d events in a request, not %d", s.Name, most, c.Batch), fmt.Sprintf("write batch: %d or less", most))
		}
		d.Events = c.Batch
		d.Request = min(c.Batch, most)
	}
	d.Bytes = Smaller(batch.Bytes.Int(), c.Bytes.Int())
	d.Wait = cmp.Or(c.Wait.Std(), batch.Wait.Std())
	d.Timeout = cmp.Or(c.Timeout.Std(), defaultTimeout)
	d.AtOnce = cmp.Or(c.AtOnce, s.AtOnce, d.AtOnce)
	if d.Rate = Smaller(float64(s.Rate), float64(c.Rate)); d.Rate > 0 && grouped && c.Batch == 0 {
		d.Events = min(d.Events, int(math.Ceil(d.Rate*slowly.Seconds())))
	}
	d.RetryFor = cmp.Or(c.RetryFor.Std(), defaultRetryFor)
	d.MaxAge = Smaller(s.MaxAge.Std(), c.MaxAge.Std())
	for _, a := range s.Ages {
		d.Ages = append(d.Ages, Smaller(a.MaxAge.Std(), c.MaxAge.Std()))
	}
	d.Dedup.Max = cmp.Or(c.Dedup.Max, defaultDedupMax)
	switch {
	case c.Dedup.Window != nil:
		d.Dedup.Window = c.Dedup.Window.Std()
	case s.Duplicates != "dropped":
		d.Dedup.Window = time.Hour
	}
	return d, ms
}

// Smaller is the smaller of two limits, where 0 is none.
func Smaller[T int | float64 | time.Duration](a, b T) T {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
