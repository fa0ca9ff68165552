package commands

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"time"

	"headgate/commands/cli"
	"headgate/event/trace"
	"headgate/insight"
)

type insightVerbs struct {
	Live      insightLive      `cmd:"" help:"Who is on the site now."`
	Overview  insightOverview  `cmd:"" help:"Visitors, sessions, events, conversions and their value."`
	Funnel    insightFunnel    `cmd:"" help:"How far visitors came through the steps of a funnel."`
	Paths     insightPaths     `cmd:"" help:"What visitors did next, or before."`
	Carts     insightCarts     `cmd:"" help:"What became of carts."`
	Campaigns insightCampaigns `cmd:"" help:"What campaigns brought and cost."`
	Rising    insightRising    `cmd:"" help:"What happens more often than usual, now."`
	Searches  insightSearches  `cmd:"" help:"What visitors searched for on the site."`
	Retention insightRetention `cmd:"" help:"Who came back, by the week of their first visit."`
	Segments  insightSegments  `cmd:"" help:"How many visitors belong to each segment."`
	Visitor   insightVisitor   `cmd:"" help:"What one visitor did."`
	Rebuild   insightRebuild   `cmd:"" help:"Count again from the log."`
}

// insightAsk is what every question takes.
type insightAsk struct {
	Site   string `help:"Of this site only." placeholder:"SITE"`
	Since  string `help:"From then on: 7d, or 2026-11-22T10:00:00Z." placeholder:"TIME"`
	Until  string `help:"Until then." placeholder:"TIME"`
	Filter string `help:"Only events for which this formula holds." placeholder:"FORMULA"`
	JSON   bool   `name:"json" help:"Print the answer of the API." xor:"form"`
	CSV    bool   `name:"csv" help:"Print CSV." xor:"form"`
}

// ask prints the answer to a question: as a table, or as it came.
func (a *insightAsk) ask(w *cli.World, name string, more ...string) error {
	c, err := w.Client()
	if err != nil {
		return err
	}
	q := url.Values{}
	for i, one := 0, append([]string{"site", a.Site, "since", a.Since, "until", a.Until, "filter", a.Filter}, more...); i < len(one); i += 2 {
		if one[i+1] != "" {
			q.Set(one[i], one[i+1])
		}
	}
	if a.JSON {
		var said any
		if err := c.Do(w.Ctx, "GET", "/api/insight/"+name, q, nil, &said); err != nil {
			return err
		}
		return w.JSON(said)
	}
	c.Accept = "text/csv"
	resp, err := c.Open(w.Ctx, "GET", "/api/insight/"+name, q, nil)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if a.CSV {
		_, err = io.Copy(w.Out, resp.Body)
		return err
	}
	return printRows(w, resp.Body)
}

// printRows prints CSV in columns.
func printRows(w *cli.World, text io.Reader) error {
	in := csv.NewReader(text)
	in.FieldsPerRecord = -1
	rows, err := in.ReadAll()
	if err != nil {
		return fmt.Errorf("the answer broke off: %w", err)
	}
	if len(rows) < 2 {
		fmt.Fprintln(w.Errors, "nothing was counted that answers this")
		return nil
	}
	for _, row := range rows {
		for i := range row {
			row[i] = trace.Visible(row[i])
		}
	}
	return (&cli.Table{Rows: rows}).Print(w.Out)
}

type insightLive struct {
	insightAsk
	Minutes int `default:"5" help:"Of the last so many minutes, up to 30."`
}

// Run asks for the pages that are looked at.
func (v insightLive) Run(w *cli.World) error {
	return v.ask(w, "live", "minutes", strconv.Itoa(v.Minutes))
}

type insightOverview struct {
	insightAsk
	By string `help:"By event, page, source, medium, campaign, country, device, referrer or site." placeholder:"COLUMN"`
}

// Run asks for the sums.
func (v insightOverview) Run(w *cli.World) error { return v.ask(w, "overview", "by", v.By) }

type insightFunnel struct {
	insightAsk
	Name    string `arg:"" optional:"" help:"A funnel of the configuration."`
	Steps   string `help:"Instead of a name: events, divided by commas." placeholder:"EVENTS"`
	Within  string `help:"How long an attempt lasts." placeholder:"TIME"`
	Mode    string `help:"ordered, strict or any." placeholder:"MODE"`
	Per     string `help:"visitor or session." placeholder:"UNIT"`
	Without string `help:"Events that end an attempt, divided by commas." placeholder:"EVENTS"`
	By      string `help:"Also by event, page, source, medium, campaign, country, device, referrer or site; in --json." placeholder:"COLUMN"`
}

