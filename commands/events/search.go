package events

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"headgate/commands/cli"
	"headgate/event/trace"
	"headgate/proxy/find"
)

// Search finds stored events.
type Search struct {
	Query []string `arg:"" optional:"" help:"Ids, or KEY:VALUE with id, client, user, order, click, email, phone, name, site, destination, state or reason; all must hold."`
	Since string   `help:"How far to look back: a length of time, or a time." default:"72h"`
	Limit int      `help:"How many events at most, the newest." default:"50"`
	JSON  bool     `name:"json" help:"Print the answer as JSON."`
}

// Run prints the events that the running process finds.
func (x Search) Run(w *cli.World) error {
	c, err := w.Client()
	if err != nil {
		return err
	}
	for i, word := range x.Query {
		x.Query[i] = hashed(word)
	}
	query := url.Values{"q": {strings.Join(x.Query, " ")}, "since": {x.Since}, "limit": {strconv.Itoa(x.Limit)}}
	if x.JSON {
		var found json.RawMessage
		if err := c.Do(w.Ctx, "GET", "/api/search", query, nil, &found); err != nil {
			return err
		}
		_, err := fmt.Fprintln(w.Out, string(found))
		return err
	}
	var found find.Result
	if err := c.Do(w.Ctx, "GET", "/api/search", query, nil, &found); err != nil {
		return err
	}
	return x.print(w, &found)
}

func (x Search) print(w *cli.World, found *find.Result) error {
	table := cli.NewTable("time", "event", "id", "site", "destinations")
	for i := range found.Events {
		e := &found.Events[i]
		id := e.ID
		if id == "" {
			id = "(only its hash is kept)"
		}
		var states []string
		for _, name := range slices.Sorted(maps.Keys(e.States)) {
			states = append(states, name+" "+e.States[name])
		}
		table.Row(e.Time.UTC().Format(time.RFC3339), trace.Visible(e.Name), trace.Visible(id), e.Site, strings.Join(states, ", "))
	}
	if err := table.Print(w.Out); err != nil {
		return err
	}
	switch {
	case len(found.Events) == 0:
		fmt.Fprintf(w.Errors, "nothing was found since %s\n", x.Since)
	case found.More:
		fmt.Fprintf(w.Errors, "there are more: narrow it down, or raise --limit\n")
	}
	return nil
}

// hashed is a word of a query without an e-mail address or phone number in clear: those do not leave this process. A word with
// spaces gets quotation marks.
func hashed(word string) string {
	key, value, ok := strings.Cut(word, ":")
	switch {
	case ok && key == "email", ok && key == "phone":
		if _, err := hex.DecodeString(value); err == nil && len(value) == 2*sha256.Size {
			return word
		}
		if key == "phone" {
			value = digitsOf(value)
		}
		return key + ":" + hashOf(value)
	case strings.Contains(word, "@"):
		return "email:" + hashOf(word)
	case !strings.Contains(word, " ") || strings.Contains(word, `"`):
		return word
	case ok && !strings.Contains(key, " "):
		return key + `:"` + value + `"`
	}
	return `"` + word + `"`
}

func hashOf(address string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(address))))
	return hex.EncodeToString(sum[:])
}

// digitsOf is a phone number as + and digits; 00 at its beginning is a +.
func digitsOf(number string) string {
	var b strings.Builder
	for _, c := range number {
		if c >= '0' && c <= '9' || c == '+' && b.Len() == 0 {
			b.WriteRune(c)
		}
	}
	if international, ok := strings.CutPrefix(b.String(), "00"); ok {
		return "+" + international
	}
	return b.String()
}
