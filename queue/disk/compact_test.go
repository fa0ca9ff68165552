package disk

import (
	"fmt"
	"strings"
	"testing"

	"headgate/queue/stream"
)

// onDisk is how many bytes the files of the retries take.
func onDisk(t *testing.T, dir string) (n int64) {
	for name, b := range readFiles(t, dir) {
		if strings.HasPrefix(name, "retries/") {
			n += int64(len(b))
		}
	}
	return n
}

// TestFewMessagesLeftOfManyTakeLittleDisk keeps one in a hundred of 20,000 retries, which are removed in pieces while more come.
func TestFewMessagesLeftOfManyTakeLittleDisk(t *testing.T) {
	for kind, key := range map[string]string{"plain": "", "encrypted": "a key of some length"} {
		t.Run(kind, func(t *testing.T) {
			dir, d := InMemory(t), damages{}
			some := func(o *Options) { o.NoSync, o.Key = true, key }
			s := opened(t, dir, &d, some)
			data := strings.Repeat("x", 200)
			var want []string
			var due []uint64
			written := int64(0)
			for i := range uint64(20_000) {
				seq := published(t, s, stream.RetrySubject("w", fmt.Sprint(i%3)), []byte(fmt.Sprint("m", i, " ", data)))
				written += int64(len(data))
				if i%100 == 0 {
					want = append(want, fmt.Sprint(seq, " m", i))
				} else {
					due = append(due, seq)
				}
				if len(due) > 500 { // not the newest
					if err := s.Remove(t.Context(), stream.Retries, due[:250]...); err != nil {
						t.Fatal(err)
					}
					due = due[250:]
				}
			}
			if err := s.Remove(t.Context(), stream.Retries, due...); err != nil {
				t.Fatal(err)
			}
			taken := onDisk(t, dir)
			t.Logf("%d KiB were written, %d KiB are on disk in %d segments", written>>10, taken>>10, len(s.journals[stream.Retries].segments))
			if limit := s.journals[stream.Retries].segmentBytes*2 + written/20; taken > limit {
				t.Errorf("%d bytes are on disk, more than %d", taken, limit)
			}
			for range 2 {
				wantTexts(t, s, stream.Retries, want...)
				info, err := s.Info(t.Context(), stream.Retries, stream.RetrySubject("w", stream.Any))
				if err != nil || info.Messages != uint64(len(want)) || info.First != 1 || info.Last != 20_000 {
					t.Errorf("%+v, %v", info, err)
				}
				s.Close()
				s = opened(t, dir, &d, some)
			}
			if again := onDisk(t, dir); again > taken {
				t.Errorf("opened again, it takes %d bytes, not %d", again, taken)
			}
		})
	}
}

// TestASegmentWrittenAnewBeginsWithWhatItHas: a sweep asks where the stream begins.
func TestASegmentWrittenAnewBeginsWithWhatItHas(t *testing.T) {
	x := newStopped(t, 12)
	for seq := uint64(1); seq <= 9; seq++ {
		x.remove(seq)
		info, err := x.s.Info(t.Context(), stream.Retries, "")
		if err != nil || info.First != seq+1 {
			t.Errorf("without 1 to %d, it begins with %d, %v", seq, info.First, err)
		}
	}
}
