package commands

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"headgate/commands/cli"
	"headgate/commands/starter"
)

type initVerb struct {
	Kind  string `help:"What the site is: shop, leads or publisher." placeholder:"KIND"`
	Site  string `help:"The site: www.shop.example." placeholder:"HOST"`
	Host  string `help:"Host that Headgate is reached by; t.shop.example for www.shop.example when left out." placeholder:"HOST"`
	GA4   string `name:"ga4" help:"Measurement id of a web stream, G-...; none when left out." placeholder:"ID"`
	Meta  string `help:"Id of a pixel of Meta; none when left out." placeholder:"ID"`
	Force bool   `help:"Replace a configuration that is there."`
}

// Run writes a configuration to begin with: what is not said by flags is asked for on a terminal.
func (i initVerb) Run(w *cli.World) error {
	to := w.Path
	if to == "" {
		to = cli.DefaultPath
	}
	if _, err := os.Stat(to); err == nil && !i.Force {
		return cli.Wrong("%s is there already; name another file with --config, or replace it with --force", to)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	site, err := i.site(w)
	if err != nil {
		return err
	}
	text, err := starter.Write(site)
	if err != nil {
		return cli.Blame(err)
	}
	if err := os.WriteFile(to, text, 0o644); err != nil { //nolint:gosec // a file that people edit and commit: secrets are not in it
		return cli.Blame(err)
	}
	named := ""
	if filepath.Clean(to) != cli.DefaultPath {
		named = " --config " + to
	}
	fmt.Fprintf(w.Out, "%s is written: for %s (%s), reached by %s\n\n  headgate check%s    # nothing is wrong with it\n  headgate test%s     # its own cases\n"+
		"  headgate serve%s    # run it; it prints how to send a first hit, and how to look at it\n", to, site.Page, site.Kind, site.Host, named, named, named)
	return nil
}

// site collects what is known of the site.
func (i initVerb) site(w *cli.World) (s starter.Site, err error) {
	answers := bufio.NewReader(w.In)
	ask := func(said, question, byDefault string) (string, error) {
		if said != "" || !w.Asks {
			return said, nil
		}
		if byDefault != "" {
			question += " [" + byDefault + "]"
		}
		fmt.Fprintf(w.Errors, "%s: ", question)
		line, err := answers.ReadString('\n')
		if err != nil && line == "" {
			return "", cli.Wrong("nothing was answered: %v", err)
		}
		if line = strings.TrimSpace(line); line == "" {
			line = byDefault
		}
		return line, nil
	}
	if s.Kind, err = ask(i.Kind, "What is the site? "+strings.Join(starter.Kinds(), ", "), "shop"); err != nil {
		return s, err
	}
	if s.Kind == "" || i.Site == "" && !w.Asks {
		return s, cli.Wrong("say what the site is: headgate init --kind shop --site www.shop.example; kinds are %s", strings.Join(starter.Kinds(), ", "))
	}
	if !slices.Contains(starter.Kinds(), s.Kind) {
		return s, cli.Wrong("--kind %q: write %s", s.Kind, strings.Join(starter.Kinds(), ", or "))
	}
	said, err := ask(i.Site, "Which host have its pages?", "www.shop.example")
	if err != nil {
		return s, err
	}
	if s.Page = starter.PageOf(said); s.Page == "" {
		return s, cli.Wrong("--site %q: write the host of its pages, such as www.shop.example", said)
	}
	if said, err = ask(i.Host, "Which host is Headgate reached by?", starter.HostOf(s.Page)); err != nil {
		return s, err
	}
	if said == "" {
		said = starter.HostOf(s.Page)
	}
	if s.Host = starter.PageOf(said); s.Host == "" {
		return s, cli.Wrong("--host %q: write a host, such as %s", said, starter.HostOf(s.Page))
	}
	if s.GA4, err = ask(i.GA4, "Google Analytics, measurement id (G-...), empty for none", ""); err != nil {
		return s, err
	}
	s.Meta, err = ask(i.Meta, "Meta, id of the pixel, empty for none", "")
	return s, err
}
