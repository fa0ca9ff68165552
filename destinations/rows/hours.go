package rows

import "time"

// hourName is how the pieces are called of stores that keep rows by the hour in which they were received, in UTC.
const hourName = "2006-01-02T15"

// HourPiece names the piece of the hour that a time lies in.
func HourPiece(t time.Time) string { return t.UTC().Format(hourName) }

// HourOf returns the span of a piece that HourPiece has named.
func HourOf(piece string) (since, until time.Time, err error) {
	since, err = time.Parse(hourName, piece)
	return since, since.Add(time.Hour), err
}
