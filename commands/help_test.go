package commands

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// run runs a command line in the test's folder.
func runHeadgate(t *testing.T, args ...string) (status int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	status = Main(args, strings.NewReader(""), &o, &e)
	return status, o.String(), e.String()
}

func TestEveryVerbExplainsItself(t *testing.T) {
	for path, lines := range examples {
		status, out, errs := runHeadgate(t, append([]string{"help"}, strings.Fields(path)...)...)
		if status != fine || !strings.Contains(out, "Exit status: 0 fine") || errs != "" {
			t.Errorf("help %s: status %d, %s%s", path, status, out, errs)
		}
		for _, line := range lines {
			if !strings.Contains(out, "headgate "+line) {
				t.Errorf("help %s does not show %q:\n%s", path, line, out)
			}
			if !strings.HasPrefix(line, path) {
				t.Errorf("an example of %s is %q", path, line)
			}
		}
	}
	if status, out, _ := runHeadgate(t, "--version"); status != fine || !strings.HasPrefix(out, "headgate 0.") {
		t.Errorf("--version: %d %q", status, out)
	}
	if status, out, _ := runHeadgate(t, "help"); status != fine || !strings.Contains(out, "explain") {
		t.Errorf("help: %d %q", status, out)
	}
}

func TestShellsComplete(t *testing.T) {
	for _, name := range []string{"bash", "zsh", "fish"} {
		status, script, errs := runHeadgate(t, "completion", name)
		if status != fine || !strings.Contains(script, "explain") || !strings.Contains(script, "sample") {
			t.Errorf("%s: %d %s", name, status, errs)
		}
	}
	if status, _, errs := runHeadgate(t, "completion", "tcsh"); status != mistake || !strings.Contains(errs, "there is bash, zsh, fish") {
		t.Errorf("an unknown shell: %d %q", status, errs)
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Fatal("bash is needed to try its completion: ", err)
	}
	_, script, _ := runHeadgate(t, "completion", "bash")
	for line, want := range map[string]string{"headgate expl": "explain", "headgate explain --sam": "--sample", "headgate queue st": "status", "headgate --config x ch": "check"} {
		words := strings.Fields(line)
		ask := script + "\nCOMP_WORDS=(" + line + ")\nCOMP_CWORD=" + string(rune('0'+len(words)-1)) + "\n_headgate\necho ${COMPREPLY[@]}\n"
		out, err := exec.Command(bash, "--norc", "-c", ask).CombinedOutput()
		if err != nil || strings.TrimSpace(string(out)) != want {
			t.Errorf("%s: got %q, %v, want %s", line, out, err, want)
		}
	}
}
