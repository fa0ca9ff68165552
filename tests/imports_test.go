package tests_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport says for each folder which of ours it may import. A folder within another follows the line of the nearest one
// above it. This is the whole rule; a new folder gets a line here.
//
//	main → commands → console → { proxy, insight, subjects } → config → { sources, scripts, consent, enrich, rules, destinations, queue, alerts } → { event, document }
//	                                               destinations → rules, sources/webhook → rules (the two sideways edges)
var mayImport = map[string][]string{
	"event":         {"event/wire"},
	"event/wire":    {}, // texts of requests; it knows no event
	"event/samples": {"event", "document"},
	"event/needs":   {"event", "document"}, // what destinations declare and consent decides by
	"document":      {},

	"sources": {"event", "document", "sources/catalog", "sources/signature"}, // the face; it knows no protocol
	"scripts": {"event", "document", "scripts/own"},
	"consent": {"event", "event/wire", "event/needs", "document", "consent/iab", "consent/iab/iabtest", "consent/google", "consent/cmp", "consent/people", "consent/personal", "consent/personal/patterns", "consent/signals"},
	"enrich": {"event", "event/wire", "document", "enrich/address", "enrich/agent", "enrich/bots", "enrich/cookie", "enrich/identity", "enrich/keeper", "enrich/linker",
		"enrich/place", "enrich/referrer", "enrich/session", "enrich/signature"},
	"rules":  {"event", "document", "rules/formula", "rules/functions", "rules/normalise", "rules/table"},
	"alerts": {"document"},                                                  // what is worth an alert; facts are brought to it
	"queue":  {"document", "queue/stream", "queue/format", "queue/cluster"}, // it knows bytes and counts, not events

	"sources/catalog":   {}, // files, read by sources/webhook
	"sources/signature": {"event", "document"},
	"sources/webhook":   {"event", "document", "rules", "sources", "sources/catalog", "sources/reading", "sources/signature"}, // the other sideways edge: mappings are formulas

	// Protocols. Each room declares its own to the face; protocols links them all, reading is what they read requests with.
	"sources/reading":   {"event", "event/wire", "document", "sources"},
	"sources/analytics": {"event", "event/wire", "document", "sources", "sources/reading"},
	"sources/google":    {"event", "event/wire", "document", "sources", "sources/reading"},
	"sources/meta":      {"event", "document", "sources", "sources/reading"},
	"sources/own":       {"event", "event/wire", "document", "sources", "sources/reading"},
	"sources/product":   {"event", "event/wire", "document", "sources", "sources/reading", "sources/segment"}, // sites follow Segment's specification
	"sources/segment":   {"event", "event/wire", "document", "sources", "sources/reading"},
	"sources/snowplow":  {"event", "document", "sources", "sources/reading", "sources/segment"},
	"sources/protocols": {"sources/analytics", "sources/google", "sources/meta", "sources/own", "sources/product", "sources/segment", "sources/snowplow"},

	"scripts/own": {}, // files as they were built

	"queue/stream":  {}, // all that knows NATS
	"queue/format":  {}, // what is on disk; it stores nothing
	"queue/cluster": {"queue/stream"},

	"enrich/address":   {"event/wire", "document"},
	"enrich/agent":     {"event", "event/wire", "enrich/bots"},
	"enrich/cookie":    {"event/wire"}, // texts of headers; it knows no cookie
	"enrich/identity":  {"event/wire", "document", "enrich/cookie", "enrich/keeper"},
	"enrich/place":     {"event", "event/wire", "document"},
	"enrich/bots":      {"event", "event/wire"},
	"enrich/referrer":  {},
	"enrich/signature": {"event"}, // who signed a request; what that means is up to enrich

	// The formula language. Everyone else imports rules, its face.
	"rules/formula":   {"event", "document", "rules/table"},
	"rules/functions": {"event", "event/wire", "document", "rules/formula", "rules/normalise"},
	"rules/normalise": {},
	"rules/table":     {"event", "document"},

	// Strings of consent standards and tools are read into plain results; purposes and policy are the resolver's alone.
	"consent/iab":    {"consent/iab/iabtest"},
	"consent/google": {},
	"consent/cmp":    {"event", "event/wire", "consent/google"},
	"consent/people": {"event", "event/wire"},
	// What signals say, read without knowing what is concluded from it.
	"consent/signals": {"event", "event/wire", "consent/iab", "consent/google", "consent/cmp"},

	// Cookies and links: what is kept, carried over and followed, as pure functions of texts and times.
	"enrich/keeper":  {"event", "event/wire"},
	"enrich/linker":  {},
	"enrich/session": {},

	// Personal data is found and taken out without knowing why: consent says what has to go.
	"consent/personal":          {"event", "event/wire", "consent/personal/patterns"},
	"consent/personal/patterns": {"event", "event/wire"}, // texts; of events it knows what keys mean

	"destinations":         {"event", "event/needs", "document", "rules", "destinations/catalog"},
	"destinations/aws":     {},                                   // signatures and credentials; it knows no destination
	"destinations/catalog": {"event", "event/needs", "document"}, // what files say, compiled by nobody here
	"destinations/http":    {"event", "document", "rules", "destinations", "destinations/aws", "destinations/catalog", "destinations/http/body"},
	"destinations/golden":  {"event", "event/needs", "event/samples", "document", "rules", "destinations", "destinations/catalog", "destinations/http"},
	// Drivers. rows is the model of rows that they share, files what those share that write files, conformance the test of all.
	"destinations/rows":                {"event", "destinations"},
	"destinations/files":               {"event", "document", "destinations", "destinations/rows", "destinations/aws", "destinations/files/loaders"},
	"destinations/files/loaders":       {"event", "destinations/rows"}, // SQL of other stores
	"destinations/files/filestest":     {},
	"destinations/conformance":         {"event", "event/samples", "document", "rules", "destinations", "destinations/catalog", "destinations/http", "destinations/conformance/link"},
	"destinations/conformance/link":    {}, // bytes on their way to a store
	"destinations/parquet":             {"event", "document", "destinations", "destinations/rows", "destinations/files"},
	"destinations/parquet/parquettest": {"event"},
	"destinations/models":              {}, // SQL; drivers bring their dialects
	"destinations/clickhouse":          {"event", "document", "destinations", "destinations/rows", "destinations/models"},
	"destinations/jsonl":               {"event", "document", "destinations", "destinations/rows", "destinations/files"},
	"destinations/postgres":            {"event", "document", "destinations", "destinations/rows", "destinations/models"},

	// Drivers of stores in a cloud. rest is how they are reached, google whose credentials Google Cloud takes, tables what drivers of
	// stores with tables share.
	"destinations/rest":          {"destinations"},
	"destinations/rest/resttest": {},
	"destinations/google":        {"destinations/rest"}, // it knows no destination
	"destinations/tables":        {"destinations", "destinations/rows"},
	"destinations/bigquery":      {"event", "document", "destinations", "destinations/rest", "destinations/google", "destinations/rows", "destinations/tables", "destinations/models"},
	"destinations/databricks":    {"event", "document", "destinations", "destinations/rest", "destinations/rows", "destinations/tables", "destinations/models", "destinations/files", "destinations/parquet"},
	"destinations/mysql":         {"event", "document", "destinations", "destinations/rows", "destinations/tables", "destinations/models"},
	"destinations/snowflake":     {"event", "document", "destinations", "destinations/rest", "destinations/rows", "destinations/tables", "destinations/models"},

	// Drivers of streams. message is what they share, and the test that they pass.
	"destinations/message": {"event", "document", "rules", "destinations", "destinations/message/conformance", "destinations/conformance/link"},
	"destinations/kafka":   {"event", "document", "destinations", "destinations/aws", "destinations/message"},
	"destinations/nats":    {"event", "document", "destinations", "destinations/message"},

	// What visitors do. terms is what a configuration says of it, count the questions as pure functions, store the rows.
	"insight":       {"event", "event/needs", "document", "consent", "consent/people", "rules", "queue", "insight/count", "insight/store", "insight/terms"},
	"insight/count": {},
	"insight/store": {"document", "insight/count"},
	"insight/terms": {"event", "event/samples", "document", "rules", "insight/count"},

	"alerts/evidence": {"event", "alerts", "proxy/history"}, // facts out of counts

	"config": {"alerts", "event", "event/needs", "event/samples", "document", "sources", "sources/protocols", "sources/webhook", "scripts", "consent", "enrich", "enrich/address", "enrich/identity", "rules", "queue", "destinations",
		"destinations/catalog", "destinations/http", "insight/terms"},
	"proxy":           {"alerts", "alerts/evidence", "insight/terms", "event", "event/wire", "event/samples", "document", "sources", "scripts", "consent", "consent/people", "enrich", "rules", "queue", "destinations", "destinations/catalog", "config", "proxy/admission", "proxy/attempts", "proxy/delivery", "proxy/find", "proxy/history", "proxy/impact", "proxy/once", "proxy/report", "proxy/search"},
	"proxy/admission": {"config", "document", "queue"},
	"proxy/attempts":  {}, // places, words and times
	"proxy/history":   {"event"},
	"proxy/find":      {"event", "consent", "consent/people", "queue", "proxy/search"},
	"proxy/report":    {"event", "proxy/history"},
	"proxy/search":    {},
	"proxy/impact":    {"event"},
	"proxy/once":      {"document", "sources"}, // marks and times
	"proxy/socket":    {},
	"proxy/delivery":  {"event", "event/samples", "document", "consent", "consent/people", "rules", "queue", "destinations", "config", "proxy/attempts", "proxy/history"},
	"subjects":        {"event", "document", "consent", "consent/people", "queue", "destinations"},
	"doctor":          {},                     // it looks at a running Headgate from outside
	"console/access":  {"config", "document"}, // who may ask what; it knows no handler
	"console":         {"alerts", "insight", "console/access", "console/versions", "console/web", "destinations/catalog", "event", "event/wire", "event/samples", "document", "sources", "consent", "enrich", "rules", "queue", "destinations", "config", "proxy", "proxy/delivery", "proxy/impact", "proxy/find", "proxy/report", "subjects"},
	"console/web":     {}, // the pages as they are built; they ask the API
	"commands":        {"*"},
	"dev":             {},
	"tests":           {"*"}, // tests/trial: what tests run the program with
	".":               {"commands"},

	"console/versions": {"document"}, // texts, and who wrote them
}

