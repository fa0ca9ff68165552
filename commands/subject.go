package commands

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"headgate/commands/cli"
	"headgate/event"
	"headgate/subjects"
)

type subject struct {
	Export   subjectExport   `cmd:"" help:"Print all that is held about a person, a line of JSON each."`
	Suppress subjectSuppress `cmd:"" help:"Send nothing of a person any more, from now on and of what is pending."`
	Delete   subjectDelete   `cmd:"" help:"Suppress a person, drop what is pending and their dead letters, remove what can be removed, and say what cannot."`
	Requests subjectRequests `cmd:"" help:"List what senders such as shops have asked for about people, and what became of it."`
	Done     subjectDone     `cmd:"" help:"Note that what one of these requests asks for was done."`
	Link     subjectLink     `cmd:"" help:"Make a signed link with which a person can send their choice to /consent from anywhere."`
}

// subjectPick names a person.
type subjectPick struct {
	ID      string `arg:"" help:"An e-mail address, a phone number, a user id or a client id, as events have it or in any usual spelling."`
	As      string `help:"What the id is: client_id, user_id, email or phone. Without it that is recognised, or asked for." enum:",client_id,user_id,email,phone" default:""`
	Country string `help:"Where a phone number without its country's code is dialled." placeholder:"DE"`
}

func (p subjectPick) body(why string) map[string]string {
	body := map[string]string{"id": p.ID, "kind": p.As, "country": p.Country}
	if why != "" {
		body["why"] = why
	}
	return body
}

type subjectExport struct{ subjectPick }

// Run prints what the running process holds about a person.
func (x subjectExport) Run(w *cli.World) error {
	c, err := w.Client()
	if err != nil {
		return err
	}
	resp, err := c.Open(w.Ctx, "POST", "/api/subjects/export", nil, x.body(""))
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	lines, held := bufio.NewReader(resp.Body), 0
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return fmt.Errorf("the process has stopped in the middle of its answer")
		}
		if err != nil {
			return err
		}
		var told struct {
			Person *subjects.Understood `json:"person"`
			Done   bool                 `json:"done"`
			Error  string               `json:"error"`
		}
		if err := json.Unmarshal(line, &told); err != nil {
			return err
		}
		switch {
		case told.Done:
			if held == 0 {
				fmt.Fprintln(w.Errors, "nothing is held about this person")
			}
			return nil
		case told.Error != "":
			return fmt.Errorf("%s", told.Error)
		case told.Person != nil:
			fmt.Fprintln(w.Errors, understood(*told.Person))
			continue
		}
		held++
		if _, err := w.Out.Write(line); err != nil {
			return err
		}
	}
}

type subjectSuppress struct {
	subjectPick
	Why string `help:"Who asked for it: kept with the entry." placeholder:"TEXT"`
}

// Run puts a person on the suppression list.
func (s subjectSuppress) Run(w *cli.World) error {
	c, err := w.Client()
	if err != nil {
		return err
	}
	var answer struct {
		Person subjects.Suppressed `json:"person"`
	}
	if err := c.Do(w.Ctx, "POST", "/api/subjects/suppress", nil, s.body(s.Why), &answer); err != nil {
		return err
	}
	fmt.Fprintln(w.Out, understood(answer.Person.Understood))
	fmt.Fprintln(w.Out, suppressedLine(answer.Person))
	return nil
}

// understood says as what an id was taken.
func understood(u subjects.Understood) string {
	kind, _ := event.IdentifierKindOf(u.Kind)
	return fmt.Sprintf("understood as %s: %s", kind.Words(), u.ID)
}

func suppressedLine(s subjects.Suppressed) string {
	line := "suppressed: nothing of this " + map[bool]string{true: "browser", false: "person"}[s.Kind == "client_id"] + " is sent any more"
	if s.Together > 0 {
		line += fmt.Sprintf(", nor under what was seen together with it (identifiers: %d)", s.Together)
	}
	return line
}

type subjectDelete struct {
	subjectPick
	Why  string `help:"Who asked for it: kept with the entry." placeholder:"TEXT"`
	JSON bool   `name:"json" help:"Print the answer as JSON."`
}

