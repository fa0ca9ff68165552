// Package stores_test runs the real program with all stores that can run beside it, and breaks them: each is to have every event that
// was accepted, once where it can recognize what it has.
package stores_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"headgate/destinations/conformance/link"
	"headgate/destinations/files/filestest"
	"headgate/tests/trial"
)

func TestMain(m *testing.M) {
	trial.BeHeadgate()
	os.Exit(m.Run())
}

// store is where a destination of the same name delivers to.
type store struct {
	name  string
	entry string                                          // of the configuration, in one line
	of    func(t *testing.T, table string) map[string]int // how often each id is in a table of its database; nil where there are none
	ids   func(t *testing.T) map[string]int
	crash func(t *testing.T) // it is killed and is back; nil where there is nothing to kill
	// twice: it cannot recognize what it has.
	twice bool
	local bool // files of this machine, which nothing stands before
}

// beside starts all stores. Their secrets are in a folder. All but the folder of files are behind a link.
func beside(t *testing.T) (stores []store, secrets string, way *link.Link) {
	t.Helper()
	way = link.New(t)
	by := func(address string) string { return way.To(t, address) }
	secrets = t.TempDir()
	secret := func(name, value string) string {
		if err := os.WriteFile(filepath.Join(secrets, name), []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
		return "${file:" + filepath.Join(secrets, name) + "}"
	}
	e, archive := newEngine(t), t.TempDir()
	b := newBucket(t)
	pg, my := newPostgres(t), newMariaDB(t)
	file := filepath.Join(archive, "events.db")
	kafkaAt, natsAt := trial.FreeAddress(t), trial.FreeAddress(t)
	kafka, nats := newKafka(t, kafkaAt, way), newNATS(t, natsAt)
	return []store{
		{name: "parquet", entry: fmt.Sprintf("settings: {to: %q, wait: 200ms}", archive), local: true,
			ids: func(t *testing.T) map[string]int { return e.ids(t, "file('"+archive+"/date=*/*.parquet', 'Parquet')") }},
		{name: "jsonl", entry: fmt.Sprintf("settings: {to: \"s3://%s/events\", endpoint: %q, access_key_id: k, secret_access_key: %q, wait: 200ms}", filestest.Name, "http://"+by(b.address), secret("bucket", filestest.Secret)),
			ids: b.ids, crash: b.crash},
		{name: "postgres", entry: fmt.Sprintf("settings: {url: %q}, delivery: {wait: 200ms}", secret("postgres", pg.over(t, by))), of: pg.of, ids: func(t *testing.T) map[string]int { return pg.of(t, "events") }, crash: pg.crash},
		{name: "clickhouse", entry: fmt.Sprintf("settings: {url: \"http://%s\", user: %s, password: %q}, delivery: {wait: 200ms}", by(e.address), engineUser, secret("engine", enginePassword)),
			of: e.ids, ids: func(t *testing.T) map[string]int { return e.ids(t, "default.events") }, crash: e.crash}, // without FINAL
		{name: "kafka", entry: fmt.Sprintf("settings: {brokers: [%q], topic: events}, delivery: {wait: 50ms, timeout: 5s}", kafkaAt), ids: kafka.ids, twice: true,
			crash: func(t *testing.T) { kafka.stop(); kafka.start(t) }},
		{name: "nats", entry: fmt.Sprintf("settings: {servers: [\"nats://%s\"], subject: events}, delivery: {wait: 50ms, timeout: 5s}", by(natsAt)), ids: nats.ids,
			crash: func(t *testing.T) { nats.stop(); nats.start(t) }},
		{name: "mysql", entry: fmt.Sprintf("settings: {url: %q}, delivery: {wait: 200ms}", secret("mysql", my.over(by))), ids: func(t *testing.T) map[string]int { return my.of(t, "events") }, crash: my.crash},
		{name: "sqlite", entry: fmt.Sprintf("settings: {file: %q}, delivery: {wait: 200ms}", file), local: true, ids: func(t *testing.T) map[string]int { return inFile(t, file, "events") }},
	}, secrets, way
}

const head = `
listen: "%PUBLIC%"
data: %DATA%
admin: {listen: "%ADMIN%"}
limits: {per_address: 0, volume_per_address: 0}
egress: {allow: [127.0.0.0/8]}
consent: {regions: {unknown: none}}
files: {allow: ["%SECRETS%"]}
destinations:
`

// configuration is that of a process which delivers to all of them.
func configuration(stores []store, secrets string) string {
	text := strings.ReplaceAll(head, "%SECRETS%", secrets)
	for _, s := range stores {
		text += fmt.Sprintf("  %s: {%s}\n", s.name, s.entry)
	}
	return text
}

func names(stores []store) (list []string) {
	for _, s := range stores {
		list = append(list, s.name)
	}
	return list
}

// postgres is a real server of its own, which is made to crash.
type postgres struct{ url string }

func newPostgres(t *testing.T) *postgres {
	t.Helper()
	address, _ := script(t, "postgres.sh")
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("synchronous_commit", "on") // the script's server would forget what it has just committed when it crashes
	u.RawQuery = q.Encode()
	return &postgres{u.String()}
}

// over is its address by another way.
func (p *postgres) over(t *testing.T, by func(address string) string) string {
	t.Helper()
	u, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = by(u.Host)
	return u.String()
}

func (p *postgres) connect(t *testing.T) *pgx.Conn {
	t.Helper()
	for try := 0; ; try++ {
		conn, err := pgx.Connect(t.Context(), p.url)
		if err == nil {
			return conn
		}
		if try == 1000 {
			t.Fatal(err)
		}
		<-time.After(20 * time.Millisecond) // it recovers from a crash
	}
}

func (p *postgres) of(t *testing.T, table string) map[string]int {
	t.Helper()
	conn := p.connect(t)
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), "SELECT id FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]int{}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, id := range list {
		ids[id]++
	}
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// crash kills one of the server's processes, after which it gives up what all of them were doing and recovers from its log.
func (p *postgres) crash(t *testing.T) {
	t.Helper()
	conn := p.connect(t)
	defer conn.Close(t.Context())
	pid := 0
	if err := conn.QueryRow(t.Context(), "SELECT pg_backend_pid()").Scan(&pid); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = p.connect(t).Close(t.Context())
}

// events is how many a test sends: 5,000, or what HEADGATE_STORES_EVENTS says.
func events(t *testing.T) int {
	t.Helper()
	text := os.Getenv("HEADGATE_STORES_EVENTS")
	if text == "" {
		return 5000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
