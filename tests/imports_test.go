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
	"event":           {"event/keys", "event/wire"},
	"event/keys":      {}, // what names of parameters stand for
	"event/wire":      {}, // texts of requests; it knows no event
	"event/samples":   {"event", "document"},
	"event/wording":   {"event"},                  // what was decided, in sentences
	"event/layout":    {"event", "event/wording"}, // how a decision is written to the log
	"event/trace":     {"event", "event/wording"}, // what was done with an event, for people
	"event/eventtest": {"event"},
	"event/needs":     {"event", "document", "document/shape"}, // what destinations declare and consent decides by
	"document":        {"document/shape"},
	"kernel":          {}, // it knows files and sockets, not what is in them
	"document/shape":  {}, // what a document may hold; it reads none
	"document/cases":  {"document"},

	"sources": {"event", "event/keys", "document", "document/shape", "sources/catalog", "sources/signature"}, // the face; it knows no protocol
	"scripts": {"event", "document", "document/shape", "scripts/own", "event/wire"},
	"consent": {"event", "event/trace", "event/wire", "event/needs", "document", "consent/iab", "consent/iab/iabtest", "consent/google", "consent/cmp", "consent/people", "consent/personal", "consent/personal/patterns", "consent/signals", "consent/region", "event/wording"},
	"enrich":  {"event", "event/keys", "event/wire", "document", "document/shape", "enrich/address", "enrich/agent", "enrich/bots", "enrich/campaign", "enrich/cookie", "enrich/identity", "enrich/keeper", "enrich/linker", "enrich/place", "enrich/referrer", "enrich/session", "enrich/signature", "enrich/traffic", "enrich/person"},
	"rules":   {"event", "event/trace", "document", "rules/formula", "rules/functions", "rules/normalise", "rules/table", "rules/advice", "rules/reach", "rules/template"},
	"alerts":  {"document"},                                                                                                                                            // what is worth an alert; facts are brought to it
	"queue":   {"document", "queue/disk", "queue/nats", "queue/stream", "queue/format", "queue/cluster", "queue/ledger", "queue/mark", "queue/recent", "queue/stored"}, // it knows bytes and counts, not events

	"sources/catalog":   {}, // files, read by sources/webhook
	"sources/signature": {"event", "document"},
	"sources/webhook":   {"event", "event/keys", "document", "document/cases", "rules", "sources", "sources/catalog", "sources/reading", "sources/signature", "event/samples"}, // the other sideways edge: mappings are formulas

	// Protocols. Each room declares its own to the face; protocols links them all, reading is what they read requests with.
	"sources/reading":   {"event", "event/keys", "event/wire", "document", "sources"},
	"sources/analytics": {"event", "event/wire", "document", "sources", "sources/reading"},
	"sources/google":    {"event", "event/keys", "event/wire", "document", "sources", "sources/reading"},
	"sources/meta":      {"event", "document", "sources", "sources/reading"},
	"sources/own":       {"event", "event/wire", "document", "sources", "sources/reading"},
	"sources/product":   {"event", "event/wire", "document", "sources", "sources/reading", "sources/segment"}, // sites follow Segment's specification
	"sources/segment":   {"event", "event/keys", "event/wire", "document", "sources", "sources/reading"},
	"sources/snowplow":  {"event", "document", "sources", "sources/reading", "sources/segment"},
	"sources/protocols": {"sources/analytics", "sources/google", "sources/meta", "sources/own", "sources/product", "sources/segment", "sources/snowplow"},

	"scripts/own":          {}, // files as they were built
	"queue/stream":         {}, // words of those below
	"queue/disk":           {"queue/stream", "queue/stream/conform", "kernel"},
	"queue/nats":           {"queue/stream"}, // all that knows the cluster's NATS
	"queue/format":         {},               // what is on disk; it stores nothing
	"queue/cluster":        {"queue/stream"},
	"queue/stream/conform": {"queue/ledger", "queue/stream"},                                                              // the test of stores
	"queue/due":            {},                                                                                            // things and times
	"queue/ledger":         {"queue/due", "queue/format", "queue/recent", "queue/stored", "queue/stream", "queue/window"}, // how far cursors have come; it does not write the log
	"queue/mark":           {"kernel", "queue/format", "queue/stream"},                                                    // a file beside the streams
	"queue/recent":         {"queue/format"},                                                                              // groups in memory
	"queue/stored":         {"queue/format", "queue/recent", "queue/stream"},                                              // the log as it is kept; it changes nothing
	"queue/window":         {"queue/format"},                                                                              // numbers of groups and counts

	"enrich/address":   {"event/wire", "document", "document/shape"},
	"enrich/agent":     {"event", "event/wire", "enrich/bots"},
	"enrich/campaign":  {"event", "event/keys", "event/wire"},
	"enrich/cookie":    {"event/wire"}, // texts of headers; it knows no cookie
	"enrich/identity":  {"event/wire", "document", "enrich/cookie", "enrich/keeper"},
	"enrich/place":     {"event", "event/wire", "document", "document/shape"},
	"enrich/bots":      {"event", "event/wire"},
	"enrich/referrer":  {},
	"enrich/person":    {"event", "event/keys"},                                                                    // traits; it knows no hit
	"enrich/traffic":   {"event", "document", "enrich/address", "enrich/agent", "enrich/bots", "enrich/signature"}, // who is known to be no person
	"enrich/signature": {"event"},                                                                                  // who signed a request; what that means is up to enrich

	// The formula language. Everyone else imports rules, its face.
	"rules/advice":    {},        // texts of other tools, and how they are written here
	"rules/reach":     {"event"}, // what is known of a formula without running it
	"rules/formula":   {"event", "document", "rules/advice", "rules/reach", "rules/table"},
	"rules/template":  {"event", "document", "rules/formula", "rules/table"},
	"rules/functions": {"event", "event/keys", "event/wire", "document", "rules/advice", "rules/formula", "rules/normalise"},
	"rules/normalise": {},
	"rules/table":     {"event", "document", "document/shape"},

	// Strings of consent standards and tools are read into plain results; purposes and policy are the resolver's alone.
	"consent/iab":    {"consent/iab/iabtest"},
	"consent/google": {},
	"consent/cmp":    {"event", "event/wire", "consent/google"},
	"consent/people": {"event", "event/wire", "event/wording"},
	"consent/region": {"event", "event/wire", "document", "consent/signals"}, // which rule holds where
	"consent/table":  {"event", "document", "consent", "consent/region", "consent/signals", "event/wording"},
	// What signals say, read without knowing what is concluded from it.
	"consent/signals": {"event", "event/wire", "event/wording", "consent/iab", "consent/google", "consent/cmp"},

	// Cookies and links: what is kept, carried over and followed, as pure functions of texts and times.
	"enrich/keeper":  {"event", "event/wire"},
	"enrich/linker":  {},
	"enrich/session": {},

	// Personal data is found and taken out without knowing why: consent says what has to go.
	"consent/personal":          {"event", "event/keys", "event/wire", "consent/personal/patterns"},
	"consent/personal/patterns": {"event", "event/keys", "event/wire"}, // texts; of events it knows what keys mean

	"destinations":          {"event", "event/trace", "event/needs", "document", "document/shape", "rules", "destinations/catalog", "destinations/egress", "destinations/settings", "event/wording"},
	"destinations/egress":   {},                                                     // hosts and addresses
	"destinations/settings": {"event", "document", "rules", "destinations/catalog"}, // what a person wrote, against what a file declares
	"destinations/aws":      {"destinations/egress"},                                // signatures and credentials; it knows no destination
	"destinations/catalog":  {"event", "event/needs", "document", "document/shape"}, // what files say, compiled by nobody here
	"destinations/http":     {"destinations/http/auth", "event", "event/keys", "event/trace", "document", "rules", "destinations", "destinations/aws", "destinations/catalog", "destinations/http/body", "destinations/http/words", "destinations/rest", "destinations/egress", "destinations/settings"},
	"destinations/golden":   {"event", "event/trace", "event/needs", "event/samples", "document", "document/cases", "rules", "destinations", "destinations/catalog", "destinations/http", "destinations/http/words"},
	// Drivers. rows is the model of rows that they share, files what those share that write files, conformance the test of all.
	"destinations/rows":                {"event", "event/wording", "destinations"},
	"destinations/files":               {"event", "document", "destinations", "destinations/egress", "destinations/rows", "destinations/aws", "destinations/files/loaders"},
	"destinations/files/loaders":       {"event", "destinations/rows"}, // SQL of other stores
	"destinations/files/filestest":     {},
	"destinations/conformance":         {"event", "event/samples", "document", "rules", "destinations", "destinations/catalog", "destinations/http", "destinations/conformance/link"},
	"destinations/conformance/link":    {}, // bytes on their way to a store
	"destinations/parquet":             {"event", "document", "destinations", "destinations/rows", "destinations/files"},
	"destinations/parquet/parquettest": {"event"},
	"destinations/models":              {}, // SQL; drivers bring their dialects
	"destinations/clickhouse":          {"event", "document", "destinations", "destinations/rest", "destinations/rows", "destinations/tables", "destinations/models"},
	"destinations/jsonl":               {"event", "document", "destinations", "destinations/rows", "destinations/files"},
	"destinations/postgres":            {"event", "document", "destinations", "destinations/rows", "destinations/tables", "destinations/models"},

	// Drivers of stores in a cloud. rest is how they are reached, google whose credentials Google Cloud takes, tables what drivers of
	// stores with tables share.
	"destinations/rest":          {"destinations", "destinations/egress"},
	"destinations/rest/resttest": {},
	// Strict fakes of stores that cannot be had for tests.
	"destinations/bigquery/bigquerytest":     {"event", "destinations/conformance", "destinations/rest/resttest"},
	"destinations/databricks/databrickstest": {"event", "destinations/conformance", "destinations/rest/resttest", "destinations/parquet/parquettest"},
	"destinations/snowflake/snowflaketest":   {"event", "destinations/conformance", "destinations/rest/resttest"},
	"destinations/google":                    {"destinations/egress", "destinations/rest"}, // it knows no destination
	"destinations/tables":                    {"destinations", "destinations/egress", "destinations/rest", "destinations/rows"},
	"destinations/bigquery":                  {"event", "document", "destinations", "destinations/rest", "destinations/google", "destinations/rows", "destinations/tables", "destinations/models"},
	"destinations/databricks":                {"event", "document", "destinations", "destinations/rest", "destinations/rows", "destinations/tables", "destinations/models", "destinations/files", "destinations/parquet"},
	"destinations/mysql":                     {"event", "document", "destinations", "destinations/rows", "destinations/relational", "destinations/models"},
	"destinations/sqlite":                    {"event", "document", "destinations", "destinations/rows", "destinations/relational", "destinations/models"},
	"destinations/relational":                {"destinations", "destinations/rows", "destinations/tables"}, // what databases behind database/sql share
	"destinations/snowflake":                 {"event", "document", "destinations", "destinations/rest", "destinations/rows", "destinations/tables", "destinations/models"},

	// Drivers of streams. message is what they share, and the test that they pass.
	"destinations/message": {"event", "event/trace", "document", "rules", "destinations", "destinations/message/conformance", "destinations/conformance/link"},
	"destinations/kafka":   {"event", "event/trace", "document", "destinations", "destinations/aws", "destinations/egress", "destinations/message"},
	"destinations/nats":    {"event", "event/trace", "document", "destinations", "destinations/egress", "destinations/message"},

	// What visitors do. terms is what a configuration says of it, count the questions as pure functions, store the rows.
	"insight":         {"event", "event/layout", "event/needs", "document", "consent", "consent/people", "rules", "queue", "insight/count", "insight/store", "insight/terms", "insight/answers"},
	"insight/answers": {"alerts", "event", "document", "rules", "insight/count", "insight/store", "insight/terms"}, // questions and rows; it knows neither the log nor consent
	"insight/count":   {},
	"insight/store":   {"document", "insight/count"},
	"insight/terms":   {"event", "event/samples", "document", "document/shape", "rules", "insight/count"},
	"alerts/evidence": {"event", "alerts", "proxy/history"}, // facts out of counts

	"config":            {"alerts", "event", "event/needs", "event/samples", "document", "sources", "sources/protocols", "sources/webhook", "scripts", "consent", "enrich", "enrich/address", "enrich/identity", "rules", "queue", "destinations", "destinations/catalog", "destinations/egress", "destinations/http", "insight/terms", "config/files", "config/references"},
	"config/files":      {},                                                                         // which belong to it, by its path alone
	"config/references": {"document"},                                                               // ${NAME}
	"config/schema":     {"event/samples", "document", "consent", "destinations/catalog", "config"}, // the file, described
	"config/edit":       {"document", "config", "config/files"},                                     // files as people edit them

	// The running proxy. A plan is asked by all; decide by it is what the walk, explain and resend share; door is all that knows HTTP.
	"proxy":                 {"alerts", "alerts/evidence", "insight/terms", "event", "event/keys", "event/trace", "event/layout", "event/wire", "event/samples", "document", "sources", "scripts", "consent", "consent/people", "enrich", "rules", "queue", "destinations", "destinations/catalog", "config", "config/edit", "proxy/admission", "proxy/attempts", "proxy/counts", "proxy/decide", "proxy/delivery", "proxy/door", "proxy/drafts", "proxy/explain", "proxy/find", "proxy/history", "proxy/impact", "proxy/live", "proxy/lookout", "proxy/once", "proxy/pages", "proxy/peers", "proxy/plan", "proxy/refusal", "proxy/report", "proxy/search", "proxy/resend", "proxy/status"},
	"proxy/resend":          {"event", "event/trace", "event/wording", "event/layout", "consent", "rules", "queue", "proxy/decide", "proxy/delivery", "proxy/explain", "proxy/history", "proxy/plan"},
	"proxy/lookout":         {"alerts", "alerts/evidence", "event", "event/layout", "queue", "proxy/decide", "proxy/history", "proxy/plan", "proxy/status"},
	"proxy/status":          {"scripts", "proxy/counts", "proxy/delivery"},
	"proxy/explain":         {"event", "event/layout", "event/trace", "event/samples", "document", "sources", "rules", "queue", "destinations", "config", "config/edit", "proxy/decide", "proxy/delivery", "proxy/impact", "proxy/plan"},
	"proxy/pages":           {"event", "event/wire", "sources", "scripts", "consent", "consent/people", "enrich", "proxy/admission", "proxy/counts", "proxy/plan", "proxy/refusal"},
	"proxy/door":            {"event", "sources", "queue", "config", "proxy/admission", "proxy/counts", "proxy/refusal"},
	"proxy/drafts":          {"event", "event/layout", "event/trace", "document", "rules", "queue", "config", "config/edit", "proxy/decide", "proxy/delivery", "proxy/explain", "proxy/impact", "proxy/plan"}, // configurations that are not in force
	"proxy/peers":           {"event/trace", "queue", "proxy/attempts", "proxy/history", "proxy/report"},                                                                                                      // the other Headgates of a cluster
	"proxy/live":            {"event", "event/trace", "rules"},
	"proxy/decide":          {"event", "event/keys", "event/layout", "event/trace", "consent", "consent/people", "enrich", "rules", "queue", "config", "proxy/counts", "proxy/plan"},
	"proxy/plan":            {"event", "event/wire", "document", "sources", "consent", "rules", "queue", "config", "proxy/admission", "proxy/counts", "proxy/history", "insight/terms"},
	"proxy/admission":       {"config", "document", "queue", "kernel"},
	"proxy/attempts":        {}, // places, words and times
	"proxy/counts":          {"event", "sources", "scripts", "consent", "proxy/history", "proxy/refusal"},
	"proxy/history":         {"event"},
	"proxy/find":            {"event", "event/layout", "consent", "consent/people", "queue", "proxy/search"},
	"proxy/refusal":         {"event", "sources"},
	"proxy/report":          {"event", "proxy/history"},
	"proxy/search":          {},
	"proxy/impact":          {"event", "event/trace"},
	"proxy/once":            {"document", "sources"}, // marks and times
	"proxy/socket":          {},
	"proxy/delivery":        {"event", "event/layout", "event/samples", "document", "consent", "consent/people", "rules", "queue", "destinations", "config", "proxy/attempts", "proxy/history", "proxy/delivery/dedup", "proxy/delivery/gate", "proxy/delivery/pieces", "event/wording"},
	"proxy/delivery/dedup":  {}, // keys and times
	"proxy/delivery/gate":   {},
	"proxy/delivery/pieces": {"destinations"},
	"subjects":              {"event", "event/layout", "event/trace", "document", "consent", "consent/people", "queue", "destinations", "subjects/journal", "subjects/receipts", "subjects/steady", "subjects/suppression"},
	"doctor":                {},                                         // it looks at a running Headgate from outside
	"console/access":        {"config", "document", "console/exchange"}, // who may ask what; it knows no handler
	"console":               {"alerts", "document", "event/trace", "insight", "insight/answers", "proxy", "proxy/delivery", "proxy/find", "proxy/live", "proxy/report", "proxy/resend", "proxy/status", "subjects", "console/access", "console/editing", "console/exchange", "console/failure", "console/guard", "console/trial", "console/versions", "console/web"},
	"console/web":           {}, // the pages as they are built; they ask the API
	"commands":              {"*"},
	"dev":                   {},
	"tests":                 {"*"}, // tests/trial: what tests run the program with
	".":                     {"commands"},
	"subjects/journal":      {"document"}, // lines in files; it knows no person
	"subjects/receipts":     {"consent/people", "subjects/journal"},
	"subjects/suppression":  {"event", "consent/people", "queue", "subjects/journal"}, // the list, the same in a cluster
	"subjects/steady":       {"subjects/journal"},                                     // a clock
	"console/exchange":      {"document"},
	"console/guard":         {"event/wire", "console/access", "console/exchange"},
	"console/failure":       {"document", "config/edit", "insight", "insight/answers", "proxy", "proxy/explain", "subjects", "console/exchange"}, // their errors
	"console/editing":       {"document", "config", "config/edit", "config/schema", "destinations/catalog", "proxy/status", "console/access", "console/exchange", "console/failure", "console/versions"},
	"console/trial":         {"document", "event", "event/trace", "config/edit", "proxy", "proxy/explain", "proxy/impact", "console/access", "console/exchange", "console/failure"},
	"console/versions":      {"document"}, // texts, and who wrote them
}

