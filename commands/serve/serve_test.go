package serve

import (
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"headgate/document"
)

func TestAPortThatCannotBeHadIsNamedWithACure(t *testing.T) {
	t.Parallel()
	for why, want := range map[syscall.Errno]string{
		syscall.EADDRINUSE:    "another process has the port",
		syscall.EACCES:        `ports below 1024 need a permission: write listen: ":8080"`,
		syscall.EADDRNOTAVAIL: `this machine has no such address: write listen: ":443"`,
	} {
		err := &net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", why)}
		at := document.Words{Value: "192.0.2.1:443", At: document.Place{File: "headgate.yaml", Line: 3, Column: 9}}
		said := cannotListen("listen", at, err).Error()
		if !strings.HasPrefix(said, "headgate.yaml:3:9: listen: ") || !strings.Contains(said, want) {
			t.Errorf("%v: it says %s", why, said)
		}
	}
}
