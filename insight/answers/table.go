package answers

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mostKeys is how many rows a list has.
const mostKeys = 100

// mostLive is how long the lists of the live view are.
const mostLive = 50

func round(f float64) float64 { return math.Round(f*1e6) / 1e6 }

func rfc(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339) }

func cell(v any) string {
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

func line(values ...any) []string {
	cells := make([]string, len(values))
	for i, v := range values {
		cells[i] = cell(v)
	}
	return cells
}

// visitorID writes a visitor as people see one.
func visitorID(v uint64) string { return fmt.Sprintf("%016x", v) }

// busiest returns the keys of a map, those with most first, at most a number of them.
func busiest[V any](m map[uint32]V, size func(V) int, name func(uint32) string, most int) []uint32 {
	keys := make([]uint32, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b uint32) int {
		if d := size(m[b]) - size(m[a]); d != 0 {
			return d
		}
		return strings.Compare(name(a), name(b))
	})
	return keys[:min(len(keys), most)]
}

func itself(n int) int { return n }

// byName orders campaigns of the same size by source, medium and name.
func byName(x, y [3]string) int { return slices.Compare(x[:], y[:]) }

func sign(f float64) int {
	if f < 0 {
		return -1
	}
	return 1
}

func maybe(f *float64) string {
	if f == nil {
		return ""
	}
	return cell(*f)
}

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return round(float64(n) / float64(of))
}

// next is where visitors went.
type next struct {
	To    string `json:"to"`
	Count int    `json:"count"`
	Next  []next `json:"next,omitempty"`
}
