package rules_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"headgate/document"
	"headgate/rules"
)

func TestTablesFromFiles(t *testing.T) {
	folder := t.TempDir()
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("margin.csv", "\ufeffsku,name,margin\nA1,\"Red, big\",0.25\nB2,Blue,n/a\n")
	write("twice.csv", "sku,margin\nA1,1\nA1,2\n")
	for _, c := range []struct{ yaml, formula, want string }{
		{"{file: margin.csv, key: sku, value: margin}", `lookup("t", "A1") * 2`, `0.5`},
		{"{file: margin.csv, key: sku, value: name}", `lookup("t", "A1")`, `"Red, big"`},
		{"{file: margin.csv, key: sku, value: margin}", `lookup("t", "B2")`, `"n/a"`},
		{"{file: 1, key: 2, other: 3}", `lookup("t", "file")`, `1`},
		{"{file: margin.csv, key: skuu, value: margin}", ``, `F:1:37: margin.csv: no column "skuu"; did you mean "sku"?`},
		{"{file: margin.csv, kye: sku, value: margin}", ``, "F:1:13: \"t\" lacks \"key\"\nF:1:32: unknown key \"kye\"; did you mean \"key\"?"},
		{"{file: nope.csv, key: sku, value: margin}", ``, `F:1:20: the table cannot be read: no such file or directory; the path is relative to this file`},
		{"{file: twice.csv, key: sku, value: margin}", ``, `F:1:36: twice.csv: line 3 has the key "A1" a second time`},
	} {
		file := filepath.Join(folder, "rules.yaml")
		n, ms := document.Parse(file, []byte("tables: {t: "+c.yaml+"}"))
		var conf rules.Config
		ms = append(ms, document.Decode(n, &conf)...)
		l, wrong := rules.NewLanguage(rules.Options{Tables: conf.Tables})
		ms = append(ms, wrong...)
		got := strings.ReplaceAll(fmt.Sprint(ms.Err()), file, "F")
		if len(ms) == 0 {
			got = run(t, l, c.formula)
		}
		if got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.yaml, got, c.want)
		}
	}
}

func TestTheSchemaKnowsBothFormsOfATable(t *testing.T) {
	b, err := json.Marshal(document.Schema(rules.Config{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"tables":`, `"required":["file","key","value"]`, `"when":`, `"only":`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("the schema has no %s: %s", want, b)
		}
	}
}
