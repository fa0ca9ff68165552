package consent

// sieve rules out most names at the cost of a few bytes looked at: a header has dozens of cookies that are no signals.
type sieve struct {
	names    [1024]bool
	prefixes [256]bool
}

func (s *sieve) addName(name string)     { s.names[nameSum(name)] = true }
func (s *sieve) addPrefix(prefix string) { s.prefixes[prefixByte(prefix)] = true }
func (s *sieve) name(name string) bool   { return s.names[nameSum(name)] }
func (s *sieve) prefix(name string) bool { return len(name) > 2 && s.prefixes[prefixByte(name)] }

// nameSum mixes the length and three bytes of a name, which is never empty.
func nameSum(name string) uint {
	return (uint(name[0])*31 + uint(name[len(name)/2])*7 + uint(name[len(name)-1])*3 + uint(len(name))*131) % 1024
}

func prefixByte(name string) byte { return name[0]*31 + name[1]*7 + name[2] }
