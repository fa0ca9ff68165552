package commands

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"headgate/commands/cli"
	"headgate/commands/shell"
)

// exits says what a command's exit status means.
const exits = "Exit status: 0 fine, 1 your mistake, 2 ours or the machine's."

type help struct {
	Verb []string `arg:"" optional:"" help:"The command to explain: explain, queue status, ..."`
}

type completion struct {
	Shell string `arg:"" help:"bash, zsh or fish."`
}

// Run is never reached: Main turns help VERB into VERB --help.
func (help) Run(*cli.World) error { panic("BUG: help is not turned into --help") }

// Run prints the script.
func (c completion) Run(w *cli.World, model *kong.Application) error {
	script, ok := shell.Completion(model, c.Shell)
	if !ok {
		return cli.Wrong("no completion for %q: there is %s", c.Shell, strings.Join(shell.Shells(), ", "))
	}
	_, err := w.Out.Write([]byte(script))
	return err
}

// withExamples adds examples and exit statuses to the help of each command.
func withExamples(model *kong.Application) error {
	return kong.Visit(model, func(n kong.Visitable, next kong.Next) error {
		if node, ok := n.(*kong.Node); ok && node.Type == kong.CommandNode && len(node.Children) == 0 {
			lines := examples[strings.TrimPrefix(node.Path(), model.Name+" ")]
			text := exits
			if node.Name == "diff" {
				text = exits + " diff: 3 when something changes."
			}
			if len(lines) > 0 {
				text = "Examples:\n\n" + indent(lines) + "\n" + text
			}
			node.Detail = text
		}
		return next(nil)
	})
}

func indent(lines []string) string {
	var b strings.Builder
	for _, line := range lines {
		fmt.Fprintf(&b, "    headgate %s\n", line)
	}
	return b.String()
}

// examples are command lines by the command that they show. A test reads each of them.
var examples = map[string][]string{
	"insight funnel":     {"insight funnel checkout --since 7d", "insight funnel --steps view_item,purchase --within 2h"},
	"insight paths":      {"insight paths --page /", "insight paths --from purchase --previous"},
	"insight campaigns":  {"insight campaigns --model first_touch --since 30d", "insight campaigns --csv"},
	"insight rebuild":    {"insight rebuild --since 2d"},
	"init":               {"init", "init --kind shop --site www.shop.example --ga4 G-ABC1234567"},
	"serve":              {"serve", "serve --config /etc/headgate"},
	"check":              {"check", "check --config config.example.yaml"},
	"test":               {"test", "test --update"},
	"search":             {"search name:purchase state:rejected --since 2h", "search anna@shop.example", "search order:T-1042 destination:meta --json"},
	"explain":            {"explain --sample purchase", "explain --event event.json --json", "explain --hit 'POST /g/collect?v=2&tid=G-EXAMPLE&cid=1.2&en=page_view' --header 'User-Agent: Mozilla/5.0'", "explain --id 0193f0a2-7c00-7000-8000-000000000001"},
	"diff":               {"diff new.yaml --since 24h", "diff new.yaml --where 'name == \"purchase\"' --sample 2000 --json"},
	"admin token":        {"admin token"},
	"admin audit":        {"admin audit --since 7d", "admin audit --action config --who anna"},
	"replay":             {"replay --to ga4 --since 2h --dry-run", "replay --to meta --dead --where 'name == \"purchase\"'"},
	"dead list":          {"dead list", "dead list --to meta --since 3d"},
	"dead show":          {"dead show --to meta"},
	"dead retry":         {"dead retry --to meta --since 2h"},
	"dead drop":          {"dead drop --to meta --where 'params.test == true'"},
	"queue status":       {"queue status", "queue status --json"},
	"queue verify":       {"queue verify"},
	"queue forget":       {"queue forget old-crm"},
	"subject export":     {"subject export person@shop.example"},
	"subject suppress":   {"subject suppress person@shop.example --why 'letter of 2026-11-22'"},
	"subject delete":     {"subject delete --as user_id user-42"},
	"warehouse backfill": {"warehouse backfill --from log --to warehouse --since 3d --dry-run", "warehouse backfill --from archive --to warehouse --since 2026-01-01T00:00:00Z --until 30d"},
	"destinations":       {"destinations", "destinations meta"},
	"schema":             {"schema > headgate.schema.json"},
	"completion":         {"completion bash"},
	"help":               {"help explain"},
}
