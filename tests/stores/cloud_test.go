package stores_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"headgate/destinations/bigquery/bigquerytest"
	"headgate/destinations/databricks/databrickstest"
	"headgate/destinations/snowflake/snowflaketest"
	"headgate/event"
)

// cloud starts fakes of the stores that cannot be had for tests, which check tokens, limits and types by this machine's clock. Their
// secrets are in a folder.
func cloud(t *testing.T) (stores []store, secrets string) {
	t.Helper()
	secrets = t.TempDir()
	hidden := func(settings, name, secret string) string {
		path := filepath.Join(secrets, name)
		if err := os.WriteFile(path, []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
		return strings.NewReplacer(strconv.Quote(secret), `"${file:`+path+`}"`, "client_secret: "+secret, `client_secret: "${file:`+path+`}"`).Replace(settings)
	}
	streamed, loaded, snow, bricks := bigquerytest.New(t), bigquerytest.New(t), snowflaketest.New(t), databrickstest.New(t)
	streamed.FollowReal()
	loaded.FollowReal()
	snow.FollowReal()
	bricks.FollowReal()
	of := func(name, use, settings string, read func(string) []event.Map, table string, cut func()) store {
		return store{name: name, entry: fmt.Sprintf("use: %s, settings: %s, delivery: {wait: 200ms}", use, settings), crash: func(*testing.T) { cut() },
			ids: func(*testing.T) map[string]int {
				ids := map[string]int{}
				for _, row := range read(table) {
					ids[row.Text("id")]++
				}
				return ids
			}}
	}
	stream := of("bigquery", "bigquery", hidden(streamed.SettingsAt(streamed.Server.URL, ""), "streamed", streamed.Account()), streamed.Read, "events", streamed.Server.CloseClientConnections)
	stream.twice = true // after a minute
	return []store{stream,
		of("loads", "bigquery", hidden(loaded.SettingsAt(loaded.Server.URL, ", mode: load"), "loaded", loaded.Account()), loaded.Read, "events", loaded.Server.CloseClientConnections),
		of("snowflake", "snowflake", hidden(snow.Settings(""), "snow", snow.KeyText), snow.Read, "EVENTS", snow.Cut),
		of("databricks", "databricks", hidden(bricks.Settings(""), "bricks", "hush"), bricks.Read, "events", bricks.Server.CloseClientConnections),
	}, secrets
}
