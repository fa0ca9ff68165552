package postgres_test

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"headgate/destinations"
	"headgate/destinations/conformance"
	"headgate/destinations/postgres"
	"headgate/document"
)

// address is the real PostgreSQL that all tests share; each works in a schema of its own.
var address = os.Getenv("HEADGATE_TEST_POSTGRES")

func TestMain(m *testing.M) {
	stop := func() error { return nil }
	if address == "" {
		var err error
		if address, stop, err = conformance.Server("postgres.sh"); err != nil {
			fmt.Fprintln(os.Stderr, "start PostgreSQL with dev/scripts/postgres.sh:", err)
			os.Exit(1)
		}
	}
	status := m.Run()
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stop PostgreSQL:", err)
		status = 1
	}
	if err := goleak.Find(); err != nil && status == 0 {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

func connect(t testing.TB, to string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return conn
}

// schema makes a schema for one test and returns a connection in it and its name.
func schema(t testing.TB) (*pgx.Conn, string) {
	t.Helper()
	conn := connect(t, address)
	name := "test_" + strings.ToLower(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, t.Name()))
	name = name[:min(len(name), 60)]
	exec := func(sql string) {
		if _, err := conn.Exec(context.Background(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	exec("DROP SCHEMA IF EXISTS " + name + " CASCADE")
	exec("CREATE SCHEMA " + name)
	exec("SET search_path = " + name)
	t.Cleanup(func() { exec("DROP SCHEMA " + name + " CASCADE") })
	return conn, name
}

// with returns the address with something of it changed.
func with(t testing.TB, change func(u *url.URL)) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	change(u)
	return u.String()
}

func open(t testing.TB, to, table string, allow ...netip.Prefix) (*destinations.Destination, document.Mistakes) {
	t.Helper()
	return openWith(t, fmt.Sprintf("{url: %q, table: %q}", to, table), allow...)
}

// openWith opens postgres.yaml as a configuration with these settings would.
func openWith(t testing.TB, settings string, allow ...netip.Prefix) (*destinations.Destination, document.Mistakes) {
	t.Helper()
	d, ms := conformance.OpenWith(t, "postgres", postgres.NewDriver, "settings: "+settings, func(deps *destinations.Deps) { deps.Allow = allow })
	if d != nil {
		t.Cleanup(func() {
			if err := d.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	return d, ms
}

var loopback = netip.MustParsePrefix("127.0.0.0/8")

func destination(t testing.TB, to, table string) *destinations.Destination {
	t.Helper()
	d, ms := open(t, to, table, loopback)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	return d
}
