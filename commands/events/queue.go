package events

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"headgate/commands/cli"
	"headgate/config"
	"headgate/document"
	"headgate/event/trace"
	"headgate/proxy"
	"headgate/proxy/status"
	"headgate/queue"
)

// Queue holds the verbs about the log.
type Queue struct {
	Status queueStatus `cmd:"" help:"How much waits, for whom and since when."`
	Verify queueVerify `cmd:"" help:"Read the whole log of a process that is not running, and report damage."`
	Forget queueForget `cmd:"" help:"Drop what the log holds for a destination that was removed."`
}

type queueStatus struct {
	JSON bool `name:"json" help:"Print the answer of /api/status."`
}

// Run prints the account of every destination.
func (q queueStatus) Run(w *cli.World) error {
	c, status, err := statusOf(w)
	if err != nil {
		return err
	}
	if q.JSON {
		return w.JSON(status)
	}
	if err := account(w, &status); err != nil {
		return err
	}
	var cluster proxy.Cluster
	if err := c.Do(w.Ctx, "GET", "/api/cluster", nil, nil, &cluster); err != nil || !cluster.Clustered {
		return err
	}
	return accountOfCluster(w, &cluster)
}

// accountOfCluster prints which Headgates accept events, and who delivers those of the ones that are gone.
func accountOfCluster(w *cli.World, cluster *proxy.Cluster) error {
	fmt.Fprintln(w.Out)
	table := cli.NewTable("headgate", "state", "accepted", "pending", "delivered by", "since", "configuration", "not running")
	for i := range cluster.Writers {
		one := &cluster.Writers[i]
		by, since := one.HeldBy, one.Saved
		if by == "" {
			by = "nobody"
		}
		if one.Started != nil {
			since = one.Started
		}
		var idle []string
		for _, name := range slices.Sorted(maps.Keys(one.Destinations)) {
			if state := one.Destinations[name].State; state != "" {
				idle = append(idle, name+" "+state)
			}
		}
		table.Row(one.Name, one.State, one.Accepted, one.Pending, by, inWordsSince(since), shortHash(one.Config), strings.Join(idle, ", "))
	}
	return table.Print(w.Out)
}

func inWordsSince(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func shortHash(hash string) string { return hash[:min(len(hash), 8)] }

// statusOf asks the running process for its status.
func statusOf(w *cli.World) (c *cli.Client, out status.Status, err error) {
	if c, err = w.Client(); err == nil {
		err = c.Do(w.Ctx, "GET", "/api/status", nil, nil, &out)
	}
	return c, out, err
}

// account prints the account of every destination. What vendors say is printed so that it cannot steer the terminal.
func account(w *cli.World, status *status.Status) error {
	fmt.Fprintf(w.Out, "accepted %d events   pending %d events   on disk %s\n", status.Accepted, status.Queue.Pending, readableSize(status.Queue.Bytes))
	if status.Queue.Damage != "" {
		fmt.Fprintf(w.Out, "damage   %s\n", trace.Visible(status.Queue.Damage))
	}
	table := cli.NewTable("destination", "state", "delivered", "filtered", "denied", "rejected", "pending", "retrying", "lag", "last error")
	for _, name := range slices.Sorted(maps.Keys(status.Destinations)) {
		d := status.Destinations[name]
		table.Row(name, d.State, d.Delivered, d.Filtered, d.Denied, d.Rejected, d.Pending, d.Retrying, fmt.Sprintf("%.0f s", d.LagSeconds), trace.Visible(d.LastError))
	}
	if err := table.Print(w.Out); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(status.Orphans)) {
		fmt.Fprintf(w.Out, "removed destination %s: %s; put it back, or run `headgate queue forget %s`\n", name, inWords(status.Orphans[name]), name)
	}
	return nil
}

// readableSize is a number of bytes with three digits that count and a unit.
func readableSize[N int64 | uint64 | int](bytes N) string {
	f, unit := float64(bytes), "B"
	for _, next := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if f < 1000 {
			break
		}
		f, unit = f/1024, next
	}
	if unit == "B" || f >= 100 {
		return fmt.Sprintf("%.0f %s", f, unit)
	}
	return fmt.Sprintf("%.1f %s", f, unit)
}

