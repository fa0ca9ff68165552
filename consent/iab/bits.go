package iab

// bitText reads the bits of a base64url text in place, six to a character, without decoding it into memory. Past the end, and
// in a character that is none of the alphabet, bits read as 0; callers that must know ask for len and valid.
type bitText string

// sextets is the value of each base64url character, 255 for the others. + and / are taken as - and _.
var sextets = func() (t [256]byte) {
	for i := range t {
		t[i] = 255
	}
	for i, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
		t[c] = byte(i)
	}
	t['+'], t['/'] = 62, 63
	return t
}()

// len returns how many bits there are.
func (b bitText) len() int { return 6 * len(b) }

// legible returns what is before the first character that is none of the alphabet.
func (b bitText) legible() bitText {
	for i := range len(b) {
		if sextets[b[i]] > 63 {
			return b[:i]
		}
	}
	return b
}

// valid reports whether all characters are of the alphabet.
func (b bitText) valid() bool { return len(b.legible()) == len(b) }

// uint reads n bits, at most 64, from position at, the most significant first.
func (b bitText) uint(at, n int) uint64 {
	var v uint64
	for n > 0 {
		take := min(6-at%6, n)
		var six byte
		if i := at / 6; i < len(b) && sextets[b[i]] < 64 {
			six = sextets[b[i]]
		}
		v = v<<take | uint64(six>>(6-at%6-take))&(1<<take-1)
		at, n = at+take, n-take
	}
	return v
}

func (b bitText) bool(at int) bool { return b.uint(at, 1) == 1 }

// mask24 reads 24 bits as a mask: the first bit becomes bit 0.
func (b bitText) mask24(at int) (m uint32) {
	v := b.uint(at, 24)
	for i := range 24 {
		if v&(1<<(23-i)) != 0 {
			m |= 1 << i
		}
	}
	return m
}

// fibonacci reads a number in Fibonacci coding: weights 1, 2, 3, 5, ... up to the second of two ones in a row. ok is false
// when the bits end before it does or it is larger than 65535.
func (b bitText) fibonacci(at int) (value, next int, ok bool) {
	weight, following := 1, 2
	previous := false
	for at < b.len() && weight <= 1<<17 {
		one := b.bool(at)
		at++
		if one && previous {
			return value, at, value <= 65535
		}
		if one {
			value += weight
		}
		previous = one
		weight, following = following, weight+following
	}
	return 0, at, false
}
