package stores_test

import (
	"database/sql"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

// mariadb is a real server of its own, which is made to crash.
type mariadb struct{ url *url.URL }

func newMariaDB(t *testing.T) *mariadb {
	t.Helper()
	address, _ := script(t, "mariadb.sh", "--kept")
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return &mariadb{u}
}

// over is its address by another way.
func (m *mariadb) over(by func(address string) string) string {
	u := *m.url
	u.Host = by(u.Host)
	return u.String()
}

// connect waits while the server recovers from a crash.
func (m *mariadb) connect(t *testing.T) *sql.DB {
	t.Helper()
	c := mysql.NewConfig()
	password, _ := m.url.User.Password()
	c.User, c.Passwd, c.Net, c.Addr, c.DBName, c.Logger = m.url.User.Username(), password, "tcp", m.url.Host, "shop", &mysql.NopLogger{}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	for try := 0; ; try++ {
		err := db.PingContext(t.Context())
		if err == nil {
			return db
		}
		if try == 1000 {
			t.Fatal(err)
		}
		<-time.After(20 * time.Millisecond)
	}
}

func (m *mariadb) of(t *testing.T, table string) map[string]int {
	t.Helper()
	db := m.connect(t)
	defer db.Close()
	return idsIn(t, db, table)
}

// crash kills the server, which is started again and recovers from its log.
func (m *mariadb) crash(t *testing.T) {
	t.Helper()
	db := m.connect(t)
	var path string
	err := db.QueryRowContext(t.Context(), "SELECT @@pid_file").Scan(&path)
	_ = db.Close()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Error(err)
	}
	for syscall.Kill(pid, 0) == nil {
		<-time.After(time.Millisecond)
	}
	_ = m.connect(t).Close()
}

// inFile are the ids of a table in a file of SQLite.
func inFile(t *testing.T, path, table string) map[string]int {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	return idsIn(t, db, table)
}

func idsIn(t *testing.T, db *sql.DB, table string) map[string]int {
	t.Helper()
	list, err := db.QueryContext(t.Context(), "SELECT id FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	ids := map[string]int{}
	for list.Next() {
		var id string
		if err := list.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids[id]++
	}
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	return ids
}
