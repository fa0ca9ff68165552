package recipes_test

import (
	"net"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"headgate/tests/docs"
	"headgate/tests/trial"
)

func TestNginxPassesHitsOn(t *testing.T) {
	install(t, "nginx")
	p, came := behind(t)
	address, folder := trial.FreeAddress(t), t.TempDir()
	location := at(t, docs.On(t, "docs/running.md", "nginx")[0].Text, p)
	config := write(t, folder, "nginx.conf", `
daemon off;
pid `+folder+`/pid;
error_log stderr;
events {}
http {
    access_log off;
    client_body_temp_path `+folder+`/body;
    proxy_temp_path `+folder+`/proxy;
    fastcgi_temp_path `+folder+`/fastcgi;
    uwsgi_temp_path `+folder+`/uwsgi;
    scgi_temp_path `+folder+`/scgi;
    server {
        listen `+address+`;
        `+location+`
    }
}
`)
	run(t, address, "/usr/sbin/nginx", "-p", folder, "-c", config)
	passesOn(t, "http://"+address+"/t/e", claimed, came) // it adds to what it is told
}

func TestCaddyPassesHitsOn(t *testing.T) {
	install(t, "caddy")
	p, came := behind(t)
	address, folder := trial.FreeAddress(t), t.TempDir()
	_, port, _ := net.SplitHostPort(address)
	site := at(t, docs.On(t, "docs/running.md", "caddy")[0].Text, p)
	if !strings.HasPrefix(site, "t.shop.example {") {
		t.Fatalf("the site is called otherwise: %s", site)
	}
	config := write(t, folder, "Caddyfile", "{\n\tadmin off\n\tauto_https off\n}\nhttp://t.shop.example:"+port+strings.TrimPrefix(site, "t.shop.example"))
	run(t, address, "/usr/bin/caddy", "run", "--config", config, "--adapter", "caddyfile")
	passesOn(t, "http://"+address+"/e", "127.0.0.1", came) // it believes nobody
}

// at points a recipe at the process.
func at(t *testing.T, recipe string, p *trial.Process) string {
	t.Helper()
	u, err := url.Parse(p.Public)
	if err != nil || !strings.Contains(recipe, "127.0.0.1:8080") {
		t.Fatalf("%v; the recipe does not name Headgate's address: %s", err, recipe)
	}
	return strings.ReplaceAll(recipe, "127.0.0.1:8080", u.Host)
}

// TestSystemdTakesTheUnits has systemd itself read them, those of the documentation and the one that is packaged.
func TestSystemdTakesTheUnits(t *testing.T) {
	install(t, "systemd")
	program := write(t, t.TempDir(), "headgate", "#!/bin/sh\n")
	if err := exec.Command("chmod", "+x", program).Run(); err != nil {
		t.Fatal(err)
	}
	here := strings.NewReplacer("/usr/local/bin/headgate", program, "/usr/bin/headgate", program)
	verify := func(name string, units map[string]string) {
		t.Helper()
		folder := t.TempDir()
		args := []string{"verify", "--man=no"}
		for file, text := range units {
			if !strings.Contains(file, ".socket") && here.Replace(text) == text {
				t.Errorf("%s starts no Headgate", name)
			}
			args = append(args, write(t, folder, file, here.Replace(text)))
		}
		said, err := exec.Command("systemd-analyze", args...).CombinedOutput()
		for line := range strings.Lines(string(said)) {
			if strings.Contains(line, folder) || strings.Contains(line, "headgate.") || err != nil {
				t.Errorf("%s: %v: %s", name, err, line)
			}
		}
	}
	restarts := docs.On(t, "docs/restarts.md", "ini")
	verify("docs/restarts.md", map[string]string{"headgate.socket": restarts[0].Text, "headgate.service": restarts[1].Text})
	verify("docs/running.md", map[string]string{"headgate.service": docs.On(t, "docs/running.md", "ini")[0].Text})
	verify("deploy/systemd", map[string]string{"headgate.service": read(t, "deploy/systemd/headgate.service")})
}
