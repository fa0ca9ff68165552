package postgres

import (
	"testing"

	"headgate/destinations"
)

func TestEverySQLStateHasAVerdict(t *testing.T) {
	for code, want := range map[string]destinations.Kind{
		"08006": destinations.Retry,  // connection failure
		"22021": destinations.Reject, // character not in repertoire
		"22P05": destinations.Reject, // untranslatable character
		"23502": destinations.Reject, // not null violation
		"25006": destinations.Retry,  // read only
		"28P01": destinations.Halt,   // invalid password
		"3D000": destinations.Halt,   // invalid catalog name
		"3F000": destinations.Halt,   // invalid schema name
		"40P01": destinations.Retry,  // deadlock
		"42501": destinations.Halt,   // insufficient privilege
		"42804": destinations.Halt,   // datatype mismatch
		"53100": destinations.Retry,  // disk full
		"53300": destinations.Retry,  // too many connections
		"54000": destinations.Reject, // program limit exceeded
		"55P03": destinations.Retry,  // lock not available
		"57014": destinations.Retry,  // query cancelled
		"57P01": destinations.Retry,  // admin shutdown
		"57P03": destinations.Retry,  // cannot connect now
		"58030": destinations.Retry,  // I/O error
		"XX000": destinations.Retry,  // internal error
		"":      destinations.Retry,
		"9":     destinations.Retry,
	} {
		if got := blameState(code); got != want {
			t.Errorf("SQLSTATE %q: %s, want %s", code, got, want)
		}
	}
}
