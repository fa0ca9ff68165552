package wire

import "testing"

func TestAnAddressIsCutWhateverItIs(t *testing.T) {
	for in, want := range map[string]URL{
		"": {},
		"https://u:p@Www.Shop.example:8443/a/b?c=d?e#f?g": {"https", "u:p@Www.Shop.example:8443", "/a/b", "c=d?e", "f?g"},
		"https://shop.example":                            {"https", "shop.example", "/", "", ""},
		"https://shop.example?a=https://other.example/":   {"https", "shop.example", "/", "a=https://other.example/", ""},
		"//shop.example/a":                                {"", "shop.example", "/a", "", ""},
		"/a//b?c":                                         {"", "", "/a//b", "c", ""},
		"shop.example/a":                                  {"", "", "shop.example/a", "", ""},
		"file:///a":                                       {"file", "", "/a", "", ""},
		"data:image/png;base64,AA//":                      {"", "", "data:image/png;base64,AA//", "", ""},
		"two words://shop.example/":                       {"", "", "two words://shop.example/", "", ""},
		"android-app://com.example.shop/x":                {"android-app", "com.example.shop", "/x", "", ""},
	} {
		if got := CutURL(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestAHostHasNoUserPortOrBrackets(t *testing.T) {
	for in, want := range map[string]string{"u:p@Www.Shop.example:8443": "www.shop.example", "u@v@[2001:DB8::1]:80": "2001:db8::1", "": "", "shop.example.": "shop.example."} {
		if got := (&URL{Authority: in}).Host(); got != want {
			t.Errorf("%q is on %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"Shop.example": "shop.example", "shop.example:80": "shop.example", "shop.example:": "shop.example", "[::1]": "::1", "[::1]:80": "::1",
		"2001:db8::1": "2001:db8::1", "[::1": "[::1", "[shop.example]evil": "[shop.example]evil", "a:80:90": "a:80:90", "u@shop.example": "u@shop.example",
	} {
		if got := Hostname(in); got != want {
			t.Errorf("the host of %q is %q, want %q", in, got, want)
		}
	}
}
