package files_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"headgate/destinations"
	"headgate/destinations/conformance"
	"headgate/destinations/files/filestest"
	"headgate/destinations/jsonl"
	"headgate/event"
)

// open opens jsonl.yaml, the simplest of the formats.
func open(t *testing.T, settings string) *destinations.Destination {
	t.Helper()
	t.Chdir("../jsonl")
	d, ms := conformance.Open(t, "jsonl", jsonl.NewDriver, settings)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	return d
}

func verdict(t *testing.T, d *destinations.Destination, batch []destinations.Sending) destinations.Verdict {
	t.Helper()
	all := d.Deliver(t.Context(), batch)
	for _, v := range all {
		if v != all[0] {
			t.Fatalf("%v and %v in one batch", v, all[0])
		}
	}
	return all[0]
}

func TestAPartitionIsAPathThatNoEventCanLeave(t *testing.T) {
	for _, c := range []struct{ partition, category, want string }{
		{"none", "x", ""},
		{"date", "x", "date=2026-11-22"},
		{"hour", "x", "date=2026-11-22/hour=12"},
		{"site={site}/dt={date}/h={hour}", "x", "site=shop/dt=2026-11-22/h=12"},
		{"c={params.category}", "shoes", "c=shoes"},
		{"c={params.category}", "../../etc", "c=_.._etc"},
		{"{params.category}", "..", "__HIVE_DEFAULT_PARTITION__"},
		{"{params.category}/x", ".hidden", "hidden/x"},
		{"c={params.category}", "", "c=__HIVE_DEFAULT_PARTITION__"},
		{"c={params.category}", "a/b\\c\x00d", "c=a_b_c_d"},
		{"c={params.category}", strings.Repeat("ä", 200), "c=" + strings.Repeat("ä", 50)},
		{"c={params.category}", "{date}", "c={date}"},
	} {
		to := t.TempDir()
		d := open(t, fmt.Sprintf("{to: %q, compression: none, partition: %q}", to, c.partition))
		e := &event.Event{ID: "e", Site: "shop", Received: conformance.Noon}
		e.Params.Set("category", event.String(c.category))
		if v := verdict(t, d, []destinations.Sending{conformance.Sending(e, 1, 0)}); v.Kind != destinations.Delivered {
			t.Fatal(v)
		}
		names, _ := filestest.Folder(t, to)
		if len(names) != 1 || strings.TrimPrefix(filepath.ToSlash(filepath.Dir(names[0])), ".") != c.want {
			t.Errorf("%s with %.20q: %q, want %q", c.partition, c.category, names, c.want)
		}
	}
}

func TestAManifestListsTheFilesOfABatch(t *testing.T) {
	b := filestest.NewBucket(t)
	d := open(t, fmt.Sprintf("{to: \"s3://archive/raw/\", endpoint: %q, access_key_id: k, secret_access_key: s, manifest: true, partition: \"n+@={name} ä\", compression: none}", b.URL))
	batch := conformance.Batch(1, 4)
	batch[1].Event.Name = "purchase"
	for range 2 {
		if v := verdict(t, d, batch); v.Kind != destinations.Delivered {
			t.Fatal(v)
		}
	}
	names, bodies := b.Files(t)
	file := "20261122T120000Z-" + destinations.BatchName(batch)
	want := []string{"raw/_manifest/" + file + ".json", "raw/n+@=page_view ä/" + file + ".jsonl", "raw/n+@=purchase ä/" + file + ".jsonl"}
	if fmt.Sprint(names) != fmt.Sprint(want) {
		t.Fatalf("%q, want %q", names, want)
	}
	var manifest struct {
		Entries []struct {
			URL       string
			Mandatory bool
			Meta      struct {
				Length int `json:"content_length"`
				Rows   int `json:"record_count"`
			}
		}
	}
	if err := json.Unmarshal(bodies[0], &manifest); err != nil {
		t.Fatal(err)
	}
	for i, e := range manifest.Entries {
		if e.URL != "s3://archive/"+want[i+1] || !e.Mandatory || e.Meta.Length != len(bodies[i+1]) || e.Meta.Rows != []int{3, 1}[i] {
			t.Errorf("%+v", e)
		}
	}
	if last := b.Puts[len(b.Puts)-1].URL.Path; last != "/archive/"+want[0] {
		t.Errorf("the manifest is not the last to be stored: %s is", last)
	}
}

