// Package parquettest reads Parquet files back, by the library's own reader of Go structs, which the driver does not write with. It is
// imported by tests only.
package parquettest

import (
	"bytes"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"headgate/event"
)

type item struct {
	ID       *string  `parquet:"id,optional"`
	Price    *float64 `parquet:"price,optional"`
	Quantity *float64 `parquet:"quantity,optional"`
	Params   *string  `parquet:"params,optional"`
}

type row struct {
	ID       *string    `parquet:"id,optional"`
	Name     *string    `parquet:"name,optional"`
	Time     *time.Time `parquet:"time,optional,timestamp(millisecond)"`
	Received *time.Time `parquet:"received,optional,timestamp(millisecond)"`
	Email    *string    `parquet:"user_email,optional"`
	URL      *string    `parquet:"page_url,optional"`
	Title    *string    `parquet:"page_title,optional"`
	Engaged  bool       `parquet:"session_engaged"`
	Number   *int64     `parquet:"session_number,optional"`
	Params   *string    `parquet:"params,optional"`
	Items    []item     `parquet:"items,list"`
}

// Read returns the rows of a file of events as parquet-go reads them.
func Read(t testing.TB, file []byte) (rows []event.Map) {
	t.Helper()
	list := As[row](t, file)
	for i := range list {
		rows = append(rows, list[i].object(t))
	}
	return rows
}

func (r *row) object(t testing.TB) (o event.Map) {
	text := func(o *event.Map, key string, s *string) {
		if s != nil {
			o.Add(key, event.String(*s))
		}
	}
	nested := func(o *event.Map, key string, s *string) {
		if s == nil {
			return
		}
		v, err := event.ParseJSON([]byte(*s))
		if err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		o.Add(key, v)
	}
	number := func(o *event.Map, key string, f *float64) {
		if f != nil {
			o.Add(key, event.Float(*f))
		}
	}
	text(&o, "id", r.ID)
	text(&o, "name", r.Name)
	text(&o, "user_email", r.Email)
	text(&o, "page_url", r.URL)
	text(&o, "page_title", r.Title)
	for key, at := range map[string]*time.Time{"time": r.Time, "received": r.Received} {
		if at != nil {
			o.Add(key, event.TimeValue(*at))
		}
	}
	if r.Engaged {
		o.Add("session_engaged", event.Boolean(true))
	}
	if r.Number != nil {
		o.Add("session_number", event.Float(float64(*r.Number)))
	}
	nested(&o, "params", r.Params)
	var items []event.Value
	for _, it := range r.Items {
		var one event.Map
		text(&one, "id", it.ID)
		number(&one, "price", it.Price)
		number(&one, "quantity", it.Quantity)
		nested(&one, "params", it.Params)
		items = append(items, event.ObjectOf(one))
	}
	if items != nil {
		o.Add("items", event.ListOf(items...))
	}
	return o
}

// As reads a file into structs.
func As[T any](t testing.TB, file []byte) []T {
	t.Helper()
	r := parquet.NewGenericReader[T](bytes.NewReader(file))
	defer r.Close()
	list := make([]T, r.NumRows())
	if n, err := r.Read(list); n != len(list) {
		t.Fatalf("%d rows of %d: %v", n, len(list), err)
	}
	return list
}
