package commands

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"headgate/commands/cli"
	"headgate/console/access"
	"headgate/event/trace"
)

type adminVerbs struct {
	Token adminToken `cmd:"" help:"Make a token for someone who is to sign in, and the hash of it that admin: users: takes."`
	Audit adminAudit `cmd:"" help:"Show who changed what, and who looked at whom."`
}

type adminToken struct{}

// Run prints a new token, which is kept nowhere.
func (adminToken) Run(w *cli.World) error {
	token := rand.Text()
	sum := sha256.Sum256([]byte(token))
	_, err := fmt.Fprintf(w.Out, "token       %s\ntoken_hash  sha256:%s\n", token, hex.EncodeToString(sum[:]))
	if err == nil {
		_, err = fmt.Fprintln(w.Errors, "Give the token to its user; write the hash into the configuration: admin: {users: {NAME: {token_hash: \"sha256:…\", roles: [viewer]}}}")
	}
	return err
}

type adminAudit struct {
	Since  string `help:"Since then: 24h, 7d, or 2026-11-22T10:00:00Z." placeholder:"TIME"`
	Until  string `help:"Until then." placeholder:"TIME"`
	Who    string `help:"Of this user." placeholder:"NAME"`
	Action string `help:"Of this action, such as config.save, or of all that begin with it: config." placeholder:"ACTION"`
	About  string `help:"About this destination, file, event, or person as the list has them." placeholder:"WHAT"`
	Limit  int    `help:"The most lines, the newest; up to 1000." default:"100" placeholder:"N"`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Run asks the running process, newest first.
func (x adminAudit) Run(w *cli.World) error {
	c, err := w.Client()
	if err != nil {
		return err
	}
	query := url.Values{"limit": {strconv.Itoa(x.Limit)}}
	for key, value := range map[string]string{"since": x.Since, "until": x.Until, "who": x.Who, "action": x.Action, "about": x.About} {
		if value != "" {
			query.Set(key, value)
		}
	}
	var said json.RawMessage
	if err := c.Do(w.Ctx, "GET", "/api/audit", query, nil, &said); err != nil {
		return err
	}
	if x.JSON {
		return w.JSON(said)
	}
	var found struct {
		Lines  []access.Line
		More   bool
		Damage string
	}
	if err := json.Unmarshal(said, &found); err != nil {
		return err
	}
	table := cli.NewTable("time", "who", "action", "about", "status", "why")
	for i := range found.Lines {
		l := &found.Lines[i]
		table.Row(l.Time.UTC().Format(time.RFC3339), trace.Visible(l.Who), l.Action, trace.Visible(l.About), l.Status, trace.Visible(l.Why))
	}
	if err := table.Print(w.Out); err != nil {
		return err
	}
	if found.More {
		fmt.Fprintln(w.Errors, "there are more: narrow it down, or raise --limit")
	}
	if found.Damage != "" {
		fmt.Fprintln(w.Errors, "the list was damaged: "+found.Damage)
	}
	return nil
}