// Run deletes what can be deleted and prints what happened to it at each destination.
func (d subjectDelete) Run(w *cli.World) error {
	c, err := w.Client()
	if err != nil {
		return err
	}
	var answer struct {
		Suppressed   bool                `json:"suppressed"`
		Person       subjects.Suppressed `json:"person"`
		Destinations []subjects.Erasure  `json:"destinations"`
	}
	if err := c.Do(w.Ctx, "POST", "/api/subjects/delete", nil, d.body(d.Why), &answer); err != nil {
		return err
	}
	if d.JSON {
		return w.JSON(answer)
	}
	fmt.Fprintln(w.Out, understood(answer.Person.Understood))
	fmt.Fprintln(w.Out, suppressedLine(answer.Person)+"; what the log holds goes when its time is over (queue: keep:)")
	failed := 0
	for _, e := range answer.Destinations {
		fmt.Fprintf(w.Out, "\n%s\n", e.Destination)
		for _, line := range erasureLines(e) {
			fmt.Fprintf(w.Out, "  %s\n", line)
		}
		if e.Error != "" {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d destinations could not remove what they hold", failed)
	}
	return nil
}

type subjectRequests struct {
	JSON bool `name:"json" help:"Print the answer as JSON."`
}

// Run lists the privacy requests that came by senders.
func (r subjectRequests) Run(w *cli.World) error {
	c, err := w.Client()
	if err != nil {
		return err
	}
	var answer struct {
		Requests []subjects.Asked `json:"requests"`
	}
	if err := c.Do(w.Ctx, "GET", "/api/subjects/requests", nil, nil, &answer); err != nil {
		return err
	}
	if r.JSON {
		return w.JSON(answer)
	}
	if len(answer.Requests) == 0 {
		fmt.Fprintln(w.Errors, "no sender has asked for anything")
		return nil
	}
	table := cli.NewTable("time", "source", "asked for", "reference", "ids", "state", "to act at", "id")
	for _, a := range answer.Requests {
		table.Row(a.Time.Format(time.DateTime), a.Source, a.Do, dash(a.Reference), len(a.Person),
			a.State, dash(strings.Join(append(a.At, a.Failed...), ", ")), a.ID)
	}
	return table.Print(w.Out)
}

type subjectDone struct {
	ID  string `arg:"" help:"The request's id, as subject requests lists it."`
	Why string `help:"What was done, a ticket. It is kept with the request and in the audit log."`
}

// Run notes that people did what a request asks for.
func (d subjectDone) Run(w *cli.World) error {
	c, err := w.Client()
	if err != nil {
		return err
	}
	var done subjects.Asked
	if err := c.Do(w.Ctx, "POST", "/api/subjects/requests/"+url.PathEscape(d.ID)+"/done", nil, map[string]string{"why": d.Why}, &done); err != nil {
		return err
	}
	fmt.Fprintf(w.Out, "%s of %s, asked for on %s, is done\n", done.Do, done.Source, done.Time.Format(time.DateOnly))
	return nil
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

type subjectLink struct {
	subjectPick
	For time.Duration `help:"How long the link is valid." default:"720h"`
}

// Run prints a signed link, which needs the site's own host in front.
func (l subjectLink) Run(w *cli.World) error {
	c, err := w.Client()
	if err != nil {
		return err
	}
	body := l.body("")
	body["for"] = l.For.String()
	var answer struct {
		Link string `json:"link"`
	}
	if err := c.Do(w.Ctx, "POST", "/api/subjects/link", nil, body, &answer); err != nil {
		return err
	}
	fmt.Fprintln(w.Out, answer.Link)
	return nil
}

func erasureLines(e subjects.Erasure) (lines []string) {
	say := func(n int, text string) {
		if n > 0 {
			lines = append(lines, fmt.Sprintf(text, n))
		}
	}
	say(e.Stopped, "%d pending: will not be sent")
	say(e.Dropped, "%d dead letters dropped")
	say(e.Delivered, "%d of the events still in the log were delivered before")
	say(e.Elsewhere, "%d belong to another Headgate of the cluster: run this there too")
	say(int(e.Removed), "%d rows removed")
	if e.Error != "" {
		lines = append(lines, "nothing removed: "+e.Error)
	}
	if len(e.Remains) > 0 {
		lines = append(lines, "still in "+strings.Join(e.Remains, "\n           "))
	}
	if e.Advice != "" {
		lines = append(lines, e.Advice)
	}
	if len(lines) == 0 {
		lines = []string{"nothing found"}
	}
	return lines
}
