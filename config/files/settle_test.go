package files

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
)

// TestManyStepsAreOneChange runs the watch's loop on a clock of its own.
func TestManyStepsAreOneChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		events, errs := make(chan fsnotify.Event), make(chan error)
		var version, calls atomic.Int32 // version 0: it is not there
		version.Store(1)
		look := func() (string, error) {
			if version.Load() == 0 {
				return "", errors.New("it is not there")
			}
			return strconv.Itoa(int(version.Load())), nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			done <- whenSettled(ctx, "1", events, errs, func(e fsnotify.Event) bool { return e.Name != "unrelated" }, look, func() { calls.Add(1) })
		}()
		synctest.Wait()
		pass := func(d time.Duration) {
			time.Sleep(d)
			synctest.Wait()
		}
		expect := func(what string, want int32) {
			t.Helper()
			if got := calls.Load(); got != want {
				t.Errorf("%s: %d calls, want %d", what, got, want)
			}
		}

		for range 20 {
			version.Add(1)
			events <- fsnotify.Event{}
			pass(settle / 2)
		}
		expect("while it is being written", 0)
		pass(settle)
		expect("after it was written", 1)

		events <- fsnotify.Event{}
		pass(2 * settle)
		expect("after it was touched", 1)

		version.Add(1)
		for range 20 {
			events <- fsnotify.Event{Name: "unrelated"}
			pass(settle / 2)
		}
		expect("while other files change", 1)
		events <- fsnotify.Event{}
		for range 20 {
			events <- fsnotify.Event{Name: "unrelated"}
			pass(settle / 2)
		}
		expect("other files do not put it off", 2)

		version.Store(0)
		events <- fsnotify.Event{}
		pass(2 * settle)
		version.Store(100)
		events <- fsnotify.Event{}
		pass(2 * settle)
		expect("after it was removed and written again", 3)

		version.Add(1)
		errs <- fsnotify.ErrEventOverflow
		pass(2 * settle)
		expect("after events were lost", 4)

		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestWhatChangedBeforeItWasWatchedIsAChange(t *testing.T) {
	for read, want := range map[string]int32{"as it is": 0, "as it was": 1} {
		synctest.Test(t, func(t *testing.T) {
			var calls atomic.Int32
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() {
				done <- whenSettled(ctx, read, nil, nil, nil, func() (string, error) { return "as it is", nil }, func() { calls.Add(1) })
			}()
			time.Sleep(time.Minute)
			synctest.Wait()
			if got := calls.Load(); got != want {
				t.Errorf("read %s: %d calls, want %d", read, got, want)
			}
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}
