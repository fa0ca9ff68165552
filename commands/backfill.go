package commands

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/schollz/progressbar/v3"

	"headgate/commands/cli"
	"headgate/proxy/resend"
)

type warehouseBackfill struct {
	From   string `required:"" help:"Where events are taken from: log, or a destination of parquet, jsonl, clickhouse or postgres." placeholder:"log|NAME"`
	To     string `required:"" help:"Destination that they are loaded into." placeholder:"NAME"`
	Since  string `required:"" help:"Events received since then: 2h, 30d, or 2026-11-22T10:00:00Z." placeholder:"TIME"`
	Until  string `help:"And before then; now when left out." placeholder:"TIME"`
	Where  string `help:"Only events for which this formula holds." placeholder:"FORMULA"`
	Again  bool   `help:"Begin anew, although an earlier one of the same has not ended."`
	DryRun bool   `help:"Count, send nothing."`
	Yes    bool   `help:"Do not ask, even when events may be counted twice." short:"y"`
}

// Run asks the running process and shows how far it has come. Broken off, the same command goes on where it ended.
func (b warehouseBackfill) Run(w *cli.World) error {
	c, err := w.Client()
	if err != nil {
		return err
	}
	if !b.DryRun && !b.Yes {
		means := fmt.Sprintf("%s gets events once more that it may have. What it recognizes, by a batch's name or an event's id, is there once; docs/warehouses.md says what that is.", b.To)
		if err := w.Confirm(means, "Load them?"); err != nil {
			return err
		}
	}
	resp, err := c.Open(w.Ctx, "POST", "/api/backfill", nil, map[string]any{"from": b.From, "to": b.To, "since": b.Since, "until": b.Until,
		"where": b.Where, "again": b.Again, "dry_run": b.DryRun})
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	filled, err := followFilled(w, resp.Body)
	verb := "delivered"
	if b.DryRun {
		verb = "would be delivered"
	}
	fmt.Fprintf(w.Out, "%d events %s to %s, %d withheld, %d rejected\n", filled.Delivered, verb, b.To, filled.Withheld, filled.Rejected)
	if filled.Why != "" {
		fmt.Fprintf(w.Out, "the first was rejected: %s\n", filled.Why)
	}
	if errors.Is(err, context.Canceled) || w.Ctx.Err() != nil {
		return cli.Wrong("broken off; the same command goes on where it ended")
	}
	return err
}

// followFilled reads how far a backfill has come, line by line, shows it on a terminal, and returns where it ended.
func followFilled(w *cli.World, lines io.Reader) (last resend.Filled, err error) {
	var bar *progressbar.ProgressBar
	out := io.Discard
	if w.Terminal {
		out = w.Errors
	}
	for dec := json.NewDecoder(lines); ; {
		var line struct {
			resend.Filled
			Done  bool   `json:"done"`
			Error string `json:"error"`
		}
		if err := dec.Decode(&line); err != nil {
			return last, fmt.Errorf("the answer broke off: %w; the same command goes on where it ended", err)
		}
		if line.Error != "" {
			return last, cli.Wrong("%s", line.Error)
		}
		last = line.Filled
		if bar == nil {
			bar = cli.NewBar(out, line.Of)
		}
		if line.Done {
			return last, errors.Join(bar.Finish(), bar.Clear())
		}
		if err := bar.Set64(min(line.Read, bar.GetMax64())); err != nil {
			return last, err
		}
	}
}