// inTests says which folders' own tests may import what the folder may not: they put together what commands puts together.
var inTests = map[string]string{"proxy": "headgate/subjects"}

// fences say which folders alone may import a library, so that it can be replaced in one place.
var fences = []struct {
	library string
	folders []string
	files   int // at most so many files of the folders; 0 is any number
}{
	{library: "github.com/valyala/fasthttp", folders: []string{"proxy", "console"}},
	{library: "github.com/expr-lang/expr", folders: []string{"rules/formula"}},
	{library: "github.com/hashicorp/go-retryablehttp", folders: []string{"destinations/http"}, files: 1},
	// The log's own NATS, and the client library of a driver, which lives in that driver's folder; neither knows of the other.
	{library: "github.com/nats-io/", folders: []string{"queue/stream", "destinations/nats"}},
	{library: "github.com/twmb/", folders: []string{"destinations/kafka"}},
	{library: "gopkg.in/yaml.v3", folders: []string{"document"}},
	{library: "go.yaml.in/yaml", folders: []string{"document"}},
	{library: "github.com/johannesboyne/gofakes3", folders: []string{"destinations/files/filestest"}},
	{library: "github.com/parquet-go/", folders: []string{"destinations/parquet", "destinations/parquet/parquettest", "insight/store"}},
	{library: "github.com/jackc/", folders: []string{"destinations/postgres"}},
	{library: "github.com/go-sql-driver/", folders: []string{"destinations/mysql"}},
	{library: "github.com/youmark/pkcs8", folders: []string{"destinations/rest"}},
	{library: "github.com/alecthomas/kong", folders: []string{"commands", "commands/shell"}},
	{library: "github.com/aymanbagabas/go-udiff", folders: []string{"console/versions"}},
	{library: "github.com/coreos/go-oidc/", folders: []string{"console/access"}},
	{library: "github.com/zitadel/oidc/", folders: []string{"console"}},            // the provider of its tests
	{library: "github.com/evanw/esbuild", folders: []string{"dev/pages", "tests"}}, // tests read the scripts of the documentation with it
	{library: "github.com/oschwald/", folders: []string{"enrich/place"}},
	{library: "github.com/mileusna/", folders: []string{"enrich/agent"}},
}

