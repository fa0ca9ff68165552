package rules

import "strings"

// InternationalPhone writes a telephone number as + and digits, as phone() does: by the numbering plan of the country that it
// is dialled in ("DE"), or as it stands when it begins with + or 00. It returns "" for what is no such number.
func (l *Language) InternationalPhone(number, country string) string {
	number = strings.TrimSpace(number)
	if dialled := l.dial(number, country); dialled != "" {
		return dialled
	}
	return internationalPhone(number)
}
