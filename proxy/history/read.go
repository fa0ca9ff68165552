package history

import (
	"time"
)

// Read calls fn with what was counted from since on and before until, of the kinds that wanted says: at is the beginning of the minute,
// or of the hour for kinds that are kept by the hour. Several calls may be about the same minute and key. What was counted just now
// is included.
func (b *Book) Read(since, until time.Time, wanted func(*Key) bool, fn func(at time.Time, k *Key, count, value int64)) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.flush(false); err != nil {
		return err
	}
	if oldest := b.now().Add(-b.keep - 24*time.Hour); since.Before(oldest) {
		since = oldest
	}
	if now := b.now().Add(time.Minute); until.After(now) {
		until = now
	}
	from, to := minuteOf(since), minuteOf(until.Add(time.Minute-1))
	give := func(minute int64, k Key, count, value int64) {
		if k.Kind.byTheHour() {
			minute -= minute % 60
		}
		if minute >= from && minute < to && wanted(&k) {
			fn(time.Unix(minute*60, 0).UTC(), &k, count, value)
		}
	}
	for day := from / (24 * 60); day <= (to-1)/(24*60); day++ {
		err := eachHour(b.dayFile(day*24), func(hour int64) bool { return hour*60+59 >= from && hour*60 < to }, func(payload []byte) {
			unpack(payload, give)
		})
		if err != nil {
			return err
		}
	}
	_, err := b.journal.read(give)
	return err
}
