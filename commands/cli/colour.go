package cli

import (
	"os"
	"strings"

	"headgate/document"
)

// colour is how something is shown on a terminal, as a parameter of the escape sequence that selects it (ECMA-48).
type colour string

// The colours.
const (
	bold   colour = "1"
	Red    colour = "31"
	Green  colour = "32"
	Yellow colour = "33"
)

// paints reports whether a stream shows colours: it is a terminal, and the environment does not ask for none
// (https://no-color.org, TERM=dumb).
func paints(stream any) bool {
	return isTerminal(stream) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// Paint returns a text in a colour where colours are shown, and as it is elsewhere.
func Paint(shown bool, c colour, text string) string {
	if !shown {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

// PaintMistakes shows the places of mistakes in bold and their cures in green.
func PaintMistakes(shown bool, ms document.Mistakes) string {
	lines := make([]string, len(ms))
	for i, m := range ms {
		line := m.Fact
		if at := m.At.String(); at != "" {
			line = Paint(shown, bold, at+":") + " " + line
		}
		if m.Cure != "" {
			line += "; " + Paint(shown, Green, m.Cure)
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
