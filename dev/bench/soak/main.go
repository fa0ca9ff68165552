// Command soak runs a built Headgate for long: hits at a steady rate, five destinations of which two fail now and then, a reload every
// minute. It prints the memory every half minute and fails when that grows or passes a bound, when a hit is refused, or when in the
// end not every event is at every destination.
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
	memory := watch(ctx, p, h, o.length)
	<-loaded
	s.heal()
	fmt.Printf("%d hits sent, %d answered with success, %d refused, %d failed; half within %v, 99%% within %v\n", h.sent.Load(), h.accepted.Load(), h.refused.Load(), h.failed.Load(), h.within(50), h.within(99))
	if h.refused.Load()+h.failed.Load() > 0 {
		err = errors.New("hits were refused or failed")
	}
	return errors.Join(err, judge(memory, o.most), p.drained(s, h.accepted.Load()))
}

// watch reads the memory until ctx ends, and reloads the configuration every minute.
func watch(ctx context.Context, p *program, h *hits, length time.Duration) (memory []int64) {
	began := time.Now()
	look := time.NewTicker(max(time.Second, min(30*time.Second, length/20)))
	defer look.Stop()
	reload := time.NewTicker(time.Minute)
	defer reload.Stop()
	for {
		select {
		case <-ctx.Done():
			return memory
		case <-reload.C:
			p.reload()
		case <-look.C:
			now := p.resident()
			memory = append(memory, now)
			fmt.Printf("%6s  %4d MiB  %d hits\n", time.Since(began).Round(time.Second), now>>20, h.accepted.Load())
		}
	}
}

// growth is how much more the last third of a run may take than the middle one, in percent: an outage of a destination may lie in one.
const growth = 15

// judge fails when the memory passes a bound in MiB, or its highest in the last third of the run is above that of the middle one.
func judge(memory []int64, most int64) error {
	if len(memory) < 6 {
		return errors.New("it was too short to say anything of the memory")
	}
	third := len(memory) / 3
	highest := func(some []int64) (top int64) {
		for _, m := range some {
			top = max(top, m>>20)
		}
		return top
	}
	all, middle, last := highest(memory), highest(memory[third:2*third]), highest(memory[2*third:])
	fmt.Printf("resident memory: %d MiB at most, of %d; %d in the middle third, %d in the last\n", all, most, middle, last)
	if all > most {
		return fmt.Errorf("it took %d MiB of %d", all, most)
	}
	if last > middle*(100+growth)/100 {
		return fmt.Errorf("the memory grew from %d to %d MiB", middle, last)
	}
	return nil
}
