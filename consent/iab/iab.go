// Package iab reads the consent strings of the IAB: TCF with Google's additional consent, GPP and US Privacy. Each string
// becomes a plain result that says what stands in it. It knows neither purposes of ours nor policy, does no I/O, and never
// panics on foreign bytes.
package iab

// MaxLength bounds what is read of one string; TC strings with many vendors are the longest.
const MaxLength = 16 << 10
