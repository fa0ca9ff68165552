package stream

import (
	"fmt"
	"strconv"
	"strings"
)

// The streams. Their names and subjects are on disk and in clusters, and never change.
const (
	Log         = "HEADGATE_LOG"
	Retries     = "HEADGATE_RETRY"
	DeadLetters = "HEADGATE_DEAD" // and notes about events that were left out
	Checkpoints = "HEADGATE_STATE"
	Leases      = "HEADGATE_LEASE" // in a cluster
	Board       = "HEADGATE_BOARD" // in a cluster
)

// Any stands for any name in a subject to look for.
const Any = ""

// Each writer has a subject of its own in the log, for its checkpoints and for its lease, and one per cursor for its records.

// LogSubject is where a writer's groups are.
func LogSubject(writer string) string { return subject("log", writer) }

// StateSubject is where a writer's checkpoints are.
func StateSubject(writer string) string { return subject("state", writer) }

// LeaseSubject is where the lease on a writer's ledger is.
func LeaseSubject(writer string) string { return subject("lease", writer) }

// RetrySubject is where a writer's records of retries for a cursor are.
func RetrySubject(writer, cursor string) string { return subject("retry", writer, cursor) }

// DeadSubject is where a writer's records of dead letters for a cursor are.
func DeadSubject(writer, cursor string) string { return subject("dead", writer, cursor) }

// GoneSubject is where a writer's notes about events left out for a cursor are.
func GoneSubject(writer, cursor string) string { return subject("gone", writer, cursor) }

// BoardSubject is where a topic's lines are.
func BoardSubject(topic string) string { return subject("board", topic) }

// of are the streams by the kinds of their subjects.
var of = map[string]string{
	"log": Log, "retry": Retries, "dead": DeadLetters, "gone": DeadLetters, "state": Checkpoints, "lease": Leases, "board": Board,
}

// Of returns the stream that keeps a subject, "" where none does.
func Of(subject string) string {
	kind, _, _ := strings.Cut(strings.TrimPrefix(subject, "headgate."), ".")
	return of[kind]
}

func subject(kind string, names ...string) string {
	s := "headgate." + kind
	for _, name := range names {
		if name == Any {
			s += ".*"
		} else {
			s += "." + EncodeName(name)
		}
	}
	return s
}

// Names returns the names in a subject.
func Names(subject string) []string {
	names := strings.Split(subject, ".")
	names = names[min(2, len(names)):]
	for i, name := range names {
		names[i] = DecodeName(name)
	}
	return names
}

// LastName returns the last name in a subject.
func LastName(subject string) string {
	return DecodeName(subject[strings.LastIndexByte(subject, '.')+1:])
}

// EncodeName writes a name as one token of a subject: every byte but letters, digits, - and _ becomes = and two hex digits.
func EncodeName(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "=%02X", c)
		}
	}
	return b.String()
}

// DecodeName is the reverse of EncodeName.
func DecodeName(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '=' && i+2 < len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(c))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
