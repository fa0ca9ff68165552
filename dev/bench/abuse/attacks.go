package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// assault has clients, each with its own address, use all weapons as fast as they can for a while. It returns how many requests
// were accepted and how many refused.
func assault(ctx context.Context, p *program, clients int, long time.Duration) (accepted, refused int64) {
	ctx, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	var yes, no atomic.Int64
	var all sync.WaitGroup
	for n := range clients {
		all.Go(func() {
			c := newClient(p.address, 1+n)
			defer c.close()
			for i := n; ctx.Err() == nil && p.dead() == nil; i++ {
				if i%20 == 19 {
					c.half(ctx)
					continue
				}
				weapon := weapons[i%len(weapons)]
				switch status := c.do("POST", "/e", weapon.body, weapon.headers...); {
				case status >= 200 && status < 300:
					yes.Add(1)
				default:
					no.Add(1)
					if status == 429 { // others may pass
						select {
						case <-ctx.Done():
						case <-time.After(20 * time.Millisecond):
						}
					}
				}
			}
		})
	}
	all.Wait()
	return yes.Load(), no.Load()
}

// hostileClients: what 16 of them make the process hold.
func hostileClients(ctx context.Context, b *bench) (string, error) {
	const most = 300 * mib
	p, err := b.start(ctx, "")
	if err != nil {
		return "", err
	}
	defer p.stop()
	p.sink.down.Store(true)
	accepted, refused := assault(ctx, p, 16, b.time(20*time.Second, 5*time.Second))
	if err := p.dead(); err != nil {
		return "", err
	}
	peak := p.peak()
	measured := fmt.Sprintf("%d MiB of %d at most; %d accepted, %d refused", peak/mib, most/mib, accepted, refused)
	if peak > most {
		return measured, fmt.Errorf("too much memory")
	}
	if !p.healthy() {
		return measured, fmt.Errorf("it is not healthy afterwards")
	}
	return measured, nil
}

const (
	mostDisk = 32 * mib
	diskTime = 15 * time.Second
)

// writing has one visitor send as fast as it can and looks what that takes of the disk.
func writing(ctx context.Context, b *bench, long time.Duration, body func(i int) string) (string, error) {
	p, err := b.start(ctx, "")
	if err != nil {
		return "", err
	}
	defer p.stop()
	before := p.disk()
	ctx, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	var all sync.WaitGroup
	var sent atomic.Int64
	for range 4 {
		all.Go(func() {
			c := newClient(p.address, 1)
			defer c.close()
			for ctx.Err() == nil && p.dead() == nil {
				if c.post(body(int(sent.Add(1)))) == 429 {
					time.Sleep(5 * time.Millisecond)
				}
			}
		})
	}
	all.Wait()
	if err := p.dead(); err != nil {
		return "", err
	}
	taken := p.disk() - before
	measured := fmt.Sprintf("%.1f MiB of %d at most, %d requests", float64(taken)/mib, mostDisk/mib, sent.Load())
	if taken > mostDisk {
		return measured, fmt.Errorf("too much of the disk in %v", long)
	}
	return measured, nil
}

// oneVisitor sends events that share what was sent once.
func oneVisitor(ctx context.Context, b *bench) (string, error) {
	body := `{"events":[` + strings.Repeat(`{"name":"a"},`, 400) + `{"name":"a"}],"page":{"title":"` + strings.Repeat("x", 15_000) + `"}}`
	return writing(ctx, b, b.time(diskTime, 4*time.Second), func(int) string { return body })
}

// refusedEvents sends events that nobody may have, each of another client.
func refusedEvents(ctx context.Context, b *bench) (string, error) {
	return writing(ctx, b, b.time(diskTime, 4*time.Second), func(i int) string {
		events := make([]string, 500)
		for n := range events {
			events[n] = fmt.Sprintf(`{"name":"a","client_id":"%d.%d","consent":{"analytics":false,"ads":false}}`, i, n)
		}
		return `{"events":[` + strings.Join(events, ",") + `]}`
	})
}

