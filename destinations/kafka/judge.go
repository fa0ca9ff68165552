package kafka

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/oauth2"

	"headgate/destinations"
	"headgate/destinations/aws"
	"headgate/destinations/egress"
)

// judge says what became of one record. known says that its topic has taken others, single that all events go to it.
func judge(r kgo.ProduceResult, known, single bool) destinations.Verdict {
	if r.Err == nil {
		return destinations.Verdict{Kind: destinations.Delivered}
	}
	kind := blame(r.Err)
	switch {
	case errors.Is(r.Err, kerr.UnknownTopicOrPartition) && known:
		kind = destinations.Retry // it was there
	case isAboutTopic(r.Err) && !single:
		kind = destinations.Reject // one event's topic does not stop the others
	}
	return destinations.Verdict{Kind: kind, Why: words(r.Err, r.Record.Topic)}
}

// blame is whose fault an error is: the cluster's (Retry), the event's (Reject) or our settings' (Halt).
// https://kafka.apache.org/protocol.html#protocol_error_codes
func blame(err error) destinations.Kind {
	var code *kerr.Error
	if !errors.As(err, &code) {
		return destinations.Retry
	}
	switch code {
	case kerr.MessageTooLarge, kerr.RecordListTooLarge, kerr.InvalidRecord, kerr.InvalidTimestamp:
		return destinations.Reject
	case kerr.UnknownTopicOrPartition, kerr.InvalidTopicException, kerr.TopicAuthorizationFailed, kerr.ClusterAuthorizationFailed, kerr.TransactionalIDAuthorizationFailed,
		kerr.UnsupportedSaslMechanism, kerr.IllegalSaslState, kerr.SaslAuthenticationFailed, kerr.UnsupportedVersion, kerr.PolicyViolation, kerr.UnsupportedCompressionType:
		return destinations.Halt
	}
	return destinations.Retry
}

func isAboutTopic(err error) bool {
	return errors.Is(err, kerr.UnknownTopicOrPartition) || errors.Is(err, kerr.InvalidTopicException)
}

// isSpent reports whether the producer's id is no longer good, which a new client gets another of.
func isSpent(err error) bool {
	for _, code := range []error{kerr.OutOfOrderSequenceNumber, kerr.InvalidProducerEpoch, kerr.UnknownProducerID, kerr.ProducerFenced} {
		if errors.Is(err, code) {
			return true
		}
	}
	return false
}

// judgeConnection says what it means that no broker could be reached, or that none lets us in.
func judgeConnection(err error) destinations.Verdict {
	var forbidden *egress.Forbidden
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var plaintext tls.RecordHeaderError
	var token *oauth2.RetrieveError
	var keys *aws.Refused
	kind := blame(err)
	switch {
	case errors.As(err, &forbidden), errors.As(err, &unknown), errors.As(err, &host), errors.As(err, &invalid), errors.As(err, &plaintext), errors.As(err, &keys):
		kind = destinations.Halt
	case errors.As(err, &token) && token.Response != nil && token.Response.StatusCode < 500 && token.Response.StatusCode != 429:
		return destinations.Verdict{Kind: destinations.Halt, Why: fmt.Sprintf("no access token: status %d %s", token.Response.StatusCode, token.ErrorCode)}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return destinations.Verdict{Kind: destinations.Retry, Why: "no broker answers in time"}
	}
	return destinations.Verdict{Kind: kind, Why: words(err, "")}
}

// words are the broker's own, with its code.
func words(err error, topic string) string {
	var code *kerr.Error
	if !errors.As(err, &code) {
		return err.Error()
	}
	if topic != "" && code != kerr.SaslAuthenticationFailed {
		return fmt.Sprintf("topic %s: %s (%s)", topic, code.Description, code.Message)
	}
	return fmt.Sprintf("%s (%s)", code.Description, code.Message)
}
