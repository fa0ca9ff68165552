package answers

import (
	"context"
	"net/url"
	"strings"
	"time"

	"headgate/insight/count"
	"headgate/insight/terms"
)

// Funnels lists the funnels of the configuration.
func (an *Answerer) Funnels(_ context.Context, q url.Values) (*Answer, error) {
	a, err := an.newAsk(q, time.Hour)
	if err != nil {
		return nil, err
	}
	defer a.close()
	type one struct {
		Name   string   `json:"name"`
		Within float64  `json:"within"`
		Mode   string   `json:"mode"`
		Per    string   `json:"per"`
		Steps  []string `json:"steps"`
	}
	list := []one{}
	answer := &Answer{Header: []string{"name", "within", "mode", "per", "steps"}}
	for _, e := range a.Funnels {
		f := one{Name: e.Key, Within: e.Value.Within.Std().Seconds(), Mode: e.Value.Mode, Per: e.Value.Per}
		for _, s := range e.Value.Steps {
			f.Steps = append(f.Steps, s.Event.Value)
		}
		list = append(list, f)
		answer.Rows = append(answer.Rows, line(f.Name, f.Within, f.Mode, f.Per, strings.Join(f.Steps, " ")))
	}
	answer.JSON = map[string]any{"funnels": list}
	return answer, nil
}

// Segments says how many visitors belong to each segment now.
func (an *Answerer) Segments(ctx context.Context, q url.Values) (*Answer, error) {
	a, err := an.newAsk(q, an.keeps())
	if err != nil {
		return nil, err
	}
	defer a.close()
	sizes := map[string]int{}
	if len(a.Terms.Segments()) > 0 {
		p := &terms.Person{Symbols: a.symbols, Now: a.now}
		err = a.scan(ctx, a.period, terms.All(), func(rows []count.Row) {
			p.Rows = rows
			for _, name := range a.In(p, false) {
				sizes[name]++
			}
		}, nil)
		if err != nil {
			return nil, err
		}
	}
	type one struct {
		Name     string `json:"name"`
		Public   bool   `json:"public"`
		Visitors int    `json:"visitors"`
		When     string `json:"when"`
	}
	list := []one{}
	answer := &Answer{Header: []string{"name", "public", "visitors", "when"}}
	for _, s := range a.Terms.Segments() {
		list = append(list, one{s.Name, s.Public, sizes[s.Name], s.When.String()})
		answer.Rows = append(answer.Rows, line(s.Name, s.Public, sizes[s.Name], s.When))
	}
	answer.JSON = map[string]any{"segments": list}
	return answer, nil
}
