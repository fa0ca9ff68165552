// Command soak runs a built Headgate for long: hits at a steady rate, five destinations of which two fail now and then, a reload every
// minute. It prints the memory every half minute and fails when more and more of it stands or it passes a bound, when a hit is refused,
// or when in the end not every event is at every destination.
//
// It starts its own process with its own data in a temporary folder, and ends by itself. It needs Linux: the memory is that of /proc.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

func main() {
	o := options{}
	flag.StringVar(&o.binary, "binary", "./headgate", "the program to run")
	flag.DurationVar(&o.length, "for", time.Hour, "how long")
	flag.IntVar(&o.rate, "rate", 1000, "hits per second")
	flag.Int64Var(&o.most, "memory", 200, "the most resident memory, in MiB")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

type options struct {
	binary string
	length time.Duration
	rate   int
	most   int64
}

func run(ctx context.Context, o options) (err error) {
	folder, err := os.MkdirTemp("", "headgate-soak")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	s := newSinks()
	defer s.Close()
	p, err := start(ctx, o.binary, folder, s.URL)
	if err != nil {
		return err
	}
	defer p.stop()

	ctx, cancel := context.WithTimeout(ctx, o.length)
	defer cancel()
	h := newHits(p.public, o.rate)
	go s.fail(ctx)
	loaded := make(chan struct{})
	go func() {
		defer close(loaded)
		h.send(ctx)
	}()
	held := watch(ctx, p, h, o.length)
	<-loaded
	s.heal()
	fmt.Printf("%d hits sent, %d answered with success, %d refused, %d failed; half within %v, 99%% within %v\n", h.sent.Load(), h.accepted.Load(), h.refused.Load(), h.failed.Load(), h.within(50), h.within(99))
	if h.refused.Load()+h.failed.Load() > 0 {
		err = errors.New("hits were refused or failed")
	}
	return errors.Join(err, held.judge(o.most), p.drained(s, h.accepted.Load()))
}

// watch reads the memory until ctx ends, and reloads the configuration every minute.
func watch(ctx context.Context, p *program, h *hits, length time.Duration) (held memory) {
	began := time.Now()
	look := time.NewTicker(time.Second)
	defer look.Stop()
	tell := time.NewTicker(max(time.Second, min(30*time.Second, length/20)))
	defer tell.Stop()
	reload := time.NewTicker(time.Minute)
	defer reload.Stop()
	for {
		select {
		case <-ctx.Done():
			return held
		case <-reload.C:
			p.reload()
		case <-look.C:
			held = append(held, p.resident())
		case <-tell.C:
			fmt.Printf("%6s  %4d MiB  %d hits\n", time.Since(began).Round(time.Second), p.resident()>>20, h.accepted.Load())
		}
	}
}
