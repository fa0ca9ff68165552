package document

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Ordered is a map that keeps the order in which its keys were written.
type Ordered[T any] []Entry[T]

// Entry is one key of an Ordered map.
type Entry[T any] struct {
	Key   string
	At    Place // of the key
	Value T
}

// Get returns the value of a key.
func (o Ordered[T]) Get(key string) (value T, ok bool) {
	for i := range o {
		if o[i].Key == key {
			return o[i].Value, true
		}
	}
	return value, false
}

// Keys returns the keys in their order.
func (o Ordered[T]) Keys() []string {
	keys := make([]string, len(o))
	for i := range o {
		keys[i] = o[i].Key
	}
	return keys
}

func (o *Ordered[T]) element() reflect.Type { return reflect.TypeFor[T]() }

func (o *Ordered[T]) fill(d *decoder, n *Node, name string) {
	if n.Kind == Null {
		return
	}
	if n.Kind != Map {
		d.wrong(n, name, "a map", d.mapCure(n, nil))
		return
	}
	n = d.entries(n, o.element())
	*o = make(Ordered[T], len(n.Fields))
	for i, f := range n.Fields {
		e := &(*o)[i]
		e.Key, e.At, d.column = f.Key, f.At, f.At.Column
		d.fresh(f.Value, &e.Value, strconv.Quote(f.Key))
	}
}

// Duration is a time span: 300ms, 10s, 1h30m, 7d, 5y. A day has 24 hours, a year 365 days.
type Duration time.Duration

var durationPart = regexp.MustCompile(`^(\d+(?:\.\d+)?)(us|µs|ms|s|m|h|d|w|y)`)

var durationUnits = map[string]time.Duration{"us": time.Microsecond, "µs": time.Microsecond, "ms": time.Millisecond,
	"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour, "y": 365 * 24 * time.Hour}

// ParseDuration reads a time span; 0 needs no unit.
func ParseDuration(s string) (Duration, error) {
	if s == "0" {
		return 0, nil
	}
	total, rest := 0.0, s
	for rest != "" {
		m := durationPart.FindStringSubmatch(rest)
		if m == nil {
			return 0, fmt.Errorf("%q is no time span such as 300ms, 10s, 72h or 7d", s)
		}
		f, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			return 0, fmt.Errorf("%q is no time span: %w", s, err)
		}
		total += f * float64(durationUnits[m[2]])
		rest = rest[len(m[0]):]
	}
	if s == "" || total >= math.MaxInt64 {
		return 0, fmt.Errorf("%q is no time span such as 300ms, 10s, 72h or 7d", s)
	}
	return Duration(total), nil
}

