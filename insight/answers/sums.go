package answers

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"net/url"
	"slices"
	"time"

	"headgate/insight/count"
	"headgate/insight/store"
)

// SumUp keeps beside the file of one more day that is over what the day came to, so that after a start, too, no question counts a whole month.
// It is the follower's to call.
func (an *Answerer) SumUp(ctx context.Context) error {
	a, err := an.newAsk(url.Values{}, time.Hour)
	if err != nil {
		return nil // it was turned off meanwhile
	}
	defer a.close()
	in := a.serving
	if in.days.summed == nil {
		in.days.summed = map[string]bool{}
	}
	for _, since := range in.Store.Days() {
		period := count.Period{Since: since, Until: since + count.Day}
		files, settled := in.Store.Files(since)
		if !settled || len(files) != 1 || in.days.summed[files[0]] || period.Until > a.now.UnixMilli() || since < store.Kept(a.now, a.Keep.Std()) {
			continue
		}
		if in.days.summed[files[0]] = a.summed(period, files) != nil; in.days.summed[files[0]] {
			continue
		}
		one, err := a.day(ctx, period)
		if again, still := in.Store.Files(since); err != nil || !still || !slices.Equal(again, files) {
			return err
		}
		note, err := a.note(one)
		if err == nil {
			err = in.Store.SetNote(files[0], note)
		}
		in.days.summed[files[0]] = err == nil
		return err
	}
	return nil
}

// Summed returns what is kept of the day that begins at since, nil when that is nothing that could be taken.
func (an *Answerer) Summed(since int64) *count.Stretch {
	a, err := an.newAsk(url.Values{}, time.Hour)
	if err != nil {
		return nil
	}
	defer a.close()
	files, _ := a.serving.Store.Files(since)
	if one := a.summed(count.Period{Since: since, Until: since + count.Day}, files); one != nil {
		return one.stretch
	}
	return nil
}

// noted begins a note. Others follow it: the sums of the day, and before everything a checksum.
type noted struct {
	Counting   string            `json:"counting"` // by which rules
	Nobody     [2]int            `json:"nobody"`
	Currencies map[uint32]string `json:"currencies"`
}

var checksum = crc32.MakeTable(crc32.Castagnoli)

// counting tells rules of counting apart by which a day comes to something else.
func (a *ask) counting() string {
	var conversions []string
	for _, w := range a.Conversions {
		conversions = append(conversions, w.Value)
	}
	slices.Sort(conversions)
	return fmt.Sprintf("1 %v %q", a.Session, conversions)
}

func (a *ask) note(one *dayCount) ([]byte, error) {
	text, err := json.Marshal(noted{a.counting(), one.nobody, one.currencies})
	if err != nil {
		return nil, fmt.Errorf("sum up a day: %w", err)
	}
	note := append(binary.AppendUvarint(make([]byte, 4), uint64(len(text))), text...)
	if note, err = one.stretch.Append(note); err != nil {
		return nil, err
	}
	binary.LittleEndian.PutUint32(note, crc32.Checksum(note[4:], checksum))
	return note, nil
}

// summed returns what is kept of a day, nil when that is nothing, damaged, or by other rules: then it is counted.
func (a *ask) summed(period count.Period, files []string) *dayCount {
	if len(files) != 1 {
		return nil
	}
	note, err := a.serving.Store.Note(files[0])
	if err != nil || len(note) < 5 || binary.LittleEndian.Uint32(note) != crc32.Checksum(note[4:], checksum) {
		return nil
	}
	size, n := binary.Uvarint(note[4:])
	if n <= 0 || size > uint64(len(note)-4-n) {
		return nil
	}
	begin, rest := note[4+n:][:size], note[4+n:][size:]
	one := a.newDay(period, files)
	var head noted
	err = errors.Join(json.Unmarshal(begin, &head), one.stretch.Restore(rest))
	if err != nil || head.Counting != a.counting() {
		return nil
	}
	one.nobody, one.currencies = head.Nobody, head.Currencies
	return one
}
