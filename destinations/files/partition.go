package files

import (
	"strings"
	"time"

	"headgate/destinations"
	"headgate/document"
)

// partition says into which folder a row goes.
type partition struct {
	text  func(*destinations.Sending) string // nil: of the time of receipt alone
	times string                             // date, hour or none; of decisions always
}

// The words for the time of receipt, and what they are in time's own format. They are marked so that they are not taken for it
// where a formula yields the like.
const dateWord, hourWord = "\x01", "\x02"

// openPartition reads the setting: date, hour, none, or a path with {formulas}, {date} and {hour} in it.
func openPartition(o destinations.DriverOptions) (p partition, ms document.Mistakes) {
	text := o.Settings.Text("partition")
	switch text {
	case "date", "hour", "none":
		return partition{times: text}, nil
	}
	at := o.Settings.Place("partition")
	switch {
	case strings.HasPrefix(text, "/") || strings.HasSuffix(text, "/"):
		ms.Add(at, "partition: a path below to has no slash at its ends", "write site={site}/date={date}")
	case !strings.Contains(text, "{"):
		ms.Add(at, "partition: expected date, hour, none, or a path with {...} in it", "write site={site}/date={date}")
	}
	if len(ms) > 0 {
		return p, ms
	}
	p.times = "date"
	p.text, ms = o.Text("partition", map[string]string{"{date}": dateWord, "{hour}": hourWord}, segment)
	return p, ms
}

// of is the folder of an event. The time is that of receipt, not the visitor's clock's: a folder is complete soon after its
// time, and nobody can make folders in the far past or future.
func (p partition) of(s *destinations.Sending, now func() time.Time) string {
	if p.text == nil {
		return p.day(s.Event.Received, now)
	}
	t := received(s.Event.Received, now)
	return strings.NewReplacer(dateWord, t.Format(time.DateOnly), hourWord, t.Format("15")).Replace(p.text(s))
}

// day is the folder of what was received at a time. Folders are named as Hive does, so that engines see the columns date and hour.
func (p partition) day(t time.Time, now func() time.Time) string {
	switch t = received(t, now); p.times {
	case "date":
		return t.Format("date=2006-01-02")
	case "hour":
		return t.Format("date=2006-01-02/hour=15")
	}
	return ""
}

func received(t time.Time, now func() time.Time) time.Time {
	if t.IsZero() {
		t = now()
	}
	return t.UTC()
}

const longestSegment = 100 // bytes that one value of an event takes in a path

// segment is what a formula yields as a piece of a path: no folder of its own, and never one above. Hive's word for nothing stands for
// nothing.
func segment(s string) string {
	if s = strings.ToValidUTF8(s, "_"); len(s) > longestSegment {
		s = strings.ToValidUTF8(s[:longestSegment], "")
	}
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`/\:*?"<>|#%`, r) {
			return '_'
		}
		return r
	}, s)
	if strings.Trim(s, ".") == "" {
		return "__HIVE_DEFAULT_PARTITION__"
	}
	return strings.TrimLeft(s, ".")
}
