package commands

import (
	"context"
	"time"

	"headgate/commands/cli"
	"headgate/config"
)

type health struct{}

// Run asks for /healthz: the public listener, or the admin side where the public one wants a certificate's name.
func (health) Run(w *cli.World) error {
	loaded, mistakes := config.Load(w.Path, w.Env())
	if loaded == nil {
		return mistakes.Err()
	}
	c := loaded.Config
	at := c.Listen.Value
	if c.TLS != nil {
		if c.Admin.Off() {
			return cli.Wrong("with tls: and without an admin side there is nobody to ask")
		}
		at = c.Admin.Listen.Value
	}
	ctx, cancel := context.WithTimeout(w.Ctx, 5*time.Second)
	defer cancel()
	return (&cli.Client{Base: "http://" + cli.Local(at)}).Do(ctx, "GET", "/healthz", nil, nil, nil)
}
