package disk

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"headgate/queue/stream"
)

// TestAProcessMayEndBetweenAnyTwoChanges opens what such an end leaves behind. Of twelve messages, 1 to 5 and 6 to 10 have a segment.
func TestAProcessMayEndBetweenAnyTwoChanges(t *testing.T) {
	zeros := make([]byte, 3000)
	for _, c := range []struct {
		name    string
		state   func(x *stopped) files
		want    []uint64
		damaged bool
	}{
		{"nothing is being done", func(x *stopped) files { return x.now() }, all(1, 12), false},

		{"half a message is written", func(x *stopped) files {
			f, last := x.now(), retrySegment(11)
			at := len(f[last]) - 1000
			return with(f, last, append(bytes.Clone(f[last][:at]), make([]byte, 500)...))
		}, all(1, 11), false},
		{"the last segment ends with zeros", func(x *stopped) files {
			f := x.now()
			return with(f, retrySegment(11), append(f[retrySegment(11)], zeros...))
		}, all(1, 12), false},

		{"the summary is written, and no next segment begun", func(x *stopped) files { x.finished(); return x.now() }, all(1, 12), false},
		{"the summary is written over zeros that are not cut off", func(x *stopped) files {
			whole, _ := x.finished()
			return with(x.now(), retrySegment(11), append(whole, zeros...))
		}, all(1, 12), false},
		{"half the summary is written", func(x *stopped) files {
			whole, at := x.finished()
			return with(x.now(), retrySegment(11), append(whole[:(at+int64(len(whole)))/2], zeros...))
		}, all(1, 12), false},
		{"the summary is written without what follows it", func(x *stopped) files {
			whole, _ := x.finished()
			return with(x.now(), retrySegment(11), append(whole[:len(whole)-trailerBytes], zeros...))
		}, all(1, 12), false},
		{"the next segment is made", func(x *stopped) files {
			x.finished()
			return with(x.now(), retrySegment(13)+newEnding, append(newHead(13, nil), zeros...))
		}, all(1, 12), false},
		{"the next segment is begun", func(x *stopped) files {
			x.finished()
			head := append(newHead(13, nil), make([]byte, firstRecord-headBytes)...)
			copy(head[headCopy:], head[:headBytes])
			return with(x.now(), retrySegment(13), head)
		}, all(1, 12), false},
		{"zeros are being prepared", func(x *stopped) files { return with(with(x.now(), "retries/next", zeros), "log/next", zeros) }, all(1, 12), false},
		{"what was made is of no use any more", func(x *stopped) files { return with(x.now(), retrySegment(99)+newEnding, zeros) }, all(1, 12), false},
		{"a segment in the middle has no summary", func(x *stopped) files {
			f := x.now()
			return with(f, retrySegment(6), f[retrySegment(6)][:x.j.segments[1].size])
		}, all(1, 12), false},
		{"a segment in the middle has half a summary", func(x *stopped) files {
			f := x.now()
			return with(f, retrySegment(6), f[retrySegment(6)][:x.j.segments[1].size+40])
		}, all(1, 12), true},

		{"a removal is not written", func(x *stopped) files { f := x.now(); x.remove(7, 8); return f }, all(1, 12), false},
		{"a removal is half written", func(x *stopped) files {
			x.remove(7)
			f := x.now()
			x.remove(9)
			return with(f, retryRemoved(6), x.now()[retryRemoved(6)][:rangeBytes+5]) // the next, of 10, is written over it
		}, append(all(1, 6), all(8, 12)...), false},
		{"a removal is zeros", func(x *stopped) files {
			x.remove(7)
			f := x.now()
			return with(f, retryRemoved(6), append(f[retryRemoved(6)], make([]byte, rangeBytes)...))
		}, append(all(1, 6), all(8, 12)...), false},
		{"a removal is an empty file", func(x *stopped) files { return with(x.now(), retryRemoved(6), nil) }, all(1, 12), false},
		{"all of a segment is removed, and it is not dropped", func(x *stopped) files {
			x.listRemoved(0, 5)
			return x.now()
		}, append(all(1, 5), 11, 12), false},
		{"a segment is dropped, and not what was removed from it", func(x *stopped) files {
			x.remove(6)
			return without(x.now(), retrySegment(6))
		}, append(all(1, 5), 11, 12), false},
		{"a purge has dropped one of two segments", func(x *stopped) files { return without(x.now(), retrySegment(1)) }, all(6, 12), false},
		{"a purge has begun the next segment and dropped nothing", func(x *stopped) files {
			if err := x.j.roll(); err != nil {
				x.t.Fatal(err)
			}
			return x.now()
		}, all(1, 12), false},

		{"half of a segment is written anew", func(x *stopped) files {
			f := x.shrunk()
			return with(f.before, retrySegment(6)+newEnding, f.after[retrySegment(6)][:5000])
		}, append(all(1, 6), all(11, 12)...), false},
		{"a segment is written anew beside itself", func(x *stopped) files {
			f := x.shrunk()
			return with(f.before, retrySegment(6)+newEnding, f.after[retrySegment(6)])
		}, append(all(1, 6), all(11, 12)...), false},
		{"a segment is written anew, and what was removed is still listed", func(x *stopped) files {
			f := x.shrunk()
			return with(f.after, retryRemoved(6), f.before[retryRemoved(6)])
		}, append(all(1, 6), all(11, 12)...), false},

		{"the key file is being made", func(x *stopped) files { return files{keyFile + newEnding: x.now()[keyFile][:10]} }, nil, false},
		{"what was removed last is not there", func(x *stopped) files { // its sequence is not used again: the next message would be removed, too
			x.remove(12)
			f := x.now()
			return with(f, retrySegment(11), f[retrySegment(11)][:len(f[retrySegment(11)])-100])
		}, all(1, 11), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := c.state(newStopped(t, 12))
			checkPoint(t, f, c.want, c.damaged)
		})
	}
}

