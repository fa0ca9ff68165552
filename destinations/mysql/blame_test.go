package mysql

import (
	"testing"

	"github.com/go-sql-driver/mysql"

	"headgate/destinations"
	"headgate/destinations/tables"
)

func TestEveryErrorOfTheServerHasAVerdict(t *testing.T) {
	for number, want := range map[uint16]destinations.Kind{
		1021: destinations.Retry,  // the disk is full
		1044: destinations.Halt,   // no right to the database
		1045: destinations.Halt,   // wrong user or password
		1054: destinations.Halt,   // no such column
		1114: destinations.Retry,  // the table is full
		1142: destinations.Halt,   // no right to the table
		1146: destinations.Halt,   // no such table
		1205: destinations.Retry,  // waited for a lock for too long
		1213: destinations.Retry,  // deadlock
		1264: destinations.Reject, // a number that is too large
		1290: destinations.Retry,  // read-only, on its way to take over
		1406: destinations.Reject, // a text that is too long
		1820: destinations.Halt,   // the password has to be changed
		1836: destinations.Retry,  // read-only mode
		1862: destinations.Halt,   // the password has expired
		3118: destinations.Halt,   // the account is locked, MySQL
		4151: destinations.Halt,   // the account is locked, MariaDB
	} {
		if v := tables.Judge(&mysql.MySQLError{Number: number, Message: "so it is"}, dialect{}.Blame); v.Kind != want {
			t.Errorf("error %d: %s, want %s", number, v.Kind, want)
		}
	}
}
