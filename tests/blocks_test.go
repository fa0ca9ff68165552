package tests_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/evanw/esbuild/pkg/api"

	"headgate/document"
	"headgate/tests/docs"
)

// A way is how blocks are checked.
type way string

const (
	asConfiguration way = "TestEveryConfigurationInTheDocsPassesCheck"
	asCommands      way = "TestEveryCommandInTheDocsRuns"
	asSending       way = "TestWhatThePagesOfSendersSendArrives"
	byItself        way = "TestEveryBlockOfTheDocsIsChecked" // by the claim's own function
	byAnother       way = "another test"                     // why says where
	unchecked       way = "unchecked"                        // why says what would be needed
)

// claims say how each block is checked: the first one that fits it. Pages are those whose path begins so; an empty language or name
// fits all. This is the one list of what is not run.
var claims = []struct {
	pages, language, name string
	by                    way
	check                 func(text string) error
	why                   string
}{
	{pages: "docs/adding-a-destination.md", by: byAnother, why: "TestTheStoryOfAddingADestinationIsTheGuides and testdata/adding_a_destination.txtar"},
	{pages: "docs/reference/webhooks/", language: "json", by: byItself, check: readsAsJSON, why: "generated from cases that headgate test runs"},
	{pages: "docs/reference/destinations/", language: "http", by: byAnother, why: "generated from the cases of destinations/golden"},
	{pages: "docs/reference/bodies.md", language: "yaml", by: byAnother, why: "generated from the cases of destinations/http/body"},

	{language: "yaml", name: "compose.yaml", by: byItself, check: readsAsYAML},
	{language: "yaml", by: asConfiguration},
	{pages: "docs/senders/", language: "sh", by: asSending},
	{pages: "docs/senders/", language: "csv", by: asSending},
	{pages: "docs/warehouses.md", language: "sh", by: byAnother, why: "testdata/warehouse.txtar and tests/stores; gcloud and psql need an account and a database"},
	{pages: "docs/doctor.md", language: "sh", by: byAnother, why: "tests/doctor_test.go, with a site on this machine"},
	{pages: "docs/restarts.md", language: "sh", by: byAnother, why: "tests/handover_test.go"},
	{language: "sh", by: asCommands},
	{pages: "docs/choices.md", language: "http", by: asCommands},

	{language: "json", by: byItself, check: readsAsJSON},
	{language: "js", by: byItself, check: readsAsScript},
	{language: "html", by: byItself, check: readsAsPage},
	{language: "ini", by: byAnother, why: "tests/recipes has systemd read them"},
	{language: "nginx", by: byAnother, why: "tests/recipes runs it in nginx"},
	{language: "caddy", by: byAnother, why: "tests/recipes runs it in Caddy"},

	{pages: "docs/adding-a-source.md", language: "go", by: byItself, check: isOfTheSmallestSource},
	{pages: "docs/web-servers.md", language: "go", by: byAnother, why: "tests/sdks runs it: TestTheWebServersOfTheDocumentation"},
	{pages: "docs/web-servers.md", language: "php", by: byAnother, why: "tests/sdks runs it: TestTheWebServersOfTheDocumentation"},
	{pages: "docs/web-servers.md", language: "python", by: byAnother, why: "tests/sdks runs it: TestTheWebServersOfTheDocumentation"},
	{pages: "docs/web-servers.md", language: "ruby", by: byAnother, why: "tests/sdks runs it: TestTheWebServersOfTheDocumentation"},
	{pages: "docs/senders/woocommerce.md", language: "php", by: byAnother, why: "tests/sdks runs it: TestWhatAWordPressShopStoresWithAnOrder"},
	{pages: "docs/warehouses.md", language: "sql", by: unchecked, why: "needs the vendors' stores; what Headgate itself runs there is in tests/stores"},
	{pages: "docs/consent-snippets.md", language: "text", by: byAnother, why: "consent reads this cookie in consent/cmp"},
}

// claimed returns the index of the claim on a block, -1 when there is none.
func claimed(b docs.Block) int {
	for i, c := range claims {
		if strings.HasPrefix(b.Page, c.pages) && (c.language == "" || c.language == b.Language) && (c.name == "" || c.name == b.Name) {
			return i
		}
	}
	return -1
}

// blocksBy returns the blocks that are checked in a way.
func blocksBy(t *testing.T, by way) (found []docs.Block) {
	t.Helper()
	for _, b := range docs.Blocks(t) {
		if i := claimed(b); i >= 0 && claims[i].by == by {
			found = append(found, b)
		}
	}
	return found
}

