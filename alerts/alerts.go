// Package alerts finds what a person should know of a running Headgate without having looked: events that stop coming, a destination
// that refuses them, consent that moved, a field that went missing, a certificate that ends. Each alert says its cause down to the
// rule, the field, the purpose or the vendor's words, says what to do next, and closes itself when the cause is gone.
//
// It promises that detectors are pure functions of Facts, that an alert is raised once however often its cause is seen and however
// often the process restarts, and that too little evidence neither raises nor closes one. It reads no counters, sends nothing and
// holds nothing about a person: facts are brought to it, and what it has to say is taken from it.
package alerts

import (
	"time"
)

// The kinds of alerts, in the order in which they are shown.
const (
	Volume      = "volume"             // events or conversions of a site that do not come as usual
	Halted      = "destination_halted" // a destination refuses our settings
	Failing     = "destination"        // too few deliveries succeed
	Lag         = "destination_lag"    // the oldest pending event is too old
	DeadLetters = "dead_letters"       // more and more events are rejected
	Consent     = "consent"            // the share of visitors that grant a purpose moved
	Signals     = "signals"            // a consent signal cannot be read
	Rules       = "rules"              // a filter leaves out what it used to let through
	Fields      = "fields"             // a field that destinations need is filled less
	Funnel      = "funnel"             // fewer visitors than usual go on to a step
	Duplicates  = "duplicates"         // events that come twice
	Clock       = "clock"              // clocks of senders, or of this machine, are wrong
	Disk        = "disk"               // little space is left
	LogDamage   = "log_damage"         // a part of what is on disk is missing or unreadable
	Certificate = "certificate"        // it ends soon
	Token       = "token"              // it ends soon
	APIVersion  = "api_version"        // the vendor stops serving it soon
)

// Kinds are all kinds of alerts.
func Kinds() []string {
	return []string{Volume, Halted, Failing, Lag, DeadLetters, Consent, Signals, Rules, Fields, Funnel, Duplicates, Clock, Disk, LogDamage,
		Certificate, Token, APIVersion}
}

// urgent kinds are those that lose events, or soon will, unless a person acts.
var urgent = [...]string{Volume, Halted, Failing, DeadLetters, Disk, LogDamage}

// Finding is what a detector sees.
type Finding struct {
	Kind        string
	Site        string // "" when it is about none
	Destination string
	About       string // what else tells it apart: an event, a purpose, a field
	Cause       string // a sentence
	Next        string // what to do, a sentence or two
	Stake       *Stake
	Unsure      bool // too little is known: an alert that is open stays open
}

// Stake is what is missing against the usual.
type Stake struct {
	Count    int64   `json:"count"`
	Value    float64 `json:"value"` // in major units
	Currency string  `json:"currency"`
}

// key is the same for the same trouble.
func (f *Finding) key() string {
	return f.Kind + "\x00" + f.Site + "\x00" + f.Destination + "\x00" + f.About
}

// Alert is a trouble from when it was first seen until it was gone.
type Alert struct {
	ID          string     `json:"id"`
	Kind        string     `json:"kind"`
	Since       time.Time  `json:"since"`
	Until       *time.Time `json:"until"` // nil while it is open
	Site        string     `json:"site"`
	Destination string     `json:"destination"`
	About       string     `json:"about"`
	Cause       string     `json:"cause"`
	Next        string     `json:"next"`
	Link        string     `json:"link"` // a page of the console
	Urgent      bool       `json:"urgent"`
	AtStake     *Stake     `json:"at_stake,omitempty"`
}

// linkOf is the page of the console that shows more.
func linkOf(f *Finding) string {
	switch f.Kind {
	case Consent, Signals:
		return "/consent"
	case Rules, Certificate:
		return "/configuration"
	case Funnel:
		return "/insight/funnels/" + funnelOf(f.About)
	case Disk, LogDamage, Clock, Duplicates:
		return "/"
	}
	switch {
	case f.Destination != "":
		return "/destinations/" + f.Destination
	case f.Kind == Volume && f.About != "":
		return "/conversions"
	}
	return "/"
}
