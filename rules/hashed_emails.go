package rules

import (
	"slices"
	"strings"
)

// HashedEmails returns an e-mail address in each spelling in which vendors' tags hash it, where that is another than small
// letters without blanks: at Gmail the dots, and what follows a plus sign, reach the same person without them.
func (*Language) HashedEmails(address string) (spellings []string) {
	if _, domain, _ := strings.Cut(address, "@"); !isGmail(domain) {
		return nil
	}
	plain := plainEmail(address)
	for _, variant := range variantNames(emailVariants) {
		if s := emailVariants[variant](address); s != "" && s != plain && !slices.Contains(spellings, s) {
			spellings = append(spellings, s)
		}
	}
	return spellings
}
