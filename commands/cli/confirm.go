package cli

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// Confirm asks a person on a terminal whether to continue, after saying what that means. Nobody else is asked: without a terminal
// it fails and names --yes.
func (w *World) Confirm(means, question string) error {
	fmt.Fprintln(w.Errors, means)
	if f, ok := w.In.(*os.File); ok && !isTerminal(f) {
		return Wrong("nothing was done; say --yes to do it")
	}
	fmt.Fprintf(w.Errors, "%s [y/N] ", question)
	line, _ := bufio.NewReader(w.In).ReadString('\n') // no line is no
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return nil
	}
	return Wrong("nothing was done")
}
