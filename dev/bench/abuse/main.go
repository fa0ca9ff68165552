// Command abuse attacks a built Headgate over loopback, as anonymous clients that mean harm would, and measures what they cost:
// memory, disk, descriptors and the time of honest hits. It fails when that is more than docs/security.md states.
//
// It starts its own processes with their own data in a temporary folder, ends them, and ends by itself. It needs Linux: figures
// come from /proc, and clients have addresses of their own in 127.0.0.0/8.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"
)

// trial is one attack.
type trial struct {
	name string
	run  func(ctx context.Context, b *bench) (measured string, err error)
}

var trials = []trial{
	{"16 hostile clients", hostileClients},
	{"one visitor fills the disk", oneVisitor},
	{"refused events with new ids", refusedEvents},
	{"a visitor who says yes and no", changesOfMind},
	{"no descriptors left", noDescriptors},
	{"everything within 512 MB, and a restart", everything},
}

func main() {
	binary := flag.String("binary", "./headgate", "the program to attack")
	short := flag.Bool("short", false, "half a minute instead of two")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *binary, *short)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "abuse:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, binary string, short bool) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute) // on the slowest machine
	defer cancel()
	binary, err := filepath.Abs(binary)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "headgate-abuse")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }() // what is left of a temporary folder is the system's
	b := &bench{binary: binary, folder: folder, short: short}
	failed := 0
	for _, t := range trials {
		began := time.Now()
		measured, err := t.run(ctx, b)
		result := "ok"
		if err != nil {
			failed++
			result = "FAILED: " + err.Error()
		}
		fmt.Printf("%-40s %-60s %4.0f s  %s\n", t.name, measured, time.Since(began).Seconds(), result)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d attacks cost more than they may", failed, len(trials))
	}
	return nil
}
