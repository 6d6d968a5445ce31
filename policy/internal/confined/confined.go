package confined

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	variable = "PURPOSEBOUND_CONFINED"
	required = "PURPOSEBOUND_REQUIRE_SERVERS"
	begin    = "/purposebound-confined-begins"
	end      = "/purposebound-confined-ends"
	hangs    = 3 * time.Minute
)

// Inside reports whether this is the process that Run or Trace began.
func Inside() bool { return os.Getenv(variable) != "" }

// Watched marks what f does as what Trace is to list.
func Watched(f func()) {
	mark(begin)
	defer mark(end)
	f()
}

// mark is seen by strace: there is no such file.
func mark(name string) {
	if f, err := os.Open(name); err == nil {
		f.Close()
	}
}

// Run runs a test alone and returns what it prints. It must pass.
func Run(t testing.TB, name string) string {
	t.Helper()
	return run(t, os.Args[0], arguments(name)...)
}

func arguments(name string) []string {
	return []string{"-test.run=^" + name + "$", "-test.count=1", "-test.v=true", "-test.timeout=" + hangs.String()}
}

func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), hangs)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), variable+"=1", "GODEBUG=updatemaxprocs=0")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Errorf("the confined test fails: %v\n%s", err, tail(out.String()))
	}
	return out.String()
}

// tail is the end of a text.
func tail(s string) string { return s[max(0, len(s)-20_000):] }

// Trace runs a test under strace and lists the system calls by which it opens a file or socket, or starts a program,
// while it is Watched. Without strace the test is skipped, or fails where servers are required.
func Trace(t testing.TB, name string) (calls []string) {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv(required) != "" {
			t.Fatal("strace is required and not installed")
		}
		t.Skip("strace is not installed: what is opened is not looked at")
	}
	list := filepath.Join(t.TempDir(), "calls")
	run(t, strace, append([]string{"-f", "-qq", "-e", "trace=network,open,openat,openat2,creat,execve,execveat,io_uring_setup", "-e", "signal=none", "-o", list, os.Args[0]}, arguments(name)...)...)
	text, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	begun, ended := false, false
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		line := lines.Text()
		switch {
		case strings.Contains(line, begin):
			begun, ended = true, false
		case strings.Contains(line, end):
			ended = true
		case begun && !ended:
			calls = append(calls, line)
		}
	}
	if !begun || !ended {
		t.Fatal("the confined test was not watched to its end")
	}
	return calls
}
