package document_test

import (
	"testing"
	"time"

	"headgate/document"
)

func TestTimeSpansReadAndWrite(t *testing.T) {
	for _, c := range []struct {
		text string
		want time.Duration
		back string
	}{
		{"0", 0, "0s"}, {"300ms", 300 * time.Millisecond, "300ms"}, {"10s", 10 * time.Second, "10s"}, {"1h30m", 90 * time.Minute, "1h30m"},
		{"72h", 72 * time.Hour, "72h"}, {"7d", 168 * time.Hour, "7d"}, {"2w", 336 * time.Hour, "14d"}, {"5y", 5 * 365 * 24 * time.Hour, "1825d"},
		{"1.5h", 90 * time.Minute, "1h30m"}, {"90s", 90 * time.Second, "1m30s"}, {"60m", time.Hour, "1h"}, {"1h5s", time.Hour + 5*time.Second, "1h0m5s"},
	} {
		got, err := document.ParseDuration(c.text)
		if err != nil || got.Std() != c.want || got.String() != c.back {
			t.Errorf("%s: got %v (%s), %v", c.text, got.Std(), got, err)
		}
		if again, err := document.ParseDuration(got.String()); got != 0 && (err != nil || again != got) {
			t.Errorf("%s is written %s and read back as %v, %v", c.text, got, again, err)
		}
	}
	for _, bad := range []string{"", "10", "s", "-1s", "1 s", "10sec", "999999999999y", "1h 5m"} {
		if got, err := document.ParseDuration(bad); err == nil {
			t.Errorf("%q was read as %v", bad, got)
		}
	}
}

func TestSizesReadAndWrite(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "100B": 100, "1KiB": 1024, "1.5KiB": 1536, "20GiB": 20 << 30, "1MB": 1e6, "1kB": 1000, "2 MiB": 2 << 20} {
		got, err := document.ParseSize(text)
		if err != nil || int64(got) != want {
			t.Errorf("%s: got %d, %v", text, got, err)
		}
		if again, err := document.ParseSize(got.String()); err != nil || again != got {
			t.Errorf("%s is written %s and read back as %v, %v", text, got, again, err)
		}
	}
	for _, bad := range []string{"", "10", "1mib", "-1B", "MiB", "99999999TiB"} {
		if got, err := document.ParseSize(bad); err == nil {
			t.Errorf("%q was read as %v", bad, got)
		}
	}
}

func TestRatesAndSharesReadAndWrite(t *testing.T) {
	for text, back := range map[string]string{"50/s": "50/s", "600/m": "10/s", "1000/h": "1000/h", "0": "0", "100 / d": "100/d", "1.5/s": "90/m"} {
		got, err := document.ParseRate(text)
		if err != nil || got.String() != back {
			t.Errorf("%s: got %s, %v", text, got, err)
		}
	}
	for text, want := range map[string]document.Percent{"10%": 0.1, "0%": 0, "100%": 1, "0.5%": 0.005} {
		got, err := document.ParsePercent(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%s: got %v (%s), %v", text, float64(got), got, err)
		}
	}
	for _, bad := range []string{"", "%", "-1%", "NaN%", "10", "100.1%"} {
		if got, err := document.ParsePercent(bad); err == nil {
			t.Errorf("%q was read as %v", bad, got)
		}
	}
	for _, bad := range []string{"", "5", "5/y", "/s", "-5/s"} {
		if got, err := document.ParseRate(bad); err == nil {
			t.Errorf("%q was read as %v", bad, got)
		}
	}
}

func TestThroughputsReadAndWrite(t *testing.T) {
	for text, back := range map[string]string{"1MiB/s": "1MiB/s", "60KiB/m": "1KiB/s", "0": "0", "1.5 KiB / s": "1536B/s"} {
		got, err := document.ParseThroughput(text)
		if err != nil || got.String() != back {
			t.Errorf("%s: got %s, %v", text, got, err)
		}
	}
	for _, bad := range []string{"", "1MiB", "5/s", "1MiB/y", "1MiB/ms", "/s", "-1MiB/s"} {
		if got, err := document.ParseThroughput(bad); err == nil {
			t.Errorf("%q was read as %v", bad, got)
		}
	}
}

func TestSecretsAreToldFromPlaceholders(t *testing.T) {
	secret := []string{"EAAGm0PX4ZCpsBA", "sk_live_abcdefghijkl", "q7Zk29fLmX04bTya", "9f86d081884c7d659a2feaa0c55ad015", "postgres://u:pw@db.example/x"}
	for _, s := range secret[1:] {
		if n := (&document.Node{Kind: document.Text, Text: s}); n.CheckSecret(`"token"`) == nil {
			t.Errorf("%s was not found", s)
		}
	}
	for _, s := range []string{"", "secret-token", "test-token-for-this-machine", "changeme", "xxxxxxxxxxxxxxxxxxxx1", "postgres://db.example/x", "postgres://user@db.example/x",
		"a sentence with 2 numbers in it",
		"${GA4_API_SECRET_2}"} {
		if n := (&document.Node{Kind: document.Text, Text: s}); n.CheckSecret(`"token"`) != nil {
			t.Errorf("%s was taken for a secret", s)
		}
	}
	if n := (&document.Node{Kind: document.Text, Text: secret[2], From: []string{"${TOKEN}"}}); n.CheckSecret(`"token"`) != nil {
		t.Error("a secret from the environment was refused")
	}
}

func TestTheNearestWordIsSuggested(t *testing.T) {
	words := []string{"measurement_id", "api_secret", "endpoint", "when", "ga4"}
	for word, want := range map[string]string{"measurment_id": "measurement_id", "measurement-id": "measurement_id", "Api_Secret": "api_secret",
		"wehn": "when", "ga": "ga4", "nothing_like_it": "", "endpoints": "endpoint", "": "", "x": ""} {
		if got := document.Suggest(word, words); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}
