package personal

// Kind is a kind of personal data that is found by its look.
type Kind uint8

// The kinds.
const (
	Email Kind = iota
	Phone
	Card
	IBAN
	Token
	Key // of a query: password=..., email=...
	kinds
)

var kindNames = [kinds]string{"email", "phone", "card", "iban", "token", "key"}

func (k Kind) String() string { return kindNames[k] }

// Findings counts what was found, by kind.
type Findings [kinds]int

// Total returns how much was found.
func (f *Findings) Total() (n int) {
	for _, one := range f {
		n += one
	}
	return n
}
