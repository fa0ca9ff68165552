package golden

import "testing"

func TestUpdatingCasesTouchesNothingElse(t *testing.T) {
	before := `# a comment
settings: {a: 1}
cases:
  - name: one   # stays
    events: [purchase]
    sends: |
      POST old

      {"a": 1}

    answer: 200
  - events:
      - {sample: purchase}
      - page_view
    name: two

  - name: three
    events: [purchase]
    sends: nothing
`
	want := `# a comment
settings: {a: 1}
cases:
  - name: one   # stays
    events: [purchase]
    sends: |
      POST new

      {}

    answer: 200
  - events:
      - {sample: purchase}
      - page_view
    sends: nothing
    name: two

  - name: three
    events: [purchase]
    sends: nothing
`
	got := string(Update([]byte(before), []Result{{Sends: "POST new\n\n{}"}, {Sends: "nothing"}, {Sends: "nothing"}}))
	if got != want {
		t.Errorf("%s", difference(want, got))
	}
	if again := string(Update([]byte(got), []Result{{Sends: "POST new\n\n{}"}, {Sends: "nothing"}, {Sends: "nothing"}})); again != got {
		t.Errorf("a second update changes it again:\n%s", difference(got, again))
	}
}
