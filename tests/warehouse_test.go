package tests_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// startEngine runs ClickHouse's engine (dev/scripts/clickhouse.sh) and returns its address.
func startEngine(t *testing.T) *url.URL {
	t.Helper()
	script := exec.Command("../dev/scripts/clickhouse.sh")
	script.Stderr = os.Stderr
	stdin, err := script.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := script.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := script.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = script.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	engine, err := url.Parse(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	return engine
}

// ask returns the engine's answer to a query.
func ask(t *testing.T, engine *url.URL, sql string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+engine.Host+"/", strings.NewReader(sql))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := engine.User.Password()
	r.Header.Set("X-ClickHouse-User", engine.User.Username())
	r.Header.Set("X-ClickHouse-Key", password)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v", sql, text, err)
	}
	return strings.TrimSpace(string(text))
}

const warehouses = `
listen: "%PUBLIC%"
data: %DATA%
admin: {listen: "%ADMIN%"}
limits: {per_address: 0, volume_per_address: 0}
egress: {allow: [127.0.0.0/8]}
files: {allow: ["%SECRETS%"]}
consent: {regions: {unknown: none}}
destinations:
  parquet: {use: parquet, settings: {to: "%DATA%/parquet", wait: 100ms}}
  jsonl: {use: jsonl, settings: {to: "%DATA%/jsonl", wait: 100ms, compression: zstd}}
  clickhouse: {use: clickhouse, settings: {url: "http://%ENGINE%", user: headgate, password: "${file:%SECRETS%/password}"}, delivery: {wait: 100ms, at_once: 1}}
`

// TestWarehousesHaveEachEventOnceWhateverIsKilled reads all of them with ClickHouse's engine, which knows nothing of who wrote them.
func TestWarehousesHaveEachEventOnceWhateverIsKilled(t *testing.T) {
	t.Parallel()
	engine := startEngine(t)
	password, _ := engine.User.Password()
	secrets := t.TempDir()
	if err := os.WriteFile(filepath.Join(secrets, "password"), []byte(password), 0o600); err != nil {
		t.Fatal(err)
	}
	p := newProcess(t, strings.NewReplacer("%ENGINE%", engine.Host, "%SECRETS%", secrets).Replace(warehouses))
	p.Start()
	l := startLoad(t, p.Public, 4)
	for n := range 5 {
		before := l.count()
		p.Until("has answered some more requests", func() bool { return l.count() > before+200+n*37 })
		p.Kill()
		p.Start()
	}
	answered := l.stop()
	s := p.Drained("parquet", "jsonl", "clickhouse")
	data, err := filepath.Abs(filepath.Join(p.Folder, "data"))
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("%d\t%d", s.Accepted, s.Accepted)
	for name, from := range map[string]string{
		"parquet":    "file('" + data + "/parquet/date=*/*.parquet', 'Parquet')",
		"jsonl":      "file('" + data + "/jsonl/date=*/*.jsonl.zst', 'JSONEachRow')",
		"clickhouse": "default.events", // without FINAL
	} {
		if got := ask(t, engine, "SELECT count(), uniqExact(id) FROM "+from); got != want {
			t.Errorf("%s has %q rows and ids, want %q", name, got, want)
		}
	}
	if len(answered) > int(s.Accepted) {
		t.Errorf("%d answered, %d accepted", len(answered), s.Accepted)
	}
	// What one engine says of the same events by three ways is the same.
	const sums = "SELECT sum(cityHash64(id, name)), min(received), max(received) FROM "
	if a, b := ask(t, engine, sums+"file('"+data+"/parquet/date=*/*.parquet', 'Parquet')"), ask(t, engine, sums+"default.events"); !sameSums(a, b) {
		t.Errorf("Parquet says %q, the table %q", a, b)
	}
}

// sameSums compares but for how a time without a zone is written.
func sameSums(a, b string) bool {
	return strings.Split(a, "\t")[0] == strings.Split(b, "\t")[0]
}
