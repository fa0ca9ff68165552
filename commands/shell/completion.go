// Package shell writes the scripts by which shells complete the command line. They are made from the program's own commands and
// flags, and ask nothing of the program when they run.
package shell

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Shells are those that there is a script for.
func Shells() []string { return []string{"bash", "zsh", "fish"} }

// verb is one command with what can follow it.
type verb struct {
	path  string // "queue status", "" for the program itself
	words []string
	help  map[string]string
}

// Completion returns the script for a shell; ok is false when there is none for it.
func Completion(model *kong.Application, shell string) (script string, ok bool) {
	var all []verb
	collect(model.Node, "", &all)
	switch shell {
	case "bash":
		return bash(model.Name, all), true
	case "zsh":
		return fmt.Sprintf("#compdef %s\nautoload -U +X bashcompinit && bashcompinit\n%s", model.Name, bash(model.Name, all)), true
	case "fish":
		return fish(model.Name, all), true
	}
	return "", false
}

func collect(n *kong.Node, path string, all *[]verb) {
	v := verb{path: path, help: map[string]string{}}
	add := func(word, help string) {
		v.words = append(v.words, word)
		v.help[word] = help
	}
	for _, child := range n.Children {
		if !child.Hidden {
			add(child.Name, child.Help)
		}
	}
	for _, group := range n.AllFlags(true) {
		for _, f := range group {
			if word := "--" + f.Name; !slices.Contains(v.words, word) {
				add(word, f.Help)
			}
		}
	}
	*all = append(*all, v)
	for _, child := range n.Children {
		if !child.Hidden {
			collect(child, strings.TrimSpace(path+" "+child.Name), all)
		}
	}
}

// bash completes words by the commands that stand before them, and files after --config and the like.
func bash(name string, all []verb) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Completion of %s for bash: source <(%[1]s completion bash)\n_%[1]s() {\n  local word=\"${COMP_WORDS[COMP_CWORD]}\" path=\"\" one words\n", name)
	b.WriteString("  case \"${COMP_WORDS[COMP_CWORD-1]}\" in --config|--event|--body|--to) COMPREPLY=($(compgen -f -- \"$word\")); return ;; esac\n")
	b.WriteString("  for one in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do case \"$one\" in -*) ;; *) path=\"${path:+$path }$one\" ;; esac; done\n  while :; do\n    case \"$path\" in\n")
	for _, v := range all {
		fmt.Fprintf(&b, "      %q) words=%q ;;\n", v.path, strings.Join(v.words, " "))
	}
	b.WriteString("      *\" \"*) path=\"${path% *}\"; continue ;;\n      *) path=\"\"; continue ;;\n    esac\n    break\n  done\n")
	fmt.Fprintf(&b, "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\ncomplete -F _%s %[1]s\n", name)
	return b.String()
}

func fish(name string, all []verb) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Completion of %s for fish: %[1]s completion fish | source\ncomplete -c %[1]s -f\n", name)
	for _, v := range all {
		condition := "__fish_use_subcommand"
		if v.path != "" {
			var parts []string
			for _, one := range strings.Fields(v.path) {
				parts = append(parts, "__fish_seen_subcommand_from "+one)
			}
			condition = strings.Join(parts, "; and ")
		}
		for _, word := range v.words {
			flag, long := strings.CutPrefix(word, "--")
			form := "-a " + word
			if long {
				form = "-r -l " + flag
			}
			fmt.Fprintf(&b, "complete -c %s -n '%s' %s -d '%s'\n", name, condition, form, strings.ReplaceAll(v.help[word], "'", `\'`))
		}
	}
	return b.String()
}
