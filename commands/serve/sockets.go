package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"syscall"
	"time"

	"headgate/commands/cli"
	"headgate/config"
	"headgate/document"
	"headgate/proxy/socket"
)

// handoverTimeout is what a process may take to end beyond its own shutdown time.
const handoverTimeout = 10 * time.Second

// given are the listening sockets that a process did not make itself.
type given struct {
	socket.Set
	held bool // by systemd, which keeps them when this process ends
}

// sockets returns those that systemd passed, or, to take over, those of the process that runs. That process is asked only when
// the configuration is good, and has ended when they are returned.
func sockets(w *cli.World, takeOver bool, loaded *config.Loaded, logger *slog.Logger) (given, error) {
	set, err := socket.Activated()
	if err != nil {
		return given{}, cli.Blame(err)
	}
	g := given{Set: set, held: set.Public != nil}
	if !takeOver {
		return g, nil
	}
	if err := tryOut(w.Ctx, loaded); err != nil {
		return given{}, errors.Join(err, g.Close())
	}
	c := loaded.Config
	ctx, cancel := context.WithTimeout(w.Ctx, c.Shutdown.Std()+handoverTimeout)
	defer cancel()
	taken, err := socket.Take(ctx, c.Data.Value)
	switch {
	case errors.Is(err, socket.ErrNobody):
		logger.Info("there is nobody to take over from; this is a plain start")
		return g, nil
	case err != nil:
		return given{}, errors.Join(err, g.Close())
	case g.held: // systemd's are the same, or what it is to be from now on
		return g, taken.Close()
	}
	return given{Set: taken}, nil
}

// tryOut builds all that the configuration asks for, as check does, so that a mistake leaves the running process alone.
func tryOut(ctx context.Context, loaded *config.Loaded) error {
	parts, mistakes := loaded.Open(config.Deps{Drivers: cli.Drivers()})
	if err := mistakes.Err(); err != nil {
		return err
	}
	return parts.Close(ctx)
}

// listen returns the sockets to serve on: those given, where they are at the configured address or systemd says so, and new ones.
func listen(c *config.Config, g given) (set socket.Set, err error) {
	at := func(l net.Listener, key string, address document.Words) (net.Listener, error) {
		if l != nil && (g.held || socket.At(l, address.Value) != nil) {
			return l, nil
		}
		fresh, err := net.Listen("tcp", address.Value)
		if err != nil {
			return nil, cannotListen(key, address, err)
		}
		if l != nil {
			return fresh, l.Close()
		}
		return fresh, nil
	}
	if set.Public, err = at(g.Public, "listen", c.Listen); err != nil {
		return socket.Set{}, errors.Join(err, g.Close())
	}
	if c.Admin.Off() {
		return set, nil
	}
	if set.Admin, err = at(g.Admin, "admin.listen", c.Admin.Listen); err != nil {
		return socket.Set{}, errors.Join(err, set.Close())
	}
	return set, nil
}

// isTaken reports whether another process has the sockets.
func isTaken(o *socket.Offer) bool {
	select {
	case <-o.Taken():
		return true
	default:
		return false
	}
}

// cannotListen says why a listener cannot be had, and what to do.
func cannotListen(key string, at document.Words, err error) error {
	_, port, _ := net.SplitHostPort(at.Value)
	cure := ""
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		cure = fmt.Sprintf("; another process has the port, perhaps another Headgate: stop it (ss -ltnp 'sport = :%s' shows it), or write another port after %s:", port, key)
	case errors.Is(err, syscall.EACCES):
		cure = fmt.Sprintf("; ports below 1024 need a permission: write %s: \":8080\" and let the load balancer forward to it, or give the program the right: sudo setcap cap_net_bind_service=+ep $(command -v headgate)", key)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		cure = fmt.Sprintf("; this machine has no such address: write %s: \":%s\" for all of its own", key, port)
	}
	place := ""
	if at.At.Line > 0 {
		place = at.At.String() + ": "
	}
	return cli.Blame(fmt.Errorf("%s%s: %w%s", place, key, err, cure))
}
