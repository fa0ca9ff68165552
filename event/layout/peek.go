package layout

import (
	"encoding/binary"

	"headgate/event"
)

// Peek reads only the event's id and name out of what Append wrote, which begins with them; ok is false when there is
// no id.
func Peek(b []byte) (id, name string, ok bool) {
	const idTag, nameTag = 1, 2
	_, b, ok = cutIdentifiers(b)
	if !ok || len(b) < 2 || b[0] != idTag {
		return "", "", false
	}
	id, b, ok = peekText(b[1:])
	if ok && len(b) > 1 && b[0] == nameTag {
		name, _, ok = peekText(b[1:])
	}
	return id, name, ok
}

// PeekIdentifiers reads only the identifiers out of what Append wrote; ok is false when they can only be learnt from the
// event itself, since an older version wrote it.
func PeekIdentifiers(b []byte) (ids []event.Identifier, ok bool) {
	stored, _, whole := cutIdentifiers(b)
	if !whole || b[0] == unidentified {
		return nil, false
	}
	r := reader{rest: string(stored)}
	return r.identifiers(), !r.bad
}

// WithoutIdentifiers returns what Append would have written of a decision without identifiers.
func WithoutIdentifiers(b []byte) []byte {
	stored, rest, ok := cutIdentifiers(b)
	if !ok || len(stored) <= 1 {
		return b
	}
	return append([]byte{b[0], 0}, rest...)
}

// cutIdentifiers cuts what Append wrote behind its version into the identifiers with their number, and the rest.
func cutIdentifiers(b []byte) (ids, rest []byte, ok bool) {
	switch {
	case len(b) > 0 && b[0] == unidentified:
		return nil, b[1:], true
	case len(b) < 2 || b[0] < sentences || b[0] > newest || len(b) < 2+int(b[1])*identifierSize:
		return nil, nil, false
	}
	end := 2 + int(b[1])*identifierSize
	return b[1:end], b[end:], true
}

func peekText(b []byte) (s string, rest []byte, ok bool) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return "", nil, false
	}
	return string(b[size : size+int(n)]), b[size+int(n):], true
}
