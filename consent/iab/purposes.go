package iab

// AllPurposes is the mask of every purpose that TCF has room for.
const AllPurposes = 1<<24 - 1

// Purposes returns the mask of some purposes.
func Purposes(numbers ...int) (m uint32) {
	for _, n := range numbers {
		m |= 1 << (n - 1)
	}
	return m
}
