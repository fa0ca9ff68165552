// Package serve runs a Headgate: the sockets, the public and the admin side, and its end.
package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"headgate/commands/cli"
	"headgate/config"
	"headgate/console"
	"headgate/console/access"
	"headgate/console/versions"
	"headgate/document"
	"headgate/insight"
	"headgate/kernel"
	"headgate/proxy"
	"headgate/proxy/socket"
	"headgate/subjects"
)

// Serve runs Headgate.
type Serve struct {
	TakeOver bool `help:"Take the listening sockets of the process that runs on the same data folder, which ends: no connection is refused. Without one it is a plain start."`
}

// Run serves until SIGTERM or SIGINT; SIGHUP loads the configuration again.
func (v Serve) Run(w *cli.World) error {
	loaded, mistakes := config.Load(w.Path, w.Env())
	if loaded == nil {
		return mistakes.Err()
	}
	useTheCoreWhileSyncing()
	if os.Getenv("GOGC") == "" { // who sets it there has the last word
		go boundGarbage(w.Ctx)
	}
	logger := cli.NewLogger(loaded.Config.Log, w.Errors)
	given, err := sockets(w, v.TakeOver, loaded, logger)
	if err != nil {
		return err
	}
	s, rights, counting, err := open(w.Ctx, proxy.Options{Path: w.Path, Loaded: loaded, Env: w.Env(), Deps: config.Deps{Drivers: cli.Drivers(), Logger: logger}, Logger: logger,
		Memory: stayBelow(int64(loaded.Config.Limits.Memory))})
	if err != nil {
		return errors.Join(err, given.Close())
	}
	return run(w, s, rights, counting, given, logger)
}

// useTheCoreWhileSyncing lets Go code run during a sync of the log where there is a single core and a thread has to wait for the disk:
// it counts against GOMAXPROCS until the runtime retakes its slot, and with one slot the core is idle until then. GOMAXPROCS in the
// environment takes precedence.
func useTheCoreWhileSyncing() {
	if runtime.GOMAXPROCS(0) > 1 || os.Getenv("GOMAXPROCS") != "" {
		return
	}
	s := kernel.NewSyncer(time.Minute)
	defer s.Close()
	if s.TakesThread() {
		runtime.GOMAXPROCS(2)
	}
}

// run is the process's life: listen, serve, reload, stop or hand over.
func run(w *cli.World, s *proxy.Server, rights *subjects.Rights, counting *insight.Insight, given given, logger *slog.Logger) error {
	c := s.Plan().Config
	ctx, stop := context.WithCancel(w.Ctx)
	defer stop()
	failed := make(chan error, 3)
	sockets, err := listen(c, given)
	if err != nil {
		return errors.Join(err, shutdown(s, c))
	}
	admin, err := serveAdmin(s, rights, counting, w.Secrets, sockets.Admin, failed, logger)
	if err != nil {
		return errors.Join(err, sockets.Close(), shutdown(s, c))
	}
	go func() { failed <- s.Serve(ctx, sockets.Public) }()
	go func() {
		if err := s.Watch(ctx); err != nil {
			logger.Warn("the configuration's files cannot be watched; reload with SIGHUP or the admin API", "error", err)
		}
	}()
	go reloadOnHangup(ctx, s)
	go returnMemory(ctx)
	offer, err := socket.NewOffer(c.Data.Value, sockets)
	if err != nil {
		logger.Warn("no other process can take over from this one; stop it and start another", "error", err)
		offer = new(socket.Offer)
	}
	greet(w.Errors, w.Path, c, sockets.Public.Addr(), admin.server)

	select {
	case <-ctx.Done():
		logger.Info("stopping")
	case <-offer.Taken():
		logger.Info("another process takes over")
	case err = <-failed:
	}
	err = errors.Join(err, admin.audit.Close()) // whoever takes over has it next
	err = errors.Join(err, end(s, c, given.held || isTaken(offer)), admin.Close())
	if err = errors.Join(err, offer.Close()); err == nil {
		logger.Info("stopped; everything accepted is delivered or in the log")
	}
	return err
}

// end stops the server. Where its socket outlives it, clients are let go one by one before.
func end(s *proxy.Server, c *config.Config, outlived bool) error {
	if outlived {
		ctx, cancel := context.WithTimeout(context.Background(), c.Shutdown.Std())
		defer cancel()
		s.Drain(ctx)
	}
	return shutdown(s, c)
}