// elsewhere are folders with no Go of this module.
var elsewhere = []string{"tools", "sdk", "docs", "testdata", "node_modules", "data", "bin"}

func TestFoldersImportOnlyWhatTheyMay(t *testing.T) {
	used := map[string]int{} // by library: files that import it
	for _, one := range imports(t) {
		wires := strings.HasSuffix(one.file, "_test.go") && inTests[one.folder] == one.path
		if rule := broken(one.folder, one.path); rule != "" && !wires {
			t.Errorf("%s imports %s: %s", one.file, one.path, rule)
		}
		for _, f := range fences {
			if strings.HasPrefix(one.path, f.library) {
				used[f.library]++
				if f.files > 0 && used[f.library] > f.files {
					t.Errorf("%s imports %s: only %d file may, and there is another", one.file, one.path, f.files)
				}
			}
		}
	}
	if len(used) == 0 {
		t.Error("no import of a fenced library was found: the test looks in the wrong place")
	}
}

func TestTheImportRulesAreRules(t *testing.T) {
	for _, c := range []struct{ folder, path, want string }{
		{"consent", "headgate/event", ""},
		{"consent", "headgate/rules", "consent may import only event, event/wire, event/needs, document, consent/iab, consent/iab/iabtest, consent/google, consent/cmp, consent/people, consent/personal, consent/personal/patterns, consent/signals"},
		{"consent/iab", "headgate/consent", "consent/iab may import only consent/iab/iabtest"},
		{"consent/google", "headgate/event", "consent/google may import nothing of ours"},
		{"consent/cmp", "headgate/consent", "consent/cmp may import only event, event/wire, consent/google"},
		{"consent/personal", "headgate/consent", "consent/personal may import only event, event/wire, consent/personal/patterns"},
		{"proxy", "headgate/consent/personal", "proxy may import only alerts, alerts/evidence, insight/terms, event, event/wire, event/samples, document, sources, scripts, consent, consent/people, enrich, rules, queue, destinations, destinations/catalog, config, proxy/admission, proxy/attempts, proxy/delivery, proxy/find, proxy/history, proxy/impact, proxy/once, proxy/report, proxy/search"},
		{"event", "headgate/document", "event may import only event/wire"},
		{"queue", "headgate/event", "queue may import only document, queue/stream, queue/format, queue/cluster"},
		{"queue/stream", "headgate/queue", "queue/stream may import nothing of ours"},
		{"queue", "github.com/nats-io/nats.go", "github.com/nats-io/ belongs to queue/stream, destinations/nats"},
		{"destinations", "headgate/rules", ""},
		{"rules", "headgate/destinations", "rules may import only event, document, rules/formula, rules/functions, rules/normalise, rules/table"},
		{"rules/formula", "headgate/rules/functions", "rules/formula may import only event, document, rules/table"},
		{"rules/normalise", "headgate/rules/formula", "rules/normalise may import nothing of ours"},
		{"destinations", "headgate/rules/formula", "destinations may import only event, event/needs, document, rules, destinations/catalog"},
		{"rules", "github.com/expr-lang/expr/ast", "github.com/expr-lang/expr belongs to rules/formula"},
		{"config", "headgate/proxy", "config may import only alerts, event, event/needs, event/samples, document, sources, sources/protocols, sources/webhook, scripts, consent, enrich, enrich/address, enrich/identity, rules, queue, destinations, destinations/catalog, destinations/http, insight/terms"},
		{"commands", "headgate/queue", ""},
		{"subjects", "headgate/proxy", "subjects may import only event, document, consent, consent/people, queue, destinations"},
		{"destinations/parquet", "headgate/destinations", ""},
		{"destinations", "headgate/destinations/http", "destinations may import only event, event/needs, document, rules, destinations/catalog"},
		{"destinations/http/body", "headgate/destinations/golden", "destinations/http may import only event, document, rules, destinations, destinations/aws, destinations/catalog, destinations/http/body"},
		{"destinations/new", "headgate/destinations/postgres", "destinations may import only event, event/needs, document, rules, destinations/catalog"},
		{"helpers", "fmt", "no rule for the folder helpers: give it a line in tests/imports_test.go"},
		{"dev/scripts/notices", "headgate/event", "dev may import nothing of ours"},
		{"proxy", "github.com/valyala/fasthttp/fasthttputil", ""},
		{"sources", "github.com/valyala/fasthttp", "github.com/valyala/fasthttp belongs to proxy, console"},
		{"sources", "github.com/valyala/fastjson", ""},
		{"config", "gopkg.in/yaml.v3", "gopkg.in/yaml.v3 belongs to document"},
		{"proxy", "github.com/nats-io/nats.go/jetstream", "github.com/nats-io/ belongs to queue/stream, destinations/nats"},
		{"destinations/nats", "headgate/queue/stream", "destinations/nats may import only event, document, destinations, destinations/message"},
		{"destinations/nats", "github.com/nats-io/nats.go/jetstream", ""},
		{"destinations/message", "github.com/twmb/franz-go/pkg/kgo", "github.com/twmb/ belongs to destinations/kafka"},
		{"destinations", "github.com/jackc/pgx/v5", "github.com/jackc/ belongs to destinations/postgres"},
	} {
		if got := broken(c.folder, c.path); got != c.want {
			t.Errorf("%s imports %s: %q, want %q", c.folder, c.path, got, c.want)
		}
	}
}

