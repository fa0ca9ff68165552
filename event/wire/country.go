package wire

import "strings"

// Country returns the ISO 3166-1 alpha-2 code, in capitals, of a country code as it is written in the wild: in lower
// case, or by a code in use outside the standard. It returns "" for what says that the country is not known, and for
// what is no country's code.
func Country(code string) string {
	if len(code) != 2 || !IsLetter(code[0]) || !IsLetter(code[1]) {
		return ""
	}
	switch code = strings.ToUpper(code); code {
	case "UK":
		return "GB"
	case "EL":
		return "GR"
	case "FX": // metropolitan France
		return "FR"
	case "XX", "ZZ", "EU", "AP": // written by edges and databases that do not know, or know the continent only
		return ""
	}
	return code
}
