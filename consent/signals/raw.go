package signals

import (
	"strings"

	"headgate/consent/cmp"
	"headgate/event"
)

// Raw returns the strings of IAB standards and of Google exactly as they arrived, by the names under which they are passed on
// in requests: gdpr, gdpr_consent, addtl_consent, us_privacy, gpp, gpp_sid, gcs, gcd, dma, dma_cps. Only consent tools may
// make or alter them. Of a page of another site only opt-outs are.
func (in *Inputs) Raw() event.Map {
	var out event.Map
	for _, one := range in.All() {
		if in.Foreign && !one.Format.OptOut {
			continue // it must not grant anything anywhere else either
		}
		name := one.Name
		switch one.Format {
		case &tcfFormat:
			name = "gdpr_consent"
		case &acFormat:
			name = "addtl_consent"
		case &uspFormat:
			name = "us_privacy"
		case &gppFormat:
			name = "gpp"
		case &gcsFormat, &gcdFormat, &dmaFormat:
		default:
			switch name {
			case "gdpr", "gpp_sid", "dma":
			case "IABGPP_GppSID":
				name = "gpp_sid"
			default:
				continue
			}
		}
		value := one.Value
		if strings.IndexByte(value, '%') >= 0 {
			value = cmp.Plain(value)
		}
		if _, there := out.Find(name); !there && value != "" {
			out.Add(name, event.String(value))
		}
	}
	return out[:len(out):len(out)]
}
