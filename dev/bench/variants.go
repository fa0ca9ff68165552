package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// This file makes further targets of the harness' target for Headgate: with more destinations, and with the log in a cluster.

// process is one process of a target. The harness runs a helper on the core of the load and does not count what it takes.
type process struct {
	Cmd    []string `json:"cmd"`
	Helper bool     `json:"helper,omitempty"`
	Ready  string   `json:"ready,omitempty"` // the next one starts when this address accepts
}

// many and inCluster name the outcomes of variants, beside the harness' own scenarios.
func many(destinations int) string { return fmt.Sprintf("max with %d destinations", destinations) }

const inCluster = "max in a cluster"

// measureVariants measures Headgate at the limit with more destinations and in a cluster, and adds what came out to outcomes.
func (s *session) measureVariants(outcomes map[string]outcome) (err error) {
	for _, n := range []int{5, 30} {
		if outcomes[many(n)], err = s.measureMany(n); err != nil {
			return err
		}
	}
	const target = "headgate-cluster"
	if err := s.buildNATS(); err != nil {
		return err
	}
	if err := s.addCluster(target); err != nil {
		return err
	}
	outcomes[inCluster], err = s.atLimit(target)
	return err
}

func (s *session) measureMany(destinations int) (o outcome, err error) {
	target := fmt.Sprintf("headgate-%d", destinations)
	if err := s.addDestinations(target, destinations); err != nil {
		return o, err
	}
	seen, err := watching(sinkStats, func() (err error) {
		o, err = s.atLimit(target)
		return err
	})
	o.Destinations, o.Arrivals = destinations, seen
	return o, err
}

func (s *session) atLimit(target string) (outcome, error) {
	if err := s.measure(target, "max"); err != nil {
		return outcome{}, err
	}
	outcomes, err := s.read(target)
	return outcomes["max"], err
}

// addDestinations writes a target with n destinations, all of them the harness' sink.
func (s *session) addDestinations(target string, n int) error {
	config, err := s.oneDestination()
	if err != nil {
		return err
	}
	if config, err = withDestinations(config, n); err != nil {
		return err
	}
	return s.addTarget(target, config)
}

// addCluster writes a target with three NATS servers on loopback, which sync before they acknowledge, as the log inside Headgate does.
func (s *session) addCluster(target string) error {
	config, err := s.oneDestination()
	if err != nil {
		return err
	}
	const nodes = 3
	addresses, err := freeAddresses(2 * nodes)
	if err != nil {
		return err
	}
	clients, routes := addresses[:nodes], addresses[nodes:]
	var helpers []process
	for i, address := range clients {
		name := fmt.Sprintf("node-%d", i)
		text := fmt.Sprintf("server_name: %s\nlisten: %q\njetstream: {store_dir: %q, max_file_store: 64GB, sync_interval: always}\ncluster: {name: bench, listen: %q, pool_size: -1, routes: [%s]}\n",
			name, address, filepath.Join(s.folder, "run", name), routes[i], urls(routes))
		path := filepath.Join(s.folder, "conf", name+".conf")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
		helpers = append(helpers, process{Cmd: []string{s.nats(), "-c", path}, Helper: true, Ready: address})
	}
	config += fmt.Sprintf("\nqueue: {url: %q, replicas: %d}\n", urls(clients), nodes)
	return s.addTarget(target, config, helpers...)
}

func urls(addresses []string) string { return "nats://" + strings.Join(addresses, ",nats://") }

// oneDestination is the configuration that the harness measures Headgate with.
func (s *session) oneDestination() (string, error) {
	text, err := os.ReadFile(filepath.Join(s.folder, "conf", "one.yaml"))
	return string(text), err
}

// withDestinations repeats the destination of a configuration under further names, until there are n.
func withDestinations(config string, n int) (string, error) {
	for line := range strings.Lines(config) {
		settings, ok := strings.CutPrefix(strings.TrimSpace(line), "sink:")
		if !ok {
			continue
		}
		var further strings.Builder
		for i := 2; i <= n; i++ {
			fmt.Fprintf(&further, "\n  sink%d:%s", i, settings)
		}
		line = strings.TrimRight(line, "\n")
		return strings.Replace(config, line, line+further.String(), 1), nil
	}
	return "", errors.New("conf/one.yaml of the harness has no destination sink")
}

// addTarget writes a target that is the harness' one for Headgate but for its configuration and the helpers that start before it.
func (s *session) addTarget(name, config string, helpers ...process) error {
	path := filepath.Join(s.folder, "conf", name+".yaml")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		return err
	}
	text, err := os.ReadFile(s.target("headgate"))
	if err != nil {
		return err
	}
	var target map[string]any
	if err := json.Unmarshal(text, &target); err != nil {
		return fmt.Errorf("target headgate of the harness: %w", err)
	}
	target["name"], target["procs"] = name, append(helpers, process{Cmd: []string{s.headgate(), "serve", "--config", path}})
	delete(target, "fanout")
	if text, err = json.Marshal(target); err != nil {
		return err
	}
	return os.WriteFile(s.target(name), text, 0o600)
}
