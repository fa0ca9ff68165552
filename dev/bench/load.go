package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// This file is the load that needs nothing beside the repository: hits of one kind over loopback, a closed loop, no second program to
// compare with. It says what this machine does; only the harness says what of it is Headgate's share.

const (
	loadClients = 32
	loadFor     = 5 * time.Second
	hit         = "/g/collect?v=2&tid=G-EXAMPLE&cid=1234567890.1700000000&en=purchase&cu=EUR&epn.value=59.9&ep.transaction_id=T-1&dl=https%3A%2F%2Fwww.shop.example%2Fthanks&gcs=G111&gcd=13r3r3r3r5l1"
)

// ownLoad builds Headgate, starts it in a temporary folder and measures hits that are answered when they are on disk.
func ownLoad(out io.Writer) (err error) {
	folder, err := os.MkdirTemp("", "headgate-load")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	s := &session{folder: folder}
	if err := goBuild(s.headgate(), "."); err != nil {
		return err
	}
	addresses, err := freeAddresses(1)
	if err != nil {
		return err
	}
	address := addresses[0]
	text := fmt.Sprintf("listen: %s\ndata: %s\nadmin: {listen: off}\nlimits: {per_address: 0}\nlog: {level: warn}\ndestinations:\n  archive: {use: parquet, settings: {to: %s}}\n",
		address, filepath.Join(folder, "data"), filepath.Join(folder, "archive"))
	path := filepath.Join(folder, "headgate.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return err
	}
	serving := exec.Command(s.headgate(), "serve", "--config", path)
	serving.Stderr = io.Discard
	if err := serving.Start(); err != nil {
		return err
	}
	defer func() {
		_ = serving.Process.Signal(os.Interrupt) // it ends by itself when that fails, too: its listener is all it has
		_ = serving.Wait()
	}()
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: loadClients}}
	if err := accepts(client, "http://"+address+"/healthz"); err != nil {
		return err
	}
	took, err := hammer(client, "http://"+address+hit)
	if err != nil {
		return err
	}
	slices.Sort(took)
	fmt.Fprintf(out, "\n%d clients for %v, hits answered when on disk: %.0f hits/s, half within %v, 99%% within %v\n", loadClients, loadFor,
		float64(len(took))/loadFor.Seconds(), took[len(took)/2].Round(10*time.Microsecond), took[len(took)*99/100].Round(10*time.Microsecond))
	return nil
}

// freeAddresses are n of loopback, each with a port of its own that nobody listened on a moment ago.
func freeAddresses(n int) (addresses []string, err error) {
	var open []net.Listener // all of them at once, or two could be the same
	for range n {
		l, failed := net.Listen("tcp", "127.0.0.1:0")
		if failed != nil {
			err = failed
			break
		}
		open, addresses = append(open, l), append(addresses, l.Addr().String())
	}
	for _, l := range open {
		err = errors.Join(err, l.Close())
	}
	return addresses, err
}

// accepts waits until the process answers.
func accepts(client *http.Client, address string) error {
	var last error
	for limit := time.Now().Add(30 * time.Second); time.Now().Before(limit); time.Sleep(50 * time.Millisecond) {
		resp, err := client.Get(address)
		if err == nil {
			if err := resp.Body.Close(); err == nil && resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		last = err
	}
	return fmt.Errorf("headgate does not accept hits: %w", last)
}

// hammer sends hits, each client one after the other, and returns how long each took.
func hammer(client *http.Client, address string) ([]time.Duration, error) {
	var mu sync.Mutex
	var all []time.Duration
	var failed error
	var clients sync.WaitGroup
	end := time.Now().Add(loadFor)
	for range loadClients {
		clients.Go(func() {
			var took []time.Duration
			var err error
			for err == nil && time.Now().Before(end) {
				began := time.Now()
				if err = send(client, address); err == nil {
					took = append(took, time.Since(began))
				}
			}
			mu.Lock()
			defer mu.Unlock()
			all, failed = append(all, took...), errors.Join(failed, err)
		})
	}
	clients.Wait()
	if len(all) == 0 && failed == nil {
		failed = errors.New("no hit was answered")
	}
	return all, failed
}

func send(client *http.Client, address string) error {
	req, err := http.NewRequest(http.MethodPost, address, nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("a hit was answered %d", resp.StatusCode)
	}
	return err
}
