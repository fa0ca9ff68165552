// Package format is how the log is laid out on disk: groups of events as frames, records of what was not simply delivered,
// checkpoints, and the sums of a high-water mark. Bytes in, values out, and back; it stores nothing.
//
// Logs written by earlier versions stay readable: a change of a layout gets a new version number, and the decoder of the old one
// stays.
package format
