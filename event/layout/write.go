package layout

import (
	"encoding/binary"
	"math"
	"time"

	"headgate/event"
)

// appendFields appends the fields that say something.
func appendFields(b []byte, columns []event.Column, f event.Cells) []byte {
	for i := range columns {
		c := &columns[i]
		at := f.At(c)
		if !c.Empty(at) {
			b = appendColumn(append(b, c.Tag), c, at)
		}
	}
	return append(b, 0)
}

func appendColumn(b []byte, c *event.Column, at event.Cell) []byte {
	switch c.Kind {
	case event.TextColumn:
		return appendText(b, *at.Text())
	case event.BoolColumn:
		return appendBool(b, *at.Bool())
	case event.WholeColumn:
		return binary.AppendVarint(b, *at.Whole())
	case event.TimeColumn:
		return appendInstant(b, *at.Time())
	case event.NumberColumn:
		return appendFloat(b, at.Number().Float)
	case event.MapColumn:
		return appendMap(b, *at.Map())
	}
	items := *at.Items()
	b = binary.AppendUvarint(b, uint64(len(items)))
	for i := range items {
		b = appendFields(b, event.ItemColumns, items[i].Cells())
	}
	return b
}

func appendMap(b []byte, m event.Map) []byte {
	b = binary.AppendUvarint(b, uint64(len(m)))
	for i := range m {
		b = appendText(b, m[i].Key)
		b = appendValue(b, m[i].Value)
	}
	return b
}

// writtenNumber marks, in the place of a kind, a number that keeps its writing.
const writtenNumber = 0x10

func appendValue(b []byte, v event.Value) []byte {
	if text := v.Written(); text != "" {
		return appendText(append(b, writtenNumber), text)
	}
	b = append(b, byte(v.Kind()))
	switch v.Kind() {
	case event.Bool:
		yes, _ := v.Bool()
		return appendBool(b, yes)
	case event.Numeric:
		f, _ := v.Float()
		return appendFloat(b, f)
	case event.Text:
		return appendText(b, v.Text())
	case event.Object:
		return appendMap(b, v.Object())
	case event.List:
		list := v.List()
		b = binary.AppendUvarint(b, uint64(len(list)))
		for i := range list {
			b = appendValue(b, list[i])
		}
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendFloat(b []byte, f float64) []byte {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(f))
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

// appendInstant writes nanoseconds since 1970; the zero time is written as the smallest number.
func appendInstant(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return binary.AppendVarint(b, math.MinInt64)
	}
	return binary.AppendVarint(b, t.UnixNano())
}

// words writes repeated texts once: 0 and the text the first time, later its number, from 1. The first numbers are those
// of the words that are known beforehand.
type words struct {
	known *vocabulary
	n     int
	seen  [48]string
}

// The words that are known beforehand, "" first: their places are part of the layout, so new ones go to the end.
var (
	recordWords = []string{"", "granted", "denied", "unknown", "choice", "signal", "default", "policy", "always",
		"necessary", "functional", "analytics", "ads", "personalized_ads", "sharing", "opt_in", "opt_out", "none",
		"google", "event", "gpc", "tcf", "gpp", "usp", "unknown region (none)", "unknown region (opt_in)", "unknown region (opt_out)"}
	outcomeWords = []string{"", string(event.Delivered), string(event.Redacted), string(event.PurposeDenied), string(event.NoChoice), string(event.NotWanted),
		string(event.EventNotMapped), string(event.DroppedByRule), string(event.SkippedByRule), string(event.SampledOut), string(event.BotDropped)}

	recordVocabulary, outcomeVocabulary = newVocabulary(recordWords), newVocabulary(outcomeWords)
)

// vocabulary finds the number of a word that is known beforehand. A map would cost a third of what a decision's form in the log
// takes to write.
type vocabulary struct {
	list  []string
	slots [256]byte // numbers, from 1, at the first free place from where the word belongs
}

func newVocabulary(list []string) *vocabulary {
	v := &vocabulary{list: list}
	for i, word := range list {
		at := slot(word)
		for v.slots[at] != 0 {
			at++
		}
		v.slots[at] = byte(i + 1)
	}
	return v
}

// number returns the number of a word, 0 when it is not known.
func (v *vocabulary) number(word string) byte {
	for at := slot(word); v.slots[at] != 0; at++ {
		if n := v.slots[at]; v.list[n-1] == word {
			return n
		}
	}
	return 0
}

// slot is where a word belongs: a byte, so that the last place is followed by the first.
func slot(word string) uint8 {
	if word == "" {
		return 0
	}
	return uint8(len(word))*37 + word[0]*11 + word[len(word)/2]*5 + word[len(word)-1]
}

func (w *words) append(b []byte, s string) []byte {
	if number := w.known.number(s); number != 0 {
		return append(b, number)
	}
	for i := range w.seen[:w.n] {
		if w.seen[i] == s {
			return binary.AppendUvarint(b, uint64(len(w.known.list)+i)+1)
		}
	}
	if w.n < len(w.seen) {
		w.seen[w.n] = s
		w.n++
	}
	return appendText(append(b, 0), s)
}
