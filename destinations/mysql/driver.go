// Package mysql is the driver that keeps events as rows of a table of MySQL or MariaDB. What it promises is package relational's.
package mysql

import (
	"cmp"
	"crypto/tls"
	"database/sql"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"headgate/destinations"
	"headgate/destinations/relational"
	"headgate/document"
)

// Driver writes to one table of events and, where they are wanted, one of decisions.
type Driver struct{ *relational.Driver }

const (
	slowly     = 30 * time.Second // how long a delivery may take where the entry says nothing else
	keptFor    = 3 * time.Minute  // servers and what is in between close what is idle
	mostAtOnce = 4
)

// NewDriver checks the settings of mysql.yaml; Deliver is the first to connect to the server.
func NewDriver(o destinations.DriverOptions) (destinations.Driver, document.Mistakes) {
	var ms document.Mistakes
	set := o.Settings
	config, fact := configure(set.Text("url"), o.Dial)
	if fact != "" {
		ms.Add(set.Place("url"), "url: "+fact, "write it as mysql://user:password@host:3306/database?tls=true")
	}
	name := set.Text("table")
	if strings.Count(name, ".") > 1 || strings.Contains(name, "`") || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") {
		ms.Add(set.Place("table"), "table: expected the name of a table, with its database before a dot if it is in another", "write events, or analytics.events")
	}
	if len(ms) > 0 {
		return nil, ms
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		ms.Add(set.Place("url"), "url: it is not understood", "write it as mysql://user:password@host:3306/database?tls=true")
		return nil, ms
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(mostAtOnce)
	db.SetMaxIdleConns(mostAtOnce)
	db.SetConnMaxLifetime(keptFor)
	return &Driver{relational.NewDriver(db, dialect{}, relational.Limits{Bytes: statementBytes, Times: times}, cmp.Or(o.Written.Timeout.Std(), slowly), o)}, nil
}

// configure reads the address. The fact never quotes it, since it holds the password.
func configure(address string, dial destinations.Dial) (c *mysql.Config, fact string) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "mysql" && u.Scheme != "mariadb" {
		return nil, "it is not an address of MySQL or MariaDB"
	}
	if u.Hostname() == "" {
		return nil, "it has no host"
	}
	c = mysql.NewConfig()
	c.User = u.User.Username()
	c.Passwd, _ = u.User.Password()
	c.Net, c.Addr = "tcp", net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "3306"))
	c.DialFunc = dial
	if c.DBName = strings.Trim(u.Path, "/"); c.DBName == "" {
		return nil, "it names no database"
	}
	switch way := u.Query().Get("tls"); way {
	case "", "preferred", "skip-verify":
		c.TLSConfig = cmp.Or(way, "preferred")
	case "true":
		c.TLS = &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
	case "false":
	default:
		return nil, "tls is true, skip-verify, preferred or false"
	}
	for key := range u.Query() {
		if key != "tls" {
			return nil, fmt.Sprintf("it has a parameter %q, and only tls is taken", key)
		}
	}
	// Values that do not fit are errors, not cut; times are UTC; a statement has its values in it, which saves two answers.
	c.Params = map[string]string{"sql_mode": "'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO'", "time_zone": "'+00:00'"}
	c.InterpolateParams, c.Collation = true, "utf8mb4_bin"
	c.MaxAllowedPacket = 0 // the server is asked
	c.Logger = &mysql.NopLogger{}
	return c, ""
}

// Pace asks for batches that make large statements.
func (d *Driver) Pace(p destinations.Delivery) destinations.Delivery {
	p.AtOnce = 2
	return p
}