// changesOfMind: hits of a client with a long history may not be slower than those of one without.
func changesOfMind(ctx context.Context, b *bench) (string, error) {
	const most = 50 * time.Millisecond
	p, err := b.start(ctx, "limits: {per_address: 0}")
	if err != nil {
		return "", err
	}
	defer p.stop()
	c := newClient(p.address, 1)
	defer c.close()
	hit := func(id string, yes bool) {
		c.post(fmt.Sprintf(`{"name":"a","client_id":%q,"consent":{"analytics":%t,"ads":%t}}`, id, yes, yes))
	}
	for i := range 200 {
		hit("1.1", i%2 == 0)
	}
	// The least of some medians: what else the machine does makes hits slower, never faster.
	worst := time.Duration(1<<63 - 1)
	for try := range 5 {
		slow, usual := median(func(int) { hit("1.1", true) }), median(func(i int) { hit(fmt.Sprintf("2.%d%d", try, i), true) })
		worst = min(worst, slow-usual)
		if worst < most {
			break
		}
	}
	measured := fmt.Sprintf("%v slower, %v at most", max(0, worst).Round(100*time.Microsecond), most)
	if worst > most {
		return measured, fmt.Errorf("history makes hits slow")
	}
	return measured, p.dead()
}

func median(do func(i int)) time.Duration {
	const times = 15
	took := make([]time.Duration, times)
	for i := range took {
		began := time.Now()
		do(i)
		took[i] = time.Since(began)
	}
	slices.Sort(took)
	return took[times/2]
}

// noDescriptors opens more connections than there can be.
func noDescriptors(ctx context.Context, b *bench) (string, error) {
	const descriptors, wanted = 256, 1000
	p, err := b.start(ctx, "", "/bin/sh", "-c", fmt.Sprintf(`ulimit -n %d; exec "$@"`, descriptors), "sh")
	if err != nil {
		return "", err
	}
	defer p.stop()
	var open []net.Conn
	for i := range wanted {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(1+i%100))}, Timeout: time.Second}
		if c, err := d.DialContext(ctx, "tcp", p.address); err == nil {
			open = append(open, c)
		}
	}
	if err := p.dead(); err != nil {
		return "", err
	}
	for _, c := range open {
		_ = c.Close() // half of them are closed already
	}
	measured := fmt.Sprintf("%d connections at %d descriptors", len(open), descriptors)
	accepted := func() bool {
		c := newClient(p.address, rand.IntN(100)+1)
		defer c.close()
		return c.post(`{"name":"after"}`) == 202
	}
	return measured, p.await(ctx, 30*time.Second, "a hit is accepted again", accepted)
}

// everything within 512 MB: all weapons while nothing can be delivered, then a start with all of it pending.
func everything(ctx context.Context, b *bench) (string, error) {
	const most = 512 * mib
	group := limitGroup(most)
	p, err := b.start(ctx, "limits: {memory: 512MiB}")
	if err != nil {
		return "", err
	}
	p.group = group
	p.confine()
	defer p.stop()
	p.sink.down.Store(true)
	accepted, refused := assault(ctx, p, 16, b.time(30*time.Second, 5*time.Second))
	if err := p.dead(); err != nil {
		return "", err
	}
	first := p.peak()
	p.kill()
	p.sink.down.Store(false)
	before := p.sink.calls.Load()
	if err := p.run(ctx); err != nil {
		return "", err
	}
	err = p.await(ctx, time.Minute, "what was pending is delivered", func() bool { return p.sink.calls.Load() >= before+min(accepted, 20) })
	assault(ctx, p, 16, b.time(10*time.Second, 2*time.Second))
	second := p.peak()
	how := "a soft limit"
	if p.group != "" {
		how = "a control group"
	}
	measured := fmt.Sprintf("%d and %d MiB of %d (%s); %d accepted, %d refused", first/mib, second/mib, most/mib, how, accepted, refused)
	if err == nil {
		err = p.dead()
	}
	if err == nil && max(first, second) > most {
		err = fmt.Errorf("too much memory")
	}
	return measured, err
}
