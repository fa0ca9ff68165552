// Package iabtest makes consent strings of the IAB for tests.
package iabtest

import (
	"strings"
	"time"
)

// Bits writes bits as base64url text.
type Bits struct{ b []byte }

// Uint writes n bits, the most significant first.
func (w *Bits) Uint(v uint64, n int) {
	for i := n - 1; i >= 0; i-- {
		w.b = append(w.b, byte(v>>i&1))
	}
}

// Bool writes one bit.
func (w *Bits) Bool(v bool) {
	if v {
		w.Uint(1, 1)
	} else {
		w.Uint(0, 1)
	}
}

// Mask writes a mask whose bit 0 comes first.
func (w *Bits) Mask(m uint32, n int) {
	for i := range n {
		w.Bool(m&(1<<i) != 0)
	}
}

func (w *Bits) String() string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for len(w.b)%6 != 0 {
		w.b = append(w.b, 0)
	}
	var out strings.Builder
	for i := 0; i < len(w.b); i += 6 {
		n := 0
		for _, bit := range w.b[i : i+6] {
			n = n<<1 | int(bit)
		}
		out.WriteByte(alphabet[n])
	}
	return out.String()
}

// Fibonacci writes a number as the header of GPP does.
func (w *Bits) Fibonacci(n int) {
	weights := []int{1, 2}
	for weights[len(weights)-1] <= n {
		weights = append(weights, weights[len(weights)-1]+weights[len(weights)-2])
	}
	bits := make([]bool, len(weights))
	highest := 0
	for i := len(weights) - 1; i >= 0; i-- {
		if weights[i] <= n {
			n -= weights[i]
			bits[i] = true
			highest = max(highest, i)
		}
	}
	for _, b := range bits[:highest+1] {
		w.Bool(b)
	}
	w.Bool(true)
}

// Restriction is one of the publisher: purpose, type, and the vendors from and to which it holds.
type Restriction [4]int

// TC is what a TC string is to say.
type TC struct {
	Updated      time.Time // 2026-11-02 unless said
	Policy       int       // 5 unless said
	Global       bool
	Consents, LI uint32
	OneFree      bool
	Country      string
	Vendors      int   // 1 to this have consent, as a bit field
	VendorList   []int // instead: ranges
	VendorsLI    int
	Restrictions []Restriction
	Publisher    bool
	PublisherOK  uint32
	Undisclosed  bool
}

// MakeTC returns the string.
func MakeTC(m TC) string {
	if m.Updated.IsZero() {
		m.Updated = time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	}
	if m.Policy == 0 {
		m.Policy = 5
	}
	if m.Country == "" {
		m.Country = "DE"
	}
	var w Bits
	w.Uint(2, 6)
	w.Uint(uint64(m.Updated.UnixMilli()/100), 36)
	w.Uint(uint64(m.Updated.UnixMilli()/100), 36)
	w.Uint(300, 12)
	w.Uint(1, 12)
	w.Uint(1, 6)
	w.Uint('E'-'A', 6)
	w.Uint('N'-'A', 6)
	w.Uint(100, 12)
	w.Uint(uint64(m.Policy), 6)
	w.Bool(!m.Global)
	w.Bool(false)
	w.Uint(0, 12)
	w.Mask(m.Consents, 24)
	w.Mask(m.LI, 24)
	w.Bool(m.OneFree)
	w.Uint(uint64(m.Country[0]-'A'), 6)
	w.Uint(uint64(m.Country[1]-'A'), 6)
	w.vendors(m.Vendors, m.VendorList)
	w.vendors(m.VendorsLI, nil)
	w.Uint(uint64(len(m.Restrictions)), 12)
	for _, r := range m.Restrictions {
		w.Uint(uint64(r[0]), 6)
		w.Uint(uint64(r[1]), 2)
		w.Uint(1, 12)
		w.Bool(true)
		w.Uint(uint64(r[2]), 16)
		w.Uint(uint64(r[3]), 16)
	}
	for len(w.b)%24 != 0 {
		w.Bool(false) // whole bytes, as base64 decoders want them
	}
	out := w.String()
	if !m.Undisclosed {
		var d Bits
		d.Uint(1, 3)
		d.vendors(1000, nil)
		out += "." + d.String()
	}
	if m.Publisher {
		var p Bits
		p.Uint(3, 3)
		p.Mask(m.PublisherOK, 24)
		p.Mask(0, 24)
		p.Uint(0, 6)
		out += "." + p.String()
	}
	return out
}

func (w *Bits) vendors(upTo int, list []int) {
	if list != nil {
		w.Uint(65535, 16)
		w.Bool(true)
		w.Uint(uint64(len(list)), 12)
		for _, v := range list {
			w.Bool(false)
			w.Uint(uint64(v), 16)
		}
		return
	}
	w.Uint(uint64(upTo), 16)
	w.Bool(false)
	for range upTo {
		w.Bool(true)
	}
}
