package evidence

import (
	"time"

	"headgate/alerts"
	"headgate/proxy/history"
)

const (
	stretch   = 2 * time.Minute
	stretches = 5
)

// Answered is how destinations answered lately.
type Answered struct {
	Attempts [stretches]alerts.AttemptCount // of the last ten minutes, oldest first
	Rejected alerts.Share                   // of the last half hour; what is usual is not read
	Halt     string                         // the words that it refused our settings with
	Failure  string                         // the words of most failures
	Reject   string                         // the words of most rejections
}

// Recent reads what destinations did in the last minutes, and with which words; it reads an hour or two.
func Recent(b Book, now time.Time) (map[string]*Answered, error) {
	now = now.Truncate(time.Minute)
	all, words := map[string]*Answered{}, map[spoken]int64{}
	one := func(name string) *Answered {
		if all[name] == nil {
			all[name] = &Answered{}
		}
		return all[name]
	}
	wanted := func(k *history.Key) bool {
		return k.Destination != "" && (k.Kind == history.Answers || k.Kind == history.Events)
	}
	err := b.Read(now.Add(-time.Hour).Truncate(time.Hour), now.Add(time.Minute), wanted, func(at time.Time, k *history.Key, count, _ int64) {
		if k.Kind == history.Answers {
			words[spoken{k.Destination, k.What, wordsOf(k)}] += count
			return
		}
		ago := now.Sub(at)
		a := one(k.Destination)
		if i := stretches - 1 - int((ago-time.Minute)/stretch); ago > 0 && i >= 0 {
			switch k.What {
			case "delivered":
				a.Attempts[i].Delivered += count
			case "retried", "rejected":
				a.Attempts[i].Failed += count
			}
		}
		if ago <= rejectedSpan && (k.What == "delivered" || k.What == "rejected") {
			a.Rejected.Of += count
			a.Rejected.Now += when(k.What == "rejected", count)
		}
	})
	if err != nil {
		return nil, err
	}
	most := map[spoken]spoken{} // by destination and verdict
	for w, n := range words {
		key := spoken{destination: w.destination, verdict: w.verdict}
		if best, known := most[key]; !known || n > words[best] || n == words[best] && w.words < best.words {
			most[key] = w
		}
	}
	for _, w := range most {
		one(w.destination).say(w.verdict, w.words)
	}
	return all, nil
}

// spoken are words of a destination.
type spoken struct{ destination, verdict, words string }

func wordsOf(k *history.Key) string {
	switch {
	case k.Why == "":
		return k.Detail
	case k.Detail == "":
		return k.Why
	}
	return k.Why + ": " + k.Detail
}

func (a *Answered) say(verdict, words string) {
	switch verdict {
	case "halt":
		a.Halt = words
	case "retry":
		a.Failure = words
	case "reject":
		a.Reject = words
	}
}
