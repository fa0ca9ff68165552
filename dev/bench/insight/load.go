package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

const counting = "insight: {}\n"

const key, token = "key-of-the-bench", "token-of-the-bench"

// served is the real program, running.
type served struct {
	public, admin string
	client        *http.Client
	command       *exec.Cmd
}

// measure runs the program with a section of insight, or none, under a load, and asks questions meanwhile or does not.
func measure(program, folder, section string, asks bool, rate int, span time.Duration) (m *measured, err error) {
	s, err := start(program, folder, section)
	if err != nil {
		return nil, err
	}
	defer func() {
		_ = s.command.Process.Signal(os.Interrupt) // it ends by itself when that fails, too
		_ = s.command.Wait()
	}()
	m = &measured{}
	began, err := cpuOf(s.command.Process.Pid)
	if err != nil {
		return nil, err
	}
	failed := make(chan error, 2)
	go func() { failed <- s.load(m, rate, span) }()
	go func() {
		if !asks {
			failed <- nil
			return
		}
		failed <- s.probe(m, span)
	}()
	if err := errors.Join(<-failed, <-failed); err != nil {
		return nil, err
	}
	ended, err := cpuOf(s.command.Process.Pid)
	if err != nil {
		return nil, err
	}
	m.cpu = ended - began
	m.memory, err = memoryOf(s.command.Process.Pid)
	return m, err
}

func start(program, folder, section string) (*served, error) {
	public, err := freeAddress()
	if err != nil {
		return nil, err
	}
	admin, err := freeAddress()
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("listen: %s\ndata: %s\nadmin: {listen: %s, token: %s}\nlimits: {per_address: 0, volume_per_address: 0}\nlog: {level: warn}\nsources: {events: {path: /e, server_keys: [%s]}}\n%s"+
		"destinations:\n  archive: {use: parquet, settings: {to: %s}}\n", public, filepath.Join(folder, "data"), admin, token, key, section, filepath.Join(folder, "archive"))
	path := filepath.Join(folder, "headgate.yaml")
	if err := errors.Join(os.MkdirAll(folder, 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		return nil, err
	}
	s := &served{"http://" + public, "http://" + admin, &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}, exec.Command(program, "serve", "--config", path)}
	s.command.Stderr = io.Discard
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	for limit := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if status, err := s.get(s.public+"/healthz", ""); err == nil && status == http.StatusOK {
			return s, nil
		} else if time.Now().After(limit) {
			return nil, fmt.Errorf("headgate does not accept hits: %w", err)
		}
	}
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// load sends hits at a rate, some at a time.
func (s *served) load(m *measured, rate int, span time.Duration) error {
	const clients = 16
	var mu sync.Mutex
	var failed error
	var all sync.WaitGroup
	end := time.Now().Add(span)
	for c := range clients {
		all.Go(func() {
			r := rand.New(rand.NewPCG(uint64(c), 1))
			tick := time.NewTicker(clients * time.Second / time.Duration(rate))
			defer tick.Stop()
			var took []time.Duration
			var err error
			for n := 0; err == nil && time.Now().Before(end); n++ {
				<-tick.C
				began := time.Now()
				err = s.send(fmt.Sprintf("load-%d", r.IntN(20_000)), []string{"page_view", "page_view", "view_item", "add_to_cart", "purchase"}[r.IntN(5)], fmt.Sprintf("%d-%d", c, n))
				took = append(took, time.Since(began))
			}
			mu.Lock()
			defer mu.Unlock()
			m.hits, m.answered, failed = m.hits+len(took), append(m.answered, took...), errors.Join(failed, err)
		})
	}
	all.Wait()
	return failed
}

func (s *served) send(client, name, id string) error {
	body := fmt.Sprintf(`{"id":%q,"name":%q,"user":{"client_id":%q},"page":{"url":"https://www.shop.example/p/%d"},"params":{"value":19.95,"currency":"EUR"},"consent":{"analytics":true}}`, id, name, client, len(id))
	req, err := http.NewRequest(http.MethodPost, s.public+"/e", strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("X-Write-Key", key)
	req.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("a hit was answered %d", resp.StatusCode)
	}
	return err
}

// probe sends events of which there is one each, and looks until they are counted; between them it asks for profiles.
func (s *served) probe(m *measured, span time.Duration) error {
	end := time.Now().Add(span)
	for n := 0; time.Now().Before(end); n++ {
		name := fmt.Sprintf("probe_%d", n)
		if err := s.send(name, name, name); err != nil {
			return err
		}
		answered := time.Now()
		var all sync.WaitGroup
		var failed [3]error
		for i, look := range []struct {
			into *[]time.Duration
			path string
			has  string
		}{
			{&m.live, "live?filter=" + url.QueryEscape(fmt.Sprintf("name == %q", name)), `"events":1,`}, {&m.way, "visitors/" + name, `"event":"` + name},
			{&m.step, "funnel?since=1h&steps=" + name, `"visitors":1,`},
		} {
			all.Go(func() {
				failed[i] = s.await(s.admin+"/api/insight/"+look.path, look.has)
				*look.into = append(*look.into, time.Since(answered))
			})
		}
		all.Wait()
		if err := errors.Join(failed[:]...); err != nil {
			return err
		}
		for k := range 10 {
			began := time.Now()
			if status, err := s.get(fmt.Sprintf("%s/profile?client_id=load-%d", s.public, (n*10+k)*7%20_000), key); err != nil || status != http.StatusOK {
				return fmt.Errorf("a profile is answered %d: %w", status, err)
			}
			m.profile = append(m.profile, time.Since(began))
		}
	}
	return nil
}

// await asks until an answer has a text.
func (s *served) await(address, text string) error {
	for limit := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		body, _, err := s.ask(address, "Authorization", "Bearer "+token)
		switch {
		case err != nil:
			return err
		case strings.Contains(body, text):
			return nil
		case time.Now().After(limit):
			return fmt.Errorf("%s has no %s: %.300s", address, text, body)
		}
	}
}

func (s *served) get(address, writeKey string) (int, error) {
	_, status, err := s.ask(address, "X-Write-Key", writeKey)
	return status, err
}

func (s *served) ask(address, header, value string) (body string, status int, err error) {
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return "", 0, err
	}
	if value != "" {
		req.Header.Set(header, value)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return "", 0, err
	}
	text, err := io.ReadAll(resp.Body)
	return string(text), resp.StatusCode, errors.Join(err, resp.Body.Close())
}

// measured is what one run came to.
type measured struct {
	hits            int
	cpu             time.Duration // of the program
	memory          int64         // bytes, at the end
	answered        []time.Duration
	live, way, step []time.Duration // from an event's answer until it is in the live view, in its visitor's journey, in a funnel
	profile         []time.Duration
}

// at is a percentile.
func at(all []time.Duration, percent int) string {
	if len(all) == 0 {
		return "-"
	}
	slices.Sort(all)
	return fmt.Sprintf("%v of %d", all[(len(all)-1)*percent/100].Round(10*time.Microsecond), len(all))
}
