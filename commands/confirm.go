package commands

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// confirm asks a person on a terminal whether to continue, after saying what that means. Nobody else is asked: without a terminal
// it fails and names --yes.
func (w *world) confirm(means, question string) error {
	fmt.Fprintln(w.errors, means)
	if f, ok := w.in.(*os.File); ok && !isTerminal(f) {
		return wrong("nothing was done; say --yes to do it")
	}
	fmt.Fprintf(w.errors, "%s [y/N] ", question)
	line, _ := bufio.NewReader(w.in).ReadString('\n') // no line is no
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return nil
	}
	return wrong("nothing was done")
}
