package nats

import (
	"fmt"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"headgate/destinations"
)

func TestWhatServersAnswerHasAVerdict(t *testing.T) {
	d := &Driver{}
	for err, want := range map[error]destinations.Kind{
		&jetstream.APIError{ErrorCode: 10047, Description: "insufficient storage resources available"}: destinations.Retry,
		&jetstream.APIError{ErrorCode: 10023, Description: "insufficient resources"}:                   destinations.Retry,
		&jetstream.APIError{ErrorCode: 10008, Description: "JetStream system temporarily unavailable"}: destinations.Retry,
		&jetstream.APIError{ErrorCode: 10054, Description: "message size exceeds maximum allowed"}:     destinations.Reject,
		&jetstream.APIError{ErrorCode: 10059, Description: "stream not found"}:                         destinations.Halt,
		&jetstream.APIError{ErrorCode: 10109, Description: "invalid operation on sealed stream"}:       destinations.Halt,
		&jetstream.APIError{ErrorCode: 10039, Description: "JetStream not enabled for account"}:        destinations.Halt,
		nats.ErrAuthorization:      destinations.Halt,
		nats.ErrAuthExpired:        destinations.Halt,
		nats.ErrAccountAuthExpired: destinations.Halt,
		nats.ErrAuthRevoked:        destinations.Halt,
		nats.ErrTimeout:            destinations.Retry,
		nats.ErrMaxPayload:         destinations.Reject,
	} {
		if v := d.judge(fmt.Errorf("publish: %w", err)); v.Kind != want || v.Why == "" {
			t.Errorf("%v: %s %q, want %s", err, v.Kind, v.Why, want)
		}
	}
}
