package event

import (
	"net/netip"
	"strings"

	"headgate/event/wire"
)

// Arena makes the texts of one request in one allocation, or few. A text that it has made lasts as long as anyone holds it. A text that
// had nothing to unescape is not copied at all, but stays part of the request.
type Arena struct {
	b    strings.Builder
	Size int // how much the first copy makes room for: the whole of what may come
}

// Unescape is wire.Unescape into the arena.
func (a *Arena) Unescape(s string) string {
	i := wire.FindEscape(s)
	if i < 0 {
		return s
	}
	from := a.room(len(s))
	for ; i >= 0; i = wire.FindEscape(s) {
		s = wire.UnescapeFirst(&a.b, s, i)
	}
	a.b.WriteString(s)
	return a.b.String()[from:]
}

// Text copies foreign bytes that will not last.
func (a *Arena) Text(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	from := a.room(len(b))
	a.b.Write(b)
	return a.b.String()[from:]
}

// Address is a network address as text, "" for none.
func (a *Arena) Address(of netip.Addr) string {
	var room [64]byte
	return a.Text(of.AppendTo(room[:0]))
}

// room returns where the next text begins.
func (a *Arena) room(size int) (from int) {
	if a.b.Cap() == 0 {
		a.b.Grow(max(a.Size, size))
	}
	return a.b.Len()
}
