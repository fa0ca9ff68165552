package disk

import "os"

// preparation is a file of zeros that is being made for the next segment, beside what is written meanwhile.
type preparation struct {
	path string
	err  error // once done is closed
	done chan struct{}
}

func prepare(path string, size int64) *preparation {
	p := &preparation{path: path, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.err = zeroed(path, size)
	}()
	return p
}

// ready waits for the file, and reports whether there is one.
func (p *preparation) ready() bool {
	if p == nil {
		return false
	}
	<-p.done
	return p.err == nil
}

// take renames the file, which can be done once; it reports false when there is none.
func (p *preparation) take(path string) bool {
	if !p.ready() || os.Rename(p.path, path) != nil {
		return false
	}
	p.err = os.ErrNotExist // from now on
	return true
}
