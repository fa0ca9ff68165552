package keys_test

import (
	"strings"
	"testing"

	"headgate/event/keys"
)

func TestEveryClickIDSaysWhoseItIsAndHowLongItLasts(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range keys.ClickIDs {
		if c.Name != strings.ToLower(c.Name) || c.Platform == "" || c.Lifetime <= 0 || seen[c.Name] {
			t.Errorf("%+v", c)
		}
		seen[c.Name] = true
		if found := keys.FindClickID(strings.ToUpper(c.Name)); found == nil || found.Name != c.Name {
			t.Errorf("%s is not found in capitals", c.Name)
		}
	}
	if c := keys.FindClickID("ScCid"); c == nil || c.Platform != "snapchat" {
		t.Errorf("ScCid is %+v", c)
	}
	if c := keys.FindClickID("utm_id"); c != nil {
		t.Errorf("utm_id is %+v", c)
	}
}
