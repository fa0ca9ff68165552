package iab

// Vendors is a set of vendors, as a bit field or as ranges.
type Vendors struct {
	present bool
	bits    bitText
	at      int // of the bit field or of the first range
	max     int // of a bit field: its length; of ranges: the highest vendor that a range may name
	entries int // of ranges
	ranged  bool
}

// readVendors reads 16 bits MaxVendorId, 1 bit IsRangeEncoding, then the bit field or the ranges.
func readVendors(b bitText, at int) (v Vendors, next int, ok bool) {
	if at+17 > b.len() {
		return v, at, false
	}
	v = Vendors{present: true, bits: b, at: at + 17, max: int(b.uint(at, 16)), ranged: b.bool(at + 16)}
	if v.ranged {
		next, v.entries, ok = skipRanges(b, v.at)
		v.at += 12
		return v, next, ok
	}
	next = v.at + v.max
	return v, next, next <= b.len()
}

// skipRanges walks over a range section (12 bits count, then 1 bit whether it is a range, 16 bits start, 16 bits end) and
// checks it. An entry has 17 bits at least, so that the work is bounded by the text.
func skipRanges(b bitText, at int) (next, entries int, ok bool) {
	if at+12 > b.len() {
		return at, 0, false
	}
	entries = int(b.uint(at, 12))
	at += 12
	for range entries {
		width := 17
		if b.bool(at) {
			width = 33
		}
		if at+width > b.len() || width == 33 && b.uint(at+17, 16) < b.uint(at+1, 16) {
			return at, 0, false
		}
		at += width
	}
	return at, entries, true
}

// Has reports whether a vendor is in the list. Ranges need not be in order, so each is looked at.
func (v *Vendors) Has(vendor int) bool {
	if !v.present || vendor < 1 {
		return false
	}
	if !v.ranged {
		return vendor <= v.max && v.bits.bool(v.at+vendor-1)
	}
	return inRanges(v.bits, v.at, v.entries, vendor)
}

func inRanges(b bitText, at, entries, vendor int) bool {
	for range entries {
		start := int(b.uint(at+1, 16))
		end := start
		if b.bool(at) {
			end = int(b.uint(at+17, 16))
			at += 16
		}
		at += 17
		if vendor >= start && vendor <= end {
			return true
		}
	}
	return false
}

// Restrictions are what the publisher does not allow vendors to do.
type Restrictions struct {
	bits  bitText
	at    int
	count int
}

// The types of a restriction.
const (
	NotAllowed = iota
	RequireConsent
	RequireLI
)

func readRestrictions(b bitText, at int) (r Restrictions, ok bool) {
	if at+12 > b.len() {
		return r, false
	}
	r = Restrictions{b, at + 12, int(b.uint(at, 12))}
	at += 12
	for range r.count {
		if at, _, ok = skipRanges(b, at+8); !ok {
			return r, false
		}
	}
	return r, true
}

// On returns the strictest restriction of a purpose for a vendor, -1 when there is none.
func (r *Restrictions) On(purpose, vendor int) int {
	found := -1
	at := r.at
	for range r.count {
		kind := int(r.bits.uint(at+6, 2))
		next, entries, _ := skipRanges(r.bits, at+8)
		if int(r.bits.uint(at, 6)) == purpose && kind <= RequireLI && (found < 0 || kind < found) &&
			inRanges(r.bits, at+20, entries, vendor) {
			found = kind
		}
		at = next
	}
	return found
}
