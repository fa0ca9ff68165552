package parquet_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"headgate/destinations"
	"headgate/destinations/catalog"
	"headgate/destinations/http"
	"headgate/destinations/parquet"
	"headgate/document"
	"headgate/event"
	"headgate/rules"
)

// destination opens parquet.yaml as a configuration would.
func destination(t *testing.T, settings string) (*destinations.Destination, document.Mistakes) {
	t.Helper()
	files, ms := catalog.Load(catalog.Folder{FS: os.DirFS("."), Name: "parquet"})
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	language, ms := rules.NewLanguage(rules.Options{})
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	node, ms := document.Parse("headgate.yaml", []byte("use: parquet\nsettings: "+settings+"\n"))
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	config := destinations.Config{At: node.At}
	config.SetDefaults()
	if ms := document.Decode(node, &config); len(ms) > 0 {
		t.Fatal(ms)
	}
	d, ms := destinations.Open("archive", config, files, destinations.Deps{
		Engine:   http.Driver,
		Language: language, Drivers: map[string]destinations.NewDriver{"parquet": parquet.NewDriver},
	})
	if d != nil {
		t.Cleanup(func() {
			if err := d.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	return d, ms
}

func TestTheDestinationDeliversWhatIsInAFile(t *testing.T) {
	to := filepath.Join(t.TempDir(), "new", "archive")
	d, ms := destination(t, `{to: "`+to+`", wait: 20ms}`)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	if _, err := os.Stat(to); err == nil {
		t.Error("opening the destination has touched the folder")
	}
	e := &event.Event{ID: "e1", Name: "purchase", Received: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	got := d.Deliver(context.Background(), []destinations.Sending{{Event: e}})
	if len(got) != 1 || got[0] != (destinations.Verdict{Kind: destinations.Delivered}) {
		t.Errorf("verdicts %v", got)
	}
	files, _ := filepath.Glob(filepath.Join(to, "date=2026-11-22", "*.parquet"))
	if len(files) != 1 {
		t.Errorf("files %v", files)
	}
}

func TestAFolderThatCannotBeHaltsTheDestination(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d, ms := destination(t, `{to: "`+filepath.Join(file, "archive")+`"}`)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	got := d.Deliver(context.Background(), []destinations.Sending{{Event: &event.Event{ID: "e1"}}})
	if got[0].Kind != destinations.Halt || !strings.Contains(got[0].Why, file) {
		t.Errorf("verdict %v", got[0])
	}
}

func TestWrongSettingsAreFoundAtOnce(t *testing.T) {
	for settings, want := range map[string]string{
		`{}`:                            "needs the setting to",
		`{to: "s3://bucket/x"}`:         `to: expected a local folder, not s3://; write ./data/archive`,
		`{to: x, size: big}`:            "headgate.yaml:2:19: size: expected a size; write it as 512KiB, 64MiB or 1GiB",
		`{to: x, rows: 2.5}`:            "rows: expected a whole number",
		`{to: x, rows: 0}`:              "0 is less than 1",
		`{to: x, wait: "0"}`:            "wait: a file must be closed at some time",
		`{to: x, partition: week}`:      `no choice "week"`,
		`{to: x, rows: 2.5, size: big}`: "rows: expected a whole number",
	} {
		_, ms := destination(t, settings)
		if got := ms.Error(); !strings.Contains(got, want) {
			t.Errorf("%s\n got %s\nwant %s", settings, got, want)
		}
	}
}
