package sdks_test

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"headgate/tests/docs"
	"headgate/tests/trial"
)

// foreign are the web servers of the documentation in other languages, each with Debian's programs and a site that it serves at PORT.
var foreign = []struct {
	language, order string
	packages        []string
	command         string
	method, path    string
	status          int
}{
	{"php", "T-php", []string{"php-cli", "php-curl"}, "php -S 127.0.0.1:PORT php/site.php", "GET", "/thanks?order=T-php", 200},
	{"python", "T-django", []string{"python3-django"}, "/usr/bin/python3 django/site.py PORT", "GET", "/thanks?order=T-django", 200},
	{"ruby", "T-rails", []string{"ruby-actionpack", "ruby-activejob", "ruby-activemodel", "ruby-webrick"}, "/usr/bin/ruby rails/site.rb PORT", "POST", "/orders?order=T-rails", 302},
}

// serveForeign runs the web servers of docs/web-servers.md in other languages, each asked by one visitor, and returns their orders.
func serveForeign(t *testing.T, env []string) (orders []string) {
	t.Helper()
	for _, f := range foreign {
		install(t, f.packages...)
		address := trial.FreeAddress(t)
		_, port, _ := net.SplitHostPort(address)
		words := strings.Fields(strings.ReplaceAll(f.command, "PORT", port))
		cmd := exec.Command(words[0], words[1:]...)
		cmd.Env = append(slices.Clone(env), "SNIPPET="+snippetFile(t, "docs/web-servers.md", f.language))
		output := new(strings.Builder)
		cmd.Stdout, cmd.Stderr = output, output
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		t.Cleanup(func() { // not before: PHP sends after it answered
			_ = cmd.Process.Kill()
			t.Logf("it ended: %v", <-ended)
		})
		trial.Listens(address, ended)
		r := request(t, f.method, "http://"+address+f.path)
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err == nil {
			_ = resp.Body.Close()
		}
		if err != nil || resp.StatusCode != f.status {
			t.Errorf("%s: %v %v\n%s", f.command, resp, err, output)
			continue
		}
		orders = append(orders, f.order)
	}
	return orders
}

// install has Debian's programs installed.
func install(t *testing.T, packages ...string) {
	t.Helper()
	if said, err := exec.Command("../../dev/scripts/debian.sh", packages...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
}

// snippetFile is a file with the code of a page in a language. PHP that goes into a file of the site's has no first line of its own.
func snippetFile(t *testing.T, page, language string) string {
	t.Helper()
	path, code := filepath.Join(t.TempDir(), "snippet"), docs.On(t, page, language)[0].Text
	if language == "php" && !strings.HasPrefix(code, "<?php") {
		code = "<?php\n" + code
	}
	if err := os.WriteFile(path, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWhatAWordPressShopStoresWithAnOrder(t *testing.T) {
	install(t, "php-cli")
	cmd := exec.Command("php", "php/woocommerce.php")
	cmd.Env = append(os.Environ(), "SNIPPET="+snippetFile(t, "docs/senders/woocommerce.md", "php"))
	const want = `{"_hg_cid":"1234567890.1795300000","_fbp":"fb.1.1795300000000.123","_ttp":"a","_hg_consent":"analytics=1;ads=0"}`
	if said, err := cmd.CombinedOutput(); err != nil || string(said) != want {
		t.Errorf("%s %v, want %s", said, err, want)
	}
}
