package auth

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/url"
	"testing"
)

// The example of OAuth Core 1.0, appendix A: https://oauth.net/core/1.0/#anchor30
func TestOAuth1SignsLikeItsSpecification(t *testing.T) {
	u, err := url.Parse("http://photos.example.net/photos?file=vacation.jpg&size=original")
	if err != nil {
		t.Fatal(err)
	}
	base := signatureBase("GET", u, nil, [][2]string{
		{"oauth_consumer_key", "dpf43f3p2l4k3l03"}, {"oauth_nonce", "kllo9940pd9333jh"}, {"oauth_signature_method", "HMAC-SHA1"},
		{"oauth_timestamp", "1191242096"}, {"oauth_token", "nnch734d00sl2jdk"}, {"oauth_version", "1.0"},
	})
	want := "GET&http%3A%2F%2Fphotos.example.net%2Fphotos&file%3Dvacation.jpg%26oauth_consumer_key%3Ddpf43f3p2l4k3l03%26oauth_nonce%3Dkllo9940pd9333jh%26" +
		"oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1191242096%26oauth_token%3Dnnch734d00sl2jdk%26oauth_version%3D1.0%26size%3Doriginal"
	if base != want {
		t.Fatalf("got  %s\nwant %s", base, want)
	}
	mac := hmac.New(sha1.New, []byte("kd94hf93k423kf44&pfkkdhi9sl3r4s00"))
	mac.Write([]byte(base))
	if got := base64.StdEncoding.EncodeToString(mac.Sum(nil)); got != "tR3+Ty81lMeYAr/Fid0kMTYa/WM=" {
		t.Fatal(got)
	}
}

func TestAFormTakesPartInTheSignature(t *testing.T) {
	u, _ := url.Parse("https://EXAMPLE.com:443/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b")
	base := signatureBase("POST", u, url.Values{"c2": {""}, "a3": {"2 q"}}, [][2]string{
		{"oauth_consumer_key", "9djdj82h48djs9d2"}, {"oauth_token", "kkk9d7dh3k39sjv7"}, {"oauth_signature_method", "HMAC-SHA1"},
		{"oauth_timestamp", "137131201"}, {"oauth_nonce", "7d8f3e4a"},
	})
	// RFC 5849, section 3.4.1.1, but for the scheme.
	want := "POST&https%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26" +
		"oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
	if base != want {
		t.Fatalf("got  %s\nwant %s", base, want)
	}
}
