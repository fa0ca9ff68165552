package commands

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
	"strings"
	"syscall"
	"time"

	"headgate/config"
	"headgate/console"
	"headgate/console/access"
	"headgate/console/versions"
	"headgate/document"
	"headgate/insight"
	"headgate/proxy"
	"headgate/proxy/socket"
	"headgate/subjects"
)

type serve struct {
	TakeOver bool `help:"Take the listening sockets of the process that runs on the same data folder, which ends: no connection is refused. Without one it is a plain start."`
}

// Run serves until SIGTERM or SIGINT; SIGHUP loads the configuration again.
func (v serve) Run(w *world) error {
	loaded, mistakes := config.Load(w.path, w.env())
	if loaded == nil {
		return mistakes.Err()
	}
	useTheCoreWhileSyncing()
	logger := newLogger(loaded.Config.Log, w.errors)
	given, err := v.sockets(w, loaded, logger)
	if err != nil {
		return err
	}
	s, rights, counting, err := open(w.ctx, proxy.Options{Path: w.path, Loaded: loaded, Env: w.env(), Deps: config.Deps{Drivers: Drivers(), Logger: logger}, Logger: logger,
		Memory: stayBelow(int64(loaded.Config.Limits.Memory))})
	if err != nil {
		return errors.Join(err, given.Close())
	}
	return run(w, s, rights, counting, given, logger)
}

// useTheCoreWhileSyncing lets Go code run during a sync of the log where there is a single core: a thread that waits for the disk
// counts against GOMAXPROCS until the runtime retakes its slot, and with one slot the core is idle until then. GOMAXPROCS in the
// environment takes precedence.
func useTheCoreWhileSyncing() {
	if runtime.GOMAXPROCS(0) == 1 && os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(2)
	}
}

// run is the process's life: listen, serve, reload, stop or hand over.
func run(w *world, s *proxy.Server, rights *subjects.Rights, counting *insight.Insight, given given, logger *slog.Logger) error {
	c := s.Plan().Config
	ctx, stop := context.WithCancel(w.ctx)
	defer stop()
	failed := make(chan error, 3)
	sockets, err := listen(c, given)
	if err != nil {
		return errors.Join(err, shutdown(s, c))
	}
	admin, err := serveAdmin(s, rights, counting, w.secrets, sockets.Admin, failed, logger)
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
	greet(w.errors, w.path, c, sockets.Public.Addr(), admin.server)

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
	token, err := ensureToken(c)
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
	return userError{fmt.Errorf("%s%s: %w%s", place, key, err, cure)}
}

// browser is the user agent of the first hit that is suggested: one of curl's counts as a bot's.
const browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

// greet says where to send a first hit and where to look.
func greet(out io.Writer, path string, c *config.Config, public net.Addr, admin *http.Server) {
	at := local(public.String())
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
		if path != defaultTo {
			named = " --config " + path
		}
	}
	first := `{"id":"first","name":"page_view","page":{"url":"https://www.shop.example/"},"consent":{"analytics":true}}`
	if own, ok := c.Sources.OwnPath(); ok {
		fmt.Fprintf(out, "  first hit   curl -i -A '%s' '%s://%s%s' -d '%s'\n", browser, scheme, at, own, first)
		if admin != nil {
			fmt.Fprintf(out, "  explain it  headgate explain --id first%s\n", named)
		}
	}
	if admin != nil {
		token := "$HEADGATE_ADMIN_TOKEN" //nolint:gosec // the name of a variable
		if c.Admin.Token.Reveal() == "" {
			token = "$(cat " + tokenFile(c) + ")"
			fmt.Fprintf(out, "  token       %s   (generated; the commands on this machine read it by themselves)\n", tokenFile(c))
		}
		fmt.Fprintf(out, "  look        http://%s/   (the console; asks for the token)\n", local(admin.Addr))
		fmt.Fprintf(out, "  status      curl -s -H \"Authorization: Bearer %s\" http://%s/api/status\n", token, local(admin.Addr))
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

// local is an address as it is reached from this machine.
func local(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

func newLogger(c config.Log, out io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		level = slog.LevelInfo // a wrong level is one of the mistakes that Open reports
	}
	options := &slog.HandlerOptions{Level: level}
	if strings.EqualFold(c.Format, "json") {
		return slog.New(slog.NewJSONHandler(out, options))
	}
	return slog.New(slog.NewTextHandler(out, options))
}

type check struct{}

// Run prints every mistake, or what would be served.
func (check) Run(w *world) error {
	parts, err := w.parts()
	if err != nil {
		return err
	}
	defer func() { _ = parts.Close(w.ctx) }() // nothing was written
	warnings := len(parts.Warnings)
	for _, warning := range parts.Warnings {
		fmt.Fprintf(w.errors, "%s %v\n", paint(w.coloured[1], yellow, "warning:"), warning)
	}
	for _, warning := range w.orphans(parts) {
		warnings++
		fmt.Fprintf(w.errors, "%s %s\n", paint(w.coloured[1], yellow, "warning:"), warning)
	}
	for _, d := range parts.Destinations {
		fmt.Fprintf(w.out, "%-20s %s\n", d.Name(), d.Spec().Title)
	}
	warnings += printTags(w, parts)
	fmt.Fprintf(w.out, "ok: %d rules, %d destinations on, %d off, %d warnings\n", len(parts.Config.Rules), len(parts.Destinations),
		len(parts.Config.Destinations)-len(parts.Destinations), warnings)
	return nil
}