// broken returns the rule that an import breaks, "" when it breaks none.
func broken(folder, imported string) string {
	line := folder
	for mayImport[line] == nil && line != "." {
		line = path.Dir(line)
	}
	if line == "." && folder != "." {
		return fmt.Sprintf("no rule for the folder %s: give it a line in tests/imports_test.go", folder)
	}
	for _, f := range fences {
		if strings.HasPrefix(imported, f.library) && !slices.Contains(f.folders, folder) {
			return f.library + " belongs to " + strings.Join(f.folders, ", ")
		}
	}
	ours, ok := strings.CutPrefix(imported, "headgate/")
	allowed := mayImport[line]
	switch {
	case !ok, ours == folder, slices.Contains(allowed, ours), slices.Contains(allowed, "*"):
		return ""
	case len(allowed) == 0:
		return line + " may import nothing of ours"
	}
	return line + " may import only " + strings.Join(allowed, ", ")
}

type imported struct{ file, folder, path string }

// imports lists what every file of the module imports, but for external tests, which may look at a package from above.
func imports(t *testing.T) (list []imported) {
	t.Helper()
	module := os.DirFS("..")
	err := fs.WalkDir(module, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); name != "." && (strings.HasPrefix(name, ".") || slices.Contains(elsewhere, name)) {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(file) != ".go" {
			return nil
		}
		text, err := fs.ReadFile(module, file)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, text, parser.ImportsOnly)
		if err != nil {
			return err
		}
		if strings.HasSuffix(f.Name.Name, "_test") {
			return nil
		}
		for _, spec := range f.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			list = append(list, imported{file, path.Dir(file), name})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}
