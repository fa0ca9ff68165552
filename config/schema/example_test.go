package schema_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"headgate/config"
	"headgate/config/schema"
	"headgate/destinations"
	"headgate/destinations/catalog"
	"headgate/destinations/kafka"
	"headgate/destinations/nats"
	"headgate/destinations/parquet"
	"headgate/destinations/postgres"
	"headgate/document"
	"headgate/document/shape"
)

const example = "../../config.example.yaml"

// leftOut matches settings that the example only mentions: a # in the first column without a space and a word after it.
var leftOut = regexp.MustCompile(`(?m)^#(\S|  )`)

func deps() config.Deps {
	return config.Deps{Drivers: map[string]destinations.NewDriver{"kafka": kafka.NewDriver, "nats": nats.NewDriver, "parquet": parquet.NewDriver, "postgres": postgres.NewDriver}}
}

func closeParts(t *testing.T, p *config.Parts) {
	t.Helper()
	if err := p.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestTheExampleRunsWithoutAnAccount(t *testing.T) {
	nothing := config.Env{Lookup: func(string) (string, bool) { return "", false }}
	parts, ms := config.Open(example, nothing, deps())
	if ms != nil {
		t.Fatal(ms.Err())
	}
	defer closeParts(t, parts)
	if len(parts.Destinations) != 1 || parts.Destinations[0].Name() != "archive" {
		t.Errorf("%d destinations are enabled", len(parts.Destinations))
	}
	if parts.Warnings != nil {
		t.Errorf("warnings: %v", parts.Warnings)
	}
}

// TestTheExampleHasEveryKeyOnce compares the keys of the example, those left out included, with those of the structs.
func TestTheExampleHasEveryKeyOnce(t *testing.T) {
	root := whole(t)
	c := config.Defaults()
	if ms := document.Decode(root, &c); ms != nil {
		t.Fatal(ms.Err())
	}
	written := map[string]bool{}
	collect(root, "", written)
	for _, key := range keys(document.Schema(config.Defaults()), "") {
		if below, ok := strings.CutPrefix(key, "sources."); ok {
			// The reference lists every protocol; the example shows every setting that one of them has.
			_, setting, _ := strings.Cut(below, ".")
			key = strings.TrimSuffix("sources.<name>."+setting, ".")
		}
		pattern := regexp.MustCompile("^" + strings.NewReplacer(".", `\.`, "<name>", `[^.]+`, "[]", `\[\]`).Replace(key) + "$")
		found := false
		for w := range written {
			found = found || pattern.MatchString(w)
		}
		if !found && !strings.HasPrefix(key, "destinations.<name>.rules[].") { // the same as those of rules[]
			t.Errorf("the example lacks %s", key)
		}
	}
}

func TestWhatTheExampleLeavesOutWorksToo(t *testing.T) {
	c := config.Defaults()
	if ms := document.Decode(whole(t), &c); ms != nil {
		t.Fatal(ms.Err())
	}
	c.Enrich.Geo.Database.Value, c.TLS, c.Insight.Costs.File.Value = "", nil, "" // their files are not here
	catalog, ms := catalog.Load(destinations.BuiltIn())
	if ms != nil {
		t.Fatal(ms.Err())
	}
	parts, ms := (&config.Loaded{Config: c, Catalog: catalog}).Build(deps())
	if ms != nil {
		t.Fatal(ms.Err())
	}
	closeParts(t, parts)
}

func whole(t *testing.T) *document.Node {
	t.Helper()
	data, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	root, ms := document.Parse("config.example.yaml", leftOut.ReplaceAll(data, []byte("$1")))
	if ms != nil {
		t.Fatal(ms.Err())
	}
	return root
}

func collect(n *document.Node, path string, into map[string]bool) {
	for _, f := range n.Fields {
		at := strings.TrimPrefix(path+"."+f.Key, ".")
		into[at] = true
		collect(f.Value, at, into)
	}
	for _, item := range n.Items {
		collect(item, path+"[]", into)
	}
}

func keys(s *shape.Shape, path string) []string {
	var all []string
	for _, p := range s.Properties {
		at := strings.TrimPrefix(path+"."+p.Key, ".")
		all = append(all, at)
		all = append(all, keys(p.Shape, at)...)
	}
	if s.Values != nil {
		all = append(all, keys(s.Values, path+".<name>")...)
	}
	if s.Items != nil {
		all = append(all, keys(s.Items, path+"[]")...)
	}
	return all
}

func TestTheSchemaAcceptsTheExampleAndRefusesMistakes(t *testing.T) {
	files, ms := catalog.Load(destinations.BuiltIn())
	if ms != nil {
		t.Fatal(ms.Err())
	}
	described, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema.JSON(files)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("headgate.json", described); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("headgate.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(asJSON(t, whole(t))); err != nil {
		t.Error(err)
	}
	for _, broken := range []string{"lisen: ':8080'", "limits: {body: 10}", "rules: [{drop: true}]", "log: {level: loud}", "queue: {replicas: x}",
		"destinations: {meta: {seting: {}}}", "destinations: {meta: {settings: {pixel: '1', access_token: x}}}",
		"destinations: {meta: {settings: {pixel_id: shop, access_token: x}}}", "destinations: {other: {use: meta, settings: {access_token: x}}}",
		"tests: [{name: x, event: {sample: purchases}, expect: {}}]"} {
		n, ms := document.Parse("broken.yaml", []byte(broken))
		if ms != nil {
			t.Fatal(ms.Err())
		}
		if s.Validate(asJSON(t, n)) == nil {
			t.Errorf("accepted: %s", broken)
		}
	}
}

// TestTheSchemaKnowsNames looks for what an editor suggests.
func TestTheSchemaKnowsNames(t *testing.T) {
	files, ms := catalog.Load(destinations.BuiltIn())
	if ms != nil {
		t.Fatal(ms.Err())
	}
	var described struct {
		Defs struct {
			Destination struct {
				Properties struct {
					Use    struct{ AnyOf []struct{ Enum []string } }
					Events struct{ Properties map[string]any }
				}
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(schema.JSON(files), &described); err != nil {
		t.Fatal(err)
	}
	d := described.Defs.Destination.Properties
	if !slices.Contains(d.Use.AnyOf[0].Enum, "meta") || d.Events.Properties["purchase"] == nil {
		t.Errorf("use has %v, events %v", d.Use.AnyOf, d.Events.Properties)
	}
	for _, word := range []string{`"pixel_id"`, `"personalized_ads"`, `"purchase_us"`} {
		if !bytes.Contains(schema.JSON(files), []byte(word)) {
			t.Errorf("%s is not in it", word)
		}
	}
}

func asJSON(t *testing.T, n *document.Node) any {
	t.Helper()
	data, err := json.Marshal(n.Any())
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTheReferenceNamesEveryKey(t *testing.T) {
	page := string(schema.Reference())
	for _, key := range keys(document.Schema(config.Defaults()), "") {
		if strings.HasPrefix(key, "destinations.<name>.rules[].") {
			continue // listed with rules[]
		}
		if !strings.Contains(page, fmt.Sprintf("| `%s` |", key)) && !strings.Contains(page, "\n## "+key+"\n") {
			t.Errorf("the reference lacks %s", key)
		}
	}
	for _, line := range strings.Split(page, "\n") {
		if strings.HasSuffix(line, "|  |  |") && strings.HasPrefix(line, "| `") {
			t.Errorf("neither help nor an example for %s", line)
		}
	}
}
