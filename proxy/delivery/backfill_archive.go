package delivery

import (
	"context"
	"fmt"
	"slices"

	"headgate/destinations"
	"headgate/event"
)

// fromArchive delivers what another destination keeps in files, in batches of one file each: those of the same file are always the same.
func (f *filling) fromArchive(ctx context.Context, ds *Deliveries) error {
	from, err := ds.Find(f.From)
	switch {
	case err != nil:
		return cannot("--from %w; write log, or a destination that keeps files", err)
	case f.From == f.To:
		return cannot("%s would be loaded into itself", f.To)
	}
	archive := from.Target().destination.Archive()
	need := &f.target.configured.Need
	switch v := &need.Vendor; {
	case archive == nil:
		return cannot("%s keeps nothing that can be read again; write --from log, or a destination of parquet, jsonl, clickhouse or postgres", f.From)
	case v.TCF > 0 || v.AC > 0 || v.Publisher:
		return cannot("%s asks for consent to a vendor, which an archive does not keep; write --from log", f.To)
	}
	names, err := archive.List(ctx, f.Since, f.Until)
	if err != nil {
		return err
	}
	f.filled.Of = int64(len(names))
	if f.filled.At != "" {
		at := slices.Index(names, f.filled.At)
		if at < 0 {
			return cannot("the file where it ended is gone: %s; begin anew with --again", f.filled.At)
		}
		f.filled.Read, names = int64(at+1), names[at+1:]
	}
	f.progress(f.filled)
	for _, name := range names {
		if err := f.file(ctx, archive, name); err != nil {
			return err
		}
		f.filled.Read++
		if err := f.done(name); err != nil {
			return err
		}
	}
	return nil
}

// file delivers the events of one file.
func (f *filling) file(ctx context.Context, archive destinations.Archive, name string) error {
	settings := f.target.destination.Delivery()
	most := f.target.room / settings.AtOnce
	var batch []item
	held, index := 0, -1
	var failed error
	err := archive.Read(ctx, name, func(row event.Map) bool {
		index++
		e, err := destinations.EventOf(row)
		if err != nil {
			failed = cannot("%s, row %d: %w", name, index+1, err)
			return false
		}
		if e.ID == "" || e.Received.Before(f.Since) || !e.Received.Before(f.Until) {
			return true
		}
		stored := f.remembered(e)
		sent, _ := f.prepare(stored)
		if sent == nil {
			return true
		}
		size := stored.Held()
		batch = append(batch, item{stored: stored, checked: f.target.parts.Policy.Suppression.Changes(),
			sending: destinations.Sending{Event: sent, Consent: &stored.Consent, Attempt: 1, Place: destinations.Place{Writer: "file " + name, Group: 1, Index: index}}})
		if held += size; len(batch) >= settings.Events || held >= most {
			failed = f.send(ctx, batch, nil)
			batch, held = nil, 0
		}
		return failed == nil && ctx.Err() == nil
	})
	switch {
	case failed != nil:
		return failed
	case err != nil:
		return err
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return f.send(ctx, batch, nil)
}

// remembered is the decision about an event of an archive: only what the event itself says was granted is. What else was decided is
// not kept there.
func (f *filling) remembered(e *event.Event) *event.Decision {
	d := &event.Decision{Event: *e, Consent: event.Record{Country: e.Geo.Country, Region: e.Geo.Region}}
	for _, purpose := range f.target.parts.Policy.Purposes() {
		state := event.State{Purpose: purpose, State: "denied", Basis: "signal", Source: fmt.Sprintf("the archive %s", f.From)}
		if granted, _ := e.Consent.Get(purpose).Bool(); granted {
			state.State = "granted"
		}
		d.Consent.States = append(d.Consent.States, state)
	}
	return d
}