func inWords(o status.Orphan) string {
	return fmt.Sprintf("%d events pending (%d of them retrying), %d dead letters", o.Pending, o.Retrying, o.DeadLetters)
}

type queueForget struct {
	Name string `arg:"" help:"Destination that is no longer in the configuration."`
	Yes  bool   `help:"Do not ask." short:"y"`
}

// Run says what is lost, asks, and has the running process forget it.
func (q queueForget) Run(w *cli.World) error {
	c, status, err := statusOf(w)
	if err != nil {
		return err
	}
	held, known := status.Orphans[q.Name]
	if _, inForce := status.Destinations[q.Name]; inForce {
		return cli.Wrong("destination %q is in force: take it out of the configuration and reload first", q.Name)
	}
	if !known {
		said := fmt.Sprintf("nothing is held for a removed destination %q", q.Name)
		if like := document.DidYouMean(q.Name, slices.Sorted(maps.Keys(status.Orphans))); like != "" {
			said += "; " + like
		}
		return cli.Wrong("%s", said)
	}
	if !q.Yes {
		if err := w.Confirm(fmt.Sprintf("%s: %s are lost for good.", q.Name, inWords(held)), "Forget them?"); err != nil {
			return err
		}
	}
	if err := c.Do(w.Ctx, "DELETE", "/api/orphans/"+url.PathEscape(q.Name), nil, nil, &held); err != nil {
		return err
	}
	fmt.Fprintf(w.Out, "%s is forgotten: %s\n", q.Name, inWords(held))
	return nil
}

type queueVerify struct{}

// Run reads everything and reports; damage is the machine's fault.
func (queueVerify) Run(w *cli.World) error {
	loaded, mistakes := config.Load(w.Path, w.Env())
	if loaded == nil {
		return mistakes.Err()
	}
	ctx, cancel := context.WithCancel(w.Ctx)
	defer cancel()
	found, err := queue.Verify(ctx, queue.Options{Dir: loaded.Config.Data.Value, Config: loaded.Config.Queue, Logger: cli.NewLogger(loaded.Config.Log, w.Errors)})
	if err != nil {
		return err
	}
	fmt.Fprintf(w.Out, "%d groups with %d events, %d retries, %d dead letters, %s\n", found.Groups, found.Events, found.Retries, found.DeadLetters, readableSize(found.Bytes))
	if len(found.Damage) == 0 {
		fmt.Fprintln(w.Out, "ok: everything is readable and nothing is missing")
		return nil
	}
	var facts []string
	for _, d := range found.Damage {
		facts = append(facts, d.What)
	}
	return fmt.Errorf("the log is damaged: %s", strings.Join(facts, "; "))
}

// Orphans warns of destinations for which the running process, if there is one, has events pending and that a configuration
// would take away or leave away.
func Orphans(w *cli.World, parts *config.Parts) (warnings []string) {
	c, err := w.Client()
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(w.Ctx, lookTimeout)
	defer cancel()
	var status status.Status
	if c.Do(ctx, "GET", "/api/status", nil, nil, &status) != nil {
		return nil // none is running
	}
	pending := map[string]int64{}
	for name, d := range status.Destinations {
		pending[name] = d.Pending
	}
	for name, o := range status.Orphans {
		pending[name] = o.Pending
	}
	for _, d := range parts.Destinations {
		delete(pending, d.Name())
	}
	for _, name := range slices.Sorted(maps.Keys(pending)) {
		if n := pending[name]; n > 0 {
			warnings = append(warnings, fmt.Sprintf("the running process has %d events pending for destination %s, which this configuration has not or switches off: "+
				"the log keeps them until they are delivered or you run `headgate queue forget %s`", n, name, name))
		}
	}
	return warnings
}

// lookTimeout bounds how long a check waits for a running process, which need not be there.
const lookTimeout = 2 * time.Second
