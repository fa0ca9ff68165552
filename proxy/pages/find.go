package pages

import "headgate/proxy/plan"

// Find returns the page that answers a hit of that method, nil when none does. A source may be configured to have its path.
func (s *Pages) Find(p *plan.Plan, method, path string) Page {
	choice, id, profile := choicePage{s}, idPage{s, p.Config.Identity.Endpoint.Value}, profilePage{s}
	switch {
	case choice.Claims(method, path):
		return choice
	case id.Claims(method, path):
		return id
	case p.Parts.Insight != nil && profile.Claims(method, path):
		return profile
	}
	return nil
}
