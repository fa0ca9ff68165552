package mysql

import (
	"testing"

	"github.com/go-sql-driver/mysql"

	"headgate/destinations"
)

func TestEveryErrorOfTheServerHasAVerdict(t *testing.T) {
	const retried = destinations.Kind(0) // judged as what happens to networks
	for number, want := range map[uint16]destinations.Kind{
		1021: retried,             // the disk is full
		1044: destinations.Halt,   // no right to the database
		1045: destinations.Halt,   // wrong user or password
		1054: destinations.Halt,   // no such column
		1114: retried,             // the table is full
		1142: destinations.Halt,   // no right to the table
		1146: destinations.Halt,   // no such table
		1205: retried,             // waited for a lock for too long
		1213: retried,             // deadlock
		1264: destinations.Reject, // a number that is too large
		1290: retried,             // read-only, on its way to take over
		1406: destinations.Reject, // a text that is too long
		1820: destinations.Halt,   // the password has to be changed
		1836: retried,             // read-only mode
		1862: destinations.Halt,   // the password has expired
		3118: destinations.Halt,   // the account is locked, MySQL
		4151: destinations.Halt,   // the account is locked, MariaDB
	} {
		if got, _ := (dialect{}).Blame(&mysql.MySQLError{Number: number, Message: "so it is"}); got != want {
			t.Errorf("error %d: %s, want %s", number, got, want)
		}
	}
}
