package explain

// sample takes at most so many of a stream whose length is not known, evenly.
type sample struct {
	most  int
	every int // which of them are taken: each of that number
	seen  int
	bytes int
	all   [][]byte
}

// mostSampled bounds the bytes of memory that a sample takes.
const mostSampled = 64 << 20

func (s *sample) add(b []byte) {
	if s.seen++; (s.seen-1)%s.every != 0 {
		return
	}
	s.all, s.bytes = append(s.all, append([]byte(nil), b...)), s.bytes+len(b)
	for len(s.all) >= 2*s.most || s.bytes > mostSampled && len(s.all) > 1 {
		s.every *= 2
		s.bytes = 0
		kept := s.all[:0]
		for i := 0; i < len(s.all); i += 2 {
			kept = append(kept, s.all[i])
			s.bytes += len(s.all[i])
		}
		clear(s.all[len(kept):])
		s.all = kept
	}
}

// taken is what was taken, at most as many as asked for.
func (s *sample) taken() [][]byte {
	if len(s.all) <= s.most {
		return s.all
	}
	out := make([][]byte, s.most)
	for i := range out {
		out[i] = s.all[i*len(s.all)/s.most]
	}
	return out
}
