package disk

import (
	"encoding/binary"
	"errors"
	"io"
	"sync"
)

// walk reads the records of a segment one after the other. What is no record is skipped: then, damage says where and how much.
type walk struct {
	file  io.ReaderAt
	seal  *seal
	off   int64  // of what comes next
	end   int64  // of what may be records
	least uint64 // the lowest sequence that may come next,
	most  uint64 // and the first that may not

	window *[]byte
	from   int64 // of the window in the file
	held   int   // bytes in the window
	err    error // of reading; not that there is nothing more

	torn, lost int64 // where the first piece that is no record begins, and bytes of all such pieces; torn is -1 when there is none
}

const (
	windowBytes = 256 << 10
	mostRecords = 1 << 20 // of a segment: more than fit in the largest
)

var windows = sync.Pool{New: func() any { b := make([]byte, windowBytes); return &b }}

func newWalk(file io.ReaderAt, s *seal, off, end int64, least uint64) *walk {
	return &walk{file: file, seal: s, off: off, end: end, least: least, most: least + mostRecords, window: windows.Get().(*[]byte), torn: -1}
}

// close gives the memory back; the last record is no longer valid then.
func (w *walk) close() {
	if len(*w.window) == windowBytes {
		windows.Put(w.window)
	}
	w.window = nil
}

// bytes returns n bytes of the file, fewer at its end.
func (w *walk) bytes(off, n int64) []byte {
	n = min(n, w.end-off)
	if off >= w.from && off+n <= w.from+int64(w.held) {
		return (*w.window)[off-w.from : off-w.from+n]
	}
	if n > int64(len(*w.window)) {
		large := make([]byte, n)
		w.close()
		w.window = &large
	}
	got, err := w.file.ReadAt((*w.window)[:min(int64(len(*w.window)), w.end-off)], off)
	if err != nil && !errors.Is(err, io.EOF) && w.err == nil {
		w.err = err
	}
	w.from, w.held = off, got
	return (*w.window)[:min(n, int64(got))]
}

// next returns the next record; ok is false at the end.
func (w *walk) next() (r record, ok bool) {
	for start := w.off; w.off+recordHead <= w.end; {
		if r, ok = w.at(w.off); ok {
			if w.off > start {
				w.skipped(start, w.off)
			}
			w.off, w.least = r.off+r.size, r.seq+1
			return r, true
		}
		if w.err != nil {
			return r, false
		}
		w.off = max(w.off+1, w.zeros()-3) // the size of a record is not 0, and may begin with three zeros
	}
	return r, false
}

// zeros is where the zeros that begin at w.off end.
func (w *walk) zeros() int64 {
	off := w.off
	for off < w.end {
		b := w.bytes(off, 512)
		if len(b) == 0 {
			break
		}
		for i := range b {
			if b[i] != 0 {
				return off + int64(i)
			}
		}
		off += int64(len(b))
	}
	return off
}

// tail is how many bytes are behind the last record, from that offset on, that are not zeros.
func (w *walk) tail(from int64) int64 {
	w.off = from
	if at := w.zeros(); at < w.end {
		return w.end - at
	}
	return 0
}

func (w *walk) skipped(from, to int64) {
	if w.torn < 0 {
		w.torn = from
	}
	w.lost += to - from
}

// at reads the record that begins there, if one does that may come next.
func (w *walk) at(off int64) (r record, ok bool) {
	head := w.bytes(off, recordHead)
	if len(head) < recordHead {
		return r, false
	}
	size := sizeAt(head, w.end-off)
	if size == 0 {
		return r, false
	}
	if seq := binary.LittleEndian.Uint64(head[8:]); seq < w.least || seq >= w.most {
		return r, false
	}
	b := w.bytes(off, size)
	if int64(len(b)) < size {
		return r, false
	}
	if r, ok = w.seal.read(b); ok {
		r.off, r.size = off, size
	}
	return r, ok
}