// checkPoint opens a folder three times; each time it writes a message and removes one.
func checkPoint(t *testing.T, f files, seqs []uint64, damaged bool) {
	dir, d := writeFiles(t, f), damages{expected: damaged}
	var want []string
	for _, seq := range seqs {
		want = append(want, fmt.Sprint(seq, " m"))
	}
	for range 3 {
		s := opened(t, dir, &d, quickly)
		wantTexts(t, s, stream.Retries, want...)
		info, err := s.Info(t.Context(), stream.Retries, "")
		if err != nil || info.Messages != uint64(len(want)) {
			t.Errorf("%+v, %v", info, err)
		}
		end := s.journals[stream.Retries].end()
		if b := readFiles(t, dir)[retrySegment(end.base)]; len(bytes.Trim(b[min(end.size, int64(len(b))):], "\x00")) > 0 {
			t.Error("something is left behind the last message")
		}
		seq := published(t, s, stream.RetrySubject("w", "c"), []byte("new"))
		want = append(want, fmt.Sprint(seq, " new"))
		if len(want) > 3 {
			_, _ = fmt.Sscan(want[len(want)-4], &seq)
			want = slices.Delete(want, len(want)-4, len(want)-3)
			if err := s.Remove(t.Context(), stream.Retries, seq); err != nil {
				t.Fatal(err)
			}
		}
		wantTexts(t, s, stream.Retries, want...)
		s.Close()
		left := readFiles(t, dir)
		for name := range left {
			of, removed := strings.CutSuffix(name, removedEnding)
			if strings.HasSuffix(name, newEnding) || strings.HasSuffix(name, "/"+nextName) || removed && left[of+segmentEnding] == nil {
				t.Errorf("%s is left over", name)
			}
		}
	}
	if !slices.Contains(seqs, 6) && readFiles(t, dir)[retrySegment(6)] != nil {
		t.Error("a segment of which nothing is left is there")
	}
	if damaged && len(d.said) != 1 {
		t.Errorf("it says %q", d.said)
	}
}
