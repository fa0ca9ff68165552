package console

import (
	"fmt"
	"net/http"
	"strconv"

	"headgate/console/access"
	"headgate/console/exchange"
	"headgate/console/failure"
)

// mostLines of the audit list are on one page.
const mostLines = 1000

// audit answers with lines of the audit list, newest first.
func (a *api) audit(w http.ResponseWriter, r *http.Request) {
	f := access.Filter{Limit: 100}
	for name, values := range r.URL.Query() {
		value := values[len(values)-1]
		var err error
		switch name {
		case "since":
			f.Since, err = exchange.Since(value, a.now())
		case "until":
			f.Until, err = exchange.Since(value, a.now())
		case "who":
			f.Who = value
		case "action":
			f.Action = value
		case "about":
			f.About = value
		case "before":
			f.Before, err = strconv.Atoi(value)
		case "limit":
			if f.Limit, err = strconv.Atoi(value); err != nil || f.Limit < 1 || f.Limit > mostLines {
				err = fmt.Errorf("limit: expected a number from 1 to %d, not %q", mostLines, value)
			}
		default:
			err = fmt.Errorf("no parameter %q; there are since, until, who, action, about, before and limit", name)
		}
		if err != nil {
			exchange.Refuse(w, http.StatusBadRequest, err.Error())
			return
		}
	}
	lines, more, err := a.trail.Lines(f)
	if err != nil {
		failure.Answer(w, err, http.StatusInternalServerError)
		return
	}
	if lines == nil {
		lines = []access.Line{}
	}
	exchange.Answer(w, http.StatusOK, struct {
		Lines  []access.Line `json:"lines"`
		More   bool          `json:"more"`
		Damage string        `json:"damage"`
	}{lines, more, a.trail.Damage()})
}
