package iabtest

import "time"

// Part is one section of a GPP string.
type Part struct {
	id   int
	text string
}

// Section returns the section of an id.
func Section(id int, text string) Part { return Part{id, text} }

// GPP joins sections, which stand in the order of their ids.
func GPP(parts ...Part) string {
	var head Bits
	head.Uint(3, 6)
	head.Uint(1, 6)
	head.Uint(uint64(len(parts)), 12)
	last := 0
	out := ""
	for _, p := range parts {
		head.Bool(false)
		head.Fibonacci(p.id - last)
		last = p.id
		out += "~" + p.text
	}
	return head.String() + out
}

// Fields writes a version of six bits and Fields of two.
func Fields(values ...int) string {
	var w Bits
	w.Uint(1, 6)
	for _, v := range values {
		w.Uint(uint64(v), 2)
	}
	return w.String()
}

// National is usnat: 6 notices, three opt-outs, 16 sensitive, 3 children, 4 more.
func National(sale, sharing, targeted, child int) string {
	f := make([]int, 32)
	f[6], f[7], f[8], f[25] = sale, sharing, targeted, child
	return Fields(f...)
}

// NationalLegacy is usnat of before 2024: it has 12 sensitive Fields and 2 of children.
func NationalLegacy(sensitive, child int) string {
	f := make([]int, 27)
	f[6], f[7], f[8], f[17], f[21] = 2, 2, 2, sensitive, child
	return Fields(f...)
}

// California is usca.
func California(sale, sharing int) string {
	f := make([]int, 20)
	f[3], f[4] = sale, sharing
	return Fields(f...)
}

// Headed is a section of the newer structure: id, version, an empty range, then the core.
func Headed(id int, core string) string {
	var w Bits
	w.Uint(uint64(id), 6)
	w.Uint(1, 6)
	w.Uint(0, 12)
	return w.String() + "." + core
}

// Canada is tcfca, answered at a time.
func Canada(at time.Time, express, implied uint32) string {
	var w Bits
	w.Uint(1, 6)
	w.Uint(uint64(at.UnixMilli()/100), 36)
	w.Uint(uint64(at.UnixMilli()/100), 36)
	w.Uint(0, 73-13)
	w.Uint(0, 13)
	w.Mask(express, 24)
	w.Mask(implied, 24)
	w.Uint(0, 60)
	return w.String()
}
