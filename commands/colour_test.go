package commands

import (
	"testing"

	"headgate/commands/cli"
	"headgate/document"
)

func TestColoursAreForTerminalsOnly(t *testing.T) {
	var ms document.Mistakes
	ms.Add(document.Place{File: "a.yaml", Line: 1, Column: 2}, "no field", "write x")
	ms.Add(document.Place{}, "odd", "")
	if got := cli.PaintMistakes(false, ms); got != ms.Error() {
		t.Errorf("without colours: %q", got)
	}
	if got, want := cli.PaintMistakes(true, ms), "\x1b[1ma.yaml:1:2:\x1b[0m no field; \x1b[32mwrite x\x1b[0m\nodd"; got != want {
		t.Errorf("with colours: %q, want %q", got, want)
	}
	if _, _, errs := runHeadgate(t, "check", "--config", "/nowhere.yaml"); errs != "/nowhere.yaml: is not there; name a file or a folder with --config\n" {
		t.Errorf("into a pipe: %q", errs)
	}
}
