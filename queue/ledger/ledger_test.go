package ledger

import "testing"

func TestWhatTheLogSaysItselfMakesNoCheckpointUrgent(t *testing.T) {
	t.Parallel()
	led := newLedger(&Ledgers{}, "one")
	led.growLocked()
	led.growLocked()
	if len(led.grew) != 1 || len(led.lazy) != 0 {
		t.Errorf("after groups were appended: %d signals that it grew, %d that something was settled", len(led.grew), len(led.lazy))
	}
	led.touchLocked()
	if len(led.lazy) != 1 {
		t.Error("what was settled is not to be written soon")
	}
}
