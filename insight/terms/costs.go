package terms

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"headgate/document"
)

// Cost is what a campaign cost on a day.
type Cost struct {
	Day                      int64 // Unix milliseconds of its beginning, UTC
	Source, Medium, Campaign string
	Cost                     float64
}

// CostsOf returns the costs of a period in Unix milliseconds, by day.
func (t *Terms) CostsOf(since, until int64) (list []Cost) {
	for _, c := range t.costs {
		if c.Day+24*3600*1000 > since && c.Day < until {
			list = append(list, c)
		}
	}
	return list
}

// Path is where the table is: a relative path starts at the file that names it.
func (c *Costs) Path() string {
	if filepath.IsAbs(c.File.Value) {
		return c.File.Value
	}
	return filepath.Join(filepath.Dir(c.File.At.File), c.File.Value)
}

var costColumns = []string{"date", "source", "medium", "campaign", "cost"}

func readCosts(c *Costs, read func(string) ([]byte, error)) (list []Cost, ms document.Mistakes) {
	file := c.File
	text, err := read(c.Path())
	if err != nil {
		ms.Add(file.At, fmt.Sprintf("the cost table %s cannot be read: %v", file.Value, err), "name a CSV file, relative to the configuration")
		return nil, ms
	}
	in := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(text), "\ufeff")))
	head, err := in.Read()
	places := make([]int, len(costColumns))
	for i, name := range costColumns {
		places[i] = slices.IndexFunc(head, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), name) })
		if places[i] < 0 && err == nil {
			ms.Add(file.At, fmt.Sprintf("%s has no column %q", file.Value, name), "its first line is date,source,medium,campaign,cost")
		}
	}
	for line := 2; err == nil && len(ms) == 0; line++ {
		var cells []string
		if cells, err = in.Read(); err != nil {
			break
		}
		day, wrong := time.Parse(time.DateOnly, strings.TrimSpace(cells[places[0]]))
		cost, no := strconv.ParseFloat(strings.TrimSpace(cells[places[4]]), 64)
		if wrong != nil || no != nil {
			ms.Add(document.Place{File: file.Value, Line: line, Column: 1}, "this is no day and cost", "write 2026-11-22,google,cpc,brand,12.50")
			continue
		}
		list = append(list, Cost{day.UnixMilli(), strings.TrimSpace(cells[places[1]]), strings.TrimSpace(cells[places[2]]), strings.TrimSpace(cells[places[3]]), cost})
	}
	if err != nil && !errors.Is(err, io.EOF) {
		ms.Add(file.At, fmt.Sprintf("%s is no CSV: %v", file.Value, err), "")
	}
	return list, ms
}