func TestAnObjectIsStoredAsTheSettingsSay(t *testing.T) {
	b := filestest.NewBucket(t)
	d := open(t, fmt.Sprintf("{to: \"s3://archive\", region: eu-west-1, endpoint: %q, access_key_id: KEY, secret_access_key: s, encryption: \"aws:kms\", kms_key: mine, storage_class: STANDARD_IA}", b.URL))
	if v := verdict(t, d, conformance.Batch(1, 1)); v.Kind != destinations.Delivered {
		t.Fatal(v)
	}
	h := b.Puts[0].Header
	for name, want := range map[string]string{"X-Amz-Server-Side-Encryption": "aws:kms", "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id": "mine",
		"X-Amz-Storage-Class": "STANDARD_IA", "Content-Type": "application/x-ndjson"} {
		if h.Get(name) != want {
			t.Errorf("%s is %q", name, h.Get(name))
		}
		if !strings.Contains(h.Get("Authorization"), strings.ToLower(name)) {
			t.Errorf("%s is not signed: %s", name, h.Get("Authorization"))
		}
	}
	if a := h.Get("Authorization"); !strings.Contains(a, "Credential=KEY/") || !strings.Contains(a, "/eu-west-1/s3/aws4_request") {
		t.Error(a)
	}
}

func TestAWrongKeyHalts(t *testing.T) {
	b := filestest.NewBucket(t)
	d := open(t, fmt.Sprintf("{to: \"s3://archive\", endpoint: %q, access_key_id: k, secret_access_key: wrong}", b.URL))
	if v := verdict(t, d, conformance.Batch(1, 1)); v.Kind != destinations.Halt || !strings.Contains(v.Why, "SignatureDoesNotMatch") {
		t.Error(v)
	}
}

func TestWhatTheStorageAnswersIsJudged(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		kind   destinations.Kind
		why    string
	}{
		{403, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>", destinations.Halt, "403 AccessDenied: Access Denied"},
		{403, "<Error><Code>SignatureDoesNotMatch</Code></Error>", destinations.Halt, "SignatureDoesNotMatch"},
		{403, "<Error><Code>RequestTimeTooSkewed</Code></Error>", destinations.Halt, "set this machine's clock"},
		{404, "<Error><Code>NoSuchBucket</Code></Error>", destinations.Halt, "NoSuchBucket"},
		{301, "<Error><Code>PermanentRedirect</Code></Error>", destinations.Halt, "PermanentRedirect"},
		{400, "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-north-1</Region></Error>", destinations.Halt, "the bucket is in the region eu-north-1"},
		{400, "<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>", destinations.Halt, "The provided token has expired"},
		{400, "<Error><Code>InvalidAccessKeyId</Code></Error>", destinations.Halt, "InvalidAccessKeyId"},
		{307, "<Error><Code>TemporaryRedirect</Code></Error>", destinations.Halt, "TemporaryRedirect"},
		{507, "<Error><Code>InsufficientCapacity</Code><Message>the disk is full</Message></Error>", destinations.Retry, "the disk is full"},
		{400, "<Error><Code>RequestTimeout</Code></Error>", destinations.Retry, "RequestTimeout"},
		{409, "<Error><Code>OperationAborted</Code></Error>", destinations.Retry, "OperationAborted"},
		{503, "<Error><Code>SlowDown</Code></Error>", destinations.Retry, "SlowDown"},
		{500, "not XML", destinations.Retry, "the storage answered 500"},
		{429, "", destinations.Retry, "429"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.body)) // the client reads it or fails
		}))
		d := open(t, fmt.Sprintf("{to: \"s3://archive\", endpoint: %q, access_key_id: k, secret_access_key: hush}", server.URL))
		if v := verdict(t, d, conformance.Batch(1, 2)); v.Kind != c.kind || !strings.Contains(v.Why, c.why) || strings.Contains(v.Why, "hush") {
			t.Errorf("%d %s: %s %q", c.status, c.body, v.Kind, v.Why)
		}
		server.Close()
		if v := verdict(t, d, conformance.Batch(1, 2)); v.Kind != destinations.Retry {
			t.Errorf("a server that is away: %v", v)
		}
	}
}

