package pages

import (
	"testing"
	"time"

	"headgate/consent"
	"headgate/consent/people"
	"headgate/event"
)

func FuzzAChoice(f *testing.F) {
	for _, body := range []string{`{"consent":{"analytics":true,"ads":"denied"},"client_id":"1.2"}`, `{"_c":"analytics:1","gdpr_consent":"CP"}`, `[]`, `{"consent":[],"client_id":{}}`, "\xff"} {
		f.Add([]byte(body))
	}
	policy, ms := consent.New(consent.Defaults())
	if len(ms) > 0 {
		f.Fatal(ms)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		h := &event.Hit{Body: body, Received: time.Unix(1_795_000_000, 0)}
		reading, err := choicePage{}.Read(h)
		if (err == nil) != (len(reading.Events) == 1) {
			t.Fatalf("%v and %d events", err, len(reading.Events))
		}
		if err == nil {
			record := policy.Resolve(h, &reading.Events[0])
			receipt, _ := people.NewReceipt(&record, people.Subject{}, "", "", h.Received)
			said := map[string]bool{}
			for _, c := range receipt.Choices {
				if before, known := said[c.Purpose]; known && before != c.Granted {
					t.Fatalf("a purpose is granted and denied: %+v", receipt.Choices)
				}
				said[c.Purpose] = c.Granted
			}
		}
	})
}
