package alerts

import (
	"fmt"
	"time"
)

// disk finds that little space is left.
func disk(f *Facts, c *Config) (out []Finding) {
	if f.Space > 0 && float64(f.Free) < float64(f.Space)*float64(c.Disk) {
		out = append(out, Finding{Kind: Disk, About: "volume",
			Cause: fmt.Sprintf("%s of the volume with the data folder is free (%d MiB). When nothing is left, hits are answered 503.", percent(float64(f.Free)/float64(f.Space)), f.Free>>20),
			Next:  "Make room, enlarge the volume, or lower queue.max_bytes and queue.keep."})
	}
	if f.LogFull {
		out = append(out, Finding{Kind: Disk, About: "log",
			Cause: "The log is nearly full of events that are not delivered. When it is full, hits are answered 503.",
			Next:  "See which destination lags; fix it, or forget what was removed (headgate queue forget); or raise queue.max_bytes."})
	}
	return out
}

// damage finds what is missing or unreadable on disk.
func damage(f *Facts, _ *Config) (out []Finding) {
	for _, d := range f.Damage {
		out = append(out, Finding{Kind: LogDamage, About: d.Where, Cause: "Damage was found in " + d.Where + ": " + d.What + ".",
			Next: "headgate queue verify reads everything and reports; compare with a backup. What is whole is used and delivered."})
	}
	return out
}

// expiries finds what ends soon, or has ended.
func expiries(f *Facts, c *Config) (out []Finding) {
	for _, e := range f.Expiries {
		left := e.End.Sub(f.Now)
		if left > c.Expiry.Std() {
			continue
		}
		one := Finding{Kind: e.Kind, Destination: e.Destination, About: e.Name, Next: "Replace it; a reload takes the new one, no restart is needed."}
		if e.Kind == APIVersion {
			one.Next = "Write a newer version in its settings, after headgate test; the vendor's changelog says what changes."
		}
		day := e.End.UTC().Format(time.DateOnly)
		if left <= 0 {
			one.Cause = fmt.Sprintf("%s ended on %s.", e.What, day)
		} else {
			one.Cause = fmt.Sprintf("%s ends on %s, in %s.", e.What, day, span(left))
		}
		out = append(out, one)
	}
	return out
}
