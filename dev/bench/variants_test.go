package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// ofHarness is a session with what a harness has of Headgate.
func ofHarness(t *testing.T) *session {
	t.Helper()
	s := &session{folder: t.TempDir()}
	for name, text := range map[string]string{
		"conf/one.yaml":         "listen: here\ndestinations:\n  sink: {use: webhook, settings: {url: \"http://there/\"}}",
		"targets/headgate.json": `{"name": "headgate", "procs": [{"cmd": ["other"]}], "fanout": [], "shape": "ga4", "drain_s": 60}`,
	} {
		path := filepath.Join(s.folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestADestinationIsRepeatedUnderFurtherNames(t *testing.T) {
	for _, c := range []struct {
		config string
		n      int
		want   string
	}{
		{"destinations:\n  sink: {use: webhook}\n", 1, "destinations:\n  sink: {use: webhook}\n"},
		{"destinations:\n  sink: {use: webhook}\nrules: []\n", 3, "destinations:\n  sink: {use: webhook}\n  sink2: {use: webhook}\n  sink3: {use: webhook}\nrules: []\n"},
		{"destinations:\n  sink: {use: webhook}", 2, "destinations:\n  sink: {use: webhook}\n  sink2: {use: webhook}"},
	} {
		if got, err := withDestinations(c.config, c.n); err != nil || got != c.want {
			t.Errorf("got %s, %v\nwant %s", got, err, c.want)
		}
	}
	if _, err := withDestinations("destinations:\n  other: {use: webhook}\n", 5); err == nil {
		t.Error("a configuration without the sink is measured with one destination")
	}
}

func TestAVariantIsTheHarnessTargetWithItsOwnProcesses(t *testing.T) {
	s := ofHarness(t)
	if err := s.addDestinations("many", 5); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(s.target("many"))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(s.folder, "conf", "many.yaml")
	want := map[string]any{"name": "many", "shape": "ga4", "drain_s": 60.0, "procs": []any{map[string]any{"cmd": []any{s.headgate(), "serve", "--config", config}}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	if text, err = os.ReadFile(config); err != nil || strings.Count(string(text), "use: webhook") != 5 {
		t.Errorf("%s, %v", text, err)
	}
}

func TestAClustersNodesStartBeforeHeadgateAndSyncAsItDoes(t *testing.T) {
	s := ofHarness(t)
	if err := s.addCluster("cluster"); err != nil {
		t.Fatal(err)
	}
	var target struct {
		Procs []process `json:"procs"`
	}
	text, err := os.ReadFile(s.target("cluster"))
	if err == nil {
		err = json.Unmarshal(text, &target)
	}
	if err != nil || len(target.Procs) != 4 || target.Procs[3].Helper {
		t.Fatalf("%s, %v", text, err)
	}
	config, err := os.ReadFile(filepath.Join(s.folder, "conf", "cluster.yaml"))
	if err != nil || !strings.Contains(string(config), "replicas: 3") {
		t.Errorf("%s, %v", config, err)
	}
	for _, node := range target.Procs[:3] {
		conf, err := os.ReadFile(node.Cmd[2])
		if err != nil || !node.Helper || !strings.Contains(string(conf), "sync_interval: always") || !strings.Contains(string(conf), node.Ready) || !strings.Contains(string(config), "nats://"+node.Ready) {
			t.Errorf("%+v, %v: %s", node, err, conf)
		}
	}
}
