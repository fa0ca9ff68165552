package dedup

import "math/bits"

// table holds a small number for each of many keys, in ten bytes a slot of which four fifths are taken when it is full: Go's maps take two to
// three times as much. A key is looked for from the slot that its own bits choose onwards. Nothing is ever taken out of it.
type table struct {
	keys    []Key // 0 is a free slot
	numbers []uint16
	count   int
	room    int // keys that it is to take: no more slots are made than they need
}

const leastSlots = 64

// slotsFor is how many slots that many keys need.
func slotsFor(keys int) int { return keys*5/4 + 1 }

// slot returns where a key is, or the free slot where it belongs; the table has a free slot.
func (t *table) slot(k Key) int {
	high, _ := bits.Mul64(uint64(k), uint64(len(t.keys)))
	at := int(high)
	for t.keys[at] != k && t.keys[at] != 0 {
		if at++; at == len(t.keys) {
			at = 0
		}
	}
	return at
}

func (t *table) get(k Key) (number uint16, known bool) {
	if t.count == 0 {
		return 0, false
	}
	at := t.slot(k)
	return t.numbers[at], t.keys[at] == k
}

func (t *table) set(k Key, number uint16) {
	if slotsFor(t.count+1) > len(t.keys) {
		t.grow()
	}
	at := t.slot(k)
	if t.keys[at] == 0 {
		t.keys[at] = k
		t.count++
	}
	t.numbers[at] = number
}

// grow doubles the slots, or makes as many as a full table needs.
func (t *table) grow() {
	slots := max(leastSlots, 2*len(t.keys))
	if full := slotsFor(t.room); t.count < t.room && slots > full {
		slots = full
	}
	old := *t
	t.keys, t.numbers = make([]Key, slots), make([]uint16, slots)
	for from, k := range old.keys {
		if k != 0 {
			at := t.slot(k)
			t.keys[at], t.numbers[at] = k, old.numbers[from]
		}
	}
}