// TestEveryBlockOfTheDocsIsChecked finds a claim for each block, and a block for each claim.
func TestEveryBlockOfTheDocsIsChecked(t *testing.T) {
	t.Parallel()
	used := make([]int, len(claims))
	for _, b := range docs.Blocks(t) {
		i := claimed(b)
		if i < 0 {
			t.Errorf("%s: nothing checks this block of %q: label it as something that a test runs, or give it a line in claims", b, b.Language)
			continue
		}
		used[i]++
		if claims[i].check == nil {
			continue
		}
		if err := claims[i].check(b.Text); err != nil {
			t.Errorf("%s: %v\n%s", b, err, b.Text)
		}
	}
	for i, c := range claims {
		if used[i] == 0 {
			t.Errorf("no block fits the claim on %q %q %q: take it out", c.pages, c.language, c.name)
		}
		if (c.by == byItself) != (c.check != nil) || c.why == "" && (c.by == byAnother || c.by == unchecked) {
			t.Errorf("the claim on %q %q %q does not say how or why", c.pages, c.language, c.name)
		}
	}
}

// The claims are claims, and what reads a block can refuse one.
func TestABrokenBlockIsFound(t *testing.T) {
	t.Parallel()
	if b := docs.BlocksOf("docs/new.md", "```cobol\nDISPLAY\n```\n"); len(b) != 1 || claimed(b[0]) != -1 {
		t.Errorf("%v is claimed", b)
	}
	if b := docs.BlocksOf("docs/new.md", "1. So:\n\n   ```yaml x.yaml\n   a:\n     b: 1\n   ```\n"); len(b) != 1 || b[0].Text != "a:\n  b: 1\n" || b[0].Name != "x.yaml" || b[0].Line != 3 {
		t.Errorf("%+v", b)
	}
	for name, err := range map[string]error{
		"JSON":            readsAsJSON(`{"a": 1,}`),
		"two values":      readsAsJSON(`{} {}`),
		"YAML":            readsAsYAML("a: [1"),
		"script":          readsAsScript(`gtag("config", {a: 1);`),
		"script in page":  readsAsPage("<script>\nlet a = ;\n</script>"),
		"open element":    readsAsPage(`<div><span></div>`),
		"quote":           readsAsPage(`<img src="https://t.shop.example/p.gif alt="">`),
		"script left out": readsAsPage(`<script>let a = 1;`),
	} {
		if err == nil {
			t.Errorf("%s: nothing is wrong with it", name)
		}
	}
}

// readsAsJSON reads a value, or several between lines of ---.
// isOfTheSmallestSource checks that a block is in the file that its page goes through.
func isOfTheSmallestSource(text string) error {
	file, err := os.ReadFile("../sources/own/pixel.go")
	if err == nil && !strings.Contains(string(file), strings.TrimSpace(text)) {
		err = errors.New("sources/own/pixel.go has no such lines")
	}
	return err
}

func readsAsJSON(text string) error {
	for one := range strings.SplitSeq(text, "\n---\n") {
		var v any
		if err := json.Unmarshal([]byte(one), &v); err != nil {
			return err
		}
	}
	return nil
}

func readsAsYAML(text string) error {
	_, ms := document.Parse("block.yaml", []byte(text))
	return ms.Err()
}

func readsAsScript(text string) error {
	read := api.Transform(text, api.TransformOptions{Loader: api.LoaderJS, Format: api.FormatESModule})
	if len(read.Errors) > 0 {
		return errors.New(strings.Join(api.FormatMessages(read.Errors, api.FormatMessagesOptions{}), "\n"))
	}
	return nil
}

var script = regexp.MustCompile(`(?s)(<script[^>]*>)(.*?)(</script>)`)

// readsAsPage reads the scripts within, and looks whether elements and quotes are closed.
func readsAsPage(text string) error {
	for _, m := range script.FindAllStringSubmatch(text, -1) {
		if err := readsAsScript(m[2]); err != nil {
			return err
		}
	}
	d := xml.NewDecoder(strings.NewReader(strings.ReplaceAll(script.ReplaceAllString(text, "$1$3"), "&", "&amp;")))
	d.Strict = false // an attribute may have no value
	var open []string
	for {
		token, err := d.RawToken()
		switch {
		case errors.Is(err, io.EOF) && len(open) == 0:
			return nil
		case err != nil:
			return fmt.Errorf("%q are open: %w", open, err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if e.Name.Local != "img" { // which has no end
				open = append(open, e.Name.Local)
			}
			for _, a := range e.Attr {
				if strings.HasSuffix(a.Value, "=") {
					return fmt.Errorf("<%s %s> has an open quote", e.Name.Local, a.Name.Local)
				}
			}
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != e.Name.Local {
				return fmt.Errorf("%q are open, and </%s> ends", open, e.Name.Local)
			}
			open = open[:len(open)-1]
		}
	}
}
