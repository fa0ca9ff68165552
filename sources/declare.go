package sources

import (
	"slices"
	"strings"

	"headgate/document"
	"headgate/event"
)

// Declaration is what is true of one protocol and of no other: its file declares it once, and configuration, reference,
// routing, CORS, enrichment and consent read it here. No other package compares the name of a source or knows the names
// of a protocol's fields.
type Declaration struct {
	Name     string   // its key in the configuration; events carry it as their source
	Help     string   // one line for the reference
	Path     Path     // where it is mounted
	Speakers Speakers // decides whether a connection is the visitor's own

	// Routes are the paths that the source takes when its configured path is path, the first of them the most usual.
	Routes func(path string) []Route
	// Prefix says that the configured path is where the paths of the protocol begin, so that it may be the root.
	Prefix bool
	// Signed says that the protocol refuses whatever its sender did not sign.
	Signed bool
	// Own says that the protocol is our own JSON, in which our script and the command that uploads events speak.
	Own bool
	// Headers are the request headers, in lower case, that clients of this protocol may send from another origin.
	Headers []string

	// Block describes the param in which events keep what is the protocol's own.
	Block event.Block
	// Addresses and Agents are paths below the params at which an event of the protocol states a network address or a user
	// agent on somebody's behalf; None when there are none. What stands there is moved to device.ip, where a server key came
	// with the request, or device.user_agent, and is never left among the params. Read enforces it.
	Addresses, Agents []string

	defaults func() Options
	decode   func(key document.Field) (Options, document.Mistakes)
	open     func(o Options, l Limits) Protocol
}

// Path describes the path at which a source is mounted.
type Path struct {
	Usual   string // where the source is when nothing else is written; "" is the root
	Help    string // one line for the reference
	Example string // "" for the usual one
}

// PostOnly are the Routes of a protocol of one call.
func PostOnly(path string) []Route { return []Route{{Methods: "POST", Path: path}} }

// None declares that a protocol has nothing of a kind; nil is a declaration that was forgotten.
var None = []string{}

// Speakers are who speaks a protocol.
type Speakers uint8

// The speakers. The zero value is a declaration that was forgotten.
const (
	_          Speakers = iota
	Browsers            // nothing but browsers
	Servers             // nothing but servers, which speak for visitors elsewhere
	AllClients          // browsers, apps and servers
)

// sender is who sent a request that proved nothing.
func (s Speakers) sender() event.Sender {
	switch s {
	case Browsers:
		return event.Browser
	case Servers:
		return event.Server
	}
	return event.Anyone
}

// Protocol is the part of a source that is code: pure, and safe for concurrent use.
type Protocol interface {
	// Read reads the events of a hit. An error wraps ErrMalformed, ErrTooLarge, ErrKey or ErrBusy and is answered by Refuse.
	// Some requests, such as one for a settings file, hold no events and are no error.
	Read(h *event.Hit, c Call) (Reading, error)
	// Answer is what the client expects once the events of r are safe. Their ids are given and their Consent is resolved, so that
	// a cookie of the protocol's own can be set where its purpose is granted.
	Answer(h *event.Hit, c Call, r Reading) Answer
	// Refuse is what the client is told when Read or a limit failed.
	Refuse(h *event.Hit, c Call, err error) Answer
}

// Delayer is a Protocol whose clients expect more of a temporary refusal than a status, Retry-After and a JSON error.
type Delayer interface {
	// Delay returns a, which has the status 429 or 503, as the protocol's clients read it.
	Delay(h *event.Hit, c Call, a Answer) Answer
}

// Options are the configuration of one source, a pointer to a struct that embeds Mounting.
type Options interface {
	// Mount returns where the configuration names the source and the path that it is given, which may be changed.
	Mount() (at document.Place, path *string)
}

// Mounting is the part of the configuration that all sources have. A source with no settings of its own uses it as it is; others embed it.
type Mounting struct {
	At   document.Place `yaml:"-"`
	Path string         `yaml:"path"`
}

// Mount implements Options.
func (m *Mounting) Mount() (document.Place, *string) { return m.At, &m.Path }

// Checker is an Options that can be wrong in more than its shape.
type Checker interface {
	Check() document.Mistakes
}

// declared are the declarations of all protocols that are linked into the program. Only Declare writes to it, while their packages
// are initialized.
var declared []*Declaration

// Declare registers a protocol: var _ = sources.Declare(Declaration{...}, newProtocol) in the protocol's file is all it takes. The
// argument of newProtocol is its configuration: Mounting, or a struct that embeds it. Other defaults than the path's are set by its
// SetDefaults, where it has one.
func Declare[O any, P interface {
	*O
	Options
}](d Declaration, open func(O, Limits) Protocol) *Declaration {
	d.defaults = func() Options {
		o := P(new(O))
		_, path := o.Mount()
		*path = d.Path.Usual
		if o, ok := any(o).(document.Defaulter); ok {
			o.SetDefaults()
		}
		return o
	}
	d.decode = func(key document.Field) (Options, document.Mistakes) {
		o := d.defaults()
		return o, document.DecodeKey(key, o)
	}
	d.open = func(o Options, l Limits) Protocol { return open(*o.(P), l) }
	declared = append(declared, &d)
	return &d
}

// Declared lists the declarations of all protocols by their names.
func Declared() []*Declaration {
	all := slices.Clone(declared)
	slices.SortFunc(all, func(a, b *Declaration) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Blocks are the blocks of all protocols, each once. They include those of protocols that are off: the log may hold events
// from when they were on.
func Blocks() (blocks []event.Block) {
	for _, d := range Declared() {
		if d.Block.Param != "" && !slices.Contains(blocks, d.Block) {
			blocks = append(blocks, d.Block)
		}
	}
	return blocks
}

// Missing lists what a declaration forgets to say.
func (d *Declaration) Missing() (parts []string) {
	for part, said := range map[string]bool{
		"Name": d.Name != "", "Help": d.Help != "", "Path": d.Path.Help != "", "Speakers": d.Speakers.isKnown(), "Routes": d.Routes != nil,
		"Addresses": d.Addresses != nil, "Agents": d.Agents != nil, "Headers": d.Headers != nil,
	} {
		if !said {
			parts = append(parts, part)
		}
	}
	slices.Sort(parts)
	return parts
}

func (s Speakers) isKnown() bool { return s >= Browsers && s <= AllClients }
