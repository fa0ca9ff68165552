package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// limitGroup makes a control group with a memory limit; "" where this process may not.
func limitGroup(bytes int64) string {
	groups, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(groups)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		parent, file := "/sys/fs/cgroup", "memory.max"
		if len(fields) == 3 && fields[1] == "memory" {
			parent, file = "/sys/fs/cgroup/memory", "memory.limit_in_bytes"
		} else if len(fields) != 3 || fields[0] != "0" {
			continue
		}
		group := filepath.Join(parent, fields[2], fmt.Sprintf("headgate-abuse-%d", os.Getpid()))
		if os.Mkdir(group, 0o755) != nil {
			continue
		}
		if os.WriteFile(filepath.Join(group, file), []byte(strconv.FormatInt(bytes, 10)), 0o644) == nil {
			return group
		}
		_ = os.Remove(group) // it stays empty
	}
	return ""
}

// confine puts the process into its group, if it has one.
func (p *program) confine() {
	if p.group == "" {
		return
	}
	pid := strconv.Itoa(p.cmd.Process.Pid)
	if os.WriteFile(filepath.Join(p.group, "cgroup.procs"), []byte(pid), 0o644) != nil {
		_ = os.Remove(p.group)
		p.group = ""
	}
}