func shutdown(s *proxy.Server, c *config.Config) error {
	ctx, cancel := context.WithTimeout(context.Background(), c.Shutdown.Std())
	defer cancel()
	return s.Shutdown(ctx)
}

// admin is the admin side that is served; without one its server and its audit list are nil.
type admin struct {
	server *http.Server
	audit  *subjects.Audit
}

// Close ends the server.
func (a admin) Close() error {
	if a.server == nil {
		return nil
	}
	return a.server.Close()
}

// serveAdmin starts the admin side, unless there is no listener for it; its errors go to failed.
func serveAdmin(s *proxy.Server, rights *subjects.Rights, counting *insight.Insight, secrets *document.Secrets, l net.Listener, failed chan<- error, logger *slog.Logger) (a admin, err error) {
	if l == nil {
		return a, nil
	}
	c := s.Plan().Config
	token, err := cli.EnsureToken(c)
	if err != nil {
		return a, err
	}
	if a.audit, err = subjects.OpenAudit(c.Data.Value, c.Admin.AuditKeep.Std(), time.Now()); err != nil {
		return a, err
	}
	if damage := a.audit.Damage(); damage != "" {
		logger.Error("the audit list was damaged; compare it with a backup", "damage", damage)
	}
	trail, err := access.NewTrail(a.audit, time.Now)
	if err != nil {
		return a, errors.Join(err, a.audit.Close())
	}
	texts, err := versions.Open(filepath.Join(c.Data.Value, "versions"), time.Now)
	if err != nil {
		return a, errors.Join(err, a.audit.Close())
	}
	a.server = &http.Server{
		Addr: l.Addr().String(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		Handler: console.Handler(s, rights, console.Options{Listen: c.Admin.Listen.Value, Token: token, Hosts: c.Admin.Hosts, Collectors: s.Metrics(),
			Secrets: secrets, Trail: trail, Versions: texts, Logger: logger, Insight: counting}),
	}
	go func() {
		if err := a.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	}()
	return a, nil
}

func reloadOnHangup(ctx context.Context, s *proxy.Server) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			_ = s.Reload(ctx) // its mistakes are logged and shown by status
		}
	}
}

// browser is the user agent of the first hit that is suggested: one of curl's counts as a bot's.
const browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

// greet says where to send a first hit and where to look.
func greet(out io.Writer, path string, c *config.Config, public net.Addr, admin *http.Server) {
	at := cli.Local(public.String())
	scheme := "http"
	if c.TLS != nil {
		scheme = "https"
	}
	fmt.Fprintf(out, "\nHeadgate takes hits at %s://%s\n", scheme, at)
	named := ""
	if path == "" {
		fmt.Fprintln(out, "  by          the built-in configuration; `headgate init` writes one of your own")
	} else {
		fmt.Fprintf(out, "  by          %s\n", path)
		if path != cli.DefaultPath {
			named = " --config " + path
		}
	}
	first := `{"id":"first","name":"page_view","page":{"url":"https://www.shop.example/"},"consent":{"analytics":true}}`
	if own, ok := c.Sources.OwnPath(); ok {
		as := "" // the host of a site, where none has this address
		if host, _, err := net.SplitHostPort(at); err != nil || !c.HasHost(host) {
			as = "-H 'Host: " + c.FirstHost() + "' "
		}
		fmt.Fprintf(out, "  first hit   curl -i %s-A '%s' '%s://%s%s' -d '%s'\n", as, browser, scheme, at, own, first)
		if admin != nil {
			fmt.Fprintf(out, "  explain it  headgate explain --id first%s\n", named)
		}
	}
	if admin != nil {
		token := "$HEADGATE_ADMIN_TOKEN" //nolint:gosec // the name of a variable
		if c.Admin.Token.Reveal() == "" {
			token = "$(cat " + cli.TokenFile(c) + ")"
			fmt.Fprintf(out, "  token       %s   (generated; the commands on this machine read it by themselves)\n", cli.TokenFile(c))
		}
		fmt.Fprintf(out, "  look        http://%s/   (the console; asks for the token)\n", cli.Local(admin.Addr))
		fmt.Fprintf(out, "  status      curl -s -H \"Authorization: Bearer %s\" http://%s/api/status\n", token, cli.Local(admin.Addr))
	}
	for _, d := range c.Destinations {
		state := "on"
		if !d.Value.Enabled {
			state = "off"
		}
		use := d.Value.Use.Value
		if use == "" {
			use = d.Key
		}
		fmt.Fprintf(out, "  %-4s        %s (%s)\n", state, d.Key, use)
	}
	fmt.Fprintln(out)
}
