package normalise

import (
	"fmt"
	"strconv"
	"strings"
)

// readDate returns the first date in a text: three numbers, of which the first or the last has four digits, or one of
// eight. ok is false when there is none, or none between 1800 and the year last.
func readDate(s string, last int) (year, month, day int, ok bool) {
	runs, rest := [3]string{}, s
	for i := range runs {
		runs[i], rest = digitRun(rest)
	}
	if len(runs[0]) == 8 && len(s) == 8 {
		runs = [3]string{s[:4], s[4:6], s[6:]}
	}
	if runs[2] == "" {
		return 0, 0, 0, false
	}
	var a, b int
	switch {
	case len(runs[0]) == 4 && len(runs[1]) <= 2 && len(runs[2]) <= 2:
		year, a, b = atoi(runs[0]), atoi(runs[1]), atoi(runs[2])
	case len(runs[2]) == 4 && len(runs[0]) <= 2 && len(runs[1]) <= 2:
		year, a, b = atoi(runs[2]), atoi(runs[0]), atoi(runs[1])
	default:
		return 0, 0, 0, false
	}
	if month, day = a, b; a > 12 {
		month, day = b, a
	}
	return year, month, day, year >= 1800 && year <= last && month >= 1 && month <= 12 && day >= 1 && day <= 31
}

// digitRun returns the first digits in s that stand together, and what follows them.
func digitRun(s string) (run, rest string) {
	if start := strings.IndexFunc(s, IsDigit); start >= 0 {
		s = s[start:]
		if end := strings.IndexFunc(s, func(c rune) bool { return !IsDigit(c) }); end >= 0 {
			return s[:end], s[end:]
		}
		return s, ""
	}
	return "", ""
}

// BirthPart returns the year, month or day of a date of birth, or of that part alone, as last years allow; "" when it says none.
func BirthPart(s, part string, last int) string {
	year, month, day, ok := readDate(s, last)
	alone := 0
	number := !ok && len(s) <= 4
	if number {
		var err error
		alone, err = strconv.Atoi(s)
		number = err == nil
	}
	switch part {
	case "year":
		if number && alone >= 1800 && alone <= last {
			return s
		}
		if ok {
			return strconv.Itoa(year)
		}
	case "month":
		if number && alone >= 1 && alone <= 12 {
			month, ok = alone, true
		}
		if ok {
			return fmt.Sprintf("%02d", month)
		}
	case "day":
		if number && alone >= 1 && alone <= 31 {
			day, ok = alone, true
		}
		if ok {
			return fmt.Sprintf("%02d", day)
		}
	default:
		if ok {
			return strconv.Itoa(year*10_000 + month*100 + day)
		}
	}
	return ""
}

// atoi reads a few digits.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