// inTests says which folders' own tests may import what the folder may not: what commands puts together, and support of tests.
var inTests = map[string]string{
	"proxy":        "headgate/subjects",
	"insight":      "headgate/alerts",
	"consent":      "headgate/event/layout",
	"event/layout": "headgate/event/eventtest",
	"event/trace":  "headgate/event/eventtest",
}

// fences say which folders alone may import a library, so that it can be replaced in one place.
var fences = []struct {
	library string
	folders []string
	files   int // at most so many files of the folders; 0 is any number
}{
	{library: "unsafe", folders: []string{"event", "kernel"}, files: 4}, // of a value, of the columns, how large things are, and what the kernel is asked
	{library: "github.com/valyala/fasthttp", folders: []string{"proxy/door"}},
	{library: "github.com/expr-lang/expr", folders: []string{"rules/formula"}},
	{library: "github.com/hashicorp/go-retryablehttp", folders: []string{"destinations/http"}, files: 1},
	{library: "github.com/nats-io/", folders: []string{"queue/nats", "destinations/nats"}}, // the log's own, and a driver's; neither knows of the other
	{library: "github.com/twmb/", folders: []string{"destinations/kafka"}},
	{library: "gopkg.in/yaml.v3", folders: []string{"document"}},
	{library: "go.yaml.in/yaml", folders: []string{"document"}},
	{library: "github.com/johannesboyne/gofakes3", folders: []string{"destinations/files/filestest"}},
	{library: "github.com/parquet-go/", folders: []string{"destinations/parquet", "destinations/parquet/parquettest", "destinations/databricks/databrickstest", "insight/store"}},
	{library: "github.com/jackc/", folders: []string{"destinations/postgres"}},
	{library: "github.com/go-sql-driver/", folders: []string{"destinations/mysql"}},
	{library: "modernc.org/sqlite", folders: []string{"destinations/sqlite"}},
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
		if strings.HasSuffix(one.file, "_test.go") && (one.path == inTests[one.folder] || one.path == "unsafe") {
			continue // it puts parts together, or says how large something is
		}
		if rule := broken(one.folder, one.path); rule != "" {
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
		{"consent", "headgate/rules", only("consent")},
		{"consent/iab", "headgate/consent", only("consent/iab")},
		{"consent/google", "headgate/event", "consent/google may import nothing of ours"},
		{"consent/cmp", "headgate/consent", only("consent/cmp")},
		{"consent/personal", "headgate/consent", only("consent/personal")},
		{"proxy", "headgate/consent/personal", only("proxy")},
		{"event", "headgate/document", only("event")},
		{"queue", "headgate/event", only("queue")},
		{"queue/stream", "headgate/queue", "queue/stream may import nothing of ours"},
		{"queue", "github.com/nats-io/nats.go", "github.com/nats-io/ belongs to queue/nats, destinations/nats"},
		{"destinations", "headgate/rules", ""},
		{"rules", "headgate/destinations", only("rules")},
		{"rules/formula", "headgate/rules/functions", only("rules/formula")},
		{"rules/normalise", "headgate/rules/formula", "rules/normalise may import nothing of ours"},
		{"destinations", "headgate/rules/formula", only("destinations")},
		{"rules", "github.com/expr-lang/expr/ast", "github.com/expr-lang/expr belongs to rules/formula"},
		{"config", "headgate/proxy", only("config")},
		{"commands", "headgate/queue", ""},
		{"subjects", "headgate/proxy", only("subjects")},
		{"destinations/parquet", "headgate/destinations", ""},
		{"destinations", "headgate/destinations/http", only("destinations")},
		{"destinations/http/body", "headgate/destinations/golden", only("destinations/http")},
		{"destinations/new", "headgate/destinations/postgres", only("destinations")},
		{"helpers", "fmt", "no rule for the folder helpers: give it a line in tests/imports_test.go"},
		{"dev/scripts/notices", "headgate/event", "dev may import nothing of ours"},
		{"proxy/door", "github.com/valyala/fasthttp/fasthttputil", ""},
		{"sources", "github.com/valyala/fasthttp", "github.com/valyala/fasthttp belongs to proxy/door"},
		{"sources", "github.com/valyala/fastjson", ""},
		{"config", "gopkg.in/yaml.v3", "gopkg.in/yaml.v3 belongs to document"},
		{"proxy", "github.com/nats-io/nats.go/jetstream", "github.com/nats-io/ belongs to queue/nats, destinations/nats"},
		{"destinations/nats", "headgate/queue/nats", only("destinations/nats")},
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
	return only(line)
}

// only is the rule of a folder.
func only(folder string) string {
	return folder + " may import only " + strings.Join(mayImport[folder], ", ")
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
