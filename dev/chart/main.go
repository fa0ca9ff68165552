// Command chart checks and renders the Helm chart with Helm's own library, so that no program of Helm's is needed. It is a module of its
// own: what it needs is not the product's.
//
//	go -C dev/chart run . ../../deploy/helm
package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	"sigs.k8s.io/yaml"
)

const cluster = "listen: \":8080\"\ndata: /data\nqueue: {url: \"nats://nats:4222\", replicas: 3}\n"

// trials are values, and the kinds of objects that they make; none is a failure with those words.
var trials = []struct {
	name   string
	values map[string]any
	kinds  []string
	fails  string
}{
	{name: "as it is", kinds: []string{"ConfigMap", "Service", "Service", "StatefulSet"}},
	{name: "a cluster that is watched", kinds: []string{"ConfigMap", "PodDisruptionBudget", "Service", "Service", "ServiceMonitor", "StatefulSet"},
		values: map[string]any{"replicas": 3, "config": cluster, "secretName": "headgate", "serviceMonitor": map[string]any{"enabled": true, "tokenSecret": "headgate-admin"},
			"tolerations": []any{map[string]any{"key": "a", "operator": "Exists"}}, "storage": map[string]any{"className": "fast"}}},
	{name: "several without a cluster", values: map[string]any{"replicas": 2}, fails: "replicas is more than 1"},
	{name: "watched without a token", values: map[string]any{"serviceMonitor": map[string]any{"enabled": true}}, fails: "a Secret with the admin token"},
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "chart: name the folder of the chart")
		os.Exit(1)
	}
	if err := check(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "chart:", err)
		os.Exit(1)
	}
	fmt.Println("chart: ok")
}

func check(folder string) error {
	for _, m := range lint.All(folder, nil, "default", true).Messages {
		if m.Severity >= support.WarningSev {
			return fmt.Errorf("lint: %w", m)
		}
	}
	c, err := loader.Load(folder)
	if err != nil {
		return err
	}
	for _, t := range trials {
		kinds, err := render(c, t.values)
		switch {
		case t.fails != "" && (err == nil || !strings.Contains(err.Error(), t.fails)):
			return fmt.Errorf("%s: it should fail and say %q: %v", t.name, t.fails, err)
		case t.fails == "" && err != nil:
			return fmt.Errorf("%s: %w", t.name, err)
		case t.fails == "" && !slices.Equal(kinds, t.kinds):
			return fmt.Errorf("%s: it makes %v, want %v", t.name, kinds, t.kinds)
		}
	}
	return nil
}

// render returns the kinds of the objects that a chart makes, sorted.
func render(c *chart.Chart, values map[string]any) (kinds []string, err error) {
	all, err := chartutil.ToRenderValues(c, values, chartutil.ReleaseOptions{Name: "shop", Namespace: "web", IsInstall: true}, nil)
	if err != nil {
		return nil, err
	}
	texts, err := engine.Render(c, all)
	if err != nil {
		return nil, err
	}
	for name, text := range texts {
		for one := range strings.SplitSeq(text, "\n---") {
			var object struct {
				Kind     string
				Metadata struct{ Name string }
			}
			if err := yaml.UnmarshalStrict([]byte(one), &map[string]any{}); err != nil {
				return nil, fmt.Errorf("%s: %w\n%s", name, err, one)
			}
			if err := yaml.Unmarshal([]byte(one), &object); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			switch {
			case object.Kind == "" && strings.TrimSpace(one) != "" && !strings.HasSuffix(name, ".tpl"):
				return nil, fmt.Errorf("%s: an object without a kind:\n%s", name, one)
			case object.Kind != "" && object.Metadata.Name == "":
				return nil, fmt.Errorf("%s: a %s without a name", name, object.Kind)
			case object.Kind != "":
				kinds = append(kinds, object.Kind)
			}
		}
	}
	slices.Sort(kinds)
	return kinds, nil
}
