package nats

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"headgate/destinations"
	"headgate/destinations/egress"
)

// judge says what an error means: for the event (Reject), for our settings (Halt), or for the servers (Retry). captured is false when
// no stream has taken the subject: what that means depends on how long it has been so.
func judge(err error) (v destinations.Verdict, captured bool) {
	v = destinations.Verdict{Kind: destinations.Retry, Why: err.Error()}
	var api *jetstream.APIError
	var stream jetstream.JetStreamError
	if errors.As(err, &stream) && stream.APIError() != nil {
		api = stream.APIError()
	}
	switch {
	case api != nil || errors.As(err, &api):
		v.Kind, v.Why = blame(api.ErrorCode), fmt.Sprintf("%s (%d)", api.Description, api.ErrorCode)
	case errors.Is(err, nats.ErrMaxPayload):
		v.Kind, v.Why = destinations.Reject, "it is longer than the server's max_payload"
	case errors.Is(err, jetstream.ErrNoStreamResponse), errors.Is(err, nats.ErrNoResponders):
		return v, false
	case isRefusal(err):
		v.Kind = destinations.Halt
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, jetstream.ErrAsyncPublishTimeout), errors.Is(err, nats.ErrTimeout):
		v.Why = "no stream answers in time"
	}
	return v, true
}

// isRefusal reports whether servers cannot be used with these settings.
func isRefusal(err error) bool {
	var forbidden *egress.Forbidden
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var plaintext tls.RecordHeaderError
	if errors.As(err, &forbidden) || errors.As(err, &unknown) || errors.As(err, &host) || errors.As(err, &invalid) || errors.As(err, &plaintext) {
		return true
	}
	for _, refusal := range []error{nats.ErrAuthorization, nats.ErrAuthExpired, nats.ErrAuthRevoked, nats.ErrAccountAuthExpired, nats.ErrPermissionViolation,
		nats.ErrSecureConnRequired, nats.ErrSecureConnWanted, nats.ErrHeadersNotSupported, jetstream.ErrJetStreamNotEnabled, jetstream.ErrJetStreamNotEnabledForAccount} {
		if errors.Is(err, refusal) {
			return true
		}
	}
	return false
}

// blame judges an error code of JetStream: https://github.com/nats-io/nats-server/blob/main/server/errors.json
func blame(code jetstream.ErrorCode) destinations.Kind {
	switch code {
	case 10054: // the message is longer than the stream's max_msg_size
		return destinations.Reject
	case 10039, 10076, // JetStream is not enabled, for the account or at all
		10059, // no such stream
		10109: // the stream is sealed
		return destinations.Halt
	}
	return destinations.Retry
}