// Std returns the span as the standard library's type.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// String writes the span as it is written in YAML, in whole days where it is more than two.
func (d Duration) String() string {
	day := 24 * time.Hour
	if t := time.Duration(d); t >= 2*day && t%day == 0 && t != 72*time.Hour {
		return strconv.Itoa(int(t/day)) + "d"
	}
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func (d *Duration) fill(dec *decoder, n *Node, name string) {
	measure(dec, n, name, "a time span such as 300ms, 10s, 72h or 7d", ParseDuration, d)
}

// Size is a number of bytes: 512KiB, 1MiB, 20GiB; also kB, MB, GB in thousands.
type Size int64

var sizeForm = regexp.MustCompile(`^(\d+(?:\.\d+)?)\s?(B|KiB|MiB|GiB|TiB|kB|KB|MB|GB|TB)$`)

var sizeUnits = map[string]float64{"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
	"kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}

// ParseSize reads a number of bytes; 0 needs no unit.
func ParseSize(s string) (Size, error) {
	if s == "0" {
		return 0, nil
	}
	m := sizeForm.FindStringSubmatch(s)
	if m == nil {
		return 0, fmt.Errorf("%q is no size such as 512KiB, 1MiB or 20GiB", s)
	}
	f, err := strconv.ParseFloat(m[1], 64)
	if err != nil || f*sizeUnits[m[2]] >= math.MaxInt64 {
		return 0, fmt.Errorf("%q is no size such as 512KiB, 1MiB or 20GiB", s)
	}
	return Size(f * sizeUnits[m[2]]), nil
}

// Int returns the bytes as an int.
func (s Size) Int() int { return int(s) }

// String writes the size in the largest unit that keeps it whole.
func (s Size) String() string {
	for _, u := range []struct {
		size Size
		name string
	}{{1 << 40, "TiB"}, {1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if s >= u.size && s%u.size == 0 {
			return strconv.FormatInt(int64(s/u.size), 10) + u.name
		}
	}
	if s == 0 {
		return "0"
	}
	return strconv.FormatInt(int64(s), 10) + "B"
}

func (s *Size) fill(d *decoder, n *Node, name string) {
	measure(d, n, name, "a size such as 512KiB, 1MiB or 20GiB", ParseSize, s)
}

// Rate is how many a second: 50/s, 600/m, 1000/h. 0 means no limit.
type Rate float64

var rateForm = regexp.MustCompile(`^(\d+(?:\.\d+)?)\s?/\s?(s|m|h|d)$`)

// ParseRate reads a rate; 0 needs no unit.
func ParseRate(s string) (Rate, error) {
	if s == "0" {
		return 0, nil
	}
	m := rateForm.FindStringSubmatch(s)
	if m == nil {
		return 0, fmt.Errorf("%q is no rate such as 50/s or 1000/h", s)
	}
	f, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no rate: %w", s, err)
	}
	return Rate(f / durationUnits[m[2]].Seconds()), nil
}

// String writes the rate by the smallest unit of time that keeps it whole.
func (r Rate) String() string {
	if r == 0 {
		return "0"
	}
	for _, unit := range []string{"s", "m", "h", "d"} {
		f := float64(r) * durationUnits[unit].Seconds()
		if whole := math.Round(f); whole > 0 && math.Abs(f-whole) < 1e-9*whole {
			return strconv.FormatFloat(whole, 'f', -1, 64) + "/" + unit
		}
	}
	return strconv.FormatFloat(float64(r), 'g', -1, 64) + "/s"
}

func (r *Rate) fill(d *decoder, n *Node, name string) {
	measure(d, n, name, "a rate such as 50/s or 1000/h", ParseRate, r)
}

// Throughput is how many bytes a second: 1MiB/s. 0 means no limit.
type Throughput float64

// ParseThroughput reads a size and a unit of time; 0 needs no unit.
func ParseThroughput(s string) (Throughput, error) {
	if s == "0" {
		return 0, nil
	}
	size, unit, _ := strings.Cut(s, "/")
	per, known := durationUnits[strings.TrimSpace(unit)]
	bytes, err := ParseSize(strings.TrimSpace(size))
	if err != nil || !known || per < time.Second || per > 24*time.Hour {
		return 0, fmt.Errorf("%q is no throughput such as 1MiB/s or 600MiB/m", s)
	}
	return Throughput(float64(bytes) / per.Seconds()), nil
}

// String writes the throughput by the second.
func (t Throughput) String() string {
	if t == 0 {
		return "0"
	}
	return Size(math.Round(float64(t))).String() + "/s"
}

func (t *Throughput) fill(d *decoder, n *Node, name string) {
	measure(d, n, name, "a throughput such as 1MiB/s", ParseThroughput, t)
}

// Percent is a share: 10% is 0.1.
type Percent float64

// ParsePercent reads a share between 0% and 100%.
func ParsePercent(s string) (Percent, error) {
	digits, ok := strings.CutSuffix(s, "%")
	f, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if !ok || err != nil || !(f >= 0 && f <= 100) {
		return 0, fmt.Errorf("%q is no share such as 10%%", s)
	}
	return Percent(f / 100), nil
}

// String writes the share as it is written in YAML.
func (p Percent) String() string {
	return strconv.FormatFloat(math.Round(float64(p)*1e8)/1e6, 'f', -1, 64) + "%"
}

func (p *Percent) fill(d *decoder, n *Node, name string) {
	measure(d, n, name, "a share such as 10%", ParsePercent, p)
}

// measure decodes a number with a unit.
func measure[T any](d *decoder, n *Node, name, takes string, parse func(string) (T, error), into *T) {
	if len(n.Missing) > 0 {
		return
	}
	if n.Kind == Null && n.Text == "" {
		d.empty(n, name)
		return
	}
	if n.Kind == Text || n.Kind == Number {
		if v, err := parse(n.Text); err == nil {
			*into = v
			return
		}
	}
	d.wrong(n, name, takes, measureCure(n, *into))
}

var spokenSpan = regexp.MustCompile(`^(\d+) ?(second|minute|hour|day|week|year)s?$`)

// measureCure writes what was most likely meant in the form that is read.
func measureCure(n *Node, of any) string {
	switch of.(type) {
	case Percent:
		if f, err := strconv.ParseFloat(n.Text, 64); err == nil && f > 0 && f <= 100 {
			if f <= 1 {
				f *= 100
			}
			return "write " + Percent(f/100).String()
		}
	case Duration:
		if m := spokenSpan.FindStringSubmatch(n.Text); m != nil {
			return "write " + m[1] + m[2][:1]
		}
	}
	return ""
}
