package disk

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"headgate/queue/stream"
)

// TestARecordInsideAMessageIsNone: a visitor may write what looks like a record into an event. It is not taken for one when the record
// around it is damaged; only with this segment's secret it would be.
func TestARecordInsideAMessageIsNone(t *testing.T) {
	for name, c := range map[string]struct {
		seed  func(own uint32) uint32
		taken bool
	}{
		"with another seed": {func(own uint32) uint32 { return own + 1 }, false},
		"without a seed":    {func(uint32) uint32 { return 0 }, false},
		"with the seed":     {func(own uint32) uint32 { return own }, true}, // this test would notice
	} {
		t.Run(name, func(t *testing.T) {
			dir, d := t.TempDir(), damages{expected: true}
			s := opened(t, dir, &d)
			seg := s.journals[stream.Log].end()
			subject := stream.LogSubject("w")
			published(t, s, subject, []byte("before"))
			forger := seal{seed: c.seed(seg.seal.seed)}
			var forged []byte
			for seq := range uint64(5) {
				forged = forger.append(forged, seq+1, 1, kindMessage, subject, []byte("forged"))
			}
			forged = forger.append(forged, 1000, 1, kindSummary, "", []byte(`{"next":1000}`))
			published(t, s, subject, append([]byte("around "), forged...))
			published(t, s, subject, []byte("after"))
			s.Close()
			change(t, seg.path, func(b []byte) { b[bytes.Index(b, []byte("around"))] ^= 1 })

			s = opened(t, dir, &d)
			got := fmt.Sprint(texts(t, s, stream.Log))
			if strings.Contains(got, "forged") != c.taken || !strings.Contains(got, "1 before") || !c.taken && !strings.Contains(got, "3 after") {
				t.Errorf("it has %s", got)
			}
		})
	}
}