// A token that expires while it is in use is replaced by what is found now, as a role's or a tool's is.
func TestAnExpiredTokenIsLookedForAgain(t *testing.T) {
	keys := filepath.Join(t.TempDir(), "credentials")
	write := func(id string) {
		if err := os.WriteFile(keys, []byte("[default]\naws_access_key_id = "+id+"\naws_secret_access_key = s\naws_session_token = hush\n"), 0o600); err != nil {
			t.Error(err)
		}
	}
	write("OLD")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", keys)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Authorization"), "Credential=OLD/") {
			write("NEW")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte("<Error><Code>ExpiredToken</Code></Error>")) // the client reads it or fails
		}
	}))
	t.Cleanup(server.Close)
	d := open(t, fmt.Sprintf("{to: \"s3://archive\", region: eu-west-1, endpoint: %q}", server.URL))
	if v := verdict(t, d, conformance.Batch(1, 2)); v.Kind != destinations.Delivered {
		t.Errorf("%s %q", v.Kind, v.Why)
	}
}

func TestAFolderThatCannotBeHaltsTheDestination(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d := open(t, fmt.Sprintf("{to: %q}", filepath.Join(file, "archive")))
	if v := verdict(t, d, conformance.Batch(1, 2)); v.Kind != destinations.Halt || !strings.Contains(v.Why, file) {
		t.Errorf("verdict %v", v)
	}
}

func TestOpeningTouchesNothing(t *testing.T) {
	to := filepath.Join(t.TempDir(), "new")
	open(t, fmt.Sprintf("{to: %q}", to))
	if _, err := os.Stat(to); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestACrashLeavesNothingBehind(t *testing.T) {
	to := t.TempDir()
	left, held := filepath.Join(to, "date=2026-11-21", ".1.unfinished"), filepath.Join(to, "date=2026-11-21", ".2.unfinished")
	if err := os.Mkdir(filepath.Dir(left), 0o750); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{left, held} {
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	defer hold(t, held)()
	if v := verdict(t, open(t, fmt.Sprintf("{to: %q}", to)), conformance.Batch(1, 1)); v.Kind != destinations.Delivered {
		t.Fatal(v)
	}
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Error("what a crash left is there")
	}
	if _, err := os.Stat(held); err != nil {
		t.Error("another writer's file is gone")
	}
}

func TestAFullDiskIsRetriedAndLeavesNoPart(t *testing.T) {
	to := t.TempDir()
	d := open(t, fmt.Sprintf("{to: %q, partition: none}", to))
	batch := conformance.Batch(1, 2)
	taken := filepath.Join(to, "20261122T120000Z-"+destinations.BatchName(batch)+".jsonl.gz")
	if err := os.MkdirAll(filepath.Join(taken, "x"), 0o750); err != nil { // the file cannot get its name
		t.Fatal(err)
	}
	if v := verdict(t, d, batch); v.Kind != destinations.Retry {
		t.Fatal(v)
	}
	left, err := os.ReadDir(to)
	if err != nil || len(left) != 1 {
		t.Errorf("%v %v", left, err)
	}
	if err := os.RemoveAll(taken); err != nil {
		t.Fatal(err)
	}
	if v := verdict(t, d, batch); v.Kind != destinations.Delivered {
		t.Fatal(v)
	}
}

func TestTheBatchesAreTheFiles(t *testing.T) {
	for entry, want := range map[string]string{
		`settings: {to: x, rows: 77, wait: 3s}`:                                   "77 3s 2",
		"settings: {to: x, rows: 77, wait: 3s}\ndelivery: {batch: 5, at_once: 1}": "5 3s 1",
	} {
		t.Chdir("../jsonl")
		d, ms := conformance.OpenEntry(t, "jsonl", jsonl.NewDriver, entry)
		if len(ms) > 0 {
			t.Fatal(ms)
		}
		if p := d.Delivery(); fmt.Sprint(p.Events, " ", p.Wait, " ", p.AtOnce) != want {
			t.Errorf("%s: %d %s %d", entry, p.Events, p.Wait, p.AtOnce)
		}
	}
}
