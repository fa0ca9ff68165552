// Package store keeps what insight counts: a row per event, newest in memory, the rest in Parquet files by day (UTC), sorted by
// visitor and then time. A question is one pass over them with no join and no sort.
//
// It promises that a crash leaves the store as of its last flush, together with the place in the log up to which its rows reach;
// that every reader sees each row once; and that a visitor who is erased is in no file any more. It is derived from the log: it can
// be deleted, and everything in it is counted again. It never asks who a visitor is: all it knows are keyed hashes.
package store

import (
	"headgate/insight/count"
)

// Record is a row with its texts: a line of a file.
type Record struct {
	Visitor  uint64 `parquet:"visitor"`
	Time     int64  `parquet:"time,timestamp(millisecond),delta"`
	ID       uint32 `parquet:"id"`
	Value    int64  `parquet:"value"`
	Site     string `parquet:"site,dict"`
	Event    string `parquet:"event,dict"`
	Page     string `parquet:"page,dict"`
	Referrer string `parquet:"referrer_class,dict"`
	Source   string `parquet:"source,dict"`
	Medium   string `parquet:"medium,dict"`
	Campaign string `parquet:"campaign,dict"`
	Country  string `parquet:"country,dict"`
	Device   string `parquet:"device,dict"`
	Currency string `parquet:"currency,dict"`
	Order    string `parquet:"order_id,dict"`
	Term     string `parquet:"search_term,dict"`
	Items    string `parquet:"items,dict"`
}

// firstText is the place of the first column of texts in a file.
const firstText = 4

// row returns the record as a row with symbols.
func (r *Record) row(s *count.Symbols) count.Row {
	return count.Row{Visitor: r.Visitor, Time: r.Time, ID: r.ID, Value: r.Value, Site: s.ID(r.Site), Event: s.ID(r.Event), Page: s.ID(r.Page),
		Referrer: s.ID(r.Referrer), Source: s.ID(r.Source), Medium: s.ID(r.Medium), Campaign: s.ID(r.Campaign), Country: s.ID(r.Country),
		Device: s.ID(r.Device), Currency: s.ID(r.Currency), Order: s.ID(r.Order), Term: s.ID(r.Term), Items: s.ID(r.Items)}
}

// recordOf returns a row with its texts.
func recordOf(r *count.Row, s *count.Symbols) Record {
	return Record{Visitor: r.Visitor, Time: r.Time, ID: r.ID, Value: r.Value, Site: s.Text(r.Site), Event: s.Text(r.Event), Page: s.Text(r.Page),
		Referrer: s.Text(r.Referrer), Source: s.Text(r.Source), Medium: s.Text(r.Medium), Campaign: s.Text(r.Campaign), Country: s.Text(r.Country),
		Device: s.Text(r.Device), Currency: s.Text(r.Currency), Order: s.Text(r.Order), Term: s.Text(r.Term), Items: s.Text(r.Items)}
}

// dayOf is the number of the day, UTC, in which a time lies.
func dayOf(t int64) int64 {
	d := t / count.Day
	if t%count.Day < 0 {
		d--
	}
	return d
}
