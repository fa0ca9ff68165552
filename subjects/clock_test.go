package subjects

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"headgate/consent/people"
	"headgate/subjects/receipts"
)

// years is long enough for old receipts and withdrawals to be removed.
const years = 11 * 365 * 24 * time.Hour

// openStore opens the store of a folder by a machine's clock, and writes its log to said.
func openStore(t *testing.T, folder string, clock time.Time, said io.Writer) (*Store, error) {
	t.Helper()
	return Open(t.Context(), Options{Folder: folder, Keep: 5 * 365 * 24 * time.Hour, Purposes: []string{"necessary", "functional", "analytics", "ads"},
		Dropped: func(string, int) {}, Now: func() time.Time { return clock }, Logger: slog.New(slog.NewTextHandler(said, nil))})
}

// runAt opens the store of a folder by a machine's clock, does something, and closes them again.
func runAt(t *testing.T, folder string, clock time.Time, do func(s *Store)) (said string) {
	t.Helper()
	var b bytes.Buffer
	s, err := openStore(t, folder, clock, &b)
	if err != nil {
		t.Fatal(err)
	}
	do(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAClockThatJumpsRemovesNothingAndIsNoTampering(t *testing.T) {
	folder := t.TempDir()
	today := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	gone := people.ClientSubject("gone")
	keep := func(at time.Time) func(s *Store) {
		return func(s *Store) {
			if err := s.receipts.Keep(people.Receipt{Subject: gone.String(), Time: at}); err != nil {
				t.Fatal(err)
			}
		}
	}
	runAt(t, folder, today, func(s *Store) {
		keep(today)(s)
		if err := s.suppressed.Withdraw(gone, "client_id", "", nil, today); err != nil {
			t.Fatal(err)
		}
	})
	for range 3 { // however often it starts so
		said := runAt(t, folder, today.Add(years), func(s *Store) {
			keep(today.Add(years))(s)
			if len(s.suppressed.Stops.Of(gone)) != 1 {
				t.Error("a withdrawal is forgotten")
			}
		})
		if !strings.Contains(said, "far ahead of the last run") {
			t.Errorf("said: %s", said)
		}
	}
	if said := runAt(t, folder, today.Add(time.Hour), keep(today.Add(time.Hour))); said != "" {
		t.Errorf("said: %s", said)
	}
	if n, err := VerifyReceipts(folder); n != 5 || err != nil {
		t.Errorf("%d receipts, %v", n, err)
	}
}

func TestReceiptsOfAnOlderVersionSayWhatTimeItIs(t *testing.T) {
	folder := t.TempDir()
	today := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	rs, err := receipts.Open(folder, 0, func() time.Time { return today }, func(*people.Receipt) {})
	if err != nil {
		t.Fatal(err)
	}
	if err := rs.Keep(people.Receipt{Time: today}); err != nil {
		t.Fatal(err)
	}
	if err := rs.Close(); err != nil {
		t.Fatal(err)
	}
	if said := runAt(t, folder, today.Add(years), func(*Store) {}); !strings.Contains(said, "far ahead") {
		t.Errorf("said: %s", said)
	}
	if n, err := VerifyReceipts(folder); n != 1 || err != nil {
		t.Errorf("%d receipts, %v", n, err)
	}
}

func TestReceiptsThatAreTooOldAreRemovedWhenTheClockIsRight(t *testing.T) {
	folder := t.TempDir()
	at := time.Date(2020, 1, 15, 12, 0, 0, 0, time.UTC)
	end := at.Add(7 * 365 * 24 * time.Hour)
	for ; at.Before(end); at = at.Add(25 * 24 * time.Hour) {
		runAt(t, folder, at, func(s *Store) {
			if err := s.receipts.Keep(people.Receipt{Time: at}); err != nil {
				t.Fatal(err)
			}
		})
	}
	months, err := receipts.Months(folder + "/receipts")
	if err != nil || len(months) == 0 || months[0] < "2021-12" || months[0] > "2022-02" {
		t.Errorf("%v %v", months, err)
	}
	if _, err := VerifyReceipts(folder); err != nil {
		t.Error(err)
	}
}