// Run asks for a funnel.
func (v insightFunnel) Run(w *cli.World) error {
	return v.ask(w, "funnel", "name", v.Name, "steps", v.Steps, "within", v.Within, "mode", v.Mode, "per", v.Per, "without", v.Without, "by", v.By)
}

type insightPaths struct {
	insightAsk
	From     string `default:"page_view" help:"The event from which on."`
	Page     string `help:"Only from this page." placeholder:"PATH"`
	Previous bool   `help:"What they did before."`
	Steps    int    `default:"1" help:"How many steps are followed, up to 10; more than one in --json as a tree."`
}

// Run asks for the next steps.
func (v insightPaths) Run(w *cli.World) error {
	direction := "next"
	if v.Previous {
		direction = "previous"
	}
	return v.ask(w, "paths", "from", v.From, "page", v.Page, "direction", direction, "steps", strconv.Itoa(v.Steps))
}

type insightCarts struct{ insightAsk }

// Run asks for the carts.
func (v insightCarts) Run(w *cli.World) error { return v.ask(w, "carts") }

type insightCampaigns struct {
	insightAsk
	Model    string `help:"last_touch, first_touch, last_non_direct, linear or position." placeholder:"MODEL"`
	Lookback string `help:"How long before a conversion a session counts." placeholder:"TIME"`
}

// Run asks for the campaigns.
func (v insightCampaigns) Run(w *cli.World) error {
	return v.ask(w, "campaigns", "model", v.Model, "lookback", v.Lookback)
}

type insightRising struct {
	insightAsk
	Of string `help:"page, event, campaign or search." placeholder:"WHAT"`
}

// Run asks for what is rising.
func (v insightRising) Run(w *cli.World) error { return v.ask(w, "rising", "of", v.Of) }

type insightSearches struct{ insightAsk }

// Run asks for the searches.
func (v insightSearches) Run(w *cli.World) error { return v.ask(w, "searches") }

type insightRetention struct{ insightAsk }

// Run asks for the cohorts.
func (v insightRetention) Run(w *cli.World) error { return v.ask(w, "retention") }

type insightSegments struct{ insightAsk }

// Run asks for the segments.
func (v insightSegments) Run(w *cli.World) error { return v.ask(w, "segments") }

type insightVisitor struct {
	insightAsk
	ID string `arg:"" help:"A client id, or a visitor as other answers name one."`
}

// Run asks for the steps of a visitor.
func (v insightVisitor) Run(w *cli.World) error { return v.ask(w, "visitors/"+url.PathEscape(v.ID)) }

type insightRebuild struct {
	Since string `help:"From then on: 30d, or a time; everything that the log has when left out." placeholder:"TIME"`
	From  string `help:"Also what is older than the log, from a destination of parquet, jsonl, clickhouse or postgres; --since says from when on." placeholder:"NAME"`
}

// Run has insight count again, and shows how far it has come.
func (v insightRebuild) Run(w *cli.World) error {
	c, err := w.Client()
	if err != nil {
		return err
	}
	if v.From != "" && v.Since == "" {
		return cli.Wrong("--from %s reads what is older than the log: say since when with --since 30d", v.From)
	}
	from, err := cli.Since(v.Since)
	if err != nil {
		return err
	}
	resp, err := c.Open(w.Ctx, "POST", "/api/insight/rebuild", nil, map[string]any{"since": from, "from": v.From})
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	out := io.Discard
	if w.Terminal {
		out = w.Errors
	}
	bar := cli.NewBar(out, 0)
	dec := json.NewDecoder(resp.Body)
	for {
		var line struct {
			insight.Progress
			Error string `json:"error"`
		}
		if err := dec.Decode(&line); err != nil {
			return fmt.Errorf("the answer broke off: %w", err)
		}
		if line.Error != "" {
			return errors.New(line.Error)
		}
		bar.ChangeMax64(max(1, int64(line.Total)))
		if err := bar.Set64(int64(line.Read)); err != nil {
			return err
		}
		if line.Done {
			fmt.Fprintf(w.Out, "counted again what was accepted since %s; older days are as they were\n", line.Since.UTC().Format(time.RFC3339))
			return errors.Join(bar.Finish(), bar.Clear())
		}
	}
}
