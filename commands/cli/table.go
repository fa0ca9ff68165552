package cli

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Table is rows in columns below their names: texts on the left, columns of nothing but quantities on the right.
type Table struct{ Rows [][]string }

// NewTable begins with the names of the columns.
func NewTable(head ...string) *Table { return &Table{[][]string{head}} }

// Row adds one. Texts of senders and vendors must have gone through trace.Visible.
func (t *Table) Row(cells ...any) {
	texts := make([]string, len(cells))
	for i, cell := range cells {
		texts[i] = fmt.Sprint(cell)
	}
	t.Rows = append(t.Rows, texts)
}

// Print writes nothing at all where there are no rows.
func (t *Table) Print(out io.Writer) error {
	if len(t.Rows) < 2 {
		return nil
	}
	var text strings.Builder
	widths, right := t.columns()
	for _, row := range t.Rows {
		var line strings.Builder
		for i, cell := range row {
			gap := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i > 0 {
				line.WriteString("  ")
			}
			if right[i] {
				line.WriteString(gap + cell)
			} else {
				line.WriteString(cell + gap)
			}
		}
		text.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// quantity is a number with its unit, or what it was and would be.
var quantity = regexp.MustCompile(`^(?:new: )?-?[0-9][0-9.]*(?: → [0-9.]+)?(?: ?(?:%|s|ms|µs|B|[KMGT]iB))?$`)

// columns returns how wide each one is, and whether it stands on the right. What has no value leaves that open.
func (t *Table) columns() (widths []int, right []bool) {
	for r, row := range t.Rows {
		for i, cell := range row {
			if i == len(widths) {
				widths, right = append(widths, 0), append(right, true)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
			if r > 0 && cell != "" && cell != "-" && !quantity.MatchString(cell) {
				right[i] = false
			}
		}
	}
	return widths, right
}
