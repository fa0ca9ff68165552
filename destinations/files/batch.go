package files

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"strconv"
	"strings"
	"time"

	"headgate/destinations"
)

// nameTime is how a file's name begins.
const nameTime = "20060102T150405Z"

// target is where files go, and how large they become.
type target struct {
	format Format
	store  store
	rows   int   // most of a file
	size   int64 // bytes that a file has about at most
}

// batch is a batch whose files are written.
type batch struct {
	events  destinations.Events
	empty   bool
	name    string  // of its files, without folder and extension
	folders folders // of the events
	decided folders // of what was decided about them
}

// folders are where the events of a batch go, by their places in it.
type folders struct {
	names []string // in the order in which these come first
	known map[string]int32
	of    []int32
}

func (f *folders) put(i int, name string) {
	at, there := f.known[name]
	if !there {
		if f.known == nil {
			f.known = map[string]int32{}
		}
		at = int32(len(f.names))
		f.known[name], f.names = at, append(f.names, name)
	}
	for len(f.of) <= i {
		f.of = append(f.of, -1)
	}
	f.of[i] = at
}

// look reads a batch for the first time. Its files are named by the time of receipt of its first event, so that names sort by time, and
// by the batch's own name.
func look(events destinations.Events, folder partition, now func() time.Time) (*batch, error) {
	b := &batch{events: events, empty: true}
	var namer destinations.BatchNamer
	var first time.Time
	err := events(func(i int, s *destinations.Sending) bool {
		if b.empty {
			first, b.empty = received(s.Event.Received, now), false
		}
		namer.Add(&s.Place)
		b.folders.put(i, folder.of(s, now))
		b.decided.put(i, folder.day(s.Event.Received, now))
		return true
	})
	name := namer.Name()
	if name == "" {
		name = strings.ToLower(rand.Text())
	}
	b.name = first.UTC().Format(nameTime) + "-" + name
	return b, err
}

// writeFolders stores the rows that events become below a folder: a file for each partition, and several where they would be too large.
func writeFolders[T any](ctx context.Context, to *target, b *batch, begin NewWriter[T], below string, f *folders, rowsOf func(*destinations.Sending) []*T) (stored []entry, err error) {
	for at, folder := range f.names {
		p := &part[T]{ctx: ctx, to: to, begin: begin, key: join(below, folder, b.name)}
		if err := p.write(b.events, func(i int) bool { return i < len(f.of) && f.of[i] == int32(at) }, rowsOf); err != nil {
			p.abort()
			return nil, err
		}
		stored = append(stored, p.stored...)
	}
	return stored, nil
}

// part is what goes into one folder.
type part[T any] struct {
	ctx   context.Context
	to    *target
	begin NewWriter[T]
	key   string // without number and extension

	list   []*T // to be written
	file   *summed
	writer Writer[T]
	rows   int // of the file
	number int // of the file, from 0
	stored []entry
}

// chunk is how many rows are written between two looks at the file's size.
const chunk = 256

func (p *part[T]) write(events destinations.Events, here func(i int) bool, rowsOf func(*destinations.Sending) []*T) error {
	var failed error
	err := events(func(i int, s *destinations.Sending) bool {
		if !here(i) {
			return true
		}
		for _, row := range rowsOf(s) {
			if p.list = append(p.list, row); len(p.list) >= min(chunk, p.to.rows-p.rows) {
				if failed = p.flush(); failed != nil {
					return false
				}
			}
		}
		return true
	})
	if err == nil {
		err = failed
	}
	if err == nil && len(p.list) > 0 {
		err = p.flush()
	}
	if err == nil && p.writer != nil {
		err = p.complete()
	}
	return err
}

// flush writes the rows that are there, and completes the file when it is full.
func (p *part[T]) flush() error {
	if p.writer == nil {
		key := p.key
		if p.number > 0 {
			key += "-" + strconv.Itoa(p.number)
		}
		key += p.to.format.Extension
		out, err := p.to.store.create(p.ctx, key, p.to.format.ContentType)
		if err != nil {
			return err
		}
		p.file = &summed{output: out, key: key, sum: sha256.New()}
		p.writer = p.begin(p.file)
	}
	if err := p.writer.Write(p.list); err != nil {
		return err
	}
	p.rows += len(p.list)
	clear(p.list)
	p.list = p.list[:0]
	if p.rows >= p.to.rows || p.writer.Size() >= p.to.size {
		return p.complete()
	}
	return nil
}

func (p *part[T]) complete() error {
	if err := p.writer.Close(); err != nil {
		return err
	}
	if err := p.file.commit(); err != nil {
		return err
	}
	p.stored = append(p.stored, entryOf(p.to.store.address(p.file.key), p.file, p.rows))
	p.writer, p.file, p.rows = nil, nil, 0
	p.number++
	return nil
}

// abort leaves nothing of a file that is not complete.
func (p *part[T]) abort() {
	if p.file != nil {
		p.file.abort()
	}
}
