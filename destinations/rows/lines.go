package rows

import "slices"

// Lines are rows as lines of JSON; see AppendLine. Room for all of them is made by the length of the first.
func Lines[T any](columns []Column[T], list []*T, form Form) (b []byte) {
	for i, row := range list {
		b = AppendLine(b, columns, row, form)
		if i == 0 {
			b = slices.Grow(b, (len(b)+len(b)/8)*(len(list)-1))
		}
	}
	return b
}
